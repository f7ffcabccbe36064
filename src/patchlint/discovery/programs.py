"""Python files that are started, told by their name or by what stands in them."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from patchlint.discovery import syntax
from patchlint.discovery.clues import Clue, PassedBy, Remark
from patchlint.discovery.tree import Tree, import_root
from patchlint.model.errors import SourceError
from patchlint.model.location import Location
from patchlint.model.plan import Entrypoint
from patchlint.sources import hints

_NAMES = frozenset({"wsgi.py", "asgi.py", "manage.py", "locustfile.py", "__main__.py"})
"""What a file may be named that is worth parsing whatever stands in it."""


@dataclass(frozen=True, slots=True)
class Program:
    """A Python file under suspicion: its path, its syntax, and the folder that the search began in."""

    path: str
    tree: ast.Module
    cwd: str

    @property
    def name(self) -> str:
        """The file's name."""
        return os.path.basename(self.path)


def find(tree: Tree) -> Iterator[Clue]:
    """Entrypoints among the Python files: the first of ``RECOGNISERS`` that knows a file decides."""
    for path in tree.python:
        try:
            if os.path.getsize(path) > hints.TOO_LARGE:
                yield Remark(f"{path}: passed by for its size (name it to have it checked)")
            elif os.path.basename(path) in _NAMES or hints.are_in(syntax.read(path)):
                yield from _recognised(Program(path, syntax.parse(path), tree.root))
            else:
                yield PassedBy(path)
        except OSError as error:
            yield SourceError(path, 0, f"cannot be read: {error.strerror}")
        except SourceError as error:
            yield error


def _recognised(program: Program) -> Iterator[Entrypoint]:
    for recogniser in RECOGNISERS:
        if (entrypoint := recogniser(program)) is not None:
            yield entrypoint
            return


def _file(program: Program, reason: str, line: int = 1) -> Entrypoint:
    return Entrypoint("file", program.path, program.cwd, origin=Location(program.path, line), reason=reason)


def management_script(program: Program) -> Entrypoint | None:
    """Django's ``manage.py``."""
    if program.name != "manage.py":
        return None
    return _file(program, "it is named manage.py, as Django's command is")


def locust_file(program: Program) -> Entrypoint | None:
    """``locustfile.py``, which the ``locust`` command loads."""
    if program.name != "locustfile.py":
        return None
    folder = os.path.dirname(program.path)
    command = ("locust", "-f", program.name)
    origin = Location(program.path, 1)
    return Entrypoint("command", command[0], folder, command, origin, "it is named locustfile.py, which locust loads")


def main_module(program: Program) -> Entrypoint | None:
    """``__main__.py``: ``python -m package``, or ``python folder`` where the folder is no package."""
    if program.name != "__main__.py":
        return None
    root, name = import_root(program.path)
    package = name.removesuffix("__main__").removesuffix(".")
    if not package:
        return _file(program, "it is a __main__.py, which `python FOLDER` runs")
    reason = f"it is a __main__.py, which `python -m {package}` runs"
    return Entrypoint("module", package, root, origin=Location(program.path, 1), reason=reason)


def server_module(program: Program) -> Entrypoint | None:
    """``wsgi.py`` and ``asgi.py``, whose ``application`` or ``app`` a server loads."""
    if program.name not in {"wsgi.py", "asgi.py"}:
        return None
    root, module = import_root(program.path)
    names = syntax.bound(program.tree)
    known = next((name for name in ("application", "app") if name in names), None)
    origin = Location(program.path, 1)
    if known is None:
        return Entrypoint("package", module, root, origin=origin, reason=f"it is named {program.name}")
    reason = f"it is named {program.name}, and binds {known!r} for a server to load"
    return Entrypoint("object", f"{module}:{known}", root, origin=origin, reason=reason)


def main_guard(program: Program) -> Entrypoint | None:
    """A file with ``if __name__ == "__main__":``."""
    if not syntax.has_main_guard(program.tree):
        return None
    root, module = import_root(program.path)
    if "." in module and syntax.imports_relatively(program.tree):
        reason = f"it has a main guard, and relative imports, which need `python -m {module}`"
        return Entrypoint("module", module, root, origin=Location(program.path, 1), reason=reason)
    return _file(program, "it has a main guard")


_CELERY = frozenset({"celery.Celery", "celery.app.Celery", "celery.app.base.Celery"})


def celery_application(program: Program) -> Entrypoint | None:
    """A module that binds a ``celery.Celery`` object."""
    names = syntax.imported(program.tree)
    for name, value in syntax.assigned(program.tree):
        if isinstance(value, ast.Call) and syntax.qualified(value.func, names) in _CELERY:
            root, module = import_root(program.path)
            origin = Location(program.path, value.lineno)
            return Entrypoint("object", f"{module}:{name}", root, origin=origin, reason="it binds a Celery application")
    return None


def patching_module(program: Program) -> Entrypoint | None:
    """A file with a patch call at its top level."""
    names = syntax.imported(program.tree)
    for statement in syntax.top_level(program.tree.body):
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            called = syntax.qualified(statement.value.func, names)
            if _PATCH.match(called):
                return _imported_or_run(program, f"it calls {called}() at its top level", statement.lineno)
    return None


_PATCH = re.compile(r"gevent\.monkey\.patch_\w+$|eventlet\.(patcher\.)?monkey_patch$")


def _imported_or_run(program: Program, reason: str, line: int) -> Entrypoint:
    """A module of a package cannot be run as a file: it is imported."""
    root, module = import_root(program.path)
    if "." not in module and os.path.dirname(program.path) == root:
        return _file(program, reason, line)
    return Entrypoint("package", module, root, origin=Location(program.path, line), reason=reason)


Recogniser: TypeAlias = Callable[[Program], Entrypoint | None]

RECOGNISERS: tuple[Recogniser, ...] = (
    management_script,
    locust_file,
    main_module,
    server_module,
    main_guard,
    celery_application,
    patching_module,
)
