"""A name was bound before the patch that replaces it, and keeps the unpatched object.

## What it does
Looks, at each monkey patch, for references to what it replaces that were made earlier: a `from ssl import
SSLContext`, a class attribute, a parameter's default, a subclass, a lock or a TLS context made while a module
was imported. They are grouped by the line of your own code that brought them in, worst first.

## Why is this bad
Patching replaces attributes of modules. It cannot reach a name that was bound before, so that module goes on
with the unpatched object. What comes of it depends on the name: with `ssl.SSLContext` every TLS connection ends
in a `RecursionError`, `time.sleep` and `socket.socket` block every greenlet of the process, a lock no longer
excludes. Names that look up what they need when they are used do no visible harm; these are notes.

`import ssl` and then `ssl.SSLContext(...)` is always fine: the module is patched in place.

## Example
```python
import requests  # urllib3 says: from ssl import SSLContext
from gevent import monkey

monkey.patch_all()
```

## Use instead
```python
from gevent import monkey

monkey.patch_all()

import requests
```
Under a server that patches in its workers (gunicorn's gevent worker does), whatever the master imports comes
before the patch. Patch at the top of the file that the master executes first, or have the workers load the
application (no preload). Where the master has to keep real threads, `monkey.patch_ssl()` alone, as its first
statement, mends TLS and leaves threads alone.

## What is not reported
What the interpreter, the patching library and the launcher import for themselves, and the references inside
the standard library that stand there in a program that patches first, too. What a wrapper command or a plugin
brings in (`newrelic-admin run-program ...`) is located at the launch command, because no line of the program
is at fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from patchlint.model.events import Capture, Certainty, Patch
from patchlint.model.finding import Finding, Severity
from patchlint.model.location import LAUNCH, Location
from patchlint.model.timeline import Timeline
from patchlint.rules import processes, severities, story
from patchlint.rules.blame import Blame
from patchlint.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class Row:
    """A stale capture, and what was seen to come of it."""

    capture: Capture
    severity: Severity
    sentence: str


def check(timeline: Timeline) -> Iterator[Finding]:
    """One finding for each line to blame and each patch, in the order of the captures."""
    told: set[tuple[str, str, str]] = set()
    for patch in processes.patches(timeline):
        for location, captures in _by_line(timeline, patch, told).items():
            yield _finding(timeline, patch, location, captures)


def _by_line(timeline: Timeline, patch: Patch, told: set[tuple[str, str, str]]) -> dict[Location, list[Capture]]:
    """The captures that a patch leaves stale, by the line to blame; what an earlier patch left is ``told``."""
    judge = Blame.on(timeline, {patch.library})
    lines: dict[Location, list[Capture]] = {}
    for capture in patch.stale:
        key = (capture.module, capture.name, capture.origin)
        location = judge.of_capture(capture)
        if location is not None and key not in told:
            told.add(key)
            lines.setdefault(location, []).append(capture)
    return lines


def _finding(timeline: Timeline, patch: Patch, location: Location, captures: list[Capture]) -> Finding:
    rows = [_row(timeline, patch, capture) for capture in captures]
    rows.sort(key=lambda row: severities.rank(row.severity, row.capture))
    first = _source([row.capture for row in rows if _alike(row, rows[0])])
    return Finding(
        code=RULE.code,
        severity=rows[0].severity,
        certainty=_certainty(patch, rows),
        message=_message(timeline, patch, location, rows),
        entrypoint=timeline.entrypoint,
        location=location,
        chain=story.chain(timeline, first.trail, story.binding_link(first)),
        patch=story.reference(patch),
        stale=tuple(row.capture for row in rows),
        help=_help(timeline, patch, location, first),
    )


def _source(captures: list[Capture]) -> Capture:
    """Of a name and those who took it over, the one that it was taken from: the end of the story."""
    heirs = [capture for capture in captures if captures[0].trail in capture.trail.upwards()]
    return max(heirs, key=lambda capture: len(capture.trail.links()))


def _row(timeline: Timeline, patch: Patch, capture: Capture) -> Row:
    harm = severities.harm(timeline, patch, capture)
    return Row(capture, harm.severity, harm.sentence)


def _certainty(patch: Patch, rows: list[Row]) -> Certainty:
    """As certain as the patch and the worst of the rows."""
    if patch.certainty == "possible":
        return "possible"
    return severities.certainty(row.capture.certainty for row in rows if row.severity == rows[0].severity)


def _message(timeline: Timeline, patch: Patch, location: Location, rows: list[Row]) -> str:
    worst = rows[0]
    alike = [row.capture for row in rows if _alike(row, worst)]
    modules = list(dict.fromkeys(capture.module for capture in alike))
    rest = len(rows) - len(alike)
    return (
        f"{_culprit(timeline, patch, location, worst.capture)} leaves {worst.capture.origin} stale in "
        f"{story.listing(modules)} ({worst.sentence})"
        + (f", and {story.several(rest, 'more reference')}" if rest else "")
    )


def _alike(row: Row, worst: Row) -> bool:
    return (row.capture.origin, row.sentence) == (worst.capture.origin, worst.sentence)


def _culprit(timeline: Timeline, patch: Patch, location: Location, capture: Capture) -> str:
    if location == Location(capture.path or "", capture.line):
        return f"`{story.binding(capture)}`"
    if location == patch.location:  # gevent looks at all objects, and so loads those that are loaded late
        return f"`{story.spelled(patch)}` itself"
    link = timeline.first_party_link(capture.trail)
    return "the launch command" if link is None else f"`{link.what}`"


def _help(timeline: Timeline, patch: Patch, location: Location, capture: Capture) -> str:
    if location in (LAUNCH, timeline.entrypoint.origin):
        return "What the launch command loads comes before the patch: start without it, or load it after the patch."
    if location == patch.location:
        return (
            "The patch loads what is loaded late: import it by its name after the patch, or patch before it is there."
        )
    if not patch.by_launcher:
        return f"Call {patch.call}() before this line: it comes at {story.place(timeline, patch.location)}."
    return f"Call {patch.call}() at the top of {story.first_file(timeline)}, before anything else is imported" + (
        _worker_help(capture) if patch.process != capture.process else "."
    )


def _worker_help(capture: Capture) -> str:
    alone = "; `gevent.monkey.patch_ssl()` alone there keeps real threads" if capture.origin.startswith("ssl.") else ""
    return f", or load the application in the workers (no preload){alone}."


RULE = Rule.of("PAT101", "stale-reference", __doc__, check)
