"""``timeline --format json``: a public, versioned format, described by ``schemas/timeline.schema.json``."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from patchlint.model.events import (
    Capture,
    Event,
    Forgotten,
    Forked,
    Hooked,
    ModuleExecuted,
    Opaque,
    Patch,
    Serving,
    Started,
)
from patchlint.model.location import Trail
from patchlint.model.timeline import Timeline
from patchlint.report.look import Look
from patchlint.report.names import entrypoint_name
from patchlint.report.rows import SCHEMA_VERSION, path_and_line, stale_row


def render(timeline: Timeline, folder: str, look: Look) -> str:
    """One JSON object, one event a line, its paths absolute."""
    head = {
        "schema_version": SCHEMA_VERSION,
        "entrypoint": entrypoint_name(timeline.entrypoint, folder),
        "python": timeline.python,
        "platform": timeline.platform,
    }
    opening = json.dumps(head)[:-1]
    rows = ",\n".join(json.dumps(row) for row in events(timeline))
    return f'{opening}, "events": [\n{rows}\n]}}'


def events(timeline: Timeline) -> Iterator[dict[str, Any]]:
    """The events in order, each capture behind the execution of the module that holds it."""
    captures = _captures_by_event(timeline.events)
    for number, event in enumerate(timeline.events):
        before = isinstance(event, Patch)
        if before:
            yield from map(_capture, captures[number])
        yield _event(event)
        if not before:
            yield from map(_capture, captures[number])


def _captures_by_event(timeline_events: Sequence[Event]) -> dict[int, list[Capture]]:
    """Each stale capture once, under the number of its module's event, else of the patch that met it."""
    captures: defaultdict[int, list[Capture]] = defaultdict(list)
    executed: dict[str, int] = {}
    seen: set[tuple[str, str, str, str, int]] = set()
    for number, event in enumerate(timeline_events):
        if isinstance(event, ModuleExecuted):
            executed[event.module] = number
        elif isinstance(event, Patch):
            for capture in event.stale:
                key = (capture.kind, capture.module, capture.name, capture.origin, capture.line)
                if key not in seen:
                    seen.add(key)
                    captures[executed.get(capture.module, number)].append(capture)
    return captures


def _event(event: Event) -> dict[str, Any]:
    if isinstance(event, ModuleExecuted):
        return _module(event)
    if isinstance(event, Patch):
        return _patch(event)
    if isinstance(event, Started):
        return _started(event)
    if isinstance(event, Forked):
        return _forked(event)
    if isinstance(event, Opaque):
        return _opaque(event)
    return _aside(event)


def _module(event: ModuleExecuted) -> dict[str, Any]:
    return {
        "event": "module",
        "process": event.process,
        "module": event.module,
        "path": event.path,
        "kind": event.kind,
        "certainty": event.certainty,
        "by": _by(event.trail),
    }


def _capture(capture: Capture) -> dict[str, Any]:
    return {"event": "capture", "process": capture.process, **stale_row(capture)}


def _patch(event: Patch) -> dict[str, Any]:
    return {
        "event": "patch",
        "process": event.process,
        "library": event.library,
        "version": event.version,
        "call": event.call,
        "arguments": dict(event.arguments),
        **path_and_line(event.location),
        "by_launcher": event.by_launcher,
        "certainty": event.certainty,
        "replaced": list(event.replaced),
        "stale": [stale_row(capture) for capture in event.stale],
    }


def _started(event: Started) -> dict[str, Any]:
    return {
        "event": "process_start" if event.what == "process" else event.what,
        "process": event.process,
        "stage": event.stage,
        "subject": event.subject,
        **path_and_line(event.location),
        "green": event.green,
        "repairs": event.repairs,
        "certainty": event.certainty,
    }


def _forked(event: Forked) -> dict[str, Any]:
    return {
        "event": "fork",
        "process": event.process,
        "child": event.child,
        "count": event.count,
        "launcher": event.launcher,
        **path_and_line(event.location),
        "certainty": event.certainty,
    }


def _aside(event: Forgotten | Serving | Hooked) -> dict[str, Any]:
    """What only some rules ask for."""
    return {**_subject(event), "process": event.process, **path_and_line(event.location), "certainty": event.certainty}


def _subject(event: Forgotten | Serving | Hooked) -> dict[str, Any]:
    if isinstance(event, Forgotten):
        return {"event": "forgotten", "subject": event.subject}
    if isinstance(event, Serving):
        return {"event": "serving", "library": event.library, "what": event.what}
    return {"event": "hooked", "subject": event.subject, "call": event.call}


def _opaque(event: Opaque) -> dict[str, Any]:
    return {
        "event": "opaque",
        "process": event.process,
        "what": event.what,
        "reason": event.reason,
        **path_and_line(event.location),
    }


def _by(trail: Trail) -> dict[str, Any] | None:
    return None if trail.location is None else path_and_line(trail.location)
