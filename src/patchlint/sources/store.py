"""The store: what was worked out about a file's content, kept between runs.

One SQLite file that all projects, environments and running processes of a user share.  It holds data only,
under a hash of the content and of everything else that the result depends on, so an entry is never out of
date.  It is a help and nothing more: where it is absent, locked, full, read-only or damaged, there is no
entry, and nothing is said.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
import time
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Final, final

from patchlint.model.operations import SCHEMA

try:
    from _blake2 import blake2b  # hashlib would load OpenSSL first
except ImportError:  # pragma: no cover
    from hashlib import blake2b

FILE_NAME: Final = "summaries.sqlite"
LIMIT: Final = 256 * 2**20
"""Bytes that the file may hold before those entries go that have not been used for the longest time."""

_DAY: Final = 86_400
_TOUCHED_AFTER: Final = 7  # days: that an entry is in use is written down no more often
_PATIENCE: Final = 0.25  # seconds to wait for another process
_KEPT: Final = 0.75  # of the limit, when entries have to go
_AT_ONCE: Final = 500  # keys in one query
_HASH_SIZE: Final = 16

_FORMAT: Final = 1
_SETTINGS: Final = "PRAGMA synchronous=NORMAL", "PRAGMA mmap_size=268435456", "PRAGMA temp_store=MEMORY"
_TABLE: Final = "CREATE TABLE entries (key BLOB PRIMARY KEY, used INTEGER NOT NULL, value BLOB NOT NULL)"


def hash_of(content: bytes) -> bytes:
    """The hash under which what is worked out about some content is kept; each kind of result adds a prefix."""
    return blake2b(content, digest_size=_HASH_SIZE, key=_makers()).digest()


@lru_cache(maxsize=1)
def _makers() -> bytes:
    """What a result depends on besides the content: the operations, the code of this room, and the host's grammar."""
    digest = blake2b(f"{SCHEMA} {sys.implementation.cache_tag}".encode(), digest_size=_HASH_SIZE)
    here = os.path.dirname(os.path.abspath(__file__))
    for folder in (here, os.path.join(here, "binary")):
        with contextlib.suppress(OSError):
            for name in sorted(name for name in os.listdir(folder) if name.endswith(".py")):
                with open(os.path.join(folder, name), "rb") as file:
                    digest.update(file.read())
    return digest.digest()


@final
class Store:
    """Entries by key.  What is put is kept when the store is closed, in one transaction.

    ``limit`` bounds the size of the file, in bytes.
    """

    def __init__(self, path: Path | None = None, limit: int = LIMIT) -> None:
        self._path = path
        self._limit = limit
        self._new: dict[bytes, bytes] = {}
        self._stale: set[bytes] = set()
        self._today = int(time.time() // _DAY)
        self._connection = _connect(path) if path is not None else None

    @classmethod
    def open(cls, folder: Path | None, limit: int = LIMIT) -> Store:
        """The store in a folder; one that holds nothing where there is no folder, or it cannot be used."""
        return cls(None if folder is None else folder / FILE_NAME, limit)

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        self._give_up()

    def get(self, key: bytes) -> bytes | None:
        """An entry, None where there is none."""
        return self.get_many((key,)).get(key)

    def get_many(self, keys: Collection[bytes]) -> Mapping[bytes, bytes]:
        """Those of the entries that are there."""
        found = {key: self._new[key] for key in keys if key in self._new}
        if self._connection is None:
            return found
        wanted = [key for key in keys if key not in found]
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            marks = ",".join("?" * len(some))
            query = f"SELECT key, value, used FROM entries WHERE key IN ({marks})"  # noqa: S608  (question marks)
            for key, value, used in self._run(query, some):
                found[key] = value
                if used < self._today - _TOUCHED_AFTER:
                    self._stale.add(key)
        return found

    def put(self, key: bytes, value: bytes) -> None:
        """Keep an entry, once the store is closed."""
        if self._connection is not None:
            self._new[key] = value

    def size(self) -> tuple[int, int]:
        """How many entries there are, and the bytes that the file takes."""
        rows = self._run("SELECT count(*) FROM entries")
        return (int(rows[0][0]), self._bytes()) if rows else (0, 0)

    def clean(self) -> None:
        """Forget everything."""
        self._new.clear()
        self._give_up(remove=True)

    def close(self) -> None:
        """Write what is new, let go of what is too much, and close the file."""
        connection = self._connection
        if connection is not None and (self._new or self._stale):
            try:
                self._write(connection)
            except sqlite3.Error as error:
                self._failed(error)
        self._new.clear()
        self._give_up()

    # The file -------------------------------------------------------------------------------------
    def _run(self, query: str, parameters: Iterable[object] = ()) -> list[tuple[Any, ...]]:
        if self._connection is None:
            return []
        try:
            return self._connection.execute(query, tuple(parameters)).fetchall()
        except sqlite3.Error as error:
            self._failed(error)
            return []

    def _write(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")
        rows = ((key, self._today, value) for key, value in self._new.items())
        connection.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?)", rows)
        connection.executemany("UPDATE entries SET used = ? WHERE key = ?", ((self._today, k) for k in self._stale))
        if self._bytes() > self._limit:
            self._prune(connection)
        connection.execute("COMMIT")
        connection.executescript("PRAGMA incremental_vacuum")

    def _prune(self, connection: sqlite3.Connection) -> None:
        """Let go of what was not used for the longest time; of what was used on one day, the oldest first."""
        left = self._limit * _KEPT
        superfluous = []
        for row, size in connection.execute("SELECT rowid, length(value) FROM entries ORDER BY used DESC, rowid DESC"):
            left -= size
            if left < 0:
                superfluous.append((row,))
        connection.executemany("DELETE FROM entries WHERE rowid = ?", superfluous)

    def _bytes(self) -> int:
        """What the file holds, without the pages that are free."""
        pages, free, size = (
            self._run(f"PRAGMA {name}")[0][0] for name in ("page_count", "freelist_count", "page_size")
        )
        return int(pages - free) * int(size)

    def _failed(self, error: sqlite3.Error) -> None:
        """Go on without: what is damaged is removed, so that the next run has a store again."""
        self._give_up(remove=not isinstance(error, sqlite3.OperationalError))

    def _give_up(self, *, remove: bool = False) -> None:
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None
        if remove and self._path is not None:
            _remove(self._path)


def _connect(path: Path) -> sqlite3.Connection | None:
    """Open the file, made anew if it is damaged; None where it cannot be used."""
    for _ in range(2):
        try:
            return _opened(path)
        except sqlite3.OperationalError:
            return None
        except sqlite3.Error:
            _remove(path)
    return None


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        for setting in _SETTINGS:
            connection.execute(setting)
        if not _is_ready(connection):
            _create(connection)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _is_ready(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("PRAGMA user_version").fetchone() == (_FORMAT,))


def _create(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
    connection.execute("BEGIN IMMEDIATE")
    if not _is_ready(connection):  # another process may have been quicker
        if connection.execute("SELECT count(*) FROM sqlite_master").fetchone() != (0,):
            raise sqlite3.DatabaseError("the file of another program, or of another version")
        connection.execute(_TABLE)
        connection.execute(f"PRAGMA user_version={_FORMAT}")
    connection.execute("COMMIT")


def _remove(path: Path) -> None:
    """Remove the file and the journal that an interrupted writer may have left."""
    for name in (path, path.with_name(path.name + "-journal")):
        with contextlib.suppress(OSError):
            name.unlink()
