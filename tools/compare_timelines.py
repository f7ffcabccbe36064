"""Are the timelines of two patchlints the same, byte for byte?  To be asked before and after work on speed.

    python tools/compare_timelines.py OLD_PATCHLINT NEW_PATCHLINT --python ENVIRONMENT PROGRAM...

Each program is played by both without a cache.  The exit status is the number of programs that differ.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path


def timeline(patchlint: str, python: str, program: str) -> tuple[bytes, int]:
    """What a patchlint prints of a program, and its exit status."""
    words = [patchlint, "timeline", program, "--python", python, "--format", "json", "--no-cache"]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False, timeout=600)
    return done.stdout, done.returncode


def first_difference(one: bytes, other: bytes) -> str:
    """The first line of both that is not the same."""
    pairs = zip(one.splitlines(), other.splitlines(), strict=False)
    return next((f"    {a[:150]!r}\n    {b[:150]!r}" for a, b in pairs if a != b), "    one of them goes on")


def main() -> int:
    """Compare, and tell of each program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--python", required=True)
    parser.add_argument("programs", nargs="+", type=Path)
    given = parser.parse_args()
    differing = 0
    for program in given.programs:
        old, new = (timeline(patchlint, given.python, str(program)) for patchlint in (given.old, given.new))
        differing += old != new
        sys.stdout.write(f"{'same' if old == new else 'DIFFERS'}  {len(new[0]):>9,}  {program}\n")
        if old != new:
            sys.stdout.write(first_difference(old[0], new[0]) + "\n")
        sys.stdout.flush()
    return differing


if __name__ == "__main__":
    sys.exit(main())
