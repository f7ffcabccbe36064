"""Answers kept between runs: one small file of JSON for each command line, in the cache.

An answer is what a run wrote and its exit status, with everything that it looked at.  It is given again only
where a new run would see the same; where it would see the same in other lines, it is told anew.
Whatever is wrong with a file here, there is no answer, and nothing is said.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from patchlint import __version__
from patchlint.answers.looks import Looks, digest, stamp_of

FOLDER: Final = "answers"
MOST: Final = 200
"""Answers kept; of more, those go that were made first."""
LARGEST: Final = 16 * 2**20
"""Bytes of one answer.  What is larger is not kept."""
SECONDS: Final = 97531.86
"""Stands in a kept report for the time that the run took, the one thing in it that is never the same again."""
_SCHEMA: Final = 2


class Answer(NamedTuple):
    """What a run wrote to standard output and to standard error, and its exit status.

    ``told_from`` is what it can be told anew from when lines have moved, empty where it cannot be.  Where the run was
    ``verbose`` it is said how long it takes to see that the ``files`` are as they were.
    """

    output: str
    complaints: str
    status: int
    told_from: str = ""
    verbose: bool = False
    files: int = 0


Moves: TypeAlias = Mapping[str, Mapping[int, int]]
"""Of each file of which another text says the same: where each of its lines is now."""


class Kept:
    """The answer to one command line, given in one folder to one Python, in a cache's folder."""

    def __init__(self, cache: str, arguments: Sequence[str], manner: Sequence[object]) -> None:
        key = [_SCHEMA, __version__, sys.version, sys.executable, os.getcwd(), list(arguments), list(map(str, manner))]
        self._key = json.dumps(key)
        self._folder = os.path.join(cache, FOLDER)
        self._file = os.path.join(self._folder, f"{digest(self._key.encode())}.json")

    def recall(
        self, environ: Mapping[str, str], anew: Callable[[Answer, Moves], Answer | None] = lambda answer, moves: None
    ) -> Answer | None:
        """The answer, if it still holds; what ``anew`` makes of it, where it holds for lines that have moved."""
        try:
            with open(self._file, encoding="utf-8", errors="surrogateescape") as file:
                entry = json.load(file)
            if entry["key"] != self._key or not _same_code(entry["code"]):
                return None
            looks = Looks(entry["looks"])
            if not looks.hold(environ):
                return None
            answer: Answer | None = Answer(**entry["answer"])
            if answer is not None and looks.moved:
                answer = anew(answer, looks.moved) if answer.told_from else None
            if answer is not None and (looks.renewed or looks.moved):
                self._write(entry | {"looks": looks.data(), "answer": answer._asdict()})
        except (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError):
            return None
        return None if answer is None else answer._replace(files=len(looks.files))

    def keep(self, answer: Answer, looks: Looks) -> None:
        """Keep an answer, and let go of the oldest where there are too many."""
        self._write(
            {
                "key": self._key,
                "code": _code(),
                "looks": looks.data(),
                "answer": answer._asdict(),
            }
        )
        self._prune()

    def _write(self, entry: dict[str, Any]) -> None:
        """Written beside and moved into place, so that nobody reads half of it; where that fails, not at all."""
        beside = f"{self._file}.{os.getpid()}"
        try:
            text = json.dumps(entry)
            if len(text) > LARGEST:
                return
            os.makedirs(self._folder, exist_ok=True)
            with open(beside, "w", encoding="utf-8", errors="surrogateescape") as file:
                file.write(text)
            os.replace(beside, self._file)
        except (OSError, ValueError):
            _remove(beside)

    def _prune(self) -> None:
        try:
            with os.scandir(self._folder) as entries:
                rows = sorted((entry.stat().st_mtime_ns, entry.path) for entry in entries)
        except OSError:
            return
        for _, path in rows[:-MOST]:
            _remove(path)


def _remove(path: str) -> None:
    try:
        os.remove(path)
    except OSError:
        return


def _code() -> dict[str, list[int]]:
    """The stamps of our own modules and of what they use: an answer is no better than what made it."""
    names = [name for name in sys.modules if name.partition(".")[0] in _OURS]
    return {file: stamp_of(file) for name in names if (file := getattr(sys.modules[name], "__file__", None))}


_OURS: Final[Collection[str]] = frozenset({"patchlint", "astroid", "msgspec", "click", "tomli", "packaging", "yaml"})


def _same_code(stamps: dict[str, list[int]]) -> bool:
    return all(stamp_of(file) == stamp for file, stamp in stamps.items())
