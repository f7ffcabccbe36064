"""Where something stands in a source file, and the trail that leads there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file: absolute path, 1-based line, 1-based column."""

    path: str
    line: int
    column: int = 1


LAUNCH = Location("<launch>", 0)
"""What only a launch command given on the command line can be blamed for."""


Actor: TypeAlias = Literal["program", "interpreter", "launcher", "thread"]
"""On whose account a link of a trail happens: see ``Trail.by``."""


@dataclass(frozen=True, slots=True)
class Trail:
    """One import or call, and through ``parent`` all that led to it.

    ``location`` is where the import or call is written; None for what the interpreter or the
    launcher does by itself.  ``what`` says it in words: ``import requests``, ``call create_app()``.
    ``by`` tells what nobody can be blamed for: ``interpreter`` and ``launcher`` are what these do for
    themselves (a launcher's own modules, not the plugin, logger class or wrapper that its user asked
    for: those are the program's).  ``thread`` marks the function that a thread runs.
    """

    parent: Trail | None
    location: Location | None
    what: str
    by: Actor = "program"

    def links(self) -> tuple[Trail, ...]:
        """The trail from its root down to this link."""
        return tuple(reversed(tuple(self.upwards())))

    def upwards(self) -> Iterator[Trail]:
        """This link, its parent, and so on to the root."""
        link: Trail | None = self
        while link is not None:
            yield link
            link = link.parent
