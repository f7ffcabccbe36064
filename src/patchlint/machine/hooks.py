"""C libraries made to wait cooperatively, and worker pools that need a patch: what a call or an import tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from patchlint.machine import alone, greenlets, starting
from patchlint.machine.frames import Frame
from patchlint.machine.values import MISSING, Function, Instance, Module, Unknown, Value
from patchlint.model.events import Hooked, Serving
from patchlint.model.location import Location

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

_POOL_SETTINGS = ("worker_pool", "CELERY_WORKER_POOL", "CELERYD_POOL")
"""How celery's pool is called in settings: today, with Django's usual prefix, and before celery 4."""


def wrapped(m: Machine, function: Function, arguments: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    """``psycogreen.gevent.patch_psycopg()``, ``grpc.experimental.gevent.init_gevent()``."""
    subject = _WRAPPERS.get(function.module.name)
    if subject is not None:
        _tell(m, subject, f"{function.module.name}.{function.name}", frame)
    return MISSING


def unknown_call(m: Machine, function: Unknown, frame: Frame, result: Value) -> None:
    """A function in C that may be a hook."""
    alone.unknown_call(m, function, frame)
    starting.unknown_call(m, function, frame, result)
    name = function.path.rpartition(".")[2]
    subject = _CALLBACKS.get(name)
    if subject is not None:
        _tell(m, subject, function.path, frame)


_SERVERS = {"gevent.pywsgi": "gevent.pywsgi", "gevent.server": "gevent.server"}
"""Modules whose servers hand each request to a greenlet, the more special ones first."""


def server(m: Machine, function: Function, arguments: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    """``serve_forever()``: requests are served from here on, by greenlets where the server is gevent's."""
    owner = arguments[0] if arguments else None
    if type(owner) is not Instance:
        return MISSING
    homes = {base.module for base in owner.cls.mro}
    what = next((_SERVERS[home] for home in _SERVERS if home in homes), None)
    if what is not None:
        _served(m, "gevent", what, frame)
    elif "socketserver" not in homes:  # the standard library's: what a request does is no part of the start-up
        return MISSING
    return None


def green_server(
    m: Machine, function: Function, arguments: list[Value], keywords: dict[str, Value], frame: Frame
) -> Value:
    """``eventlet.wsgi.server(socket, application)``: does not return."""
    if function.module.name != "eventlet.wsgi":
        return MISSING
    _served(m, "eventlet", "eventlet.wsgi", frame)
    return None


def _served(m: Machine, library: str, what: str, frame: Frame) -> None:
    certainty = m.recorder.certainty()
    m.recorder.add(Serving(m.recorder.process, library, what, frame.location, certainty, frame.trail))
    greenlets.run(m)


def _tell(m: Machine, subject: str, call: str, frame: Frame) -> None:
    m.recorder.add(Hooked(m.recorder.process, subject, call, frame.location, m.recorder.certainty(), frame.trail))


def imported(m: Machine, module: Module, frame: Frame) -> None:
    """A module whose import shows that a pool was chosen."""
    pool = _POOLS.get(module.name)
    if pool is not None:
        place = m.pool_settings.get(pool[0]) or _global_setting(m, pool[0])
        m.recorder.add(Serving(m.recorder.process, *pool, place, m.recorder.certainty(), frame.trail))


def configured(
    m: Machine, function: Function, arguments: list[Value], keywords: dict[str, Value], frame: Frame
) -> Value:
    """``app.conf.worker_pool = "gevent"`` or ``app.conf.update(worker_pool="gevent")``: where it is said."""
    if function.module.name.startswith("celery."):
        first = arguments[1] if len(arguments) > 1 else None
        if type(first) is dict:
            _note_settings(m, first, frame)
        elif type(first) is str and len(arguments) > 2:
            _note_settings(m, {first: arguments[2]}, frame)
        _note_settings(m, keywords, frame)
    return MISSING


def _note_settings(m: Machine, mapping: Mapping[Any, Value], frame: Frame) -> None:
    for name in _POOL_SETTINGS:
        value = mapping.get(name)
        if type(value) is str and (place := _asked_at(m, frame)) is not None:
            m.pool_settings[value] = place


def _asked_at(m: Machine, frame: Frame) -> Location | None:
    """The nearest line of the reader's own that led here."""
    current: Frame | None = frame
    while current is not None and not m.is_first_party(current.path):
        current = current.caller
    return None if current is None else current.location


def _global_setting(m: Machine, library: str) -> Location | None:
    """``worker_pool = "gevent"`` in a module of settings."""
    for module in m.modules.values():
        if type(module) is Module and m.is_first_party(module.file):
            for name in _POOL_SETTINGS:
                if module.ns.get(name) == library and module.lines.get(name):
                    return Location(str(module.file), abs(module.lines[name]))
    return None
