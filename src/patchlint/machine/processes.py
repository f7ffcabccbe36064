"""Forks: the machine goes on as the child, and, of a program's own fork, as the parent in another play.

What a launcher's master does after its fork is to watch its workers; what matters happened before it, or
happens in the child.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from patchlint.machine import greenlets
from patchlint.machine.frames import EndOfPlay, Frame
from patchlint.machine.values import MISSING, Class, Function, Instance, Module, Native, Unknown, Value
from patchlint.model.events import Forked
from patchlint.model.location import Location

if TYPE_CHECKING:
    from patchlint.machine.core import Machine

_WORKERS = ("_num_workers", "num_workers", "workers", "processes")
"""Attributes in which masters keep the number of their workers."""


PID: Final = 4242
"""What ``os.fork`` answers in a parent."""


@dataclass(frozen=True, slots=True)
class Met:
    """A fork that a play came to: which side it went on as, and how many entries its recorder had by then."""

    place: Location | None
    is_parent: bool
    is_possible: bool
    entries: int
    is_aside: bool = False
    """Whether a launcher forked a child that goes a way of its own: then the parent is played first."""


def install(m: Machine, module: Module) -> None:
    """``os.fork`` and what a process ends with or waits for, in ``os`` or ``posix``."""
    module.ns["fork"] = Native("fork", _fork, "posix")
    module.ns["_exit"] = Native("_exit", _end, "posix")
    for name in ("wait", "wait3", "wait4", "waitid", "waitpid"):
        module.ns[name] = Native(name, _wait, "posix")


def _fork(m: Machine, frame: Frame, arguments: list[Value], keywords: dict[str, Value]) -> Value:
    caller = _asking(frame)
    if _is_for_command(frame, caller):
        return PID
    count = _count(caller)
    if count is None or m.is_first_party(caller.path):
        return _either_side(m, caller, count)
    _forked(m, caller, "worker", count if m.family.has_counted else None, caller.module.name.partition(".")[0])
    return 0


def _either_side(m: Machine, caller: Frame, count: int | None) -> Value:
    """A program's own fork, or that of a library which is no server with workers: 0 or the child's number."""
    sides, number = m.world.sides, len(m.family.met)
    is_parent = sides[number] if number < len(sides) else caller.location in m.world.played
    m.family.met.append(Met(caller.location, is_parent, m.possible > 0, len(m.recorder.entries)))
    if is_parent:
        m.family.has_waited = False
        return PID
    _forked(m, caller, _unused_name(m), count, None)
    return 0


def aside(m: Machine, child: str, launcher: str, location: Location | None, frame: Frame) -> bool:
    """A launcher's fork of a child that is none of its workers; whether this play goes on as the child."""
    sides, number = m.world.sides, len(m.family.met)
    is_parent = sides[number] if number < len(sides) else True
    m.family.met.append(Met(location, is_parent, False, len(m.recorder.entries), is_aside=True))
    if not is_parent:
        recorder = m.recorder
        recorder.forked(Forked(recorder.process, child, 1, launcher, location, "certain", frame.trail))
        recorder.process = child
    return not is_parent


def _forked(m: Machine, caller: Frame, child: str, count: int | None, launcher: str | None) -> None:
    recorder = m.recorder
    recorder.forked(
        Forked(recorder.process, child, count, launcher, caller.location, recorder.certainty(), caller.trail)
    )
    recorder.process = child


def _unused_name(m: Machine) -> str:
    """``child``, ``child 2``, ...: each has a story of its own; plays of other sides may have told of one."""
    number = 1 + sum(isinstance(event, Forked) and event.launcher is None for event in m.recorder.entries)
    number += len(m.world.played)
    return "child" if number == 1 else f"child {number}"


def _end(m: Machine, frame: Frame, arguments: list[Value], keywords: dict[str, Value]) -> Value:
    """``os._exit``: no handler is called."""
    if m.possible:
        raise m.error("SystemExit", *arguments)
    m.family.has_ended = True
    raise EndOfPlay


def _wait(m: Machine, frame: Frame, arguments: list[Value], keywords: dict[str, Value]) -> Value:
    m.family.has_waited = True
    return (Unknown("pid"), Unknown("status"))


WAITS: Final = ("sleep", "idle", "joinall", "switch")
"""Functions of patching libraries that let other greenlets run meanwhile; the hub's `switch` is behind all others."""


def waited(m: Machine, function: Function, arguments: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    """``gevent.sleep()``: whoever waits so has something else going on, or wants to live a little longer."""
    if function.module.name.partition(".")[0] in ("gevent", "eventlet"):
        m.family.has_waited = True
        greenlets.run(m)
    return MISSING


def _asking(frame: Frame) -> Frame:
    """The frame that asked for the fork, behind a patching library's own function."""
    current: Frame | None = frame
    while current is not None and current.module.name.partition(".")[0] in ("gevent", "eventlet", "os"):
        current = current.caller
    return current or frame


def _is_for_command(frame: Frame, asking: Frame) -> bool:
    """Whether the child is to become another program at once: ``gevent.subprocess`` and ``os.spawn*`` do so."""
    current: Frame | None = frame
    while current is not None and current is not asking:
        if current.module.name == "gevent.subprocess" or current.what == "_spawnvef":
            return True
        current = current.caller
    return False


def workers_set(
    m: Machine, function: Function, arguments: list[Value], keywords: dict[str, Value], frame: Frame
) -> Value:
    """gunicorn's arbiter is told how many workers it has: some, where the number is computed of what is not known."""
    if not function.module.name.startswith("gunicorn.") or len(arguments) < 2:
        return MISSING
    m.family.has_counted = type(arguments[1]) is int
    return MISSING if m.family.has_counted else m.follow(function, [arguments[0], 2, *arguments[2:]], keywords, frame)


def _count(frame: Frame) -> int | None:
    owner = frame.locals.get("self")
    if type(owner) is not Instance:
        return None
    for name in _WORKERS:
        value = owner.ns.get(name)
        if type(value) is int:
            return value
    return None


def serve(m: Machine, function: Function, arguments: list[Value], keywords: dict[str, Value], frame: Frame) -> Any:
    """A worker's loop, gunicorn's own or that of another library's class of workers: the start-up ends here."""
    owner = arguments[0] if arguments else None
    if type(owner) is Instance and not m.is_first_party(function.module.file) and _is_worker(owner.cls):
        greenlets.run(m)
        raise EndOfPlay
    return MISSING


def _is_worker(cls: Class) -> bool:
    return any(base.module == "gunicorn.workers.base" and base.name == "Worker" for base in cls.mro)


def celery_worker(
    m: Machine, function: Function, arguments: list[Value], keywords: dict[str, Value], frame: Frame
) -> Value:
    """``WorkController.on_init_blueprint``: all is imported, ``worker_init`` was sent, the pool comes next.

    The prefork pool forks its children before any task runs, and each sends ``worker_process_init``.
    """
    if not function.module.name.startswith("celery.") or not arguments:
        return MISSING
    owner = arguments[0]
    pool, count = m.find(owner, "pool_cls", frame, None), m.find(owner, "concurrency", frame, None)
    if not _is_prefork(pool):  # threads and greenlets of this process
        greenlets.run(m)
        raise EndOfPlay
    recorder = m.recorder
    workers = count if type(count) is int and count else None
    recorder.forked(
        Forked(recorder.process, "worker", workers, "celery", frame.location, recorder.certainty(), frame.trail)
    )
    recorder.process = "worker"
    signals = m.modules.get("celery.signals")
    signal = m.find(signals, "worker_process_init", frame, None)
    if signal is not None:
        m.call(m.getattr(signal, "send", frame), [], {"sender": None}, frame)
    raise EndOfPlay


def _is_prefork(pool: Value) -> bool:
    return type(pool) is Class and pool.module == "celery.concurrency.prefork"
