"""isort, ruff, black and autopep8 over a fixed program: the patch stays where it was put, and nobody objects to it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

SOURCES = Path(__file__).resolve().parents[2] / "src"
TOOLS = ("isort", "black", "ruff", "autopep8")

pytestmark = pytest.mark.real

MOVED = """import json
from ssl import SSLContext

from gevent import monkey

monkey.patch_all()

print(json.dumps(SSLContext.__module__))
"""
INSERTED = """import json
from ssl import SSLContext
from importlib import import_module

getattr(import_module("gevent.monkey"), "patch_all")()

print(json.dumps(SSLContext.__module__))
"""
FLOATS = "[tool.isort]\nprofile = 'black'\nfloat_to_top = true\n"
RUFF = "[tool.ruff.lint]\nselect = ['E', 'F', 'I', 'RUF100']\n"


@dataclass(frozen=True)
class House:
    """How a project formats: its ``pyproject.toml``, the tools that change a file, and those that only look at it."""

    name: str
    settings: str
    tools: Sequence[str]
    checks: Sequence[str] = ()


NOTHING, LIFTS, CHECKED, ALL, LIFTED = (
    House("nothing configured", "", ["isort --profile black", "black", "isort"], ["ruff check --isolated --select I"]),
    House("isort lifts imports", FLOATS, ["isort", "black", "isort"], ["isort --check", "black --check"]),
    House("ruff", RUFF, ["ruff check --fix", "ruff format", "black"], ["ruff check", "ruff format --check"]),
    House("all of them", f"{FLOATS}{RUFF}", ["isort", "ruff check --fix", "black"], ["ruff check", "isort --check"]),
    House("autopep8", "[tool.autopep8]\naggressive = 2\n", ["autopep8 --in-place", "autopep8 -i -aaa"]),
)
CASES = [
    *((house, MOVED) for house in (NOTHING, LIFTS, CHECKED, ALL, LIFTED)),
    *((house, INSERTED) for house in (ALL, LIFTED)),
]


@pytest.mark.parametrize(("house", "text"), CASES)
def test_a_fix_outlasts_the_formatters(env, tmp_path, house, text):
    python, tools = env(("gevent",)), env(TOOLS).parent
    (tmp_path / "pyproject.toml").write_text(house.settings, "utf-8")
    program = tmp_path / "main.py"
    program.write_text(text, "utf-8")
    said = patchlint(python, tmp_path)
    assert said.startswith("main.py: ")
    for line in (*house.tools, *house.checks):
        done = run([str(tools / line.split()[0]), *line.split()[1:], "main.py"], tmp_path)
        assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
        assert is_first(program.read_text("utf-8")), line
    assert not patchlint(python, tmp_path)  # nothing is left to do
    ran = run([str(python), "-W", "error", "main.py"], tmp_path)
    assert (ran.returncode, ran.stdout) == (0, '"gevent.ssl"\n'), ran.stderr


def is_first(text: str) -> bool:
    return text.index("monkey.patch_") < text.index("import json")


def patchlint(python: Path, folder: Path) -> str:
    """What `--fix` has done."""
    done = run([sys.executable, "-m", "patchlint", "check", "-q", "--fix", "--python", str(python), "main.py"], folder)
    assert done.returncode in {0, 1}, done.stderr
    return done.stderr


def run(line: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONPATH": str(SOURCES)}
    return subprocess.run(line, cwd=folder, env=environ, check=False, capture_output=True, text=True, timeout=60)
