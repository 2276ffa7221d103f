"""Runs a built bundle several times in one process, as its `run-local` runs it once.

    $WINDROW_FLINK_PYTHON tests/flink/runs.py BUNDLE FILE      FILE is a JSON list of argument lists
"""

import json
import pathlib
import sys
import time

bundle, file = map(pathlib.Path, sys.argv[1:])
sys.path.insert(0, str(bundle))

import main  # noqa: E402 the bundle's, which was not on the path before

assert pathlib.Path(main.__file__).parent == bundle.resolve(), main.__file__
for arguments in json.loads(file.read_text(encoding="utf-8")):
    started = time.monotonic()
    try:
        main.main([*arguments, "--trace"])
    except main.options.Failure as failure:
        sys.exit(str(failure))
    print(f"{time.monotonic() - started:.1f} s", flush=True)
