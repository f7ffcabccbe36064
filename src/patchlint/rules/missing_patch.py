"""A gevent or eventlet server or worker pool runs over an unpatched standard library.

## What it does
Looks for a server or pool of a patching library (`celery worker` with the gevent pool, `uwsgi --gevent`,
`huey_consumer -k greenlet`, `gevent.pywsgi`) in a process in which that library has not patched.

## Why is this bad
Nothing complains, and nothing is concurrent: the first blocking call stops all greenlets of the process. Some
launchers patch only when they are asked in one particular way: celery looks for `-P gevent` or `--pool=gevent` on
its command line, not for `-Pgevent` and not for the `worker_pool` setting; uWSGI needs
`--gevent-early-monkey-patch`.

## Example
```python
from celery import Celery

app = Celery("proj")
app.conf.worker_pool = "gevent"
```

## Use instead
Start it with `celery -A proj worker -P gevent`, or patch first:
```python
from gevent import monkey

monkey.patch_all()

from celery import Celery

app = Celery("proj")
app.conf.worker_pool = "gevent"
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from patchlint.model.events import Serving
from patchlint.model.finding import Finding, Link
from patchlint.model.location import Location
from patchlint.model.timeline import Timeline
from patchlint.rules import blame, processes, story
from patchlint.rules.rule import Rule

MILD: Final = frozenset({"gevent.server"})
"""Servers whose handlers are often written for gevent alone, so that nothing has to be patched."""


def check(timeline: Timeline) -> Iterator[Finding]:
    """One finding for each place that chose a server without its patch."""
    told: set[Location] = set()
    for event in timeline.events:
        if not isinstance(event, Serving):
            continue
        patched = processes.patched_before(timeline, event, event.library)
        location = blame.own_line(timeline, event.location, event.trail) or blame.launch_place(timeline)
        if patched == "certain" or location in told:
            continue
        told.add(location)
        yield _finding(timeline, event, location, sometimes=patched == "possible")


def _finding(timeline: Timeline, serving: Serving, location: Location, sometimes: bool) -> Finding:
    when = f"{serving.library} may not have patched by then" if sometimes else f"{serving.library} has not patched"
    return Finding(
        code=RULE.code,
        severity="note" if serving.what in MILD else "warning",
        certainty="possible" if sometimes else serving.certainty,
        message=f"{serving.what} runs, and {when}: the first blocking call stops every greenlet",
        entrypoint=timeline.entrypoint,
        location=location,
        chain=story.chain(timeline, serving.trail, Link(serving.location, serving.what)),
        help=f"Patch in the first lines of {story.first_file(timeline)}, or have the launcher do it.",
    )


RULE = Rule.of("PAT208", "missing-patch", __doc__, check)
