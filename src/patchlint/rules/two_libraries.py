"""Two libraries patch the same process.

## What it does
Looks for a patch by gevent and one by eventlet in the same process, or in one and the process that it was
forked from.

## Why is this bad
Each replaces the same functions by ones that wait in its own hub. The second wraps what the first left, and a
wait in one hub stops the greenlets of the other.

## Example
```python
import eventlet

eventlet.monkey_patch()

from gevent import monkey

monkey.patch_all()
```

## Use instead
Choose one. A library that brings in the other (`eventlet.green.*`) has to go, or to run in a process of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from patchlint.model.events import Patch
from patchlint.model.finding import Finding
from patchlint.model.timeline import Timeline
from patchlint.rules import blame, processes, severities, story
from patchlint.rules.rule import Rule


def check(timeline: Timeline) -> Iterator[Finding]:
    """One finding for each patch that follows one by another library."""
    for patch in processes.patches(timeline):
        others = [
            event
            for event in processes.before(timeline, patch)
            if isinstance(event, Patch) and event.replaced and event.library != patch.library
        ]
        if not others:
            continue
        first = others[0]
        location = blame.of_patch(timeline, patch) or blame.of_patch(timeline, first)
        certain = patch.certainty == severities.certainty(other.certainty for other in others) == "certain"
        yield Finding(
            code=RULE.code,
            severity="error",
            certainty="certain" if certain else "possible",
            message=(
                f"{patch.library} patches what {first.library} has patched already, with "
                f"`{story.spelled(first)}` at {story.place(timeline, first.location)}: a wait in one stops the other"
            ),
            entrypoint=timeline.entrypoint,
            location=location or blame.launch_place(timeline),
            chain=story.chain(timeline, patch.trail, story.patch_link(patch)),
            patch=story.reference(patch),
            help="Choose one of the two libraries for this process.",
        )


RULE = Rule.of("PAT207", "two-libraries", __doc__, check)
