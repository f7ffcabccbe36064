"""Where the time of a run goes."""

from __future__ import annotations

import pytest

from patchlint import clock
from patchlint.clock import STOPPED, Clock, Part


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second passes with every look at the time."""
    seconds = iter(range(100))
    monkeypatch.setattr(clock.time, "perf_counter", lambda: float(next(seconds)))


@pytest.mark.usefixtures("ticking")
def test_each_moment_belongs_to_the_innermost_part_and_none_is_lost() -> None:
    watch = Clock()
    with watch.part(Part.PLAY):
        with watch.part(Part.READING):
            pass
        with watch.part(Part.READING):
            watch.count(Part.READING, "files", 1200)
    watch.turn_to(Part.KEEPING)
    assert watch.lines() == [
        "patchlint: 8.000 s, of which",
        "   2.000 s  loading patchlint itself",
        "   2.000 s  reading: 1,200 files",
        "   3.000 s  playing",
        "   1.000 s  keeping it for the next run",
    ]


@pytest.mark.usefixtures("ticking")
def test_a_part_ends_with_an_exception_too() -> None:
    watch = Clock(started=0.0)
    with pytest.raises(KeyError), watch.part(Part.PLAY):
        raise KeyError
    watch.turn_to(Part.RULES)
    assert watch.seconds == {Part.LOADING: 1.0, Part.PLAY: 1.0}


def test_one_that_stands_still_never_looks_at_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(clock.time, "perf_counter")
    with STOPPED.part(Part.PLAY):
        STOPPED.turn_to(Part.RULES)
    assert STOPPED.seconds == {}
