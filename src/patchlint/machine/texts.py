"""Code and files that the program reads while it is imported: ``exec``, ``eval``, ``open``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from patchlint.machine import imports
from patchlint.machine.expressions import evaluate
from patchlint.machine.frames import Frame
from patchlint.machine.natives import codecs
from patchlint.machine.natives.builtins import new_type
from patchlint.machine.values import MISSING, Class, Instance, Module, Unknown, Value
from patchlint.model import operations as op
from patchlint.model.errors import SourceError
from patchlint.sources.lowering import lower, lower_expression

if TYPE_CHECKING:
    from patchlint.machine.core import Machine

Arguments = list[Value]
Keywords = dict[str, Value]

FILE_LIMIT = 400_000


def execute(m: Machine, arguments: Arguments, frame: Frame, expression: bool) -> Value:
    """``exec`` and ``eval`` of a text that is known: it is lowered and played, never run."""
    source, path = arguments[0], None
    if type(source) is Instance and source.cls is m.types["code"]:
        path = _file_of(m, source)
        expression = source.ns.get("mode") == "eval"
        source = source.ns.get("source", MISSING)
    if type(source) is bytes:
        source = source.decode("utf-8", "replace")
    if type(source) is not str:
        m.recorder.opaque("exec", "the code is computed", frame)
        if not _play_its_file(m, arguments, frame):
            _forget(arguments, frame)
        return Unknown("eval()")
    inner = _scope(m, arguments, frame)
    inner.path = path or inner.path
    try:
        if expression:
            return evaluate(m, lower_expression(source.strip()), inner)
        summary = lower(source, inner.path or "<string>")
    except (SourceError, SyntaxError, RecursionError):
        raise m.error("SyntaxError", "invalid syntax") from None
    embed_bodies(source, summary.body)
    from patchlint.machine.statements import execute as run

    run(m, summary.body, inner)
    return None


def _file_of(m: Machine, code: Instance) -> str | None:
    """The file that code was compiled from, as it says itself, if it is one that is analysed."""
    name = code.ns.get("co_filename")
    path = os.path.join(m.world.cwd, name) if type(name) is str else ""
    return path if path and m.may_read(path) and m.world.reader.read_bytes(path) is not None else None


def embed_bodies(source: str, nodes: Sequence[object]) -> None:
    """Functions of a text have no file to take their bodies from: lower them now."""
    from patchlint.sources.lowering import lower_function

    lines = [line + "\n" for line in source.split("\n")]
    stack: list[object] = list(nodes)
    while stack:
        node = stack.pop()
        if type(node) is not list:
            continue
        if len(node) == op.F_BODY + 1 and type(node[0]) is str and node[op.F_BODY] is None:
            node[op.F_BODY] = lower_function(lines, node, False)
        stack.extend(node)


def _scope(m: Machine, arguments: Arguments, frame: Frame) -> Frame:
    scope = arguments[1] if len(arguments) > 1 else None
    inner_names = arguments[2] if len(arguments) > 2 else scope
    scope = scope.payload if type(scope) is Instance else scope
    inner_names = inner_names.payload if type(inner_names) is Instance else inner_names
    inner = Frame(frame.module, frame.visible_locals(m.version), frame, "exec")
    inner.globals, inner.closure, inner.line, inner.path = frame.globals, frame.closure, frame.line, frame.path
    if type(scope) is dict:
        scope.setdefault("__builtins__", m.builtins)
        inner.module = _module_of(m, scope, frame)
        inner.globals = inner.locals = scope
        inner.closure = ()
    if type(inner_names) is dict:
        inner.locals = inner_names
    return inner


def _module_of(m: Machine, scope: dict[str, Value], frame: Frame) -> Module:
    if scope is frame.module.ns:
        return frame.module
    for module in m.modules.values():
        if type(module) is Module and module.ns is scope:
            return module
    made = Module(str(scope.get("__name__", frame.module.name)), frame.module.file)
    made.ns = scope
    made.record = frame.module.record
    return made


def _play_its_file(m: Machine, arguments: Arguments, frame: Frame) -> bool:
    """A loader that executes what it made of a module's file (instrumented, rewritten) does what the file does.

    ``pytest`` rewrites assertions so, and type checkers at run time add their calls.
    """
    scope = arguments[1] if len(arguments) > 1 else None
    spec: Value = scope.get("__spec__") if type(scope) is dict else None
    if type(spec) is not Instance or spec.ns.get("_initializing") is not True:
        return False
    module: Value = m.modules.get(str(spec.ns.get("name")))
    path = spec.ns.get("origin")
    if type(module) is not Module or module.ns is not scope or module.record is not None or type(path) is not str:
        return False
    if not path.endswith(".py"):
        return False
    module.file = path
    imports.execute_file(m, module, path, m.record_module(module, frame))
    return True


def _forget(arguments: Arguments, frame: Frame) -> None:
    """What computed code binds is not known."""
    if len(arguments) == 1:
        frame.module.is_open = True
    for scope in arguments[1:]:
        names = scope.payload if type(scope) is Instance else scope
        if type(names) is dict:
            names[Unknown("exec")] = Unknown("exec")


def open_file(m: Machine, arguments: Arguments, keywords: Keywords, frame: Frame) -> Value:
    """``open()`` of a file that belongs to the program or its libraries."""
    path = arguments[0] if arguments else keywords.get("file")
    mode = arguments[1] if len(arguments) > 1 else keywords.get("mode", "r")
    if type(path) is Instance:
        path = m.call(m.modules["os"].ns["fspath"], [path], {}, frame)
    place = os.path.join(m.world.cwd, path) if type(path) is str else ""
    if not place or type(mode) is not str or not m.may_read(place) or "r" not in mode:
        _use_codec(m, mode, arguments, keywords, frame)
        return Unknown("open()")
    data = m.world.reader.read_bytes(place)
    if data is None and place != path:  # it may be started elsewhere
        return Unknown("open()")
    if data is None:
        raise m.error("FileNotFoundError", 2, "No such file or directory", filename=path)
    _use_codec(m, mode, arguments, keywords, frame)
    if len(data) > FILE_LIMIT:
        return Unknown("open()")
    made = Instance(m.types.get("file") or _file_type(m))
    made.ns[" content"] = data if "b" in mode else data.decode("utf-8", "replace").replace("\r\n", "\n")
    made.ns.update({" place": 0, "name": path})
    return made


def _use_codec(m: Machine, mode: Value, arguments: Arguments, keywords: Keywords, frame: Frame) -> None:
    """``io.TextIOWrapper`` looks its codec up, be it one that ``str`` knows by itself."""
    encoding = arguments[3] if len(arguments) > 3 else keywords.get("encoding")
    if type(encoding) is str and type(mode) is str and "b" not in mode and encoding != "locale":
        codecs.load(m, encoding, frame)


def _file_type(m: Machine) -> Class:
    from patchlint.machine.natives.stdlib import stream_methods

    cls = new_type(m, "file", "io")
    cls.is_open = True
    cls.ns.update(stream_methods())
    return cls
