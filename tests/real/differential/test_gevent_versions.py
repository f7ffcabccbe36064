"""What each version of gevent leaves stale is what patchlint says of it, in a Python that runs that version."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from differential.laboratory import HERE, SOURCES, first
from environments import OFFLINE, BuildError, environment

pytestmark = pytest.mark.real

VERSIONS = [
    ("3.7", ("gevent==1.4.0", "greenlet<1", "requests")),
    ("3.8", ("gevent==21.12.0", "greenlet<2", "requests")),
    ("3.11", ("gevent==23.9.1", "requests")),
    ("3.12", ("gevent==24.11.1", "requests")),
    ("3.13", ("gevent==25.9.1", "requests")),
    ("3.11", ("gevent", "requests")),
    ("3.13", ("gevent", "requests")),
]
CAPTURED = (
    "time",
    "_thread",
    "threading",
    "socket",
    "ssl",
    "select",
    "selectors",
    "subprocess",
    "os",
    "signal",
    "queue",
)
PATCH = "from gevent import monkey\nmonkey.patch_all()\n"


def blog(folder: Path) -> str:
    return f"import requests\n{PATCH}"


def stars(folder: Path) -> str:
    """One module for each that gevent patches, which takes hold of all its public names."""
    for name in CAPTURED:
        (folder / f"all_of_{name.strip('_')}.py").write_text(f"from {name} import *\n", "utf-8")
    (folder / "others.py").write_text(OTHERS, "utf-8")
    imports = "".join(f"import all_of_{name.strip('_')}\n" for name in CAPTURED)
    return f"{imports}import others\n{PATCH}"


OTHERS = """
import queue, selectors, socket, ssl, subprocess, threading, time

lock, reentrant, values, event, lines = (
    threading.Lock(), threading.RLock(), threading.local(), threading.Event(), queue.Queue()
)

class Worker(threading.Thread):
    sleep = staticmethod(time.sleep)
    __lock = threading.Lock()

    def __init__(self, pause=time.sleep, *, start=threading.Thread):
        pass

class Context(ssl.SSLContext):
    class Inner(socket.socket):
        run = subprocess.Popen
"""


@pytest.mark.parametrize("program", [blog, stars])
@pytest.mark.parametrize(("version", "packages"), VERSIONS, ids=[f"{p[0]} on {v}" for v, p in VERSIONS])
def test_stale_rows(version, packages, program, tmp_path):
    python = built(packages, interpreter(version))
    driver = tmp_path / "driver.py"
    driver.write_text(program(tmp_path), "utf-8")
    answer = tmp_path / "answer.json"
    subprocess.run([python, HERE / "reality.py", "run", driver, answer], check=True, capture_output=True, timeout=120)
    real = json.loads(answer.read_text("utf-8"))
    assert real["error"] is None
    said = predicted(python, driver)
    assert {tuple(row) for row in first(real["patches"])} == said


def predicted(python: Path, driver: Path) -> set[tuple[str, ...]]:
    """The stale rows on patchlint's timeline."""
    line = [sys.executable, "-m", "patchlint", "timeline", driver.name, "--format", "json", "--python", str(python)]
    environ = {**os.environ, "PYTHONPATH": str(SOURCES)}
    done = subprocess.run(line, cwd=driver.parent, env=environ, check=True, capture_output=True, text=True, timeout=300)
    patches = [event for event in json.loads(done.stdout)["events"] if event["event"] == "patch"]
    return {(row["kind"], row["module"], row["name"], row["origin"]) for patch in patches for row in patch["stale"]}


def built(packages: tuple[str, ...], python: str) -> Path:
    try:
        return environment(packages, python)
    except BuildError as error:
        if OFFLINE.search(str(error)):
            pytest.skip(f"no network to install {packages}: {str(error)[-200:]}")
        raise


def runs(python: str) -> bool:
    """A shim of pyenv is on PATH even when its version is not chosen: it then ends with an error."""
    with contextlib.suppress(OSError):
        return subprocess.run([python, "-c", ""], check=False, capture_output=True, timeout=30).returncode == 0
    return False


def interpreter(version: str) -> str:
    """A Python of a version, if one is at hand."""
    kept = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))
    for candidate in (*map(str, kept), shutil.which(f"python{version}")):
        if candidate and runs(candidate):
            return candidate
    pytest.skip(f"no Python {version} on PATH or in ~/.pyenv/versions")
