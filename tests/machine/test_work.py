"""How much is done for a program, in operations: these do not depend on the machine that runs the tests.

What the interpreter's own start takes depends on its version, so an empty program's work is taken off.
"""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from patchlint import api
from patchlint.config import DEFAULTS
from patchlint.launchers import start
from patchlint.model.plan import Entrypoint


@dataclass(frozen=True)
class Work:
    """Files lowered and read, functions lowered, steps of the interpreter."""

    lowered: int
    files: int
    bodies: int
    steps: int

    def without(self, other: Work) -> Work:
        return Work(
            self.lowered - other.lowered,
            self.files - other.files,
            self.bodies - other.bodies,
            self.steps - other.steps,
        )


MODULE = """
import part.module{next}


class Thing:
    size = {number}

    def never_called(self):
        return [step for step in range(self.size)]


def make(count):
    return [Thing() for _ in range(count)]


THINGS = make(2)
"""


def write(folder: Path, modules: int) -> None:
    (folder / "part").mkdir(parents=True)
    (folder / "part" / "__init__.py").write_text("")
    (folder / "run.py").write_text("import part.module0\n" if modules else "")
    for number in range(modules):
        text = MODULE.format(number=number, next=(number + 1) % modules)
        (folder / "part" / f"module{number}.py").write_text(text)


def work(folder: Path, cache: Path | None = None) -> Work:
    world, reader = api.look_around(folder, DEFAULTS, dict(os.environ), cache)
    with closing(reader):
        # What a .pth file of the tests' own environment puts in the way of imports is no work of the program's.
        world = replace(world, target=replace(world.target, pth_lines=()))
        line = start(Entrypoint("file", str(folder / "run.py"), str(folder)), world)
    return Work(reader.lowered, reader.files_read, reader.bodies_lowered, line.steps)


@pytest.fixture
def nothing(tmp_path: Path) -> Work:
    write(tmp_path / "nothing", 0)
    return work(tmp_path / "nothing")


def test_each_file_is_read_and_lowered_once_and_only_what_is_called(tmp_path: Path, nothing: Work) -> None:
    write(tmp_path / "program", 10)
    done = work(tmp_path / "program").without(nothing)
    assert done == Work(lowered=11, files=11, bodies=10, steps=STEPS_OF_ONE * 10 + 1)


def test_work_grows_with_the_modules_and_no_faster(tmp_path: Path, nothing: Work) -> None:
    write(tmp_path / "program", 100)
    done = work(tmp_path / "program").without(nothing)
    assert done == Work(lowered=101, files=101, bodies=100, steps=STEPS_OF_ONE * 100 + 1)


def test_what_is_in_the_store_is_not_lowered(tmp_path: Path) -> None:
    write(tmp_path / "program", 10)
    cold = work(tmp_path / "program", tmp_path / "cache")
    warm = work(tmp_path / "program", tmp_path / "cache")
    assert warm == Work(lowered=0, files=cold.files, bodies=0, steps=cold.steps)


def test_of_a_changed_program_only_the_changed_file_is_lowered(tmp_path: Path) -> None:
    write(tmp_path / "program", 10)
    work(tmp_path / "program", tmp_path / "cache")
    path = tmp_path / "program" / "part" / "module3.py"
    path.write_text(path.read_text() + "LAST = 1\n")
    assert work(tmp_path / "program", tmp_path / "cache").lowered == 1


STEPS_OF_ONE = 9
"""Of one module: import, class, its two statements, function, binding, return, and two turns of a comprehension."""


WALK = """
import os
from collections import deque


def parts(node):
    for part in (node.left, node.right):
        if part.is_node:
            yield part


def walk(tree):
    todo = deque([tree])
    while todo:
        node = todo.popleft()
        todo.extend(parts(node))
        yield node


for node in walk(os.environ.get("TREE_OF_OURS")):
    node.line = 1
"""


def test_a_walk_through_a_tree_that_is_not_known_ends_early(tmp_path: Path) -> None:
    """Each part may have parts, so that nobody knows of an end."""
    write(tmp_path, 0)
    nothing = work(tmp_path)
    (tmp_path / "run.py").write_text(WALK)
    assert work(tmp_path).without(nothing).steps < 2_000
