"""The patch is made on one branch only.

## What it does
Looks for a patch call behind a condition that cannot be known beforehand: an environment variable, an argument,
a setting.

## Why is this bad
The program exists in two versions, and what was tried with one says nothing about the other. On the branch
without the patch, the same blocking calls stop every greenlet. This is a note: choosing by a setting can be
meant. Where a gevent server is known to run, `PAT208` says so louder.

## Example
```python
import os

from gevent import monkey

if os.environ.get("USE_GEVENT"):
    monkey.patch_all()
```

## Use instead
Patch in an entrypoint of its own, whose first statement is the patch, or start the program with
`python -m gevent.monkey program.py` where it is wanted.
"""

from __future__ import annotations

from collections.abc import Iterator

from patchlint.model.finding import Finding
from patchlint.model.timeline import Timeline
from patchlint.rules import blame, processes, story
from patchlint.rules.rule import Rule


def check(timeline: Timeline) -> Iterator[Finding]:
    """One finding for each patch of the program's own that is only possible."""
    for patch in processes.patches(timeline):
        location = blame.of_patch(timeline, patch)
        if location is None or patch.certainty == "certain":
            continue
        yield Finding(
            code=RULE.code,
            severity="note",
            certainty="possible",
            message=f"`{story.spelled(patch)}` is called on one branch only",
            entrypoint=timeline.entrypoint,
            location=location,
            chain=story.chain(timeline, patch.trail, story.patch_link(patch)),
            patch=story.reference(patch),
            help="Give each way of running the program an entrypoint of its own.",
        )


RULE = Rule.of("PAT205", "conditional-patch", __doc__, check)
