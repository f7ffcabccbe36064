"""Compose files: the command of each service."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

from patchlint.discovery import syntax
from patchlint.discovery.clues import Clue
from patchlint.discovery.commands import Place, in_shell
from patchlint.discovery.dockerfile import command
from patchlint.discovery.tree import Tree
from patchlint.model.errors import SourceError
from patchlint.model.location import Location

_NAME = re.compile(r"(docker-)?compose([.-][\w.-]+)?\.ya?ml")


def find(tree: Tree) -> Iterator[Clue]:
    """What each service starts, where the file says so itself."""
    for path in tree.files:
        if _NAME.fullmatch(os.path.basename(path)):
            try:
                yield from _services(path)
            except SourceError as error:
                yield error


def _services(path: str) -> Iterator[Clue]:
    services = _below(_document(path), "services")
    for service in _values(services):
        given = _below(service, "command") or _below(service, "entrypoint")
        if given is None:
            continue
        context = _below(service, "build")
        where = context.value if isinstance(getattr(context, "value", None), str) else _text(_below(context, "context"))
        folder = os.path.normpath(os.path.join(os.path.dirname(path), where or "."))
        location = Location(path, given.start_mark.line + 1)
        root = _text(_below(service, "working_dir")) or "/app"
        place = Place(location, folder, "compose file", _environment(_below(service, "environment")), root)
        if isinstance(given.value, str):
            yield from in_shell(given.value.replace("$$", "$"), place)
        else:
            yield from command([str(item.value) for item in given.value], place)


def _document(path: str) -> Any:
    """The tree of nodes, each with its place.  Raises SourceError."""
    import yaml

    try:
        return yaml.compose("\n".join(syntax.lines(path)), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise SourceError(path, line, f"not valid YAML: {error.problem}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise SourceError(path, 0, f"not valid YAML: {str(error).splitlines()[0]}") from error


def _below(node: Any, name: str) -> Any:
    """The node under a key of a mapping, None where there is none."""
    if getattr(node, "id", "") != "mapping":
        return None
    return next((value for key, value in node.value if key.value == name), None)


def _values(node: Any) -> Iterator[Any]:
    if getattr(node, "id", "") == "mapping":
        yield from (value for _, value in node.value)


def _text(node: Any) -> str | None:
    return node.value if getattr(node, "id", "") == "scalar" else None


def _environment(node: Any) -> dict[str, str]:
    """``{A: 1}`` or ``[A=1]``."""
    if getattr(node, "id", "") == "mapping":
        return {str(key.value): str(value.value) for key, value in node.value}
    items = [str(item.value) for item in node.value] if getattr(node, "id", "") == "sequence" else []
    return dict(item.split("=", 1) for item in items if "=" in item)
