"""A bank of broken builds: each changes one line of the bundle, and the comparison with the oracle must notice.

    python3 tests/flink/sabotage.py --work DIR [name...]
"""

import argparse
import pathlib
import subprocess
import sys

import lab
import scenario

SUPPORT = "java/dev/windrow/flink/"
BANK = {
    "late": ("KeyedAggregation.java", "if (ts < windows.horizon(watermark)) {", "if (ts <= watermark) {"),
    "copies": ("EventReader.java", "if (tree.holds(ts, copy)) return false;", ""),
    "copies-by-id-only": ("RecordDecoder.java", "digest.digest(value)", "digest.digest()"),
    "window-end": ("EventTree.java", "i < node.size && node.first[i] < to; i++", "i < node.size && node.first[i] <= to; i++"),
    "window-start": ("Windows.java", ": window.start(q));", ": window.start(q) + 1);"),
    "no-cut": ("KeyedAggregation.java", "job.isCut(watermark) ? job.cut() : ", ""),
    "end-of-input-is-a-time": ("Job.java", "Math.min(watermark, cut - 1)", "watermark"),
    "no-expiry": ("KeyedAggregation.java", "time.registerOnTime(next);", ""),
    "after-cut": ("Job.java", "return ts < cut;", "return true;"),
    "tie-by-arrival": ("Newest.java", "sign * given.compare(kept, type) > 0", "given.ts >= kept.ts"),
    "tie-by-utf16": (
        "Given.java",
        "Arrays.compareUnsigned(id, other.id)",
        "new String(id, java.nio.charset.StandardCharsets.UTF_8).compareTo(new String(other.id, java.nio.charset.StandardCharsets.UTF_8))",
    ),
    "stale-partial": ("EventTree.java", "node.describe(i, child, grown(node.data[i], ts, event));", "node.describe(i, child, node.data[i]);"),
    "early-trim": ("KeyedAggregation.java", "key.tree.trim(windows.keptFrom(key.tree, watermark));", "key.tree.trim(watermark - 86_400_000L);"),
    "lossy-decode": ("SourceDecode.java", "Row row = new Row", "if (decoded.bad() != null) return;\n    Row row = new Row"),
}


def broken(bundle, name):
    lab.assemble(bundle, build=False)
    file, sound, sabotaged = BANK[name]
    path = bundle / SUPPORT / file
    text = path.read_text(encoding="utf-8")
    assert text.count(sound) == 1, f"{name}: the line to break is not there once: {sound}"
    path.write_text(text.replace(sound, sabotaged), encoding="utf-8")
    subprocess.run([bundle / "build"], check=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    work = args.work.resolve()
    survivors = []
    for name in args.names or BANK:
        broken(work / "bundle", name)
        lines = scenario.lines(1, 1500, "delayed")
        rows, out, _ = lab.run(work / "bundle", work, lines, 1, 1, scenario.Q)
        problems = [*lab.differences(lines, rows, scenario.Q), *lab.dead_differences(lines, out.with_name(out.name + ".dead"), scenario.Q)]
        print(f"{name}: {len(problems)} differing", flush=True)
        if not problems:
            survivors.append(name)
    print("not caught:", ", ".join(survivors) or "none")
    return 4 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
