"""Asking an interpreter: what is no Python is said in one line, what is known is not asked again."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from patchlint.environment import inspect_target
from patchlint.environment.probe import ask
from patchlint.model.errors import EnvironmentProblem

OWN = os.path.realpath(sys.executable)


def script(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("#!/bin/sh\necho hello; exit 3\n", "does not answer as a Python does (exit status 3: hello)"),
        ("#!/bin/sh\n", "does not answer as a Python does (exit status 0)"),
        (
            "#!/bin/sh\necho 'Unknown option: -I' >&2; exit 2\n",
            "is a Python 2; patchlint reads programs for Python 3.7",
        ),
        ("#!/bin/sh\necho 'patchlint-answer:{1: 2}'\n", "does not answer as a Python does"),
        ("#!/bin/sh\necho 'patchlint-answer:__import__(\"os\")'\n", "does not answer as a Python does"),
        ("no program", "cannot be run: Exec format error"),
        ("#!/nowhere/python\n", "cannot be run: No such file or directory"),
    ],
)
def test_not_a_python(tmp_path: Path, text: str, message: str) -> None:
    file = script(tmp_path / "python", text)
    with pytest.raises(EnvironmentProblem) as caught:
        inspect_target(str(file), "--python")
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(file))
    assert "\n" not in str(caught.value)


def test_answers_of_others(tmp_path: Path) -> None:
    for change, message in (("sys.version_info = (3, 6, 15)", "is Python 3.6.15"), ("PYPY", "is pypy")):
        lie = change if change != "PYPY" else "sys.implementation = type(sys)('x'); sys.implementation.name = 'pypy'"
        text = f"#!{OWN}\nimport sys\n{lie}\nexec(sys.argv[-1])\n"
        with pytest.raises(EnvironmentProblem, match=message):
            inspect_target(str(script(tmp_path / "python", text)), "--python")


def test_hanging_program_is_ended_with_its_children(tmp_path: Path) -> None:
    file = script(tmp_path / "python", "#!/bin/sh\nsleep 60 &\nsleep 60\n")
    started = time.monotonic()
    with pytest.raises(EnvironmentProblem, match=r"did not answer within 0\.2 seconds"):
        inspect_target(str(file), "--python", seconds=0.2)
    assert time.monotonic() - started < 5


def test_endless_output_is_cut(tmp_path: Path) -> None:
    file = script(tmp_path / "python", "#!/bin/sh\nexec yes\n")
    with pytest.raises(EnvironmentProblem, match="does not answer as a Python does"):
        inspect_target(str(file), "--python")


def test_not_there_and_not_executable(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken" / "bin").mkdir(parents=True)
    (tmp_path / "broken" / "bin" / "python").symlink_to("/nowhere/python3")
    (tmp_path / "dangling").symlink_to("/nowhere/python3")
    for name, message in (
        ("missing", "missing does not exist"),
        ("plain", "plain is not executable"),
        ("empty", "empty is a folder without a Python in it (bin/python was looked for)"),
        ("broken", "broken/bin/python is a link to /nowhere/python3, which does not exist"),
        ("dangling", "dangling is a link to /nowhere/python3, which does not exist"),
    ):
        with pytest.raises(EnvironmentProblem) as caught:
            inspect_target(str(tmp_path / name), "--python")
        assert str(caught.value).endswith(message)


def test_by_name(tmp_path: Path) -> None:
    script(tmp_path / "python-of-mine", f'#!/bin/sh\nexec {OWN} "$@"\n')
    environ = {"PATH": f"/nowhere{os.pathsep}{tmp_path}"}
    assert inspect_target("python-of-mine", "--python", environ=environ).executable == OWN
    with pytest.raises(EnvironmentProblem, match="does not exist"):
        inspect_target("python-of-nobody", "--python", environ=environ)


def test_only_asked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = inspect_target(OWN, "--python", cache=tmp_path / "cache")
    assert len(list((tmp_path / "cache" / "interpreters").iterdir())) == 1

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    assert inspect_target(OWN, "--python", cache=tmp_path / "cache") == first


def test_cache_follows_the_files(tmp_path: Path) -> None:
    cache, python, config = tmp_path / "cache", tmp_path / "venv" / "bin" / "python", tmp_path / "venv" / "pyvenv.cfg"
    python.parent.mkdir(parents=True)
    python.symlink_to(OWN)
    config.write_text(f"home = {os.path.dirname(OWN)}\n")
    ask(str(python), os.environ, cache)
    ask(str(python), os.environ, cache)
    assert len(list((cache / "interpreters").iterdir())) == 1
    config.write_text(f"home = {os.path.dirname(OWN)}\nversion = 3\n")
    ask(str(python), os.environ, cache)
    assert len(list((cache / "interpreters").iterdir())) == 2
    ask(OWN, os.environ, cache)
    assert len(list((cache / "interpreters").iterdir())) == 3


def test_shims_are_not_remembered(tmp_path: Path) -> None:
    shim = script(tmp_path / "python", f'#!/bin/sh\nexec {OWN} "$@"\n')
    ask(str(shim), os.environ, tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"key": "x"}', b"\xff\xfe", b'{"key": 1, "answer": null}'])
def test_damaged_cache(tmp_path: Path, content: bytes) -> None:
    expected = inspect_target(OWN, "--python", cache=tmp_path)
    (file,) = (tmp_path / "interpreters").iterdir()
    whole = file.read_bytes()
    file.write_bytes(content)
    assert inspect_target(OWN, "--python", cache=tmp_path) == expected
    assert file.read_bytes() == whole


def test_unusable_cache(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert inspect_target(OWN, "--python", cache=tmp_path / "file").executable == OWN
    assert inspect_target(OWN, "--python", cache=Path("/proc/none")).executable == OWN


def test_environment_does_not_disturb_the_question(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("raise SystemExit('was run')")
    environ = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONSTARTUP": "x", "PYTHONINSPECT": "1"}
    found = inspect_target(OWN, "--python", environ=environ)
    assert found.sitecustomize == str(tmp_path / "sitecustomize.py")
