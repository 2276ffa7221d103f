"""Runs a compiled job over real Kafka clusters: one is dead at the start and comes later, one is added while the job runs.

    python3 tests/flink/dynamic.py …    (see scene.py)

East-1 is dead when the job starts; west-1 gets the first half of the lines, whose rows must come all the same. Then half a file of clusters is put in
the place of the job's (which must change nothing), then that of a topology with west-2, which gets a share; in the end east-1 starts and gets the rest. One
process runs the job, and a failure would end it.
"""

import os
import sys

import brokers
import scene
from jobs import Job


def replace(file, text):
    """In one step, as Kubernetes does."""
    beside = file.with_suffix(".new")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, file)


def main():
    args = scene.arguments()
    with brokers.Brokers(args.work / "brokers", ["west-1", "west-2", "east-1"]) as clusters:
        stage = scene.Scene(args, clusters)
        first = {"west-1": "active", "east-1": "active"}
        bundle = stage.compile(1, first)
        clusters["east-1"].kill()
        share = len(stage.after) // 2
        with Job(args.work, bundle, *stage.words("restart-strategy.type=none")) as job:
            stage.feed(["west-1"], stage.before)
            stage.settle(job.wait)
            without = stage.rows()[1]
            # The dead cluster has been asked for in vain by now: its requests end after 15 s.
            job.wait("a request to the dead cluster to fail", lambda: "Swallowed handled exception" in stage.logs())
            whole = (bundle / "clusters.json").read_text(encoding="utf-8")
            replace(bundle / "clusters.json", whole[: len(whole) // 2])
            job.wait("the half file to be seen", lambda: "the clusters stay as they were" in stage.logs())
            stage.feed(["west-2"], stage.after[:share])
            before = stage.rows()[1]
            other = stage.compile(2, first | {"west-2": "active"})
            replace(bundle / "clusters.json", (other / "clusters.json").read_text(encoding="utf-8"))
            job.wait("rows of the new cluster", lambda: stage.rows()[1] > before)
            clusters["east-1"].start()
            clusters.create("east-1", scene.IN, 2)
            stage.feed(["east-1"], stage.after[share:])
            stage.end(job.wait, rows_without_it=without, rows_before_the_new_one=before, rows=stage.rows()[1])
    return 0


if __name__ == "__main__":
    sys.exit(main())
