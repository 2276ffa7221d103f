"""Runs a compiled bundle from and to real Kafka clusters, with faults, and leaves what every serving cluster holds.

    python3 tests/flink/regions.py --work DIR --windrow BINARY --until MS --lines FILE [--plain]

DIR/project gets a topology of four clusters: two that are read, west-1 and east-1; three that are published to, west-3 (the broker of west-1), west-4 and
east-3. west-4 was killed and east-3 is frozen when the job starts. The west must be served meanwhile, west-4 must get its rows when it is back, and both
regions must hold everything in the end. The job has its clusters written into it.
Writes DIR/<cluster>.jsonl and DIR/dead.jsonl. Needs WINDROW_FLINK_PYTHON and the connector in WINDROW_FLINK_CONNECTOR.
"""

import argparse
import pathlib
import sys
import time

import brokers
from jobs import Job, compile_bundle

TOPIC = "features.user_spend"
DEAD = "windrow.spend.dead_letters"
SERVING = {"west-3": "west-1", "west-4": "west-4", "east-3": "east-3"}


def topology(clusters):
    address = {name: f'"{clusters[broker].address}"' for name, broker in [*SERVING.items(), ("west-1", "west-1"), ("east-1", "east-1")]}
    return f"""\
generation: 1
flink: {{sources: fixed}}
regions:
  west:
    groups:
      ingest: {{west-1: {address["west-1"]}}}
      serving: {{west-3: {address["west-3"]}, west-4: {address["west-4"]}}}
  east:
    groups:
      ingest: {{east-1: {address["east-1"]}}}
      serving: {{east-3: {address["east-3"]}}}
"""


def feed(args, clusters):
    """Every line to one of the two clusters, every seventh to both; and one that is no row."""
    lines = args.lines.read_text(encoding="utf-8").splitlines()
    shares = {"west-1": [], "east-1": []}
    for number, line in enumerate(lines):
        for name in ("west-1", "east-1") if number % 7 == 0 else ("west-1",) if number % 2 else ("east-1",):
            shares[name].append(line)
    shares["west-1"].append('{"purchase_id": 7}')
    for name, share in shares.items():
        file = args.work / f"{name}.lines"
        file.write_text("\n".join(share) + "\n", encoding="utf-8")
        assert clusters.produce(name, "shop.purchases", file) == len(share)


def keys_of(clusters, work, name):
    file = work / f"{name}.now"
    clusters.dump(SERVING[name], TOPIC, file)
    return {line.split('"key":')[1].split(",")[0] for line in file.read_text().splitlines()}


def run(args, clusters, bundle):
    clusters["east-3"].freeze()
    clusters["west-4"].kill()
    started = time.monotonic()
    with Job(args.work, bundle, "--until", str(args.until), "--lease", "3") as job:
        job.wait("every key in the west", lambda: len(keys_of(clusters, args.work, "west-3")) >= args.keys)
        print(f"the west has every key after {time.monotonic() - started:.1f} s, one of its clusters dead, the east frozen", flush=True)
        clusters["west-4"].start()
        clusters.create("west-4", TOPIC, 4)
        job.wait("rows to go home to west-4", lambda: keys_of(clusters, args.work, "west-4"))
        print(f"west-4 is back and has rows after {time.monotonic() - started:.1f} s", flush=True)
        clusters["east-3"].thaw()
        job.end()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--windrow", required=True)
    parser.add_argument("--until", type=int, required=True)
    parser.add_argument("--lines", type=pathlib.Path, required=True)
    parser.add_argument("--keys", type=int, required=True, help="how many keys there are")
    args = parser.parse_args()
    with brokers.Brokers(args.work / "brokers", ["west-1", "west-4", "east-1", "east-3"]) as clusters:
        for name in ("west-1", "east-1"):
            clusters.create(name, "shop.purchases", 2)
        for broker in SERVING.values():
            clusters.create(broker, TOPIC, 4)
            clusters.create(broker, DEAD, 1)
        feed(args, clusters)
        run(args, clusters, compile_bundle(args, topology(clusters), "spend"))
        for name, broker in SERVING.items():
            clusters.dump(broker, TOPIC, args.work / f"{name}.jsonl")
        clusters.dump("east-3", DEAD, args.work / "dead.jsonl")
    return 0


if __name__ == "__main__":
    sys.exit(main())
