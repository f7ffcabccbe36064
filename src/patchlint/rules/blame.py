"""Which line answers for something on a timeline, and what nobody can be blamed for.

The line to change is the deepest one of the reader's own code on the trail.  Three kinds of things are on
nobody's account: what the interpreter and the launcher do for themselves (``Trail.by`` says so), what the
patching library and the launcher import for their own needs, and what the standard library holds stale in
even the best order.  What is left with no line of the reader's on its trail was asked for by the launch
command (a wrapper, a plugin, a logger class): it is located where that command stands.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from patchlint.model.events import Capture, Forked, ModuleExecuted, Patch, Started
from patchlint.model.location import LAUNCH, Location, Trail
from patchlint.model.timeline import Timeline

LIBRARIES: Final = frozenset({"gevent", "eventlet"})
"""The libraries that replace parts of the standard library."""

HARMFUL_STANDARD: Final = frozenset({"sched"})
"""Standard-library modules whose own stale references were seen to do harm.

``sched.scheduler`` waits with the ``time.sleep`` that is its parameter's default.  The others hold a lock for
a moment or compare a class, and most of them are imported by the patching library itself: these references
stand in a program that patches first, too.
"""


@dataclass(frozen=True, slots=True)
class Blame:
    """Judges one timeline; ``folders`` are those of the launchers and of the patching libraries."""

    timeline: Timeline
    folders: tuple[str, ...]

    @classmethod
    def on(cls, timeline: Timeline, libraries: Iterable[str] = LIBRARIES) -> Blame:
        """The judge of a timeline: what these libraries do for themselves is on nobody's account."""
        names = {*libraries, *_launchers(timeline)}
        return cls(
            timeline,
            tuple(
                _folder(event.path)
                for event in timeline.events
                if isinstance(event, ModuleExecuted) and event.path is not None and event.module in names
            ),
        )

    def of_capture(self, capture: Capture) -> Location | None:
        """The line to blame for a stale capture; None when it is on nobody's account."""
        if capture.path is not None and self.timeline.is_first_party(capture.path):
            return Location(capture.path, capture.line)
        if self._is_own(capture.path) or is_standard_reference(self.timeline, capture):
            return None
        return self._of_trail(capture.trail)

    def of_start(self, started: Started) -> Location | None:
        """The line to blame for a thread, scheduler or process; None when it is on nobody's account."""
        if self.timeline.is_first_party(started.location.path):
            return started.location
        return None if self._is_own(started.location.path) else self._of_trail(started.trail)

    def is_own_account(self, trail: Trail) -> bool:
        """Whether the interpreter, the launcher or the patching library did something for itself."""
        return any(
            link.by in ("interpreter", "launcher") or (link.location is not None and self._is_own(link.location.path))
            for link in _below_first_party(self.timeline, trail)
        )

    def _of_trail(self, trail: Trail) -> Location | None:
        if self.is_own_account(trail):
            return None
        return self.timeline.first_party_location(trail) or launch_place(self.timeline)

    def _is_own(self, path: str | None) -> bool:
        return path is not None and path.startswith(self.folders)


def _launchers(timeline: Timeline) -> Iterator[str]:
    """The packages that fork, and those that patch because the launch command asked them to."""
    for event in timeline.events:
        if isinstance(event, Forked) and event.launcher is not None:
            yield event.launcher
        elif isinstance(event, Patch) and event.by_launcher and event.location is not None:
            yield _home(timeline, event.location.path)


def _home(timeline: Timeline, path: str) -> str:
    """The top-level package of the module that was executed from a file last."""
    modules = (e.module for e in reversed(timeline.events) if isinstance(e, ModuleExecuted) and e.path == path)
    return next(modules, "").partition(".")[0]


def of_patch(timeline: Timeline, patch: Patch) -> Location | None:
    """The line to blame for a patch: the call, or the import that makes it; None when the launcher patches."""
    return None if patch.by_launcher else own_line(timeline, patch.location, patch.trail)


def own_line(timeline: Timeline, location: Location | None, trail: Trail) -> Location | None:
    """``location`` if it stands in the reader's code, else the deepest such place of the trail."""
    if location is not None and timeline.is_first_party(location.path):
        return location
    return timeline.first_party_location(trail)


def launch_place(timeline: Timeline) -> Location:
    """Where the launch command stands: in the file it was found in, or on the command line."""
    return timeline.entrypoint.origin or LAUNCH


def is_standard_reference(timeline: Timeline, capture: Capture) -> bool:
    """Whether a capture is one of the standard library's own that does no harm."""
    return capture.module not in HARMFUL_STANDARD and _is_standard(timeline, capture.path)


def _below_first_party(timeline: Timeline, trail: Trail) -> Iterator[Trail]:
    for link in trail.upwards():
        if link.location is not None and timeline.is_first_party(link.location.path):
            return
        yield link


def _folder(path: str) -> str:
    folder, file = os.path.split(path)
    return folder + os.sep if file.startswith("__init__.") else path


def _is_standard(timeline: Timeline, path: str | None) -> bool:
    """A library file outside ``site-packages`` is the standard library's; so is what has no file."""
    if path is None:
        return True
    parts = path.split(os.sep)
    return not timeline.is_first_party(path) and "site-packages" not in parts and "dist-packages" not in parts
