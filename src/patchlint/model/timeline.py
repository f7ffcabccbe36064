"""The start-up of a program, in order."""

from __future__ import annotations

import os
from dataclasses import dataclass

from patchlint.model.events import Event
from patchlint.model.location import Location, Trail
from patchlint.model.plan import Entrypoint, Execution


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything that playing one entrypoint showed, in the order in which it would happen.

    ``python`` is the target's version ("3.11"), ``platform`` its ``sys.platform``;
    ``library_roots`` are the folders of the standard library and of installed packages:
    whatever lies elsewhere is first-party code, which its reader can change.
    ``steps`` counts the operations that the machine executed; ``unreadable`` are the source files that
    could not be read or parsed, and why.  ``wanted`` is a module that cannot be found, for want of which the
    program ended before it had started; ``has_failed`` tells that it did.
    ``successor`` is the command that took the program's place.
    """

    entrypoint: Entrypoint
    python: str
    platform: str
    events: tuple[Event, ...]
    library_roots: tuple[str, ...]
    steps: int = 0
    unreadable: tuple[tuple[Location, str], ...] = ()
    wanted: str | None = None
    has_failed: bool = False
    successor: Execution | None = None

    def is_first_party(self, path: str) -> bool:
        """Whether a file is the reader's own."""
        return not path.startswith(tuple(root.rstrip(os.sep) + os.sep for root in self.library_roots))

    def first_party_link(self, trail: Trail) -> Trail | None:
        """The deepest link of a trail that stands in first-party code."""
        for link in trail.upwards():
            if link.location is not None and self.is_first_party(link.location.path):
                return link
        return None

    def first_party_location(self, trail: Trail) -> Location | None:
        """The deepest first-party place of a trail."""
        link = self.first_party_link(trail)
        return None if link is None else link.location
