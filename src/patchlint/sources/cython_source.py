"""What of a Cython source, a ``.pyx`` or ``.pxi`` file, is plain Python: its imports, most of all."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from typing import Final

SUFFIXES: Final = (".pyx", ".pxi")
_INCLUDE: Final = re.compile(r"^include\s+(['\"])(.+?)\1", re.MULTILINE)
_CONTINUED: Final = re.compile(r"(else|elif|except|finally)\b|[)\]}]")
_TRIPLE: Final = re.compile(r"\"\"\"|'''")


def python_part(text: str) -> str:
    """The text with every statement at its top level that does not parse as Python left blank, lines kept."""
    kept: list[str] = []
    for statement in _statements(text.split("\n")):
        kept += statement if _is_python("\n".join(statement)) else [""] * len(statement)
    return "\n".join(kept)


def included(text: str) -> tuple[str, ...]:
    """The files that are included at the top level, as they are named there."""
    return tuple(match[2] for match in _INCLUDE.finditer(text))


def _statements(lines: list[str]) -> Iterator[list[str]]:
    current: list[str] = []
    in_text = decorated = False
    for line in lines:
        starts = bool(line) and not line[0].isspace() and not _CONTINUED.match(line)
        if current and starts and not in_text and not decorated:
            yield current
            current = []
        current.append(line)
        decorated = line.startswith("@") and not in_text
        in_text ^= len(_TRIPLE.findall(line)) % 2 == 1
    yield current


def _is_python(statement: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(statement)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
