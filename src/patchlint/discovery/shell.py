"""Shell scripts that start a server."""

from __future__ import annotations

import os
from collections.abc import Iterator

from patchlint.discovery import syntax
from patchlint.discovery.clues import Clue
from patchlint.discovery.commands import LAUNCHERS, Place, in_shell
from patchlint.discovery.tree import Tree
from patchlint.model.errors import SourceError
from patchlint.model.location import Location

_TOO_LONG = 200_000  # bytes


def find(tree: Tree) -> Iterator[Clue]:
    """The launch commands of scripts, each line by itself."""
    for path in tree.files:
        if path.endswith((".sh", ".bash")):
            try:
                if os.path.getsize(path) < _TOO_LONG:
                    yield from _commands(path)
            except (OSError, SourceError) as error:
                yield error if isinstance(error, SourceError) else SourceError(path, 0, "cannot be read")


def _commands(path: str) -> Iterator[Clue]:
    folder = os.path.dirname(path)
    variables: dict[str, str] = {}
    for number, line in syntax.continued(path):
        text = line.strip().removeprefix("export ")
        name, equals, value = text.partition("=")
        if text.startswith("cd ") and not any(word in text for word in ("&&", ";", "$")):
            folder = os.path.normpath(os.path.join(folder, text[3:].strip().strip("\"'")))
        elif equals and name.isidentifier() and " " not in value.strip("\"'"):
            variables[name] = value.strip("\"'")
        elif any(launcher in text for launcher in LAUNCHERS):
            yield from in_shell(text, Place(Location(path, number), folder, "shell script", dict(variables)))
