"""``Dockerfile``: the command of the last stage, in its exec form or its shell form."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from patchlint.discovery import syntax
from patchlint.discovery.clues import Clue
from patchlint.discovery.commands import Place, in_shell, of_words, project
from patchlint.discovery.tree import Tree
from patchlint.model.errors import SourceError
from patchlint.model.location import Location

_NAME = re.compile(r"(Dockerfile|Containerfile)([._-][\w.-]*)?|[\w.-]+\.(Dockerfile|Containerfile)", re.IGNORECASE)
_SHELLS = frozenset(("sh", "bash", "/bin/sh", "/bin/bash", "ash", "dash"))


@dataclass(slots=True)
class Stage:
    """What a stage has said so far; a command is its text and its line."""

    folder: str = "/"
    variables: dict[str, str] = field(default_factory=dict)
    entrypoint: tuple[str, int] | None = None
    command: tuple[str, int] | None = None


def find(tree: Tree) -> Iterator[Clue]:
    """What a container of the image starts."""
    for path in tree.files:
        name = os.path.basename(path)
        if _NAME.fullmatch(name):
            try:
                stage = _last_stage(path)
                yield from _broken(path, stage)
                yield from _started(path, tree.root, stage)
            except SourceError as error:
                yield error


def _last_stage(path: str) -> Stage:
    stage, named = Stage(), dict[str, Stage]()
    for number, line in syntax.continued(path):
        word, _, rest = line.strip().partition(" ")
        rest = rest.strip()
        instruction = word.upper()
        if instruction == "FROM":
            image, _, name = re.sub(r"\s+as\s+|$", " as ", rest, count=1, flags=re.IGNORECASE).partition(" as ")
            base = named.get(image.split()[-1].lower() if image.split() else "", Stage())
            stage = Stage(base.folder, dict(base.variables), base.entrypoint, base.command)
            named[name.strip().lower()] = stage
        elif instruction == "WORKDIR":
            stage.folder = os.path.normpath(os.path.join(stage.folder, rest))
        elif instruction == "ENV":
            stage.variables |= _variables(rest)
        elif instruction == "ENTRYPOINT":
            stage.entrypoint, stage.command = (rest, number), None
        elif instruction == "CMD":
            stage.command = (rest, number)
    return stage


def _variables(text: str) -> Mapping[str, str]:
    """``ENV A=1 B="2"``, or the older ``ENV A 1``."""
    if not re.match(r"\w+=", text):
        name, _, value = text.partition(" ")
        return {name: value.strip()}
    try:
        return dict(word.split("=", 1) for word in shlex.split(text) if "=" in word)
    except ValueError:
        return {}


def _broken(path: str, stage: Stage) -> Iterator[Clue]:
    """An exec form that is no JSON: Docker gives it to a shell as it stands, which finds no such program."""
    for given in filter(None, (stage.entrypoint, stage.command)):
        if re.match(r"\[\s*(['\"\]]|$)|\[\S.*\]$", given[0]) and _json(given[0]) is None:
            reason = 'is no JSON, so that Docker takes it for a line of shell: write ["program", "argument"]'
            yield SourceError(path, given[1], reason)


def _started(path: str, root: str, stage: Stage) -> Iterator[Clue]:
    """The exec forms of both make one command; a shell form is a command by itself."""
    if stage.entrypoint is None and stage.command is None:
        return
    text, line = stage.command or stage.entrypoint or ("", 0)
    place = Place(Location(path, line), project(path, root), "Dockerfile", stage.variables, stage.folder)
    words = _words(text)
    first = _words(stage.entrypoint[0]) if stage.entrypoint else []
    if words is not None and first is not None:
        clues = list(command([*first, *words] if stage.command else words, place))
        # A script that prepares something, and executes what it is given.
        yield from clues or command(words, place)
    else:
        yield from in_shell(text if words is None or stage.entrypoint is None else stage.entrypoint[0], place)


def command(words: list[str], place: Place) -> Iterator[Clue]:
    """A command in words, which may be a shell's ``sh -c TEXT``."""
    if len(words) > 2 and words[0] in _SHELLS and words[1].startswith("-") and words[1].endswith("c"):
        yield from in_shell(words[2], place)
    else:
        yield from of_words(words, place)


def _words(text: str) -> list[str] | None:
    """The exec form, a JSON array, or what was meant to be one; None for the shell form."""
    words = _json(text)
    if words is not None or not text.startswith("["):
        return words
    try:
        meant = ast.literal_eval(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        is_list = text.endswith("]") and not text.startswith("[ ")
        return [word.strip(" \"'") for word in text[1:-1].split(",")] if is_list else None
    return [str(word) for word in meant] if isinstance(meant, list) else None


def _json(text: str) -> list[str] | None:
    try:
        document = json.loads(text) if text.startswith("[") else None
    except (ValueError, RecursionError):
        return None
    return [str(word) for word in document] if isinstance(document, list) else None
