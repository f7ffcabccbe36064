"""What uWSGI's configuration decides while it is read: ``if-file``, ``if-not-env``, ``for`` and their ends.

Source: uWSGI's documentation, "Configuration logic"; what each test does was seen in ``uwsgi --show-config`` of 2.0.31.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from patchlint.launchers.uwsgi_options import Option, Options

_ENDS: Final = frozenset(("endif", "end-if"))
_LOOP_ENDS: Final = frozenset(("endfor", "end-for"))
_MOST: Final = 1_000  # repetitions of a loop


def decided(found: Iterator[Option], options: Options, environ: Mapping[str, str], cwd: str) -> Iterator[Option]:
    """The options that count; a test that cannot be decided is taken to fail, and is kept in ``options.undecided``."""
    is_taken, current = True, "%(_)"
    words: Sequence[str] | None = None
    body: list[Option] = []
    for option in found:
        if option.name in _ENDS:
            is_taken, current = True, "%(_)"
        elif option.name in _LOOP_ENDS:
            yield from (_with(one, word) for word in words or () for one in body)
            words, body = None, []
        elif option.name.startswith("if-"):
            is_taken = _holds(option, options, environ, cwd)
            current = environ.get(option.value, option.value)
        elif option.name in _LOOPS:
            words = _LOOPS[option.name](option.value, cwd)
        elif is_taken and words is not None:
            body.append(option)
        elif is_taken:
            yield _with(option, current)


def _with(option: Option, word: str) -> Option:
    return replace(option, value=option.value.replace("%(_)", word))


def _holds(option: Option, options: Options, environ: Mapping[str, str], cwd: str) -> bool:
    name = option.name.removeprefix("if-")
    is_negated = name.startswith("not-")
    kind, path = name.removeprefix("not-"), os.path.join(cwd, option.value)
    if kind == "reload":
        return is_negated
    if kind in _FILES:
        return _FILES[kind](path) is not is_negated
    if kind == "opt":
        wanted, has_value, value = option.value.partition("=")
        given = options.value(wanted)
        return (given is not None and (not has_value or given == value)) is not is_negated
    if kind != "env" or option.value not in environ:
        options.undecided.append(option)
        return is_negated
    return not is_negated


_FILES: Final[dict[str, Callable[[str], bool]]] = {
    "exists": os.path.exists,
    "file": os.path.isfile,
    "dir": os.path.isdir,
    "directory": os.path.isdir,
}


def _times(value: str, cwd: str) -> Sequence[str]:
    return [str(number) for number in range(min(int(value), _MOST))] if value.isdigit() else ()


def _matching(value: str, cwd: str) -> Sequence[str]:
    return sorted(glob.glob(value, root_dir=cwd))[:_MOST]


_LOOPS: Final[dict[str, Callable[[str, str], Sequence[str]]]] = {
    "for": lambda value, cwd: value.split(),
    "for-glob": _matching,
    "for-times": _times,
}
