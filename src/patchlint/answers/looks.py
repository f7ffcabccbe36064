"""What a run saw of the file system, as data, and whether it would see the same now."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

from patchlint.answers.gist import gist_of, outline_of
from patchlint.sources import hints

try:
    from _blake2 import blake2b  # hashlib would load OpenSSL first
except ImportError:  # pragma: no cover
    from hashlib import blake2b

_TICK: Final = 2_000_000_000
"""Nanoseconds: the coarsest clock that a file system in use stamps its files with (FAT's)."""

Stamp = list[int]
"""Size, time of change of the content and of the inode, inode; none where that time does not tell: a file that was
changed only just before it was looked at could be changed again within the same tick of the clock."""


def digest(content: bytes) -> str:
    """A content's hash."""
    return str(blake2b(content, digest_size=16).hexdigest())


def kind_of(path: str, ask: Callable[..., os.stat_result] = os.stat) -> str:
    """``d`` for a folder, ``o`` for anything else that is no file, nothing where there is none.

    Of a file its size and time, because somebody may have asked for just these.
    """
    try:
        status = ask(path)
    except (OSError, ValueError):
        return ""
    if stat.S_ISREG(status.st_mode):
        return f"f {status.st_size} {status.st_mtime_ns}"
    return "d" if stat.S_ISDIR(status.st_mode) else "o"


def stamp_of(path: str, ask: Callable[..., os.stat_result] = os.stat) -> Stamp:
    """The stamp of what is there, whatever the time.  Raises OSError."""
    status = ask(path)
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


def _reliable(stamp: Stamp, now: int) -> Stamp:
    return stamp if max(stamp[1], stamp[2]) < now - _TICK else []


def listing_hash(folder: str, scan: Callable[..., Any] = os.scandir) -> str:
    """The hash of a folder's names, and which of them are folders; ``__pycache__`` comes and goes."""
    try:
        with scan(folder) as entries:
            rows = sorted(
                f"{entry.name}{'/' if entry.is_dir(follow_symlinks=False) else ''}"
                for entry in entries
                if entry.name != "__pycache__"
            )
    except OSError:
        return ""
    return digest("\0".join(rows).encode("utf-8", "surrogateescape"))


class Looks:
    """Everything that was looked at.

    ``kinds``: path to what it is (see ``kind_of``).  ``links``: path to where a link leads, empty for none.
    ``files``: path to [stamp, hash, and for Python files: gist of the text, gist of the outline, its lines, which of
    its functions were called, whether it was passed by for want of hints]; the first gist is empty where nobody read
    the text but to play it, the second where the outline alone does not tell what a run saw.
    ``folders``: path to [stamp, hash of the listing].
    ``environ``: variable to value.

    ``moved`` says, when these looks were found to hold, of which files another text shows the same, and where each
    line of theirs is now: what was told of these lines has to be told anew.
    """

    def __init__(self, data: dict[str, Any] | None = None) -> None:
        data = data or {}
        self.kinds: dict[str, str] = data.get("kinds", {})
        self.links: dict[str, str] = data.get("links", {})
        self.files: dict[str, list[Any]] = data.get("files", {})
        self.folders: dict[str, list[Any]] = data.get("folders", {})
        self.environ: dict[str, str | None] = data.get("environ", {})
        self.renewed = False
        self.moved: dict[str, dict[int, int]] = {}

    def data(self) -> dict[str, Any]:
        """As plain data."""
        implied = self.files.keys() | self.folders.keys()
        kinds = {path: kind for path, kind in self.kinds.items() if path not in implied}
        return {
            "kinds": kinds,
            "links": self.links,
            "files": self.files,
            "folders": self.folders,
            "environ": self.environ,
        }

    # Looking --------------------------------------------------------------------------------------
    def read(self, path: str, ask: Callable[..., os.stat_result]) -> None:
        """A file is about to be read; what can only be hashed now is."""
        if path in self.files:
            return
        kind = kind_of(path, ask)
        if not kind.startswith("f"):
            self.kinds[path] = kind
            return
        try:
            stamp = stamp_of(path, ask)
            reliable = _reliable(stamp, time.time_ns())
            self.files[path] = [reliable, "" if reliable else digest(_content(path)), *_UNEDITED]
        except OSError:
            self.files[path] = [[], "", *_UNEDITED]

    def listed(self, path: str, ask: Callable[..., os.stat_result], scan: Callable[..., Any]) -> None:
        """A folder is about to be listed."""
        if path in self.folders:
            return
        kind = kind_of(path, ask)
        if kind != "d":
            self.kinds[path] = kind
            return
        stamp = _reliable(stamp_of(path, ask), time.time_ns())
        self.folders[path] = [stamp, listing_hash(path, scan)]

    def settle(
        self, path: str, called: list[int] | None, passed_by: bool = False, *, shown: bool, may_be_edited: bool
    ) -> None:
        """Add what a file says, for the day when its stamp has changed.

        ``called`` are the lines of the functions that were called, None where the file was not only played and
        ``passed_by``: read for hints that were not there.  ``shown`` tells that the report quotes it.
        """
        entry = self.files.get(path)
        if entry is None:
            return
        try:
            stamp = stamp_of(path)
            content = _content(path)
        except OSError:
            return
        if entry[0] and entry[0] != stamp:
            entry[0] = []  # changed while it was being read: its hash stays empty, which no content has
            return
        entry[1] = entry[1] or digest(content)
        if may_be_edited and path.endswith(".py") and entry[1] == digest(content):
            outline = None if called is None else outline_of(content, called)
            entry[2] = gist_of(content) if shown or outline is None else ""
            if outline is not None:
                counts = "".join("01"[one] for one in outline.called)
                entry[3:] = outline.gist, _joined(outline.lines), counts, passed_by

    def count_every_word(self) -> None:
        """Nothing but the very same content is the same."""
        for entry in self.files.values():
            entry[2:] = [""] * len(entry[2:])

    # Looking again --------------------------------------------------------------------------------
    def hold(self, environ: Any) -> bool:
        """Whether a run would see the same now.  Stamps that have become reliable are renewed."""
        return (
            all(environ.get(name) == value for name, value in self.environ.items())
            and all(self._same_file(path, entry) for path, entry in self.files.items())
            and all(self._same_folder(path, entry) for path, entry in self.folders.items())
            and all(kind_of(path) == kind for path, kind in self.kinds.items())
            and all(_link(path) == link for path, link in self.links.items())
        )

    def _same_file(self, path: str, entry: list[Any]) -> bool:
        try:
            status = os.stat(path)
            if entry[0] == [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]:
                return True
            stamp, now = stamp_of(path), time.time_ns()
            content = _content(path)
        except OSError:
            return False
        hashed = digest(content)
        if hashed != entry[1]:
            if not (entry[1] and self._says_the_same(path, entry, content)):
                return False
            entry[1] = hashed
        self._renew(entry, _reliable(stamp, now))
        return True

    def _says_the_same(self, path: str, entry: list[Any], content: bytes) -> bool:
        """Whether a run would see nothing new in another content; its lines may have moved."""
        text, gist, lines, called, passed_by = entry[2:]
        now = gist_of(content) if text else ""
        if text and now == text:
            return True
        if passed_by and (len(content) > hints.TOO_LARGE or hints.are_in(content)):
            return False
        outline = outline_of(content, called=tuple(one == "1" for one in called)) if gist else None
        if outline is None or outline.gist != gist:
            return False
        if text or _joined(outline.lines) != lines:
            self.moved[path] = dict(zip(map(int, lines.split()), outline.lines, strict=True))
            entry[2], entry[4] = now, _joined(outline.lines)
        return True

    def _same_folder(self, path: str, entry: list[Any]) -> bool:
        try:
            stamp = stamp_of(path)
        except OSError:
            return False
        if entry[0] == stamp:
            return True
        now = time.time_ns()
        if listing_hash(path) != entry[1]:
            return False
        self._renew(entry, _reliable(stamp, now))
        return True

    def _renew(self, entry: list[Any], stamp: Stamp) -> None:
        if entry[0] != stamp:
            entry[0] = stamp
            self.renewed = True


_UNEDITED: Final = ("", "", "", "", False)
"""What is kept of a file that the program's author does not edit: its hash is all that counts."""


def _joined(lines: Iterable[int]) -> str:
    return " ".join(map(str, lines))


def _content(path: str) -> bytes:
    with io_open(path, "rb") as file:
        return bytes(file.read())


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except (OSError, ValueError):
        return ""


io_open: Final = open
"""As it was before anybody watched."""
