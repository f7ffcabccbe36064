"""``ctypes``: which shared libraries the target's system has, by name; none is loaded."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from patchlint.machine.frames import Frame
from patchlint.machine.values import Module, Native, Unknown, Value

if TYPE_CHECKING:
    from patchlint.machine.core import Machine

_CONFIGURATION = "/etc/ld.so.conf"
_ALWAYS = ("/lib64", "/usr/lib64", "/lib", "/usr/lib")


def ctypes_c(m: Machine, module: Module) -> None:
    """``_ctypes.dlopen``: fails for a library that is not there."""
    if "dlopen" in module.ns:
        module.ns["dlopen"] = Native("dlopen", _dlopen, "_ctypes")


def ctypes_util(m: Machine, module: Module) -> None:
    """``ctypes.util.find_library``, which runs programs to find what can be read."""
    if m.world.target.platform == "linux":
        module.ns["find_library"] = Native("find_library", _find_library, "ctypes.util")


def _dlopen(m: Machine, frame: Frame, arguments: list[Value], keywords: dict[str, Value]) -> Value:
    """dlopen(3): a name with a slash is a path, any other is looked for in the system's folders."""
    name = arguments[0] if arguments else None
    if type(name) is str and m.world.target.platform == "linux":
        is_there = os.path.exists(name) if "/" in name else name in library_files()
        if not is_there:
            raise m.error("OSError", f"{name}: cannot open shared object file: No such file or directory")
    return Unknown("dlopen()")


def _find_library(m: Machine, frame: Frame, arguments: list[Value], keywords: dict[str, Value]) -> Value:
    """The name of the file that ``-lname`` would link with, as ``ldconfig`` lists it; None where there is none."""
    name = arguments[0] if arguments else keywords.get("name")
    if type(name) is not str:
        return Unknown("find_library()")
    prefix = f"lib{name}.so"
    found = [file for file in library_files() if file == prefix or file.startswith(f"{prefix}.")]
    return min(found, key=lambda file: (file == prefix, file.count("."), file), default=None)


@lru_cache(maxsize=1)
def library_files() -> frozenset[str]:
    """The names of the files in the folders that the dynamic linker searches."""
    files: set[str] = set()
    for folder in dict.fromkeys((*_configured(_CONFIGURATION), *_ALWAYS)):
        try:
            files.update(os.listdir(folder))
        except OSError:
            continue
    return frozenset(files)


def _configured(path: str) -> Iterator[str]:
    """ldconfig(8): one folder a line, and ``include`` with patterns."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines()
    except OSError:
        return
    for line in lines:
        first, _, rest = line.partition("#")[0].strip().partition(" ")
        if first == "include":
            for pattern in rest.split():
                for inner in sorted(glob.glob(pattern)):
                    yield from _configured(inner)
        elif first.startswith("/"):
            yield first
