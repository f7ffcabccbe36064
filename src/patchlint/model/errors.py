"""Errors that a person caused and can mend: one line each, exit status 2."""

from __future__ import annotations


class PatchlintError(Exception):
    """The base of every error that patchlint reports in one line, without a traceback."""


class UsageError(PatchlintError):
    """The command line asks for something that cannot be done."""


class EnvironmentProblem(PatchlintError):
    """The target interpreter cannot be used."""


class FileError(PatchlintError):
    """Something is wrong with a file.

    ``path`` is the file, ``line`` the place (0 where there is none), ``reason`` what is wrong.
    """

    def __init__(self, path: str, line: int, reason: str) -> None:
        super().__init__(f"{path}:{line}: {reason}" if line else f"{path}: {reason}")
        self.path = path
        self.line = line
        self.reason = reason


class ConfigError(FileError):
    """A configuration file is broken or names an unknown setting."""


class SourceError(FileError):
    """A source file cannot be read or parsed."""
