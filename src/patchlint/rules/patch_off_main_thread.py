"""The patch is made by a thread other than the main one.

## What it does
Looks for a patch call on a path that leads through the function of a thread.

## Why is this bad
gevent makes the main thread's greenlet out of the thread that patches. In another thread it warns that
`threading.main_thread().join()` will hang from a greenlet, and the real main thread keeps what it has.

## Example
```python
import threading


def load():
    from gevent import monkey

    monkey.patch_all()


threading.Thread(target=load).start()
```

## Use instead
```python
from gevent import monkey

monkey.patch_all()
```
"""

from __future__ import annotations

from collections.abc import Iterator

from patchlint.model.finding import Finding
from patchlint.model.timeline import Timeline
from patchlint.rules import blame, processes, story
from patchlint.rules.rule import Rule


def check(timeline: Timeline) -> Iterator[Finding]:
    """One finding for each patch made by a thread."""
    for patch in processes.patches(timeline):
        thread = next((link for link in patch.trail.upwards() if link.by == "thread"), None)
        location = blame.of_patch(timeline, patch)
        if thread is None or location is None:
            continue
        yield Finding(
            code=RULE.code,
            severity="warning",
            certainty=patch.certainty,
            message=(
                f"`{story.spelled(patch)}` is called off the main thread, in the one started at "
                f"{story.place(timeline, thread.location)}: joining the main thread will hang from a greenlet"
            ),
            entrypoint=timeline.entrypoint,
            location=location,
            chain=story.chain(timeline, patch.trail, story.patch_link(patch)),
            patch=story.reference(patch),
            help=f"Patch in the main thread: in the first lines of {story.first_file(timeline)}.",
        )


RULE = Rule.of("PAT203", "patch-off-main-thread", __doc__, check)
