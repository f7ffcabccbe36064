"""Exception groups and ``except*`` (8.4.2, PEP 654)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patchlint.machine.expressions import evaluate
from patchlint.machine.frames import Frame, Raised, Signal
from patchlint.machine.values import Class, Instance, Value

if TYPE_CHECKING:
    from patchlint.machine.core import Machine

Node = list[Any]


def try_star(m: Machine, node: Node, frame: Frame) -> Signal | None:
    """Each clause handles the part of the group that it matches; what is left over is raised in the end."""
    from patchlint.machine.statements import finally_

    return finally_(m, node[5], frame, lambda: _handled(m, node, frame))


def _handled(m: Machine, node: Node, frame: Frame) -> Signal | None:
    from patchlint.machine.statements import catches, execute

    _, _, body, handlers, orelse, _ = node

    def takes(raised: Raised) -> bool:
        return any(catches(m, handler[0], one, frame) for handler in handlers for one in _leaves(m, raised.value))

    m.guards.append((takes, frame.path))
    depth = len(m.guards)
    try:
        signal = execute(m, body, frame)
    except Raised as raised:
        del m.guards[depth - 1 :]
        _distribute(m, handlers, raised, frame)
        return None
    finally:
        del m.guards[depth - 1 :]
    return execute(m, orelse, frame) if signal is None and orelse else signal


def _distribute(m: Machine, handlers: list[Any], raised: Raised, frame: Frame) -> None:
    """Call the clauses, and raise what none of them took together with what they raised."""
    from patchlint.machine.statements import handle

    rest: Value = raised.value
    fresh: list[Value] = []
    for handler in handlers:
        if rest is None:
            break
        expected = evaluate(m, handler[0], frame)
        matched, rest = split(m, rest, expected, frame)
        if matched is None:
            continue
        group = matched if is_group(m, matched) else made(m, "", [matched], frame)
        try:
            handle(m, handler, Raised(group, raised.trail), frame)
        except Raised as error:
            fresh.append(error.value)
    if fresh:
        every = fresh if rest is None else [*fresh, rest]
        raise Raised(every[0] if len(every) == 1 else made(m, "", every, frame), frame.trail)
    if rest is raised.value:
        raise raised
    if rest is not None:
        raise Raised(rest, raised.trail)


def split(m: Machine, value: Value, expected: Value, frame: Frame) -> tuple[Value, Value]:
    """The part of an exception, or of a group, that is of a class, and the part that is not; None for nothing."""
    if m.is_instance(value, expected, frame) is not False:
        return value, None
    if not is_group(m, value):
        return None, value
    parts = [split(m, one, expected, frame) for one in value.ns["exceptions"]]
    matched, rest = ([part[side] for part in parts if part[side] is not None] for side in (0, 1))
    message = value.ns.get("message", "")
    return (
        made(m, message, matched, frame) if matched else None,
        made(m, message, rest, frame) if rest else None,
    )


def is_group(m: Machine, value: Value) -> bool:
    """Whether a value is an exception group whose exceptions are known."""
    base = m.types.get("BaseExceptionGroup")
    return type(value) is Instance and base in value.cls.mro and "exceptions" in value.ns


def made(m: Machine, message: Value, exceptions: list[Value], frame: Frame) -> Value:
    """A group: one of plain exceptions where all of them are."""
    plain = all(type(one) is Instance and m.types["Exception"] in one.cls.mro for one in exceptions)
    cls: Class = m.types["ExceptionGroup" if plain else "BaseExceptionGroup"]
    return m.call(cls, [message, exceptions], {}, frame)


def _leaves(m: Machine, value: Value) -> list[Value]:
    if not is_group(m, value):
        return [value]
    return [value, *(leaf for one in value.ns["exceptions"] for leaf in _leaves(m, one))]
