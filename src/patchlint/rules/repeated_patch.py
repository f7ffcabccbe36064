"""A library patches again, with other arguments.

## What it does
Looks for a second patch by the same library, in the same process or in one it was forked from, that replaces
what the first one left out.

## Why is this bad
Arguments of several calls add up: a `patch_all(ssl=False)` is undone by a later `patch_all()`, and what was
imported in between is stale without gevent's usual warning, which it gives at the first patch only. Calling
again with the same arguments does nothing, and is not reported. This is a note; the stale names that the second
call leaves are told by `PAT101`.

## Example
```python
from gevent import monkey

monkey.patch_all(ssl=False)

import requests

monkey.patch_all()
```

## Use instead
```python
from gevent import monkey

monkey.patch_all()

import requests
```
"""

from __future__ import annotations

from collections.abc import Iterator

from patchlint.model.events import Patch
from patchlint.model.finding import Finding
from patchlint.model.timeline import Timeline
from patchlint.rules import blame, processes, story
from patchlint.rules.rule import Rule


def check(timeline: Timeline) -> Iterator[Finding]:
    """One finding for each later call of the same function that adds something."""
    for patch in processes.patches(timeline):
        location = blame.of_patch(timeline, patch)
        earlier = _earlier(timeline, patch)
        if location is None or not earlier:
            continue
        known = {name for other in earlier for name in other.replaced}
        added = list(dict.fromkeys(name.partition(".")[0] for name in patch.replaced if name not in known))
        if not added:
            continue
        yield Finding(
            code=RULE.code,
            severity="note",
            certainty=patch.certainty,
            message=(
                f"`{story.spelled(patch)}` adds {story.listing(added)} to what `{story.spelled(earlier[0])}` patched "
                f"at {story.place(timeline, earlier[0].location)}: arguments of several calls add up"
            ),
            entrypoint=timeline.entrypoint,
            location=location,
            chain=story.chain(timeline, patch.trail, story.patch_link(patch)),
            patch=story.reference(patch),
            help="Patch once, with the arguments that are meant.",
        )


def _earlier(timeline: Timeline, patch: Patch) -> list[Patch]:
    """Earlier calls of the same function with other arguments."""
    return [
        event
        for event in processes.before(timeline, patch)
        if isinstance(event, Patch) and event.call == patch.call and event.arguments != patch.arguments
    ]


RULE = Rule.of("PAT206", "repeated-patch", __doc__, check)
