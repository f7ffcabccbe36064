"""Tells an answer anew that still holds, but for the lines that it names: they have moved, or read differently."""

from __future__ import annotations

import json
from collections.abc import Mapping

from patchlint.answers.kept import Answer
from patchlint.cli.complaints import complaints
from patchlint.report import FORMATS, Look, Result
from patchlint.report.moving import LostError, packed, unpacked


def told_from(result: Result, form: str, look: Look) -> str:
    """All that it takes to tell a result in a form; empty where it cannot be kept."""
    if has_proposals(result):
        return ""
    try:
        return json.dumps([form, look.colour, look.verbose, look.quiet, packed(result)])
    except TypeError:
        return ""


def has_proposals(result: Result) -> bool:
    """Whether changes are told, which name lines and repeat what stands in them."""
    return any(finding.proposals for finding in result.findings)


def told_anew(answer: Answer, moves: Mapping[str, Mapping[int, int]]) -> Answer | None:
    """The answer with every line where it is now; None where that is not known of one."""
    try:
        form, colour, verbose, quiet, kept = json.loads(answer.told_from)
        result, look = unpacked(kept, moves), Look(colour, verbose, quiet)
    except (LostError, ValueError, KeyError, TypeError):
        return None
    return told(result, form, look, answer.status)


def told(result: Result, form: str, look: Look, status: int) -> Answer:
    """A result in words."""
    text = FORMATS[form](result, look)
    output = f"{text}\n" if text else ""
    complained = complaints(result.problems, result.folder)
    return Answer(output, complained, status, told_from(result, form, look), verbose=look.verbose)
