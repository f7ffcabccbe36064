"""A start-up as the machine would tell it, made by hand: a gunicorn program that imports requests too early."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from patchlint.model.events import Capture, Forked, ModuleExecuted, ModuleKind, Opaque, Patch, Started
from patchlint.model.finding import Finding, Link, OpaqueNote, PatchReference
from patchlint.model.location import Location, Trail
from patchlint.model.plan import Entrypoint
from patchlint.model.timeline import Timeline
from patchlint.report import Problem, Python, Result


@dataclass(frozen=True)
class Story:
    """The program's folder, its timeline, and the result of checking it."""

    folder: str
    timeline: Timeline
    result: Result


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """The story, in a folder where the program's files really lie."""
    (tmp_path / "app.py").write_text("import requests\n")
    (tmp_path / "run.py").write_text("import app\n\napp.main()\n")
    folder = str(tmp_path)
    entrypoint = Entrypoint("file", f"{folder}/run.py", folder, reason="it has a main guard")
    library = f"{folder}/.venv/lib"
    timeline = _timeline(entrypoint, folder, library)
    return Story(folder, timeline, _result(entrypoint, folder, timeline))


def _timeline(entrypoint: Entrypoint, folder: str, library: str) -> Timeline:
    run = Trail(None, None, "run run.py")
    app = Trail(run, Location(f"{folder}/run.py", 1), "import app")
    requests = Trail(app, Location(f"{folder}/app.py", 1), "import requests")
    urllib3 = Trail(requests, Location(f"{library}/requests.py", 43), "import urllib3")
    main = Trail(run, Location(f"{folder}/run.py", 3), "call main()")
    arbiter = Trail(main, Location(f"{library}/gunicorn.py", 70), "call Arbiter.run()")
    worker = Trail(None, None, "gunicorn's gevent worker")

    def module(name: str, path: str | None, trail: Trail, kind: ModuleKind = "source") -> ModuleExecuted:
        return ModuleExecuted("main", name, path, kind, "certain", trail)

    context = Capture(
        "binding", "urllib3", "SSLContext", "ssl.SSLContext", f"{library}/urllib3.py", 12, "certain", "main", urllib3
    )
    queue = Capture(
        "instance", "urllib3", "Pool.q", "queue.Queue", f"{library}/urllib3.py", 20, "possible", "main", urllib3
    )
    thread = Location(f"{library}/gunicorn.py", 9)
    patched = Location(f"{library}/ggevent.py", 38)
    return Timeline(
        entrypoint,
        "3.11",
        "linux",
        (
            module("__main__", f"{folder}/run.py", run),
            module("app", f"{folder}/app.py", app),
            module("requests", f"{library}/requests.py", requests),
            module("urllib3", f"{library}/urllib3.py", urllib3),
            module("_ssl", None, Trail(urllib3, Location(f"{library}/urllib3.py", 5), "import _ssl"), "extension"),
            Opaque("main", "_ssl", "an extension module", None, urllib3),
            Started("thread", "started", "main", "threading.Thread", thread, False, "possible", main),
            Forked("main", "worker", 2, "gunicorn", Location(f"{library}/gunicorn.py", 605), "certain", arbiter),
            Patch(
                "worker", "gevent", "26.9.0", "gevent.monkey.patch_all", (("ssl", "True"),), patched,
                ("ssl.SSLContext", "queue.Queue"), (context, queue), "certain", worker, by_launcher=True,
            ),
        ),
        (library,),
    )  # fmt: skip


def _result(entrypoint: Entrypoint, folder: str, timeline: Timeline) -> Result:
    patch = next(event for event in timeline.events if isinstance(event, Patch))
    capture = patch.stale[0]
    chain = tuple(Link(link.location, link.what) for link in capture.trail.links())
    finding = Finding(
        "PAT101",
        "error",
        "certain",
        "`import requests` leaves ssl.SSLContext stale in urllib3",
        entrypoint,
        Location(f"{folder}/app.py", 1, 1),
        (*chain, Link(Location(str(capture.path), 12), "from ssl import SSLContext")),
        PatchReference(patch.location, patch.call, patch.process),
        patch.stale,
        "Call gevent.monkey.patch_all() before anything else:\nin the first lines of run.py.",
    )
    return Result(
        folder=folder,
        python=Python(f"{folder}/.venv/bin/python", "3.11.7", "linux", ".venv beside the program"),
        entrypoints=(entrypoint,),
        findings=(finding,),
        opaque=(
            OpaqueNote("extension module", "lxml.etree", entrypoint, Location(f"{folder}/.venv/lib/lxml/etree.so", 0)),
        ),
        modules=5,
        seconds=0.25,
    )


@pytest.fixture
def problem() -> Problem:
    """An input that could not be analysed."""
    return Problem("/srv/broken.py", 3, "cannot be parsed: invalid syntax")
