"""How the commands that work something out do so: watched, and with their answer kept for the next run."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

import click

from patchlint.answers.kept import Answer
from patchlint.answers.witness import Witness
from patchlint.cli import recalling
from patchlint.cli.progress import Progress


def answered(work: Callable[[Witness | None, Progress], tuple[Answer, bool]]) -> int:
    """Tell the answer, and keep it where ``work`` says that it may be kept; the exit status."""
    arguments = click.get_current_context().obj
    with Progress() as progress:
        if arguments is None:
            answer = work(None, progress)[0]
        else:
            answer = recalling.working_out(arguments, os.environ, lambda watch: work(watch, progress))
    click.echo(answer.complaints, err=True, color=True, nl=False)
    click.echo(answer.output, color=True, nl=False)
    return answer.status


def watched(watch: Witness | None, progress: Progress) -> tuple[Any, ...]:
    """The last arguments of a function of the api, for it to be watched."""
    if watch is None:
        return os.environ, progress.played

    def played(sources: Mapping[str, Any]) -> None:
        watch.played(sources)
        progress.played(sources)

    return watch.environ, played
