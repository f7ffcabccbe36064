"""What a rule says, and what a report prints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from patchlint.model.events import Capture, Certainty, Process
from patchlint.model.location import Location
from patchlint.model.plan import Entrypoint
from patchlint.model.proposal import Proved, Rejected

Severity: TypeAlias = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Link:
    """One step of the story that leads to a finding; ``inner`` are those that a launcher takes for itself."""

    location: Location | None
    what: str
    inner: bool = False


@dataclass(frozen=True, slots=True)
class PatchReference:
    """The patch that a finding is about."""

    location: Location | None
    call: str
    process: Process


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem, at one line that its reader can change; ``proposals`` where they were asked for, best first.

    ``does`` is what its line does for it, in the words that follow "would make app.py:41": "run each job 3 times".
    """

    code: str
    severity: Severity
    certainty: Certainty
    message: str
    entrypoint: Entrypoint
    location: Location
    chain: tuple[Link, ...] = ()
    patch: PatchReference | None = None
    stale: tuple[Capture, ...] = ()
    help: str = ""
    does: str = ""
    proposals: tuple[Proved | Rejected, ...] = ()


@dataclass(frozen=True, slots=True)
class OpaqueNote:
    """Something that was not analysed, and what that could hide."""

    what: str
    reason: str
    entrypoint: Entrypoint
    location: Location | None
