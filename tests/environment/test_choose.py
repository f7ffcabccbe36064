"""Which interpreter is meant, and why."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from patchlint.environment import find_python


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "src" / "app").mkdir(parents=True)
    (folder / ".git").mkdir()
    return folder


def venv(folder: Path, python: str = "bin/python") -> str:
    (folder / python).parent.mkdir(parents=True)
    (folder / python).touch()
    (folder / "pyvenv.cfg").touch()
    return str(folder)


def test_what_is_asked_for_comes_first(project: Path) -> None:
    venv(project / ".venv")
    environ = {"VIRTUAL_ENV": venv(project / "active")}
    assert find_python("given", "configured", project, environ) == ("given", "--python")
    assert find_python(None, "configured", project, environ) == ("configured", "[tool.patchlint] python")


def test_order_of_the_hints(project: Path) -> None:
    active, conda = venv(project / "active"), venv(project / "conda", "bin/python3")
    environ = {"VIRTUAL_ENV": active, "CONDA_PREFIX": conda}
    assert find_python(None, None, project, environ) == (active, "VIRTUAL_ENV")
    del environ["VIRTUAL_ENV"]
    assert find_python(None, None, project, environ) == (conda, "CONDA_PREFIX")
    near = venv(project / "venv")
    assert find_python(None, None, project, environ) == (near, "venv beside the program")
    near = venv(project / ".venv")
    assert find_python(None, None, project, environ) == (near, ".venv beside the program")
    assert find_python(None, None, project / "src" / "app", environ) == (near, ".venv above the program")


def test_own_interpreter_is_the_last_resort(project: Path) -> None:
    assert find_python(None, None, project, {}) == (sys.executable, "the interpreter that runs patchlint")


def test_hints_that_lead_nowhere_are_passed_over(project: Path) -> None:
    (project / ".venv").mkdir()
    (project / "venv" / "bin").mkdir(parents=True)
    (project / "venv" / "pyvenv.cfg").touch()
    environ = {"VIRTUAL_ENV": str(project / "gone"), "CONDA_PREFIX": "/nowhere"}
    assert find_python(None, None, project, environ)[1] == "the interpreter that runs patchlint"


def test_search_ends_with_the_repository(project: Path) -> None:
    venv(project.parent / ".venv")
    assert find_python(None, None, project / "src", {})[1] == "the interpreter that runs patchlint"
