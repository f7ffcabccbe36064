"""``pytest``: its own plugins, those of ``-p``, those that installed distributions name, the conftests, the tests.

The order is that of pytest's documentation, "Plugin discovery order at tool startup"; what pytest imports for itself
is read from the installed version.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final

from patchlint.environment import Target, distributions
from patchlint.model.plan import GetAttribute, ImportModule, InsertPath, Plan, RunFile, SetArguments

_VALUED: Final = frozenset(
    ("-k", "-m", "-p", "-c", "-o", "-W", "-n", "-r", "--rootdir", "--confcutdir", "--ignore", "--deselect", "--tb")
    + ("--maxfail", "--durations", "--import-mode", "--basetemp", "--log-level", "--ignore-glob", "--junit-xml")
)
"""Options that take the next word."""

_SKIPPED: Final = frozenset(("node_modules", "build", "dist", "__pycache__", "venv"))


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a pytest command names: plugins, plugins that are blocked, and paths."""

    plugins: tuple[str, ...] = ()
    blocked: frozenset[str] = field(default_factory=frozenset)
    paths: tuple[str, ...] = ()


def plan(words: Sequence[str], cwd: str, target: Target) -> Plan:
    """The steps of ``pytest [arguments]``; ``words`` begin with the command's own name."""
    arguments = read(words[1:], cwd)
    yield SetArguments(tuple(words))
    config = yield ImportModule("_pytest.config", own=True)
    own = yield GetAttribute(config, "default_plugins")
    for name in own if isinstance(own, tuple) else ():
        yield ImportModule(f"_pytest.{name}", own=True)
    for name in arguments.plugins:
        yield ImportModule(name)
    for name, module in entry_points(target):
        if name not in arguments.blocked:
            yield ImportModule(module, required=False)
    for folder in arguments.paths or (cwd,):
        yield from _collected(folder, cwd)


def read(words: Sequence[str], cwd: str) -> Arguments:
    """The arguments that decide what is imported."""
    plugins: list[str] = []
    paths: list[str] = []
    rest = iter(words)
    for word in rest:
        if word.startswith("-p"):
            plugins.append(word[2:] or next(rest, ""))
        elif word in _VALUED:
            next(rest, None)
        elif not word.startswith("-"):
            path = os.path.normpath(os.path.join(cwd, word.partition("::")[0]))
            paths += [path] if os.path.exists(path) else []
    blocked = frozenset(name.removeprefix("no:") for name in plugins if name.startswith("no:"))
    return Arguments(tuple(name for name in plugins if name and not name.startswith("no:")), blocked, tuple(paths))


def entry_points(target: Target) -> Iterator[tuple[str, str]]:
    """Name and module of the plugins that installed distributions bring (group ``pytest11``)."""
    for distribution in distributions(target).values():
        for name, value in distribution.entry_points.get("pytest11", {}).items():
            yield name, value.partition("[")[0].partition(":")[0].strip()


def _collected(path: str, cwd: str) -> Plan:
    """The conftests from the working directory down to a path, then those below it, each before its tests."""
    folder = path if os.path.isdir(path) else os.path.dirname(path)
    above = [folder]
    while above[-1].startswith(os.path.join(cwd, "")):
        above.append(os.path.dirname(above[-1]))
    for parent in reversed(above[1:]):
        yield from _conftest(parent)
    if path == folder:
        yield from _folder(folder)
    else:
        yield from _conftest(folder)
        yield from _imported(path)


def _folder(folder: str) -> Plan:
    yield from _conftest(folder)
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.is_file() and (fnmatchcase(entry.name, "test_*.py") or fnmatchcase(entry.name, "*_test.py")):
            yield from _imported(entry.path)
    for entry in entries:
        hidden = entry.name.startswith(".") or entry.name in _SKIPPED
        if entry.is_dir(follow_symlinks=False) and not hidden and not _is_environment(entry.path):
            yield from _folder(entry.path)


def _is_environment(folder: str) -> bool:
    return os.path.exists(os.path.join(folder, "pyvenv.cfg"))


def _conftest(folder: str) -> Plan:
    path = os.path.join(folder, "conftest.py")
    if os.path.isfile(path):
        yield from _imported(path)


def _imported(path: str) -> Plan:
    """Import mode ``prepend``: the first folder above that is no package comes first on the path."""
    root, name = os.path.dirname(path), os.path.splitext(os.path.basename(path))[0]
    parts = [name]
    while os.path.isfile(os.path.join(root, "__init__.py")):
        root, package = os.path.split(root)
        parts.insert(0, package)
    yield InsertPath(root)
    if len(parts) > 1:
        yield ImportModule(".".join(parts))
    else:  # two conftests have one name, and each is executed
        yield RunFile(path, name)
