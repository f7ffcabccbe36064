"""A launcher that refuses to start: what it would start is played, and that it refused is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from patchlint.launchers.starting import _is_cut, _with_refusal, _without_refusal
from patchlint.launchers.variables import LOST
from patchlint.model.events import ModuleExecuted, Opaque
from patchlint.model.location import Location, Trail
from patchlint.model.plan import Entrypoint
from patchlint.model.timeline import Timeline

ROOT = Trail(None, None, "start")
EMPTY = Timeline(Entrypoint("command", "gunicorn", "/srv"), "3.11", "linux", (), ("/venv/lib",))


def refusal(reason: str) -> Opaque:
    return Opaque("main", "program", reason, Location("/venv/lib/argparse.py", 3), ROOT)


def executed(path: str) -> ModuleExecuted:
    return ModuleExecuted("main", "a", path, "source", "certain", ROOT)


@pytest.mark.parametrize(
    ("reason", "path", "is_told"),
    [
        ("ended with SystemExit: 2", "/venv/lib/gunicorn.py", True),
        ("ended with SystemExit: 2", "/srv/app.py", False),
        ("ended with ValueError: 2", "/venv/lib/gunicorn.py", False),
    ],
)
def test_a_refusal_before_anything_of_the_program(reason, path, is_told):
    first = replace(EMPTY, events=(executed(path), refusal(reason)))
    assert _with_refusal(EMPTY, first).events == ((refusal(reason),) if is_told else ())


def test_a_command_some_of_whose_words_are_not_known_refuses_nothing():
    first = replace(EMPTY, events=(executed("/venv/lib/gunicorn.py"), refusal("ended with SystemExit: 2")))
    lost = Opaque("main", "$MODULE:app", LOST, Location("Procfile", 1), ROOT)
    assert not _is_cut(first)
    assert _is_cut(replace(first, entrypoint=replace(EMPTY.entrypoint, is_cut=True)))
    assert _is_cut(replace(first, events=(lost, *first.events)))
    assert _without_refusal(first).events == first.events[:1]
