"""``patchlint check --diff`` and ``--fix``."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click

from patchlint.cli.complaints import complain
from patchlint.cli.options import look, renderer
from patchlint.cli.progress import Progress
from patchlint.config import Settings
from patchlint.model.errors import FileError, UsageError
from patchlint.model.proposal import Proposal
from patchlint.report import Result, shown_path


def mended(
    paths: tuple[str, ...],
    launch: tuple[str, ...],
    config: Path | None,
    options: Mapping[str, Any],
    **wishes: bool,
) -> int:
    """Find what mends, and print it or carry it out.  Raises UsageError where neither is asked for.

    The exit status is that of the program as it is afterwards; with ``diff``, 1 where there is something to change.
    """
    from patchlint import api, mending
    from patchlint.config import load

    folder = os.getcwd()
    settings = load(api.start_of(paths, folder), config, options)
    if not wishes["diff"] and not wishes["fix"]:
        raise UsageError("--unsafe-fixes needs --fix or --diff beside it")
    with Progress():
        result, chosen = mending.mend(paths, launch, settings, folder, unsafe=wishes["unsafe_fixes"])
    if wishes["diff"]:
        click.echo("".join(_diffs(chosen, folder)), nl=False)
        return int(bool(chosen))
    for _ in range(ROUNDS):  # what did not go with the rest may do so afterwards
        if not chosen:
            break
        if not _carried_out(chosen, folder):
            return 2
        with Progress():
            result, chosen = mending.mend(paths, launch, settings, folder, unsafe=wishes["unsafe_fixes"])
    return _reported(result, settings)


ROUNDS: Final = 4
"""Times that ``--fix`` looks again; a second run of it should have nothing to do."""


def _reported(result: Result, settings: Settings) -> int:
    complain(result.problems, result.folder)
    text = renderer(settings)(result, look(settings.verbose, settings.quiet))
    if text:
        click.echo(text, color=True)
    return 0 if settings.exit_zero and result.exit_status == 1 else result.exit_status


def _diffs(chosen: Sequence[Proposal], folder: str) -> Iterator[str]:
    from patchlint.fixes import by_file, unified

    for source, edits in by_file(chosen):
        yield unified(shown_path(source.path, folder), source.text, edits)


def _carried_out(chosen: Sequence[Proposal], folder: str) -> bool:
    """Write the files, and say so; False where one cannot be written, and so none is: they were played together."""
    from patchlint.fixes import by_file, write

    try:
        write(by_file(chosen))
    except FileError as error:
        click.echo(f"{shown_path(error.path, folder)}: error: {error.reason}; nothing was changed", err=True)
        return False
    for proposal in chosen:
        names = " and ".join(shown_path(path, folder) for path in proposal.places)
        click.echo(f"{names}: {proposal.title}", err=True)
    return True
