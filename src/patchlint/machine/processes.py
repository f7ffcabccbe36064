"""Forks: the machine goes on as the child.

What a launcher's master does after its fork is to watch its workers; what matters happened before it, or
happens in the child.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patchlint.machine.frames import EndOfPlay, Frame
from patchlint.machine.values import MISSING, Class, Function, Instance, Native, Value
from patchlint.model.events import Forked

if TYPE_CHECKING:
    from patchlint.machine.core import Machine

_WORKERS = ("_num_workers", "num_workers", "workers", "processes")
"""Attributes in which masters keep the number of their workers."""


def fork() -> Native:
    """``os.fork``: answers 0, as in the child."""
    return Native("fork", _fork, "posix")


def _fork(m: Machine, frame: Frame, arguments: list[Value], keywords: dict[str, Value]) -> Value:
    caller = _asking(frame)
    launcher = None if m.is_first_party(caller.path) else caller.module.name.partition(".")[0]
    recorder = m.recorder
    child = "worker" if launcher is not None else "child"
    recorder.forked(
        Forked(
            recorder.process,
            child,
            _count(caller),
            launcher,
            caller.location,
            recorder.certainty(),
            caller.trail,
        )
    )
    recorder.process = child
    return 0


def _asking(frame: Frame) -> Frame:
    """The frame that asked for the fork, behind a patching library's own function."""
    current: Frame | None = frame
    while current is not None and current.module.name.partition(".")[0] in ("gevent", "eventlet", "os"):
        current = current.caller
    return current or frame


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
