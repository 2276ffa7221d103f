"""The command line of a bundle's job: what is asked for, checked before anything starts.

Knows nothing of Flink, so that a wrong command is answered at once and on any Python.
"""

import argparse
import dataclasses
import datetime
import pathlib
import re

# Exit codes, as windrow's own: the command is wrong, or the world is.
USAGE, WORLD = 2, 3

# windrow's calendar ends a little before year 10000, so that every zone can show it.
CALENDAR_MAX_MS = 253_402_207_200_999
EPOCH = datetime.date(1970, 1, 1).toordinal()
TIME = re.compile(
    r"(\d{4})(-?)(\d\d)\2(\d\d)"
    r"(?:[Tt ](\d\d)(?:(:?)(\d\d)(?:\6(\d\d)(?:[.,](\d{1,9}))?)?)?(?:([Zz])|([+-])(\d\d)(?::?(\d\d)(?::?(\d\d))?)?)?)?",
    re.ASCII,
)


class Failure(Exception):
    """Ends the run with one line and an exit code."""

    def __init__(self, code, message, hint=None):
        super().__init__(f"error: {message}" + (f"\nhint: {hint}" if hint else ""))
        self.code = code


def usage(message, hint=None):
    return Failure(USAGE, message, hint)


def world(message, hint=None):
    return Failure(WORLD, message, hint)


def instant(text):
    """ISO 8601, UTC unless it names a zone, a date alone is its midnight; or ms since 1970. As windrow's `--until`, in ms."""
    wrong = argparse.ArgumentTypeError(f"`{text}` is not a time: expected ISO 8601 (2024-05-01T12:00:00Z) or milliseconds since 1970")
    if re.fullmatch(r"[+-]?\d+", text, re.ASCII):
        ms = int(text)
    else:
        found = TIME.fullmatch(text)
        if not found:
            raise wrong
        ms = calendar_ms(found, wrong)
    # The ends of time are Flink's own marks.
    if not -(2**63) < ms < 2**63 - 1:
        raise wrong
    return ms


def calendar_ms(found, wrong):
    year, _, month, day, hour, _, minute, second, fraction, _, sign, *offset = found.groups()
    hour, minute, second = int(hour or 0), int(minute or 0), min(int(second or 0), 60)
    offset_hours, offset_minutes, offset_seconds = (int(part or 0) for part in offset)
    try:
        days = datetime.date(int(year), int(month), int(day)).toordinal() - EPOCH
        datetime.time(hour, minute, min(second, 59))  # a leap second is the one before it
    except ValueError:
        raise wrong from None
    if offset_hours > 25 or offset_minutes > 59 or offset_seconds > 59 or int(found[8] or 0) > 60:
        raise wrong
    east = (offset_hours * 3600 + offset_minutes * 60 + offset_seconds) * (-1 if sign == "-" else 1)
    # Finer than ms is floored, also before 1970: the fraction counts forward.
    ms = (days * 86_400 + hour * 3600 + minute * 60 + min(second, 59) - east) * 1000 + int(((fraction or "") + "000")[:3])
    if ms > CALENDAR_MAX_MS:
        raise wrong
    return ms


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise usage(message.removeprefix("argument "), f"{self.prog} --help says what there is")


def parser(job, bundle):
    """What job.json knows stands in the help."""
    sources, sinks = ", ".join(names(job["sources"])), ", ".join(names(job["sinks"]))
    parser = Parser(prog="run-local", description=f"Runs the Flink job of the deployment {job['deployment']} on this machine.", allow_abbrev=False)
    add = parser.add_argument
    add("--until", type=instant, metavar="TIME", help="the cut: values as of this instant, later events are ignored; ISO 8601 or ms since 1970")
    add("--input", action="append", default=[], metavar="[NAME=]PATH", help=f"records as JSON lines, a file or a folder of files; of: {sources}")
    add("--stamped", action="store_true", help="each line of the inputs begins with the record's own timestamp in ms and a tab; java/dev/windrow/flink/StampedLine.java says what may stand between them")
    add("--output", "--out", action="append", default=[], metavar="[NAME=]FILE", help=f"where rows go, as JSON lines; of: {sinks}")
    add("--dead-letters", metavar="FILE", help="records that are no rows; default: the first output's name with .dead")
    add("--parallelism", type=int, metavar="N", help="how many tasks share the keys; default 1, on a cluster what it is set to")
    add("--set", action="append", default=[], metavar="KEY=VALUE", help="a Flink option")
    add("--explain", action="store_true", help="print Flink's plan instead of running the job")
    add("--trace", action="store_true", help="show Flink's whole stack trace when the job fails")
    add("--source", choices=["files", "kafka"], default="files", help="kafka: from and to the clusters of the environment; with --until to the ends of their logs as they are now, else for good")
    add("--group-id", help="Kafka consumer group, default windrow-<deployment>")
    add("--start-ms", type=int, metavar="MS", help="read Kafka from here, default now minus the longest window")
    add("--lease", type=int, default=1, metavar="N", help="leads the versions of rows: a number above that of whoever published before, default 1")
    add("--client-properties", default="", metavar="DIR", help="a folder with <cluster>.properties for the Kafka clients of clusters that need any")
    add("--clusters", default="", metavar="FILE", help="of a bundle with dynamic sources: the clusters to read, by group; looked at again while the job runs; default clusters.json of the bundle")
    add("--detached", action="store_true", help="on a Flink cluster: start the job and leave it to the cluster")
    return parser


@dataclasses.dataclass
class Request:
    """A command that can be tried: names are the job's, paths are absolute, inputs are there, outputs can be."""

    args: argparse.Namespace
    flink: list
    inputs: dict
    outputs: dict
    dead_letters: pathlib.Path


def names(entries):
    return [entry["name"] for entry in entries]


def read(argv, job, bundle):
    args = parser(job, bundle).parse_args(argv)
    if args.parallelism is not None and args.parallelism < 1:
        raise usage("--parallelism: at least 1")
    if args.parallelism is None and not args.detached:
        args.parallelism = 1
    if args.lease < 0:
        raise usage("--lease: not below 0")
    inputs = {}
    if args.source == "files":
        if args.until is None:
            raise usage("--until is missing: files end, and the end of input is not a time", "give the instant that values are to hold for: --until TIME")
        inputs = pairs("--input", args.input, names(job["sources"]), "source")
        binary = [source["name"] for source in job["sources"] if source.get("is_avro")]
        if binary and not args.stamped:
            raise usage(f"no line holds a record in Avro as it is, and those of {', '.join(binary)} are", "give lines with --stamped: the record's timestamp in ms, ` base64`, a tab, the record in base64")
        for path in inputs.values():
            check_input(path)
    else:
        check_kafka(args, job)
    outputs = {} if args.explain or args.source == "kafka" else pairs("--out", args.output, names(job["sinks"]), "output")
    dead = pathlib.Path(args.dead_letters).resolve() if args.dead_letters else None
    if outputs:
        first = next(iter(outputs.values()))
        dead = dead or first.with_name(first.name + ".dead")
        check_outputs([*outputs.values(), dead], inputs.values())
    return Request(args, [flink_option(option) for option in args.set], inputs, outputs, dead)


def pairs(option, values, known, what):
    """NAME=PATH options by name; a bare PATH is allowed when there is only one name."""
    found = {}
    for value in values:
        name, equals, path = value.partition("=")
        if equals and name in known:
            value = path
        elif len(known) == 1 and (not equals or "/" in name or pathlib.Path(value).exists()):
            name = known[0]
        elif equals:
            raise usage(f"{option} {value}: there is no {what} `{name}` in this bundle", f"it has: {', '.join(known)}")
        else:
            raise usage(f"{option} {value}: expected NAME=PATH", f"NAME is one of: {', '.join(known)}")
        if not value:
            raise usage(f"{option} {name}=: expected a path")
        if name in found:
            raise usage(f"{option}: `{name}` is given twice", "a folder of files is read as one input" if option == "--input" else None)
        found[name] = pathlib.Path(value).resolve()
    missing = [name for name in known if name not in found]
    if missing:
        raise usage(f"{option} is missing for: {', '.join(missing)}", f"add {option} {missing[0]}=PATH")
    return {name: found[name] for name in known}


def check_input(path):
    try:
        files = [path] if path.is_file() else list(path.iterdir())
        for file in files[:1]:
            if file.is_file():
                file.open("rb").close()
    except OSError as error:
        raise world(f"the input {path} cannot be read: {error.strerror}") from None
    if not files:
        raise world(f"the input {path} is a folder without files")
    table = next((file for file in files if file.suffix.lower() in (".csv", ".tsv", ".parquet")), None)
    if table:
        raise usage(f"the input {table} is not JSON lines, which is all that a bundle reads", "`windrow preview` reads .csv files")


def check_outputs(outputs, inputs):
    """Before the work, not after it."""
    for path in outputs:
        if path.is_dir():
            raise usage(f"the output {path} is a folder")
        if not path.parent.is_dir():
            raise world(f"the output {path} cannot be written: there is no folder {path.parent}")
        if outputs.count(path) > 1:
            raise usage(f"two outputs would be the same file: {path}")
        if any(path == given or given in path.parents for given in inputs):
            raise usage(f"the output {path} is also an input")


def check_kafka(args, job):
    unknown = [source["name"] for source in job["sources"] if "kafka" not in source]
    if unknown:
        raise usage(f"this bundle was compiled without an environment, so it does not know the clusters of: {', '.join(unknown)}")
    unknown = [sink["name"] for sink in job["sinks"] if "kafka" not in sink]
    if unknown:
        raise usage(f"the environment has no clusters to publish these to: {', '.join(unknown)}")
    for option, given in (("--input", args.input), ("--out", args.output), ("--dead-letters", args.dead_letters)):
        if given:
            raise usage(f"{option} is for runs over files", "leave out --source kafka")
    if args.client_properties and not pathlib.Path(args.client_properties).is_dir():
        raise world(f"there is no folder {args.client_properties}")
    if args.clusters and not pathlib.Path(args.clusters).is_file():
        raise world(f"there is no file {args.clusters}")


def flink_option(option):
    key, equals, value = option.partition("=")
    if not equals or not key:
        raise usage(f"--set {option}: expected KEY=VALUE")
    return key, value
