"""Leave function bodies out before parsing: most lines of a closure are bodies that import time never runs.

A body is replaced by ``pass`` on its last line, so every line keeps its number and every function its end.
What is left parses to the same summary (a test holds that over whole environments), because

* strings and comments are matched as the tokenizer matches them, in what is kept and in what is left out;
* a body ends before the first line of code that is indented no further than its ``def``.  Where that line
  is the middle of a bracket or of a string that this module misread, what is left of it is no valid
  Python: its brackets or its indentation do not fit, and the caller parses the whole text instead.

A syntax error inside a body goes unseen.
"""

from __future__ import annotations

import re
import sys
from functools import lru_cache
from typing import Final

IS_POSSIBLE: Final = sys.version_info >= (3, 11)
"""The patterns need possessive quantifiers, without which they take exponential time on what they do not match."""

_STRING: Final = (
    r"""(?:"{3}(?:[^"\\]++|\\[\s\S]|"(?!""))*+"{3}|'{3}(?:[^'\\]++|\\[\s\S]|'(?!''))*+'{3}"""
    r"""|"(?!"")(?:[^"\\\n]++|\\[\s\S])*+"|'(?!'')(?:[^'\\\n]++|\\[\s\S])*+')"""
)
_COMMENT: Final = r"\#[^\n]*+"
_DEPTH: Final = 5
"""How deep brackets may be nested in the head of a function whose body is left out."""


@lru_cache(maxsize=1)
def _kept() -> re.Pattern[str]:
    """Text up to a line break that a line with ``def`` follows: reference 2.1, logical lines do not matter here."""
    return re.compile(rf"""(?:[^"'#\n]++|{_STRING}|{_COMMENT}|\n(?![ \t]*+(?:async[ \t]++)?def[ \t]))*+""")


def _inside_brackets(depth: int) -> str:
    nested = rf"|[(\[{{]{_inside_brackets(depth - 1)}[)\]}}]" if depth else ""
    return rf"""(?:[^()\[\]{{}}"'#]++|{_STRING}|{_COMMENT}{nested})*+"""


@lru_cache(maxsize=1)
def _head() -> re.Pattern[str]:
    """8.7 ``def name[parameters](parameters) -> annotation:`` with nothing after it on the line."""
    brackets = _inside_brackets(_DEPTH)
    annotation = rf"""(?:[^()\[\]{{}}"'#:\n]++|{_STRING}|[(\[{{]{brackets}[)\]}}])*+"""
    parameters = rf"(?:\[{brackets}\][ \t]*+)?\({brackets}\)"
    name = r"([ \t]*+)(?:async[ \t]++)?def[ \t]++\w++[ \t]*+"
    return re.compile(rf"{name}{parameters}{annotation}:[ \t]*+(?:{_COMMENT})?\n")


@lru_cache(maxsize=64)
def _body(indent: str) -> re.Pattern[str]:
    """Lines of code indented further than ``indent``, with the empty lines and comments between them."""
    between = rf"(?:[ \t\f]*+(?:{_COMMENT})?\n)*+"
    code = rf"""{indent}[ \t]++(?:[^\s"'#\\]|{_STRING}|\\[\s\S])(?:[^\n"'#\\]++|{_STRING}|{_COMMENT}|\\[\s\S])*+\n"""
    return re.compile(rf"(?:{between}{code})*+")


def skeleton(text: str) -> str | None:
    """The text without function bodies; None where this cannot tell what is a string.

    ``text`` has ``\\n`` for line ends.  The answer parses to what the text parses to, or not at all.
    """
    if not text.endswith("\n"):
        text += "\n"
    parts: list[str] = []
    done = 0
    start = 0 if _head().match(text) else _end_of_kept(text, 0)
    while start < len(text):
        if start and text[start - 1] != "\n":
            return None
        definition = _head().match(text, start)
        if definition and (end := _end_of_body(text, definition)):
            lines = text.count("\n", definition.end(), end)
            parts += text[done : definition.end()], "\n" * (lines - 1), definition[1], " pass\n"
            done = end
            start = end - 1
        start = _end_of_kept(text, start)
    return "".join((*parts, text[done:]))


def _end_of_kept(text: str, start: int) -> int:
    """Where the next line with ``def`` begins; past the end if there is none; anywhere else for a string unclosed."""
    match = _kept().match(text, start)
    return (match.end() if match else start) + 1


def _end_of_body(text: str, definition: re.Match[str]) -> int:
    """Where the line after the body's last line of code begins, 0 where that is not sure."""
    match = _body(definition[1]).match(text, definition.end())
    end = match.end() if match else 0
    last_line = text.rfind("\n", 0, end - 1) if end > definition.end() else 0
    # What a backslash joins to a line may be empty or a comment, and then ends nothing.
    return end if last_line > 0 and text[last_line - 1] != "\\" else 0
