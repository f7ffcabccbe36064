"""Imports nest as deeply as the target's recursion limit lets them.  tests/real runs the same chains."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from patchlint.machine import nesting
from patchlint.machine.nesting import frames_of

if TYPE_CHECKING:
    from conftest import Play

OLD = sys.version_info < (3, 12)


def chain(count: int, text: str, limit: int = 1000) -> dict[str, str]:
    """A program whose modules import one another, the last of them empty; it ends well where all fit."""
    files = {f"p/m{number}.py": text.replace("NEXT", f"m{number + 1}") for number in range(1, count)}
    main = f"import sys, importlib, p\nsys.setrecursionlimit({limit})\n{text.replace('NEXT', 'm1')}\nimport done"
    main = main.replace("from . ", "from p ")
    return {"main.py": main, "p/__init__.py": "", f"p/m{count}.py": "", "done.py": "", **files}


WAYS = {
    "import p.NEXT": (142, 165),
    "from p.NEXT import __name__": (142, 165),
    "from p import NEXT": (99, 124),
    "from . import NEXT": (99, 124),
    "def f():\n    import p.NEXT\nf()": (124, 142),
    "import importlib; importlib.import_module('p.NEXT')": (110, 124),
    "__import__('p.NEXT')": (124, 165),
}
"""Ways to import, and how many modules nest by them: before Python 3.12, and since."""


@pytest.mark.parametrize(("text", "most"), WAYS.items())
def test_as_many_nest_as_the_limit_lets(play: Play, text: str, most: tuple[int, int]) -> None:
    count = most[0] if OLD else most[1]
    fits = play(chain(count, text))
    assert {f"p.m{count}", "done"} <= fits.modules().keys()
    assert not fits.opaque()


@pytest.mark.parametrize(("text", "most"), WAYS.items())
def test_one_more_is_a_recursion_error(play: Play, text: str, most: tuple[int, int]) -> None:
    count = (most[0] if OLD else most[1]) + 1
    played = play(chain(count, text))
    assert f"p.m{count}" not in played.modules()
    assert any("RecursionError" in reason for _, reason in played.opaque())


def test_a_program_may_set_the_limit(play: Play) -> None:
    count = 284 if OLD else 332
    assert f"p.m{count}" in play(chain(count, "import p.NEXT", 2000)).modules()


def test_a_program_may_ask_for_the_limit(play: Play) -> None:
    text = "import sys\nsys.setrecursionlimit(77)\nif sys.getrecursionlimit() == 77:\n    import yes"
    assert "yes" in play({"main.py": text, "yes.py": ""}).modules()


def test_what_a_program_makes_of_the_error_is_followed(play: Play) -> None:
    files = chain(200, "import p.NEXT")
    files["main.py"] = "try:\n    import p.m1\nexcept RecursionError:\n    import done"
    played = play(files)
    assert "done" in played.modules()
    assert not played.opaque()


@pytest.mark.parametrize("more", [0, 1])
def test_packages_that_are_imported_for_their_modules_take_more(play: Play, more: int) -> None:
    count = (90 if OLD else 110) + more
    files = {f"m{n}/__init__.py": f"import m{n + 1}.s" if n < count else "" for n in range(1, count + 1)}
    files |= {f"m{n}/s.py": "" for n in range(1, count + 1)}
    played = play({"main.py": "import m1.s\nimport done", "done.py": "", **files})
    assert (f"m{count}.s" in played.modules()) == (not more)


def test_the_machine_has_an_end_of_its_own(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nesting, "MOST", 20)
    played = play(chain(30, "import p.NEXT"))
    assert "p.m19" in played.modules()
    assert "p.m20" not in played.modules()


def test_a_high_limit_is_within_the_machines_own_means(play: Play) -> None:
    played = play(chain(nesting.MOST + 10, "import p.NEXT", 1_000_000))
    assert f"p.m{nesting.MOST - 1}" in played.modules()
    assert any("RecursionError" in reason for _, reason in played.opaque())


def test_versions_differ() -> None:
    assert frames_of((3, 7, 9)) == frames_of((3, 11, 4)) != frames_of((3, 12, 0))
