"""Every worker starts a scheduler of its own.

## What it does
Looks for a scheduler that is started after the fork, in a process of which there is more than one.

## Why is this bad
Without preload each worker imports the application, and starts its scheduler: each job runs once per worker.
Mails go out twice, reports are written over one another. The number of workers is often set elsewhere, so the
program seems right until somebody raises it.

Where one worker only starts it, the one with `worker.age == 1` or the one that gets a lock, nothing is said. Behind a
test that cannot be decided (a variable of the environment that has to be set for one process) it is a note, and so is
a scheduler that a library starts for its own purposes.

## Example
```python
# gunicorn -w 3 app:app
from apscheduler.schedulers.background import BackgroundScheduler

scheduler = BackgroundScheduler()
scheduler.start()
```

## Use instead
Run the scheduler in a process of its own, let one worker only start it, or share a job store with a lock:
```python
def post_worker_init(worker):  # gunicorn.conf.py
    if worker.age == 1:
        from app import scheduler

        scheduler.start()
```
"""

from __future__ import annotations

from collections.abc import Iterator

from patchlint.model.events import Forked, Process, Started
from patchlint.model.finding import Finding, Link, Severity
from patchlint.model.location import Location
from patchlint.model.timeline import Timeline
from patchlint.rules import processes, story
from patchlint.rules.blame import Blame
from patchlint.rules.rule import Rule


def check(timeline: Timeline) -> Iterator[Finding]:
    """One finding for each line that starts a scheduler in every worker."""
    judge = Blame.on(timeline)
    forks = {event.child: event for event in timeline.events if isinstance(event, Forked)}
    places: dict[Process, set[Location]] = {}
    told: set[Location] = set()
    for _, started in processes.starts(timeline, "scheduler", "started"):
        fork = forks.get(started.process)
        location = judge.of_start(started)
        if location is None:
            continue
        places.setdefault(started.process, set()).add(location)
        if fork is None or location in told or started.alone:
            continue
        is_twice = fork.is_fresh and location in places.get(fork.process, ())
        if is_twice or (fork.count != 1 and fork.launcher != "multiprocessing"):
            told.add(location)
            yield _finding(timeline, started, fork, location)


def _finding(timeline: Timeline, started: Started, fork: Forked, location: Location) -> Finding:
    certain = fork.count is not None and started.certainty == fork.certainty == "certain"
    times = "once per worker" if fork.count is None else story.several(fork.count, "time")
    where = f"every {'process' if fork.launcher is None else 'worker'}, after the fork"
    if fork.launcher == "reloader":
        where, times = "the program and again in the copy of it that its reloader runs", "2 times"
    return Finding(
        code=RULE.code,
        severity=_severity(timeline, started),
        certainty="certain" if certain else "possible",
        message=f"{story.short(started.subject)} is started in {where}: each job runs {times}",
        entrypoint=timeline.entrypoint,
        location=location,
        chain=story.chain(timeline, started.trail, Link(started.location, f"{story.short(started.subject)} starts")),
        help="Start it in a process of its own, or in one worker only (post_worker_init, worker.age == 1).",
    )


def _severity(timeline: Timeline, started: Started) -> Severity:
    """A library that keeps a scheduler for itself does so for each process."""
    is_own = timeline.is_first_party(started.location.path)
    return "warning" if is_own and started.certainty == "certain" else "note"


RULE = Rule.of("PAT302", "scheduler-in-every-worker", __doc__, check)
