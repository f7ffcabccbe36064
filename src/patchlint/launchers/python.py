"""What Python itself starts: a file, a module, an object of a module, a package."""

from __future__ import annotations

import os

from patchlint.model.plan import Entrypoint, ImportModule, InsertPath, LoadObject, Plan, RunFile, RunModule, RunText


def plan(entrypoint: Entrypoint) -> Plan:
    """``python FILE``, ``python -m MODULE``, ``import MODULE`` and an object in it, ``import PACKAGE``."""
    if entrypoint.kind == "file":
        return file(os.path.join(entrypoint.cwd, entrypoint.spec), entrypoint.argv)
    if entrypoint.kind == "module":
        return module(entrypoint.spec, entrypoint.cwd, entrypoint.argv)
    if entrypoint.kind == "object":
        return loaded(entrypoint)
    return imported(entrypoint)


def file(path: str, argv: tuple[str, ...] = ()) -> Plan:
    """``python FILE``: the file's folder comes first on the path (``sys.path[0]``)."""
    yield InsertPath(os.path.dirname(path))
    yield RunFile(path, argv=(path, *argv[1:]) if argv else (path,))


def text(source: str, cwd: str, argv: tuple[str, ...]) -> Plan:
    """``python -c TEXT``: the working directory comes first on the path."""
    yield InsertPath(cwd)
    yield RunText(source, argv)


def module(name: str, cwd: str, argv: tuple[str, ...] = ()) -> Plan:
    """``python -m MODULE``: the working directory comes first on the path."""
    yield InsertPath(cwd)
    yield RunModule(name, argv or (name,))


def loaded(entrypoint: Entrypoint) -> Plan:
    """``MODULE:EXPRESSION``, as a server loads its application."""
    name, _, expression = entrypoint.spec.partition(":")
    yield InsertPath(entrypoint.cwd)
    yield LoadObject(name, expression, entrypoint.origin)


def imported(entrypoint: Entrypoint) -> Plan:
    """``import PACKAGE``."""
    yield InsertPath(entrypoint.cwd)
    yield ImportModule(entrypoint.spec, location=entrypoint.origin)
