"""How much a report says, and in which colours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO

_CODES = {
    "error": "1;31",
    "warning": "1;33",
    "note": "1;36",
    "bold": "1",
    "dim": "2",
    "code": "35",
    "patch": "1;32",
    "fork": "1;35",
}


@dataclass(frozen=True, slots=True)
class Look:
    """``verbose`` leaves nothing out, ``quiet`` gives a line to each finding and nothing else."""

    colour: bool = False
    verbose: bool = False
    quiet: bool = False

    def paint(self, kind: str, text: str) -> str:
        """``text`` in the colour of ``kind``."""
        return f"\x1b[{_CODES[kind]}m{text}\x1b[0m" if self.colour and text else text


def wants_colour(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """``NO_COLOR`` forbids (https://no-color.org), ``FORCE_COLOR`` demands, else a terminal decides."""
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and environ.get("TERM") != "dumb"
