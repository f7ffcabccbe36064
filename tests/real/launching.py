"""A launcher for real and in the machine: the process, and the patch, in which each marker is executed first."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

REPOSITORY = Path(__file__).resolve().parents[2]
LONGEST = 20.0
"""Seconds that a program is given to reach all its markers; each line that it runs is a marker's in the end."""

Seen: TypeAlias = dict[str, set[tuple[str, str]]]
"""By marker: the launcher's own process or a child, and the library that ``socket.socket`` is of, ``-`` for none."""

NOTE = """
import os, sys

def note(marker):
    holder = sys.modules.get("socket")
    library = holder.socket.__module__.partition(".")[0] if holder else "-"
    library = library if library in ("gevent", "eventlet") else "-"
    process = "main" if os.getsid(0) == os.getpid() else "child"  # a session of its own was begun for the launcher
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(f"{marker} {process} {library}\\n")
"""


def lay_out(folder: Path, files: Mapping[str, str]) -> set[str]:
    """Write a program down, and a module for each ``mk_...`` that it imports.  Answers their names."""
    markers: set[str] = set()
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        markers.update(re.findall(r"\bmk_\w+", text))
    (folder / "note.py").write_text(NOTE, "utf-8")
    for marker in markers:
        (folder / f"{marker}.py").write_text("import note\n\nnote.note(__name__)\n", "utf-8")
    return markers


def observed(python: Path, folder: Path, command: Sequence[str], environ: Mapping[str, str], markers: set[str]) -> Seen:
    """Start the launcher, wait for its markers, and end it with all its children."""
    notes = folder / "notes.txt"
    environ = {"PATH": f"{python.parent}:/usr/bin:/bin", "HOME": str(folder), "NOTES": str(notes), **environ}
    environ |= {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    line = [str(python.parent / command[0]), *command[1:]]
    with (folder / "output.txt").open("wb") as output:
        process = subprocess.Popen(
            line, cwd=folder, env=environ, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True,
        )  # fmt: skip
        try:
            _wait(process, notes, markers)
        finally:
            _end(process)
    return _read(notes)


def _wait(process: subprocess.Popen[bytes], notes: Path, markers: set[str]) -> None:
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline and process.poll() is None and not markers <= set(_read(notes)):
        time.sleep(0.1)


def _end(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(2)


def _read(notes: Path) -> Seen:
    seen: Seen = {}
    for line in notes.read_text("utf-8").splitlines() if notes.exists() else ():
        marker, process, library = line.split()
        seen.setdefault(marker, set()).add((process, library))
    return seen


def told(python: Path, folder: Path, command: Sequence[str], environ: Mapping[str, str]) -> Seen:
    """What ``patchlint timeline`` says of the same launch."""
    words = [f"{name}={value}" for name, value in environ.items()]
    line = [sys.executable, "-m", "patchlint", "timeline", "--format", "json", "--python", str(python), "--"]
    done = subprocess.run(
        [*line, *words, *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(REPOSITORY / "src"), str(folder)])},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )
    assert done.stdout.startswith("{"), f"exit status {done.returncode}: {done.stderr.strip()}"
    return of_timeline(json.loads(done.stdout))


def of_timeline(document: Mapping[str, Any]) -> Seen:
    """The markers of a timeline, by their process and its patch."""
    seen: Seen = {}
    patched = {"main": "-"}
    for event in document["events"]:
        process = event.get("process")
        if event["event"] == "fork":
            patched[event["child"]] = patched.get(process, "-")
        elif event["event"] == "patch" and any(name.startswith("socket.socket") for name in event["replaced"]):
            patched[process] = event["library"]
        elif event["event"] == "module" and event["module"].startswith("mk_"):
            where = "main" if process == "main" else "child"
            seen.setdefault(event["module"], set()).add((where, patched.get(process, "-")))
    return seen
