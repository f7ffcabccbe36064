"""Reads what an editable install's finder would serve, out of the module that a ``.pth`` line imports.

Two kinds are known.  setuptools writes ``__editable___NAME_VERSION_finder.py``, whose ``MAPPING``
and ``NAMESPACES`` are literals (setuptools/command/editable_wheel.py, since 64.0); it appends a
finder to ``sys.meta_path`` and, for namespaces, a placeholder to ``sys.path``.  The ``editables``
package, which hatchling uses, writes ``_editable_impl_NAME.py`` with ``map_module(name, file)`` calls.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec

_FINDER: Final = re.compile(r"\b(__editable__\w*_finder|_editable_impl_\w+)\b")


@dataclass(frozen=True, slots=True)
class EditableFinder:
    """``mapping``: module name to folder (without ``__init__.py``), suffixless file, or file.

    ``placeholder`` is the entry that stands on the search path for ``namespaces``, None without any.
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    namespaces: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    placeholder: str | None = None


def finder_of(line: str, search_path: list[str]) -> EditableFinder | None:
    """The finder that an ``import`` line of a ``.pth`` file installs, if it is one of the known kinds."""
    if (match := _FINDER.search(line)) is None:
        return None
    for folder in search_path:
        try:
            return read_finder(Path(folder, f"{match[1]}.py").read_bytes())
        except OSError:
            continue
    return None


def read_finder(source: bytes) -> EditableFinder | None:
    """The literals of a finder's module; None where they are not what they should be."""
    try:
        statements = ast.parse(source).body
        constants = dict(_constants(statements))
        namespaces = msgspec.convert(constants.get("NAMESPACES", {}), dict[str, tuple[str, ...]])
        mapping = msgspec.convert(constants.get("MAPPING", {}), dict[str, str]) | dict(_redirections(statements))
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        return None
    placeholder = constants.get("PATH_PLACEHOLDER")
    return EditableFinder(mapping, namespaces, placeholder if namespaces and isinstance(placeholder, str) else None)


def _constants(statements: list[ast.stmt]) -> Iterator[tuple[str, Any]]:
    for statement in statements:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                pass
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                pass
            case _:
                continue
        if name in {"MAPPING", "NAMESPACES", "PATH_PLACEHOLDER"}:
            yield name, _literal(value)


def _literal(node: ast.expr) -> Any:
    """A literal's value; ``"name" + ".suffix"`` is one, as PATH_PLACEHOLDER is written so.  Raises ValueError."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _literal(node.left), _literal(node.right)
        if isinstance(left, str) and isinstance(right, str):
            return left + right
    return ast.literal_eval(node)


def _redirections(statements: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    for statement in statements:
        match statement:
            case ast.Expr(
                ast.Call(ast.Attribute(attr="map_module"), [ast.Constant(str(name)), ast.Constant(str(path))])
            ):
                yield name, path
