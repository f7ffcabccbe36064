"""How bad a stale capture is, as it was seen when each was used after the patch (``data/harm.toml``)."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final, Literal

import msgspec
import tomli

from patchlint.knowledge.versions import Python, matches, release
from patchlint.model.events import CaptureKind
from patchlint.model.finding import Severity


@dataclass(frozen=True, slots=True)
class Harm:
    """A severity and, in a clause that continues "``origin`` ...", what happens; ``seen`` is the measurement."""

    severity: Severity
    sentence: str
    seen: str = ""


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    library: Literal["*", "gevent", "eventlet"]
    kinds: tuple[CaptureKind, ...]
    origins: tuple[str, ...]
    severity: Severity
    says: str
    seen: str
    versions: str = ""
    python: str = ""

    def holds(self, library: str, version: str, python: Python) -> bool:
        """Whether the row is about such a library and Python; a version that is not known satisfies every row."""
        known = release(version)
        return (
            self.library in ("*", library)
            and (not known or matches(self.versions, known))
            and matches(self.python, python)
        )


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    default: str
    harm: tuple[_Row, ...]


def table() -> tuple[tuple[str, ...], ...]:
    """The whole table, for people: origins, kinds, library and versions, severity, what happens, what was seen."""
    rows = [
        (", ".join(row.origins), ", ".join(row.kinds), _scope(row), row.severity, row.says, row.seen)
        for row in _file().harm
    ]
    return (*rows, ("everything else", "all", "both", "note", _file().default, ""))


def _scope(row: _Row) -> str:
    library = "both" if row.library == "*" else row.library
    return ", ".join(
        part for part in (f"{library} {row.versions}".strip(), row.python and f"Python {row.python}") if part
    )


def harm(library: str, version: str, python: Python, kind: str, origin: str) -> Harm:
    """What a capture of ``origin`` does after the patch; a note where no row of the table fits."""
    for row in _rows(library, version, python):
        if kind in row.kinds and any(_fits(origin, pattern) for pattern in row.origins):
            return Harm(row.severity, row.says, row.seen)
    return Harm("note", _file().default)


def _fits(origin: str, pattern: str) -> bool:
    """Whether a pattern is meant: most of them are plain names, for which no expression has to be compiled."""
    return origin == pattern or (not _WILD.isdisjoint(pattern) and fnmatchcase(origin, pattern))


_WILD: Final = frozenset("*?[")


@functools.lru_cache(maxsize=8)
def _rows(library: str, version: str, python: Python) -> tuple[_Row, ...]:
    return tuple(row for row in _file().harm if row.holds(library, version, python))


@functools.lru_cache(maxsize=1)
def _file() -> _File:
    with open(os.path.join(os.path.dirname(__file__), "data", "harm.toml"), "rb") as file:
        return msgspec.convert(tomli.load(file), type=_File)
