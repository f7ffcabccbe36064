"""Regenerate ``knowledge/data/extensions/``: what the standard library's C modules hold, by Python version.

usage: python tools/dump_extensions.py PYTHON...

Each PYTHON (CPython 3.7 and later, on Linux) is asked in processes of its own.  Nothing of it is
guessed: names come from ``vars()`` of the imported modules, imports from ``sys.modules``.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path
from typing import Any

TOOLS = Path(__file__).parent
IMPORTS = TOOLS / "probes" / "imports.py"
TARGET = TOOLS.parent / "src" / "patchlint" / "knowledge" / "data" / "extensions"

NAMES = """
import os, sys
found = set(sys.builtin_module_names)
for folder in sys.path:
    if folder.endswith("lib-dynload"):
        found |= {name.split(".")[0] for name in os.listdir(folder) if name.endswith(".so")}
print(*sorted(found))
"""

FROZEN = """
import _imp, sys
try:
    names = _imp._frozen_module_names()
except AttributeError:
    names = "_frozen_importlib _frozen_importlib_external zipimport __hello__ __phello__ __phello__.spam".split()
print(*[name for name in names if _imp.is_frozen(name)])
"""

TESTS = ("_test", "_xxtest", "xx", "_ctypes_test")
"""Modules that exist for CPython's own tests."""


def ask(python: str, *arguments: str) -> str:
    return subprocess.run([python, *arguments], check=True, capture_output=True, text=True).stdout


def words(python: str, code: str, *flags: str) -> list[str]:
    return ask(python, *flags, "-c", code).split()


def imports_of(python: str, name: str) -> list[str] | None:
    """The modules that an extension module imports itself, in order; None when it cannot be imported.

    One that is imported again by what it imports is asked once more, when all that is there.
    """
    try:
        first: list[str] = json.loads(ask(python, "-I", "-S", str(IMPORTS), name))
        again: list[str] = json.loads(ask(python, "-I", "-S", str(IMPORTS), name, *first)) if first else []
    except subprocess.CalledProcessError:
        return None
    return again if set(first) <= set(again) else first


def startup(python: str) -> list[str]:
    """What an interpreter whose site-packages is empty has imported before a program's first line."""
    with tempfile.TemporaryDirectory() as folder:
        ask(python, "-m", "venv", "--without-pip", folder)
        return [str(found) for found in json.loads(ask(f"{folder}/bin/python", "-I", str(IMPORTS), "--startup"))]


def dump(python: str) -> dict[str, Any]:
    names = [name for name in words(python, NAMES, "-I", "-S") if not name.startswith(TESTS)]
    seen = json.loads(ask(python, "-I", "-S", str(TOOLS / "probes" / "extensions.py"), *names))
    imports = {name: imports_of(python, name) for name in names}
    print(f"{python}: cannot be imported: {sorted(n for n in names if imports[n] is None)}")  # noqa: T201
    return {
        "about": "made by tools/dump_extensions.py",
        "python": ask(python, "-I", "-c", "import platform; print(platform.python_version(), end='')"),
        "startup": startup(python),
        "frozen": words(python, FROZEN, "-I", "-S"),
        "builtin": words(python, "import sys; print(*sys.builtin_module_names)", "-I", "-S"),
        "modules": {name: [imports.get(name) or [], rows] for name, rows in seen["modules"].items()},
        "hidden": seen["hidden"],
    }


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    for python in sys.argv[1:]:
        data = dump(python)
        text = json.dumps(data, separators=(",", ":"))
        name = ".".join(str(data["python"]).split(".")[:2])
        (TARGET / f"{name}.json.z").write_bytes(zlib.compress(text.encode(), 9))
        print(f"{name}: {len(data['modules'])} modules")  # noqa: T201


if __name__ == "__main__":
    main()
