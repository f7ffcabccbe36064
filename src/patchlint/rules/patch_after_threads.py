"""The patch comes while other threads are already running.

## What it does
Looks for real threads that were started, in the same process, before the patch: by `threading.Thread`, by an
executor, by a scheduler, or by a library that starts one when it is imported.

## Why is this bad
A running thread keeps the locks, events and queues that it has, and takes up the patched functions in the middle
of its work: `time.sleep` in it now runs a hub of its own. What the thread and the greenlets share (an `Event`, a
`Queue`) no longer wakes the other side.

## Example
```python
import threading

stop = threading.Event()
threading.Thread(target=stop.wait, daemon=True).start()

from gevent import monkey

monkey.patch_all()
```

## Use instead
```python
from gevent import monkey

monkey.patch_all()

import threading

stop = threading.Event()
threading.Thread(target=stop.wait, daemon=True).start()
```
"""

from __future__ import annotations

from collections.abc import Iterator

from patchlint.model.events import Patch, Started
from patchlint.model.finding import Finding
from patchlint.model.location import Location
from patchlint.model.timeline import Timeline
from patchlint.rules import blame, processes, story
from patchlint.rules.blame import Blame
from patchlint.rules.rule import Rule


def check(timeline: Timeline) -> Iterator[Finding]:
    """One finding for each patch that finds threads running."""
    for patch in processes.patches(timeline):
        location = blame.of_patch(timeline, patch)
        if location is None or any(link.by == "thread" for link in patch.trail.upwards()):
            continue
        running = list(_running(timeline, patch))
        if running:
            yield _finding(timeline, patch, location, running)
        elif pools := list(processes.pools_before(timeline, patch)):
            yield _pooled(timeline, patch, location, pools)


def _running(timeline: Timeline, patch: Patch) -> Iterator[tuple[Started, Location]]:
    """The real threads started before a patch that replaces threads, each with the line to blame."""
    if not any(name.startswith(("threading.", "_thread.", "thread.")) for name in patch.replaced):
        return
    judge = Blame.on(timeline)
    for event in timeline.events[: timeline.events.index(patch)]:
        if isinstance(event, Started) and _is_thread(event, patch) and not processes.has_ended(timeline, event, patch):
            location = judge.of_start(event)
            if location is not None:
                yield event, location


def _is_thread(event: Started, patch: Patch) -> bool:
    return (
        event.process == patch.process
        and event.what in ("thread", "scheduler")
        and event.stage == "started"
        and not event.green
    )


def _finding(timeline: Timeline, patch: Patch, location: Location, running: list[tuple[Started, Location]]) -> Finding:
    places = list(dict.fromkeys(story.place(timeline, place) for _, place in running))
    certain = patch.certainty == "certain" and any(event.certainty == "certain" for event, _ in running)
    return Finding(
        code=RULE.code,
        severity="warning",
        certainty="certain" if certain else "possible",
        message=(
            f"`{story.spelled(patch)}` comes while a thread is running ({story.short(running[0][0].subject)}, started "
            f"at {story.listing(places)}): it keeps its unpatched locks and events"
        ),
        entrypoint=timeline.entrypoint,
        location=location,
        chain=story.chain(timeline, patch.trail, story.patch_link(patch)),
        patch=story.reference(patch),
        help="Patch before the first thread is started.",
    )


def _pooled(timeline: Timeline, patch: Patch, location: Location, pools: list[tuple[Started, Location]]) -> Finding:
    """What is wrong is told where the pool is made."""
    places = dict.fromkeys(story.place(timeline, place) for _, place in pools)
    return Finding(
        code=RULE.code,
        severity="note",
        certainty=patch.certainty,
        message=f"`{story.spelled(patch)}` comes after a thread pool was made, at {story.listing(list(places))}",
        entrypoint=timeline.entrypoint,
        location=location,
        chain=story.chain(timeline, patch.trail, story.patch_link(patch)),
        patch=story.reference(patch),
        help="Patch before the pool is made.",
    )


RULE = Rule.of("PAT204", "patch-after-threads", __doc__, check)
