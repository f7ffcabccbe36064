"""``runpy``: a module or a file is run under another name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from patchlint.machine import imports
from patchlint.machine.frames import Frame
from patchlint.machine.values import Module, Native, Unknown, Value

if TYPE_CHECKING:
    from patchlint.machine.core import Machine

Arguments = list[Value]
Keywords = dict[str, Value]


def runpy(m: Machine, module: Module) -> None:
    """``run_module`` and ``run_path``."""
    module.ns["run_module"] = Native("run_module", _run_module, "runpy")
    module.ns["run_path"] = Native("run_path", _run_path, "runpy")


def _run_module(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    """A module that is found as an import finds it; of a package its ``__main__``."""
    name = arguments[0] if arguments else keywords.get("mod_name")
    if type(name) is not str:
        m.recorder.opaque("runpy.run_module", "the name is computed", frame)
        return Unknown("run_module()")
    found = _located(m, name, frame)
    if found is not None and found.is_package:
        found = _located(m, f"{name}.__main__", frame)
    if found is None or found.path is None:
        raise m.error("ImportError", f"No module named {name}")
    return _run(m, found.path, _run_name(arguments, keywords, found.name), found.name.rpartition(".")[0], frame)


def _located(m: Machine, name: str, frame: Frame) -> Value:
    parent = name.rpartition(".")[0]
    path = m.find(imports.import_absolute(m, parent, frame), "__path__", frame, []) if parent else None
    return m.locate(name, path, frame)


def _run_path(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    """A file; of a folder or an archive nothing is known."""
    given = arguments[0] if arguments else keywords.get("path_name")
    path = os.path.join(m.world.cwd, given) if type(given) is str else ""
    if not os.path.isfile(path):
        m.recorder.opaque("runpy.run_path", "what it runs is not known", frame)
        return Unknown("run_path()")
    return _run(m, path, _run_name(arguments, keywords, "<run_path>"), "", frame)


def _run_name(arguments: Arguments, keywords: Keywords, default: str) -> str:
    given = arguments[2] if len(arguments) > 2 else keywords.get("run_name")
    return given if type(given) is str else default


def _run(m: Machine, path: str, name: str, package: str, frame: Frame) -> Value:
    """Execute a file in a module that is not kept; answers its names."""
    module = Module(name, path)
    module.ns.update({"__name__": name, "__file__": path, "__package__": package, "__doc__": None, "__spec__": None})
    module.ns.update({"__loader__": None, "__builtins__": m.builtins, "__cached__": None})
    imports.execute_source(m, module, path, m.recorder.module(module, frame, f"run {os.path.basename(path)}"))
    return dict(module.ns)
