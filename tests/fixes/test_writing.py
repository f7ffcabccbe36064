"""Edits on files: nothing but the lines that they name changes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from patchlint.fixes.writing import unified, write
from patchlint.model.errors import SourceError
from patchlint.model.proposal import Edit, Source


def test_line_breaks_encoding_and_mode_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "run.py"
    file.write_bytes("# coding: latin-1\r\nx = 'é'\r\n".encode("latin-1"))
    file.chmod(0o755)
    write([(Source(str(file), "# coding: latin-1\nx = 'é'\n"), [Edit(str(file), 2, 2, "import os\n")])])
    assert file.read_bytes() == "# coding: latin-1\r\nimport os\r\nx = 'é'\r\n".encode("latin-1")
    assert file.stat().st_mode & 0o777 == 0o755
    assert os.listdir(tmp_path) == ["run.py"]


def test_a_byte_order_mark_stays(tmp_path: Path) -> None:
    file = tmp_path / "run.py"
    file.write_bytes(b"\xef\xbb\xbfx = 1\n")
    write([(Source(str(file), "x = 1\n"), [Edit(str(file), 2, 2, "y = 2\n")])])
    assert file.read_bytes() == b"\xef\xbb\xbfx = 1\ny = 2\n"


def test_a_file_that_was_changed_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "run.py"
    file.write_text("x = 2\n")
    with pytest.raises(SourceError, match="was changed since it was played"):
        write([(Source(str(file), "x = 1\n"), [Edit(str(file), 1, 1, "y = 2\n")])])
    assert file.read_text() == "x = 2\n"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.py").write_text("x = 1\n")
    (tmp_path / "run.py").symlink_to("real.py")
    write([(Source(str(tmp_path / "run.py"), "x = 1\n"), [Edit("run.py", 1, 2, "x = 2\n")])])
    assert (tmp_path / "run.py").is_symlink()
    assert (tmp_path / "real.py").read_text() == "x = 2\n"


def test_a_diff() -> None:
    assert unified("run.py", "a\nb\n", (Edit("run.py", 2, 3, "c\n"),)) == (
        "--- a/run.py\n+++ b/run.py\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n"
    )


def test_mixed_line_breaks_stay_mixed(tmp_path: Path) -> None:
    file = tmp_path / "run.py"
    file.write_bytes(b"a = 1\r\nb = 2\nc = 3\r\n")
    write([(Source(str(file), "a = 1\nb = 2\nc = 3\n"), [Edit(str(file), 3, 3, "x = 0\n")])])
    assert file.read_bytes() == b"a = 1\r\nb = 2\nx = 0\r\nc = 3\r\n"


def test_nothing_invalid_is_written(tmp_path: Path) -> None:
    file = tmp_path / "run.py"
    file.write_text("a = 1\n")
    with pytest.raises(SourceError, match="would not be valid"):
        write([(Source(str(file), "a = 1\n"), [Edit(str(file), 1, 1, "def f(:\n")])])
    assert file.read_text() == "a = 1\n"


def two(folder: Path) -> list[tuple[Source, list[Edit]]]:
    for name in ("a.py", "b.py"):
        (folder / name).write_text("x = 1\n")
    return [(Source(str(folder / name), "x = 1\n"), [Edit("", 1, 2, "x = 2\n")]) for name in ("a.py", "b.py")]


def test_several_files_are_written_together(tmp_path: Path) -> None:
    write(two(tmp_path))
    assert [(tmp_path / name).read_text() for name in ("a.py", "b.py")] == ["x = 2\n", "x = 2\n"]


def test_none_is_written_where_one_was_changed(tmp_path: Path) -> None:
    changes = two(tmp_path)
    (tmp_path / "b.py").write_text("x = 3\n")
    with pytest.raises(SourceError, match="was changed"):
        write(changes)
    assert (tmp_path / "a.py").read_text() == "x = 1\n"


def test_what_was_written_goes_back_where_another_cannot_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changes, taken = two(tmp_path), os.replace

    def refuses(source: str, target: str) -> None:
        if target.endswith("b.py"):
            raise PermissionError(1, "not permitted")
        taken(source, target)

    monkeypatch.setattr(os, "replace", refuses)
    with pytest.raises(SourceError, match="cannot be written: not permitted"):
        write(changes)
    assert (tmp_path / "a.py").read_text() == "x = 1\n"
    assert sorted(os.listdir(tmp_path)) == ["a.py", "b.py"]
