"""Something in the program could not be analysed.

## What it does
Says what patchlint could not see through in your own code: an import whose name is computed from what is not
known, an import that cannot be resolved, a file that cannot be parsed, a setting that is computed.

## Why is this bad
It is not: it is a note. But whatever happens there, an import or a patch, is missing from the timeline, so that
the absence of findings says less. Where gevent, eventlet or the server cannot be found, it is likely that the wrong
environment is looked at, and the absence of findings says little: that is a warning. Only where gevent or eventlet
is all that is missing it is a note again, since what their patches replace is known without them. A command that
would refuse its options or its configuration is a warning too, where what it would write is known.

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

import re
from collections.abc import Iterator
from typing import Final

from patchlint.model.events import Opaque
from patchlint.model.finding import Finding
from patchlint.model.location import LAUNCH, Location
from patchlint.model.timeline import Timeline
from patchlint.rules import story
from patchlint.rules.rule import Rule

_MISSING: Final = re.compile(
    r"raises ModuleNotFoundError: No module named '(?P<raised>[\w.]+)'|^(?P<module>[\w.]+) cannot be found"
)
_PATCHING: Final = frozenset({"gevent", "eventlet"})
_SERVERS: Final = frozenset({"gunicorn", "celery", "locust", "huey", "dramatiq"})


def check(timeline: Timeline) -> Iterator[Finding]:
    """One note for each thing at a line of the program's own."""
    told: set[tuple[str, Location]] = set()
    missed = {_name(event).partition(".")[0] for event in timeline.events if isinstance(event, Opaque)} - {""}
    for event in timeline.events:
        if isinstance(event, Opaque) and _is_refusal(timeline, event):
            yield _refused(timeline, event)
            continue
        if not isinstance(event, Opaque) or event.location is None:
            continue
        key = (event.what, event.location)
        if key in told or not timeline.is_first_party(event.location.path):
            continue
        told.add(key)
        if _name(event):
            yield _missing(timeline, event, event.location, missed)
        else:
            yield _not_seen(timeline, event, event.location)


def _is_refusal(timeline: Timeline, event: Opaque) -> bool:
    """Whether a launcher ended by itself, at no line of the program's own."""
    is_ours = event.location is not None and timeline.is_first_party(event.location.path)
    return event.what == "program" and event.reason.startswith("ended with SystemExit") and not is_ours


_COMPLAINT: Final = "after it wrote"
"""Where a command says itself why it ends, it is sure to end."""


def _refused(timeline: Timeline, event: Opaque) -> Finding:
    start = timeline.entrypoint
    return Finding(
        code=RULE.code,
        severity="warning" if _COMPLAINT in event.reason else "note",
        certainty="certain",
        message=f"the command {event.reason}, as it does where it refuses its options or its configuration:"
        " what it would start otherwise is told as far as it is known",
        entrypoint=start,
        location=start.origin or LAUNCH,
        chain=story.chain(timeline, event.trail),
    )


def _name(event: Opaque) -> str:
    """The module that cannot be found, if that is what an event tells."""
    found = _MISSING.search(event.reason)
    return (found["module"] or found["raised"]) if found else ""


def _not_seen(timeline: Timeline, event: Opaque, location: Location) -> Finding:
    return Finding(
        code=RULE.code,
        severity="note",
        certainty="certain",
        message=_message(event),
        entrypoint=timeline.entrypoint,
        location=location,
        chain=story.chain(timeline, event.trail),
    )


def _message(event: Opaque) -> str:
    """What the reader does not learn, and why."""
    rest = "what the rest of it imports, patches and starts is missing here"
    if event.what == "import":
        return f"what is imported here is not known ({event.reason}), nor what that imports, patches and starts"
    if event.what == "exec":
        return f"what is executed here is not known ({event.reason}), nor what it imports, patches and starts"
    if event.what in ("statement", "call"):
        return f"not followed to its end ({event.reason}): {rest}"
    if event.what == "program":
        return f"the program {event.reason} here, started as it was: what comes after that is not known"
    return f"not analysed: {event.what} ({event.reason})"


def _missing(timeline: Timeline, event: Opaque, location: Location, missed: set[str]) -> Finding:
    """A module that is not there, which the program does not provide for."""
    module = _name(event)
    top = module.partition(".")[0]
    stood_in = top in _PATCHING and event.what == "module" and missed <= _PATCHING
    rest = "what its patch replaces is known without it" if stood_in else "so what it imports and patches is not known"
    is_grave = top in _PATCHING | _SERVERS and not stood_in
    return Finding(
        code=RULE.code,
        severity="warning" if is_grave else "note",
        certainty="certain",
        message=f"no module named {module!r} can be found, {rest}",
        entrypoint=timeline.entrypoint,
        location=location,
        chain=story.chain(timeline, event.trail),
        help="Name the environment that the program runs in: --python PATH, or `python` in [tool.patchlint].",
    )


RULE = Rule.of("PAT901", "not-analysed", __doc__, check)
