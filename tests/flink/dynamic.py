"""Runs a compiled job over real Kafka clusters: one is dead at the start and comes later, one is added while the job runs, and clusters move and go.

    python3 tests/flink/dynamic.py …    (see scene.py)

East-1 is dead when the job starts; west-1 gets the first half of the lines, whose rows must come all the same. Then half a file of clusters is put in
the place of the job's (which must change nothing), then that of a topology with west-2, which gets a share; then east-1 starts and gets some. While it drains
it moves to another address and gets the rest. Once it is retired and has been read to its end, it is killed, and nobody must ask for it any more. One
process runs the job, and a failure would end it.
"""

import sys

import brokers
import scene
from jobs import Job, list_clusters


def more_rows(stage, job, name, lines):
    """Of a cluster that gets lines."""
    before = stage.rows()[1]
    stage.feed([name], lines)
    job.wait(f"rows of {name}", lambda: stage.rows()[1] > before)
    return before


def leave(stage, job, bundle, clusters, ingest):
    """The cluster in the east is retired; that nothing of it is wanted any more is known when it is."""
    list_clusters(bundle, stage.listed(5, ingest | {"east-1": "retired"}))
    job.wait("all of the retired cluster to be read", lambda: "east-1 is retired" in stage.logs())
    clusters["east-1"].kill()
    address = clusters["east-1"].address

    def is_left_in_peace():
        said = len(stage.logs())
        for _ in range(5):
            known = stage.checkpoints()
            job.wait("a checkpoint", lambda: stage.checkpoints() - known)  # noqa: B023
        return address not in stage.logs()[said:]

    job.wait(f"nobody to ask for {address}", is_left_in_peace)


def main():
    args = scene.arguments()
    with brokers.Brokers(args.work / "brokers", ["west-1", "west-2", "east-1"]) as clusters:
        stage = scene.Scene(args, clusters)
        first = {"west-1": "active", "east-1": "active"}
        bundle = stage.compile(1, first)
        clusters["east-1"].kill()
        share = len(stage.after) // 3
        with Job(args.work, bundle, *stage.words("restart-strategy.type=none")) as job:
            stage.feed(["west-1"], stage.before)
            stage.settle(job.wait)
            without = stage.rows()[1]
            # The dead cluster has been asked for in vain by now: its requests end after 15 s.
            job.wait("a request to the dead cluster to fail", lambda: "Swallowed handled exception" in stage.logs())
            whole = (bundle / "clusters.json").read_text(encoding="utf-8")
            list_clusters(bundle, whole[: len(whole) // 2])
            job.wait("the half file to be seen", lambda: "the clusters stay as they were" in stage.logs())
            stage.feed(["west-2"], stage.after[:share])
            before = stage.rows()[1]
            both = first | {"west-2": "active"}
            list_clusters(bundle, stage.listed(2, both))
            job.wait("rows of the new cluster", lambda: stage.rows()[1] > before)
            clusters["east-1"].start()
            clusters.create("east-1", scene.IN, 2)
            returned = more_rows(stage, job, "east-1", stage.after[share : 2 * share])
            draining = stage.listed(3, both | {"east-1": "draining"})
            clusters["east-1"].move()
            clusters.create("east-1", scene.IN, 2)
            moved = stage.listed(4, both | {"east-1": "draining"})
            assert moved != draining
            list_clusters(bundle, moved)
            stage.feed(["east-1"], stage.after[2 * share :])
            stage.end(job.wait, rows_without_it=without, rows_before_the_new_one=before, rows_before_it_came=returned, rows=stage.rows()[1])
            leave(stage, job, bundle, clusters, both)
    return 0


if __name__ == "__main__":
    sys.exit(main())
