"""gunicorn's configuration files: they say how the application beside them is served."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator

from patchlint.discovery import syntax
from patchlint.discovery.clues import Clue, Remark
from patchlint.discovery.tree import Tree
from patchlint.model.errors import SourceError
from patchlint.model.location import Location
from patchlint.model.plan import Entrypoint

_DEFAULT = "gunicorn.conf.py"
"""The one that gunicorn reads unasked, from the folder that it is started in."""

_NAMES = (_DEFAULT, "gunicorn_conf.py", "gunicorn_config.py", "gunicorn.config.py")
_APPLICATIONS = ("wsgi.py", "app.py", "main.py", "application.py", "server.py", "asgi.py")
_OBJECTS = ("application", "app")


def find(tree: Tree) -> Iterator[Clue]:
    """``gunicorn`` with the application that the file names, else with the one that lies beside it."""
    for path in tree.named(*_NAMES):
        try:
            application, why = _named(path) or _beside(path)
        except SourceError as error:
            yield error
            continue
        if application:
            yield _command(path, application, why)
        else:
            yield Remark(
                f"{path}: configures gunicorn, but which application it serves is not to be seen: "
                "give the launch command after `--`, or in the setting `entrypoints`"
            )


def _command(path: str, application: str, why: str) -> Entrypoint:
    folder, name = os.path.split(path)
    options = () if name == _DEFAULT else ("-c", name)
    return Entrypoint("command", "gunicorn", folder, ("gunicorn", *options, application), Location(path, 1), why)


def _named(path: str) -> tuple[str, str] | None:
    for name, value in syntax.assigned(syntax.parse(path)):
        if name == "wsgi_app" and isinstance(value, ast.Constant) and isinstance(value.value, str):
            return value.value, "it configures gunicorn, and names its application"
    return None


def _beside(path: str) -> tuple[str, str]:
    folder = os.path.dirname(path)
    for file in _APPLICATIONS:
        candidate = os.path.join(folder, file)
        names = syntax.bound(syntax.parse(candidate)) if os.path.isfile(candidate) else frozenset()
        for name in _OBJECTS:
            if name in names:
                why = f"it configures gunicorn, and {file} beside it binds {name!r}"
                return f"{file.removesuffix('.py')}:{name}", why
    return "", ""
