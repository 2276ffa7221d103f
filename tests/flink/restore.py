"""Runs a compiled job over real Kafka clusters, kills it, changes the topology, and goes on from its last checkpoint with the job compiled again.

    python3 tests/flink/restore.py …    (see scene.py)

West-1 and east-1 are read at first, by two tasks, and after that by three: one of them has no state of a writer. The job is killed (SIGKILL) once it has
checkpointed the first half of the lines, and those are deleted from the logs: only its state has them. Then west-2 is added, east-1 retired, and the rest of
the lines goes to all three: what the retired one holds must be read. When it was, that cluster is killed, and so is the job; records that it has not read are
deleted: going on must fail, and say what was lost, and ask for nothing of the cluster that is gone. As a control, a job with fixed sources that has stood still
as long goes on without a word (W0835), and without those records.
"""

import sys

import brokers
import scene
from jobs import Job


def recovery(stage, before=frozenset()):
    return f"execution.state-recovery.path=file://{stage.newest_checkpoint(before)}"


def begin_fixed(stage):
    """A job with fixed sources, killed once a checkpoint has where it stands."""
    bundle, before = stage.compile(3, {"west-1": "active", "west-2": "active", "east-1": "retired"}, "fixed"), stage.checkpoints()
    stage.feed(["west-2"], stage.purchases("seen", 2))
    with Job(stage.work, bundle, *stage.words(), "--group-id", "fixed") as job:
        job.wait("a row of a job with fixed sources", lambda: stage.has_row_of("seen"))
        known = stage.checkpoints()
        job.wait("checkpoints of it", lambda: len(stage.checkpoints() - known) > 1)
    return bundle, recovery(stage, before)


def end_fixed(stage, bundle, recovered):
    """It goes on from there."""
    with Job(stage.work, bundle, *stage.words(recovered, "restart-strategy.type=none"), "--group-id", "fixed") as job:

        def is_found():
            # What comes before it has passed over the gap is passed over, too.
            stage.feed(["west-2"], stage.purchases("found", 2))
            return stage.has_row_of("found")

        job.wait("a row of what came behind the gap", is_found)
    assert not stage.has_row_of("lost"), "what was deleted was read"


def main():
    args = scene.arguments()
    with brokers.Brokers(args.work / "brokers", ["west-1", "west-2", "east-1"]) as clusters:
        stage = scene.Scene(args, clusters)
        with Job(args.work, stage.compile(1, {"west-1": "active", "east-1": "active"}), *stage.words()) as job:
            stage.feed(["west-1", "east-1"], stage.before)
            stage.settle(job.wait)
        stage.fail()
        deleted = sum(clusters.ask("truncate", clusters[name].address, scene.IN) for name in ("west-1", "east-1"))
        bundle = stage.compile(2, {"west-1": "active", "west-2": "active", "east-1": "retired"})
        stage.feed(["west-1", "west-2", "east-1"], stage.after)
        with Job(args.work, bundle, *stage.words(recovery(stage)), "--parallelism", "3") as job:
            stage.end(job.wait, deleted=deleted)
            job.wait("all of the retired cluster to be read", lambda: "east-1 is retired" in stage.logs())
            known = stage.checkpoints()
            job.wait("checkpoints without it", lambda: len(stage.checkpoints() - known) > 1)
        clusters["east-1"].kill()
        said = len(stage.logs())
        resumed, fixed = recovery(stage), begin_fixed(stage)
        stage.feed(["west-2"], stage.purchases("lost", 6))
        clusters.ask("truncate", clusters["west-2"].address, scene.IN)
        with Job(args.work, bundle, *stage.words(resumed, "restart-strategy.type=none")) as job:
            job.fail(f"records were deleted before this job has read them: west-2 {scene.IN}-")
        address = clusters["east-1"].address
        assert address not in stage.logs()[said:], f"somebody asks for {address}, which is retired: {stage.logs()[said:]}"
        end_fixed(stage, *fixed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
