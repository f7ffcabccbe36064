"""What `pytest` imports, in its order."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from patchlint.environment import Target, inspect_target
from patchlint.launchers import pytest as command
from patchlint.model.plan import ImportModule, RunFile


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Target:
    return inspect_target(sys.executable, "the tests' own", {}, tmp_path_factory.mktemp("cache"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in (
        "conftest.py",
        "tests/conftest.py",
        "tests/test_a.py",
        "tests/unit/__init__.py",
        "tests/unit/b_test.py",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    (tmp_path / "tests" / "helpers.py").write_text("")
    (tmp_path / "tests" / "unit" / "b_test.py").write_text("")
    return tmp_path


def played(folder: Path, target: Target, *words: str) -> list[str]:
    """What is imported for the program, with nothing known of the installed pytest."""
    steps = command.plan(("pytest", *words), str(folder), target)
    seen: list[str] = []
    step = next(steps)
    while True:
        if isinstance(step, RunFile):
            seen.append(str(Path(step.path).relative_to(folder)))
        elif isinstance(step, ImportModule) and not step.own:
            seen.append(step.name)
        try:
            step = steps.send(None)
        except StopIteration:
            return [name for name in seen if name not in {name for _, name in command.entry_points(target)}]


def test_conftests_come_before_the_tests_below_them(project: Path, target: Target) -> None:
    assert played(project, target) == ["conftest.py", "tests/conftest.py", "tests/test_a.py", "unit.b_test"]


def test_plugins_of_the_command_line_come_first(project: Path, target: Target) -> None:
    assert played(project, target, "-p", "early.plugin", "-pother", "-p", "no:cacheprovider")[:3] == [
        "early.plugin",
        "other",
        "conftest.py",
    ]


def test_a_path_brings_the_conftests_above_it(project: Path, target: Target) -> None:
    assert played(project, target, "-k", "tests", "tests/test_a.py::test_it") == [
        "conftest.py",
        "tests/conftest.py",
        "tests/test_a.py",
    ]


def test_plugins_of_installed_distributions_are_known(target: Target) -> None:
    assert dict(command.entry_points(target)).get("hypothesispytest") == "_hypothesis_pytestplugin"


def test_a_plugin_can_be_blocked() -> None:
    arguments = command.read(["-p", "no:xdist", "-q"], "/")
    assert (arguments.blocked, arguments.plugins, arguments.paths) == (frozenset({"xdist"}), (), ())
