"""Calls one function of a module for windrow: a request per line on stdin, an answer per line on stdout.

    ID call [ARGUMENT, ...]     ->  ID ok {"field": ...}  or  ID error "why"
    ID cancel                       nobody waits for that call any more

The first line that goes out is `0 ready`, or `0 failed {...}` if there is no such function. The one argument of
this script is a JSON object: folder, function, concurrency, and the types of arguments and of what is returned.
An `async def` runs in an event loop, any other function in as many threads as calls may be in flight.
"""

import asyncio
import base64
import importlib
import inspect
import json
import math
import os
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
UNITS = {"s": 1_000_000, "ms": 1_000, "us": 1}


def argument(of, value):
    """A value as the function gets it, from its JSON."""
    if value is None:
        return None
    if isinstance(of, list):
        kind = of[0]
        if kind == "list":
            return [argument(of[1], element) for element in value]
        if kind == "map":
            return {key(of[1], text): argument(of[2], element) for text, element in value.items()}
        return {name: argument(inner, value[name]) for name, inner in of[1]}
    if of == "decimal":
        return Decimal(value)
    if of == "timestamp":
        return EPOCH + timedelta(milliseconds=value)
    if of == "date":
        return date.fromisoformat(value)
    if of == "bytes":
        return base64.b64decode(value)
    return value


def key(of, text):
    """A map's key: JSON has texts only."""
    if of in ("int", "bool"):
        return json.loads(text)
    if of == "timestamp":
        return argument(of, int(text))
    return argument(of, text)


def returned(of, value):
    """What the function returned, as JSON has it. What does not fit stays: windrow says what is wrong with it."""
    if value is None:
        return None
    if isinstance(of, list) and of[0] == "struct":
        return {name: returned(inner, value.get(name)) for name, inner in of[1]}
    if isinstance(of, list) and of[0] == "map":
        return {key_text(of[1], name): returned(of[2], element) for name, element in value.items()}
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(of, list):
        return [returned(of[1], element) for element in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Decimal):
        return format(value, "f") if value.is_finite() else None
    if isinstance(value, datetime):
        return time(of, value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode("ascii")
    return value


def key_text(of, value):
    value = returned(of, value)
    return value if isinstance(value, str) else json.dumps(value)


def time(of, value):
    """A time without a zone is UTC."""
    value = value.replace(tzinfo=timezone.utc) if value.tzinfo is None else value.astimezone(timezone.utc)
    if of == "iso":
        return value.isoformat()
    microseconds = (value - EPOCH) // timedelta(microseconds=1)
    unit = of.partition(" ")[2] if isinstance(of, str) else ""
    return microseconds * 1_000 if unit == "ns" else microseconds // UNITS.get(unit, 1_000)


def why(error):
    """An exception in a line, with the place that raised it."""
    text = f"{type(error).__name__}: {error}"
    frames = traceback.extract_tb(error.__traceback__)
    return f"{text} ({frames[-1].filename}:{frames[-1].lineno})" if frames else text


class Worker:
    def __init__(self, spec, out):
        self.spec = spec
        self.out = out
        self.lock = threading.Lock()
        self.function = None

    def say(self, number, word, what=None):
        line = f"{number} {word}" if what is None else f"{number} {word} {what}"
        with self.lock:
            self.out.write(line.encode("ascii") + b"\n")
            self.out.flush()

    def fail(self, what, detail, **more):
        self.say(0, "failed", json.dumps({"what": what, "detail": detail, **more}))

    def load(self):
        """Finds the function. False: it was said why there is none."""
        module, _, name = self.spec["function"].partition(":")
        sys.path.insert(0, self.spec["folder"])
        try:
            found = importlib.import_module(module)
        except ModuleNotFoundError as error:
            missing = error.name or ""
            if module == missing or module.startswith(missing + "."):
                self.fail("module", missing, searched=[path for path in sys.path if path])
            else:
                self.fail("import", why(error))
            return False
        except BaseException as error:  # whatever a module does when it is imported, exit() too
            traceback.print_exc()
            self.fail("import", why(error))
            return False
        for part in name.split("."):
            names = [known for known in dir(found) if callable(getattr(found, known, None)) and known[0] != "_"]
            found = getattr(found, part, None)
        if not callable(found):
            place = getattr(sys.modules[module], "__file__", None) or module
            self.fail("function", name, names=names, place=place)
            return False
        self.function = found
        return True

    def arguments(self, text):
        return [argument(of, value) for of, value in zip(self.spec["arguments"], json.loads(text))]

    def answer(self, number, result):
        fields = self.spec["returns"]
        if not isinstance(result, dict) and len(fields) == 1:
            result = {fields[0][0]: result}
        if not isinstance(result, dict):
            what = f"the function returned {type(result).__name__}, not a dict of {', '.join(name for name, _ in fields)}"
            self.say(number, "error", json.dumps(what))
            return
        known = dict((name, of) for name, of in fields)
        row = {name: returned(known[name], value) for name, value in result.items() if name in known}
        self.say(number, "ok", json.dumps(row, allow_nan=False))

    def error(self, number, error):
        self.say(number, "error", json.dumps(why(error)))

    def requests(self, lines):
        for line in lines:
            number, _, rest = line.decode("utf-8").rstrip("\n").partition(" ")
            word, _, text = rest.partition(" ")
            yield int(number), word, text

    def serve_threads(self, lines):
        """A call that nobody waits for any more keeps its thread: a thread cannot be stopped."""
        pool = ThreadPoolExecutor(max_workers=self.spec["concurrency"])

        def call(number, text):
            try:
                self.answer(number, self.function(*self.arguments(text)))
            except BaseException as error:
                self.error(number, error)

        for number, word, text in self.requests(lines):
            if word == "call":
                pool.submit(call, number, text)

    async def serve_loop(self, lines):
        loop = asyncio.get_running_loop()
        tasks = {}

        async def call(number, text):
            try:
                self.answer(number, await self.function(*self.arguments(text)))
            except asyncio.CancelledError:
                self.say(number, "error", json.dumps("cancelled"))
            except BaseException as error:
                self.error(number, error)
            finally:
                tasks.pop(number, None)

        def take(number, word, text):
            if word == "call":
                tasks[number] = loop.create_task(call(number, text))
            elif number in tasks:
                tasks[number].cancel()

        def read():
            for request in self.requests(lines):
                loop.call_soon_threadsafe(take, *request)
            os._exit(0)

        threading.Thread(target=read, daemon=True).start()
        await asyncio.Event().wait()


def main():
    lines, out = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # What the function prints is for the log and not an answer, and nothing is left for it to read.
    os.dup2(2, 1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    worker = Worker(json.loads(sys.argv[1]), out)
    if not worker.load():
        return
    worker.say(0, "ready")
    function = worker.function
    if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None)):
        asyncio.run(worker.serve_loop(lines))
    else:
        worker.serve_threads(lines)
    # Whoever asked is gone: calls that still run are of no use.
    os._exit(0)


main()
