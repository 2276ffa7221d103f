"""Runs a compiled bundle with tables over two real Kafka clusters: first live, then to a cut, and leaves what the serving clusters hold.

    python3 tests/flink/tables.py --work DIR --windrow BINARY --until MS --first N

DIR/project has the definitions, DIR/records/<topic>@<cluster> what is sent before anything runs. The live job must put out N rows of it. Then a row of the
static table changes, and orders are sent until one shows it. All that was sent stands in DIR/sent: topic, timestamp, key, value.
Writes DIR/<cluster>.jsonl. Needs WINDROW_FLINK_PYTHON and the connector in WINDROW_FLINK_CONNECTOR.
"""

import argparse
import base64
import json
import pathlib
import sys

import brokers
from jobs import Job, compile_bundle

NAMES = ["west-1", "east-1"]
SOURCES = ["ref.rates", "crm.users", "shop.orders"]
PARTITIONS = 2
OUT = "features.priced"
STEP_MS = 60_000


def topology(clusters):
    regions = (
        f'  {name.split("-")[0]}: {{groups: {{ingest: {{{name}: "{clusters[name].address}"}}, serving: {{{name}-out: "{clusters[name].address}"}}}}}}\n'
        for name in NAMES
    )
    return "generation: 1\nregions:\n" + "".join(regions)


def send(args, clusters, topic, name, lines):
    file = args.work / "lines"
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    assert clusters.send(name, topic, file) == len(lines)
    with open(args.work / "sent", "a", encoding="utf-8") as sent:
        for line in lines:
            sent.write("\t".join([topic, *line.split("\t")[1:]]) + "\n")


def rows(args, clusters):
    """The rows in the west, by order."""
    file = args.work / "now"
    clusters.dump("west-1", OUT, file)
    values = (json.loads(base64.b64decode(json.loads(line)["value"])) for line in file.read_text().splitlines())
    return {row["order_id"]: row for row in values}


def order(number, user, ts):
    return json.dumps({"order_id": number, "user_id": user, "currency": "PUSH", "amount": "1.00", "ts": ts})


def probe(args, clusters, number, ts):
    """An order, and what moves every partition's watermark past it."""
    send(args, clusters, "shop.orders", "west-1", [f"0\t{ts}\t-\t{order(f'probe{number}', 'u0', ts)}"])
    later = ts + STEP_MS // 2
    for name in NAMES:
        for partition in range(PARTITIONS):
            push = order(f"push{number}-{name}-{partition}", "nobody", later)
            send(args, clusters, "shop.orders", name, [f"{partition}\t{later}\t-\t{push}"])
            rate = json.dumps({"currency": "PUSH", "id": f"{name}-{partition}-{number}", "rate": "1.00", "ts": later})
            send(args, clusters, "ref.rates", name, [f"{partition}\t{later}\t-\t{rate}"])


def live(args, clusters, bundle):
    checkpoints = f"execution.checkpointing.dir=file://{args.work}/checkpoints"
    with Job(args.work, bundle, "--lease", "1", "--set", "execution.checkpointing.interval=1s", "--set", checkpoints) as job:
        job.wait(f"{args.first} rows of a live job", lambda: len(rows(args, clusters)) >= args.first)
        print("the live job has put out the rows whose tables are complete for them", flush=True)
        send(args, clusters, "crm.users", "west-1", [f'0\t{args.until - 1}\tu0\t{{"user_id": "u0", "country": "new"}}'])
        for number in range(100):
            probe(args, clusters, number, args.until - 1_000_000_000 + number * STEP_MS)
            job.wait(f"probe {number}", lambda: f"probe{number}" in rows(args, clusters))  # noqa: B023
            if rows(args, clusters)[f"probe{number}"]["users_country"] == "new":
                print(f"the new row of the static table holds from the order {number + 1} on", flush=True)
                return
        sys.exit("the new row of the static table never held")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--windrow", required=True)
    parser.add_argument("--until", type=int, required=True)
    parser.add_argument("--first", type=int, required=True)
    args = parser.parse_args()
    with brokers.Brokers(args.work / "brokers", NAMES) as clusters:
        for name in NAMES:
            for topic in [*SOURCES, OUT]:
                clusters.create(name, topic, PARTITIONS)
            clusters.create(name, "windrow.shop.dead_letters", 1)
        for file in sorted((args.work / "records").iterdir()):
            topic, name = file.name.split("@")
            send(args, clusters, topic, name, file.read_text(encoding="utf-8").splitlines())
        bundle = compile_bundle(args, topology(clusters), "shop")
        live(args, clusters, bundle)
        with Job(args.work, bundle, "--lease", "2", "--until", str(args.until)) as job:
            job.end()
        for name in NAMES:
            clusters.dump(name, OUT, args.work / f"{name}.jsonl")
    return 0


if __name__ == "__main__":
    sys.exit(main())
