"""A C library waits by itself, and was not told to do it cooperatively.

## What it does
Looks for psycopg2 or grpc in a process that gevent patches, without the hook that each of them has for gevent;
and for grpc's hook called before the patch, where it has no effect on what the patch replaces.

## Why is this bad
Both wait in C, where no monkey patch reaches. psycopg2 then blocks every greenlet for the length of each query;
grpc hangs, because its own threads wait for one that never runs.

## Example
```python
from gevent import monkey

monkey.patch_all()

import psycopg2
```

## Use instead
```python
from gevent import monkey

monkey.patch_all()

from psycogreen.gevent import patch_psycopg

patch_psycopg()

import psycopg2
```
For grpc, after the patch and before the first channel:
```python
from gevent import monkey

monkey.patch_all()

from grpc.experimental.gevent import init_gevent

init_gevent()
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from patchlint.model.events import Hooked, ModuleExecuted, Patch, Process
from patchlint.model.finding import Finding, Link
from patchlint.model.location import Location
from patchlint.model.timeline import Timeline
from patchlint.rules import blame, processes, story
from patchlint.rules.rule import Rule

HOOKS: Final = {
    "psycopg2": "psycogreen.gevent.patch_psycopg()",
    "grpc": "grpc.experimental.gevent.init_gevent()",
}


def check(timeline: Timeline) -> Iterator[Finding]:
    """One finding for each line that imports such a library, and for each hook called too early."""
    patched = {patch.process for patch in processes.patches(timeline) if patch.library == "gevent"}
    yield from _unhooked(timeline, patched)
    yield from _early(timeline, patched)


def _unhooked(timeline: Timeline, patched: set[Process]) -> Iterator[Finding]:
    hooked = {event.subject for event in timeline.events if isinstance(event, Hooked)}
    told: set[tuple[str, Location]] = set()
    for event in timeline.events:
        if not isinstance(event, ModuleExecuted) or event.module not in HOOKS or event.module in hooked:
            continue
        location = timeline.first_party_location(event.trail)
        if location is None or (event.module, location) in told or not _meets(timeline, event.process, patched):
            continue
        told.add((event.module, location))
        yield Finding(
            code=RULE.code,
            severity="warning",
            certainty="possible",
            message=f"{event.module} waits in C, where gevent's patch does not reach, and its hook is not called",
            entrypoint=timeline.entrypoint,
            location=location,
            chain=story.chain(timeline, event.trail),
            help=f"Call {HOOKS[event.module]} once, after the patch.",
        )


def _meets(timeline: Timeline, process: Process, patched: set[Process]) -> bool:
    """Whether a process, or one that it was forked from or into, is patched."""
    line = processes.lineage(timeline, process)
    return any(other in line or process in processes.lineage(timeline, other) for other in patched)


def _early(timeline: Timeline, patched: set[Process]) -> Iterator[Finding]:
    for event in timeline.events:
        if not isinstance(event, Hooked) or event.subject != "grpc" or not _meets(timeline, event.process, patched):
            continue
        if any(isinstance(earlier, Patch) for earlier in processes.before(timeline, event)):
            continue
        location = blame.own_line(timeline, event.location, event.trail)
        if location is not None:
            yield Finding(
                code=RULE.code,
                severity="warning",
                certainty=event.certainty,
                message=f"{event.call}() is called before gevent patches: it has to come after",
                entrypoint=timeline.entrypoint,
                location=location,
                chain=story.chain(timeline, event.trail, Link(event.location, f"{event.call}()")),
                help="Call it after the patch and before the first channel is made.",
            )


RULE = Rule.of("PAT211", "missing-hook", __doc__, check)
