"""Timelines built by hand, and findings as text."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from patchlint.model.events import (
    Capture,
    Event,
    Forgotten,
    Forked,
    Hooked,
    ModuleExecuted,
    Opaque,
    Patch,
    Serving,
    Started,
)
from patchlint.model.finding import Finding, Severity
from patchlint.model.location import LAUNCH, Location, Trail
from patchlint.model.plan import Entrypoint
from patchlint.model.timeline import Timeline
from patchlint.rules import severities
from patchlint.rules.rule import Rule

CWD = "/srv/shop"
SITE = "/venv/lib/python3.11/site-packages"
STDLIB = "/usr/lib/python3.11"
WHOLE = (
    *("socket.socket", "ssl.SSLContext", "threading.local", "_thread.allocate_lock", "time.sleep", "select.select"),
    *("subprocess.Popen", "os.fork", "signal.signal", "queue.SimpleQueue"),
)

HARMS: dict[tuple[str, str], tuple[Severity, str]] = {
    ("binding", "ssl.SSLContext"): ("error", "every TLS connection ends in RecursionError"),
    ("subclass", "threading.Thread"): ("error", "join() never returns"),
    ("binding", "time.sleep"): ("warning", "blocks every greenlet"),
    ("binding", "_thread.allocate_lock"): ("warning", "blocks every greenlet"),
}


def place(text: str) -> Location:
    """``app.py:3`` in the program's folder; ``$SITE/x.py:3`` and ``$STDLIB/x.py:3`` in a library's."""
    path, _, line = text.rpartition(":")
    path = path.replace("$SITE", SITE).replace("$STDLIB", STDLIB)
    return Location(path if path.startswith("/") else f"{CWD}/{path}", int(line))


def trail(*links: str, by: str = "program") -> Trail:
    """A trail from ``"app.py:3 import requests"`` and the like; a link without a line stands nowhere.

    ``by`` is on whose account the first link is; a link that begins with ``thread:`` is a thread's.
    """
    result: Trail | None = None
    for link in links:
        actor: Any = "thread" if link.startswith("thread:") else by if result is None else "program"
        words = link.removeprefix("thread:")
        where, _, what = words.partition(" ")
        if where.rpartition(":")[2].isdigit():
            result = Trail(result, place(where), what, actor)
        else:
            result = Trail(result, None, words, actor)
    assert result is not None
    return result


@dataclass
class Program:
    """A timeline in the making; each method adds one event."""

    entrypoint: Entrypoint = field(default_factory=lambda: Entrypoint("file", f"{CWD}/run.py", CWD))
    events: list[Event] = field(default_factory=list)
    process: str = "main"

    def module(self, name: str, path: str, *links: str, by: str = "program") -> None:
        where = place(f"{path}:1").path
        self.events.append(
            ModuleExecuted(self.process, name, where, "source", "certain", trail(*(links or ("start",)), by=by))
        )

    def patch(self, *links: str, at: str | None, stale: tuple[Capture, ...] = (), **given: Any) -> None:
        values: dict[str, Any] = {
            "process": self.process,
            "library": "gevent",
            "version": "26.9.0",
            "call": "gevent.monkey.patch_all",
            "arguments": (),
            "location": None if at is None else place(at),
            "replaced": WHOLE,
            "stale": stale,
            "certainty": "certain",
            "trail": trail(*(links or ("run.py",))),
        }
        self.events.append(Patch(**(values | given)))

    def start(self, what: Any, subject: str, at: str, *links: str, stage: Any = "started", **given: Any) -> None:
        by = given.pop("by", "program")
        values: dict[str, Any] = {
            "green": False,
            "certainty": "certain",
            "trail": trail(*(links or ("run.py",)), by=by),
        }
        self.events.append(Started(what, stage, self.process, subject, place(at), **(values | given)))

    def fork(
        self, count: int | None = 2, launcher: str | None = "gunicorn", child: str = "worker", *, ends: bool = False
    ) -> None:
        """The process forks; ``ends``: and the parent does nothing more."""
        self.events.append(Forked(self.process, child, count, launcher, None, "certain", trail("fork"), ends))
        self.process = child

    def forget(self, subject: str, at: str) -> None:
        self.events.append(Forgotten(self.process, subject, place(at), "certain", trail("hook")))

    def serve(self, library: str, what: str, at: str | None = None) -> None:
        where = None if at is None else place(at)
        self.events.append(
            Serving(self.process, library, what, where, "certain", trail("celery worker", by="launcher"))
        )

    def hook(self, subject: str, call: str, at: str) -> None:
        self.events.append(Hooked(self.process, subject, call, place(at), "certain", trail("run.py")))

    def opaque(self, what: str, reason: str, at: str) -> None:
        self.events.append(Opaque(self.process, what, reason, place(at), trail("run.py")))

    def timeline(self) -> Timeline:
        return Timeline(self.entrypoint, "3.11", "linux", tuple(self.events), (STDLIB, SITE))

    def says(self, rule: Rule) -> str:
        """What a rule finds, as indented text."""
        return "\n".join(text(finding) for finding in rule.check(self.timeline()))


def capture(origin: str, module: str, name: str, at: str | None, *links: str, **given: Any) -> Capture:
    """A capture of ``origin``, bound as ``name`` in ``module`` at ``at``, its module imported along ``links``."""
    where = None if at is None else place(at)
    values: dict[str, Any] = {"kind": "binding", "certainty": "certain", "process": "main"}
    account = given.pop("by", "program")
    return Capture(
        module=module,
        name=name,
        origin=origin,
        path=where and where.path,
        line=where.line if where else 0,
        trail=trail(*links, by=account),
        **(values | given),
    )


def text(finding: Finding) -> str:
    """A finding as one would jot it down: where and what, then its chain."""
    certainty = "" if finding.certainty == "certain" else " (possible)"
    lines = [f"{spot(finding.location)} {finding.code} {finding.severity}{certainty}: {finding.message}"]
    lines += [f"    {spot(link.location)} {link.what}" for link in finding.chain]
    if finding.stale:
        lines.append("  stale: " + ", ".join(f"{row.module}.{row.name}" for row in finding.stale))
    return "\n".join(lines)


def spot(location: Location | None) -> str:
    if location is None:
        return "-"
    if location == LAUNCH:
        return "<launch>"
    path = location.path.replace(SITE, "$SITE").replace(STDLIB, "$STDLIB").removeprefix(CWD + "/")
    return f"{path}:{location.line}"


@pytest.fixture(autouse=True)
def harms(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small table of harms in place of the real one: the rules are on trial here, not the table."""

    def harm(_timeline: Timeline, _patch: Patch, row: Capture) -> SimpleNamespace:
        severity, sentence = HARMS.get((row.kind, row.origin), ("note", "no visible harm"))
        return SimpleNamespace(severity=severity, sentence=sentence)

    monkeypatch.setattr(severities, "harm", harm)


@pytest.fixture
def program() -> Program:
    return Program()


@pytest.fixture
def captured() -> Any:
    return capture
