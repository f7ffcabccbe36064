"""``patchlint check --proposals``, ``--diff`` and ``--fix``."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from patchlint.cli.complaints import complain
from patchlint.cli.options import look, renderer
from patchlint.config import Settings
from patchlint.model.errors import FileError
from patchlint.model.proposal import Proposal, Proved
from patchlint.report import Result, shown_path


def mended(
    paths: tuple[str, ...],
    launch: tuple[str, ...],
    config: Path | None,
    options: Mapping[str, Any],
    **wishes: bool,
) -> int:
    """Propose, and print or carry out.

    The exit status is that of the program as it is afterwards; with ``diff``, 1 where there is something to change.
    """
    from patchlint import api, mending
    from patchlint.config import load

    folder = os.getcwd()
    settings = load(api.start_of(paths, folder), config, options)
    result = mending.propose(paths, launch, settings, folder)
    chosen = list(_chosen(result, wishes["unsafe_fixes"]))
    if wishes["diff"]:
        click.echo("".join(_diffs(chosen, folder)), nl=False)
        return int(bool(chosen))
    has_failed = False
    if wishes["fix"]:
        done = [_carried_out(proposal, folder) for proposal in chosen]
        has_failed = not all(done)
        result = api.check(paths, launch, settings, folder)
    return 2 if has_failed else _reported(result, settings)


def _reported(result: Result, settings: Settings) -> int:
    complain(result.problems, result.folder)
    text = renderer(settings)(result, look(settings.verbose, settings.quiet))
    if text:
        click.echo(text, color=True)
    return 0 if settings.exit_zero and result.exit_status == 1 else result.exit_status


def _chosen(result: Result, unsafe: bool) -> Iterator[Proposal]:
    """The first proved proposal of each finding; one for a file, since the next was not played with it."""
    told: set[str] = set()
    for finding in result.findings:
        proved = (one.proposal for one in finding.proposals if isinstance(one, Proved))
        first = next((one for one in proved if unsafe or one.safety == "safe"), None)
        if first is not None and first.path not in told:
            told.add(first.path)
            yield first


def _diffs(chosen: Sequence[Proposal], folder: str) -> Iterator[str]:
    from patchlint.fixes import unified

    for proposal in chosen:
        yield unified(shown_path(proposal.path, folder), proposal.text, proposal.edits)


def _carried_out(proposal: Proposal, folder: str) -> bool:
    """Write a file, and say so; False where that cannot be."""
    from patchlint.fixes import write

    name = shown_path(proposal.path, folder)
    try:
        write(proposal.path, proposal.text, proposal.edits)
    except FileError as error:
        click.echo(f"{name}: error: {error.reason}", err=True)
        return False
    click.echo(f"{name}: {proposal.title}", err=True)
    return True
