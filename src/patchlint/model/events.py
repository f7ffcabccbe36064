"""What happens on a timeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from patchlint.model.location import Location, Trail

Certainty: TypeAlias = Literal["certain", "possible"]
ModuleKind: TypeAlias = Literal["source", "extension", "builtin", "frozen", "namespace"]
CaptureKind: TypeAlias = Literal["binding", "subclass", "instance"]
Process: TypeAlias = str
"""``main``, ``worker``, ``child``, ...: which process an event happens in."""


@dataclass(frozen=True, slots=True)
class ModuleExecuted:
    """A module was imported for the first time (or run as ``__main__``)."""

    process: Process
    module: str
    path: str | None
    kind: ModuleKind
    certainty: Certainty
    trail: Trail


@dataclass(frozen=True, slots=True)
class Capture:
    """A reference to something that a patch replaces.

    ``name`` is the qualified path inside the module (``ConnectionPool.QueueCls``,
    ``Fetcher.__init__(sleep)``); ``origin`` is spelled as the patching library saves it.
    ``trail`` leads to the import that executed ``module``; ``(path, line)`` is the binding itself.
    """

    kind: CaptureKind
    module: str
    name: str
    origin: str
    path: str | None
    line: int
    certainty: Certainty
    process: Process
    trail: Trail


@dataclass(frozen=True, slots=True)
class Patch:
    """A patching library replaced attributes of standard-library modules.

    ``call`` is the function's qualified name, ``arguments`` what it was given as far as known.
    ``replaced`` are the names that this call replaced (``ssl.SSLContext``), ``stale`` the captures
    of them that stood at that moment.  ``by_launcher`` tells a patch that the launcher makes from
    one written in the program.  ``removed`` are the names that are gone since (``select.epoll``).
    """

    process: Process
    library: str
    version: str
    call: str
    arguments: tuple[tuple[str, str], ...]
    location: Location | None
    replaced: tuple[str, ...]
    stale: tuple[Capture, ...]
    certainty: Certainty
    trail: Trail
    by_launcher: bool = False
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Started:
    """Something that a fork does not copy well was created or started.

    ``what`` is ``thread``, ``scheduler``, ``process`` or ``connection``; ``subject`` the class or function
    (``apscheduler.schedulers.background.BackgroundScheduler``); ``stage`` whether it was only
    created, or has ended again; ``green`` whether its thread is a greenlet because threads were patched by then;
    ``repairs`` whether the library starts it again in a forked child by itself.
    ``alone``: of all processes forked alike, one only comes here.
    ``identity`` is the same for the creation and the start of one object.
    """

    what: Literal["thread", "scheduler", "process", "connection"]
    stage: Literal["created", "started", "ended"]
    process: Process
    subject: str
    location: Location
    green: bool
    certainty: Certainty
    trail: Trail
    identity: int = 0
    repairs: bool = False
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Forked:
    """A process was forked: ``process`` into ``child``, ``count`` times (None: unknown).

    ``parent_ends``: the parent does nothing more than to end, as a program does that goes into the background.
    ``is_fresh``: the child is a new interpreter, which inherits nothing.
    """

    process: Process
    child: Process
    count: int | None
    launcher: str | None
    location: Location | None
    certainty: Certainty
    trail: Trail
    parent_ends: bool = False
    is_fresh: bool = False


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A process drops what it inherited, so that its exit no longer joins processes that are not its own.

    ``subject`` is ``multiprocessing.process._children`` when children were taken out of that set,
    ``multiprocessing.util._exit_function`` when that function was unregistered from ``atexit``.
    """

    process: Process
    subject: str
    location: Location | None
    certainty: Certainty
    trail: Trail


@dataclass(frozen=True, slots=True)
class Serving:
    """A server or worker pool of a patching library takes over: it needs that library's patch.

    ``what`` names it in words (``celery's gevent pool``); ``location`` is the line that chose it,
    None where only the launch command did.
    """

    process: Process
    library: str
    what: str
    location: Location | None
    certainty: Certainty
    trail: Trail


@dataclass(frozen=True, slots=True)
class Hooked:
    """A C library was made to wait cooperatively.

    ``subject`` is its top-level module (``psycopg2``, ``grpc``); ``call`` what was called
    (``psycogreen.gevent.patch_psycopg``, ``grpc.experimental.gevent.init_gevent``).
    """

    process: Process
    subject: str
    call: str
    location: Location | None
    certainty: Certainty
    trail: Trail


@dataclass(frozen=True, slots=True)
class Opaque:
    """Something that could not be seen into, and what it could hide."""

    process: Process
    what: str
    reason: str
    location: Location | None
    trail: Trail


Event: TypeAlias = ModuleExecuted | Patch | Started | Forked | Forgotten | Serving | Hooked | Opaque
