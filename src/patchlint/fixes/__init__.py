"""Proposed edits: which changes fit a finding, what a play of each shows, and how they are written."""

from patchlint.fixes.candidates import candidates
from patchlint.fixes.proof import Played, verdict
from patchlint.fixes.texts import edited
from patchlint.fixes.writing import unified, write

__all__ = ["Played", "candidates", "edited", "unified", "verdict", "write"]
