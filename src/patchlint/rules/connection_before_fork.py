"""A connection is opened before the process is forked.

## What it does
Looks for a connection to a database or a broker that is opened before the fork and not closed by then: one of
psycopg, PyMySQL or pika, or one that an SQLAlchemy engine keeps in its pool. A bare socket, an epoll object, an SQLite
database and gevent's hub are told too, as a note.

## Why is this bad
A fork copies the descriptor, not the connection: parent and children then read and write on the same one. Answers go
to whoever reads first ("decryption failed or bad record mac", "server closed the connection unexpectedly"), and the
first process that closes it says good-bye for all. It works while nobody uses it at the same time.

Where each child lets go of it (`engine.dispose(close=False)` in `post_fork`), this is a note.

## Example
```python
# gunicorn --preload app:app
import psycopg2

connection = psycopg2.connect("dbname=shop")
```

## Use instead
Open it at the first use, or after the fork:
```python
import functools

import psycopg2


@functools.cache
def connection():
    return psycopg2.connect("dbname=shop")
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from patchlint.model.events import Process, Started
from patchlint.model.finding import Finding, Link, Severity
from patchlint.model.timeline import Timeline
from patchlint.rules import processes, story
from patchlint.rules.processes import Inherited
from patchlint.rules.rule import Rule

MILD: Final = {
    "socket.create_connection": "a socket",
    "select.epoll": "an epoll object",
    "gevent.get_hub": "gevent's hub",
    "sqlite3.connect": "an SQLite database",
}
"""What may be meant, or set right by the server: gevent's worker gives itself a new hub, who only reads from SQLite
sees no harm."""


def check(timeline: Timeline) -> Iterator[Finding]:
    """One finding for each line that opens a connection before a fork."""
    for hazard in processes.inherited(timeline, "connection"):
        started = hazard.started
        if _is_dropped(timeline, hazard, started.process):
            continue
        what = MILD.get(started.subject, f"a connection ({started.subject})")
        yield Finding(
            code=RULE.code,
            severity=_severity(timeline, hazard),
            certainty=hazard.certainty,
            message=f"{what} is opened in {hazard.parent}, before the fork, and {hazard.children} share it",
            entrypoint=timeline.entrypoint,
            location=hazard.location,
            chain=story.chain(timeline, started.trail, Link(started.location, f"{what} is opened")),
            help="Open it after the fork (post_fork, @postfork, worker_process_init), or at the first use.",
        )


def _severity(timeline: Timeline, hazard: Inherited) -> Severity:
    is_mild = hazard.started.subject in MILD or _is_dropped(timeline, hazard, hazard.fork.child)
    return "note" if is_mild else "warning"


def _is_dropped(timeline: Timeline, hazard: Inherited, process: Process) -> bool:
    """Whether a process closes it, or may."""
    return any(
        isinstance(event, Started)
        and (event.stage, event.process, event.identity) == ("ended", process, hazard.started.identity)
        for event in timeline.events
    )


RULE = Rule.of("PAT306", "connection-before-fork", __doc__, check)
