"""Builds what is measured: environments, programs, and the files of a program's closure."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path


def environment(folder: Path, packages: tuple[str, ...], python: str = sys.executable) -> Path:
    """A virtual environment with some packages, built once; its folder."""
    ready = folder / ".ready"
    wanted = " ".join(packages)
    if not ready.exists() or ready.read_text("utf-8") != wanted:
        subprocess.run([python, "-m", "venv", "--clear", folder], check=True)
        pip = [
            str(folder / "bin" / "python"),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            *packages,
        ]
        subprocess.run(pip, check=True)
        ready.write_text(wanted, "utf-8")
    return folder


def lifeguard(folder: Path) -> Path | None:
    """Lifeguard, which wants Python 3.12 or newer; None where that is not to be had."""
    named = filter(None, map(shutil.which, ("python3.14", "python3.13", "python3.12")))
    installed = sorted(map(str, Path.home().glob(".pyenv/versions/3.1[2-9].*/bin/python")))
    for python in (sys.executable, *named, *installed):
        try:
            return environment(folder, ("lifeguard-lazy-imports",), python) / "bin" / "lifeguard"
        except (subprocess.CalledProcessError, OSError):
            continue
    return None


def quietly(words: list[str], cwd: str) -> None:
    """Run a command that others need; where it fails, they do."""
    subprocess.run(words, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def write(folder: Path, **files: str) -> Path:
    """A program in a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text, "utf-8")
    return folder


def closure(patchlint: str, program: Path, file: str, env: Path) -> list[tuple[str, str]]:
    """(module, path) of the sources that a program loads, as patchlint's own timeline has them."""
    words = [patchlint, "timeline", file, "--python", str(env), "--format", "json"]
    done = subprocess.run(words, cwd=program, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    events = json.loads(done.stdout)["events"]
    rows = [(e["module"], e["path"]) for e in events if e["event"] == "module" and str(e["path"]).endswith(".py")]
    return list(dict.fromkeys(rows))


def copy_of(rows: list[tuple[str, str]], folder: Path) -> Path:
    """The files of a closure as one tree of packages, for tools that take a folder."""
    shutil.rmtree(folder, ignore_errors=True)
    for module, path in rows:
        parts = module.split(".")
        is_package = os.path.basename(path) == "__init__.py"
        target = folder.joinpath(*parts, "__init__.py") if is_package else folder.joinpath(*parts).with_suffix(".py")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return folder
