"""What is installed: names, versions and entry points, read from metadata files as they are asked for."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from patchlint.environment.target import Target

_SEPARATORS: Final = re.compile(r"[-_.]+")
_NO_GROUPS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType({})


def normalised(name: str) -> str:
    """A distribution's name as PEP 503 compares it."""
    return _SEPARATORS.sub("-", name).lower()


class Distribution:
    """One installed distribution.

    ``key`` is its normalised name, ``folder`` the entry of the search path it lies in, ``metadata``
    its ``.dist-info`` or ``.egg-info`` (a folder or, as distutils made them, a file).
    """

    __slots__ = ("_entry_points", "_headers", "folder", "key", "metadata")

    def __init__(self, key: str, folder: str, metadata: str) -> None:
        self.key = key
        self.folder = folder
        self.metadata = metadata
        self._headers: tuple[str, str | None] | None = None
        self._entry_points: Mapping[str, Mapping[str, str]] | None = None

    def __repr__(self) -> str:
        return f"Distribution({self.metadata!r})"

    @property
    def name(self) -> str:
        """The name as its author writes it; the normalised one where the metadata does not say."""
        return self._read_headers()[0]

    @property
    def version(self) -> str | None:
        """The version, None where the metadata cannot be read."""
        return self._read_headers()[1]

    @property
    def entry_points(self) -> Mapping[str, Mapping[str, str]]:
        """Group to name to value (``package.module:object``)."""
        if self._entry_points is None:
            text = _text(os.path.join(self.metadata, "entry_points.txt"))
            self._entry_points = _NO_GROUPS if text is None else _groups(text)
        return self._entry_points

    def _read_headers(self) -> tuple[str, str | None]:
        if self._headers is None:
            files = (os.path.join(self.metadata, "METADATA"), os.path.join(self.metadata, "PKG-INFO"), self.metadata)
            text = next((text for file in files if (text := _text(file)) is not None), "")
            fields = dict(_fields(text))
            self._headers = fields.get("name") or self.key, fields.get("version")
        return self._headers


def distributions(target: Target) -> Mapping[str, Distribution]:
    """Normalised name to distribution; of several on the search path, the first.

    Each folder is listed once and no metadata is read: a distribution does so when it is asked.
    """
    return distributions_in(target.search_path)


def distributions_in(folders: Iterable[str]) -> Mapping[str, Distribution]:
    """The same for the entries of a program's own search path."""
    found: dict[str, Distribution] = {}
    for folder in folders:
        for key, metadata in _metadata_in(folder):
            if key not in found:
                found[key] = Distribution(key, folder, metadata)
    return MappingProxyType(found)


def version_of(target: Target, name: str) -> str | None:
    """The version of an installed distribution, by any spelling of its name; None where there is none."""
    found = distributions(target).get(normalised(name))
    return None if found is None else found.version


def _metadata_in(folder: str) -> tuple[tuple[str, str], ...]:
    """(normalised name, metadata path) of a folder's distributions; nothing for what is no folder."""
    try:
        return _listed(folder, os.stat(folder).st_mtime_ns)
    except OSError:
        return ()


@lru_cache(maxsize=64)
def _listed(folder: str, _changed: int) -> tuple[tuple[str, str], ...]:
    """``.dist-info`` before ``.egg-info``, as importlib.metadata has it, each by name.  Raises OSError."""
    names = sorted(os.listdir(folder), key=lambda name: (name.endswith(".egg-info"), name))
    rows = [(name, os.path.join(folder, name)) for name in names if name.endswith((".dist-info", ".egg-info"))]
    if folder.endswith(".egg") and "EGG-INFO" in names:
        rows.append((os.path.basename(folder), os.path.join(folder, "EGG-INFO")))
    return tuple((normalised(name.rpartition(".")[0].partition("-")[0]), path) for name, path in rows)


def _text(file: str) -> str | None:
    try:
        with open(file, encoding="utf-8", errors="replace") as stream:
            return stream.read()
    except OSError:
        return None


def _fields(text: str) -> Iterator[tuple[str, str]]:
    """The header fields up to the first blank line, names in lower case; continued lines are left out."""
    for line in text.splitlines():
        if not line.strip():
            return
        name, colon, value = line.partition(":")
        if colon and not line[0].isspace():
            yield name.strip().lower(), value.strip()


def _groups(text: str) -> Mapping[str, Mapping[str, str]]:
    """The groups of an ``entry_points.txt``."""
    groups: dict[str, dict[str, str]] = {}
    group: dict[str, str] = {}
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            group = groups.setdefault(line[1:-1].strip(), {})
        elif line and not line.startswith(("#", ";")):
            name, equals, value = line.partition("=")
            if equals:
                group[name.strip()] = value.strip()
    return MappingProxyType({name: MappingProxyType(entries) for name, entries in groups.items()})
