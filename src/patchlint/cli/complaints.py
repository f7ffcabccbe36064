"""What could not be analysed, in one line each on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

import click

from patchlint.report import Look, Problem, shown_path, wants_colour


def complain(problems: Iterable[Problem], folder: str) -> None:
    """One line for each, with paths relative to ``folder``; the traceback of a bug of ours where it is asked for."""
    colour = sys.stderr is not None and wants_colour(sys.stderr, os.environ)
    for problem in problems:
        click.echo(_line(problem, folder, Look(colour)), err=True, color=True)
        if problem.detail and os.environ.get("PATCHLINT_DEBUG"):
            click.echo(problem.detail, err=True)


def _line(problem: Problem, folder: str, style: Look) -> str:
    place = shown_path(problem.path, folder) if problem.path else "patchlint"
    line = f":{problem.line}" if problem.line else ""
    return f"{place}{line}: {style.paint('error', 'error')}: {problem.message}"
