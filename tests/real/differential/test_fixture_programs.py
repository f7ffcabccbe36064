"""The programs of ``tests/fixtures`` that come to an end by themselves: their timeline is what really happens.

Executed files, stale rows and the modules of gevent's warning are compared as sets, the files written in Python in
their order too.  The first program of each folder is always run, the others by ``make differential``.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
import tomli
from differential.alone import prediction, reality

pytestmark = pytest.mark.real

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
FOLDERS = (
    "before-fork", "c-libraries", "captures", "executors", "own-forks", "patch-twice", "plugins", "quiet", "snippets",
    "spellings", "threads-and-patch",
)  # fmt: skip
"""Folders whose programs end by themselves, without an error, a server, a network, a setting or a patch of eventlet."""

ZONE = "it reads the zone of the host, in an encoding that is imported if there is a file"
NOT_COMPARED = {
    "before-fork/alone.py": ZONE,
    "own-forks/background.py": ZONE,
    "own-forks/lost.py": ZONE,
    "own-forks/workers.py": ZONE,
    "executors/early.py": "it waits for ever",
    "patch-twice/by_environment.py": "the environment decides whether it patches: the machine plays both",
    "spellings/late_loop.py": "it patches in two parts: the timeline tells what each left, reality the end",
}
HUB = "gevent's hub, written in C, imports pprint by name once something waits; the machine does not make the hub"
THREADS = "gevent leaves the locks as they are where other threads live; the machine's threading.enumerate() has one"
DIFFER = {
    "before-fork/greenlets.py": HUB,
    "before-fork/pool.py": "the machine does not import what only the start of a process by fork imports",
    "executors/finished.py": HUB,
    "executors/inside.py": f"{HUB}; {THREADS}",
    "plugins/main.py": HUB,
    "quiet/main.py": HUB,
    "threads-and-patch/after_thread.py": THREADS,
    "threads-and-patch/before_thread.py": HUB,
    "threads-and-patch/in_thread.py": THREADS,
}
"""Programs that differ, and why."""


def programs():
    for folder in FOLDERS:
        paths = sorted((FIXTURES / folder).glob("*.py"))
        names = [name for path in paths if (name := f"{folder}/{path.name}") not in NOT_COMPARED]
        yield from (pytest.param(name, marks=[pytest.mark.long] if later else []) for later, name in enumerate(names))


@pytest.mark.parametrize("name", list(programs()))
def test_a_program(name, env, tmp_path):
    folder, _, program = name.partition("/")
    packages = tomli.loads((FIXTURES / folder / "expected.toml").read_text("utf-8"))["packages"]
    python = env(packages, os.environ.get("DIFFERENTIAL_PYTHON", sys.executable))
    copy = Path(os.path.realpath(tmp_path)) / folder
    shutil.copytree(FIXTURES / folder, copy, ignore=shutil.ignore_patterns("__pycache__"))
    real, said = reality(python, copy / program), prediction(python, copy / program)
    agree = (set(said.executed), said.stale, said.warned, said.in_order) == (
        set(real.executed), real.stale, real.warned, real.in_order,
    )  # fmt: skip
    assert agree is (name not in DIFFER), DIFFER.get(name) or differences(real, said)


def differences(real, said):
    return {
        "files": sorted(set(real.executed) ^ set(said.executed)),
        "stale": sorted(real.stale ^ said.stale),
        "warned": sorted(real.warned ^ said.warned),
        "order": [pair for pair in zip(real.in_order, said.in_order, strict=False) if len(set(pair)) > 1][:3],
    }
