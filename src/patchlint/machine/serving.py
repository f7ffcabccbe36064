"""Where a program begins to serve, and so its start-up ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from patchlint.knowledge.loops import LOOPS
from patchlint.machine import greenlets
from patchlint.machine.frames import EndOfPlay, Frame
from patchlint.machine.values import MISSING, Function, Unknown, Value

if TYPE_CHECKING:
    from patchlint.machine.core import Machine

    Handler = Callable[[Machine, Function, list[Value], dict[str, Value], Frame], Value]


def install(m: Machine) -> None:
    """Recognise the loops when they are called, behind whatever else their names are watched for."""
    for name in {loop.rpartition(".")[2] for loop in LOOPS}:
        m.intercepts[name] = _behind(m.intercepts.get(name))


def _behind(other: Handler | None) -> Handler:
    def handle(
        m: Machine, function: Function, arguments: list[Value], keywords: dict[str, Value], frame: Frame
    ) -> Value:
        answer = MISSING if other is None else other(m, function, arguments, keywords, frame)
        return _begun(m, function) if answer is MISSING else answer

    return handle


def _begun(m: Machine, function: Function) -> Value:
    """The program serves from here on; on a branch that may not be taken, the other one still starts up."""
    if f"{function.module.name}.{function.qualname}" not in LOOPS:
        return MISSING
    if m.possible:
        return Unknown(f"{function.name}()")
    greenlets.run(m)
    raise EndOfPlay
