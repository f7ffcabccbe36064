"""Reloaders: a development server runs the program a second time, in an interpreter of its own, and watches it.

The first process has imported the program too, and goes on beside the second one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from patchlint.machine.frames import EndOfPlay, Frame
from patchlint.machine.values import MISSING, Function, Value
from patchlint.model.events import Event, Forked, Opaque, Patch, Started

if TYPE_CHECKING:
    from patchlint.machine.core import Machine

CHILD: Final = "reloaded"
"""What the process that the reloader starts is called."""

MARKS: Final = {"werkzeug._reloader": "WERKZEUG_RUN_MAIN", "django.utils.autoreload": "RUN_MAIN"}
"""The modules that restart a program, and the variable that tells it so."""


def restart(m: Machine, function: Function, arguments: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    """``restart_with_reloader``: does not return before the program is stopped."""
    mark = MARKS.get(function.module.name)
    if mark is None or m.possible:
        return MISSING
    recorder = m.recorder
    recorder.forked(
        Forked(recorder.process, CHILD, 1, "reloader", frame.location, "certain", frame.trail, is_fresh=True)
    )
    m.family.restart = {mark: "true", "WERKZEUG_SERVER_FD": "3"}
    raise EndOfPlay


def news(first: tuple[Event, ...], second: tuple[Event, ...]) -> Iterator[Event]:
    """What the second interpreter does that the first did not do alike; what it starts is there twice."""
    known = {_gist(event) for event in first}
    for event in second:
        if isinstance(event, Started) or _gist(event) not in known:
            yield event


def _gist(event: Event) -> tuple[object, ...]:
    """An event without its process."""
    what = getattr(event, "module", None) or getattr(event, "what", None) or getattr(event, "subject", None)
    stale = event.replaced if isinstance(event, Patch) else None
    reason = event.reason if isinstance(event, Opaque) else None
    return type(event), what, getattr(event, "location", None), stale, reason
