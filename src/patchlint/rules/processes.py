"""Which process came from which, and what stood when it was forked."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from patchlint.model.events import Certainty, Event, Forked, Patch, Process, Started
from patchlint.model.location import Location
from patchlint.model.timeline import Timeline
from patchlint.rules import severities
from patchlint.rules.blame import Blame
from patchlint.rules.story import several

Kind: TypeAlias = Literal["thread", "scheduler", "process", "connection"]


@dataclass(frozen=True, slots=True)
class Inherited:
    """Something that was started before a fork, the fork, and the line to blame for the start."""

    started: Started
    fork: Forked
    location: Location

    @property
    def certainty(self) -> Certainty:
        """Certain when both the start and the fork are."""
        both = (self.started.certainty, self.fork.certainty)
        return "certain" if both == ("certain", "certain") else "possible"

    @property
    def parent(self) -> str:
        """The process that forks, in words."""
        return f"{self.fork.launcher}'s master" if self.fork.launcher else "the parent process"

    @property
    def child(self) -> str:
        """One of the forked processes, in words."""
        return "worker" if self.fork.launcher else "child"

    @property
    def children(self) -> str:
        """The forked processes, in words and with their number where it is known."""
        plural = "workers" if self.fork.launcher else "children"
        if self.fork.count is None:
            return f"the {plural}"
        if self.fork.launcher:
            return several(self.fork.count, "worker")
        return "the child" if self.fork.count == 1 else f"the {self.fork.count} {plural}"


def forks(timeline: Timeline) -> Iterator[tuple[int, Forked]]:
    """The forks of servers and of the program itself, with their places on the timeline.

    The children of ``multiprocessing`` are not among them: they run one function and end, and nobody
    expects the parent's threads in them.
    """
    for index, event in enumerate(timeline.events):
        if isinstance(event, Forked) and event.launcher != "multiprocessing" and not event.is_fresh:
            yield index, event


def inherited(timeline: Timeline, what: Kind) -> Iterator[Inherited]:
    """What was started before a fork, once for each line to blame."""
    judge = Blame.on(timeline)
    seen: set[Location] = set()
    for index, started in starts(timeline, what, "started"):
        fork = _fork_of(timeline, index, started)
        location = judge.of_start(started)
        if fork is None or has_ended(timeline, started, fork):
            continue
        if location is not None and location not in seen:
            seen.add(location)
            yield Inherited(started, fork, location)


def copied(timeline: Timeline, started: Started) -> Forked | None:
    """The first child of ``multiprocessing`` that was forked while something ran; None where there is none."""
    index = timeline.events.index(started)
    for event in timeline.events[index:]:
        if isinstance(event, Forked) and (event.launcher, event.process) == ("multiprocessing", started.process):
            return None if has_ended(timeline, started, event) else event
    return None


def copies(timeline: Timeline, what: Kind, told: Collection[Location], *, green: bool = False) -> Iterator[Inherited]:
    """What runs while ``multiprocessing`` forks a child, once for each line that is not ``told``."""
    judge = Blame.on(timeline)
    seen = set(told)
    for _, started in starts(timeline, what, "started"):
        fork, location = copied(timeline, started), judge.of_start(started)
        if fork is None or location is None or location in seen or (green and not started.green):
            continue
        seen.add(location)
        yield Inherited(started, fork, location)


def children(timeline: Timeline, started: Started) -> int | None:
    """How many children ``multiprocessing`` forked since something was started; None where that is not known."""
    later = timeline.events[timeline.events.index(started) :]
    forked = [
        event
        for event in later
        if isinstance(event, Forked) and (event.launcher, event.process) == ("multiprocessing", started.process)
    ]
    return len(forked) if all(event.certainty == "certain" for event in forked) else None


def _fork_of(timeline: Timeline, index: int, started: Started) -> Forked | None:
    """The first fork that leaves what was started in another process than the one that goes on.

    A greenlet goes with a program into the background.
    """
    process = started.process
    for at, fork in forks(timeline):
        if at > index and fork.process == process:
            if not (started.green and fork.parent_ends):
                return fork
            process = fork.child
    return None


def has_ended(timeline: Timeline, started: Started, by: Event) -> bool:
    """Whether what was started has surely ended by the time of an event: it was joined, or shut down."""
    between = timeline.events[timeline.events.index(started) + 1 : timeline.events.index(by)]
    return any(
        isinstance(event, Started)
        and (event.stage, event.certainty, event.identity) == ("ended", "certain", started.identity)
        for event in between
    )


def starts(
    timeline: Timeline,
    what: Kind,
    stage: Literal["created", "started"],
) -> Iterator[tuple[int, Started]]:
    """The starts (or creations) of one kind, with their places on the timeline."""
    for index, event in enumerate(timeline.events):
        if isinstance(event, Started) and (event.what, event.stage) == (what, stage):
            yield index, event


def pools_before(timeline: Timeline, patch: Patch) -> Iterator[tuple[Started, Location]]:
    """The program's own thread pools that gevent's patch of threads comes too late for, each with the line to blame."""
    is_inside = any(link.by == "thread" for link in patch.trail.upwards())
    if is_inside or patch.library != "gevent" or "threading.Thread" not in patch.replaced:
        return
    judge = Blame.on(timeline)
    for event in before(timeline, patch):
        if (
            isinstance(event, Started)
            and event.stage == "created"
            and event.subject.endswith(".ThreadPoolExecutor")
            and timeline.is_first_party(event.location.path)
            and not has_ended(timeline, event, patch)
        ):
            location = judge.of_start(event)
            if location is not None:
                yield event, location


def lineage(timeline: Timeline, process: Process) -> tuple[Process, ...]:
    """A process, the one that forked it, and so on up to the first."""
    parents = {event.child: event.process for event in timeline.events if isinstance(event, Forked)}
    line = [process]
    while line[-1] in parents and parents[line[-1]] not in line:
        line.append(parents[line[-1]])
    return tuple(line)


def before(timeline: Timeline, event: Event) -> Iterator[Event]:
    """What happened before an event, in its process or in those that it was forked from."""
    line = lineage(timeline, event.process)
    for earlier in timeline.events:
        if earlier is event:
            return
        if earlier.process in line:
            yield earlier


def patches(timeline: Timeline) -> tuple[Patch, ...]:
    """The patches that replaced something."""
    return tuple(event for event in timeline.events if isinstance(event, Patch) and event.replaced)


def patched_before(timeline: Timeline, event: Event, library: str) -> Certainty | None:
    """Whether a library had patched by the time of an event; None: no."""
    known = [
        earlier.certainty
        for earlier in before(timeline, event)
        if isinstance(earlier, Patch) and earlier.library == library
    ]
    return severities.certainty(known) if known else None
