"""Virtual environments for the tests that run programs for real, built once and kept."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
ENVIRONMENTS = REPOSITORY / ".cache" / "envs"
OFFLINE = re.compile(
    r"dns error|name resolution|Network is unreachable|Failed to (fetch|establish)|error sending request|getaddrinfo",
    re.IGNORECASE,
)


class BuildError(Exception):
    """An environment cannot be built: what the installer said."""


def environment(packages: Sequence[str], python: str = sys.executable) -> Path:
    """The Python of a virtual environment with these packages, built once and kept in ``.cache/envs``."""
    key = hashlib.sha256(json.dumps([os.path.realpath(python), sorted(packages)]).encode()).hexdigest()[:16]
    folder = ENVIRONMENTS / key
    binary = folder / "bin" / "python"
    ENVIRONMENTS.mkdir(parents=True, exist_ok=True)
    (ENVIRONMENTS.parent / ".gitignore").write_text("*\n", "utf-8")
    with (ENVIRONMENTS / f"{key}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / ".done").exists():
            shutil.rmtree(folder, ignore_errors=True)
            build(folder, binary, packages, python)
            (folder / ".done").write_text("\n".join(packages), "utf-8")
    return binary


def build(folder: Path, binary: Path, packages: Sequence[str], python: str) -> None:
    """With uv where it is at hand and reaches an index, else with pip, which takes longer."""
    with_pip = [
        [python, "-m", "venv", "--clear", str(folder)],
        [str(binary), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages],
    ]
    uv = shutil.which("uv")
    if uv is None:
        run_all(with_pip)
        return
    try:
        run_all(
            [
                [uv, "venv", "--quiet", "--python", python, str(folder)],
                [uv, "pip", "install", "--quiet", "--python", str(binary), *packages],
            ]
        )
    except BuildError as error:
        if not OFFLINE.search(str(error)):
            raise
        run_all(with_pip)


def run_all(commands: Sequence[Sequence[str]]) -> None:
    """Run one after the other.  Raises BuildError where one fails."""
    for command in commands:
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=600
        )
        if done.returncode:
            raise BuildError(done.stderr.strip() or done.stdout.strip())
