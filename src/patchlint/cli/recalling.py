"""Gives the answer of an earlier run, and keeps those of this one.  Loads as little as it can."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from patchlint.answers.kept import SECONDS, Answer, Kept, Moves
from patchlint.cache import cache_path

if TYPE_CHECKING:
    from patchlint.answers.witness import Witness

_NEVER = frozenset({"--no-cache", "--help", "-h", "--version", "-V", "cache", "rule", "rules"})
SPENT = "patchlint: {:.3f} s, to see that {:,} files are as they were (--no-cache works it out again)\n"
_SIGN = f"{SECONDS:.2f}"


def tell(arguments: Sequence[str], environ: Mapping[str, str], started: float) -> int | None:
    """Write the answer that an earlier run has given, and return its exit status; None where there is none."""
    if sys.stdout is None or sys.stderr is None or not arguments or not _NEVER.isdisjoint(arguments):
        return None
    answer = _kept(arguments, environ).recall(environ, _told_anew)
    if answer is None:
        return None
    try:
        sys.stderr.write(answer.complaints)
        sys.stdout.write(_timed(answer.output, time.perf_counter() - started))
        sys.stdout.flush()
        if answer.verbose:
            sys.stderr.write(SPENT.format(time.perf_counter() - started, answer.files))
    except (BrokenPipeError, UnicodeEncodeError):
        return None  # the long way knows what to do
    return answer.status


def _told_anew(answer: Answer, moves: Moves) -> Answer | None:
    from patchlint.cli.retelling import told_anew

    return told_anew(answer, moves)


def working_out(
    arguments: Sequence[str], environ: Mapping[str, str], work: Callable[[Witness | None], tuple[Answer, bool]]
) -> Answer:
    """The answer that ``work`` gives under a witness's eyes.

    It says itself whether its answer may be kept; the time in it is to be ``SECONDS`` where there is a witness.
    """
    if not _NEVER.isdisjoint(arguments):
        return work(None)[0]

    from patchlint.answers import witness

    started = time.perf_counter()
    with witness.Witness(cache_path(environ)) as watching:
        answer, may_be_kept = work(watching)
    if may_be_kept:
        _kept(arguments, environ).keep(answer, watching.looks())
    return answer._replace(output=_timed(answer.output, time.perf_counter() - started))


def _kept(arguments: Sequence[str], environ: Mapping[str, str]) -> Kept:
    streams = (sys.stdout, sys.stderr)
    return Kept(cache_path(environ), arguments, [(s.isatty(), s.encoding) for s in streams])


def _timed(text: str, seconds: float) -> str:
    return text.replace(_SIGN, f"{seconds:.2f}")
