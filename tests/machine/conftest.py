"""Small programs, written to a folder and played against the interpreter that runs the tests."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from patchlint.environment import Target, inspect_target
from patchlint.launchers import plan_for
from patchlint.machine import Facts, World
from patchlint.machine import play as play_plan
from patchlint.machine.core import FAILED
from patchlint.model.events import Capture, ModuleExecuted, Opaque, Patch
from patchlint.model.plan import Entrypoint, Plan
from patchlint.model.timeline import Timeline
from patchlint.sources.finder import Finder
from patchlint.sources.reader import Reader

GEVENT = {
    "gevent/__init__.py": "",
    "gevent/threading.py": """
        import threading

        class Thread(threading.Thread):
            pass
    """,
    "gevent/monkey.py": """
        def patch_all(socket=True, dns=True, time=True, select=True, thread=True, os=True, ssl=True,
                      subprocess=True, sys=False, aggressive=True, Event=True, builtins=True, signal=True,
                      queue=True, contextvars=True, **kwargs):
            raise AssertionError("the machine knows what this does")

        def patch_ssl():
            raise AssertionError("the machine knows what this does")
    """,
}
"""A stand-in for gevent: what its calls replace is in the machine's tables, not in its source."""


class NewestGevent(Facts):
    """Tables and the target, as if today's gevent were installed there."""

    def distribution_version(self, name: str) -> str | None:
        return {"gevent": "26.9.0"}.get(name)


@dataclass(frozen=True)
class Played:
    """A timeline, and what tests ask of it."""

    timeline: Timeline
    folder: Path

    def events(self, kind: type) -> list[Any]:
        return [event for event in self.timeline.events if isinstance(event, kind)]

    def modules(self) -> dict[str, str]:
        """The program's own modules in order, and how sure each is."""
        own = str(self.folder)
        return {e.module: e.certainty for e in self.events(ModuleExecuted) if (e.path or "").startswith(own)}

    def stale(self, patch: int = 0) -> dict[tuple[str, str], Capture]:
        """What a patch leaves stale in the program's own modules."""
        captures = self.events(Patch)[patch].stale
        return {(c.module, c.name): c for c in captures if (c.path or "").startswith(str(self.folder))}

    def opaque(self) -> list[tuple[str, str]]:
        return [(event.what, event.reason) for event in self.events(Opaque)]

    def place(self, location: Any) -> tuple[str, int]:
        return (Path(location.path).relative_to(self.folder).as_posix(), location.line)


Play = Callable[..., Played]


@pytest.fixture(scope="session")
def target(tmp_path_factory: pytest.TempPathFactory) -> Target:
    return inspect_target(sys.executable, "the tests' own", {}, tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def reader() -> Reader:
    """One for all tests: what they import of the standard library is read once."""
    return Reader()


@pytest.fixture
def play(tmp_path: Path, target: Target, reader: Reader) -> Play:
    """``play(files, spec, kind=..., plan=...)``: write the files, and play one of them."""
    folder = (tmp_path / "program").resolve()

    def start(files: Mapping[str, str], spec: str = "main.py", kind: Any = "file", plan: Plan | None = None) -> Played:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text).strip() + "\n", "utf-8")
        finder = Finder(target)
        world = World(target, finder, reader, NewestGevent(target, finder), cwd=str(folder))
        entrypoint = Entrypoint(kind, spec, str(folder))
        again = None if plan else lambda: plan_for(entrypoint, target)
        timeline = play_plan(entrypoint, plan or plan_for(entrypoint, target), world, again)
        assert not [e for e in timeline.events if isinstance(e, Opaque) and e.reason.startswith(FAILED)]
        return Played(timeline, folder)

    return start


@pytest.fixture
def patched(play: Play) -> Callable[..., Played]:
    """As ``play``, with a gevent beside the program, and the program in one text."""

    def start(text: str, **files: str) -> Played:
        others = {name.replace("__", "/") + ".py": content for name, content in files.items()}
        return play({**GEVENT, **others, "main.py": text})

    return start
