"""What the children of ``multiprocessing`` run: a copy of the parent's state goes on, or an interpreter starts anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from patchlint.machine import imports, starting
from patchlint.machine.frames import EndOfPlay, Frame, Journal, OutOfBudget, Raised
from patchlint.machine.recorder import ModuleRecord
from patchlint.machine.values import Function, Instance, Module, Value
from patchlint.model.events import Forked, Patch
from patchlint.model.location import Trail

if TYPE_CHECKING:
    from patchlint.machine.core import Machine

BUDGET = 4000
"""Operations of a child's target that are played."""


def start(m: Machine, owner: Instance, frame: Frame) -> None:
    """``Process.start()``: the child is played, then the parent goes on as if it had not been."""
    method = _method(m, owner, frame)
    if method is not None and not m.is_first_party(frame.path) and (method != "fork" or not _is_asked_for(m, frame)):
        _work(m, owner, frame, is_fresh=method != "fork")
    elif method == "fork":
        _fork(m, owner, frame)
    elif method is not None:
        _spawn(m, owner, frame)
    starting.remember(m, owner)


def _method(m: Machine, owner: Instance, frame: Frame) -> str | None:
    """The start method: the class's own, or the one that was set; None where it is not known."""
    method = m.find(owner, "_start_method", frame, None)
    context = m.modules.get("multiprocessing.context")
    if method is None and type(context) is Module:
        chosen = m.find(context.ns.get("_default_context"), "get_start_method", frame, None)
        method = None if chosen is None else m.call(chosen, [], {}, frame)
    return method if type(method) is str else None


def _fork(m: Machine, owner: Instance, frame: Frame) -> None:
    recorder = m.recorder
    parent, child = recorder.process, _name(m)
    event = Forked(parent, child, 1, "multiprocessing", frame.location, recorder.certainty(), frame.trail)
    recorder.forked(event)
    inner = Frame(frame.module, {}, frame, "process")
    inner.path, inner.line = frame.path, frame.line
    inner.trail_ = Trail(frame.trail, frame.location, "child process")
    with _copied(m):
        recorder.process = child
        try:
            m.call(m.getattr(owner, "run", inner), [], {}, inner)
        except (Raised, OutOfBudget, EndOfPlay):
            pass
        finally:
            recorder.process = parent


def _is_asked_for(m: Machine, frame: Frame) -> bool:
    """Whether the program's own code led to a start in a library: it is no server's then."""
    current: Frame | None = frame
    while current is not None:
        if m.is_first_party(current.path):
            return True
        current = current.caller
    return False


def _work(m: Machine, owner: Instance, frame: Frame, *, is_fresh: bool) -> None:
    """A server starts a worker; those that it starts at the same line do the same."""
    recorder = m.recorder
    number = m.family.workers.get(frame.location)
    if number is not None:
        event = recorder.entries[number]
        if not m.possible and event.count is not None:  # what may be started are those that take another's place
            recorder.entries[number] = replace(event, count=event.count + 1)
        return
    parent, child = recorder.process, f"worker {len(m.family.workers) + 1}" if m.family.workers else "worker"
    m.family.workers[frame.location] = len(recorder.entries)
    count, launcher = None if m.possible else 1, frame.module.name.partition(".")[0]
    recorder.forked(
        Forked(parent, child, count, launcher, frame.location, recorder.certainty(), frame.trail, is_fresh=is_fresh)
    )
    inner = Frame(frame.module, {}, frame, "process")
    inner.path, inner.line = frame.path, frame.line
    inner.trail_ = Trail(frame.trail, frame.location, "worker process")
    with _copied(m):
        m.remaining = m.budget
        recorder.process = child
        try:
            if is_fresh:
                _begin_anew(m, inner)
            m.call(m.getattr(owner, "run", inner), [], {}, inner)
        except (Raised, OutOfBudget, EndOfPlay):
            pass
        finally:
            recorder.process = parent


def _begin_anew(m: Machine, frame: Frame) -> None:
    """A spawned process imports the program's own modules again, and its main file as ``__mp_main__``."""
    main = m.modules.get("__main__")
    for name, module in list(m.modules.items()):
        if type(module) is Module and m.is_first_party(module.file):
            del m.modules[name]
    if type(main) is Module and main.file is not None and m.is_first_party(main.file):
        again = m.modules["__main__"] = m.modules["__mp_main__"] = Module("__mp_main__", main.file)
        again.ns.update({"__name__": "__mp_main__", "__file__": main.file, "__package__": None, "__doc__": None})
        again.ns.update({"__spec__": None, "__builtins__": m.builtins})
        imports.execute_source(m, again, main.file, m.recorder.module(again, frame, f"run {main.file}"))


def _name(m: Machine) -> str:
    """``child``, ``child 2``, ...: each has a story of its own."""
    number = 1 + sum(isinstance(event, Forked) and event.launcher == "multiprocessing" for event in m.recorder.entries)
    return "child" if number == 1 else f"child {number}"


@contextmanager
def _copied(m: Machine) -> Iterator[None]:
    """The child works on a copy: modules, their names, what is patched, and what it changes itself are put back."""
    modules = dict(m.modules)
    names = {id(one): (one, dict(one.ns)) for one in modules.values() if type(one) is Module}
    patched = set(m.patched_values), set(m.patched_modules)
    saved = m.remaining, m.journal
    journal = Journal(None)
    m.remaining, m.journal = min(m.remaining, BUDGET), journal
    try:
        yield
    finally:
        m.remaining, m.journal = saved
        journal.undo()
        _refill(m.modules, modules)
        for module, namespace in names.values():
            _refill(module.ns, namespace)
        m.patched_values, m.patched_modules = patched


def _refill(mapping: dict[str, Value], content: dict[str, Value]) -> None:
    mapping.clear()
    mapping.update(content)


def _spawn(m: Machine, owner: Instance, frame: Frame) -> None:
    """The start of another interpreter is told where it matters: where the child patches."""
    target = owner.ns.get("_target")
    if m.spawn is None or type(target) is not Function or not m.is_first_party(frame.path):
        return
    entries = m.spawn(target, frame, f"spawned {_name(m)}")
    if any(isinstance(entry, Patch) and entry.replaced for entry in entries):
        m.recorder.entries += [entry for entry in entries if not _has_failed(entry)]


def _has_failed(entry: object) -> bool:
    return isinstance(entry, ModuleRecord) and entry.failed
