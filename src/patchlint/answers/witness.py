"""Sees every look that a run takes at the file system, so that its answer can be trusted later.

Our own code, the standard library's on our behalf, and what somebody adds tomorrow all ask through a few
functions of ``os`` and through ``open``.  While a witness watches, those are wrapped: a list of looks kept by
hand in each place that looks would be forgotten in one of them.
"""

from __future__ import annotations

import builtins
import io
import os
import pathlib
import tokenize
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Protocol, final

from patchlint.answers.looks import Looks, kind_of

_PATHLIB: Final = getattr(pathlib, "_NormalAccessor", None)
"""Before Python 3.11, pathlib asks through a class that keeps functions of ``os`` and ``io`` for itself."""

_UNREMARKABLE: Final = frozenset({"_", "SHLVL", "PWD", "OLDPWD"})
"""What a shell changes with every command, where somebody asks for the whole environment."""


_ASKED_PAST_US: Final = ("HOME", "NO_COLOR", "FORCE_COLOR", "TERM", "PATCHLINT_DEBUG")
"""Variables that are read from ``os.environ`` itself."""


_OURS: Final = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "")
"""Where our own code lies, whose stamps count anyway."""


class Played(Protocol):
    """What was made of a source: how often it was read for that and for hints, and the functions called, by line."""

    is_library: bool
    reads: int
    glances: int
    functions: set[int]


@final
class Witness:
    """Watches between ``with`` and its end.

    ``apart`` is a folder that does not count: the cache, which a run changes itself.  ``is_exact`` is set where
    the very words of the files count, comments too.
    """

    def __init__(self, apart: str) -> None:
        self._apart = os.path.join(apart, "")
        self._looks = Looks()
        self._opened: Counter[str] = Counter()
        self._shown: set[str] = set()
        self._is_told = False
        self.is_exact = False
        self._real: list[tuple[Any, str, Any]] = []
        self._sources: Mapping[str, Played] = {}
        self.environ: Mapping[str, str] = _Environment(os.environ, self._looks.environ)
        for name in _ASKED_PAST_US:
            self.environ.get(name)

    def __enter__(self) -> Witness:
        wrappers: tuple[tuple[Any, str, Callable[..., Any]], ...] = (
            (os, "stat", self._asking(os.stat, self._stat)),
            (os, "lstat", self._asking(os.lstat, self._link)),
            (os, "readlink", self._asking(os.readlink, self._link)),
            (os, "access", self._asking(os.access, self._stat)),
            (os, "scandir", self._scandir),
            (os, "listdir", self._asking(os.listdir, self._list)),
            (builtins, "open", self._open),
            (io, "open", self._open),
            (tokenize, "_builtin_open", self._open),
        )
        for owner, name, wrapped in wrappers:
            self._wrap(owner, name, wrapped)
            if owner in (os, io) and name in vars(_PATHLIB or object):
                self._wrap(_PATHLIB, name, staticmethod(wrapped))
        return self

    def _wrap(self, owner: Any, name: str, wrapped: object) -> None:
        self._real.append((owner, name, vars(owner)[name]))
        setattr(owner, name, wrapped)

    def __exit__(self, *_: object) -> None:
        while self._real:
            owner, name, real = self._real.pop()
            setattr(owner, name, real)

    def played(self, sources: Mapping[str, Played]) -> None:
        """Be told which files were read to be played."""
        self._sources = sources

    def telling(self) -> None:
        """All is worked out: files that are opened from now on are only quoted."""
        self._is_told = True

    def looks(self) -> Looks:
        """What was seen, the watch being over."""
        for path in {**self._opened, **dict.fromkeys(self._shown)}:
            played = self._sources.get(path)
            shown = path in self._shown
            if played is None:
                self._looks.settle(path, None, shown=shown, may_be_edited=not path.startswith(_OURS))
                continue
            only_played = played.reads + played.glances >= self._opened[path]
            called = sorted(played.functions) if only_played else None
            may_be_edited = not played.is_library
            self._looks.settle(path, called, played.glances > 0, shown=shown, may_be_edited=may_be_edited)
        if self.is_exact:
            self._looks.count_every_word()
        return self._looks

    def _counts(self, path: object) -> str | None:
        """The absolute path, None for what is no path or lies apart."""
        if isinstance(path, int):
            return None
        given = os.fspath(path) if isinstance(path, str | os.PathLike) else "."
        if not isinstance(given, str) or "\0" in given:
            return None
        whole = os.path.join(os.getcwd(), given)
        return None if whole.startswith(self._apart) else whole

    def _asking(self, real: Callable[..., Any], note: Callable[[str], None]) -> Callable[..., Any]:
        def ask(path: Any = ".", *arguments: Any, **keywords: Any) -> Any:
            if (whole := self._counts(path)) is not None:
                (self._link if keywords.get("follow_symlinks") is False else note)(whole)
            return real(path, *arguments, **keywords)

        return ask

    # What is noted comes before what is answered: should the file change between them, the note is what is out
    # of date, and the answer is not trusted.
    def _stat(self, path: str) -> None:
        if path not in self._looks.kinds:
            self._looks.kinds[path] = kind_of(path, self._function("stat"))

    def _link(self, path: str) -> None:
        if path not in self._looks.links:
            try:
                self._looks.links[path] = self._function("readlink")(path)
            except (OSError, ValueError):
                self._looks.links[path] = ""
        self._stat(path)

    def _list(self, path: str) -> None:
        self._looks.listed(path, self._function("stat"), self._function("scandir"))

    def _scandir(self, path: Any = ".") -> _Entries:
        if (whole := self._counts(path)) is not None:
            self._list(whole)
        entries = list(self._function("scandir")(path))
        for entry in entries:
            if whole is not None and entry.is_symlink():
                self._stat(os.path.join(whole, entry.name))
        return _Entries(entries)

    def _open(self, file: Any, mode: str = "r", *arguments: Any, **keywords: Any) -> Any:
        if not set(mode) & set("wax+") and (path := self._counts(file)) is not None:
            if self._is_told:
                self._shown.add(path)
            else:
                self._opened[path] += 1
            self._looks.read(path, self._function("stat"))
        return self._function("open")(file, mode, *arguments, **keywords)

    def _function(self, name: str) -> Callable[..., Any]:
        """What is wrapped; somebody else's wrapper, if there was one before us."""
        found: Callable[..., Any] = next(real for _, known, real in self._real if known == name)
        return found


@final
class _Entries:
    """Stands for the iterator of ``os.scandir``."""

    def __init__(self, entries: list[os.DirEntry[str]]) -> None:
        self._rest = iter(entries)

    def __iter__(self) -> Iterator[os.DirEntry[str]]:
        return self._rest

    def __next__(self) -> os.DirEntry[str]:
        return next(self._rest)

    def __enter__(self) -> _Entries:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is open."""


class _Environment(Mapping[str, str]):
    """The environment, with a note of every variable that is asked for."""

    def __init__(self, real: Mapping[str, str], asked: dict[str, str | None]) -> None:
        self._real = real
        self._asked = asked

    def __getitem__(self, name: str) -> str:
        if name not in _UNREMARKABLE:
            self._asked[name] = self._real.get(name)
        return self._real[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._real)

    def __len__(self) -> int:
        return len(self._real)
