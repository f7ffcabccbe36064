"""A thread pool is made before threads are patched.

## What it does
Looks for a `ThreadPoolExecutor` that the program makes before gevent replaces threads, and does not shut down by then.

## Why is this bad
The pool keeps a queue and locks of the real kind, its workers become greenlets: the first `result()` waits for good.
That is an error where the pool is used after the patch on this timeline, else a warning.

## Example
```python
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor()

from gevent import monkey

monkey.patch_all()
```

## Use instead
```python
from gevent import monkey

monkey.patch_all()

from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor()
```
"""

from __future__ import annotations

from collections.abc import Iterator

from patchlint.model.events import Patch, Started
from patchlint.model.finding import Finding, Link
from patchlint.model.location import Location
from patchlint.model.timeline import Timeline
from patchlint.rules import processes, story
from patchlint.rules.rule import Rule


def check(timeline: Timeline) -> Iterator[Finding]:
    """One finding for each line of the program's own that makes such a pool."""
    told: set[Location] = set()
    for patch in processes.patches(timeline):
        for event, location in processes.pools_before(timeline, patch):
            if location not in told:
                told.add(location)
                yield _finding(timeline, event, patch, location)


def _finding(timeline: Timeline, created: Started, patch: Patch, location: Location) -> Finding:
    later = timeline.events[timeline.events.index(patch) :]
    is_used = any(
        isinstance(event, Started) and (event.stage, event.identity) == ("started", created.identity) for event in later
    )
    name = story.short(created.subject)
    return Finding(
        code=RULE.code,
        severity="error" if is_used else "warning",
        certainty="certain" if patch.certainty == created.certainty == "certain" else "possible",
        message=f"{name} is made before gevent patches threads: the first result() from it after that never comes",
        entrypoint=timeline.entrypoint,
        location=location,
        chain=story.chain(timeline, created.trail, Link(created.location, f"{name} is made")),
        patch=story.reference(patch),
        help="Make it after the patch.",
    )


RULE = Rule.of("PAT102", "executor-before-patch", __doc__, check)
