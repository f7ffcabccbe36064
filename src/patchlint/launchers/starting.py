"""Playing an entrypoint so that it starts, as programs do that somebody runs."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from typing import Final

from patchlint.environment import inspect_target
from patchlint.launchers.plans import plan_for
from patchlint.launchers.uwsgi_options import text_of
from patchlint.launchers.variables import LOST
from patchlint.machine import World, play
from patchlint.model.errors import UsageError
from patchlint.model.events import ModuleExecuted, Opaque
from patchlint.model.plan import Entrypoint, Execution, Plan
from patchlint.model.timeline import Timeline
from patchlint.sources.finder import Finder

MOST_ASSUMED: Final = 5
"""Modules that are taken for installed, before a program is believed not to start."""

MOST_SUCCESSORS: Final = 4
"""Commands that take each other's place: a wrapper in a wrapper."""


def start(entrypoint: Entrypoint, world: World) -> Timeline:
    """The timeline of an entrypoint; of the command that it ends as, where it is a wrapper of one.

    Raises PatchlintError where the entrypoint cannot be played.
    """
    world = replace(world, cwd=entrypoint.cwd)
    line = _started(entrypoint, entrypoint, world)
    for _ in range(MOST_SUCCESSORS):
        if line.successor is None:
            break
        wrapped = replace(entrypoint, kind="command", argv=line.successor.argv)
        world = _handed_over(world, line.successor)
        try:
            line = _started(entrypoint, wrapped, world)
        except UsageError:  # no Python program
            break
    return line


def _started(entrypoint: Entrypoint, launched: Entrypoint, world: World) -> Timeline:
    """A timeline on which the program starts, if there is one.

    A module that it cannot start without is taken for installed.  Where the fault is elsewhere, and so most likely
    ours, the module that it comes from goes on after it.
    """
    line = _played(entrypoint, launched, world)
    while line.wanted is not None and line.wanted not in world.assumed and len(world.assumed) < MOST_ASSUMED:
        world = replace(world, assumed=(*world.assumed, line.wanted))
        line = _played(entrypoint, launched, world)
    if not line.has_failed:
        return line
    again = _played(entrypoint, launched, replace(world, stubborn=True))
    if _is_cut(line):
        return _without_refusal(line if again.has_failed else again)
    return line if again.has_failed else _with_refusal(again, line)


def _is_cut(line: Timeline) -> bool:
    """Whether words of the command are not known: what a launcher refuses then may be that they are missing."""
    return line.entrypoint.is_cut or any(isinstance(event, Opaque) and event.reason == LOST for event in line.events)


def _without_refusal(line: Timeline) -> Timeline:
    kept = (event for event in line.events if not (isinstance(event, Opaque) and _REFUSED.match(event.reason)))
    return replace(line, events=tuple(kept))


def _with_refusal(line: Timeline, first: Timeline) -> Timeline:
    """A launcher that ended by itself has refused to start: that is told beside what it would have done.

    Where it had begun to load the program, it is more likely that the machine failed.
    """
    refusal = next(
        (event for event in first.events if isinstance(event, Opaque) and _REFUSED.match(event.reason)), None
    )
    return line if refusal is None or _has_begun(first) else replace(line, events=(*line.events, refusal))


def _has_begun(line: Timeline) -> bool:
    """Whether anything of the program was executed."""
    ran = (event.path for event in line.events if isinstance(event, ModuleExecuted))
    return any(path is not None and line.is_first_party(path) for path in ran)


_REFUSED: Final = re.compile(r"ended with SystemExit: [^0]")


def _played(entrypoint: Entrypoint, launched: Entrypoint, world: World) -> Timeline:
    def plan() -> Plan:
        return plan_for(launched, world.target, text)

    def text(path: str) -> str:
        world.reader.asked.add(path)
        return world.reader.text(path) if world.reader.stands_in(path) else text_of(path)

    return play(entrypoint, plan(), world, plan)


def _handed_over(world: World, execution: Execution) -> World:
    """The world as a new interpreter finds it, with the variables that the wrapper has set."""
    environ = dict(execution.environ)
    target = inspect_target(world.target.executable or world.target.prefix, world.target.chosen_because, environ)
    finder = Finder(target)
    roots = tuple(os.path.join(root, "") for root in target.library_roots)
    added = (os.path.join(path, "") for path in environ.get("PYTHONPATH", "").split(os.pathsep))
    return replace(
        world,
        target=target,
        finder=finder,
        knowledge=world.knowledge.of(target, finder),
        environ=environ,
        wrapper=tuple(path for path in added if path.startswith(roots)),
    )
