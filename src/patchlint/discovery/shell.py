"""Shell scripts that start a server."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence

from patchlint.discovery import syntax
from patchlint.discovery.clues import Clue
from patchlint.discovery.commands import LAUNCHERS, Place, filled, in_shell, project
from patchlint.discovery.tree import Tree
from patchlint.model.errors import SourceError
from patchlint.model.location import LAUNCH, Location

SHELLS = frozenset(("sh", "bash", "zsh", "ash", "dash"))
_TOO_LONG = 200_000  # bytes
_SHEBANG = re.compile(rb"#!.*\b(ba|da|z|a)?sh\b")
_BESIDE = re.compile(r"""cd\s+["']?\$\(\s*dirname\s+(?:--\s+)?"?\$[^)]*\)["']?/?([\w./-]*)["']?$""")
"""``cd "$(dirname "$0")/.."``: relative to the script itself."""


def find(tree: Tree) -> Iterator[Clue]:
    """The launch commands of scripts, each line by itself."""
    for path in tree.files:
        if path.endswith((".sh", ".bash")) or "." not in os.path.basename(path):
            try:
                if _is_script(path) and os.path.getsize(path) < _TOO_LONG:
                    yield from _commands(path, tree.root)
            except (OSError, SourceError) as error:
                yield error if isinstance(error, SourceError) else SourceError(path, 0, "cannot be read")


def commands_of(argv: Sequence[str], cwd: str) -> Iterator[Clue]:
    """What a shell runs: ``bash -c "exec gunicorn app:app"``, ``sh start.sh``, ``./start.sh``."""
    words = list(argv)
    is_shell = os.path.basename(words[0]) in SHELLS
    if is_shell and len(words) > 2 and words[1].startswith("-") and words[1].endswith("c"):
        yield from in_shell(words[2], Place(LAUNCH, cwd, "shell command"))
        return
    names = [word for word in words[1:] if not word.startswith("-")] if is_shell else words
    path = os.path.join(cwd, names[0]) if names else ""
    if os.path.isfile(path) and (is_shell or path.endswith((".sh", ".bash"))):
        yield from _commands(path, cwd, cwd)


def _is_script(path: str) -> bool:
    """By its ending, or by a first line that names a shell."""
    if path.endswith((".sh", ".bash")):
        return True
    return os.path.isfile(path) and os.access(path, os.R_OK) and bool(_SHEBANG.match(syntax.read(path)[:80]))


def _commands(path: str, root: str, cwd: str | None = None) -> Iterator[Clue]:
    folder = cwd or project(path, root)
    variables: dict[str, str] = {}
    exported: dict[str, str] = {}
    for number, line in syntax.continued(path):
        text = line.strip().removeprefix("export ")
        name, equals, value = text.partition("=")
        if beside := _BESIDE.match(text):
            folder = os.path.normpath(os.path.join(os.path.dirname(path), beside[1]))
            continue
        if text.startswith("cd ") and not any(word in text for word in ("&&", ";", "$")):
            folder = os.path.normpath(os.path.join(folder, text[3:].strip().strip("\"'")))
        elif equals and name.isidentifier() and " " not in value.strip("\"'"):
            variables[name] = filled(value.strip("\"'"), variables)
            if line.strip().startswith("export "):
                exported[name] = variables[name]
        elif any(launcher in text for launcher in LAUNCHERS):
            yield from in_shell(
                text, Place(Location(path, number), folder, "shell script", dict(variables), exported=exported)
            )
