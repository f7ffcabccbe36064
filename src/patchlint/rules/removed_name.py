"""A library needs a name that the patch removed.

## What it does
Looks for a library that works with `select.epoll` and is imported after a patch that took it away: `trio`.

## Why is this bad
gevent and eventlet delete what they cannot make cooperative: `select.epoll`, `selectors.EpollSelector` and, for
eventlet, `select.poll`. Here patching early is no help: `trio.run()` ends in an `AttributeError`.

## Example
```python
from gevent import monkey

monkey.patch_all()

import trio

trio.run(trio.sleep, 0)
```

## Use instead
Keep the two in separate processes. `monkey.patch_all(aggressive=False)` leaves the names in place, and is no help:
trio then ends in an internal error of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from patchlint.model.events import ModuleExecuted, Patch
from patchlint.model.finding import Finding
from patchlint.model.location import Location
from patchlint.model.timeline import Timeline
from patchlint.rules import blame, processes, story
from patchlint.rules.rule import Rule

NEEDS: Final = {"trio": "select.epoll"}
"""Libraries that do not work without a name that a patch removes (trio 0.35 on Linux, seen by running it)."""


def check(timeline: Timeline) -> Iterator[Finding]:
    """One finding for each line that imports such a library."""
    for event in timeline.events:
        if not isinstance(event, ModuleExecuted) or event.module not in NEEDS or timeline.platform != "linux":
            continue
        location = timeline.first_party_location(event.trail) or blame.launch_place(timeline)
        patch = _removed_by(timeline, event)
        if patch is not None:
            yield _finding(timeline, event, patch, location)


def _removed_by(timeline: Timeline, event: ModuleExecuted) -> Patch | None:
    for earlier in processes.before(timeline, event):
        if isinstance(earlier, Patch) and NEEDS[event.module] in earlier.removed:
            return earlier
    return None


def _finding(timeline: Timeline, event: ModuleExecuted, patch: Patch, location: Location) -> Finding:
    certain = patch.certainty == event.certainty == "certain"
    return Finding(
        code=RULE.code,
        severity="error",
        certainty="certain" if certain else "possible",
        message=(
            f"{event.module} needs {NEEDS[event.module]}, which `{story.spelled(patch)}` removed at "
            f"{story.place(timeline, patch.location)}"
        ),
        entrypoint=timeline.entrypoint,
        location=location,
        chain=story.chain(timeline, event.trail),
        patch=story.reference(patch),
        help=f"Run {event.module} in a process that is not patched.",
    )


RULE = Rule.of("PAT210", "removed-name", __doc__, check)
