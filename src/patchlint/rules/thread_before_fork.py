"""A thread is started before the process is forked.

## What it does
Looks for a thread, a timer, a greenlet, an executor that was used, or a library that starts threads of its own
(`MongoClient`, Kafka producers, OpenTelemetry's batch processors), before the fork.

## Why is this bad
A fork copies the memory, and only the thread that forks. In the workers the others are gone, while the objects
around them believe that they run: counters stand still, queues are never emptied. An executor that was used once
is worse, because it waits for its lost thread: the next `submit().result()` hangs, which is an error. When
threads are patched they are greenlets, which the fork copies: the same work is then done in each process.

Libraries that start their threads again after a fork are a note, except under uWSGI, which forks without telling
Python. So is a thread that a library starts behind a test that cannot be decided.

## Example
```python
# gunicorn --preload app:app
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor()
warm = pool.submit(sum, [1, 2]).result()
```

## Use instead
Start threads after the fork, in a hook of the server (gunicorn's `post_worker_init`, uWSGI's `@postfork`, celery's
`worker_process_init`) or at the first use:
```python
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor()  # starts no thread before the first submit()
```
"""

from __future__ import annotations

from collections.abc import Iterator

from patchlint.model.events import Started
from patchlint.model.finding import Finding, Link, Severity
from patchlint.model.location import Location
from patchlint.model.timeline import Timeline
from patchlint.rules import blame, processes, story
from patchlint.rules.processes import Inherited
from patchlint.rules.rule import Rule


def check(timeline: Timeline) -> Iterator[Finding]:
    """One finding for each line that starts a thread before a fork, schedulers and process pools apart."""
    told = {hazard.location for what in ("scheduler", "process") for hazard in processes.inherited(timeline, what)}
    for hazard in processes.inherited(timeline, "thread"):
        if hazard.location in told:
            continue
        started = hazard.started
        yield Finding(
            code=RULE.code,
            severity=_severity(timeline, hazard),
            certainty=hazard.certainty,
            message=_message(hazard),
            entrypoint=timeline.entrypoint,
            location=hazard.location,
            chain=story.chain(timeline, started.trail, Link(started.location, f"{_name(hazard)} starts a thread")),
            help="Start it after the fork (post_worker_init, @postfork, worker_process_init), or at the first use.",
        )
    yield from _copied(timeline, told)


def _copied(timeline: Timeline, told: set[Location]) -> Iterator[Finding]:
    """What runs while ``multiprocessing`` forks a child, which has one function to run and may not miss it."""
    told = told | {hazard.location for hazard in processes.inherited(timeline, "thread")}
    for copy in processes.copies(timeline, "thread", told):
        started, fork, location = copy.started, copy.fork, copy.location
        name = story.short(started.subject)
        yield Finding(
            code=RULE.code,
            severity="warning" if started.green and location == started.location else "note",
            certainty=copy.certainty,
            message=f"{name} runs while {story.place(timeline, fork.location)} forks a child: "
            + (
                "it is a greenlet, which the fork copies, and goes on in both"
                if started.green
                else "it does not exist there, and the locks that it holds stay held"
            ),
            entrypoint=timeline.entrypoint,
            location=location,
            chain=story.chain(timeline, started.trail, Link(started.location, f"{name} starts a thread")),
            help="Start the process first, or have multiprocessing spawn it.",
        )


def _severity(timeline: Timeline, hazard: Inherited) -> Severity:
    if _repairs(hazard) or hazard.location == blame.launch_place(timeline) or _may_not_be(timeline, hazard.started):
        return "note"
    return "error" if _is_executor(hazard) and not hazard.started.green else "warning"


def _may_not_be(timeline: Timeline, started: Started) -> bool:
    """What a library starts on a branch that was not decided: an answer that nobody gave, an option that is not set."""
    return started.certainty != "certain" and not timeline.is_first_party(started.location.path)


def _repairs(hazard: Inherited) -> bool:
    """uWSGI forks in C, so that no handler of ``os.register_at_fork`` runs there."""
    return hazard.started.repairs and not hazard.started.green and hazard.fork.launcher != "uwsgi"


def _is_executor(hazard: Inherited) -> bool:
    return "Executor" in hazard.started.subject or "ThreadPool" in hazard.started.subject


def _message(hazard: Inherited) -> str:
    where = f"{_name(hazard)} starts a thread in {hazard.parent}, before the fork"
    if hazard.started.green:
        return f"{where}: it is a greenlet, which the fork copies into {hazard.children}, and goes on in each"
    if _repairs(hazard):
        return f"{where}: {hazard.children} get another one, which the library starts by itself"
    if _is_executor(hazard):
        return f"{where}: in {hazard.children} it is gone, and the next result() waits for it forever"
    return f"{where}: it does not exist in {hazard.children}"


def _name(hazard: Inherited) -> str:
    return story.short(hazard.started.subject)


RULE = Rule.of("PAT304", "thread-before-fork", __doc__, check)
