"""Runs a compiled bundle with tables over two real Kafka clusters: first live, one of them frozen for a while, then to a cut; leaves what the serving clusters hold.

    python3 tests/flink/tables.py --work DIR --windrow BINARY --until MS --first N --readings N

DIR/project has the definitions, DIR/records/<topic>@<cluster> what is sent before anything runs. The live job must put out N rows of it, and count N readings,
which are in Avro. Then a row of the static table changes, and orders are sent until one shows it: each to one partition, the others get nothing, and none of the
tables does. Then east-1 is frozen for longer than the join waits: a fresh row comes at once, the other without that cluster, and one of its own when it is back.
Then it is retired: once it has been read to its end it is frozen again, and nobody waits for it; active again, it is read on from where it was left. In the end
it is killed: a run to a cut must fail for want of it. Before the live job ends, all of what was counted by user must have expired, with no event to bring it
about: each key's last record has no value. All that was sent stands in DIR/sent: topic, timestamp, key, value.
Writes DIR/<cluster>.jsonl, .states.jsonl, .dead.jsonl, and of the users .recent.jsonl. Needs WINDROW_FLINK_PYTHON and the connector in WINDROW_FLINK_CONNECTOR.
"""

import argparse
import base64
import json
import pathlib
import sys
import time

import brokers
from jobs import Job, compile_bundle, compile_texts, flink_logs, list_clusters

NAMES = ["west-1", "east-1"]
SOURCES = ["ref.rates", "crm.users", "shop.orders", "iot.readings"]
PARTITIONS = 2
OUT = "features.priced"
FRESH = "features.seen"
RECENT = "features.recent"
STATES = "features.by_state"
DEAD = "windrow.shop.dead_letters"


def topology(clusters, of_east="active"):
    states = {"west-1": "active", "east-1": of_east}

    def region(name):
        address = clusters[name].address
        read = f'ingest: {{{name}: {{bootstrap: "{address}", state: {states[name]}}}}}'
        return f'  {name.split("-")[0]}: {{groups: {{{read}, serving: {{{name}-out: "{address}"}}}}}}\n'

    return "generation: 1\nregions:\n" + "".join(map(region, NAMES))


def send(args, clusters, topic, name, lines):
    file = args.work / "lines"
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    assert clusters.send(name, topic, file) == len(lines)
    with open(args.work / "sent", "a", encoding="utf-8") as sent:
        for line in lines:
            sent.write("\t".join([topic, *line.split("\t")[1:]]) + "\n")


def rows(args, clusters, topic=OUT, key="order_id"):
    """The last rows in the west, by order."""
    file = args.work / "now"
    clusters.dump("west-1", topic, file)
    values = (json.loads(base64.b64decode(json.loads(line)["value"])) for line in file.read_text().splitlines())
    return {row[key]: row for row in values}


def readings(args, clusters):
    return sum(row["readings_2000h"] for row in rows(args, clusters, STATES, "state").values())


def recent(args, clusters, name):
    """Per user the value of the highest version; of one that has left nothing."""
    file, newest = args.work / f"{name}.recent.jsonl", {}
    clusters.dump(name, RECENT, file)
    for record in map(json.loads, file.read_text(encoding="utf-8").splitlines()):
        version = tuple(map(int, base64.b64decode(record["headers"]["wr-version"]).decode().split(".")))
        if record["key"] not in newest or newest[record["key"]][0] < version:
            newest[record["key"]] = (version, record["value"])
    return {key: value for key, (_, value) in newest.items()}


def order(number, user, ts):
    return json.dumps({"order_id": number, "user_id": user, "currency": "PUSH", "amount": "1.00", "ts": ts})


def now_ms():
    return int(time.time() * 1000)


def send_order(args, clusters, name, number):
    """One of now, to one partition."""
    ts = now_ms()
    send(args, clusters, "shop.orders", name, [f"0\t{ts}\t-\t{order(number, 'u0', ts)}"])


def live(args, clusters, bundle):
    checkpoints = f"execution.checkpointing.dir=file://{args.work}/checkpoints"
    with Job(args.work, bundle, "--lease", "1", "--set", "execution.checkpointing.interval=1s", "--set", checkpoints) as job:
        job.wait(f"{args.first} rows of a live job", lambda: len(rows(args, clusters)) >= args.first)
        print("the live job has put out the rows whose tables are complete for them", flush=True)
        job.wait(f"{args.readings} readings", lambda: readings(args, clusters) == args.readings)
        send(args, clusters, "crm.users", "west-1", [f'0\t{now_ms()}\tu0\t{{"user_id": "u0", "country": "new"}}'])
        for number in range(10):
            send_order(args, clusters, "west-1", f"probe{number}")
            job.wait(f"probe {number}", lambda: f"probe{number}" in rows(args, clusters))  # noqa: B023
            if rows(args, clusters)[f"probe{number}"]["users_country"] == "new":
                print(f"the new row of the static table holds from the order {number + 1} on", flush=True)
                frozen(args, clusters, job)
                return retired(args, clusters, bundle, job)
        sys.exit("the new row of the static table never held")


def frozen(args, clusters, job):
    clusters["east-1"].freeze()
    send_order(args, clusters, "west-1", "during")
    job.wait("a row that waits for nobody", lambda: "during" in rows(args, clusters, FRESH))
    at_once = rows(args, clusters, FRESH)["during"]
    assert "is not waited for any longer" not in flink_logs(args.work), "the frozen cluster was given up before a fresh row came"
    job.wait("a row without a frozen cluster", lambda: "during" in rows(args, clusters))
    assert at_once["rates_rate"] == rows(args, clusters)["during"]["rates_rate"] is not None
    # What it was put out without was said before it was.
    assert "east-1 ref.rates-0 is not waited for any longer" in flink_logs(args.work), "nobody waited for the frozen cluster"
    clusters["east-1"].thaw()
    send_order(args, clusters, "east-1", "after")
    job.wait("a row of the cluster that was frozen", lambda: "after" in rows(args, clusters))
    job.wait("the cluster to be waited for again", lambda: "east-1 ref.rates-0 is back" in flink_logs(args.work))
    print("a cluster that was frozen was waited for, given up, and merged when it was back", flush=True)


def retired(args, clusters, bundle, job):
    active = (bundle / "clusters.json").read_text(encoding="utf-8")
    without = compile_texts(args, topology(clusters, "retired"), "shop", "bundles-2")
    list_clusters(bundle, (without / "clusters.json").read_text(encoding="utf-8"))
    left = "east-1 is retired"
    job.wait("all of the retired cluster to be read, by every source", lambda: flink_logs(args.work).count(left) == len(SOURCES))
    given_up = flink_logs(args.work).count("is not waited for any longer")
    clusters["east-1"].freeze()
    send_order(args, clusters, "west-1", "without")
    job.wait("a row that nothing of the retired cluster is needed for", lambda: "without" in rows(args, clusters))
    assert flink_logs(args.work).count("is not waited for any longer") == given_up, "the retired cluster was waited for, and given up"
    clusters["east-1"].thaw()
    list_clusters(bundle, active)
    send_order(args, clusters, "east-1", "again")
    job.wait("a row of the cluster that has come back", lambda: "again" in rows(args, clusters))
    print("a cluster that was retired was read to its end, not waited for, and read on when it was back", flush=True)
    job.wait("all users to leave", lambda: all(value is None for name in NAMES for value in recent(args, clusters, name).values()))
    print("all keys have left, by the clock", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--windrow", required=True)
    parser.add_argument("--until", type=int, required=True)
    parser.add_argument("--first", type=int, required=True)
    parser.add_argument("--readings", type=int, required=True)
    args = parser.parse_args()
    with brokers.Brokers(args.work / "brokers", NAMES) as clusters:
        for name in NAMES:
            for topic in [*SOURCES, OUT, FRESH, RECENT, STATES]:
                clusters.create(name, topic, PARTITIONS)
            clusters.create(name, DEAD, 1)
        for file in sorted((args.work / "records").iterdir()):
            topic, name = file.name.split("@")
            send(args, clusters, topic, name, file.read_text(encoding="utf-8").splitlines())
        bundle = compile_bundle(args, topology(clusters), "shop")
        live(args, clusters, bundle)
        with Job(args.work, bundle, "--lease", "2", "--until", str(args.until)) as job:
            job.end()
        for name in NAMES:
            for topic, kind in ((OUT, ""), (STATES, ".states"), (DEAD, ".dead")):
                clusters.dump(name, topic, args.work / f"{name}{kind}.jsonl")
        clusters["east-1"].kill()
        with Job(args.work, bundle, "--until", str(args.until)) as job:
            job.fail("east-1 has not answered for 20000 ms, and a run to a cut needs all clusters")
    return 0


if __name__ == "__main__":
    sys.exit(main())
