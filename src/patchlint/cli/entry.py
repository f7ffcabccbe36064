"""``patchlint``: runs a command, and puts whatever goes wrong into one line."""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Sequence
from difflib import get_close_matches

import click

from patchlint import __version__
from patchlint.cli.answering import Asked
from patchlint.cli.cache import cache
from patchlint.cli.check import check
from patchlint.cli.rule import rule
from patchlint.cli.rules import rules
from patchlint.cli.timeline import timeline
from patchlint.model.errors import FileError, PatchlintError

USAGE = 2
INTERRUPTED = 130
NOBODY_READS = 141
"""128 + SIGPIPE, as a shell reports a program that wrote to a closed pipe."""


class CheckUnlessNamed(click.Group):
    """``patchlint PATHS...`` is ``patchlint check PATHS...``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``check`` in front of arguments that name no command; show the help where there are none."""
        own = {option for param in self.get_params(ctx) for option in param.opts}
        if not args:
            args = ["--help"]
        elif args[0] not in self.commands and args[0] not in own:
            self._question(args[0])
            args = ["check", *args]
        return super().parse_args(ctx, args)

    def _question(self, word: str) -> None:
        near = get_close_matches(word, self.commands, n=1, cutoff=0.75)
        if near and not os.path.lexists(word):
            raise click.UsageError(f"{word!r} is no file, no folder and no command (did you mean {near[0]!r}?)")


@click.group(cls=CheckUnlessNamed, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "--version", "-V", message="patchlint %(version)s")
def patchlint() -> None:
    """Find what is imported too early for gevent's and eventlet's monkey patching.

    Nothing of the program is run. `patchlint PATHS...` is `patchlint check PATHS...`.
    """


for command in (check, timeline, rule, rules, cache):
    patchlint.add_command(command)


def run(arguments: Sequence[str], started: float) -> int:
    """Run the command line, which ``started`` then by ``time.perf_counter``, and return the exit status."""
    _tolerate_odd_names()
    try:
        status = _run(list(arguments), started)
        if sys.stdout is not None:
            sys.stdout.flush()
        return status
    except click.ClickException as error:
        return _complain(f"{error.format_message()} (see `{_command(error)} --help`)")
    except FileError as error:
        return _complain_of_file(error)
    except PatchlintError as error:
        return _complain(str(error))
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        _read_by_nobody()
        return NOBODY_READS
    except Exception as error:  # noqa: BLE001  (the last line of defence: never a traceback unasked)
        return _own_fault(error)


def _run(arguments: list[str], started: float) -> int:
    """Click's own ``main`` ends with 1 when nobody reads on, which here would mean findings."""
    try:
        with patchlint.make_context("patchlint", arguments, obj=Asked(tuple(arguments), started)) as context:
            status = patchlint.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code
    return status if isinstance(status, int) else 0


def _complain(message: str) -> int:
    click.echo(f"patchlint: error: {message}", err=True)
    return USAGE


def _complain_of_file(error: FileError) -> int:
    place = f"{error.path}:{error.line}" if error.line else error.path
    click.echo(f"{place}: error: {error.reason}", err=True)
    return USAGE


def _command(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    return "patchlint" if context is None else context.command_path


def _own_fault(error: Exception) -> int:
    if os.environ.get("PATCHLINT_DEBUG"):
        traceback.print_exception(error)
    if isinstance(error, OSError):
        return _complain(str(error))
    return _complain(
        f"patchlint failed: {type(error).__name__}: {error}; "
        "please report this, with the traceback that PATCHLINT_DEBUG=1 shows"
    )


def _tolerate_odd_names() -> None:
    """A file name or a source line that the terminal cannot show is escaped, not fatal."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _read_by_nobody() -> None:
    """Keep the interpreter from complaining once more when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
