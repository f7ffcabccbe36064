"""``Procfile``: a process type and its command on each line."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from patchlint.discovery import syntax
from patchlint.discovery.clues import Clue
from patchlint.discovery.commands import Place, in_shell
from patchlint.discovery.tree import Tree
from patchlint.model.errors import SourceError
from patchlint.model.location import Location

_LINE = re.compile(r"[\w-]+:\s*(.+)")


def find(tree: Tree) -> Iterator[Clue]:
    """The commands of the process types."""
    for path in tree.files:
        name = os.path.basename(path)
        if name == "Procfile" or name.startswith("Procfile."):
            try:
                yield from _commands(path)
            except SourceError as error:
                yield error


def _commands(path: str) -> Iterator[Clue]:
    for number, line in enumerate(syntax.lines(path), 1):
        if match := _LINE.match(line):
            yield from in_shell(match[1], Place(Location(path, number), os.path.dirname(path), "Procfile"))
