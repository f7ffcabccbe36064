"""The chain of a finding, and the words that findings share."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

from patchlint.model.events import Capture, ModuleExecuted, Patch
from patchlint.model.finding import Link, PatchReference
from patchlint.model.location import LAUNCH, Location, Trail
from patchlint.model.timeline import Timeline

MOST: Final = 4
"""How many names of a list a message gives."""


def chain(trail: Trail, *ends: Link) -> tuple[Link, ...]:
    """The links of a trail from the entrypoint on, and what comes last."""
    links = tuple(Link(link.location, link.what) for link in trail.links())
    return links + tuple(end for end in ends if not links or end.location != links[-1].location)


def binding_link(capture: Capture) -> Link:
    """The line that binds a captured name."""
    location = None if capture.path is None else Location(capture.path, capture.line)
    return Link(location, binding(capture))


def binding(capture: Capture) -> str:
    """A capture as Python would spell it, as far as the capture knows."""
    module, _, attribute = capture.origin.rpartition(".")
    if capture.kind == "subclass":
        return f"class {capture.name}({capture.origin})"
    if capture.kind == "instance":
        return f"{capture.name} = {capture.origin}(...)"
    if capture.name == attribute:
        return f"from {module} import {attribute}"
    if capture.name.endswith(")"):
        return f"{capture.name[:-1]}={capture.origin})"
    return f"{capture.name} = {capture.origin}"


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
    """The last part of a dotted name."""
    return qualified.rpartition(".")[2]
