"""Something in the program could not be analysed.

## What it does
Says what patchlint could not see through in your own code: an import whose name is computed from what is not
known, an import that cannot be resolved, a file that cannot be parsed, a setting that is computed.

## Why is this bad
It is not: it is a note. But whatever happens there, an import or a patch, is missing from the timeline, so that
the absence of findings says less.

## Example
```python
import importlib
import os

importlib.import_module(os.environ["PLUGIN"])
```

## Use instead
Nothing, if it has to be so. An import that cannot be resolved often means that another interpreter was meant:
`patchlint --python path/to/python`.
"""

from __future__ import annotations

from collections.abc import Iterator

from patchlint.model.events import Opaque
from patchlint.model.finding import Finding
from patchlint.model.location import Location
from patchlint.model.timeline import Timeline
from patchlint.rules import story
from patchlint.rules.rule import Rule


def check(timeline: Timeline) -> Iterator[Finding]:
    """One note for each thing at a line of the program's own."""
    told: set[tuple[str, Location]] = set()
    for event in timeline.events:
        if not isinstance(event, Opaque) or event.location is None:
            continue
        key = (event.what, event.location)
        if key in told or not timeline.is_first_party(event.location.path):
            continue
        told.add(key)
        yield Finding(
            code=RULE.code,
            severity="note",
            certainty="certain",
            message=f"not analysed: {event.what} ({event.reason})",
            entrypoint=timeline.entrypoint,
            location=event.location,
            chain=story.chain(timeline, event.trail),
        )


RULE = Rule.of("PAT901", "not-analysed", __doc__, check)
