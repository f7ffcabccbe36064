"""How bad a stale capture is: the one place where a rule asks more than the timeline."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from patchlint import knowledge
from patchlint.model.events import Capture, Certainty, Patch
from patchlint.model.finding import Severity
from patchlint.model.timeline import Timeline

ORDER: Final[dict[Severity, int]] = {"error": 0, "warning": 1, "note": 2}


def harm(timeline: Timeline, patch: Patch, capture: Capture) -> knowledge.Harm:
    """What was seen to happen with such a capture, under this library and this Python."""
    major, minor = (int(part) for part in timeline.python.split(".")[:2])
    return knowledge.harm(patch.library, patch.version, (major, minor), capture.kind, capture.origin)


def rank(severity: Severity, capture: Capture) -> tuple[int, bool, bool]:
    """The worst first: what is certain, and what ends every TLS connection, before its equals."""
    return ORDER[severity], capture.certainty == "possible", not capture.origin.startswith("ssl.")


def worst(severities: Iterable[Severity]) -> Severity:
    """The most severe one; ``note`` where there is none."""
    return min(severities, key=ORDER.__getitem__, default="note")


def certainty(parts: Iterable[Certainty]) -> Certainty:
    """``certain`` as soon as one part is."""
    return "certain" if "certain" in set(parts) else "possible"
