"""The files of a folder that a search looks at."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property

SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages", "dist-packages", "build", "dist"})
TESTS = frozenset({"test", "tests"})


@dataclass(frozen=True)
class Tree:
    """A folder, and the files below it that a search looks at, in sorted order.

    Left out are hidden folders, virtual environments, what build tools make, links to folders,
    and folders and files of tests: a test's main guard starts a test, not the program.  Whoever
    wants them names them.  ``unreadable`` are the folders that could not be listed, ``tests`` the
    number of folders and files of tests that were left out.
    """

    root: str
    files: tuple[str, ...]
    unreadable: tuple[tuple[str, str], ...] = ()
    tests: int = 0

    @cached_property
    def python(self) -> tuple[str, ...]:
        """The Python files."""
        return tuple(path for path in self.files if path.endswith((".py", ".pyw")))

    def named(self, *names: str) -> tuple[str, ...]:
        """The files that bear one of these names."""
        return tuple(path for path in self.files if os.path.basename(path) in names)


def walk(root: str, exclude: tuple[str, ...] = ()) -> Tree:
    """Look through a folder.  ``exclude`` are patterns of paths below it, or of single names."""
    visit = _Walk(root, exclude)
    files = tuple(visit.folder(root))
    return Tree(root, files, tuple(visit.unreadable), visit.tests)


class _Walk:
    def __init__(self, root: str, exclude: tuple[str, ...]) -> None:
        self.root = root
        self.exclude = tuple(pattern.rstrip("/") for pattern in exclude)
        self.unreadable: list[tuple[str, str]] = []
        self.tests = 0

    def folder(self, folder: str) -> Iterator[str]:
        entries = self._entries(folder)
        for entry in entries:
            if not is_folder(entry) and self._wanted(entry):
                yield entry.path
        for entry in entries:
            if is_folder(entry, follow_symlinks=False) and self._wanted(entry) and not _is_environment(entry.path):
                yield from self.folder(entry.path)

    def _entries(self, folder: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as listing:
                return sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            self.unreadable.append((folder, error.strerror or str(error)))
            return []

    def _wanted(self, entry: os.DirEntry[str]) -> bool:
        if self._excluded(entry):
            return False
        if _is_of_tests(entry):
            self.tests += 1
            return False
        if entry.name.startswith("."):  # no module's name; an editor's lock on a file is such a link to nowhere
            return False
        return not is_folder(entry) or entry.name not in SKIPPED

    def _excluded(self, entry: os.DirEntry[str]) -> bool:
        below = os.path.relpath(entry.path, self.root)
        return any(fnmatchcase(below, pattern) or fnmatchcase(entry.name, pattern) for pattern in self.exclude)


def is_folder(entry: os.DirEntry[str], *, follow_symlinks: bool = True) -> bool:
    """Whether an entry is a folder; a link that leads back to itself is none."""
    try:
        return entry.is_dir(follow_symlinks=follow_symlinks)
    except OSError:
        return False


def _is_of_tests(entry: os.DirEntry[str]) -> bool:
    if is_folder(entry):
        return entry.name in TESTS
    return fnmatchcase(entry.name, "test_*.py") or fnmatchcase(entry.name, "*_test.py")


def _is_environment(folder: str) -> bool:
    return os.path.exists(os.path.join(folder, "pyvenv.cfg")) or os.path.exists(os.path.join(folder, "conda-meta"))


def import_root(path: str) -> tuple[str, str]:
    """Where the import of a file would start, and its module name there: the packages above it decide.

    ``/p/src/pkg/web/wsgi.py`` is ``("/p/src", "pkg.web.wsgi")`` where ``pkg`` and ``web`` have an ``__init__.py``.
    """
    folder, base = os.path.split(path)
    stem = os.path.splitext(base)[0]
    parts = [] if stem == "__init__" else [stem]
    while os.path.isfile(os.path.join(folder, "__init__.py")) and os.path.dirname(folder) != folder:
        folder, package = os.path.split(folder)
        parts.insert(0, package)
    return folder, ".".join(parts)
