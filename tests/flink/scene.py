"""What scenarios of one job over real Kafka clusters share: `spend` of features/, compiled for a topology; its records in, its rows out.

West-1 is also where the rows go. Every scenario is given --work DIR (with DIR/project), --windrow BINARY, --lines FILE, --half N (how many lines come
before the fault) and --wanted FILE: the payload that each key must have in the end, as lines of JSON: {"key": base64, "value": base64}. It writes
DIR/figures.json. `--flink` says for which Flink the job is compiled. Needs WINDROW_FLINK_PYTHON and the connector in WINDROW_FLINK_CONNECTOR.
"""

import argparse
import base64
import json
import pathlib

import jobs

IN, OUT, DEAD = "shop.purchases", "features.user_spend", "windrow.spend.dead_letters"
CHECKPOINTS = ["execution.checkpointing.interval=1s", "execution.checkpointing.num-retained=3", "execution.checkpointing.externalized-checkpoint-retention=RETAIN_ON_CANCELLATION"]


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--windrow", required=True)
    parser.add_argument("--lines", type=pathlib.Path, required=True)
    parser.add_argument("--half", type=int, required=True, help="how many lines come before the fault")
    parser.add_argument("--wanted", type=pathlib.Path, required=True)
    parser.add_argument("--flink", default="2.2", help="the Flink of WINDROW_FLINK_PYTHON, as topologies name it")
    return parser.parse_args()


class Scene:
    def __init__(self, args, clusters):
        self.args, self.work, self.clusters = args, args.work, clusters
        self.before_the_fault = []
        lines = args.lines.read_text(encoding="utf-8").splitlines()
        self.before, self.after = lines[: args.half], lines[args.half :]
        self.wanted = {row["key"]: row["value"] for row in map(json.loads, args.wanted.read_text(encoding="utf-8").splitlines())}
        for name in clusters.brokers:
            clusters.create(name, IN, 2)
        clusters.create("west-1", OUT, 4)
        clusters.create("west-1", DEAD, 1)

    def topology(self, generation, ingest, sources="dynamic"):
        states = {"west": [], "east": []}
        for name, state in ingest.items():
            states[name.split("-")[0]].append(f'{name}: {{bootstrap: "{self.clusters[name].address}", state: {state}}}')
        return f"""\
generation: {generation}
flink: {{version: "{self.args.flink}", sources: {sources}}}
regions:
  west:
    groups:
      ingest: {{{", ".join(states["west"])}}}
      serving: {{west-3: "{self.clusters["west-1"].address}"}}
  east:
    groups:
      ingest: {{{", ".join(states["east"])}}}
"""

    def compile(self, generation, ingest, sources="dynamic"):
        """The bundle for clusters and their states, built."""
        return jobs.compile_bundle(self.args, self.topology(generation, ingest, sources), "spend", f"bundles-{generation}")

    def listed(self, generation, ingest):
        """The file of clusters of the bundle for them."""
        bundle = jobs.compile_texts(self.args, self.topology(generation, ingest), "spend", f"bundles-{generation}")
        return (bundle / "clusters.json").read_text(encoding="utf-8")

    def words(self, *settings):
        """Of a job that runs for good, with a checkpoint each second."""
        settings = [*CHECKPOINTS, f"execution.checkpointing.dir=file://{self.work}/checkpoints", "state.backend.type=rocksdb", *settings]
        return [word for setting in settings for word in ("--set", setting)]

    def feed(self, names, lines):
        """The lines in turns to clusters."""
        for number, name in enumerate(names):
            file = self.work / f"{name}.lines"
            share = lines[number :: len(names)]
            file.write_text("\n".join(share) + "\n", encoding="utf-8")
            assert self.clusters.produce(name, IN, file) == len(share)

    def records(self):
        """Key, version and payload of all there are."""
        file = self.work / "rows.jsonl"
        self.clusters.dump("west-1", OUT, file)
        for record in map(json.loads, file.read_text(encoding="utf-8").splitlines()):
            yield record["key"], tuple(map(int, base64.b64decode(record["headers"]["wr-version"]).decode().split("."))), record["value"]

    def purchases(self, user, count):
        """Lines of a user of whom there are none."""
        one = json.loads(self.after[0])
        return [json.dumps(one | {"user_id": user, "purchase_id": f"{user}{number}"}) for number in range(count)]

    def has_row_of(self, user):
        return base64.b64encode(user.encode()).decode() in self.rows()[0]

    def rows(self):
        """Per key the payload of the highest version, and how many records there are."""
        newest, count = {}, 0
        for key, version, value in self.records():
            count += 1
            if key not in newest or newest[key][0] < version:
                newest[key] = (version, value)
        return {key: value for key, (_, value) in newest.items()}, count

    def fail(self):
        """What is there now is of a job that is dead, and what comes after it is above it."""
        self.before_the_fault = list(self.records())

    def check_versions(self):
        """Rule R2: no version has two payloads, and those of a job that goes on are above those of before. How many keys it has put out."""
        payloads, highest = {}, {}
        for key, version, value in self.before_the_fault:
            highest[key] = max(version, highest.get(key, version))
        known, again = {(key, version) for key, version, _ in self.before_the_fault}, set()
        for key, version, value in self.records():
            assert payloads.setdefault((key, version), value) == value, f"{version} of {key} has two payloads"
            if (key, version) not in known and key in highest:
                assert version > highest[key], f"{version} of {key} came after {highest[key]}"
                again.add(key)
        return len(again)

    def logs(self):
        return jobs.flink_logs(self.work)

    def checkpoints(self):
        return {path.parent for path in (self.work / "checkpoints").glob("*/chk-*/_metadata")}

    def newest_checkpoint(self, before=frozenset()):
        return max(self.checkpoints() - before, key=lambda path: int(path.name.split("-")[1]))

    def await_keys(self, wait, lines):
        keys = {json.loads(line)["user_id"] for line in lines}
        wait("a row of every key", lambda: len(self.rows()[0]) >= len(keys))

    def settle(self, wait):
        """Until all lines so far are in rows and in a checkpoint: two have passed without a new row."""
        self.await_keys(wait, self.before)
        quiet = 0
        while quiet < 2:
            before, known = self.rows()[1], self.checkpoints()
            wait("a checkpoint", lambda: self.checkpoints() - known)
            quiet = quiet + 1 if self.rows()[1] == before else 0

    def end(self, wait, **figures):
        """Until every key has what is wanted."""
        try:
            wait("the rows that are wanted", lambda: self.rows()[0] == self.wanted)
        except AssertionError as error:
            found = self.rows()[0]
            differing = sum(found.get(key) != value for key, value in self.wanted.items())
            raise AssertionError(f"{differing} of {len(self.wanted)} keys differ: {error}") from None
        figures |= {"keys": len(self.wanted), "keys_after_the_fault": self.check_versions()}
        (self.work / "figures.json").write_text(json.dumps(figures), encoding="utf-8")
