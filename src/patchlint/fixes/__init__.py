"""Proposed edits: which changes fit a finding, what a play of each shows, and how they are written."""

from patchlint.fixes.candidates import candidates
from patchlint.fixes.imports import deferred
from patchlint.fixes.launching import launches
from patchlint.fixes.markers import marks_for
from patchlint.fixes.proof import Played, is_there, verdict
from patchlint.fixes.starting import starts
from patchlint.fixes.texts import by_file, changed, collide, edited
from patchlint.fixes.writing import unified, write

__all__ = [
    "Played",
    "by_file",
    "candidates",
    "changed",
    "collide",
    "deferred",
    "edited",
    "is_there",
    "launches",
    "marks_for",
    "starts",
    "unified",
    "verdict",
    "write",
]
