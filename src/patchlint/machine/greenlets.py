"""Greenlets that were started run when whoever started them waits, and not before.

One that the program does not wait behind never runs: the end of the main greenlet is the program's.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from patchlint.machine.frames import EndOfPlay, Frame, OutOfBudget, Raised
from patchlint.machine.values import MISSING, Unknown, Value
from patchlint.model.location import Trail

if TYPE_CHECKING:
    from patchlint.machine.core import Machine

_WAITS: Final = frozenset(("wait", "join", "joinall", "get", "switch"))
"""Methods of what is compiled in gevent that let the other greenlets run."""

_HOMES: Final = frozenset(("Greenlet", "_gevent_cgreenlet", "gevent", "greenlet"))
SPAWN = "eventlet.greenthread.spawn"
BUDGET = 4000
"""Operations of a greenlet's function that are played."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A greenlet that has not run yet: its function and arguments, and the frame that it runs in."""

    function: Value
    arguments: tuple[Value, ...]
    keywords: dict[str, Value]
    frame: Frame


@dataclass(slots=True)
class Greenlets:
    """Those that are ``made``, by the path of the value that stands for each, and the ``started`` ones in order."""

    made: dict[str, Pending] = field(default_factory=dict)
    started: list[Pending] = field(default_factory=list)
    count: int = 0
    is_inside: bool = False


def unknown_call(
    m: Machine, function: Unknown, arguments: list[Value], keywords: dict[str, Value], frame: Frame
) -> Value:
    """A call of what gevent has compiled: a greenlet is made, started or waited for; MISSING for anything else."""
    owner, _, name = function.path.rpartition(".")
    if not function.path.startswith("gevent."):
        return MISSING
    if name in _WAITS:
        run(m)
    elif name == "start" and owner in m.greenlets.made and not m.possible:
        m.greenlets.started.append(_at(m.greenlets.made.pop(owner), frame))
    elif name in ("Greenlet", "spawn") and owner.rpartition(".")[2] in _HOMES:
        made = _made(arguments, keywords, frame)
        if made is not None and name == "spawn" and not m.possible:
            m.greenlets.started.append(made)
        elif made is not None:
            m.greenlets.count += 1
            path = f"{function.path}()#{m.greenlets.count}"
            m.greenlets.made[path] = made
            return Unknown(path)
    return MISSING


def _made(arguments: list[Value], keywords: dict[str, Value], frame: Frame) -> Pending | None:
    """``Greenlet(run, *arguments, **keywords)``."""
    given = {name: value for name, value in keywords.items() if name != "run"}
    if "run" in keywords:
        return _pending(keywords["run"], tuple(arguments), given, frame)
    return _pending(arguments[0], tuple(arguments[1:]), given, frame) if arguments else None


def _pending(function: Value, arguments: tuple[Value, ...], keywords: dict[str, Value], frame: Frame) -> Pending:
    return _at(Pending(function, arguments, keywords, frame), frame)


def _at(made: Pending, frame: Frame) -> Pending:
    """As it runs, on account of the line that starts it."""
    inner = Frame(frame.module, {}, frame, "greenlet")
    inner.path, inner.line = frame.path, frame.line
    inner.trail_ = Trail(frame.trail, frame.location, "greenlet")
    return replace(made, frame=inner)


def spawned(
    m: Machine, function: Value, arguments: tuple[Value, ...], keywords: dict[str, Value], frame: Frame
) -> None:
    """``eventlet.spawn(function, ...)``, and what is behind ``gevent.spawn()``."""
    m.greenlets.started.append(_pending(function, arguments, keywords, frame))


def run(m: Machine) -> None:
    """The greenlet that is played waits: those that were started run, in their order."""
    if m.possible or m.greenlets.is_inside:
        return
    m.greenlets.is_inside = True
    try:
        while m.greenlets.started:
            _run(m, m.greenlets.started.pop(0))
    finally:
        m.greenlets.is_inside = False


def _run(m: Machine, pending: Pending) -> None:
    saved = m.remaining
    m.remaining = BUDGET
    try:
        with suppress(Raised, OutOfBudget, EndOfPlay):
            m.call(pending.function, list(pending.arguments), dict(pending.keywords), pending.frame)
    finally:
        m.remaining = saved
