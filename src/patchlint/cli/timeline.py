"""``patchlint timeline``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from patchlint.answers.kept import Answer
from patchlint.cli.answering import Eyes, answered
from patchlint.cli.complaints import complaints
from patchlint.cli.launch import LaunchCommand
from patchlint.cli.options import look, of_the_look, of_the_target
from patchlint.clock import Part
from patchlint.report import TIMELINE_FORMATS


@click.command(cls=LaunchCommand)
@click.argument("entrypoint", required=False)
@click.option(
    "--format", "form", type=click.Choice(list(TIMELINE_FORMATS)), default="text", show_default=True, help="The form."
)
@of_the_target
@of_the_look
def timeline(
    entrypoint: str | None,
    launch: tuple[str, ...],
    form: str,
    config: Path | None,
    verbose: bool | None,
    **options: Any,
) -> int:
    """Show the start-up of ENTRYPOINT, or of COMMAND: what is imported, patched, forked and started, in order.

    ENTRYPOINT is a file, module:object, or a folder in which one thing is started.
    """
    if (entrypoint is None) == (not launch):
        raise click.UsageError("name one ENTRYPOINT, or a COMMAND after `--`", click.get_current_context())
    return answered(lambda eyes: _worked_out(entrypoint, launch, form, config, options | {"verbose": verbose}, eyes))


def _worked_out(
    entrypoint: str | None,
    launch: tuple[str, ...],
    form: str,
    config: Path | None,
    options: Mapping[str, Any],
    eyes: Eyes,
) -> tuple[Answer, bool]:
    from patchlint import api
    from patchlint.config import load

    folder = os.getcwd()
    verbose = bool(options["verbose"])
    settings = load(
        api.start_of([entrypoint] if entrypoint else [], folder),
        config,
        {name: value for name, value in options.items() if name != "verbose"},
    )
    problems = () if settings.problem is None else api.problems_of(settings)
    eyes.clock.runs = verbose
    line = api.timeline(entrypoint, launch, settings, folder, *eyes.for_api())
    with eyes.clock.part(Part.REPORT):
        output = TIMELINE_FORMATS[form](line, folder, look(verbose)) + "\n"
    eyes.clock.turn_to(Part.KEEPING)
    return Answer(output, complaints(problems, folder), 2 if problems else 0, verbose=verbose), settings.cache
