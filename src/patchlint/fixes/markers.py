"""Marks that keep formatters from undoing a change; written only where the project uses a tool that would."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import tomli

from patchlint.fixes import texts
from patchlint.fixes.texts import Read
from patchlint.model.proposal import Edit

SPLIT: Final = "# isort: split\n"
"""isort does not lift imports above this line."""

_LATE: Final = "E402"
"""The code of an import below other code, in ruff and flake8; autopep8 lifts such an import, unless it is allowed."""

_FILES: Final = (
    *("ruff.toml", ".ruff.toml", "pyproject.toml", ".flake8", "setup.cfg", "tox.ini", ".isort.cfg"),
    ".pre-commit-config.yaml",
)
_DEFAULT: Final = ("E4",)
"""What ruff selects by itself, as far as it matters here."""


@dataclass(frozen=True, slots=True)
class Marks:
    """``splits``: isort would lift later imports above a call.  ``allows``: something objects to imports below one."""

    splits: bool = False
    allows: bool = False


def marks_for(path: str, read: Read) -> Marks:
    """What the configuration files around a file, up to the root of its repository, ask for."""
    found = dict(_configurations(path, read))
    everything = "\n".join(found.values())
    splits = re.search(r"float[_-]to[_-]top(?!\s*[=:]\s*[\"']?(false|0|no)\b)", everything, re.IGNORECASE) is not None
    return Marks(splits, _objects(found))


def _configurations(path: str, read: Read) -> Iterator[tuple[str, str]]:
    """The nearest file of each name, and its text."""
    folder, seen = os.path.dirname(path), set[str]()
    while True:
        for name in _FILES:
            text = read(os.path.join(folder, name)) if name not in seen else None
            if text is not None:
                seen.add(name)
                yield name, text
        above = os.path.dirname(folder)
        if above == folder or os.path.lexists(os.path.join(folder, ".git")):
            return
        folder = above


def _objects(found: Mapping[str, str]) -> bool:
    ruff = next((table for table in map(_ruff, *_two(found)) if table is not None), None)
    if ruff is not None:
        return _selects(ruff)
    rest = "\n".join(text for name, text in found.items() if name not in ("ruff.toml", ".ruff.toml"))
    is_used = ".flake8" in found or re.search(r"\b(ruff|flake8|pycodestyle|autopep8)\b", rest) is not None
    return is_used and _LATE not in rest


def _two(found: Mapping[str, str]) -> tuple[list[str], list[str]]:
    names = [name for name in ("ruff.toml", ".ruff.toml", "pyproject.toml") if name in found]
    return names, [found[name] for name in names]


def _ruff(name: str, text: str) -> Mapping[str, Any] | None:
    """ruff's settings in a file, None where there are none."""
    try:
        content = tomli.loads(text)
    except tomli.TOMLDecodeError:
        return None
    if name != "pyproject.toml":
        return content
    table = content.get("tool", {}).get("ruff")
    return table if isinstance(table, dict) else None


def _selects(ruff: Mapping[str, Any]) -> bool:
    """Whether ruff's settings select the rule; the longer beginning of its code wins."""
    lint = ruff.get("lint")
    both = {**ruff, **lint} if isinstance(lint, dict) else ruff
    chosen = [*both.get("select", _DEFAULT), *both.get("extend-select", ())]
    left = [*both.get("ignore", ()), *both.get("extend-ignore", ())]
    return _reach(chosen) > _reach(left)


def _reach(codes: Collection[object]) -> float:
    """How much of the rule's code is named: nothing, or ``ALL``, which is less than any beginning of it."""
    return max((0.5 if code == "ALL" else len(code) for code in map(str, codes) if _is_of_it(code)), default=0)


def _is_of_it(code: str) -> bool:
    return code == "ALL" or (bool(code) and _LATE.startswith(code))


def allowed(path: str, text: str, tree: ast.Module, line: int, apart: Collection[ast.stmt]) -> Iterator[Edit]:
    """The imports that come to stand below other code, where something is put in before a line, with their marks.

    ``apart`` are statements that go away.  What stands below other code already is not touched.
    """
    lines, last = texts.lines_of(text), 0
    for statement in tree.body:
        if statement.lineno < line or statement in apart or isinstance(statement, (ast.If, ast.Try)):
            continue
        if not isinstance(statement, (ast.Import, ast.ImportFrom)):
            return
        before = lines[statement.lineno - 1]
        after = _marked(before)
        if after != before and statement.lineno != last:
            last = statement.lineno
            yield Edit(path, statement.lineno, statement.lineno + 1, after)


_NOQA: Final = re.compile(r"#\s*noqa(?P<codes>\s*:\s*[A-Z]+[0-9]+(?:[,\s]+[A-Z]+[0-9]+)*)?", re.IGNORECASE)


def _marked(line: str) -> str:
    if line.rstrip().endswith(("\\", ";")):
        return line
    noqa = _NOQA.search(line)
    if noqa is None:
        return f"{line.rstrip()}  # noqa: {_LATE}\n"
    if noqa["codes"] is None or _LATE in noqa["codes"]:
        return line
    return f"{line[: noqa.end()]}, {_LATE}{line[noqa.end() :]}"


def unmarked(line: str) -> str:
    """An import's line without a mark that it needs no more, since nothing stands above it."""
    return re.sub(rf"\s*# noqa: {_LATE}(?=\n?$)", "", line)
