"""C libraries made to wait cooperatively, and worker pools that need a patch: what a call or an import tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchlint.machine.frames import Frame
from patchlint.machine.values import MISSING, Function, Module, Unknown, Value
from patchlint.model.events import Hooked, Serving

if TYPE_CHECKING:
    from patchlint.machine.core import Machine

_CALLBACKS = {"set_wait_callback": "psycopg2", "init_gevent": "grpc"}
"""Functions written in C that take a library's hook, and the library."""

_WRAPPERS = {"psycogreen.gevent": "psycopg2", "psycogreen.eventlet": "psycopg2", "grpc.experimental.gevent": "grpc"}
"""Modules whose function is the documented way to the hook."""

_POOLS = {
    "celery.concurrency.gevent": ("gevent", "celery's gevent pool"),
    "celery.concurrency.eventlet": ("eventlet", "celery's eventlet pool"),
}
"""Modules that are imported only where the pool that they implement was chosen."""


def wrapped(m: Machine, function: Function, arguments: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    """``psycogreen.gevent.patch_psycopg()``, ``grpc.experimental.gevent.init_gevent()``."""
    subject = _WRAPPERS.get(function.module.name)
    if subject is not None:
        _tell(m, subject, f"{function.module.name}.{function.name}", frame)
    return MISSING


def unknown_call(m: Machine, function: Unknown, frame: Frame) -> None:
    """A function in C that may be a hook."""
    name = function.path.rpartition(".")[2]
    subject = _CALLBACKS.get(name)
    if subject is not None:
        _tell(m, subject, function.path, frame)


def _tell(m: Machine, subject: str, call: str, frame: Frame) -> None:
    m.recorder.add(Hooked(m.recorder.process, subject, call, frame.location, m.recorder.certainty(), frame.trail))


def imported(m: Machine, module: Module, frame: Frame) -> None:
    """A module whose import shows that a pool was chosen."""
    pool = _POOLS.get(module.name)
    if pool is not None:
        m.recorder.add(Serving(m.recorder.process, *pool, None, m.recorder.certainty(), frame.trail))
