"""The store keeps data between runs and processes, and is silent about everything that can go wrong with it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from patchlint.sources import store as store_module
from patchlint.sources.store import FILE_NAME, Store, hash_of


def filled(folder: Path, **entries: bytes) -> Path:
    with Store.open(folder) as store:
        for key, value in entries.items():
            store.put(key.encode(), value)
    return folder / FILE_NAME


def content(folder: Path, *keys: str) -> dict[bytes, bytes]:
    with Store.open(folder) as store:
        return dict(store.get_many([key.encode() for key in keys]))


def test_what_is_put_is_there_at_once_and_in_the_next_run(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.put(b"a", b"1")
        assert store.get(b"a") == b"1"
        assert store.get(b"b") is None
    assert content(tmp_path, "a", "b") == {b"a": b"1"}


def test_a_store_that_is_not_closed_writes_nothing(tmp_path: Path) -> None:
    Store.open(tmp_path).put(b"a", b"1")
    assert content(tmp_path, "a") == {}


def test_many_entries_are_read_at_once(tmp_path: Path) -> None:
    every = {f"{number}": b"%d" % number for number in range(1, 2000)}
    filled(tmp_path, **every)
    assert content(tmp_path, *every) == {key.encode(): value for key, value in every.items()}


def test_without_a_folder_nothing_is_kept() -> None:
    with Store.open(None) as store:
        store.put(b"a", b"1")
        assert store.get(b"a") is None
        assert store.size() == (0, 0)
        store.clean()


def test_a_folder_that_is_not_there_is_no_store(tmp_path: Path) -> None:
    filled(tmp_path / "missing", a=b"1")
    assert content(tmp_path / "missing", "a") == {}


def test_the_hash_depends_on_the_content_and_on_how_results_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    before = hash_of(b"text")
    assert before == hash_of(b"text") != hash_of(b"other")
    monkeypatch.setattr(store_module, "SCHEMA", -1)
    store_module._makers.cache_clear()
    try:
        assert hash_of(b"text") != before
    finally:
        store_module._makers.cache_clear()


@pytest.mark.parametrize("damage", [b"", b"no database at all", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_file_is_made_anew(tmp_path: Path, damage: bytes) -> None:
    filled(tmp_path, a=b"1").write_bytes(damage)
    assert content(tmp_path, "a") == {}
    filled(tmp_path, a=b"2")
    assert content(tmp_path, "a") == {b"a": b"2"}


def test_damage_in_the_middle_is_found_out(tmp_path: Path) -> None:
    path = filled(tmp_path, **{f"k{number}": os.urandom(3000) for number in range(200)})
    with open(path, "r+b") as file:
        file.seek(8192)
        file.write(b"\xa5" * (path.stat().st_size - 8192))
    content(tmp_path, *(f"k{number}" for number in range(200)))
    filled(tmp_path, a=b"1")
    filled(tmp_path, a=b"1")
    assert content(tmp_path, "a") == {b"a": b"1"}


def test_a_file_of_another_program_is_made_anew(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    connection.execute("CREATE TABLE entries (something TEXT)")
    connection.close()
    assert content(tmp_path, "a") == {}
    filled(tmp_path, a=b"1")
    assert content(tmp_path, "a") == {b"a": b"1"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_only_read(tmp_path: Path) -> None:
    path = filled(tmp_path, a=b"1")
    path.chmod(0o444)
    tmp_path.chmod(0o555)
    try:
        filled(tmp_path, b=b"2")
        assert content(tmp_path, "a", "b") == {b"a": b"1"}
    finally:
        tmp_path.chmod(0o755)


def test_a_full_disk_is_no_error(tmp_path: Path) -> None:
    filled(tmp_path, a=b"1")
    with Store.open(tmp_path) as store:
        assert store._connection is not None
        store._connection.execute("PRAGMA max_page_count=5")
        store.put(b"b", bytes(100_000))
    assert content(tmp_path, "a", "b") == {b"a": b"1"}


def test_a_locked_file_is_not_waited_for(tmp_path: Path) -> None:
    other = sqlite3.connect(filled(tmp_path, a=b"1"), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    started = time.perf_counter()
    with Store.open(tmp_path) as store:
        for _ in range(20):
            assert store.get(b"a") is None
        store.put(b"b", b"2")
    assert time.perf_counter() - started < 2
    other.execute("ROLLBACK")
    other.close()
    assert content(tmp_path, "a", "b") == {b"a": b"1"}


def test_the_file_stays_within_its_limit_and_what_is_used_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = 400_000
    monkeypatch.setattr(time, "time", lambda: 100 * 86_400.0)
    with Store.open(tmp_path, limit) as store:
        for number in range(30):
            store.put(b"old%d" % number, bytes(10_000))
    monkeypatch.setattr(time, "time", lambda: 120 * 86_400.0)
    with Store.open(tmp_path, limit) as store:
        assert store.get(b"old3") is not None
    monkeypatch.setattr(time, "time", lambda: 121 * 86_400.0)
    with Store.open(tmp_path, limit) as store:
        for number in range(20):
            store.put(b"new%d" % number, bytes(10_000))
    with Store.open(tmp_path, limit) as store:
        there = set(store.get_many([b"%s%d" % (age, n) for age in (b"old", b"new") for n in range(30)]))
        count, size = store.size()
    assert {b"new%d" % n for n in range(20)} | {b"old3"} <= there
    assert count == len(there) < 50
    assert size <= limit
    assert (tmp_path / FILE_NAME).stat().st_size <= limit + 100_000


def test_cleaning_forgets_everything(tmp_path: Path) -> None:
    path = filled(tmp_path, a=b"1")
    with Store.open(tmp_path) as store:
        assert store.size()[0] == 1
        store.clean()
    assert not path.exists()
    assert content(tmp_path, "a") == {}


WRITER = """
import sys
from pathlib import Path
from patchlint.sources.store import Store
for turn in range(15):
    with Store.open(Path(sys.argv[1])) as store:
        for number in range(20):
            value = store.get(b"%d" % number)
            assert value in (None, bytes([number]) * 2000)
            store.put(b"%d" % number, bytes([number]) * 2000)
"""


def test_processes_share_it(tmp_path: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)]) for _ in range(4)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0, 0]
    assert content(tmp_path, "0", "19") == {b"0": bytes(2000), b"19": bytes([19]) * 2000}
