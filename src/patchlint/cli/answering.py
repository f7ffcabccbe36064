"""How the commands that work something out do so: watched, and with their answer kept for the next run."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import click

from patchlint.answers.kept import Answer
from patchlint.answers.witness import Witness
from patchlint.cli import recalling
from patchlint.cli.progress import Progress
from patchlint.clock import Clock


@dataclass(frozen=True, slots=True)
class Asked:
    """The command line, and when it was given, by ``time.perf_counter``."""

    arguments: tuple[str, ...]
    started: float


@dataclass(frozen=True, slots=True)
class Eyes:
    """All that watches a run: for its answer to be kept, for those who wait, and for where the time goes."""

    watch: Witness | None
    progress: Progress
    clock: Clock

    def for_api(self) -> tuple[Any, ...]:
        """The last arguments of a function of the api."""
        if self.watch is None:
            return os.environ, self.progress.played, self.clock
        return self.watch.environ, self._played, self.clock

    def _played(self, sources: Mapping[str, Any]) -> None:
        if self.watch is not None:
            self.watch.played(sources)
        self.progress.played(sources)


def answered(work: Callable[[Eyes], tuple[Answer, bool]]) -> int:
    """Tell the answer, and keep it where ``work`` says that it may be kept; the exit status.

    The clock that ``work`` is given stands still until that lets it run.
    """
    asked: Asked | None = click.get_current_context().obj
    clock = Clock(time.perf_counter() if asked is None else asked.started, runs=False)
    with Progress() as progress:
        eyes = Eyes(None, progress, clock)
        if asked is None:
            answer = work(eyes)[0]
        else:
            answer = recalling.working_out(asked.arguments, os.environ, lambda watch: work(replace(eyes, watch=watch)))
    click.echo(answer.complaints, err=True, color=True, nl=False)
    click.echo(answer.output, color=True, nl=False)
    if clock.runs:
        click.echo("\n".join(clock.lines()), err=True)
    return answer.status
