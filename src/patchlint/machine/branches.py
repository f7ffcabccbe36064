"""Undecidable branches: both are played from the same state, and what they leave is joined.

What happens on a branch is ``possible``.  A branch that raises is taken not to be the one that runs,
unless both do: programs that run do not raise at import time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from patchlint.machine.frames import Frame, Journal, Raised, Signal
from patchlint.machine.statements import execute
from patchlint.machine.values import MISSING, Value, join

if TYPE_CHECKING:
    from patchlint.machine.core import Machine
    from patchlint.model.operations import Node


FORKS = 200
"""How many undecidable branches may open inside one; behind that only one side is played."""


def play_both(m: Machine, first: Callable[[], Any], second: Callable[[], Any]) -> tuple[Any, Any]:
    """Play two branches; answers what each gave, MISSING for one that raised."""
    if m.possible == 0:
        m.forks = 0
    m.forks += 1
    if m.forks > FORKS:
        return MISSING, second()
    outer = m.journal
    journal, one, error = _play(m, first, outer)
    changes = journal.undo()
    journal, two, other_error = _play(m, second, outer)
    if error is None and other_error is None:
        journal.join(changes)
    elif error is not None and other_error is None:
        journal.pass_on()
    elif other_error is not None and error is None:
        journal.undo()
        changes.redo(outer)
    else:
        journal.pass_on()
        raise other_error or AssertionError
    return one, two


def _play(m: Machine, branch: Callable[[], Any], outer: Journal | None) -> tuple[Journal, Any, Raised | None]:
    journal = Journal(outer)
    m.journal = journal
    m.possible += 1
    try:
        return journal, branch(), None
    except Raised as raised:
        return journal, MISSING, raised
    finally:
        m.journal = outer
        m.possible -= 1


def either(m: Machine, first: Callable[[], Value], second: Callable[[], Value]) -> Value:
    """The value of an expression that one of two branches gives."""
    one, two = play_both(m, first, second)
    if one is MISSING:
        return two
    return one if two is MISSING else join(one, two)


def fork_blocks(m: Machine, body: list[Node], orelse: list[Node], frame: Frame) -> Signal | None:
    """Play both blocks of an undecidable ``if``."""
    one, two = play_both(
        m,
        lambda: execute(m, body, frame) if body else None,
        lambda: execute(m, orelse, frame) if orelse else None,
    )
    return combine(m, one, two, frame)


def maybe(m: Machine, branch: Callable[[], Signal | None], frame: Frame) -> Signal | None:
    """Play something that possibly happens."""
    one, two = play_both(m, branch, lambda: None)
    return combine(m, one, two, frame)


def combine(m: Machine, one: Any, two: Any, frame: Frame) -> Signal | None:
    """How a block goes on after two branches; what one returns may be the function's result."""
    if one is MISSING or two is MISSING:
        return two if one is MISSING else one  # type: ignore[no-any-return]
    returns = [s for s in (one, two) if s is not None and s.kind == "return"]
    if len(returns) == 2:
        return Signal("return", join(one.value, two.value))
    if one is not two:
        frame.doubtful_exit = True
    if returns:
        known = returns[0].value
        frame.maybe = known if frame.maybe is MISSING else join(frame.maybe, known)
        if frame.function is not None:
            m.possible += 1
            frame.doubts += 1
        return None
    return one if one is two else None


def each(m: Machine, options: tuple[Value, ...], action: Callable[[Value], Value]) -> Value:
    """Do something with each of the values that one may be; those that raise are taken not to be it."""
    results: list[Value] = []
    last: Raised | None = None
    m.possible += 1
    try:
        for option in options:
            try:
                results.append(action(option))
            except Raised as raised:
                last = raised
    finally:
        m.possible -= 1
    if not results:
        raise last or AssertionError
    joined = results[0]
    for result in results[1:]:
        joined = join(joined, result)
    return joined
