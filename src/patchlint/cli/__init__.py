"""The command line: arguments in, exit status out."""

from patchlint.cli.entry import main

__all__ = ["main"]
