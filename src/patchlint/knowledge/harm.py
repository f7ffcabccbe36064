"""How bad a stale capture is, as it was seen when each was used after the patch (``data/harm.toml``)."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal, TypeAlias

import tomli

from patchlint.knowledge.versions import Python

Severity: TypeAlias = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Harm:
    """A severity and, in a sentence, what was seen."""

    severity: Severity
    sentence: str


@dataclass(frozen=True, slots=True)
class _Row:
    library: str
    kinds: tuple[str, ...]
    origins: tuple[str, ...]
    before: Python | None
    harm: Harm

    def holds(self, library: str, python: Python, kind: str, origin: str) -> bool:
        """Whether the row is about such a capture."""
        return (
            self.library in ("*", library)
            and kind in self.kinds
            and (self.before is None or python < self.before)
            and any(fnmatchcase(origin, pattern) for pattern in self.origins)
        )


def harm(library: str, version: str, python: Python, kind: str, origin: str) -> Harm:
    """What a capture of ``origin`` does after the patch; a note where no harm was seen."""
    for row in _rows():
        if row.holds(library, python, kind, origin):
            return row.harm
    return Harm("note", "stale, without visible harm")


@functools.cache
def _rows() -> tuple[_Row, ...]:
    with open(os.path.join(os.path.dirname(__file__), "data", "harm.toml"), "rb") as file:
        table = tomli.load(file)
    return tuple(
        _Row(
            row["library"],
            tuple(row["kinds"]),
            tuple(row["origins"]),
            tuple(row["python_before"]) if "python_before" in row else None,
            Harm(row["severity"], row["seen"]),
        )
        for row in table["harm"]
    )
