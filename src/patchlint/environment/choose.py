"""Which interpreter is meant."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from patchlint.model.errors import EnvironmentProblem

IN_FOLDER = ("bin/python", "bin/python3", "Scripts/python.exe", "python.exe")
"""Where an environment keeps its interpreter."""

VENV_NAMES = (".venv", "venv")


def find_python(given: str | None, configured: str | None, start: Path, environ: Mapping[str, str]) -> tuple[str, str]:
    """The interpreter (or its environment's folder) to read the program for, and why that one.

    ``start`` is the program's folder.  What was asked for is taken as it is; what is only a hint
    (``VIRTUAL_ENV``, a ``.venv``, ``CONDA_PREFIX``) is passed over where it holds no interpreter.
    """
    if given:
        return given, "--python"
    if configured:
        return configured, "[tool.patchlint] python"
    if (active := environ.get("VIRTUAL_ENV")) and python_in(active):
        return active, "VIRTUAL_ENV"
    if nearby := _venv_near(start):
        return nearby
    if (conda := environ.get("CONDA_PREFIX")) and python_in(conda):
        return conda, "CONDA_PREFIX"
    return sys.executable, "the interpreter that runs patchlint"


def python_in(folder: str) -> str | None:
    """The interpreter of an environment's folder; a broken link counts as none."""
    candidates = (os.path.join(folder, name) for name in IN_FOLDER)
    return next((path for path in candidates if os.path.isfile(path)), None)


def locate(python: str, environ: Mapping[str, str]) -> str:
    """The absolute path of an interpreter, given by path, by its environment's folder, or by name.

    Links are kept: a virtual environment's interpreter is often nothing but one.
    Raises EnvironmentProblem.
    """
    path = os.path.abspath(os.path.expanduser(python))
    if os.path.isdir(path):
        path = _of_folder(path)
    elif not os.path.exists(path):
        path = _of_command(python, path, environ)
    if not os.access(path, os.X_OK):
        raise EnvironmentProblem(f"{path} is not executable")
    return path


def _of_folder(folder: str) -> str:
    if found := python_in(folder):
        return found
    for name in IN_FOLDER:
        if os.path.islink(link := os.path.join(folder, name)):
            raise EnvironmentProblem(f"{link} is a link to {os.readlink(link)}, which does not exist")
    raise EnvironmentProblem(f"{folder} is a folder without a Python in it ({IN_FOLDER[0]} was looked for)")


def _of_command(command: str, path: str, environ: Mapping[str, str]) -> str:
    if os.path.islink(path):
        raise EnvironmentProblem(f"{path} is a link to {os.readlink(path)}, which does not exist")
    if os.path.basename(command) == command:
        for folder in environ.get("PATH", "").split(os.pathsep):
            candidate = os.path.abspath(os.path.join(folder, command))
            if os.path.isfile(candidate) and os.access(candidate, os.X_OK):
                return candidate
    raise EnvironmentProblem(f"{path} does not exist")


def _venv_near(start: Path) -> tuple[str, str] | None:
    """The first virtual environment in the program's folder or one above it, inside its repository."""
    for folder in _upwards(start.absolute()):
        where = "beside" if folder == start.absolute() else "above"
        for name in VENV_NAMES:
            venv = str(folder / name)
            if os.path.isfile(os.path.join(venv, "pyvenv.cfg")) and python_in(venv):
                return venv, f"{name} {where} the program"
    return None


def _upwards(start: Path) -> Iterator[Path]:
    home = os.path.expanduser("~")
    for folder in (start, *start.parents):
        yield folder
        if (folder / ".git").exists() or str(folder) == home:
            return
