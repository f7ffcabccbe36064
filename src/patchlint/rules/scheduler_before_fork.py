"""A scheduler is started before the process is forked.

## What it does
Looks for a scheduler that runs its jobs in a thread (APScheduler's `BackgroundScheduler` and its Flask and Django
wrappers, among others) and is started before the server forks its workers. The message says in how many
processes each job will run.

## Why is this bad
A real thread does not survive a fork: the jobs run once, in the master. The workers inherit a scheduler that says
it is running and is not; a job added in a request never runs. That is a warning, because it may be what is
wanted. When threads are patched, the scheduler's thread is a greenlet, and a fork copies greenlets: every worker
goes on running the jobs, and so does the master. That is an error: with two workers, every job runs three times.
The children that `multiprocessing` forks copy greenlets as well.

## Example
```python
from gevent import monkey

monkey.patch_all()

from apscheduler.schedulers.background import BackgroundScheduler


def create_app():
    scheduler = BackgroundScheduler()
    scheduler.start()  # create_app() is called in the master
```

## Use instead
Run the scheduler in a process of its own, beside the server, or start it in one worker only, after the fork:
```python
from apscheduler.schedulers.background import BackgroundScheduler

scheduler = BackgroundScheduler()


def post_worker_init(worker):  # gunicorn.conf.py
    if worker.age == 1:
        scheduler.start()
```
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from patchlint.model.finding import Finding, Link
from patchlint.model.location import Location
from patchlint.model.timeline import Timeline
from patchlint.rules import processes, story
from patchlint.rules.processes import Inherited
from patchlint.rules.rule import Rule


def check(timeline: Timeline) -> Iterator[Finding]:
    """One finding for each line that starts a scheduler before a fork."""
    hazards = list(processes.inherited(timeline, "scheduler"))
    for hazard in (*hazards, *_copied(timeline, {hazard.location for hazard in hazards})):
        started = hazard.started
        yield Finding(
            code=RULE.code,
            severity="error" if started.green else "warning",
            certainty=hazard.certainty,
            message=_message(hazard),
            does=_does(hazard),
            entrypoint=timeline.entrypoint,
            location=hazard.location,
            chain=story.chain(
                timeline, started.trail, Link(started.location, f"{story.short(started.subject)} starts")
            ),
            help="Start it in a process of its own, or in one worker only (post_worker_init, worker.age == 1).",
        )


def _copied(timeline: Timeline, told: set[Location]) -> Iterator[Inherited]:
    """Greenlets that the children of ``multiprocessing`` inherit, and go on running as soon as these wait."""
    for one in processes.copies(timeline, "scheduler", told, green=True):
        count = processes.children(timeline, one.started)
        yield replace(one, fork=replace(one.fork, count=count, launcher=None))


def _message(hazard: Inherited) -> str:
    name = story.short(hazard.started.subject)
    if hazard.started.green:
        return (
            f"{name} is started in {hazard.parent}, before the fork, and its thread is a greenlet, which the fork "
            f"copies: each job runs {_times(hazard)}"
        )
    if hazard.fork.parent_ends:
        return (
            f"{name} is started before the fork, and its thread ends with {hazard.parent}: no job runs in "
            f"{hazard.children}, where the scheduler only seems to be running"
        )
    return (
        f"{name} is started in {hazard.parent}, before the fork, and its thread stays there: each job runs once, in "
        f"{hazard.parent}, and never in {hazard.children}, where the scheduler only seems to be running"
    )


def _does(hazard: Inherited) -> str:
    """What the line does to the jobs, as a sentence about a change to the program goes on."""
    if not hazard.started.green:
        return f"run no job in {hazard.children}"
    if hazard.fork.count is None:
        return f"run each job in {hazard.parent} and again in every {hazard.child}"
    return f"run each job {story.several(hazard.fork.count + 1, 'time')}"


def _times(hazard: Inherited) -> str:
    if hazard.fork.count is None:
        return f"in {hazard.parent} and again in every {hazard.child}"
    return f"{story.several(hazard.fork.count + 1, 'time')}, in {hazard.parent} and in {_each(hazard)}"


def _each(hazard: Inherited) -> str:
    return f"each of {hazard.children}" if hazard.fork.count != 1 else f"its {hazard.child}"


RULE = Rule.of("PAT301", "scheduler-before-fork", __doc__, check)
