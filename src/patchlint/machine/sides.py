"""Both sides of a program's own forks: the first play goes on as each child, others as the parents.

The machine cannot return twice from one call, so the program is played again from its start, with another answer of
``os.fork``; what it tells from there on is put behind the first play's events.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

from patchlint.machine.core import Machine, World
from patchlint.model.events import Event, Forked, Started
from patchlint.model.location import Location

if TYPE_CHECKING:
    from patchlint.machine.processes import Met

MOST_PLAYS: Final = 4
"""Plays of other sides: a program that forks twice to go into the background has two."""

MOST_CHILDREN: Final = 64
"""A loop that forks more often than this is one whose end is not known."""


class Played(Protocol):
    """A play that is over."""

    @property
    def machine(self) -> Machine: ...


def events(first: Played, world: World, play: Callable[[World], Played]) -> tuple[Event, ...]:
    """The events of all sides, with what the parents' sides show of each fork."""
    told = list(first.machine.recorder.events())
    met = first.machine.family.met
    known = _own(met)
    pending = _others(met, 0)
    for _ in range(MOST_PLAYS):
        if not pending:
            break
        sides = pending.pop(0)
        again = play(replace(world, sides=sides, played=known)).machine
        if len(again.family.met) < len(sides):  # it came another way
            continue
        turn = again.family.met[len(sides) - 1]
        tail = again.recorder.events(turn.entries)
        if turn.is_parent:
            told = [_seen_from(event, turn, again, tail) for event in told]
        told += tail
        pending += _others(again.family.met, len(sides))
        known |= _own(again.family.met)
    return tuple(told)


def _own(met: list[Met]) -> frozenset[Location]:
    """The places of the program's own forks, of which a later play goes on as the parent."""
    return frozenset(fork.place for fork in met if fork.place is not None and not fork.is_aside)


def _others(met: list[Met], start: int) -> list[tuple[bool, ...]]:
    """The sides to play next: as before up to a fork, and there the other one.

    Of the program's own fork the child comes first, of a launcher's the parent.
    """
    return [
        (*(fork.is_parent for fork in met[:number]), not met[number].is_parent)
        for number in range(start, len(met))
        if met[number].is_parent == met[number].is_aside
    ]


def _seen_from(event: Event, turn: Met, parent: Machine, tail: tuple[Event, ...]) -> Event:
    """A fork with the number of its children, and whether its parent ended then."""
    if not isinstance(event, Forked) or event.location != turn.place or event.launcher is not None:
        return event
    ends = (
        parent.family.has_ended and not parent.family.has_waited and not any(isinstance(one, Started) for one in tail)
    )
    count = event.count if event.count is not None else children(parent.family.met, turn.place)
    return replace(event, count=count, parent_ends=ends)


def children(met: list[Met], place: Location | None) -> int | None:
    """How often the parent came to a fork; None where that is not known."""
    here = [fork for fork in met if fork.place == place and fork.is_parent]
    return None if any(fork.is_possible for fork in here) or len(here) > MOST_CHILDREN else len(here)
