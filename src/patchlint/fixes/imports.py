"""An import that takes a name too early, moved into the functions that use what it binds."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final, TypeAlias

from patchlint.fixes import texts
from patchlint.model.finding import Finding
from patchlint.model.proposal import Edit, Proposal, Source

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

MOST_FUNCTIONS: Final = 3
"""Functions that an import is repeated in, before the change is worse than what it mends."""


def deferred(finding: Finding, text: str) -> Iterator[Proposal]:
    """The import at the finding's line, in the functions instead; ``text`` is that file's source.

    Nothing where the name is used outside of functions, bound twice, or may be read from elsewhere by ``__all__``.
    """
    tree = texts.parsed(text)
    if tree is None:
        return
    statement = texts.statement_at(tree, finding.location.line)
    name = _bound(statement)
    if finding.code != "PAT101" or statement is None or not name:
        return
    users = _users(tree, statement, name)
    if not users or len(users) > MOST_FUNCTIONS or not all(_has_lines(one) for one in users):
        return
    path, source = finding.location.path, ast.unparse(statement)
    inserted = [_first(path, text, user, source) for user in users]
    title = f"`{source}` moved into {', '.join(f'{one.name}()' for one in users)}"
    edits = (texts.removed(path, text, statement), *inserted)
    yield Proposal(title, "it is imported when it is used, after the patch", "unsafe", edits, (Source(path, text),))


def _bound(statement: ast.stmt | None) -> str:
    """The one name that an import binds; ``""`` for any other statement."""
    if not isinstance(statement, (ast.Import, ast.ImportFrom)) or len(statement.names) != 1:
        return ""
    alias = statement.names[0]
    if alias.name == "*" or (isinstance(statement, ast.ImportFrom) and statement.module == "__future__"):
        return ""
    return alias.asname or alias.name.partition(".")[0]


def _users(tree: ast.Module, statement: ast.stmt, name: str) -> list[Function]:
    """The innermost functions that read a name in their bodies; none where anything else reads or binds it."""
    users: dict[Function, None] = {}
    for node, function in _within(tree, None):
        if node is statement or (isinstance(node, ast.alias) and node in _names(statement)):
            continue
        if _binds_or_names(node, name):
            return []
        if isinstance(node, ast.Name) and node.id == name:
            if function is None or not isinstance(node.ctx, ast.Load):
                return []
            users[function] = None
    return list(users)


def _names(statement: ast.stmt) -> list[ast.alias]:
    return statement.names if isinstance(statement, (ast.Import, ast.ImportFrom)) else []


def _within(node: ast.AST, function: Function | None) -> Iterator[tuple[ast.AST, Function | None]]:
    """Each node, and the function whose body it is executed by: a decorator or a default is not in the body."""
    for child in ast.iter_child_nodes(node):
        inner = function
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and child in node.body:
            inner = node
        yield child, inner
        yield from _within(child, inner)


def _binds_or_names(node: ast.AST, name: str) -> bool:
    """Whether a node gives the name another meaning, or lets others read it from the module."""
    if isinstance(node, ast.alias):
        return (node.asname or node.name.partition(".")[0]) == name
    if isinstance(node, ast.arg):
        return node.arg == name
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler)):
        return node.name == name
    if isinstance(node, (ast.Global, ast.Nonlocal)):
        return name in node.names
    return isinstance(node, ast.Constant) and node.value == name


def _has_lines(function: Function) -> bool:
    """Whether the body begins on a line of its own."""
    return function.body[0].lineno > function.lineno and not isinstance(function.body[0], ast.ClassDef | Function)


def _first(path: str, text: str, function: Function, source: str) -> Edit:
    """The import before a function's first statement, behind its docstring."""
    first = function.body[0]
    is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    line = (first.end_lineno or first.lineno) + 1 if is_docstring else first.lineno
    indent = texts.lines_of(text)[first.lineno - 1][: first.col_offset]
    return Edit(path, line, line, f"{indent}{source}\n\n")
