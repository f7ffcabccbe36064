"""Finds a module's file as the import system would, without the import system.

The order is that of ``importlib._bootstrap_external.PathFinder`` and ``FileFinder``: for each entry
of the path a package's folder, then a module's file, each by suffix (extensions, ``.py``, ``.pyc``);
a folder without an ``__init__`` is remembered as a portion of a namespace package.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from patchlint.environment import Target
from patchlint.model.events import ModuleKind

_SOURCES: Final = (".py", ".pyc")

_FROZEN: Final = frozenset({"_frozen_importlib", "_frozen_importlib_external"})
_FROZEN_UNTIL_310: Final = frozenset({"zipimport", "__hello__"})
# The frozen modules that have a file in the library, which is what runs as far as anyone can see:
# CPython's Python/frozen.c, 3.11 to 3.13 alike. They are found before the search path is looked at.
FROZEN_WITH_A_FILE: Final = frozenset(
    {
        *("__hello__", "__phello__", "_collections_abc", "_sitebuiltins", "abc", "codecs", "genericpath", "io"),
        *("ntpath", "os", "posixpath", "runpy", "site", "stat", "zipimport"),
    }
)


@dataclass(frozen=True, slots=True)
class Found:
    """Where a module is.  ``path`` is None for what has no file, ``search`` is a package's ``__path__``.

    In a zip archive a path is ``/folder/archive.zip/package/module.py``; ``read`` takes it.
    """

    name: str
    kind: ModuleKind
    path: str | None
    is_package: bool
    search: tuple[str, ...] = ()


class _Listing:
    """One folder's modules by name: the file that wins, whether it is an extension; and its folders.

    ``portions`` are the folders that may be part of a namespace package.
    """

    __slots__ = ("folders", "modules", "portions", "prefix")

    def __init__(
        self,
        prefix: str = "",
        modules: Mapping[str, tuple[str, ModuleKind]] | None = None,
        folders: Collection[str] = frozenset(),
        portions: Collection[str] | None = None,
    ) -> None:
        self.prefix = prefix
        self.modules = modules or {}
        self.folders = folders
        self.portions = folders if portions is None else portions


_EMPTY: Final = _Listing()


class Finder:
    """Finds modules for one target.  Every folder is listed once, so it is good for one run."""

    def __init__(self, target: Target) -> None:
        is_old = target.version < (3, 11)
        self._builtin = target.builtin_names
        self._frozen = _FROZEN | (_FROZEN_UNTIL_310 if is_old else frozenset())
        self._library_first = frozenset() if is_old else FROZEN_WITH_A_FILE
        self._library = (target.stdlib,)
        self._editable = target.editable
        self._namespaces = target.editable_namespaces
        self._suffixes = (*_SOURCES, *target.extension_suffixes)
        # A file is found by its name up to the first dot: a module's own name cannot have one.
        by_preference = (*target.extension_suffixes, *_SOURCES)
        self._ranks = {suffix[1:]: rank for rank, suffix in enumerate(by_preference)}
        self._first_source = len(target.extension_suffixes)
        # Before 3.14, zipimport knows a folder as a namespace only by an entry of its own (gh-59110).
        self._zip_folders_are_implied = target.version >= (3, 14)
        self._listings: dict[str, _Listing] = {}

    def find_top(self, name: str, sys_path: Sequence[str]) -> Found | None:
        """A top-level module: builtin, frozen, on the path, or served by an editable install's finder."""
        if name in self._builtin:
            return Found(name, "builtin", None, False)
        if name in self._frozen:
            return Found(name, "frozen", None, False)
        if name in self._library_first and (found := self._find(name, name, self._library)):
            return found
        return self._find(name, name, sys_path) or self._find_editable(name)

    def find_in(self, name: str, package_path: Sequence[str]) -> Found | None:
        """A submodule, by its full dotted name and its package's ``__path__``."""
        return self._find(name, name.rpartition(".")[2], package_path) or self._find_editable(name)

    def iter_modules(self, package_path: Sequence[str]) -> tuple[tuple[str, bool], ...]:
        """(name, is it a package) of the modules in some folders, in the order of ``pkgutil.iter_modules``."""
        found: dict[str, bool] = {}
        for folder in package_path:
            for name, is_package in self._modules_of(self._listing(folder)):
                found.setdefault(name, is_package)
        return tuple(found.items())

    def _find(self, name: str, tail: str, path: Sequence[str]) -> Found | None:
        portions: list[str] = []
        listings = self._listings
        for folder in path:
            listing = listings.get(folder) or self._listing(folder)
            if tail in listing.folders:
                inside = self._listing(listing.prefix + tail)
                if (init := inside.modules.get("__init__")) is not None:
                    return Found(name, init[1], inside.prefix + init[0], True, (listing.prefix + tail,))
            if (module := listing.modules.get(tail)) is not None:
                return Found(name, module[1], listing.prefix + module[0], False)
            if tail in listing.portions:
                portions.append(listing.prefix + tail)
            elif listing is _EMPTY and folder in self._namespaces:
                portions += self._redirected(name, folder)
        return Found(name, "namespace", None, True, tuple(portions)) if portions else None

    def _redirected(self, name: str, placeholder: str) -> tuple[str, ...]:
        """A namespace package's portions from an editable install; the placeholder stays, for packages below it."""
        paths = self._namespaces[placeholder].get(name)
        if paths is None:
            return ()
        mapped = (self._editable[name],) if not paths and name in self._editable else paths
        return (*mapped, placeholder)

    def _find_editable(self, name: str) -> Found | None:
        """What setuptools' finder, asked last, would answer: for its own modules and their direct children."""
        if not self._editable:
            return None
        if (location := self._editable.get(name)) is not None:
            return self._mapped(name, location)
        parent, _, tail = name.rpartition(".")
        return self._find(name, tail, (self._editable[parent],)) if parent in self._editable else None

    def _mapped(self, name: str, location: str) -> Found | None:
        folder, _, file = location.rpartition(os.sep)
        stem = file.rpartition(".")[0] or file
        candidates = (os.path.join(location, "__init__.py"), *(f"{folder}{os.sep}{stem}{s}" for s in self._suffixes))
        path = next((path for path in (*candidates, location) if os.path.isfile(path)), None)
        if path is None:
            return None
        is_package = os.path.basename(path).partition(".")[0] == "__init__"
        kind: ModuleKind = "source" if path.endswith(_SOURCES) else "extension"
        return Found(name, kind, path, is_package, (os.path.dirname(path),) if is_package else ())

    def _modules_of(self, listing: _Listing) -> Iterator[tuple[str, bool]]:
        rows = [(file, name) for name, (file, _) in listing.modules.items() if name not in {"", "__init__"}]
        rows += [(name, name) for name in listing.folders if "." not in name]
        for file, name in sorted(rows):
            if file != name:
                yield name, False
            elif "__init__" in self._listing(listing.prefix + name).modules:
                yield name, True

    def _listing(self, folder: str) -> _Listing:
        """What is in a folder or in an archive's folder; nothing for what is neither."""
        if (listing := self._listings.get(folder)) is None:
            listing = self._listings[folder] = self._list(folder)
        return listing

    def _list(self, folder: str) -> _Listing:
        folder = os.path.join(os.getcwd(), folder)
        try:
            with os.scandir(folder) as entries:
                rows = [(entry.name, kind) for entry in entries if (kind := _kind_of(entry))]
        except (FileNotFoundError, NotADirectoryError):
            return self._list_archive(folder)
        except (OSError, ValueError):  # a name may be too long, or have a null byte in it
            return _EMPTY
        files = (name for name, kind in rows if kind == "file")
        return _Listing(
            os.path.join(folder, ""), self._ranked(files), {name for name, kind in rows if kind == "folder"}
        )

    def _list_archive(self, folder: str) -> _Listing:
        archive, inner = _split_archive(folder)
        if archive is None or (names := _archive_names(archive)) is None:
            return _EMPTY
        prefix = f"{inner}/" if inner else ""
        below = [name[len(prefix) :] for name in names if name.startswith(prefix) and name != prefix]
        folders = {name.partition("/")[0] for name in below if "/" in name}
        explicit = {name[:-1] for name in below if name.find("/") == len(name) - 1}
        files = (name for name in below if "/" not in name and name.endswith(_SOURCES))
        portions = folders if self._zip_folders_are_implied else explicit
        return _Listing(os.path.join(folder, ""), self._ranked(files), folders, portions)

    def _ranked(self, files: Iterator[str]) -> dict[str, tuple[str, ModuleKind]]:
        """Of each module's files the one that an import takes."""
        best: dict[str, tuple[int, str]] = {}
        for file in files:
            stem, _, suffix = file.partition(".")
            rank = self._ranks.get(suffix)
            if rank is not None and (stem not in best or rank < best[stem][0]):
                best[stem] = rank, file
        return {stem: (file, self._kind(rank)) for stem, (rank, file) in best.items()}

    def _kind(self, rank: int) -> ModuleKind:
        return "source" if rank >= self._first_source else "extension"


def _kind_of(entry: os.DirEntry[str]) -> str | None:
    """What an entry is, links followed; None for a link that leads nowhere, a socket, a device."""
    try:
        return "folder" if entry.is_dir() else "file" if entry.is_file() else None
    except OSError:
        return None


def read(path: str) -> bytes:
    """A file's bytes, or those of an archive's member.  Raises OSError."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        archive, inner = _split_archive(path)
        if archive is None or not inner:
            raise
        content = _member(archive, inner)
        if content is None:
            raise
        return content


def _split_archive(path: str) -> tuple[str | None, str]:
    """The file that a path goes through, and what is left of the path; None where there is no such file."""
    head, inner = path.rstrip("/"), ""
    while head and not os.path.exists(head):
        head, _, last = head.rpartition("/")
        inner = f"{last}/{inner}" if inner else last
    return (head, inner) if os.path.isfile(head) else (None, "")


def _archive_names(archive: str) -> list[str] | None:
    """The members of a zip archive; None for a file that is none."""
    import zipfile

    try:
        with zipfile.ZipFile(archive) as opened:
            return opened.namelist()
    except (OSError, zipfile.BadZipFile):
        return None


def _member(archive: str, name: str) -> bytes | None:
    import zipfile

    try:
        with zipfile.ZipFile(archive) as opened:
            return opened.read(name)
    except KeyError:
        return None
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError) as error:
        raise OSError(f"{archive}: {error}") from error
