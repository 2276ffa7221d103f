"""Bundles of a project in DIR/project, and their jobs, each in a process of its own.

Needs WINDROW_FLINK_PYTHON and the connector in WINDROW_FLINK_CONNECTOR.
"""

import os
import shutil
import signal
import subprocess
import time

WAIT_S = 240
FAILED = 3


def compile_texts(args, topology, deployment, out):
    """The deployment's bundle for a topology."""
    project, folder = args.work / "project", args.work / out
    (project / "topology.yaml").write_text(topology)
    subprocess.run([args.windrow, "compile", project, "--target", "flink", "--deployment", deployment, "--out", folder], check=True, stdout=subprocess.DEVNULL)
    return folder / deployment


def compile_bundle(args, topology, deployment, out="bundles"):
    """The same, built, with the connector."""
    bundle = compile_texts(args, topology, deployment, out)
    (bundle / "lib").mkdir()
    shutil.copy(os.environ["WINDROW_FLINK_CONNECTOR"], bundle / "lib")
    subprocess.run([bundle / "build"], check=True)
    return bundle


def list_clusters(bundle, text):
    """Puts another file of clusters in the place of a job's, in one step, as Kubernetes does."""
    file = bundle / "clusters.json"
    beside = file.with_suffix(".new")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, file)


def wait(what, holds, alive, log):
    """Until it holds, while the process lives; gives what it holds."""
    deadline = time.monotonic() + WAIT_S
    while not (found := holds()):
        assert alive(), f"it ended while it was waited for {what}: {log.read_text()}"
        assert time.monotonic() < deadline, f"waited {WAIT_S} s for {what}: {log.read_text()}"
        time.sleep(0.5)
    return found


def flink_logs(work):
    """What Flink has logged."""
    return "".join(file.read_text(encoding="utf-8", errors="replace") for file in (work / "flink-log").glob("*.log"))


class Job:
    """`run-local` of a bundle over Kafka; killed at the end of a `with`, whatever happened. What Flink logs is in DIR/flink-log."""

    def __init__(self, work, bundle, *words):
        self.log, flink_log = work / f"{bundle.parent.name}.log", work / "flink-log"
        flink_log.mkdir(exist_ok=True)
        command = [bundle / "run-local", "--source", "kafka", "--start-ms", "0", "--parallelism", "2", *words]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | {"FLINK_LOG_DIR": str(flink_log)}, start_new_session=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def wait(self, what, holds):
        return wait(what, holds, lambda: self.process.poll() is None, self.log)

    def end(self):
        """Waits for its own end, which must be a good one."""
        assert self.process.wait(WAIT_S) == 0, self.log.read_text()

    def fail(self, why):
        """Waits for its own end, which must be a failure that says why."""
        code, log = self.process.wait(WAIT_S), self.log.read_text()
        assert code == FAILED and why in log, f"{code}: {log}"
