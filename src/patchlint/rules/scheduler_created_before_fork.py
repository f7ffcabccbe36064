"""A scheduler is created before the fork and started nowhere.

## What it does
Looks for a scheduler object that is made before the process is forked and that nothing on the timeline starts.

## Why is this bad
It is not bad yet, so this is a note. Each worker has a copy of the object with its jobs. Whoever starts it later,
in a hook or in a request, starts it in as many processes as run that code.

## Example
```python
# gunicorn --preload app:app
from apscheduler.schedulers.background import BackgroundScheduler

scheduler = BackgroundScheduler()
```

## Use instead
Create it where it is started: in a process of its own, or in the hook of one worker.
"""

from __future__ import annotations

from collections.abc import Iterator

from patchlint.model.events import Started
from patchlint.model.finding import Finding, Link
from patchlint.model.location import Location
from patchlint.model.timeline import Timeline
from patchlint.rules import processes, story
from patchlint.rules.blame import Blame
from patchlint.rules.rule import Rule


def check(timeline: Timeline) -> Iterator[Finding]:
    """One finding for each line that makes a scheduler which waits to be started."""
    for location, created in _outermost(timeline).items():
        fork = next((fork for at, fork in processes.forks(timeline) if at > timeline.events.index(created)), None)
        if fork is None or fork.process != created.process or _is_started(timeline, created):
            continue
        name = story.short(created.subject)
        yield Finding(
            code=RULE.code,
            severity="note",
            certainty=created.certainty,
            message=f"{name} is created before the fork and not started: each process that starts it runs all its jobs",
            entrypoint=timeline.entrypoint,
            location=location,
            chain=story.chain(timeline, created.trail, Link(created.location, f"{name} is created")),
            help="Create it in the process that starts it.",
        )


def _outermost(timeline: Timeline) -> dict[Location, Started]:
    """The schedulers by the lines that make them; of a wrapper and what it makes for itself, the wrapper."""
    judge = Blame.on(timeline)
    found: dict[Location, Started] = {}
    for _, created in processes.starts(timeline, "scheduler", "created"):
        location = judge.of_start(created)
        if location is not None:
            other = found.setdefault(location, created)
            found[location] = min(other, created, key=lambda one: len(one.trail.links()))
    return found


def _is_started(timeline: Timeline, created: Started) -> bool:
    """Whether this object is started anywhere, or, where objects cannot be told apart, one of its class."""
    return any(
        (started.identity == created.identity) if created.identity else (started.subject == created.subject)
        for _, started in processes.starts(timeline, "scheduler", "started")
    )


RULE = Rule.of("PAT303", "scheduler-created-before-fork", __doc__, check)
