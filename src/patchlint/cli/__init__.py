"""The command line: arguments in, exit status out.

Most runs ask what was asked before, of a program that has not changed: they are answered before click, and all
that it takes to work an answer out, is loaded.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line (``sys.argv`` where none is given) and return the exit status."""
    started = time.perf_counter()
    arguments = list(sys.argv[1:] if argv is None else argv)
    from patchlint.cli import recalling

    status = recalling.tell(arguments, os.environ, started)
    if status is not None:
        return status
    from patchlint.cli.entry import run

    if argv is not None:
        return run(arguments, started)
    # This process ends with its answer: nobody needs the memory that a collection of cycles would find, and going
    # over all that a play has made takes a sixth of the whole run.
    gc.disable()
    try:
        return run(arguments, started)
    finally:
        gc.freeze()
