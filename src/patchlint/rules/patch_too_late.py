"""The program patches after it imported what the patch replaces.

## What it does
Looks for a patch call in your own code (or an import that patches, such as `import locust`) at which something
harmful is already stale.

## Why is this bad
The position of the call decides, not the position of `from gevent import monkey`. Every import before it may
bind names that the patch can no longer reach: see `PAT101` for each of them. Import sorters move the call down,
plugins load before `conftest.py`, an innocent `from settings import TIMEOUT` pulls in a whole HTTP client.

## Example
```python
from gevent import monkey
from settings import TIMEOUT  # imports requests

monkey.patch_all()
```

## Use instead
```python
from gevent import monkey

monkey.patch_all()

from settings import TIMEOUT  # noqa: E402
```
Where the program is not the first to run (a plugin of a test runner, a wrapper command), patch before it starts:
`python -m gevent.monkey program.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

from patchlint.model.events import Patch
from patchlint.model.finding import Finding
from patchlint.model.location import Location
from patchlint.model.timeline import Timeline
from patchlint.rules import blame, processes, severities, story
from patchlint.rules.blame import Blame
from patchlint.rules.rule import Rule


def check(timeline: Timeline) -> Iterator[Finding]:
    """One finding for each patch of the program's own that came too late."""
    for patch in processes.patches(timeline):
        location = blame.of_patch(timeline, patch)
        if location is not None:
            yield from _late(timeline, patch, location)


def _late(timeline: Timeline, patch: Patch, location: Location) -> Iterator[Finding]:
    """Yield the finding if a stale capture that somebody is to blame for does harm."""
    judge = Blame.on(timeline, {patch.library})
    rows = [
        (severities.harm(timeline, patch, capture), capture)
        for capture in patch.stale
        if judge.of_capture(capture) is not None
    ]
    rows = [row for row in rows if row[0].severity != "note"]
    if not rows:
        return
    rows.sort(key=lambda row: severities.rank(row[0].severity, row[1]))
    harm, worst = rows[0]
    yield Finding(
        code=RULE.code,
        severity=harm.severity,
        certainty="possible" if patch.certainty == "possible" else worst.certainty,
        message=(
            f"`{story.spelled(patch)}` comes too late: {worst.origin} is stale by then in {worst.module} "
            f"({harm.sentence}), brought in at {story.place(timeline, judge.of_capture(worst))}"
        ),
        entrypoint=timeline.entrypoint,
        location=location,
        chain=story.chain(timeline, patch.trail, story.patch_link(patch)),
        patch=story.reference(patch),
        stale=tuple(capture for _, capture in rows),
        help=f"Patch before anything else: in the first lines of {story.first_file(timeline)}.",
    )


RULE = Rule.of("PAT201", "patch-too-late", __doc__, check)
