"""How reports spell entrypoints and places."""

from __future__ import annotations

import os
import shlex
from functools import lru_cache

from patchlint.model.location import Location
from patchlint.model.plan import Entrypoint


def entrypoint_name(entrypoint: Entrypoint, folder: str) -> str:
    """An entrypoint as one would type it: ``run.py``, ``python -m pkg``, ``pkg.wsgi:app``, a command."""
    if entrypoint.kind == "file":
        return shown_path(entrypoint.spec, folder)
    if entrypoint.kind == "module":
        return f"python -m {entrypoint.spec}"
    if entrypoint.kind == "package":
        return f"import {entrypoint.spec}"
    return shlex.join(entrypoint.argv) if entrypoint.argv else entrypoint.spec


@lru_cache(maxsize=4096)
def shown_path(path: str, folder: str) -> str:
    """A path relative to the folder where it lies below it, as it is elsewhere."""
    below = folder.rstrip(os.sep) + os.sep
    return path.removeprefix(below)


def place(location: Location, folder: str) -> str:
    """``path:line``, which terminals and editors make a link of."""
    path = shown_path(location.path, folder)
    return f"{path}:{location.line}" if location.line else path


def counted(number: int, one: str, many: str = "") -> str:
    """``1 module``, ``2 modules``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
