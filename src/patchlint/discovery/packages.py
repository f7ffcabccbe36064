"""What is left to check where a folder holds nothing that is started: each top-level module."""

from __future__ import annotations

import os
from collections.abc import Iterator

from patchlint.discovery.tree import Tree, import_root
from patchlint.model.location import Location
from patchlint.model.plan import Entrypoint

_OF_TOOLS = frozenset({"setup.py", "conftest.py", "noxfile.py", "fabfile.py", "conf.py"})
"""Modules that a tool runs, never the program."""


def importable(tree: Tree) -> Iterator[Entrypoint]:
    """Each package and module that does not lie in a package of this tree, checked as if imported."""
    for path in tree.python:
        root, module = import_root(path)
        base = os.path.basename(path)
        if base in _OF_TOOLS:
            continue
        if "." not in module or (base == "__init__.py" and os.path.dirname(path) == tree.root):
            yield _entrypoint(path, root, module)


def _entrypoint(path: str, root: str, module: str) -> Entrypoint:
    """A file whose name no ``import`` can spell can only be run."""
    origin = Location(path, 1)
    if all(part.isidentifier() for part in module.split(".")):
        return Entrypoint("package", module, root, origin=origin, reason="it can be imported")
    return Entrypoint("file", path, root, origin=origin, reason="it can be run, and its name cannot be imported")
