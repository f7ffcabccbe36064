"""What the two JSON formats spell alike."""

from __future__ import annotations

from typing import Any

from patchlint.model.events import Capture
from patchlint.model.location import Location

SCHEMA_VERSION = 1


def stale_row(capture: Capture) -> dict[str, Any]:
    """A stale name, as both formats have it."""
    return {
        "kind": capture.kind,
        "module": capture.module,
        "name": capture.name,
        "origin": capture.origin,
        "path": capture.path,
        "line": capture.line,
        "certainty": capture.certainty,
    }


def path_and_line(location: Location | None) -> dict[str, Any]:
    """The two keys of a place; null and 0 where there is none."""
    if location is None:
        return {"path": None, "line": 0}
    return {"path": location.path, "line": location.line}
