"""Reads a Python file just closely enough to see what it is."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from patchlint.model.errors import SourceError
from patchlint.sources import lowering
from patchlint.sources.reader import decode


def read(path: str) -> bytes:
    """A file's bytes.  Raises SourceError."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise SourceError(path, 0, f"cannot be read: {error.strerror}") from error


def lines(path: str) -> list[str]:
    """The lines of a file that is no Python.  Raises SourceError."""
    return decode(read(path), path).splitlines()


def assignments(path: str) -> dict[str, str]:
    """``NAME=value`` of each line of an environment file.  Raises SourceError."""
    found: dict[str, str] = {}
    for line in lines(path):
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and name.strip().isidentifier():
            found[name.strip()] = value.strip().strip("\"'")
    return found


def continued(path: str) -> Iterator[tuple[int, str]]:
    """Lines that a backslash joins, as one, with the number of the first; comments in between are left out."""
    start, text = 0, ""
    for number, line in enumerate(lines(path), 1):
        if text and line.lstrip().startswith("#"):
            continue
        start = start if text else number
        if line.endswith("\\"):
            text += line[:-1] + " "
        else:
            yield start, text + line
            text = ""
    if text:
        yield start, text


@lru_cache(maxsize=8)
def parse(path: str) -> ast.Module:
    """A file's syntax tree.  Raises SourceError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return lowering.parse(decode(read(path), path), path)


def top_level(statements: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run when the module does, those of its branches and handlers included."""
    for statement in statements:
        yield statement
        for field in ("body", "orelse", "finalbody"):
            if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield from top_level(getattr(statement, field, []))
        for handler in getattr(statement, "handlers", []):
            yield from top_level(handler.body)


def has_main_guard(tree: ast.Module) -> bool:
    """Whether the module has an ``if __name__ == "__main__":``."""
    return any(isinstance(statement, ast.If) and _asks_for_main(statement.test) for statement in top_level(tree.body))


def _asks_for_main(test: ast.expr) -> bool:
    for node in ast.walk(test):
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq):
            sides = (node.left, node.comparators[0])
            names = any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides)
            if names and any(isinstance(side, ast.Constant) and side.value == "__main__" for side in sides):
                return True
    return False


def imports_relatively(tree: ast.Module) -> bool:
    """Whether the module imports from its own package by dots, and so cannot run as a file."""
    return any(isinstance(statement, ast.ImportFrom) and statement.level > 0 for statement in top_level(tree.body))


def assigned(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """The names that top-level statements assign, each with its value."""
    for statement in top_level(tree.body):
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    yield target.id, statement.value
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value:
            yield statement.target.id, statement.value


def bound(tree: ast.Module) -> frozenset[str]:
    """The names that top-level statements bind, by assignment, import or definition."""
    names = {name for name, _ in assigned(tree)} | set(imported(tree))
    for statement in top_level(tree.body):
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(statement.name)
    return frozenset(names)


def imported(tree: ast.Module) -> dict[str, str]:
    """The names that top-level imports bind, each with the qualified name it stands for."""
    names: dict[str, str] = {}
    for statement in top_level(tree.body):
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                top = alias.name.partition(".")[0]
                names[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                names[alias.asname or alias.name] = f"{statement.module or ''}.{alias.name}"
    return names


def qualified(node: ast.expr, names: dict[str, str]) -> str:
    """The dotted name that an expression spells, through the module's imports; ``""`` where it is none."""
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        base = qualified(node.value, names)
        return f"{base}.{node.attr}" if base else ""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "__import__":
        first = node.args[0] if node.args else None
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            return first.value.partition(".")[0]
    return ""
