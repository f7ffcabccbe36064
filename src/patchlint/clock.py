"""Where the time of a run goes."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from enum import Enum
from typing import Final, final


class Part(Enum):
    """What a run consists of, in the order in which it is told; the first is what no other claims."""

    LOADING = "loading patchlint itself"
    PROGRAMS = "finding what is started"
    ENVIRONMENT = "the program's Python and its packages"
    READING = "reading"
    KEPT = "taking from the cache"
    LOWERING = "parsing and lowering"
    PLAY = "playing"
    RULES = "rules"
    REPORT = "writing the report"
    KEEPING = "keeping it for the next run"


@final
class Clock:
    """Each moment belongs to the innermost part that is open, so the ``seconds`` of all add up to the run's.

    One that does not run (``STOPPED``) costs a call for each part.
    """

    def __init__(self, started: float | None = None, *, runs: bool = True) -> None:
        self.runs = runs
        self.seconds: dict[Part, float] = {}
        self.counts: dict[Part, Counter[str]] = {part: Counter() for part in Part}
        self._since = time.perf_counter() if started is None else started
        self._part = Part.LOADING

    def part(self, part: Part) -> AbstractContextManager[None]:
        """Opens a part, as a context."""
        return self._open(part) if self.runs else nullcontext()

    @contextmanager
    def _open(self, part: Part) -> Iterator[None]:
        outer = self._part
        self.turn_to(part)
        try:
            yield
        finally:
            self.turn_to(outer)

    def turn_to(self, part: Part) -> None:
        """What follows, outside of other parts, is this one."""
        if not self.runs:
            return
        now = time.perf_counter()
        self.seconds[self._part] = self.seconds.get(self._part, 0.0) + now - self._since
        self._since, self._part = now, part

    def count(self, part: Part, what: str, number: int = 1) -> None:
        """Note how much was done in a part."""
        self.counts[part][what] += number

    def lines(self) -> list[str]:
        """What there is to say; the clock goes on."""
        self.turn_to(self._part)
        told = [f"{self.seconds[part]:8.3f} s  {self._told(part)}" for part in Part if part in self.seconds]
        return [f"patchlint: {sum(self.seconds.values()):.3f} s, of which", *told]

    def _told(self, part: Part) -> str:
        counts = ", ".join(f"{number:,} {what}" for what, number in self.counts[part].items())
        return f"{part.value}: {counts}" if counts else part.value


STOPPED: Final = Clock(runs=False)
