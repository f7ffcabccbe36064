"""Asks an interpreter what it is, and remembers the answer as data."""

from __future__ import annotations

import ast
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from patchlint.model.errors import EnvironmentProblem

OLDEST: Final = (3, 7)
SECONDS: Final = 10.0
"""How long an interpreter may take to answer."""

_SCHEMA: Final = 1
_MARK: Final = "patchlint-answer:"
_MOST: Final = 1_000_000
"""Bytes of output that are looked at: an answer has a few thousand."""

# Isolated and without `site`: no file of the user's or of a package's is read, nothing is imported.
_QUESTION: Final = f"""
import sys, _imp
sys.stdout.write({_MARK!r} + ascii(dict(
    executable=sys.executable or "", version=tuple(sys.version_info[:3]), platform=sys.platform,
    implementation=sys.implementation.name, prefix=sys.prefix, exec_prefix=sys.exec_prefix,
    base_prefix=sys.base_prefix, base_exec_prefix=sys.base_exec_prefix, paths=list(sys.path),
    builtin_names=sorted(sys.builtin_module_names), extension_suffixes=_imp.extension_suffixes(),
    platlibdir=getattr(sys, "platlibdir", "lib"), abiflags=getattr(sys, "abiflags", ""),
    framework=getattr(sys, "_framework", ""))) + "\\n")
"""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What an interpreter says of itself, isolated and without ``site``; names as in ``sys``.

    ``paths`` is its ``sys.path`` at that moment.  Before Python 3.14 ``prefix`` is the base
    interpreter's even in a virtual environment, because it was ``site`` that changed it.
    """

    executable: str
    version: tuple[int, int, int]
    platform: str
    implementation: str
    prefix: str
    exec_prefix: str
    base_prefix: str
    base_exec_prefix: str
    paths: tuple[str, ...]
    builtin_names: tuple[str, ...]
    extension_suffixes: tuple[str, ...]
    platlibdir: str
    abiflags: str
    framework: str


class _Entry(msgspec.Struct, frozen=True):
    """A file of the cache: the whole key is kept, so that a digest is never trusted."""

    key: str
    answer: Answer


def ask(python: str, environ: Mapping[str, str], cache: Path | None, seconds: float = SECONDS) -> Answer:
    """What the interpreter at an absolute path is; from the cache, if neither it nor its venv has changed.

    Raises EnvironmentProblem where it is no CPython, or one older than 3.7.
    """
    key = _key(python)
    file = None if cache is None else cache / "interpreters" / f"{_digest(key)}.json"
    if file is not None and (answer := _remembered(file, key)) is not None:
        return answer
    answer = _understood(python, *_output(python, environ, seconds))
    # A shim (pyenv's, a shell script) stands for another interpreter tomorrow.
    if file is not None and os.path.realpath(answer.executable) == os.path.realpath(python):
        _remember(file, _Entry(key, answer))
    return answer


def pyvenv_cfg(executable: str) -> str | None:
    """The ``pyvenv.cfg`` that makes an interpreter a virtual environment's: beside it, or one folder up."""
    folder = os.path.dirname(os.path.abspath(executable))
    for candidate in (os.path.join(folder, "pyvenv.cfg"), os.path.join(os.path.dirname(folder), "pyvenv.cfg")):
        if os.path.isfile(candidate):
            return candidate
    return None


def _key(python: str) -> str:
    parts = [str(_SCHEMA), python, os.path.realpath(python), pyvenv_cfg(python) or ""]
    for path in parts[2:]:
        if path:
            status = os.stat(path)
            parts += [str(status.st_mtime_ns), str(status.st_size)]
    return "\n".join(parts)


def _digest(key: str) -> str:
    import hashlib

    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _remembered(file: Path, key: str) -> Answer | None:
    try:
        entry = msgspec.json.decode(file.read_bytes(), type=_Entry)
    except (OSError, ValueError):
        return None
    return entry.answer if entry.key == key else None


def _remember(file: Path, entry: _Entry) -> None:
    """Written beside and moved into place, so that nobody reads half of it; where that fails, not at all."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(msgspec.json.encode(entry))
        beside.replace(file)
    except (OSError, ValueError):
        return


def _output(python: str, environ: Mapping[str, str], seconds: float) -> tuple[str, int]:
    """What the program prints to our question, and its exit status.  Raises EnvironmentProblem."""
    import subprocess

    try:
        process = subprocess.Popen(
            [python, "-I", "-S", "-c", _QUESTION],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(environ),
            start_new_session=True,
        )
    except OSError as error:
        raise EnvironmentProblem(f"{python} cannot be run: {error.strerror}") from error
    assert process.stdout is not None  # noqa: S101  (it is a pipe)
    try:
        output = _read(process.stdout.fileno(), time.monotonic() + seconds)
        if output is None:
            raise EnvironmentProblem(
                f"{python} did not answer within {seconds:g} seconds, so it is not taken for a Python"
            )
        return output.decode("utf-8", "replace"), process.wait(timeout=1)
    except subprocess.TimeoutExpired:
        return "", 0
    finally:
        process.stdout.close()
        _kill(process.pid)
        process.wait()


def _read(pipe: int, deadline: float) -> bytes | None:
    """All that comes through a pipe, ``_MOST`` bytes of it at most; None when it is not closed in time.

    Whoever holds the pipe, a child of a child even, cannot keep us waiting.
    """
    import select

    output = bytearray()
    while len(output) < _MOST:
        ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return None
        if not (piece := os.read(pipe, 65536)):
            break
        output += piece
    return bytes(output)


def _kill(leader: int) -> None:
    """End a program that was started as a leader, and what it has started itself."""
    import signal

    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _understood(python: str, output: str, status: int) -> Answer:
    """The answer in what an interpreter printed.  Raises EnvironmentProblem."""
    line = next((line for line in output.splitlines() if line.startswith(_MARK)), None)
    if line is None:
        raise EnvironmentProblem(_refusal(python, output, status))
    try:
        answer = msgspec.convert(ast.literal_eval(line.removeprefix(_MARK)), type=Answer)
    except (ValueError, SyntaxError) as error:
        raise EnvironmentProblem(f"{python} does not answer as a Python does") from error
    if answer.implementation != "cpython":
        raise EnvironmentProblem(f"{python} is {answer.implementation}; patchlint knows CPython only")
    if answer.version < OLDEST:
        raise EnvironmentProblem(_too_old(python, "Python " + ".".join(map(str, answer.version))))
    return answer


def _refusal(python: str, output: str, status: int) -> str:
    if "Unknown option: -I" in output:  # as Python 2 says
        return _too_old(python, "a Python 2")
    said = next((line.strip() for line in reversed(output.splitlines()) if line.strip() and _MARK not in line), "")
    return f"{python} does not answer as a Python does (exit status {status}{': ' + said[:200] if said else ''})"


def _too_old(python: str, what: str) -> str:
    return f"{python} is {what}; patchlint reads programs for Python {OLDEST[0]}.{OLDEST[1]} and newer"
