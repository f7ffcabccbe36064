"""A result as text that can be kept, and the same result when the lines that it tells of have moved.

What is kept is JSON: an object of the model is a list of its class's name and its fields, a tuple is a list behind
an empty name.  Trails are left out, since no form of report tells them.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final

from patchlint.model.events import Capture
from patchlint.model.finding import Finding, Link, OpaqueNote, PatchReference
from patchlint.model.location import Location, Trail
from patchlint.model.plan import Entrypoint
from patchlint.report.result import Problem, Python, Result

_CLASSES: Final = {
    cls.__name__: cls
    for cls in (Capture, Entrypoint, Finding, Link, Location, OpaqueNote, PatchReference, Problem, Python, Result)
}
_TRAIL: Final = "Trail"
_NO_TRAIL: Final = Trail(None, None, "")
_PLACE: Final = re.compile(r"([^\s`'\"(),]+):(\d+)\b")
"""``app.py:3`` in a sentence."""

Moves = Mapping[str, Mapping[int, int]]
"""Of each file that has changed: where each of the lines is now that a result can tell of."""


class LostError(Exception):
    """Of a place in a changed file it is not known where it is now."""


def packed(result: Result) -> str:
    """A result as text.  Raises TypeError for one that holds something unforeseen."""
    return json.dumps(_packed(result))


def _packed(value: object) -> Any:
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, tuple):
        return ["", *map(_packed, value)]
    if isinstance(value, Trail):
        return [_TRAIL]
    if is_dataclass(value) and type(value).__name__ in _CLASSES:
        return [type(value).__name__, *(_packed(getattr(value, field.name)) for field in fields(value))]
    raise TypeError(f"{type(value).__name__} is not kept")


def unpacked(text: str, moves: Moves) -> Result:
    """The result that was packed, with its places where they are now.

    Raises LostError, and ValueError for other text.
    """
    data = json.loads(text)
    result = _Moving(moves, _folders(data)).unpacked(data)
    if not isinstance(result, Result):
        raise ValueError("no result")
    return result


def _folders(data: Any) -> frozenset[str]:
    """The folders that paths in sentences are relative to: the result's, and those that programs are started in."""
    if not isinstance(data, list) or not data:
        return frozenset()
    own = {data[1]} if data[0] == Result.__name__ else {data[3]} if data[0] == Entrypoint.__name__ else set()
    return frozenset(own).union(*map(_folders, data[1:]))


class _Moving:
    """Makes objects of what was packed."""

    def __init__(self, moves: Moves, folders: frozenset[str]) -> None:
        self._moves = moves
        self._folders = folders
        self._names = tuple(os.path.basename(path) for path in moves)

    def unpacked(self, data: Any) -> Any:
        if isinstance(data, str):
            return _PLACE.sub(self._spelled, data) if any(name in data for name in self._names) else data
        if not isinstance(data, list):
            return data
        name, *values = data
        if name == _TRAIL:
            return _NO_TRAIL
        made = tuple(self._unpacked_fields(name, values))
        return made if name == "" else _CLASSES[name](*made)

    def _unpacked_fields(self, name: str, values: list[Any]) -> Iterator[Any]:
        path_at, line_at = _PLACES.get(name, (-1, -1))
        for at, value in enumerate(values):
            if at == line_at:
                yield self._now(values[path_at], value)
            else:
                yield self.unpacked(value)

    def _now(self, path: str | None, line: int) -> int:
        """Where a line is now; 0 stands for the whole file."""
        moves = None if path is None else self._moves.get(path)
        if moves is None or line == 0:
            return line
        if line not in moves:
            raise LostError(f"{path}:{line}")
        return moves[line]

    def _spelled(self, match: re.Match[str]) -> str:
        path, line = match[1], int(match[2])
        meant = {os.path.normpath(os.path.join(folder, path)) for folder in self._folders}
        if meant.isdisjoint(self._moves):
            return match[0]
        if len(meant) > 1:
            raise LostError(match[0])
        return f"{path}:{self._now(meant.pop(), line)}"


def _place_in(cls: type) -> tuple[int, int]:
    names = [field.name for field in fields(cls)]
    return names.index("path"), names.index("line")


_PLACES: Final = {cls.__name__: _place_in(cls) for cls in (Location, Capture, Problem)}
