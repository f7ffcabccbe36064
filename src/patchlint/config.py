"""Settings: the defaults, then the configuration file, then the command line.

The file is ``patchlint.toml``, or the ``[tool.patchlint]`` table of ``pyproject.toml``; its keys are
the names of the command line's options.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from patchlint.model.errors import ConfigError, UsageError


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run was asked to do.

    ``python`` is an interpreter or an environment's folder, None to look for one; ``select`` and
    ``ignore`` are rule codes or their beginnings; ``entrypoints`` are files, ``module:object`` or
    launch commands; ``exclude`` are patterns of files and folders that a search leaves out; ``proposals`` is None
    to have them where somebody waits at a terminal.
    ``file`` is the configuration file that was read, ``given`` the names set on the command line,
    ``problem`` what is wrong with a configuration file that was therefore set aside.
    """

    python: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    entrypoints: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    format: str = "text"
    cache: bool = True
    verbose: bool = False
    quiet: bool = False
    exit_zero: bool = False
    proposals: bool | None = None
    file: str | None = None
    given: frozenset[str] = frozenset()
    problem: ConfigError | None = None

    def apply_file(self, file: ConfigFile) -> Settings:
        """These settings, overridden by a file's.  Raises ConfigError, with file and line."""
        return replace(self, file=str(file.path), **dict(_checked(file)))

    def apply_command_line(self, options: Mapping[str, Any]) -> Settings:
        """These settings, overridden by the options that were given (neither None nor empty)."""
        given = {name: value for name, value in options.items() if value not in (None, ())}
        return replace(self, given=self.given | given.keys(), **given)

    def wants(self, code: str) -> bool:
        """Whether a rule is selected: of the beginnings that fit, the longest decides, and a draw is for ``ignore``."""
        selected = max((len(prefix) for prefix in self.select if code.startswith(prefix.upper())), default=-1)
        ignored = max((len(prefix) for prefix in self.ignore if code.startswith(prefix.upper())), default=-1)
        return ignored < selected if self.select else ignored < 0

    def require_known(self, codes: Sequence[str]) -> None:
        """Raises UsageError for a selected or ignored code that no rule has or begins with."""
        for option in ("select", "ignore"):
            for prefix in getattr(self, option):
                if not prefix or not any(code.startswith(prefix.upper()) for code in codes):
                    where = f"--{option}" if option in self.given else f"{self.file}: {option}"
                    raise UsageError(f"{where}: no rule {prefix!r}{did_you_mean(prefix.upper(), list(codes))}")

    @property
    def folder(self) -> str | None:
        """The folder of the configuration file: what the file names is relative to it."""
        return None if self.file is None else os.path.dirname(self.file)


DEFAULTS = Settings()


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A configuration file: its path, its text, and the table that is ours."""

    path: Path
    text: str
    table: Mapping[str, Any]

    def line_of(self, key: str) -> int:
        """The line that sets ``key``, else the line of the table's header, else 1."""
        name = rf"""(?:["']?{re.escape(key)}["']?)"""
        inside = self.path.name != "pyproject.toml"
        header = 1
        for number, line in enumerate(self.text.splitlines(), 1):
            if line.lstrip().startswith("["):
                inside = re.match(r"\s*\[\s*tool\s*\.\s*patchlint\s*\]", line) is not None
                header = number if inside else header
            elif re.match(rf"\s*{name}\s*=" if inside else rf"\s*(?:tool\.)?patchlint\.{name}\s*=", line):
                return number
        return header


def load(start: Path, explicit: Path | None, options: Mapping[str, Any]) -> Settings:
    """The defaults, then the file, then the command line's options.

    A broken file that was merely found is set aside, and told of in ``problem``.
    Raises ConfigError for a broken one that was asked for.
    """
    settings = DEFAULTS
    try:
        file = find_config(start) if explicit is None else read_config(explicit)
        settings = settings if file is None else settings.apply_file(file)
    except ConfigError as error:
        if explicit is not None:
            raise
        settings = replace(settings, problem=error)
    return settings.apply_command_line(options)


def find_config(start: Path) -> ConfigFile | None:
    """The nearest configuration file in ``start`` or above it, up to the repository's root.

    A ``pyproject.toml`` without a ``[tool.patchlint]`` table is passed by.
    Raises ConfigError where a file on the way is broken.
    """
    for folder in (start, *start.parents):
        for name in ("patchlint.toml", "pyproject.toml"):
            if (folder / name).is_file() and (file := read_config(folder / name)) is not None:
                return file
        if (folder / ".git").exists() or (folder / ".hg").exists():
            break
    return None


def read_config(path: Path) -> ConfigFile | None:
    """Read one file; None for a ``pyproject.toml`` that does not speak of patchlint.

    Raises ConfigError where the file cannot be read or parsed.
    """
    text, document = read_toml(path)
    if path.name != "pyproject.toml":
        return ConfigFile(path, text, document)
    tool = document.get("tool")
    table = tool.get("patchlint") if isinstance(tool, dict) else None
    if table is None:
        return None
    if not isinstance(table, dict):
        raise ConfigError(str(path), 0, "[tool.patchlint] is not a table")
    return ConfigFile(path, text, table)


def read_toml(path: Path) -> tuple[str, dict[str, Any]]:
    """A TOML file's text and content.  Raises ConfigError, with the line where there is one."""
    import tomli

    try:
        text = path.read_bytes().decode("utf-8")
        return text, tomli.loads(text)
    except OSError as error:
        raise ConfigError(str(path), 0, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(
            str(path), error.object[: error.start].count(b"\n") + 1, "is not UTF-8: save it as UTF-8"
        ) from error
    except tomli.TOMLDecodeError as error:
        raise _broken(path, str(error)) from error
    except RecursionError as error:
        raise ConfigError(str(path), 0, "is nested too deeply") from error


def _broken(path: Path, error: str) -> ConfigError:
    """``Expected '=' (at line 3, column 9)`` with the line in front."""
    place = re.search(r" \(at line (\d+), column \d+\)$", error)
    if place is None:
        return ConfigError(str(path), 0, f"not valid TOML: {error}")
    return ConfigError(str(path), int(place[1]), f"not valid TOML: {error[: place.start()]}")


def _checked(file: ConfigFile) -> Iterator[tuple[str, Any]]:
    for key, value in file.table.items():
        name = key.replace("-", "_")
        if name not in _KINDS:
            raise _complaint(file, key, f"unknown setting {key!r}{did_you_mean(key, _names())}")
        try:
            yield name, _KINDS[name](value, file.path.parent)
        except TypeError as error:
            raise _complaint(file, key, f"{key} must be {error}, not {_described(value)}") from None


def _complaint(file: ConfigFile, key: str, what: str) -> ConfigError:
    return ConfigError(str(file.path), file.line_of(key), what)


def did_you_mean(word: str, known: list[str]) -> str:
    """`` (did you mean 'select'?)``, or nothing where no known word is near."""
    matches = get_close_matches(word, known, n=3)
    if not matches:
        return ""
    nearest = max(matches, key=lambda match: _alike_up_to(word, match))
    return f" (did you mean {nearest!r}?)"


def _alike_up_to(one: str, other: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _names() -> list[str]:
    return [name.replace("_", "-") for name in _KINDS]


def _described(value: object) -> str:
    return {bool: "true or false", int: "a number", float: "a number", str: "a string", list: "an array"}.get(
        type(value), "a table"
    )


def _text(value: object, folder: Path) -> str:
    if not isinstance(value, str):
        raise TypeError("a string")
    return value


def _texts(value: object, folder: Path) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise TypeError("an array of strings")
    return tuple(value)


def _flag(value: object, folder: Path) -> bool:
    if not isinstance(value, bool):
        raise TypeError("true or false")
    return value


def _interpreter(value: object, folder: Path) -> str:
    """A path is relative to the file; a bare name (``python3.8``) that is nothing there is left to PATH."""
    path = os.path.expanduser(_text(value, folder))
    beside = os.path.normpath(folder / path)
    return beside if os.path.lexists(beside) or os.sep in path else path


_KINDS: Mapping[str, Callable[[object, Path], Any]] = {
    "python": _interpreter,
    "select": _texts,
    "ignore": _texts,
    "entrypoints": _texts,
    "exclude": _texts,
    "format": _text,
    "cache": _flag,
    "verbose": _flag,
    "quiet": _flag,
    "exit_zero": _flag,
    "proposals": _flag,
}
