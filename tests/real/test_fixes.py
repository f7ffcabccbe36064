"""What `--fix` makes of a program, run for real: the symptom is there before, and gone afterwards.

What is changed is pinned by its title; a second run has nothing to do, and every Python file still parses.
"""

from __future__ import annotations

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import tomli
from conftest import Observed

from patchlint.model.proposal import MENDED

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
SOURCES = FIXTURES.parent.parent / "src"
TODAY = ("gevent", "gunicorn", "packaging", "requests", "flask", "apscheduler")
EVENTLET = ("gevent", "eventlet")
SERVERS = ("gevent", "gunicorn", "celery", "flask-socketio", "locust", "huey", "dramatiq", "pyuwsgi")
WORKERS = 2

pytestmark = pytest.mark.real


# Symptoms -----------------------------------------------------------------------------------------
def warns(seen: Observed) -> bool:
    """gevent says that it comes too late."""
    return "MonkeyPatchWarning: Monkey-patching ssl after ssl has already been imported" in seen.errors


def recurses(seen: Observed) -> bool:
    return warns(seen) and "RecursionError" in seen.errors and seen.answers["/fetch"][0] == 500


def joins_what_is_not_its_child(seen: Observed) -> bool:
    return "can only join a child process" in seen.errors


def cannot_wrap(seen: Observed) -> bool:
    return "TypeError: _wrap_socket() argument 'sock' must be _socket.socket" in seen.errors


def stands_still(seen: Observed) -> bool:
    """The program says of its own thread whether it goes on."""
    return seen.answers["/"] == (200, "False")


def runs_in_the_master_too(seen: Observed) -> bool:
    return len(seen.job_processes) > WORKERS


def runs_nowhere(seen: Observed) -> bool:
    return not seen.job_processes


def says(text: str) -> Callable[[Observed], bool]:
    return lambda seen: seen.output.strip() == text


# Programs -----------------------------------------------------------------------------------------
ANSWER = """

def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(answer()).encode()]
"""
FLASK = """import requests
from flask import Flask

app = Flask(__name__)


@app.route("/")
def index():
    return requests.__name__
"""
CUSTOM = """import os

from gunicorn.app.base import BaseApplication

from app import app


class Application(BaseApplication):
    def load_config(self):
        self.cfg.set("bind", "127.0.0.1:" + os.environ["PORT"])
        self.cfg.set("worker_class", "gevent")

    def load(self):
        return app


if __name__ == "__main__":
    Application().run()
"""
THREAD = """import threading
import time

BEATS = []


def beat():
    while True:
        BEATS.append(time.time())
        time.sleep(0.1)


def answer():
    before = len(BEATS)
    time.sleep(0.5)
    return len(BEATS) > before


threading.Thread(target=beat, daemon=True).start()
"""
POOL = """import multiprocessing

POOL = multiprocessing.Pool(1)


def answer():
    return POOL
"""
LOOP = """import asyncio

LOOP = asyncio.new_event_loop()


async def read():
    waiting = asyncio.get_running_loop().run_in_executor(None, sum, [1, 2])
    return await asyncio.wait_for(waiting, 1)


LOOP.run_until_complete(read())


def answer():
    try:
        return LOOP.run_until_complete(read()) == 3
    except asyncio.TimeoutError:
        return False
"""
GREENLET = """from gevent import monkey

monkey.patch_all()

import os
import time

import gevent


def answer():
    return "ok"


def loop():
    while True:
        print("JOB", os.getpid(), flush=True)
        time.sleep(0.2)


gevent.spawn(loop)
"""
DAEMON = """import os
import sys
import time

from apscheduler.schedulers.background import BackgroundScheduler


def job():
    print("JOB", os.getpid(), flush=True)


scheduler = BackgroundScheduler(timezone="UTC")
scheduler.add_job(job, "interval", seconds=0.5)
scheduler.start()

if os.fork():
    sys.exit(0)
time.sleep(2)
"""
BEFORE_THE_PATCH = """import os
import threading
import time

threading.Thread(target=time.sleep, args=(2,), daemon=True).start()

from gevent import monkey

monkey.patch_all()

time.sleep(0.1)
print(len(os.listdir("/proc/self/task")), "native threads")
"""
GREEN_SLEEP = """import time
from time import sleep

import eventlet

eventlet.monkey_patch()

started = time.time()
pool = eventlet.GreenPool()
for _ in range(4):
    pool.spawn(sleep, 0.3)
pool.waitall()
print("together" if time.time() - started < 0.8 else "one after the other")
"""
TLS = """import ssl
from ssl import SSLContext


def answer():
    return SSLContext is ssl.SSLContext
"""
GUNICORN = "web: gunicorn -b 127.0.0.1:$PORT -w 2 {} app:application\n"
UWSGI = """[uwsgi]
http-socket = 127.0.0.1:$(PORT)
master = true
processes = 2
module = app:application
die-on-term = true
"""


FORKING = ("uwsgi", "--http-socket", "127.0.0.1:{port}", "--master", "-p", "2", "--enable-threads", "--module", "app")


@dataclass(frozen=True)
class Row:
    """A program, how it is started, what is wrong with it, and the change that mends it.

    ``files`` is a folder of the fixtures, or the files by name; ``command`` is read from the Procfile where there is
    one.  ``checked`` are the arguments of ``patchlint check``; ``also`` other experiments of the fixtures with the
    same program.
    """

    name: str
    files: str | Mapping[str, str]
    checked: Sequence[str]
    symptom: Callable[[Observed], bool]
    title: str
    command: Sequence[str] = ()
    packages: Sequence[str] = TODAY
    wish: str = "--fix"
    requests: Sequence[str] = ()
    seconds: float = 0.0
    also: Sequence[str] = ()


ROWS = (
    Row(
        "the blog's program",
        *("blog", ["run.py"], recurses, "run.py: `monkey.patch_ssl()` at the top", ["python", "run.py"]),
        requests=["/", "/fetch"],
        also=["blog: ."],
    ),
    Row(
        "one patch does for TLS and for what needs more",
        {"app.py": FLASK, "run.py": CUSTOM},
        *(["run.py"], warns, "run.py: `monkey.patch_all()` at the top", ["python", "run.py"]),
        wish="--unsafe-fixes",
        requests=["/"],
    ),
    Row(
        "a library imported before the patch, in the program's own module",
        *("settings-before-patch", ["main.py"], warns, "main.py: `monkey.patch_all()` moved to the top"),
        command=["python", "main.py"],
    ),
    Row(
        "a plugin loaded by its name before the patch",
        *("plugins", ["late.py"], warns, "late.py: `monkey.patch_all()` moved to the top", ["python", "late.py"]),
    ),
    Row(
        "the parent of a fork patches late",
        *("own-forks", ["--", "python", "parent.py"], warns, "parent.py: `monkey.patch_all()` moved to the top"),
        command=["python", "parent.py"],
    ),
    Row(
        "sockets are patched and TLS is not",
        *("partial-patch", ["socket_only.py"], cannot_wrap, "socket_only.py: `monkey.patch_all()` at the top"),
        command=["python", "socket_only.py"],
    ),
    Row(
        "a scheduler is lost in the background",
        *({"main.py": DAEMON}, ["main.py"], runs_nowhere, "main.py: `monkey.patch_all()` at the top"),
        command=["python", "main.py"],
        wish="--unsafe-fixes",
        seconds=2.5,
        also=["own-forks: -- python lost.py"],
    ),
    Row(
        "a thread runs when the patch comes",
        *({"main.py": BEFORE_THE_PATCH}, ["main.py"], says("2 native threads")),
        "main.py: `monkey.patch_all()` moved to the top",
        command=["python", "main.py"],
        also=["threads-and-patch: after_thread.py"],
    ),
    Row(
        "eventlet comes behind a name",
        *({"main.py": GREEN_SLEEP}, ["main.py"], says("one after the other")),
        "main.py: `eventlet.monkey_patch()` moved to the top",
        command=["python", "main.py"],
        packages=EVENTLET,
        also=["two-libraries: late_eventlet.py"],
    ),
    Row(
        "a thread does not exist in the workers",
        {"app.py": THREAD + ANSWER, "gunicorn.conf.py": "preload_app = True\n", "Procfile": GUNICORN.format("-t 20")},
        *(["."], stands_still, "gunicorn.conf.py: `preload_app = False`"),
        wish="--unsafe-fixes",
        requests=["/"],
        also=["before-fork: -- gunicorn -w 2 --preload threads:application"],
    ),
    Row(
        "the pool of an event loop has no thread in the workers",
        {"app.py": LOOP + ANSWER, "Procfile": GUNICORN.format("--preload")},
        *(["."], stands_still, "Procfile: `--preload` left out"),
        wish="--unsafe-fixes",
        requests=["/"],
        also=["before-fork: -- gunicorn -w 2 --preload loops:application"],
    ),
    Row(
        "the workers inherit a pool of processes",
        {"app.py": POOL + ANSWER, "Procfile": GUNICORN.format("--preload")},
        *(["."], joins_what_is_not_its_child, "Procfile: `--preload` left out"),
        wish="--unsafe-fixes",
        requests=["/"],
        also=["before-fork: -- gunicorn -w 2 --preload pool:application"],
    ),
    Row(
        "a greenlet is copied into the workers",
        {"app.py": GREENLET + ANSWER, "Procfile": GUNICORN.format("-k gevent --preload")},
        *(["."], runs_in_the_master_too, "Procfile: `--preload` left out"),
        wish="--unsafe-fixes",
        requests=["/"],
        seconds=1,
        also=["before-fork: -- gunicorn -k gevent -w 2 --preload greenlets:application"],
    ),
    Row(
        "the blog's scheduler runs in the master and in each worker",
        *("blog-scheduler", ["run.py"], runs_in_the_master_too),
        "app.py and run.py: `scheduler.start()` moved into gunicorn's `post_worker_init`",
        command=["python", "run.py"],
        wish="--unsafe-fixes",
        requests=["/"],
        seconds=2.5,
    ),
    Row(
        "the blog's process is joined by the workers",
        *("blog-process", ["run.py"], joins_what_is_not_its_child),
        "run.py: `atexit.unregister(_exit_function)` in gunicorn's `post_worker_init`",
        command=["python", "run.py"],
        wish="--unsafe-fixes",
        requests=["/"],
    ),
    Row(
        "uWSGI patches after it has loaded the program",
        {"app.py": TLS + ANSWER, "uwsgi.ini": UWSGI + "gevent = 10\ngevent-monkey-patch = true\n"},
        *(["--", "uwsgi", "uwsgi.ini"], warns, "app.py: `monkey.patch_ssl()` at the top", ["uwsgi", "uwsgi.ini"]),
        packages=SERVERS,
        requests=["/"],
    ),
    Row(
        "uWSGI loads the program before it forks",
        {"app.py": THREAD + ANSWER, "uwsgi.ini": UWSGI + "enable-threads = true\n"},
        *(["."], stands_still, "uwsgi.ini: `lazy-apps = true`", ["uwsgi", "uwsgi.ini"]),
        packages=SERVERS,
        wish="--unsafe-fixes",
        requests=["/"],
    ),
    Row(
        "uWSGI is started by a command that stands in no file",
        {"app.py": THREAD + ANSWER},
        *(["--", *FORKING], stands_still, "app.py: `threading.Thread(target=beat, daemon=True).start()` moved into"),
        command=FORKING,
        packages=SERVERS,
        wish="--unsafe-fixes",
        requests=["/"],
    ),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_symptom_is_gone_afterwards(env, run, tmp_path, upstream, row):
    python = env(row.packages)
    folder = written(row, tmp_path / "program", upstream)
    before = started(run, python, folder, row)
    assert row.symptom(before), f"{before.output}\n{before.errors}"
    assert row.title in fixed(python, folder, row.wish, row.checked)
    after = started(run, python, folder, row)
    assert not row.symptom(after), f"{after.output}\n{after.errors}"
    assert "RecursionError" not in after.errors
    assert {status for status, _ in after.answers.values()} <= {200}


def written(row: Row, folder: Path, upstream: str) -> Path:
    """The program in a folder of its own, which asks our own server where it asks one."""
    if isinstance(row.files, str):
        shutil.copytree(FIXTURES / row.files, folder, ignore=shutil.ignore_patterns("expected.toml", "__pycache__"))
    else:
        folder.mkdir()
        for name, text in row.files.items():
            (folder / name).write_text(text, "utf-8")
    for path in folder.rglob("*.py"):
        path.write_text(re.sub(r"https://[\w.]+(:8443)?/", upstream, path.read_text("utf-8")), "utf-8")
    return folder


def started(run: Callable[..., Observed], python: Path, folder: Path, row: Row) -> Observed:
    """What the program does; a Procfile's command has the port by the name of a variable."""
    command = list(row.command) or shlex.split((folder / "Procfile").read_text("utf-8").removeprefix("web: "))
    command = [word.replace("$PORT", "{port}") for word in command]
    return run(python, folder, command, requests=row.requests, seconds=row.seconds, timeout=20.0)


def fixed(python: Path, folder: Path, wish: str, checked: Sequence[str]) -> str:
    """Carry the changes out, and say which; what comes of it parses, and a second run changes nothing."""
    said = patchlint(python, folder, wish, checked)
    texts = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert not patchlint(python, folder, wish, checked)
    assert texts == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for path, text in texts.items():
        assert path.suffix != ".py" or ast.parse(text)
    return said


def patchlint(python: Path, folder: Path, wish: str, checked: Sequence[str]) -> str:
    """What it says of its changes: a line for each, on standard error."""
    wishes = ["--fix"] if wish == "--fix" else ["--fix", wish]
    line = [sys.executable, "-m", "patchlint", "check", "-q", "--python", str(python), *wishes, *checked]
    environ = {**os.environ, "PYTHONPATH": str(SOURCES)}
    done = subprocess.run(line, cwd=folder, env=environ, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode in {0, 1}, done.stderr
    return done.stderr


# The many spellings of one mistake -----------------------------------------------------------------
SPELLED = {
    "snippets": {"late.py"},
    "captures": {"main.py"},
    "spellings": {
        "late_from_alias.py",
        "late_getattr.py",
        "late_helper.py",
        "late_import_module.py",
        "late_keywords.py",
    },
}
"""That each of them warns before is seen with the other small programs."""


@pytest.mark.parametrize("folder", SPELLED)
def test_however_it_is_spelled(env, run, tmp_path, folder):
    copy = shutil.copytree(FIXTURES / folder, tmp_path / "program")
    said = fixed(env(TODAY), copy, "--fix", sorted(SPELLED[folder]))
    assert {line.partition(":")[0] for line in said.splitlines()} == SPELLED[folder]
    for name in sorted(SPELLED[folder]):
        seen = run(env(TODAY), copy, ["python", name])
        assert not warns(seen), name
        assert "Traceback" not in seen.errors, name


# Every proposal of one program, by what the JSON says of it ------------------------------------------
def test_each_proposal_of_the_blogs_program_by_its_json(env, run, check, tmp_path, fixtures_folder):
    report = check(env(TODAY), fixtures_folder / "blog", "run.py", "--proposals")
    (finding,) = [one for one in report.findings if one["severity"] == "error"]
    proved = [one for one in finding["proposals"] if one["proved"]]
    assert len(proved) >= 3
    for number, one in enumerate(proved[1:]):  # the first is what `--fix` carries out
        folder = shutil.copytree(fixtures_folder / "blog", tmp_path / str(number))
        carried_out(one, fixtures_folder / "blog", folder)
        seen = run(env(TODAY), folder, ["python", "run.py"], requests=["/", "/fetch"])
        assert not warns(seen), one["title"]
        assert [status for status, _ in seen.answers.values()] == [200, 200], one["title"]


def carried_out(proposal: dict[str, Any], read: Path, folder: Path) -> None:
    """As an editor would: the lines from `line` up to `end_line` become `text`, the last edit first."""
    for edit in sorted(proposal["edits"], key=lambda edit: (edit["path"], edit["line"]), reverse=True):
        path = folder / Path(edit["path"]).relative_to(read)
        lines = path.read_text("utf-8").splitlines(keepends=True)
        lines[edit["line"] - 1 : edit["end_line"] - 1] = [edit["text"]]
        path.write_text("".join(lines), "utf-8")


# A scheduler that is found by inference, or in many programs of one folder ---------------------------
KINDS = {
    "by_a_factory": "plain",
    "by_a_property": "plain",
    "by_annotation": "wanted",
    "by_inheritance": "wares",
    "by_partial": "daemon",
    "in_a_context": "plain",
    "in_a_dict": "plain",
    "in_a_list": "one,two",
    "on_self": "open",
}
"""What each of the inferred programs is told by its environment."""

TELLING = """

import threading


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(sum(thread.name == "APScheduler" for thread in threading.enumerate())).encode()]
"""
"""A worker tells how many schedulers run in it: a thread does not survive the fork."""

STARTED = re.compile(
    rf"inferred: .* --preload ({'|'.join(KINDS)}):application|before-fork: .* --preload scheduler:application"
    "|blog-patch-ssl: .*"
)
"""The experiments that the two tests below carry out."""

PASSED_ON = "import os, sys; os.environ['KIND'] = sys.argv.pop(1); os.execvp(sys.argv[1], sys.argv[1:])"


@pytest.mark.parametrize("module", [*KINDS, "scheduler"])
def test_a_scheduler_that_is_started_in_the_worker(env, run, tmp_path, module):
    folder = shutil.copytree(FIXTURES / ("before-fork" if module == "scheduler" else "inferred"), tmp_path / "program")
    with (folder / f"{module}.py").open("a") as file:
        file.write(TELLING)
    (folder / "wanted.py").write_text(
        "from apscheduler.schedulers.background import BackgroundScheduler\n\nscheduler = BackgroundScheduler()\n"
    )
    served = ["gunicorn", "-w", "1", "--preload", f"{module}:application"]
    bound = [*served[:1], "-b", "127.0.0.1:{port}", *served[1:]]
    command = ["python", "-c", PASSED_ON, KINDS.get(module, ""), *bound]
    assert run(env(TODAY), folder, command, requests=["/"]).answers["/"] == (200, "0")
    said = fixed(env(TODAY), folder, "--unsafe-fixes", ["--", *served])
    assert "moved into gunicorn's `post_worker_init`" in said
    assert run(env(TODAY), folder, command, requests=["/"]).answers["/"] == (
        200,
        str(KINDS.get(module, "").count(",") + 1),
    )


def test_a_scheduler_of_the_master_runs_in_a_worker(env, run, tmp_path):
    folder = shutil.copytree(FIXTURES / "blog-patch-ssl", tmp_path / "program")
    command = ["python", "run.py"]
    before = run(env(TODAY), folder, command, requests=["/"], seconds=2.5)
    assert before.job_processes
    assert not before.job_processes & booted(before)
    assert "moved into gunicorn's `post_worker_init`" in fixed(env(TODAY), folder, "--unsafe-fixes", ["run.py"])
    after = run(env(TODAY), folder, command, requests=["/"], seconds=2.5)
    assert len(after.job_processes) == 1
    assert after.job_processes <= booted(after)


def booted(seen: Observed) -> set[str]:
    """The workers, as gunicorn numbers them."""
    return set(re.findall(r"Booting worker with pid: (\d+)", seen.errors))


# Nothing is forgotten --------------------------------------------------------------------------------
UNMENDED = {
    r"own-forks: -- python workers.py": "a patch would copy the scheduler",
    r"before-fork: -- gunicorn -w 3 scheduler:application": "each worker starts its own, as it is asked to",
    r"before-fork: .* processes.py .*": "the process is started in the launcher's own program",
    r"celery-pools: .*": "the pool is chosen where celery is started",
    r"partial-patch: without_ssl.py": "somebody has said ssl=False",
    r"two-libraries: main.py": "one library or the other: a choice",
    r"spellings: late_dunder_import.py": "there is no call of its own to be moved",
}
"""Experiments of the fixtures that no proposal mends, by a pattern, and why."""

ALIKE = r"spellings: late_(alias|from_monkey|import_monkey|loop|patch_ssl).py"
"""Spellings whose change is that of another."""


def test_every_fixture_that_could_be_mended_is_here():
    here = {f"{row.files}: {' '.join(row.checked)}" for row in ROWS if isinstance(row.files, str)}
    here |= {name for row in ROWS for name in row.also}
    here |= {name for name in experiments() if STARTED.fullmatch(name)}
    here |= {f"{folder}: {name}" for folder, names in SPELLED.items() for name in names}
    patterns = re.compile("|".join(f"({pattern})" for pattern in (*UNMENDED, ALIKE)))
    missing = [name for name in experiments() if name not in here and not patterns.fullmatch(name)]
    assert not missing


def experiments() -> list[str]:
    """Those that expect a warning or an error of a rule that proposals are made for."""
    found = []
    for path in sorted(FIXTURES.glob("*/expected.toml")):
        for experiment in tomli.loads(path.read_text("utf-8"))["check"]:
            loud = [one for one in experiment.get("finding", []) if one["severity"] != "note" and one["code"] in MENDED]
            if loud:
                found.append(f"{path.parent.name}: {' '.join(experiment['arguments'])}")
    return found
