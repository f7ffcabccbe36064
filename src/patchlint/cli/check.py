"""``patchlint check``."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from patchlint.answers.kept import SECONDS, Answer
from patchlint.cli.answering import Eyes, answered
from patchlint.cli.launch import LaunchCommand
from patchlint.cli.mend import mended
from patchlint.cli.options import look, of_the_look, of_the_target, renderer, words
from patchlint.cli.retelling import has_proposals, told
from patchlint.clock import Part
from patchlint.report import FORMATS

if TYPE_CHECKING:
    from patchlint.config import Settings


@click.command(cls=LaunchCommand)
@click.argument("paths", nargs=-1)
@click.option("--format", type=click.Choice(list(FORMATS)), help="The form of the report (text).")
@words("--select", "CODES", "Only these rules: codes or their beginnings, with commas.")
@words("--ignore", "CODES", "All but these rules; the longer beginning wins over --select.")
@words("--exclude", "PATTERNS", "Files and folders that the search leaves out.")
@of_the_target
@click.option("--exit-zero", is_flag=True, default=None, help="End with status 0 although there are findings.")
@click.option(
    "--proposals/--no-proposals",
    default=None,
    help="Say what would mend each finding, as far as a play of it shows (on a terminal: for few findings, in brief).",
)
@click.option("--diff", is_flag=True, help="Print the first proved safe proposals as a diff, and change nothing.")
@click.option("--fix", is_flag=True, help="Carry out the first proved safe proposal of each finding.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: those too that may change what is done.")
@of_the_look
@click.option("-q", "--quiet", is_flag=True, default=None, help="One line for each finding, and nothing else.")
def check(paths: tuple[str, ...], launch: tuple[str, ...], config: Path | None, **options: Any) -> int:
    """Check what PATHS start: files, folders to search, or module:object; or what COMMAND starts.

    Without any, the setting `entrypoints` is checked, else the current folder.

    The exit status is 0 where nothing was found (notes do not count), 1 with findings, and 2 for bad
    usage, bad settings, or an input that could not be analysed.
    """
    mending = {name: options.pop(name) for name in ("diff", "fix", "unsafe_fixes")}
    if any(mending.values()):
        return mended(paths, launch, config, options, **mending)
    return answered(lambda eyes: _worked_out(paths, launch, config, options, eyes))


def _worked_out(
    paths: tuple[str, ...],
    launch: tuple[str, ...],
    config: Path | None,
    options: Mapping[str, Any],
    eyes: Eyes,
) -> tuple[Answer, bool]:
    """The answer, and whether it may be kept: not where a bug of ours had a part in it."""
    from patchlint import api
    from patchlint.config import load

    folder = os.getcwd()
    settings = load(api.start_of(paths, folder), config, options)
    renderer(settings)  # a form that there is not is told of before anything is played
    eyes.clock.runs = settings.verbose
    if _proposes(settings):
        from patchlint import mending

        propose = mending.propose if settings.proposals else mending.propose_in_brief
        result = propose(paths, launch, settings, folder, *eyes.for_api())
    else:
        result = api.check(paths, launch, settings, folder, *eyes.for_api())
    if eyes.watch is not None:
        eyes.watch.is_exact = has_proposals(result)
        eyes.watch.telling()
        result = replace(result, seconds=SECONDS)
    status = 0 if settings.exit_zero and result.exit_status == 1 else result.exit_status
    may_be_kept = settings.cache and not any(problem.detail for problem in result.problems)
    with eyes.clock.part(Part.REPORT):
        answer = told(result, settings.format, look(settings.verbose, settings.quiet), status)
    eyes.clock.turn_to(Part.KEEPING)
    return answer, may_be_kept


def _proposes(settings: Settings) -> bool:
    """Whether changes are played: not for a line for each finding, and unasked only for somebody at a terminal."""
    if settings.format == "text" and settings.quiet:
        return False
    if settings.proposals is None:
        return settings.format == "text" and sys.stdout is not None and sys.stdout.isatty()
    return settings.proposals
