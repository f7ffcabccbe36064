"""The commands that a ``pyproject.toml`` declares: ``[project.scripts]`` and its kin."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from patchlint.config import read_toml
from patchlint.discovery.clues import Clue
from patchlint.discovery.tree import Tree
from patchlint.model.errors import ConfigError
from patchlint.model.location import Location
from patchlint.model.plan import Entrypoint

_TABLES = (("project", "scripts"), ("project", "gui-scripts"), ("tool", "poetry", "scripts"))
_REFERENCE = re.compile(r"\s*([\w.]+)\s*:\s*([\w.]+)")
"""``module:object``, as the entry-points specification has it, extras left aside."""


def find(tree: Tree) -> Iterator[Clue]:
    """One entrypoint for each script: an installer's wrapper imports the module and calls the function."""
    for path in tree.named("pyproject.toml"):
        try:
            text, document = read_toml(Path(path))
        except ConfigError as error:
            yield error
            continue
        for keys in _TABLES:
            for name, reference in _table(document, keys).items():
                yield from _script(path, text, ".".join(keys), name, reference)


def _table(document: Mapping[str, Any], keys: tuple[str, ...]) -> Mapping[str, Any]:
    value: Any = document
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _script(path: str, text: str, table: str, name: str, reference: object) -> Iterator[Clue]:
    """Poetry also knows ``{reference = "...", type = "console"}``, and files, which are installed as they are."""
    origin = Location(path, _line(text, name))
    kind = reference.get("type") if isinstance(reference, dict) else None
    if isinstance(reference, dict):
        reference = reference.get("reference", reference.get("callable"))
    if kind == "file":
        file = os.path.join(os.path.dirname(path), str(reference))
        if file.endswith(".py"):
            why = f"{name!r} in [{table}] is this file"
            yield Entrypoint("file", os.path.normpath(file), os.path.dirname(path), origin=origin, reason=why)
        return
    match = _REFERENCE.match(reference) if isinstance(reference, str) else None
    if match is None:
        yield ConfigError(path, origin.line, f'{name!r} in [{table}] names no function: write "module:function"')
        return
    module, function = match.groups()
    cwd = module_root(os.path.dirname(path), module)
    yield Entrypoint("object", f"{module}:{function}()", cwd, origin=origin, reason=f"{name!r} in [{table}] calls it")


def _line(text: str, name: str) -> int:
    pattern = re.compile(rf"""\s*["']?{re.escape(name)}["']?\s*=""")
    return next((number for number, line in enumerate(text.splitlines(), 1) if pattern.match(line)), 1)


def module_root(folder: str, module: str) -> str:
    """The folder that a project's module is imported from: its own, or its ``src``."""
    top = module.partition(".")[0]
    for root in (folder, os.path.join(folder, "src")):
        if os.path.isdir(os.path.join(root, top)) or os.path.isfile(os.path.join(root, top + ".py")):
            return root
    return folder
