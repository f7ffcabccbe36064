"""Syntax that the interpreter running patchlint is too old to parse, put into words that it knows.

The target may be newer than the host: the standard library of Python 3.12 uses type parameters, that of 3.13
f-strings with their own quotes inside.  Every line keeps its number.  What is rewritten:

* type parameters (reference 8.10; in 3.13 with defaults): left out, and given back to the tree as ``type_params``;
* the ``type`` statement (7.14): an assignment of a ``TypeAliasValue``;
* f-strings whose fields hold what older parsers refuse (2.4.3 since 3.12): a call of ``str.format``;
* ``except*`` (8.4.2): ``except``.
"""

from __future__ import annotations

import ast
import re
import sys
import warnings
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Final

IS_OLD: Final = sys.version_info < (3, 13)
"""Whether there is syntax that this interpreter does not know and this module does."""


class TypeAliasValue(ast.expr):
    """What a ``type`` statement binds: computed when somebody asks."""


@dataclass
class Marks:
    """What was left out of a text, by the line and the name of the statement that it belongs to."""

    parameters: dict[tuple[int, str], list[str]] = field(default_factory=dict)
    aliases: set[tuple[int, str]] = field(default_factory=set)

    def give_back(self, tree: ast.Module) -> None:
        """Put what was left out into the tree of the rewritten text."""
        for node in ast.walk(tree):
            if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                names = self.parameters.get((node.lineno, node.name), ())
                vars(node)["type_params"] = [SimpleNamespace(name=name) for name in names]
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                if (node.lineno, node.targets[0].id) in self.aliases:
                    node.value = TypeAliasValue(lineno=node.lineno, col_offset=0)


def parse(text: str, path: str = "<unknown>") -> ast.Module:
    """``ast.parse``, in newer syntax where need be.  Raises what that raises for the text as it is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of an invalid escape, for one: the program's affair
        return _parse(text, path)


def _parse(text: str, path: str) -> ast.Module:
    try:
        return ast.parse(text, path)
    except SyntaxError:
        if not IS_OLD:
            raise
        older, marks = rewritten(text)
        if older == text:
            raise
        try:
            tree = ast.parse(older, path)
        except SyntaxError:
            tree = None
        if tree is None:
            raise
        marks.give_back(tree)
        return tree


def rewritten(text: str) -> tuple[str, Marks]:
    """The text in older syntax, and what had to be left out."""
    rewriter = _Rewriter(text)
    return rewriter.until(""), rewriter.marks


_STRING = r"""(?:"{3}(?:[^"\\]|\\[\s\S]|"(?!""))*"{3}|'{3}(?:[^'\\]|\\[\s\S]|'(?!''))*'{3}"""
_STRING += r"""|"(?!"")(?:[^"\\\n]|\\[\s\S])*"|'(?!'')(?:[^'\\\n]|\\[\s\S])*')"""
_F_STRING = re.compile(r"(?:[fF][rR]?|[rR][fF])(\"{3}|'{3}|\"|')")
_PLAIN_STRING = re.compile(rf"(?:[rRbBuU]{{0,2}}){_STRING}")
_GENERIC = re.compile(r"(class|def)([ \t]+)([^\W\d]\w*)[ \t]*\[")
_ALIAS = re.compile(r"type[ \t]+([^\W\d]\w*)[ \t]*(?==(?!=)|\[)")
_EXCEPT_STAR = re.compile(r"except([ \t]*)\*")
_WORD = re.compile(r"\w+")
_SPACE = re.compile(r"(?:[ \t\f\n]|\\\n|#[^\n]*)+")
_BRACKETS: Final = {"(": ")", "[": "]", "{": "}"}


class _Rewriter:
    """Copies a text from ``place`` on, rewriting on the way.  A text it cannot follow ends up as it was."""

    def __init__(self, text: str, marks: Marks | None = None, first_line: int = 1) -> None:
        self.text = text
        self.place = 0
        self.marks = marks or Marks()
        self._first_line = first_line
        self._after_string = False
        self._depth = 0

    def until(self, ends: str) -> str:
        """Copy up to one of the characters ``ends`` outside of brackets and strings, or to the end."""
        out: list[str] = []
        while self.place < len(self.text) and not (ends and self.text[self.place] in ends):
            out.append(self._piece())
        return "".join(out)

    def _piece(self) -> str:
        text, place = self.text, self.place
        if space := _SPACE.match(text, place):
            return self._taken(space.end())
        if start := _F_STRING.match(text, place):
            return self._f_string(start)
        if plain := _PLAIN_STRING.match(text, place):
            self._after_string = True
            return self._taken(plain.end())
        if text[place] in _BRACKETS:
            self.place += 1
            self._depth += 1
            inside = self.until(_BRACKETS[text[place]])
            self._depth -= 1
            self.place += 1
            self._after_string = False
            return text[place] + inside + text[self.place - 1 : self.place]
        self._after_string = False
        return self._statement() or self._taken(word.end() if (word := _WORD.match(text, place)) else place + 1)

    def _taken(self, end: int) -> str:
        piece = self.text[self.place : end]
        self.place = end
        return piece

    @property
    def _line(self) -> int:
        return self._first_line + self.text.count("\n", 0, self.place)

    # Statements -----------------------------------------------------------------------------------
    def _statement(self) -> str:
        text, place = self.text, self.place
        if generic := _GENERIC.match(text, place):
            return self._generic(generic)
        if (alias := _ALIAS.match(text, place)) and not text[:place].rpartition("\n")[2].strip():
            return self._alias(alias)
        if sys.version_info < (3, 11) and (star := _EXCEPT_STAR.match(text, place)):
            self.place = star.end()
            return f"except{star[1] or ' '}"
        return ""

    def _parameters(self) -> tuple[list[str], int]:
        """The names in the brackets that come next, and how many lines they take."""
        start = self.place
        self.place += 1
        names: list[str] = []
        while self.place < len(self.text) and self.text[self.place] != "]":
            piece = self.until(",]")
            if name := re.match(r"(?:[\s*]|#[^\n]*\n)*([^\W\d]\w*)", piece):
                names.append(name[1])
            self.place += self.text[self.place : self.place + 1] == ","
        self.place += 1
        return names, self.text.count("\n", start, self.place)

    def _generic(self, found: re.Match[str]) -> str:
        line = self._line
        self.place = found.end() - 1
        names, lines = self._parameters()
        self.marks.parameters[line, found[3]] = names
        head = f"{found[1]}{found[2]}{found[3]}"
        if not lines:
            return head
        if (bracket := re.compile(r"[ \t]*\(").match(self.text, self.place)) is not None:
            self.place = bracket.end()
            inside = self.until(")")
            return f"{head}({lines * chr(10)}{inside}"
        return f"{head}({lines * chr(10)})"

    def _alias(self, found: re.Match[str]) -> str:
        self.marks.aliases.add((self._line, found[1]))
        self.place = found.end()
        lines = 0
        if self.text[self.place] == "[":
            _, lines = self._parameters()
        self.until("=")
        self.place += 1
        return f"{found[1]} = {'(' + lines * chr(10) + '), ' if lines else ''}lambda: "

    # f-strings ------------------------------------------------------------------------------------
    def _f_string(self, start: re.Match[str]) -> str:
        begin, after_string = self.place, self._after_string
        string = _FString(self, start)
        self._after_string = not string.is_new
        if not string.is_new:
            return self.text[begin : self.place]
        return f"{'+' if after_string else ''}{string.as_format()}{'+' if self._is_before_string() else ''}"

    def _is_before_string(self) -> bool:
        """Whether a string follows, which is then a part of the one that was read."""
        follows = _SPACE.match(self.text, self.place)
        place = follows.end() if follows and "\n" not in follows[0] else self.place
        inside = follows.end() if follows and self._depth else place
        return any(kind.match(self.text, inside) for kind in (_PLAIN_STRING, _F_STRING))


class _FString:
    """An f-string taken apart: its template for ``str.format``, and the expressions of its fields."""

    def __init__(self, rewriter: _Rewriter, start: re.Match[str]) -> None:
        self._rewriter = rewriter
        self._text = rewriter.text
        self._quote = start[1]
        self._prefix = "r" if "r" in start[0].lower().partition(self._quote)[0] else ""
        self._template: list[str] = []
        self._expressions: list[str] = []
        self.is_new = False
        rewriter.place = start.end()
        self._literal(self._quote)
        rewriter.place += len(self._quote)

    def as_format(self) -> str:
        """The string as older parsers know it."""
        arguments = ", ".join(f"({one})" for one in self._expressions)
        return f"({self._prefix}{self._quote}{''.join(self._template)}{self._quote}.format({arguments}))"

    def _literal(self, end: str) -> None:
        """Text up to the end of the string, or of a format specification."""
        rewriter, text = self._rewriter, self._text
        while rewriter.place < len(text) and not text.startswith(end, rewriter.place):
            place = rewriter.place
            pair = text[place : place + 2]
            if pair in ("{{", "}}") and end != "}":
                taken = 2
            elif text[place] == "{":
                self._field()
                continue
            elif text.startswith("\\N{", place) and not self._prefix:
                taken = text.find("}", place) - place + 1
            else:
                taken = 2 if text[place] == "\\" else 1
            self._template.append(text[place : place + taken])
            rewriter.place += max(taken, 1)

    def _field(self) -> None:
        rewriter, text = self._rewriter, self._text
        rewriter.place += 1
        begin = rewriter.place
        expression = self._expression()
        source = text[begin : rewriter.place]
        if self._quote in source or "\\" in source or "#" in source or ("\n" in source and len(self._quote) == 1):
            self.is_new = True
        shown = re.search(r"(?<![=!<>])=\s*$", expression)
        if shown:
            self._template.append("{}")
            self._expressions.append(repr(source))
            expression = expression[: shown.start()]
        self._expressions.append(expression)
        self._template.append("{")
        if text[rewriter.place : rewriter.place + 1] == "!":
            self._template.append(rewriter._taken(rewriter.place + 2))
        elif shown and text[rewriter.place : rewriter.place + 1] != ":":
            self._template.append("!r")
        if text[rewriter.place : rewriter.place + 1] == ":":
            self._template.append(rewriter._taken(rewriter.place + 1))
            self._literal("}")
        rewriter.place += 1
        self._template.append("}")

    def _expression(self) -> str:
        """A field's expression, which ends at ``!r``, ``:`` or ``}`` outside of brackets; ``!=`` is part of it."""
        rewriter, text = self._rewriter, self._text
        expression = rewriter.until("!:}")
        while text.startswith("!=", rewriter.place):
            rewriter.place += 2
            expression += "!=" + rewriter.until("!:}")
        return expression
