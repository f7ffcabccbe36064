"""Launch commands that stand in files: from a line of shell to the words of each command in it that starts a server."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from patchlint.discovery.clues import Clue, Remark
from patchlint.model.location import Location
from patchlint.model.plan import Entrypoint

LAUNCHERS: Final = frozenset(
    ("gunicorn", "uwsgi", "celery", "locust", "uvicorn", "hypercorn", "granian", "daphne", "waitress-serve", "flask")
    + ("huey_consumer", "huey_consumer.py", "rq", "dramatiq", "dramatiq-gevent", "nameko", "honcho", "mod_wsgi-express")
    + ("ddtrace-run", "newrelic-admin", "opentelemetry-instrument", "circusd", "django-admin")
)
"""Programs that start a server, or wrap one that does."""

_RUNNERS: Final = frozenset(
    ("exec", "env", "nohup", "time", "nice", "setsid", "tini", "dumb-init", "command", "sudo", "gosu", "su-exec")
    + ("poetry", "pipenv", "uv", "pdm", "hatch", "rye", "run")
)
"""Programs that run the one behind them, and the words that come between."""

_PYTHON = re.compile(r"(python|pypy)[\d.]*$")
_SUBSTITUTION = re.compile(r"[$<>]\(\(?[^()]*\)?\)|`[^`]*`")
_FLAGS: Final = frozenset(("--preload", "--reload", "--daemon", "-D", "--master", "-M", "--lazy-apps", "-B", "--beat"))
"""Options without a value that often stand before a variable."""

_SEPARATORS = frozenset(("&&", "||", ";", ";;", "|", "&"))
_VARIABLE = re.compile(r"\$\{(\w+)(?::?[-=]([^}]*))?[^}]*\}|\$(\w+)|\$\(([^)]*)\)")
_NUMBERS: Final = {
    "PORT": "8000",
    "WORKERS": "2",
    "CONCURRENCY": "2",
    "THREADS": "2",
    "PROCESSES": "2",
    "TIMEOUT": "30",
}
"""What stands for a variable that is not known, by the end of its name: any number will do where one is asked for."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command stands: the file and line, the folder it is started in, and the variables that are known.

    ``kind`` says in words what the file is; ``root`` is what the folder is called where the program runs
    (``/app`` in an image), so that paths below it are found here.  ``exported`` are the variables that the
    program sees, where these are not all of them.
    """

    location: Location
    cwd: str
    kind: str
    variables: Mapping[str, str] = field(default_factory=dict)
    root: str = ""
    exported: Mapping[str, str] | None = None


def project(path: str, root: str) -> str:
    """The folder, below ``root``, that a file is about which does not say where it is started.

    It is the nearest one above the file that holds Python files, else the file's own.
    """
    folder = os.path.dirname(path)
    current = folder
    while f"{current}{os.sep}".startswith(f"{root.rstrip(os.sep)}{os.sep}"):
        if any(name.endswith(".py") for name in _names(current)):
            return current
        current = os.path.dirname(current)
    return folder


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def in_shell(text: str, place: Place) -> Iterator[Clue]:
    """The launch commands in a line of shell: ``cd src && exec gunicorn app:app``."""
    try:
        words = _split(_without_substitutions(text))
    except ValueError:
        if any(launcher in text for launcher in LAUNCHERS):
            yield Remark(f"{_at(place)}: a command that cannot be split into words")
        return
    folder, variables = place.cwd, dict(place.variables)
    exported = dict(variables if place.exported is None else place.exported)
    for command in _commands(words):
        if command[0] == "cd" and len(command) > 1:
            folder = os.path.normpath(os.path.join(folder, _here(command[1], place)))
            continue
        if command[0] == "export":
            exported |= dict(word.split("=", 1) for word in command[1:] if "=" in word)
            variables |= exported
            continue
        yield from of_words(command, Place(place.location, folder, place.kind, variables, place.root, exported))


def _without_substitutions(text: str) -> str:
    """A line whose ``$(command)``, ``$((1 + 2))`` and backquotes are one unknown word each."""
    while (shorter := _SUBSTITUTION.sub("$...", text)) != text:
        text = shorter
    return text


def of_words(words: Sequence[str], place: Place) -> Iterator[Clue]:
    """The entrypoint that a command is, if it starts a server or a program of the tree."""
    known = [filled(word, place.variables) for word in words if word not in ("$@", "$*")]
    start = _launcher(known)
    if start is None:
        start = _python_program(known, place)
    if start is None:
        yield from _missing(known, place)
        return
    lost = [word for word in known[start + 1 :] if "$" in word]
    if lost:
        yield _unknown(lost[0], place)
    rest = _without_unknown(known[start + 1 :])
    if not any(not word.startswith("-") for word in rest):
        return
    # What comes before may be assignments, and wrappers that the launcher knows how to take off.
    argv = tuple(_here(word, place) for word in (*_assignments(known[:start]), known[start], *rest))
    reason = f"a launch command in a {place.kind}"
    environ = tuple(_environment(place))
    name = os.path.basename(known[start])
    yield Entrypoint(
        "command", name, place.cwd, argv, place.location, reason, found=True, environ=environ, is_cut=bool(lost)
    )


def _without_unknown(words: Sequence[str]) -> list[str]:
    """The words that are known; an option goes with the value that is not."""
    kept: list[str] = []
    for word in words:
        if "$" not in word:
            kept.append(word)
        elif not word.startswith("-") and kept and kept[-1].startswith("-") and kept[-1] not in _FLAGS:
            kept.pop()
    return kept


def _environment(place: Place) -> Iterator[tuple[str, str]]:
    """The variables that the program sees and whose values are known."""
    seen = place.variables if place.exported is None else place.exported
    for name, given in seen.items():
        value = filled(given, {other: text for other, text in place.variables.items() if other != name})
        if name == "PYTHONPATH":
            yield name, os.pathsep.join(_here(path, place) for path in value.split(":") if path and "$" not in path)
        elif "$" not in value:
            yield name, value


def _launcher(words: Sequence[str]) -> int | None:
    """Where a launcher begins, behind nothing but assignments and programs that run another one."""
    for index, word in enumerate(words):
        if os.path.basename(word) in LAUNCHERS:
            return index if index + 1 < len(words) else None
        is_user = index > 0 and os.path.basename(words[index - 1]) in ("gosu", "su-exec", "-u")
        if not (os.path.basename(word) in _RUNNERS or word.startswith("-") or "=" in word or is_user):
            return None
    return None


def _python_program(words: Sequence[str], place: Place) -> int | None:
    """Where ``python FILE`` or ``python -m MODULE`` begins, with a file of this tree or a launcher's module."""
    for index, word in enumerate(words[:-1]):
        if not _PYTHON.match(os.path.basename(word)):
            continue
        rest = [one for one in words[index + 1 :] if one not in ("-u", "-O", "-B", "-E", "-s")]
        is_launcher = rest[:1] == ["-m"] and len(rest) > 1 and rest[1].partition(".")[0] in (*LAUNCHERS, "gevent")
        is_ours = bool(rest) and os.path.isfile(os.path.join(place.cwd, _here(rest[0], place)))
        return index if is_launcher or is_ours else None
    return None


def _missing(words: Sequence[str], place: Place) -> Iterator[Clue]:
    """A program of this tree that is not there, where the words say so at once."""
    index = next((n for n, word in enumerate(words) if _PYTHON.match(os.path.basename(word))), len(words))
    if any("=" not in word and os.path.basename(word) not in _RUNNERS for word in words[:index]):
        return
    program = next((word for word in words[index + 1 :] if not word.startswith("-")), "")
    if not program.endswith(".py") or words[index + 1 : index + 2] == ["-m"]:
        return
    here = _here(program, place)
    if "$" in program:
        yield _unknown(program, place)
    elif not os.path.isabs(here) and not os.path.exists(os.path.join(place.cwd, here)):
        yield Remark(f"{_at(place)}: {here} is started here, and is not in {place.cwd}")


def _assignments(words: Sequence[str]) -> Iterator[str]:
    return (word for word in words if re.match(r"[A-Za-z_]\w*=", word))


def _here(word: str, place: Place) -> str:
    """A path below the root of an image, as it is called in this tree."""
    if place.root and place.root != "/" and word.startswith(place.root.rstrip("/") + "/"):
        return word[len(place.root.rstrip("/")) + 1 :]
    return "." if place.root and word.rstrip("/") == place.root.rstrip("/") else word


def _split(text: str) -> list[str]:
    lexer = shlex.shlex(text, posix=True, punctuation_chars=";&|")
    lexer.whitespace_split = True
    lexer.commenters = "#"
    return list(lexer)


def _commands(words: Sequence[str]) -> Iterator[list[str]]:
    """Simple commands: what stands between the separators, without redirections and the shell's own words."""
    command: list[str] = []
    for word in (*words, ";"):
        if word in _SEPARATORS or word in ("then", "do", "else", "fi", "done"):
            if command:
                yield command
            command = []
        elif not command and word.endswith(")") and "(" not in word:  # a pattern of `case`
            continue
        elif not re.match(r"\d*[<>]", word):
            command.append(word)


def filled(word: str, variables: Mapping[str, str]) -> str:
    """A word with the variables that are known, or have a default, or stand for a number, put in."""

    def value(match: re.Match[str]) -> str:
        name = match[1] or match[3] or ""
        if name in variables:
            return variables[name]
        if match[2] is not None:
            return match[2]
        guess = next((number for ending, number in _NUMBERS.items() if name.upper().endswith(ending)), None)
        return match[0] if guess is None else guess

    return _VARIABLE.sub(value, word)


def _unknown(word: str, place: Place) -> Remark:
    return Remark(f"{_at(place)}: {word} is not known: give the command in the setting `entrypoints`")


def _at(place: Place) -> str:
    return f"{place.location.path}:{place.location.line}"
