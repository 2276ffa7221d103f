"""Runs bundles several times in one process, as their `run-local` runs them once: a JVM takes longer to start than a job to run.

    $WINDROW_FLINK_PYTHON runs.py FILE

FILE is JSON: {"built": a folder that is a built bundle, "runs": [[bundle, arguments], …]}. The classes are those of the built one; the others need only
their generated texts. Afterwards FILE.results has per run null or what went wrong.
"""

import json
import pathlib
import sys
import time

file = pathlib.Path(sys.argv[1])
request = json.loads(file.read_text(encoding="utf-8"))
built = pathlib.Path(request["built"]).resolve()
sys.path.insert(0, str(built))

import main  # noqa: E402 the bundle's, which was not on the path before

# Of all of them, whatever bundle is run.
main.own_jars = lambda args: [built / "target" / "bundle.jar"]
results = []


def run(bundle, arguments):
    """What went wrong, or null."""
    main.BUNDLE = pathlib.Path(bundle).resolve()
    try:
        main.main(arguments)
    except main.options.Failure as failure:
        return str(failure)
    return None


for bundle, arguments in request["runs"]:
    started = time.monotonic()
    results.append(run(bundle, arguments))
    print(f"{bundle}: {time.monotonic() - started:.1f} s{'' if results[-1] is None else ': ' + results[-1]}", flush=True)
pathlib.Path(f"{file}.results").write_text(json.dumps(results), encoding="utf-8")
