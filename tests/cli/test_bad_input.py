"""Input that cannot be analysed: one clear line each, the right exit status, and everything else still analysed.

The whole tool runs here, in a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

GOOD = "import json\n\nif __name__ == '__main__':\n    json.dumps({})\n"
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository with one good program."""
    place = tmp_path / "project"
    (place / ".git").mkdir(parents=True)
    (place / "good.py").write_text(GOOD)
    return place


@pytest.fixture
def run(folder: Path, tmp_path: Path) -> Run:
    """Runs patchlint in the repository; keywords are environment variables."""

    def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "PYTHONPATH"}}
        environment = {**kept, "PATCHLINT_CACHE_DIR": str(tmp_path / "cache"), **environ}
        command = [sys.executable, "-m", "patchlint", *arguments]
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)

    return run


def assert_one_line(done: subprocess.CompletedProcess[str], line: str) -> None:
    assert (done.returncode, done.stderr) == (2, line + "\n"), done.stdout


def assert_the_good_one_is_checked(done: subprocess.CompletedProcess[str]) -> None:
    assert "Checked good.py" in done.stdout


def test_nothing_wrong(run: Run) -> None:
    done = run("good.py")
    assert (done.returncode, done.stderr) == (0, "")
    assert_the_good_one_is_checked(done)


def test_a_missing_file(run: Run) -> None:
    done = run("good.py", "none.py")
    assert_one_line(done, "none.py: error: no such file or folder")
    assert_the_good_one_is_checked(done)


def test_a_folder_without_python(run: Run, folder: Path) -> None:
    (folder / "docs").mkdir()
    done = run("good.py", "docs")
    assert_one_line(done, "docs: error: no Python files to check")
    assert_the_good_one_is_checked(done)


@pytest.mark.parametrize("arguments", [("good.py", "bad.py"), (".",)])
def test_a_syntax_error(run: Run, folder: Path, arguments: tuple[str, ...]) -> None:
    (folder / "bad.py").write_text("if __name__ == '__main__':\n    x = (\n")
    done = run(*arguments)
    assert_one_line(done, "bad.py:2: error: syntax error: '(' was never closed")
    assert_the_good_one_is_checked(done)


def test_a_syntax_error_in_a_file_that_nobody_imports(run: Run, folder: Path) -> None:
    (folder / "aside.py").write_text("def f():\n    x = = 1\n")
    for _ in ("cold", "warm"):
        done = run(".")
        assert_one_line(done, "aside.py:2: error: syntax error: invalid syntax")
        assert_the_good_one_is_checked(done)


def test_a_file_that_is_not_utf_8(run: Run, folder: Path) -> None:
    (folder / "bad.py").write_bytes(b"import os\nimport sys\n# caf\xe9\n")
    done = run("good.py", "bad.py")
    assert_one_line(done, "bad.py:3: error: is not utf-8: save it as UTF-8 or declare its encoding")
    assert_the_good_one_is_checked(done)


@pytest.mark.parametrize("path", [".", "good.py"])
def test_a_broken_pyproject(run: Run, folder: Path, path: str) -> None:
    (folder / "pyproject.toml").write_text("[tool.patchlint\n")
    done = run(path)
    what = "not valid TOML: Expected ']' at the end of a table declaration (the file is set aside)"
    assert_one_line(done, f"pyproject.toml:1: error: {what}")
    assert_the_good_one_is_checked(done)


def test_an_unknown_setting(run: Run, folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[tool.patchlint]\nslect = []\n")
    done = run("good.py")
    assert_one_line(
        done,
        "pyproject.toml:2: error: unknown setting 'slect' (did you mean 'select'?) (the file is set aside)",
    )
    assert_the_good_one_is_checked(done)


def test_an_unknown_rule(run: Run) -> None:
    assert_one_line(
        run("good.py", "--select", "PAT90l"), "patchlint: error: --select: no rule 'PAT90l' (did you mean 'PAT901'?)"
    )


@pytest.mark.parametrize("python", ["none", "good.py", "/bin/cat", "."])
def test_a_python_that_is_none(run: Run, python: str) -> None:
    done = run("good.py", "--python", python)
    assert done.returncode == 2
    assert done.stderr.startswith("patchlint: error: ")
    assert done.stderr.count("\n") == 1


def test_an_unwritable_cache_folder(run: Run, folder: Path) -> None:
    done = run("good.py", PATCHLINT_CACHE_DIR=f"{folder}/good.py")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{folder}/good.py: cannot be used as a cache (File exists); going on without one" in done.stdout
    assert_the_good_one_is_checked(done)


def test_json_has_the_errors_too(run: Run) -> None:
    document: Any = json.loads(run("good.py", "none.py", "--format", "json").stdout)
    assert [entrypoint["entrypoint"] for entrypoint in document["entrypoints"]] == ["good.py"]
    assert [error["message"] for error in document["errors"]] == ["no such file or folder"]


def test_a_launcher_that_is_not_installed_beside_what_can_be_played(run: Run, folder: Path) -> None:
    (folder / "Procfile").write_text("web: celery -A app worker\nrelease: python good.py\n")
    done = run(".", "--python", sys.base_prefix)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Procfile:1: not checked: celery: not a console script of")


def test_nothing_that_can_be_played_is_no_clean_program(run: Run, folder: Path) -> None:
    (folder / "good.py").unlink()
    (folder / "Procfile").write_text("web: gunicorn app:app\n")
    done = run(".", "--python", sys.base_prefix)
    assert done.returncode == 2
    assert done.stderr.startswith("Procfile:1: error: not checked: gunicorn: not a console script of ")
    assert "Nothing found" not in done.stdout
