"""One program in an interpreter of its own, and the same in the machine: what each of the two saw."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from differential.laboratory import HERE, SOURCES, first
from warned import MODULES, warned


@dataclass(frozen=True)
class Seen:
    """What was executed, in its order, and what the patch left stale: (kind, module, name, origin).

    ``warned`` are the modules that gevent's own warning names.
    """

    executed: tuple[str, ...]
    stale: frozenset[tuple[str, ...]]
    warned: frozenset[str]

    @property
    def in_order(self) -> list[str]:
        """The files written in Python, up to gevent's own, most of which its extension modules import."""
        sources = (path for path in self.executed if path.endswith(".py"))
        return list(itertools.takewhile(lambda path: f"{os.sep}gevent{os.sep}" not in path, sources))


def reality(python: Path, driver: Path) -> Seen:
    """Run a program where it stands, and write the answer beside it."""
    answer = driver.with_name("answer.json")
    environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    line = [str(python), str(HERE / "reality.py"), "run", str(driver), str(answer)]
    done = subprocess.run(line, cwd=driver.parent, env=environ, check=True, capture_output=True, text=True, timeout=120)
    real = json.loads(answer.read_text("utf-8"))
    assert real["error"] is None
    rows = map(tuple, first(real["patches"]))
    return Seen(once(real["executed"]), frozenset(rows), frozenset(warned(done.stderr, MODULES)))


def prediction(python: Path, driver: Path) -> Seen:
    """The timeline of the same program, from its first statement on."""
    line = [sys.executable, "-m", "patchlint", "timeline", driver.name, "--format", "json", "--python", str(python)]
    environ = {**os.environ, "PYTHONPATH": str(SOURCES)}
    done = subprocess.run(line, cwd=driver.parent, env=environ, check=True, capture_output=True, text=True, timeout=300)
    events = json.loads(done.stdout)["events"]
    started = next(place for place, event in enumerate(events) if event.get("module") == "__main__")
    files = [event["path"] for event in events[started + 1 :] if event["event"] == "module" and event["path"]]
    rows = [row for event in events if event["event"] == "patch" for row in event["stale"]]
    return Seen(
        once(files),
        frozenset((row["kind"], row["module"], row["name"], row["origin"]) for row in rows),
        frozenset(row["module"] for row in rows if is_warned_of(row)),
    )


def once(files: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(os.path.realpath, files)))


def is_warned_of(row: dict[str, str]) -> bool:
    """gevent looks for the class in the modules' own names."""
    return (row["kind"], row["origin"]) == ("binding", "ssl.SSLContext") and not set(row["name"]) & set(".(")
