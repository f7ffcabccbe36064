"""uWSGI's configuration files: what ``uwsgi FILE`` starts."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from patchlint.discovery import syntax
from patchlint.discovery.clues import Clue
from patchlint.discovery.tree import Tree
from patchlint.model.errors import SourceError
from patchlint.model.location import Location
from patchlint.model.plan import Entrypoint

_HEAD = re.compile(rb"^\s*(\[uwsgi\]|uwsgi:|\{?\s*\"uwsgi\"\s*:|<uwsgi)", re.MULTILINE)
_SERVES = re.compile(rb"\b(module|wsgi-file|wsgi_file|mount|wsgi)\b")


def find(tree: Tree) -> Iterator[Clue]:
    """One entrypoint for each file that names an application."""
    for path in tree.files:
        if not path.endswith((".ini", ".yaml", ".yml", ".json", ".xml")) or os.path.basename(path) == "package.json":
            continue
        try:
            content = syntax.read(path)
        except SourceError as error:
            yield error
            continue
        head = _HEAD.search(content)
        if head and _SERVES.search(content):
            folder, name = os.path.split(path)
            line = content.count(b"\n", 0, head.start(1)) + 1
            reason = "it configures uWSGI, and names its application"
            yield Entrypoint("command", "uwsgi", folder, ("uwsgi", name), Location(path, line), reason, found=True)
