"""Driver of a windrow job bundle: reads job.json beside it, registers functions, tables and views in order, starts the inserts.

The same file is in every bundle; what a job is stands in job.json, sql/ and java/. Its command line is options.py.
"""

import contextlib
import importlib.metadata
import importlib.util
import json
import logging
import os
import pathlib
import re
import shutil
import signal
import string
import subprocess
import sys
import tempfile
import time

import options

BUNDLE = pathlib.Path(__file__).resolve().parent

# UTC: a bundle computes in event time, a machine's zone must not show in any value.
# Checkpoint storage is not set here: the deployment does, and a local run to a cut starts again from nothing.
DEFAULTS = {
    "table.local-time-zone": "UTC",
    "pipeline.object-reuse": "true",
}
# A local cluster of this process alone.
LOCAL = {
    "rest.port": "0",
    "taskmanager.memory.network.min": "32mb",
    "taskmanager.memory.network.max": "32mb",
}
# A run that ends. Without checkpoints and restarts a failure ends the job, and wait() tells why.
BOUNDED = {"restart-strategy.type": "none"}
INTERRUPTED = 130
# Of a line of files: the record, its own timestamp, and the key of one without value.
STAMPED = "`wr_unstamped`(`wr_line`)", "`wr_stamp`(`wr_line`)", "`wr_key_of`(`wr_line`)"
PLAIN = "`wr_line`", "CAST(NULL AS TIMESTAMP_LTZ(3))", "CAST(NULL AS BYTES)"


def check_tools(args):
    """What must be installed, each by its own message; then the classes, compiled once."""
    install = f"{sys.executable} -m pip install -r {BUNDLE / 'requirements.txt'}, or name a Python that has it in WINDROW_FLINK_PYTHON"
    if importlib.util.find_spec("pyflink") is None:
        raise options.world(f"Apache Flink is not installed for {sys.executable}", install)
    name, _, wanted = text("requirements.txt").strip().partition("==")
    found = importlib.metadata.version(name)
    if found != wanted:
        raise options.world(f"this bundle is for {name} {wanted}, and {sys.executable} has {found}", install)
    home = os.environ.get("JAVA_HOME")
    java = pathlib.Path(home, "bin", "java") if home else "java"
    if shutil.which(java) is None:
        raise options.world(f"{java} is not there, and Flink runs on Java 17", "install a JDK 17, or set JAVA_HOME to one")
    if args.source == "kafka" and not connectors():
        raise options.world(f"Flink's Kafka connector is not in {BUNDLE / 'lib'}", f"mvn -q -B -f {BUNDLE / 'pom.xml'} dependency:copy-dependencies -DoutputDirectory={BUNDLE / 'lib'}")
    if not all(map(is_built, own_jars(args))):
        built = subprocess.run([BUNDLE / "build"], env=os.environ | {"WINDROW_FLINK_PYTHON": sys.executable}, check=False)
        if built.returncode:
            raise options.Failure(options.WORLD, f"{BUNDLE / 'build'} failed")


def connectors():
    return sorted((BUNDLE / "lib").glob("flink-sql-connector-kafka-*.jar"))


def own_jars(args):
    """A jar per folder of classes: those that need Kafka's client are compiled only where it is."""
    return [BUNDLE / "target" / name for name in (["bundle.jar", "kafka.jar"] if args.source == "kafka" else ["bundle.jar"])]


def is_built(jar):
    folder = BUNDLE / ("kafka" if jar.stem == "kafka" else "java")
    return jar.is_file() and all(java.stat().st_mtime <= jar.stat().st_mtime for java in folder.rglob("*.java"))


def environment(request):
    # Not at the top: whether Flink is installed is asked first.
    from pyflink.common import Configuration
    from pyflink.datastream import StreamExecutionEnvironment
    from pyflink.table import EnvironmentSettings, StreamTableEnvironment

    args, config = request.args, Configuration()
    settings = dict(DEFAULTS)
    if not args.detached:
        settings |= LOCAL
    if args.until is not None:
        settings |= BOUNDED
    if args.parallelism is not None:
        settings["parallelism.default"] = str(args.parallelism)
    jars = own_jars(args) + (connectors() if args.source == "kafka" else [])
    settings["pipeline.jars"] = ";".join(jar.as_uri() for jar in jars)
    if args.until is not None:
        settings["pipeline.global-job-parameters"] = f"windrow.until:{args.until}"
    settings |= request.flink
    for key, value in settings.items():
        config.set_string(key, value)
    env = StreamExecutionEnvironment.get_execution_environment(config)
    return env, StreamTableEnvironment.create(env, EnvironmentSettings.new_instance().in_streaming_mode().with_configuration(config).build())


def text(path):
    return (BUNDLE / path).read_text(encoding="utf-8")


def location(path):
    """A path for a table. Not as_uri(): Flink takes the text behind file:// as it stands and would look for a name with %20 in it."""
    return f"file://{path}"


def quoted(value):
    return str(value).replace("'", "''")


def create_table(te, statement, more=(), **values):
    """Table statements are templates with ${name}; a text lands inside a string literal, the cut is a whole expression, `more` are options."""
    values = {k: quoted(v) for k, v in values.items()}
    values["more"] = "".join(f"  '{quoted(k)}' = '{quoted(v)}',\n" for k, v in more)
    te.execute_sql(string.Template(text(statement)).substitute(values))


def more_options(args, table):
    """Of a table over a Kafka cluster: where it ends, and the client properties that are kept outside of the bundle."""
    cluster = table.get("cluster")
    if cluster is None and not table.get("is_dynamic"):
        return
    if args.until is not None or table.get("ends"):
        yield "scan.bounded.mode", "latest-offset"
    # Those of dynamic sources are read by the file of clusters.
    file = pathlib.Path(args.client_properties, f"{cluster}.properties") if args.client_properties and cluster else None
    if file and file.is_file():
        for line in file.read_text(encoding="utf-8").splitlines():
            key, equals, value = line.partition("=")
            if equals and not line.lstrip().startswith(("#", "!")):
                yield f"properties.{key.strip()}", value.strip()


def create_view(te, name, path):
    # Not CREATE VIEW: Flink cannot expand a view whose text calls a process table function. A view of a planned query works.
    te.create_temporary_view(f"`{name}`", te.sql_query(text(path)))


def create_stream(te, view):
    """A view whose rows are made once, however many read them: `stream` names the class that does it."""
    from pyflink.java_gateway import get_gateway

    stream = view["stream"]
    made = get_gateway().jvm.Thread.currentThread().getContextClassLoader().loadClass(stream["class"]).newInstance()
    rows = te.sql_query(text(view["file"]))
    made.attach(te._j_tenv, rows._j_table, f"`{view['name']}`", stream["uid"], stream["begins_at"], str(BUNDLE))


def register(te, job, request):
    args = request.args
    for function in job["functions"]:
        te.execute_sql(f"CREATE TEMPORARY SYSTEM FUNCTION `{function['name']}` AS '{function['class']}' LANGUAGE JAVA")
    for source in job["sources"]:
        # What a table holds may be of any age.
        start_ms = 0 if source.get("is_table") else args.start_ms if args.start_ms is not None else max(0, int(time.time() * 1000) - source["longest_window_ms"])
        cut_ms = "CAST(9223372036854775807 AS BIGINT)" if args.until is None else f"CAST({args.until} AS BIGINT)"
        path = location(request.inputs[source["name"]]) if source["name"] in request.inputs else ""
        # What a computed column is made of: it cannot be made of another.
        value, arrival, key = STAMPED if args.stamped else PLAIN
        values = {"value": value, "arrival": arrival, "key": key, "cut_ms": cut_ms, "group_id": args.group_id or f"windrow-{job['deployment']}", "start_ms": start_ms, "path": path}
        values |= {"clusters": args.clusters or BUNDLE / "clusters.json", "client_properties": args.client_properties}
        tables = source.get("live") if args.source == "kafka" and args.until is None else None
        tables = tables or source[args.source]
        for table in tables["tables"]:
            create_table(te, table["file"], more_options(args, table), **values)
        create_view(te, f"{source['name']}:records", tables["records"])
    for view in job["views"]:
        if "stream" in view:
            create_stream(te, view)
        else:
            create_view(te, view["name"], view["file"])


def add_inserts(te, job, args, folders):
    """One job for all outputs, so that what they share is computed once."""
    inserts = te.create_statement_set()
    for name, sink in [*((s["name"], s) for s in job["sinks"]), (None, job["dead_letters"])]:
        statements = sink[args.source]
        create_table(te, statements["table"], path=location(folders[name]) if folders else "", lease=args.lease, client_properties=args.client_properties)
        inserts.add_insert_sql(text(statements["insert"]))
    return inserts


def name_state(env):
    """Sources and sinks keep their state under their table's name; nodes have their own uid. Flink would count operators instead, and a job with one
    cluster more would find none of the state of the job before."""
    seen, todo = {}, list(env._j_stream_execution_environment.getTransformations())
    while todo:
        node = todo.pop()
        if node.getId() in seen:
            continue
        seen[node.getId()] = node
        todo.extend(node.getInputs())
    # `purchases:kafka:west-1[7]`: the number is that of the operator.
    named = [(re.sub(r"\[\d+\]$", "", node.getName()), node) for node in seen.values() if node.getClass().getSimpleName() in ("SourceTransformation", "SinkTransformation")]
    for name, node in named:
        node.setUid(name)
    assert len(dict(named)) == len(named), f"two operators have one name: {[name for name, _ in named]}"


def part_order(path):
    """part-<run>-<subtask>-<counter>: a key's rows are in one subtask, in the order of its counter."""
    *_, subtask, counter = path.name.split(".")[0].split("-")
    return int(subtask), int(counter)


def gather(folders, targets):
    """Joins each sink's part files; the outputs appear by rename, once all of them are whole."""
    with contextlib.ExitStack() as partials:
        ready = []
        for name, target in targets.items():
            partial = pathlib.Path(partials.enter_context(tempfile.TemporaryDirectory(prefix=".windrow-", dir=target.parent)), "whole")
            with open(partial, "wb") as out:
                for part in sorted((p for p in folders[name].rglob("part-*") if p.is_file()), key=part_order):
                    with open(part, "rb") as rows:
                        shutil.copyfileobj(rows, out)
            ready.append((partial, target))
        for partial, target in ready:
            os.replace(partial, target)


def start(job, request, folders):
    """Plans everything and starts it; None if only the plan was asked for."""
    env, te = environment(request)
    register(te, job, request)
    inserts = add_inserts(te, job, request.args, folders)
    if request.args.explain:
        print(inserts.explain())
        return None
    inserts.attach_as_datastream()
    # A run over files starts from nothing.
    if request.args.source == "kafka":
        name_state(env)
    return env.execute_async(f"windrow-{job['deployment']}")


def run_over_kafka(job, request):
    running = start(job, request, None)
    # A cluster's job outlives its driver.
    if running and not request.args.detached:
        running.get_job_execution_result().result()


def run_over_files(job, request):
    targets = {**request.outputs, None: request.dead_letters}
    near = request.dead_letters.parent if request.dead_letters else None
    with tempfile.TemporaryDirectory(prefix=".windrow-", dir=near) as scratch:
        folders = {name: pathlib.Path(scratch, str(i)) for i, name in enumerate([*(s["name"] for s in job["sinks"]), None])}
        for folder in folders.values():
            folder.mkdir()
        running = start(job, request, folders)
        if not running:
            return
        running.get_job_execution_result().result()
        gather(folders, targets)
    for name, target in targets.items():
        with open(target, "rb") as rows:
            print(f"{sum(1 for _ in rows)} {'dead letters' if name is None else f'rows of {name}'}: {target}", file=sys.stderr)


def reason(error):
    """What Flink threw, on one line: the innermost cause, and what it was the cause of."""
    thrown = re.findall(r"^(?:Caused by: |: )([\w.$]+: .*|[\w.$]+)$", str(error), re.MULTILINE)
    if not thrown:
        return " ".join(str(error).split())[:500] or repr(error)
    words = [re.sub(r"^[\w.$]*\.", "", line, count=1) for line in thrown[-2:]]
    return ", caused by ".join(word[:500] for word in dict.fromkeys(words))


def main(argv):
    job = json.loads(text("job.json"))
    request = options.read(argv, job, BUNDLE)
    check_tools(request.args)
    if not request.args.trace:
        logging.disable()  # py4j's own traces, of what is said below in a line
    try:
        (run_over_files if request.args.source == "files" else run_over_kafka)(job, request)
    except OSError as error:
        raise options.world(f"{error.filename or 'the job'}: {error.strerror or error}") from None
    except Exception as error:  # Flink's arrive as several unrelated classes
        if request.args.trace:
            raise
        raise options.world(f"the job failed: {reason(error)}", "--trace shows where") from None


def stop(*_):
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)  # so that the scratch folder goes also then
    try:
        main(sys.argv[1:])
    except options.Failure as failure:
        print(failure, file=sys.stderr)
        sys.exit(failure.code)
    except KeyboardInterrupt:
        print("interrupted: nothing was written", file=sys.stderr)
        sys.exit(INTERRUPTED)
