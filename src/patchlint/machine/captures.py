"""What refers to an original at one moment: a walk over every module's globals and classes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from patchlint.machine.values import (
    HOST_TYPES,
    Choice,
    Class,
    ClassMethod,
    Function,
    Instance,
    Module,
    Native,
    StaticMethod,
    Value,
)
from patchlint.model import operations as op
from patchlint.model.events import Capture, CaptureKind

if TYPE_CHECKING:
    from patchlint.machine.core import Machine

CLASS_DEPTH = 3


def find(m: Machine, originals: dict[int, str], skipped: tuple[str, ...], patched: frozenset[str]) -> list[Capture]:
    """Captures of the originals (by identity: how the patching library calls each).

    Modules whose top-level name is in ``skipped`` and those that are themselves ``patched`` are
    left out, as are dunder globals; a module, class or function counts once, where it was defined.
    """
    walk = _Walk(m, originals)
    for name, module in list(m.modules.items()):
        if type(module) is not Module or id(module) in walk.seen:
            continue
        walk.seen.add(id(module))
        real = module.ns.get("__name__", name)
        if type(real) is not str or real.partition(".")[0] in skipped or real in patched:
            continue
        walk.module(module, real)
    return walk.found


class _Walk:
    def __init__(self, m: Machine, originals: dict[int, str]) -> None:
        self.m = m
        self.originals = originals
        self.seen: set[int] = set()
        self.found: list[Capture] = []
        self.owner: Module = Module("")
        self.name = ""

    def module(self, module: Module, name: str) -> None:
        self.owner, self.name = module, name
        for key, value in list(module.ns.items()):
            if type(value) not in HOST_TYPES and type(key) is str and not (key.startswith("__") and key.endswith("__")):
                self.value(key, value, module.lines.get(key, 0), 0)

    def value(self, path: str, value: Value, line: int, depth: int) -> None:
        kind = type(value)
        if kind is Choice:
            for option in value.options:
                self.value(path, option, -abs(line), depth)
            return
        origin = self.originals.get(id(value))
        if origin is not None:
            self.add("binding", path, origin, line)
        elif kind is Class:
            self.class_(path, value, line, depth)
        elif kind is Function:
            self.function(path, value, line)
        elif kind is Native and value.defaults:
            self.native(path, value, line)
        elif kind is Instance:
            for base in value.cls.mro:
                origin = self.originals.get(id(base))
                if origin is not None:
                    self.add("instance", path, origin, line)
                    return

    def class_(self, path: str, cls: Class, line: int, depth: int) -> None:
        if cls.ns.get("__module__", cls.module) != self.name or id(cls) in self.seen:
            return
        self.seen.add(id(cls))
        for base in cls.mro[1:]:
            origin = self.originals.get(id(base))
            if origin is not None:
                self.add("subclass", path, origin, line)
                break
        if depth >= CLASS_DEPTH:
            return
        for key, member in list(cls.ns.items()):
            if type(key) is not str or type(member) in HOST_TYPES:
                continue
            inner = member.function if type(member) in (StaticMethod, ClassMethod) else member
            self.value(f"{path}.{key}", inner, cls.lines.get(key, line), depth + 1)

    def function(self, path: str, function: Function, line: int) -> None:
        is_compiled = function.module.kind == "extension"
        if is_compiled or function.module_name != self.name or id(function) in self.seen:
            return
        self.seen.add(id(function))
        for parameter, default in defaults_of(function):
            origin = self.originals.get(id(default))
            if origin is not None:
                place = function.node[op.F_LINE]
                self.add("binding", f"{path}({parameter})", origin, -place if line < 0 else place)

    def native(self, path: str, function: Native, line: int) -> None:
        if function.module != self.name or id(function) in self.seen:
            return
        self.seen.add(id(function))
        for parameter, default in function.defaults.items():
            origin = self.originals.get(id(default))
            if origin is not None:
                self.add("binding", f"{path}({parameter})", origin, line)

    def add(self, kind: CaptureKind, path: str, origin: str, line: int) -> None:
        record: Any = self.owner.record
        possible = line < 0 or (record is not None and record.possible)
        trail = record.trail if record is not None else self.m.root
        process = record.process if record is not None else "main"
        certainty: Any = "possible" if possible else "certain"
        self.found.append(Capture(kind, self.name, path, origin, self.owner.file, abs(line), certainty, process, trail))


def defaults_of(function: Function) -> Iterator[tuple[str, Value]]:
    """The parameters that have a default, and it."""
    names = function.node[op.F_POSITIONAL]
    yield from zip(names[len(names) - len(function.defaults) :], function.defaults, strict=False)
    yield from function.keyword_defaults.items()
