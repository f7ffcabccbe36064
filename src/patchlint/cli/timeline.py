"""``patchlint timeline``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from patchlint.cli.complaints import complain
from patchlint.cli.launch import LaunchCommand
from patchlint.cli.options import look, of_the_look, of_the_target
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
    from patchlint import api
    from patchlint.config import load

    folder = os.getcwd()
    settings = load(api.start_of([entrypoint] if entrypoint else [], folder), config, options)
    if settings.problem is not None:
        complain(api.problems_of(settings), folder)
    line = api.timeline(entrypoint, launch, settings, folder)
    click.echo(TIMELINE_FORMATS[form](line, folder, look(bool(verbose))), color=True)
    return 0 if settings.problem is None else 2
