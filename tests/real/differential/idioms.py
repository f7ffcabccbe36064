"""Idioms of the language and its library, in ``idioms.txt``: texts with gaps that a random program fills.

``<n>`` is a number of its own, ``<module>`` the name of a module of the program, ``<name>`` and ``<fresh>`` are names,
``<taken>`` and ``<value>`` expressions, ``<test>`` a condition; ``<import>`` and ``<block>`` are statements.
"""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from differential.programs import Writer

NEWER = "newer"
"""The kind whose grammar is that of Python 3.11: in a text, as others could not parse it."""


def read(text: str) -> dict[str, list[str]]:
    """The idioms by their kinds."""
    kinds = (part.partition("\n") for part in text.split("=== ")[1:])
    return {kind: idioms.split("---\n") for kind, _, idioms in kinds}


IDIOMS = read(Path(__file__).with_suffix(".txt").read_text("utf-8"))
KINDS = [kind for kind in IDIOMS if kind != NEWER]
_GAP = re.compile(r"^( *)<(import|block)>$|<([a-z]+)>", re.MULTILINE)


def idiom(writer: Writer, depth: int) -> str:
    """One of all, filled."""
    if writer.chance(40):
        text = filled(writer, writer.pick(IDIOMS[NEWER]), 1)
        return f"if __import__('sys').version_info >= (3, 11):\n    exec({text!r})\n"
    return filled(writer, writer.pick(IDIOMS[writer.pick(KINDS)]), depth)


def filled(writer: Writer, text: str, depth: int) -> str:
    """A text with its gaps filled, those for statements over as many lines as they take."""
    writer.used += 1
    number = str(writer.used)

    def gap(match: re.Match[str]) -> str:
        space, statements, name = match.groups()
        if statements:
            lines = writer.block(depth + 1, 2) if statements == "block" else imports(writer)
            return indent(lines.rstrip("\n"), space)
        return number if name == "n" else _FILLERS[name](writer)

    return _GAP.sub(gap, text)


def imports(writer: Writer) -> str:
    return writer.pick((writer.import_, writer.from_, writer.submodule, writer.take))(1)


_FILLERS = {
    "module": lambda writer: writer.other(),
    "stem": lambda writer: writer.other().rpartition(".")[2],
    "file": lambda writer: (
        f"__import__('os').path.join(__import__('os').path.dirname(__file__), {writer.pick('abc')!r} + '.py')"
    ),
    "name": lambda writer: writer.name_of(writer.other()),
    "own": lambda writer: writer.own_name(),
    "fresh": lambda writer: writer.fresh(),
    "taken": lambda writer: writer.taken(),
    "value": lambda writer: writer.value(),
    "base": lambda writer: writer.base(),
    "test": lambda writer: writer.test(),
    "import": lambda writer: imports(writer).rstrip("\n"),
    "digit": lambda writer: writer.pick("012"),
    "flag": lambda writer: writer.pick(("True", "False")),
    "error": lambda writer: writer.pick(("OSError", "KeyError", "ZeroDivisionError", "TypeError", "TimeoutError")),
}
