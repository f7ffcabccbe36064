"""What only one of several workers does: behind a test of its number, or with a lock that the others cannot get."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar

from patchlint.machine.frames import Frame
from patchlint.machine.values import Module, Native, Unknown
from patchlint.model import operations as op

if TYPE_CHECKING:
    from patchlint.machine.core import Machine
    from patchlint.model.operations import Node

Result = TypeVar("Result")

_NUMBERS = frozenset(("age", "worker_id"))
"""How a worker's number is asked for: gunicorn's ``worker.age``, ``uwsgi.worker_id()``."""


def asks(test: Node) -> bool:
    """Whether a test asks for the worker's number."""
    if test and test[0] == op.ATTRIBUTE and len(test) > 2 and test[2] in _NUMBERS:
        return True
    return any(type(part) is list and asks(part) for part in test)


def note(m: Machine, targets: list[Node], value: Node, frame: Frame) -> None:
    """What the program keeps a worker's number in stands for it: ``os.environ["WORKER"] = str(worker.age)``."""
    if m.is_first_party(frame.path) and asks(value):
        m.numbered.update(name for target in targets for name in _names(target))


def _names(target: Node) -> Iterator[str]:
    if target[0] == op.NAME:
        yield target[1]
    elif target[0] == op.ATTRIBUTE:
        yield target[2]
    elif target[0] == op.SUBSCRIPT and target[2][0] == op.CONST and type(target[2][1]) is str:
        yield target[2][1]


def mentions(test: Node, names: set[str]) -> bool:
    """Whether a test asks for a name or a key in which a worker's number is kept."""
    return any(part in names if type(part) is str else type(part) is list and mentions(part, names) for part in test)


def sends_away(block: list[Node]) -> bool:
    """Whether a block ends the function: whoever goes on behind it passed the test."""
    return bool(block) and block[-1][0] in (op.RETURN, op.RAISE)


def guarded(frame: Frame, action: Callable[[], Result]) -> Result:
    """Do what one process does alone."""
    before, frame.alone = frame.alone, True
    try:
        return action()
    finally:
        frame.alone = before


def fcntl_c(m: Machine, module: Module) -> None:
    """``fcntl``: its locks are watched."""
    for name in ("flock", "lockf"):
        module.ns[name] = Native(name, lambda m, frame, arguments, keywords: locked(m, frame), "fcntl")


def unknown_call(m: Machine, function: Unknown, frame: Frame) -> None:
    """An address that a socket was bound to is a lock, too."""
    if function.path == "_socket.socket:bind":
        locked(m, frame)


def locked(m: Machine, frame: Frame) -> None:
    """A lock was taken: the function that took it, and the one that had it taken, go on in one process only."""
    if m.recorder.process != "main" and m.is_first_party(frame.path):
        frame.alone = True
        caller = frame.caller
        if caller is not None and frame.function is not None and m.is_first_party(caller.path):
            caller.alone = True


def is_alone(frame: Frame) -> bool:
    """Whether something on the way to a frame is done by one process only."""
    current: Frame | None = frame
    while current is not None:
        if current.alone:
            return True
        current = current.caller
    return False
