"""Runs the hand-written bundle on a real Flink and compares every key's last row at the cut with the oracle.

    python3 tests/flink/lab.py --work DIR [--seeds 1,2] [--count 1500] [--quick]

Needs WINDROW_FLINK_PYTHON. Exit code 4 on a difference, also if a scenario turns out not to test what it should.
"""

import argparse
import base64
import collections
import hashlib
import json
import pathlib
import re
import shutil
import subprocess
import sys
import time

import oracle
import scenario

HERE = pathlib.Path(__file__).resolve().parent
TEMPLATES = HERE.parents[1] / "templates" / "flink"
# The default: the first in the table of what bundles pin.
FLINK = re.search(r'flink: "(.+)"', (HERE.parents[1] / "src" / "emit" / "flink" / "release.rs").read_text(encoding="utf-8"))[1]
DISORDER = 10_000


def assemble(bundle, build=True):
    """The bundle folder: what all bundles share, and what the compiler would generate."""
    shutil.rmtree(bundle, ignore_errors=True)
    shutil.copytree(TEMPLATES / "java", bundle / "java" / "dev" / "windrow" / "flink")
    for name in ("main.py", "options.py", "build", "run-local"):
        shutil.copy2(TEMPLATES / name, bundle)
    (bundle / "requirements.txt").write_text(f"apache-flink=={FLINK}\n", encoding="utf-8")
    shutil.copytree(HERE / "user_spend", bundle, dirs_exist_ok=True)
    write_manifest(bundle)
    if build:
        subprocess.run([bundle / "build"], check=True)


def write_manifest(bundle):
    """What is in the bundle, so that a changed file shows. Fingerprints come with the plan."""
    files = {str(p.relative_to(bundle)): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(bundle.rglob("*")) if p.is_file()}
    manifest = {"format": 1, "deployment": "user_spend", "target": f"flink {FLINK}", "nodes": {}, "files": files}
    (bundle / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def late_rows(lines):
    """Good rows behind the running watermark, were the lines read by one reader."""
    newest, late = -(2**63), 0
    for e in filter(None, map(oracle.decode, lines)):
        if e["ts"] < scenario.Q:
            late += e["ts"] <= newest - DISORDER
            newest = max(newest, e["ts"])
    return late


def last_rows(path, until):
    """The last row per key, that of no events for one that has left; no row may be as of an instant beyond the cut or before its predecessor's."""
    rows, newest = {}, {}
    for line in path.read_text(encoding="utf-8").split("\n")[:-1]:
        row = json.loads(line)
        key = row.pop("user_id")
        if row.pop("wr_gone"):
            row |= oracle.EMPTY
        in_order = newest.get(key, row["wr_as_of"]) <= row["wr_as_of"] <= until
        newest[key] = row["wr_as_of"] if in_order else until + 1  # stays wrong for the rest of the key's rows
        row["wr_as_of"] = row["wr_as_of"] if in_order else "out of order"
        rows[key] = row
    return rows


def run(bundle, work, lines, parallelism, inputs, until):
    """`inputs` files share the lines round robin, as clusters of a group would."""
    source, out = work / "in", work / "out.jsonl"
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir(parents=True)
    for i in range(inputs):
        (source / f"{i}.jsonl").write_bytes(b"".join(line + b"\n" for line in lines[i::inputs]))
    command = [bundle / "run-local", "--until", str(until), "--input", f"purchases={source}", "--out", out, "--parallelism", str(parallelism)]
    started = time.monotonic()
    subprocess.run(command, check=True)
    return last_rows(out, until), out, time.monotonic() - started


def differences(lines, rows, until):
    keys, _ = oracle.events(lines, until)
    for key in sorted(keys.keys() | rows.keys()):
        want = oracle.row(keys.get(key, []), until)
        got = dict(rows.get(key, oracle.EMPTY))
        as_of = got.pop("wr_as_of", until)
        if got != want or isinstance(as_of, str):
            yield f"{key!r} as of {as_of}:\n  want {want}\n  got  {got}"


def dead_differences(lines, path, until):
    _, dead = oracle.events(lines, until)
    found = [base64.b64decode(json.loads(line)["value"]) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]
    return [] if collections.Counter(found) == collections.Counter(dead) else [f"dead letters: {len(found)} found, {len(dead)} expected"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--seeds", default="1,2")
    parser.add_argument("--count", type=int, default=1500)
    parser.add_argument("--quick", action="store_true", help="each parallelism once, at one cut each")
    args = parser.parse_args()
    bundle = args.work.resolve() / "bundle"
    assemble(bundle)
    total = 0
    for seed in map(int, args.seeds.split(",")):
        orders = [("delayed", 1, 1), ("delayed", 2, 2), ("shuffled", 1, 1), ("shuffled", 2, 2)]
        for order, parallelism, inputs in [orders[0], orders[3]] if args.quick else orders:
            lines = scenario.lines(seed, args.count, order)
            late, copies = late_rows(lines), len(lines) - len(set(lines))
            for until in [scenario.Q] if order == "shuffled" or args.quick else [scenario.Q, scenario.Q - 3_600_000]:
                rows, out, seconds = run(bundle, args.work.resolve(), lines, parallelism, inputs, until)
                problems = [*differences(lines, rows, until), *dead_differences(lines, out.with_name(out.name + ".dead"), until)]
                if late < len(lines) // 20 or copies < 20 or sum(r["txns_7d"] == 0 for r in rows.values()) + len(rows) < 30:
                    problems.append("the scenario is too tame to prove anything")
                total += len(problems)
                print(
                    f"seed {seed} {order} parallelism {parallelism}, cut Q{until - scenario.Q:+d}: {len(lines)} lines, {late} late, {copies} copies, {len(rows)} keys,"
                    f" {sum(1 for _ in out.open())} rows, {len(problems)} differing, {seconds:.1f} s",
                    flush=True,
                )
                print(*problems[:5], sep="\n", end="\n" if problems else "")
    return 4 if total else 0


if __name__ == "__main__":
    sys.exit(main())
