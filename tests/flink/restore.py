"""Runs a compiled job over real Kafka clusters, kills it, changes the topology, and goes on from its last checkpoint with the job compiled again.

    python3 tests/flink/restore.py --work DIR --windrow BINARY --lines FILE --half N --wanted FILE

West-1 and east-1 are read at first. The job is killed (SIGKILL) once it has checkpointed the first half of FILE's lines, and those are deleted from the
logs: only its state has them. Then west-2 is added, east-1 retired, and the rest of the lines goes to west-1 and west-2. WANTED has the payload that
each key must have in the end, as lines of JSON: {"key": base64, "value": base64}.
Writes DIR/west-3.jsonl and DIR/figures.json. Needs WINDROW_FLINK_PYTHON and the connector in WINDROW_FLINK_CONNECTOR.
"""

import argparse
import base64
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import brokers

IN, OUT, DEAD = "shop.purchases", "features.user_spend", "windrow.spend.dead_letters"
WAIT_S = 240


def topology(clusters, generation, ingest):
    states = {"west": [], "east": []}
    for name, state in ingest.items():
        states[name.split("-")[0]].append(f'{name}: {{bootstrap: "{clusters[name].address}", state: {state}}}')
    return f"""\
generation: {generation}
regions:
  west:
    groups:
      ingest: {{{", ".join(states["west"])}}}
      serving: {{west-3: "{clusters["west-1"].address}"}}
  east:
    groups:
      ingest: {{{", ".join(states["east"])}}}
"""


def compile_bundle(args, clusters, generation, ingest):
    project, out = args.work / "project", args.work / f"bundles-{generation}"
    (project / "topology.yaml").write_text(topology(clusters, generation, ingest))
    subprocess.run([args.windrow, "compile", project, "--target", "flink", "--deployment", "spend", "--out", out], check=True, stdout=subprocess.DEVNULL)
    bundle = out / "spend"
    (bundle / "lib").mkdir()
    shutil.copy(os.environ["WINDROW_FLINK_CONNECTOR"], bundle / "lib")
    subprocess.run([bundle / "build"], check=True)
    return bundle


class Job:
    """A job that runs for good, with checkpoints each second; killed at the end of a `with`, whatever happened."""

    def __init__(self, args, bundle, *more):
        self.log = args.work / f"{bundle.parent.name}.log"
        settings = ["execution.checkpointing.interval=1s", f"execution.checkpointing.dir=file://{args.work}/checkpoints", "execution.checkpointing.num-retained=3"]
        settings += ["execution.checkpointing.externalized-checkpoint-retention=RETAIN_ON_CANCELLATION", "state.backend.type=rocksdb", *more]
        command = [bundle / "run-local", "--source", "kafka", "--start-ms", "0", "--parallelism", "2", *(word for setting in settings for word in ("--set", setting))]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def wait(self, what, holds):
        deadline = time.monotonic() + WAIT_S
        while not (found := holds()):
            assert self.process.poll() is None, f"the job ended: {self.log.read_text()}"
            assert time.monotonic() < deadline, f"waited {WAIT_S} s for {what}: {self.log.read_text()}"
            time.sleep(0.5)
        return found


def feed(args, clusters, name, lines):
    file = args.work / f"{name}.lines"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert clusters.produce(name, IN, file) == len(lines)


def rows(clusters, args):
    """Per key the payload of the highest version, and how many records there are."""
    file = args.work / "west-3.jsonl"
    count = clusters.dump("west-1", OUT, file)
    newest = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        version = tuple(map(int, base64.b64decode(record["headers"]["wr-version"]).decode().split(".")))
        if record["key"] not in newest or newest[record["key"]][0] < version:
            newest[record["key"]] = (version, record["value"])
    return {key: value for key, (_, value) in newest.items()}, count


def checkpoints(args):
    return {path.parent for path in (args.work / "checkpoints").glob("*/chk-*/_metadata")}


def keys(lines):
    return {json.loads(line)["user_id"] for line in lines}


def first_run(args, clusters, lines):
    """Gives the last checkpoint, in which the lines are."""
    bundle = compile_bundle(args, clusters, 1, {"west-1": "active", "east-1": "active"})
    with Job(args, bundle) as job:
        for number, name in enumerate(["west-1", "east-1"]):
            feed(args, clusters, name, lines[number::2])
        job.wait("a row of every key", lambda: len(rows(clusters, args)[0]) >= len(keys(lines)))
        # All lines are in rows once two checkpoints have passed without a new one.
        quiet = 0
        while quiet < 2:
            before, known = rows(clusters, args)[1], checkpoints(args)
            job.wait("a checkpoint", lambda: checkpoints(args) - known)
            quiet = quiet + 1 if rows(clusters, args)[1] == before else 0
    return max(checkpoints(args), key=lambda path: int(path.name.split("-")[1]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--windrow", required=True)
    parser.add_argument("--lines", type=pathlib.Path, required=True)
    parser.add_argument("--half", type=int, required=True, help="how many lines come before the kill")
    parser.add_argument("--wanted", type=pathlib.Path, required=True)
    args = parser.parse_args()
    lines = args.lines.read_text(encoding="utf-8").splitlines()
    before, after = lines[: args.half], lines[args.half :]
    wanted = {row["key"]: row["value"] for row in map(json.loads, args.wanted.read_text(encoding="utf-8").splitlines())}
    with brokers.Brokers(args.work / "brokers", ["west-1", "west-2", "east-1"]) as clusters:
        for name in ("west-1", "west-2", "east-1"):
            clusters.create(name, IN, 2)
        clusters.create("west-1", OUT, 4)
        clusters.create("west-1", DEAD, 1)
        checkpoint = first_run(args, clusters, before)
        deleted = sum(clusters.ask("truncate", clusters[name].address, IN) for name in ("west-1", "east-1"))
        clusters["east-1"].kill()
        bundle = compile_bundle(args, clusters, 2, {"west-1": "active", "west-2": "active", "east-1": "retired"})
        for number, name in enumerate(["west-1", "west-2"]):
            feed(args, clusters, name, after[number::2])
        recovery = [f"execution.state-recovery.path=file://{checkpoint}", "execution.state-recovery.ignore-unclaimed-state=true"]
        with Job(args, bundle, *recovery) as job:
            try:
                job.wait("the rows that are wanted", lambda: rows(clusters, args)[0] == wanted)
            except AssertionError as error:
                found = rows(clusters, args)[0]
                differing = sum(found.get(key) != value for key, value in wanted.items())
                raise AssertionError(f"{differing} of {len(wanted)} keys differ: {error}") from None
        figures = {"deleted": deleted, "checkpoint": checkpoint.name, "keys": len(wanted)}
        (args.work / "figures.json").write_text(json.dumps(figures), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
