"""A `multiprocessing` process is started before the server forks.

## What it does
Looks for a `multiprocessing.Process`, `Pool` or `Manager` that is started before the fork, and for what programs do
to hide the consequence.

## Why is this bad
The workers inherit the set `multiprocessing.process._children` and the function that joins its members at exit. They
are not the parent of these processes, so each worker ends with `AssertionError: can only join a child process`; and
before that it has sent SIGTERM to those that are daemons: the first worker that ends kills the master's process.

Taking the child out of `_children` in each worker, or unregistering `multiprocessing.util._exit_function` there,
hides both: what is left is a note.

## Example
```python
# gunicorn.conf.py
import multiprocessing


def when_ready(server):
    multiprocessing.Process(target=print, daemon=True).start()
```

## Use instead
Start it outside the server (a unit, a container, a line in the Procfile of its own). Where it has to be the
master's child, let the workers forget it:
```python
import atexit
from multiprocessing.util import _exit_function


def post_worker_init(worker):
    atexit.unregister(_exit_function)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from patchlint.model.events import Forgotten
from patchlint.model.finding import Finding, Link, Severity
from patchlint.model.timeline import Timeline
from patchlint.rules import processes, story
from patchlint.rules.processes import Inherited
from patchlint.rules.rule import Rule


def check(timeline: Timeline) -> Iterator[Finding]:
    """One finding for each line that starts a process before a fork."""
    for hazard in processes.inherited(timeline, "process"):
        started = hazard.started
        forgotten = _forgotten(timeline, hazard)
        yield Finding(
            code=RULE.code,
            severity=_severity(hazard, forgotten),
            certainty=hazard.certainty,
            message=_message(timeline, hazard, forgotten),
            entrypoint=timeline.entrypoint,
            location=hazard.location,
            chain=story.chain(
                timeline, started.trail, Link(started.location, f"{story.short(started.subject)} starts")
            ),
            help="Start it outside the server, or call atexit.unregister(multiprocessing.util._exit_function) in each "
            "worker.",
        )


def _forgotten(timeline: Timeline, hazard: Inherited) -> Forgotten | None:
    """What drops it: the forked process at any time, the one that forks only between the start and the fork.

    ``multiprocessing`` itself drops those that have ended, whenever another one starts.
    """
    events = timeline.events
    for event in events:
        if isinstance(event, Forgotten) and event.process == hazard.fork.child:
            return event
    for event in events[events.index(hazard.started) : events.index(hazard.fork)]:
        if (
            isinstance(event, Forgotten)
            and (event.process, event.certainty) == (hazard.started.process, "certain")
            and event.location is not None
            and timeline.is_first_party(event.location.path)
        ):
            return event
    return None


def _severity(hazard: Inherited, forgotten: Forgotten | None) -> Severity:
    """The assertion was seen in gunicorn's workers; other children may end without running ``atexit``."""
    if forgotten is not None:
        return "note"
    return "error" if hazard.fork.launcher == "gunicorn" else "warning"


def _message(timeline: Timeline, hazard: Inherited, forgotten: Forgotten | None) -> str:
    where = f"{story.short(hazard.started.subject)} is started in {hazard.parent}, before the fork"
    if forgotten is not None:
        at = f"it at {story.place(timeline, forgotten.location)} ({forgotten.subject})"
        if forgotten.process == hazard.fork.child:
            return f"{where}; {hazard.children} drop {at}, and leave it alone at exit"
        return f"{where}; {hazard.parent} has dropped {at} by then, and nobody joins it"
    return (
        f"{where}: {hazard.children} inherit it, and each ends with `AssertionError: can only join a child process`, "
        "after it has terminated the process if that is a daemon"
    )


RULE = Rule.of("PAT305", "process-before-fork", __doc__, check)
