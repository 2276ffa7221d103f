"""Runs a compiled job on a Flink cluster of one job manager and two task managers, from and to real Kafka clusters, and kills one of the task managers.

    python3 tests/flink/manager.py …    (see scene.py)

The kill comes while the second half of the lines is on its way; another task manager is started in its place, as Kubernetes would. Before it, events come
that no window holds any more, which the node must count. Where the project has models, their answers must be counted.
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import urllib.parse
import urllib.request

import brokers
import jobs
import scene

YEAR_MS = 365 * 86_400_000
CONFIG = """\
jobmanager.rpc.address: 127.0.0.1
jobmanager.bind-host: 127.0.0.1
jobmanager.rpc.port: {rpc}
jobmanager.memory.process.size: 800m
taskmanager.host: 127.0.0.1
taskmanager.bind-host: 127.0.0.1
taskmanager.numberOfTaskSlots: 1
taskmanager.memory.process.size: 800m
taskmanager.memory.network.min: 32m
taskmanager.memory.network.max: 32m
taskmanager.memory.managed.size: 64m
taskmanager.memory.jvm-metaspace.size: 192m
rest.address: 127.0.0.1
rest.bind-address: 127.0.0.1
rest.port: {rest}
metrics.fetcher.update-interval: 500
heartbeat.interval: 1000
heartbeat.timeout: 20000
restart-strategy.type: fixed-delay
restart-strategy.fixed-delay.attempts: 1000
restart-strategy.fixed-delay.delay: 1 s
env.java.opts.all: -XX:+UseSerialGC -XX:TieredStopAtLevel=1
io.tmp.dirs: {folder}/tmp
"""


class Cluster:
    """Processes of Flink's own scripts; all of them end with a `with`."""

    def __init__(self, work):
        self.folder, self.processes = work / "cluster", []
        for folder in ("conf", "log", "tmp"):
            (self.folder / folder).mkdir(parents=True)
        rpc, self.rest = brokers.free_ports(2)
        (self.folder / "conf" / "config.yaml").write_text(CONFIG.format(rpc=rpc, rest=self.rest, folder=self.folder))
        find = "import importlib.util as u; print(u.find_spec('pyflink').submodule_search_locations[0])"
        home = subprocess.run([os.environ["WINDROW_FLINK_PYTHON"], "-c", find], check=True, capture_output=True, text=True).stdout.strip()
        self.home = pathlib.Path(home)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def start(self, script):
        log = self.folder / f"{len(self.processes)}.{script}.log"
        env = os.environ | {"FLINK_CONF_DIR": str(self.folder / "conf"), "FLINK_LOG_DIR": str(self.folder / "log"), "FLINK_HOME": str(self.home)}
        with open(log, "wb") as streams:
            command = ["bash", self.home / "bin" / f"{script}.sh", "start-foreground"]
            process = subprocess.Popen(command, stdout=streams, stderr=streams, stdin=subprocess.DEVNULL, env=env, start_new_session=True)
        process.log = log
        self.processes.append(process)
        return process

    def ask(self, path):
        """What the job manager says; nothing while it does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.rest}{path}", timeout=10) as answer:
                return json.load(answer)
        except OSError:
            return {}

    def wait(self, what, holds):
        master = self.processes[0]
        return jobs.wait(what, holds, lambda: master.poll() is None, master.log)

    def managers(self):
        return len(self.ask("/taskmanagers").get("taskmanagers", []))

    def counted(self, name):
        """The sum of a counter over all tasks of the running job; it is 0 until the job manager has asked them."""
        running = [job["jid"] for job in self.ask("/jobs/overview").get("jobs", []) if job["state"] == "RUNNING"]
        total = 0
        for job in running:
            for vertex in self.ask(f"/jobs/{job}").get("vertices", []):
                metrics = f"/jobs/{job}/vertices/{vertex['id']}/metrics"
                wanted = [metric["id"] for metric in self.ask(metrics) if metric["id"].endswith("." + name)]
                if wanted:
                    total += sum(int(metric["value"]) for metric in self.ask(f"{metrics}?get={urllib.parse.quote(','.join(wanted))}"))
        return total

    def failures(self):
        """How often the job has failed and was started again; it runs now."""
        running = [job["jid"] for job in self.ask("/jobs/overview").get("jobs", []) if job["state"] == "RUNNING"]
        histories = [self.ask(f"/jobs/{job}/exceptions").get("exceptionHistory", {}) for job in running]
        return sum(len(history.get("entries", [])) for history in histories)


def count_expired(stage, cluster):
    """The first of them come until the watermark is known to be there; from then on each is counted. How many there were."""
    line, sent = json.loads(stage.before[0]), []

    def send(count):
        late = [json.dumps(line | {"purchase_id": f"old{len(sent) + n}", "ts": line["ts"] - YEAR_MS}) for n in range(count)]
        sent.extend(late)
        stage.feed(["west-1"], late)

    def is_counted():
        send(1)
        return cluster.counted("expired") > 0

    cluster.wait("an expired event to be counted", is_counted)
    all_of_them = len(stage.before) + len(sent)
    cluster.wait("every event to be counted", lambda: cluster.counted("applied") + cluster.counted("expired") == all_of_them)
    applied, expired = cluster.counted("applied"), cluster.counted("expired")
    send(7)
    cluster.wait("seven more", lambda: cluster.counted("expired") == expired + 7)
    assert cluster.counted("applied") == applied
    return len(sent)


def main():
    args = scene.arguments()
    with brokers.Brokers(args.work / "brokers", ["west-1", "east-1"]) as clusters, Cluster(args.work) as cluster:
        cluster.start("jobmanager")
        victim = cluster.start("taskmanager")
        cluster.start("taskmanager")
        stage = scene.Scene(args, clusters)
        bundle = stage.compile(1, {"west-1": "active", "east-1": "active"})
        cluster.wait("two task managers", lambda: cluster.managers() == 2)
        remote = ["execution.target=remote", "rest.address=127.0.0.1", f"rest.port={cluster.rest}"]
        with jobs.Job(args.work, bundle, *stage.words(*remote), "--detached") as driver:
            driver.end()
        stage.feed(["west-1", "east-1"], stage.before)
        stage.settle(cluster.wait)
        late = count_expired(stage, cluster)
        assert cluster.failures() == 0
        stage.feed(["west-1", "east-1"], stage.after)
        os.killpg(victim.pid, signal.SIGKILL)
        victim.wait()
        stage.fail()
        cluster.start("taskmanager")
        cluster.wait("the job to start again", lambda: cluster.failures() > 0)
        stage.end(cluster.wait, failures=cluster.failures(), late=late)
        if (args.work / "project" / "models").is_dir():
            cluster.wait("the answers of a model to be counted", lambda: cluster.counted("answered") > 0)
            assert cluster.counted("failed") == 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
