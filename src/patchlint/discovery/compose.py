"""Compose files: the command of each service.

A service that does not parse loses only itself: the others are read without it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
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
    lines = syntax.lines(path)
    try:
        yield from _commands(path, _document(path, lines))
    except SourceError as error:
        yield error
        for block in _blocks(lines):
            with suppress(SourceError):
                yield from _commands(path, _document(path, block))


def _blocks(lines: Sequence[str]) -> Iterator[list[str]]:
    """The text with one service only, in its lines; what is not its own is blank."""
    top = next((n for n, line in enumerate(lines) if line.rstrip().rstrip(":") == "services"), len(lines))
    starts = [n for n, line in enumerate(lines) if n > top and re.match(r"\s+[\w.-]+:\s*(#.*)?$", line)]
    indent = min((len(lines[n]) - len(lines[n].lstrip()) for n in starts), default=0)
    starts = [n for n in starts if len(lines[n]) - len(lines[n].lstrip()) == indent]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=False):
        stop = next((n for n in range(start, end) if n > start and re.match(r"[\w-]", lines[n])), end)
        yield [line if n == top or start <= n < stop else "" for n, line in enumerate(lines)]


def _commands(path: str, document: Any) -> Iterator[Clue]:
    services = _below(document, "services")
    for service in _values(services):
        first, given = (_inherited(service, services, key) for key in ("entrypoint", "command"))
        if first is None and given is None:
            continue
        context = _inherited(service, services, "build")
        where = context.value if isinstance(getattr(context, "value", None), str) else _text(_below(context, "context"))
        folder = os.path.normpath(os.path.join(os.path.dirname(path), where or "."))
        location = Location(path, (given or first).start_mark.line + 1)
        root = _text(_inherited(service, services, "working_dir")) or "/app"
        place = Place(location, folder, "compose file", _variables(path, service, services), root)
        words = _words(given or first)
        if words is None:
            yield from in_shell((given or first).value.replace("$$", "$"), place)
        elif given is None:
            yield from command(words, place)
        else:  # a script that prepares something executes what it is given
            yield from list(command([*(_words(first) or ()), *words], place)) or list(command(words, place))


def _words(node: Any) -> list[str] | None:
    """The words of a list, none of anything else; None for a text."""
    if node is not None and node.id == "scalar":
        return None
    items = node.value if node is not None and node.id == "sequence" else ()
    return [item.value.replace("$$", "$") for item in items if isinstance(item.value, str)]


def _document(path: str, lines: Sequence[str]) -> Any:
    """The tree of nodes, each with its place.  Raises SourceError."""
    import yaml

    try:
        return yaml.compose("\n".join(lines), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise SourceError(path, line, f"not valid YAML: {error.problem}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise SourceError(path, 0, f"not valid YAML: {str(error).splitlines()[0]}") from error


def _below(node: Any, name: str) -> Any:
    """The node under a key of a mapping or of one that is merged into it (``<<: *base``), None where there is none."""
    if getattr(node, "id", "") != "mapping":
        return None
    own = next((value for key, value in node.value if key.value == name), None)
    if own is not None:
        return own
    merged = [value for key, value in node.value if key.value == "<<"]
    bases = [one for value in merged for one in (value.value if value.id == "sequence" else (value,))]
    return next((found for base in bases if (found := _below(base, name)) is not None), None)


def _inherited(service: Any, services: Any, name: str, depth: int = 8) -> Any:
    """What a service says, or the one of this file that it ``extends``."""
    own = _below(service, name)
    base = _below(service, "extends")
    if own is not None or base is None or not depth:
        return own
    if _below(base, "file") is not None:
        return None
    base = _below(services, _text(base) or _text(_below(base, "service")) or "")
    return _inherited(base, services, name, depth - 1)


def _variables(path: str, service: Any, services: Any) -> dict[str, str]:
    """Those of ``env_file``, as far as the files are here, and of ``environment``."""
    given = _inherited(service, services, "env_file")
    entries = given.value if getattr(given, "id", "") == "sequence" else [given]
    names = [_text(entry) or _text(_below(entry, "path")) for entry in entries]
    known: dict[str, str] = {}
    for name in filter(None, names):
        with suppress(SourceError):
            known |= syntax.assignments(os.path.join(os.path.dirname(path), name))
    return known | _environment(_inherited(service, services, "environment"))


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
