"""Which entrypoints are played again for a change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from patchlint import replaying
from patchlint.api import examine
from patchlint.config import load
from patchlint.replaying import Stage


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two programs that share a module, of which one asks for another one, too, in an `if` that a change turns."""
    (tmp_path / "common.py").write_text("USES = False\n")
    (tmp_path / "extra.py").write_text("x = 1\n")
    (tmp_path / "one.py").write_text("import common\n\nif common.USES:\n    import extra\n")
    (tmp_path / "two.py").write_text("import common\n")
    return tmp_path


@contextmanager
def staged(folder: Path, *programs: str) -> Iterator[Stage]:
    settings = load(folder, None, {"cache": False})
    with examine(programs, (), settings, str(folder)) as examined:
        yield Stage(examined)


def test_only_who_sees_a_change_is_played(folder: Path) -> None:
    with staged(folder, "one.py", "two.py") as stage:
        time = stage.left
        stage.studies({str(folder / "one.py"): "y = 1\n"}, {})
        assert stage.left == time - 1
        stage.studies({str(folder / "common.py"): "USES = True\n"}, {})
        assert stage.left == time - 3


def test_the_same_change_is_played_once_also_beside_another(folder: Path) -> None:
    one, two = {str(folder / "one.py"): "y = 1\n"}, {str(folder / "two.py"): "y = 1\n"}
    with staged(folder, "one.py", "two.py") as stage:
        alone = (stage.studies(one, {})[0], stage.studies(two, {})[1])
        time = stage.left
        assert stage.studies({**one, **two}, {}) == alone
        assert stage.left == time


def test_what_only_the_changed_program_sees_counts(folder: Path) -> None:
    common, extra = str(folder / "common.py"), str(folder / "extra.py")
    with staged(folder, "one.py") as stage:
        time = stage.left
        stage.studies({extra: "x = 2\n"}, {})
        assert stage.left == time  # nobody asks for it
        stage.studies({common: "USES = True\n"}, {})
        stage.studies({common: "USES = True\n", extra: "x = 2\n"}, {})
        assert stage.left == time - 2


def test_a_file_that_is_not_there_yet_is_for_all(folder: Path) -> None:
    with staged(folder, "one.py", "two.py") as stage:
        time = stage.left
        stage.studies({str(folder / "new.py"): ""}, {})
        assert stage.left == time - 2


def test_there_is_an_end_to_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaying, "MOST_PLAYS", 1)
    monkeypatch.setattr(replaying, "EACH", 0)
    with staged(folder, "one.py", "two.py") as stage:
        assert not stage.is_affordable({str(folder / "common.py"): ""}, {})
        assert stage.is_affordable({str(folder / "one.py"): "y = 1\n"}, {})
        stage.studies({str(folder / "one.py"): "y = 1\n"}, {})
        assert stage.is_affordable({str(folder / "one.py"): "y = 1\n"}, {})
        assert not stage.is_affordable({str(folder / "one.py"): "y = 2\n"}, {})
