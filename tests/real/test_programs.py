"""Small programs, run for real: gevent's own MonkeyPatchWarning is the measure for ``ssl.SSLContext``."""

from __future__ import annotations

from pathlib import Path

import pytest

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
TODAY = ("gevent", "gunicorn", "packaging", "requests", "flask", "apscheduler")

pytestmark = pytest.mark.real


def programs(folder: str) -> list[str]:
    return sorted(path.name for path in (FIXTURES / folder).glob("*.py"))


CASES = [
    *(("snippets", name) for name in programs("snippets")),
    *(("spellings", name) for name in programs("spellings") if name not in ("patching.py", "house_monkey.py")),
    ("captures", "main.py"),
    ("quiet", "main.py"),
    ("plugins", "late.py"),
]


@pytest.mark.parametrize(("folder", "name"), CASES)
def test_run(env, run, folder, name):
    seen = run(env(TODAY), FIXTURES / folder, ["python", name])
    assert "Traceback" not in seen.errors
    assert seen.ended
    warned = seen.stale_ssl | seen.stale_subclasses
    assert bool(warned) is (name.startswith("late") or folder == "captures")


@pytest.mark.parametrize(("folder", "name"), CASES)
def test_prediction(env, run, check, folder, name):
    seen = run(env(TODAY), FIXTURES / folder, ["python", name])
    verdict = check(env(TODAY), FIXTURES / folder, name)
    assert verdict.stale("ssl.SSLContext") == seen.stale_ssl
    assert verdict.stale("ssl.SSLContext", "subclass") == {clean(subclass) for subclass in seen.stale_subclasses}


def clean(subclass: str) -> str:
    """gevent shows the class: ``<class '__main__.PinnedContext'>``."""
    return subclass.removeprefix("<class '").removesuffix("'>")


@pytest.mark.parametrize("name", ["unhooked.py", "hooked.py"])
def test_c_libraries_are_hooked_or_not(env, run, tmp_path, name):
    program = (FIXTURES / "c-libraries" / name).read_text("utf-8")
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / name).write_text(f"{program}\nprint(psycopg2.extensions.get_wait_callback() is not None)\n", "utf-8")
    seen = run(env(("gevent", "psycopg2-binary", "psycogreen")), folder, ["python", name])
    assert seen.output.strip() == str(name == "hooked.py")


def test_trio_needs_what_the_patch_removed(env, run):
    seen = run(env(("gevent", "trio")), FIXTURES / "trio-after-patch", ["python", "main.py"])
    assert "AttributeError: module 'select' has no attribute 'epoll'" in seen.errors


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("socket_only.py", "TypeError: _wrap_socket() argument 'sock' must be _socket.socket"),
        ("without_ssl.py", "TypeError: _wrap_socket() argument 'sock' must be _socket.socket"),
        ("without_threads.py", ""),
    ],
)
def test_sockets_without_ssl(env, run, upstream, tmp_path, name, problem):
    program = (FIXTURES / "partial-patch" / name).read_text("utf-8")
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / name).write_text(program.replace("https://127.0.0.1:8443/", upstream), "utf-8")
    seen = run(env(TODAY), folder, ["python", name])
    assert problem in seen.errors
    assert seen.output.strip() == ("" if problem else "200")


def test_a_patch_in_a_thread(env, run):
    seen = run(env(TODAY), FIXTURES / "threads-and-patch", ["python", "in_thread.py"])
    assert "Monkey-patching not on the main thread" in seen.errors


def test_eventlet_late(env, run):
    seen = run(env(("gevent", "eventlet")), FIXTURES / "two-libraries", ["python", "late_eventlet.py"])
    assert "Traceback" not in seen.errors


@pytest.mark.parametrize(
    ("options", "module", "processes"),
    [
        (["-w", "3"], "scheduler", 3),
        (["-w", "3", "--preload"], "scheduler", 1),
        (["-w", "1"], "scheduler", 1),
    ],
)
def test_how_often_a_job_runs(env, run, options, module, processes):
    command = ["gunicorn", "-b", "127.0.0.1:{port}", *options, f"{module}:application"]
    seen = run(env(TODAY), FIXTURES / "before-fork", command, requests=["/"], seconds=2.5)
    assert len(seen.job_processes) == processes


def test_a_process_started_by_a_hook(env, run):
    command = ["gunicorn", "-b", "127.0.0.1:{port}", "-c", "processes.py", "lazy:application"]
    seen = run(env(TODAY), FIXTURES / "before-fork", command, requests=["/"], seconds=1)
    assert "can only join a child process" in seen.errors
    assert seen.answers["/"] == (200, "7\n")
