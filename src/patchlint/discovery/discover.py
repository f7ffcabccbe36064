"""From the command line's words, or a folder's files, to entrypoints."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from patchlint.config import Settings
from patchlint.discovery import (
    compose,
    dockerfile,
    gunicorn_config,
    procfile,
    programs,
    scripts,
    shell,
    syntax,
    units,
    uwsgi_config,
)
from patchlint.discovery.clues import Clue, Finder, PassedBy, Remark, Searched
from patchlint.discovery.packages import importable
from patchlint.discovery.scripts import module_root
from patchlint.discovery.tree import Tree, import_root, walk
from patchlint.model.errors import PatchlintError, SourceError, UsageError
from patchlint.model.location import LAUNCH, Location
from patchlint.model.plan import Entrypoint
from patchlint.sources import hints

FINDERS: tuple[Finder, ...] = (
    procfile.find,
    dockerfile.find,
    compose.find,
    units.find,
    shell.find,
    uwsgi_config.find,
    gunicorn_config.find,
    scripts.find,
    programs.find,
)
"""Each looks for one kind of entrypoint; what two of them find is the first one's."""

_OBJECT = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d].*")


@dataclass(frozen=True, slots=True)
class Discovery:
    """What there is to check, what could not be, and what to know about the choice.

    ``searched`` are the Python files of the folders that were searched, ``passed_by`` those that were read once for
    a hint that somebody starts them, in vain.
    """

    entrypoints: tuple[Entrypoint, ...]
    problems: tuple[PatchlintError, ...] = ()
    remarks: tuple[str, ...] = ()
    searched: tuple[str, ...] = ()
    passed_by: tuple[str, ...] = ()


def discover(paths: Sequence[str], command: Sequence[str], settings: Settings, cwd: str) -> Discovery:
    """What the command line names; without any, what the settings name; without those, the current folder."""
    return _collected(_clues(paths, command, settings, cwd))


def one(path: str | None, command: Sequence[str], settings: Settings, cwd: str) -> Entrypoint:
    """The one entrypoint that the command line names.

    Raises UsageError where there are none or several, and whatever error kept it from being analysed.
    """
    found = discover([] if path is None else [path], command, settings, cwd)
    for problem in found.problems:
        raise problem
    if len(found.entrypoints) != 1:
        specs = ", ".join(entrypoint.spec for entrypoint in found.entrypoints)
        raise UsageError(f"{path or cwd}: one entrypoint is needed, and there are {len(found.entrypoints)}: {specs}")
    return found.entrypoints[0]


def configured(settings: Settings, cwd: str) -> Iterator[Clue]:
    """The entrypoints that the settings name, relative to the file that names them."""
    folder = settings.folder or cwd
    for text in settings.entrypoints:
        path = os.path.join(folder, text)
        if os.path.exists(path) or _OBJECT.fullmatch(text):
            yield from _named(text, settings, folder, "named in the setting `entrypoints`")
        else:
            yield from _spelled(text, settings, folder)


def _clues(paths: Sequence[str], command: Sequence[str], settings: Settings, cwd: str) -> Iterator[Clue]:
    if command:
        yield from _commanded(tuple(command), cwd)
    for path in paths:
        yield from _named(path, settings, cwd, "named on the command line")
    if not paths and not command:
        yield from configured(settings, cwd) if settings.entrypoints else _folder(cwd, settings, cwd)


def _commanded(argv: tuple[str, ...], cwd: str) -> Iterator[Clue]:
    """A command; what a shell is given to run is looked at instead, where something is started in it."""
    inner = list(shell.commands_of(argv, cwd))
    if any(isinstance(clue, Entrypoint) for clue in inner):
        yield from (replace(clue, found=False) if isinstance(clue, Entrypoint) else clue for clue in inner)
    else:
        yield Entrypoint("command", argv[0], cwd, argv, LAUNCH, "given on the command line")


def _spelled(text: str, settings: Settings, folder: str) -> Iterator[Clue]:
    """A launch command in the settings: more than one word."""
    origin = Location(settings.file, 1) if settings.file else LAUNCH
    try:
        argv = tuple(shlex.split(text))
    except ValueError as error:
        yield UsageError(f"{settings.file or 'entrypoints'}: {text!r} cannot be split into words: {error}")
        return
    if len(argv) > 1:
        yield Entrypoint("command", argv[0], folder, argv, origin, "a launch command in the setting `entrypoints`")
    else:
        yield SourceError(os.path.join(folder, text), 0, "no such file or folder, and no launch command either")


def _named(text: str, settings: Settings, cwd: str, reason: str) -> Iterator[Clue]:
    path = os.path.normpath(os.path.join(cwd, os.path.expanduser(text)))
    if os.path.isdir(path):
        yield from _folder(path, settings, cwd)
    elif os.path.exists(path):
        yield from _file(path, cwd, reason)
    elif _OBJECT.fullmatch(text):
        module = text.partition(":")[0]
        yield Entrypoint("object", text, module_root(cwd, module), origin=None, reason=reason)
    else:
        yield SourceError(path, 0, "no such file or folder")


def _folder(folder: str, settings: Settings, cwd: str) -> Iterator[Clue]:
    if settings.entrypoints and settings.folder == folder:
        yield from configured(settings, cwd)
    else:
        yield from _searched(walk(folder, settings.exclude))


def _searched(tree: Tree) -> Iterator[Clue]:
    for unreadable, why in tree.unreadable:
        yield SourceError(unreadable, 0, f"cannot be listed: {why}")
    clues = [clue for finder in FINDERS for clue in finder(tree)]
    yield from clues
    yield Searched(tuple(path for path in tree.python if not _is_too_large(path)))
    if tree.tests:
        yield Remark(f"{tree.root}: {_tests(tree.tests)} left out of the search (name what you want of them)")
    if any(isinstance(clue, Entrypoint) for clue in clues):
        return
    packages = list(importable(tree))
    if packages:
        yield Remark(f"{tree.root}: nothing in it is started, so each top-level module is checked as if imported")
        yield from packages
    elif not any(isinstance(clue, PatchlintError) for clue in clues):
        yield SourceError(tree.root, 0, "no Python files to check")


def _is_too_large(path: str) -> bool:
    """Whether a file is passed by; one that is not there is not too large."""
    try:
        return os.path.getsize(path) > hints.TOO_LARGE
    except OSError:
        return False


def _tests(count: int) -> str:
    return "1 folder or file of tests was" if count == 1 else f"{count} folders and files of tests were"


def _file(path: str, cwd: str, reason: str) -> Iterator[Clue]:
    """A named file: by its name if that says how it is started, else as a script or a package's module."""
    clues = [clue for finder in FINDERS for clue in finder(Tree(cwd, (path,)))]
    if not path.endswith((".py", ".pyw")) and any(isinstance(clue, Entrypoint) for clue in clues):
        yield from clues
        return
    try:
        yield from _python_file(path, cwd, reason, [clue for clue in clues if isinstance(clue, Entrypoint)])
    except SourceError as error:
        yield error


def _python_file(path: str, cwd: str, reason: str, known: list[Entrypoint]) -> Iterator[Clue]:
    tree = syntax.parse(path)
    if known:
        yield from known
        return
    root, module = import_root(path)
    origin = Location(path, 1)
    if "." in module and syntax.imports_relatively(tree):
        yield Entrypoint("package", module, root, origin=origin, reason=f"{reason}, a module of a package")
    else:
        yield Entrypoint("file", path, cwd, origin=origin, reason=reason)


def _collected(clues: Iterator[Clue]) -> Discovery:
    entrypoints: dict[tuple[object, ...], Entrypoint] = {}
    problems: dict[str, PatchlintError] = {}
    remarks: dict[str, None] = {}
    searched: dict[str, None] = {}
    passed_by: list[str] = []
    for clue in clues:
        if isinstance(clue, Entrypoint):
            entrypoints.setdefault((clue.kind, clue.spec, clue.cwd, clue.argv), clue)
        elif isinstance(clue, PatchlintError):
            problems.setdefault(str(clue), clue)
        elif isinstance(clue, Searched):
            searched.update(dict.fromkeys(clue.files))
        elif isinstance(clue, PassedBy):
            passed_by.append(clue.path)
        else:
            remarks.setdefault(clue.text)
    return Discovery(
        tuple(entrypoints.values()), tuple(problems.values()), tuple(remarks), tuple(searched), tuple(passed_by)
    )
