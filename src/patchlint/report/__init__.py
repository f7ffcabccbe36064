"""Puts what a run has to say into words: one file for each form."""

from collections.abc import Callable, Mapping

from patchlint.model.timeline import Timeline
from patchlint.report import json, text, timeline_json, timeline_text
from patchlint.report.look import Look, wants_colour
from patchlint.report.names import shown_path
from patchlint.report.result import Problem, Python, Result

FORMATS: Mapping[str, Callable[[Result, Look], str]] = {"text": text.render, "json": json.render}
"""The forms that ``check --format`` offers."""

TIMELINE_FORMATS: Mapping[str, Callable[[Timeline, str, Look], str]] = {
    "text": timeline_text.render,
    "json": timeline_json.render,
}
"""The forms that ``timeline --format`` offers; the second argument is the folder to show paths relative to."""

__all__ = ["FORMATS", "TIMELINE_FORMATS", "Look", "Problem", "Python", "Result", "shown_path", "wants_colour"]
