"""A source text and its lines: where a first statement goes, what a statement's lines are, and edits carried out."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from patchlint.model.proposal import Edit, Proposal, Source

Read: TypeAlias = Callable[[str], str | None]
"""The text of a file, None where it cannot be read."""


def lines_of(text: str) -> list[str]:
    """Lines as the tokenizer counts them, ended by a newline only: a form feed ends none."""
    *whole, rest = text.split("\n")
    return [f"{line}\n" for line in whole] + ([rest] if rest else [])


def edited(text: str, edits: Sequence[Edit]) -> str:
    """The text after all edits; none overlaps another."""
    lines = lines_of(text)
    for edit in sorted(edits, key=lambda one: (one.line, one.end), reverse=True):
        if edit.line > len(lines) and lines and not lines[-1].endswith("\n"):
            lines[-1] += "\n"
        lines[edit.line - 1 : edit.end - 1] = [edit.text]
    return "".join(lines)


def changed(proposals: Iterable[Proposal]) -> dict[str, str]:
    """The text of each file after all changes; none overlaps another."""
    return {source.path: edited(source.text, edits) for source, edits in by_file(proposals)}


def by_file(proposals: Iterable[Proposal]) -> list[tuple[Source, list[Edit]]]:
    """Each file that changes touch, as it was, and the edits of all of them to it."""
    changes = list(proposals)
    sources = {source.path: source for one in changes for source in one.sources}
    edits: dict[str, list[Edit]] = {}
    for edit in (edit for one in changes for edit in one.edits):
        edits.setdefault(edit.path, []).append(edit)
    return [(sources[path], found) for path, found in edits.items()]


def collide(one: Proposal, other: Proposal) -> bool:
    """Whether two changes touch the same lines, or put something in at the same place."""
    if one.command and other.command and one.started == other.started:
        return True
    return any(a.path == b.path and _touch(a, b) for a in one.edits for b in other.edits)


def _touch(a: Edit, b: Edit) -> bool:
    return a.line == b.line or (a.line < b.end and b.line < a.end)


def moved(line: int, edits: Sequence[Edit]) -> int:
    """Where a line of the text before is after the edits; 0 where it was taken out.

    Where lines take the place of as many, each is taken for the one that it replaces.
    """
    shift = 0
    for edit in edits:
        if edit.line <= line < edit.end and edit.text.count("\n") != edit.end - edit.line:
            return 0
        if edit.end <= line:
            shift += edit.text.count("\n") - (edit.end - edit.line)
    return line + shift


def parsed(text: str) -> ast.Module | None:
    """A text's tree, None where it is no Python."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None


def begins(statement: ast.stmt) -> int:
    """A statement's first line: that of its first decorator, where it has one."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(one.lineno for one in decorators)])


def first_line(text: str, tree: ast.Module) -> int:
    """The line before which a first statement goes: behind the shebang, the docstring and ``__future__``.

    0 where there is no such line, since another statement shares theirs.
    """
    last = 0
    for index, statement in enumerate(tree.body):
        is_docstring = index == 0 and isinstance(statement, ast.Expr) and _is_text(statement.value)
        is_future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
        if not (is_docstring or is_future):
            if statement.lineno == last:
                return 0
            break
        last = statement.end_lineno or statement.lineno
    if last:
        return last + 1
    return 1 + sum(1 for _ in _head(text))


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _head(text: str) -> Iterator[str]:
    """The comments that a file begins with: a shebang, an encoding, a licence."""
    for line in lines_of(text):
        if not line.startswith("#"):
            return
        yield line


def statement_at(tree: ast.Module, line: int) -> ast.stmt | None:
    """The statement of the module itself that a line belongs to, if it has its lines to itself."""
    for index, statement in enumerate(tree.body):
        end = statement.end_lineno or statement.lineno
        if statement.lineno <= line <= end:
            before = tree.body[index - 1].end_lineno if index else 0
            after = tree.body[index + 1].lineno if index + 1 < len(tree.body) else end + 1
            return statement if before != statement.lineno and after != end else None
    return None


def names_used(tree: ast.Module, name: str) -> int:
    """How often a name is read in a module."""
    return sum(1 for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == name)


def removed(path: str, text: str, statement: ast.stmt) -> Edit:
    """A statement's lines, and the empty line behind it where there is one before it too."""
    end = (statement.end_lineno or statement.lineno) + 1
    is_alone = _is_empty(text, statement.lineno - 1) and _is_empty(text, end)
    return Edit(path, statement.lineno, end + is_alone, "")


def _is_empty(text: str, number: int) -> bool:
    lines = lines_of(text)
    return not (0 < number <= len(lines) and lines[number - 1].strip())
