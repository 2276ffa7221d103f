"""Real Kafka brokers, one process per cluster, on loopback and free ports; all of them end with this process.

Needs the jars of tests/setup: WINDROW_KAFKA, default $WINDROW_CACHE/kafka, or ~/.cache/windrow/kafka.
"""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import time

CACHE = pathlib.Path(os.environ.get("WINDROW_CACHE") or pathlib.Path.home() / ".cache" / "windrow")
KAFKA = pathlib.Path(os.environ.get("WINDROW_KAFKA") or CACHE / "kafka")
CLIENT = pathlib.Path(__file__).resolve().parent / "kafka" / "Client.java"
JAVA = ["java", "-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"]
READY_S = 60

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={folder}/data
auto.create.topics.enable=false
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
num.network.threads=1
num.io.threads=2
log.cleaner.dedupe.buffer.size=2097152
log.index.size.max.bytes=1048576
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
log.retention.ms=-1
"""


def free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


class Broker:
    """One cluster of one broker."""

    def __init__(self, folder, number):
        self.folder = folder
        folder.mkdir(parents=True)
        self.port, self.controller = free_ports(2)
        self.properties = folder / "server.properties"
        self.seat()
        self.run("kafka.tools.StorageTool", "format", "-t", f"AAAAAAAAAAAAAAAAAAAA{number}Q", "-c", self.properties)
        self.start()

    def seat(self):
        self.address = f"127.0.0.1:{self.port}"
        self.properties.write_text(PROPERTIES.format(port=self.port, controller=self.controller, folder=self.folder))

    def move(self):
        """The same cluster at another address; nobody is at the old one."""
        self.kill()
        (self.port,) = free_ports(1)
        self.seat()
        self.start()

    def run(self, *words):
        subprocess.run([*JAVA, "-cp", f"{KAFKA}/libs/*", *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def start(self):
        archive = [f"-XX:SharedArchiveFile={KAFKA}/kafka.jsa", "-Xshare:auto"] if (KAFKA / "kafka.jsa").exists() else []
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [*JAVA, *archive, "-cp", f"{KAFKA}/libs/*", "kafka.Kafka", self.properties], stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )

    def kill(self):
        self.process.kill()
        self.process.wait()

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)
        deadline = time.monotonic() + 5
        while "T" not in pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0]:
            assert time.monotonic() < deadline, "waited 5 s for a broker to freeze"
            time.sleep(0.01)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)


class Brokers:
    """Clusters by name, and a client of them all."""

    def __init__(self, work, names):
        self.brokers = {}
        self.client = subprocess.Popen(
            [*JAVA, "-cp", f"{KAFKA}/libs/*", CLIENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        try:
            for number, name in enumerate(names):
                self.brokers[name] = Broker(work / name, number)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __getitem__(self, name):
        return self.brokers[name]

    def ask(self, *words):
        self.client.stdin.write("\t".join(map(str, words)) + "\n")
        self.client.stdin.flush()
        outcome, _, text = self.client.stdout.readline().strip().partition(" ")
        if outcome != "ok":
            raise RuntimeError(f"{words}: {text}")
        return int(text)

    def create(self, name, topic, partitions):
        """Also how it is known that a broker is up."""
        deadline = time.monotonic() + READY_S
        while True:
            try:
                return self.ask("create", self[name].address, topic, partitions)
            except RuntimeError as error:
                if "TopicExists" in str(error):
                    return partitions
                assert time.monotonic() < deadline, f"waited {READY_S} s for {name}: {error}"

    def produce(self, name, topic, file):
        return self.ask("produce", self[name].address, topic, file)

    def send(self, name, topic, file):
        """Lines of partition, timestamp, key, value, with tabs; `-` is none."""
        return self.ask("send", self[name].address, topic, file)

    def dump(self, name, topic, file):
        return self.ask("dump", self[name].address, topic, file)

    def close(self):
        self.client.kill()
        self.client.wait()
        for broker in self.brokers.values():
            broker.kill()
