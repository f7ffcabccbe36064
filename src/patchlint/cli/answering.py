"""How the commands that work something out do so: watched, and with their answer kept for the next run."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import click

from patchlint.answers.kept import Answer
from patchlint.answers.witness import Witness
from patchlint.cli import recalling


def answered(work: Callable[[Witness | None], tuple[Answer, bool]]) -> int:
    """Tell the answer, and keep it where ``work`` says that it may be kept; the exit status."""
    arguments = click.get_current_context().obj
    answer = work(None)[0] if arguments is None else recalling.working_out(arguments, os.environ, work)
    click.echo(answer.complaints, err=True, color=True, nl=False)
    click.echo(answer.output, color=True, nl=False)
    return answer.status


def watched(watch: Witness | None) -> tuple[Any, ...]:
    """The last arguments of a function of the api, for it to be watched."""
    return () if watch is None else (watch.environ, watch.played)
