"""A launcher that refuses to start: what it would start is played, and that it refused is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from patchlint.launchers.starting import _with_refusal
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
