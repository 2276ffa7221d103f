"""Says that a fault happened: what is tested is that it makes no difference."""

import os
import sys

# The oracle's plain process reads its program from stdin.
IN_WORKER = sys.argv[0] == "-c"


def fault(kind):
    if IN_WORKER and "WINDROW_TEST_FAULTS" in os.environ:
        with open(os.environ["WINDROW_TEST_FAULTS"], "a") as file:
            file.write(kind + "\n")
