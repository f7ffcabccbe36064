"""What could not be analysed, in one line each on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

from patchlint.report import Look, Problem, shown_path, wants_colour


def complain(problems: Iterable[Problem], folder: str) -> None:
    """Tell of each on standard error."""
    import click

    click.echo(complaints(problems, folder), err=True, color=True, nl=False)


def complaints(problems: Iterable[Problem], folder: str) -> str:
    """A line for each, with paths relative to ``folder``; the traceback of a bug of ours where it is asked for."""
    lines = []
    colour = sys.stderr is not None and wants_colour(sys.stderr, os.environ)
    for problem in problems:
        lines.append(_line(problem, folder, Look(colour)))
        if problem.detail and os.environ.get("PATCHLINT_DEBUG"):
            lines.append(problem.detail)
    return "".join(f"{line}\n" for line in lines)


def _line(problem: Problem, folder: str, style: Look) -> str:
    place = shown_path(problem.path, folder) if problem.path else "patchlint"
    line = f":{problem.line}" if problem.line else ""
    return f"{place}{line}: {style.paint('error', 'error')}: {problem.message}"
