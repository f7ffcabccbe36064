"""The chain of a finding, and the words that findings share."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Sequence
from typing import Final

from patchlint.model.events import Capture, ModuleExecuted, Patch
from patchlint.model.finding import Link, PatchReference
from patchlint.model.location import LAUNCH, Location, Trail
from patchlint.model.timeline import Timeline

MOST: Final = 4
"""How many names of a list a message gives."""


def chain(timeline: Timeline, trail: Trail, *ends: Link) -> tuple[Link, ...]:
    """The links of a trail from the launch command or the first line of code on, and what comes last."""
    links = tuple(link for link in trail.links() if link.location is not None)
    inner = _steps_of_the_launcher(timeline, [*(link.location for link in links), *(end.location for end in ends)])
    told = tuple(Link(link.location, link.what, depth < inner) for depth, link in enumerate(links))
    rest = tuple(end for end in ends if not told or end.location != told[-1].location)
    return (*_command(timeline), *told, *rest)


def _command(timeline: Timeline) -> Iterator[Link]:
    """What was typed to start the program, where that is more than the name of its file."""
    entrypoint = timeline.entrypoint
    if entrypoint.argv:
        yield Link(entrypoint.origin or LAUNCH, shlex.join(entrypoint.argv))


def _steps_of_the_launcher(timeline: Timeline, places: Sequence[Location | None]) -> int:
    """How many links come before the one that leads into the reader's own code: nobody has to know them."""
    for depth, place_ in enumerate(places):
        if place_ is not None and timeline.is_first_party(place_.path):
            return max(0, depth - 1)
    return 0


def binding_link(capture: Capture) -> Link:
    """The line that binds a captured name."""
    location = None if capture.path is None else Location(capture.path, capture.line)
    return Link(location, binding(capture))


_PUBLIC: Final = {
    "_thread.allocate_lock": "threading.Lock",
    "_thread.LockType": "threading.Lock",
    "_thread.lock": "threading.Lock",
    "_thread.RLock": "threading.RLock",
    "threading._CRLock": "threading.RLock",
    "_thread._local": "threading.local",
}
"""Names of ``_thread`` that programs take from ``threading``, where they are called differently."""


def binding(capture: Capture) -> str:
    """A capture as Python would spell it, as far as the capture knows."""
    origin = _PUBLIC.get(capture.origin, capture.origin)
    module, _, attribute = origin.rpartition(".")
    if capture.kind == "subclass":
        return f"class {capture.name}({origin})"
    if capture.kind == "instance":
        return f"{capture.name} = {origin}(...)"
    if capture.name == attribute:
        return f"from {module} import {attribute}"
    if capture.name.endswith(")"):
        return f"{capture.name[:-1]}={origin})"
    return f"{capture.name} = {origin}"


def patch_link(patch: Patch) -> Link:
    """The line that patches."""
    return Link(patch.location, spelled(patch))


def reference(patch: Patch) -> PatchReference:
    """The patch that a finding is about."""
    return PatchReference(patch.location, patch.call, patch.process)


def spelled(patch: Patch) -> str:
    """The call of a patch as Python would spell it."""
    arguments = ", ".join(f"{name}={value}" for name, value in patch.arguments)
    return f"{patch.call}({arguments})"


def place(timeline: Timeline, location: Location | None) -> str:
    """``app.py:3``, relative to the folder in which the program is started."""
    if location is None or location == LAUNCH:
        return "the launch command"
    return f"{relative(timeline, location.path)}:{location.line}"


def relative(timeline: Timeline, path: str) -> str:
    """A path as one would type it in the folder in which the program is started."""
    shorter = os.path.relpath(path, timeline.entrypoint.cwd)
    return path if shorter.startswith(os.pardir + os.sep) else shorter


def first_file(timeline: Timeline) -> str:
    """The first file of the reader's own that is executed: where a patch would come first."""
    for event in timeline.events:
        if isinstance(event, ModuleExecuted) and event.path is not None and timeline.is_first_party(event.path):
            return relative(timeline, event.path)
    return timeline.entrypoint.spec


def listing(names: Sequence[str], most: int = MOST) -> str:
    """``a, b, c and 2 more``."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[: most - 1])} and {len(names) - most + 1} more"


def several(count: int, singular: str) -> str:
    """``1 worker``, ``2 workers``."""
    return f"{count} {singular}" if count == 1 else f"{count} {singular}s"


def short(qualified: str) -> str:
    """The last part of a dotted name; of a private one, which nobody has written, the whole."""
    last = qualified.rpartition(".")[2]
    return qualified if last.startswith("_") else last
