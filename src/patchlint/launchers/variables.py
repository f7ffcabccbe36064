"""The shell's variables and substitutions in a command that no shell has seen: ``-w ${WORKERS:-4} -b :$PORT``."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Final

_WITH_DEFAULT: Final = re.compile(r"\$\{\w+:?[-=]([^${}]*)\}")
_UNKNOWN: Final = re.compile(r"\$\{[^}]*\}|\$\([^)]*\)|\$[A-Za-z_]\w*|`[^`]*`")
_COUNTS: Final = frozenset(("-w", "--workers", "-c", "--concurrency", "-p", "--processes", "--threads", "--port"))
"""Options whose value is a number; where it is a number of workers, several is what one computes it for."""

_NUMBER: Final = "2"

LOST: Final = "a value of the shell that is not known"
"""Why a word of a command is not there."""


def settled(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The words as far as they are known, and those that are not: an option goes with its value.

    A default counts, and any number will do where a number of workers or a port is asked for.
    """
    known: list[str] = []
    lost: list[str] = []
    for word in words:
        is_program = known[-1:] == ["-c"] and os.path.basename(known[0]).startswith("python")
        filled = word if is_program else _WITH_DEFAULT.sub(r"\1", word)
        if is_program or not _UNKNOWN.search(filled):
            known.append(filled)
            continue
        lost.append(word)
        name, glued, _ = filled.partition("=")
        if known and known[-1] in _COUNTS:
            known.append(_NUMBER)
        elif glued and name in _COUNTS:
            known.append(f"{name}={_NUMBER}")
        elif not word.startswith("-") and len(known) > 1 and known[-1].startswith("-") and "=" not in known[-1]:
            known.pop()
    return known, lost
