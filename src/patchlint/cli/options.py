"""Options that more than one command has, and what their values become."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from patchlint.config import Settings, did_you_mean
from patchlint.model.errors import UsageError
from patchlint.report import FORMATS, Look, Result, wants_colour

F = TypeVar("F", bound=Callable[..., Any])


def _words(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """``--select A,B --select C`` is ``(A, B, C)``."""
    return tuple(word.strip() for words in value for word in words.split(",") if word.strip())


def words(name: str, metavar: str, help_: str) -> Callable[[F], F]:
    """An option that may be repeated, and takes several values with commas."""
    return click.option(name, metavar=metavar, multiple=True, callback=_words, help=help_)


def of_the_target(function: F) -> F:
    """Which Python, which settings, which cache."""
    for decorate in (
        click.option(
            "--cache/--no-cache",
            default=None,
            help="Keep what was read of source files for the next run (the default).",
        ),
        click.option(
            "--config",
            metavar="FILE",
            type=click.Path(path_type=Path),
            help="A pyproject.toml or patchlint.toml, instead of the nearest.",
        ),
        click.option("--python", metavar="PATH", help="The program's interpreter, or its environment's folder."),
    ):
        function = decorate(function)
    return function


def of_the_look(function: F) -> F:
    """How much is said."""
    return click.option(
        "-v", "--verbose", is_flag=True, default=None, help="Leave nothing out, and say where the time went."
    )(function)


def look(verbose: bool, quiet: bool = False) -> Look:
    """How the report on standard output is to look."""
    colour = sys.stdout is not None and wants_colour(sys.stdout, os.environ)
    return Look(colour, verbose, quiet)


def renderer(settings: Settings) -> Callable[[Result, Look], str]:
    """The form of the report.  Raises UsageError for one that there is not."""
    if settings.format not in FORMATS:
        known = list(FORMATS)
        raise UsageError(f"{settings.file}: no format {settings.format!r}{did_you_mean(settings.format, known)}")
    return FORMATS[settings.format]
