"""A command line: wrappers and assignments before it, the interpreter's own options, a console script."""

from __future__ import annotations

import os
import re

from patchlint.environment import Target, distributions
from patchlint.launchers import gevent_monkey, mod_wsgi, pytest, python, uwsgi
from patchlint.launchers.uwsgi_options import Text, text_of
from patchlint.launchers.variables import LOST, settled
from patchlint.model.errors import UsageError
from patchlint.model.location import LAUNCH
from patchlint.model.plan import Entrypoint, InsertPath, LoadObject, Plan, SetArguments, SetEnvironment, Unclear

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_PREFIXES = {
    "exec": 0,
    "env": 0,
    "nohup": 0,
    "time": 0,
    "command": 0,
    "nice": 0,
    "setsid": 0,
    "tini": 0,
    "dumb-init": 0,
    "poetry": 1,
    "pipenv": 1,
    "uv": 1,
    "pdm": 1,
    "hatch": 1,
    "rye": 1,
}
"""Commands that run the command behind them, and how many words of their own (``run``) come between."""

_LONGEST_LINE = 512

_PYTEST = frozenset(("pytest", "py.test"))

_VALUED = frozenset(("-W", "-X", "--check-hash-based-pycs"))
"""The interpreter's options that take the next word."""


def plan(entrypoint: Entrypoint, target: Target, text: Text = text_of) -> Plan:
    """The steps of a command; ``text`` reads its configuration files.

    Raises UsageError where there is nothing in it that Python runs.
    """
    known, lost = settled(entrypoint.argv)
    words, assignments = stripped(known)
    if not words:
        raise UsageError("the command is empty: write it after --, as in `patchlint check -- gunicorn app:app`")
    name = os.path.basename(words[0])
    if re.fullmatch(r"python(\d+(\.\d+)*)?|pypy\d*", name):
        steps = interpreter(words, entrypoint, target)
    elif words[0].endswith(".py") and os.path.isfile(os.path.join(entrypoint.cwd, words[0])):
        steps = python.file(os.path.join(entrypoint.cwd, words[0]), tuple(words))
    elif name == "uwsgi":
        steps = uwsgi.plan(words, entrypoint, {**dict(entrypoint.environ), **assignments}, text)
    elif name == mod_wsgi.NAME:
        steps = mod_wsgi.plan(words, entrypoint)
    elif name in _PYTEST:
        steps = _at(os.path.join(target.prefix, "bin"), pytest.plan(words, entrypoint.cwd, target))
    else:
        steps = script(name, words, target)
    prepared = _with_environment({**dict(entrypoint.environ), **assignments}, entrypoint.cwd, steps)
    return _with_gaps(lost, entrypoint, prepared) if lost else prepared


def _with_gaps(lost: list[str], entrypoint: Entrypoint, steps: Plan) -> Plan:
    for word in lost:
        yield Unclear(word, LOST, entrypoint.origin or LAUNCH)
    yield from steps


def _with_environment(variables: dict[str, str], cwd: str, steps: Plan) -> Plan:
    for name, value in variables.items():
        yield SetEnvironment(name, value)
    for path in reversed(variables.get("PYTHONPATH", "").split(os.pathsep)):
        if path:
            yield InsertPath(os.path.normpath(os.path.join(cwd, path)))
    yield from steps


def _at(folder: str, steps: Plan) -> Plan:
    yield InsertPath(folder)
    yield from steps


def stripped(words: list[str]) -> tuple[list[str], dict[str, str]]:
    """A command without the wrappers and assignments in front of it, and the assignments."""
    assignments: dict[str, str] = {}
    while words:
        if _ASSIGNMENT.match(words[0]):
            name, _, value = words.pop(0).partition("=")
            assignments[name] = value
            continue
        skipped = _PREFIXES.get(os.path.basename(words[0]))
        if skipped is None or len(words) < 2:
            break
        del words[: 1 + skipped]
        while words and words[0].startswith("-"):
            del words[0]
    return words, assignments


def interpreter(words: list[str], entrypoint: Entrypoint, target: Target) -> Plan:
    """``python [options] FILE|-m MODULE|-c TEXT [arguments]``."""
    rest = words[1:]
    while rest and rest[0].startswith("-") and rest[0] not in ("-m", "-c", "-"):
        del rest[: 2 if rest[0] in _VALUED else 1]
    if not rest:
        raise UsageError("the command starts an interactive interpreter: name a file or a module to run")
    if rest[0] == "-m" and len(rest) > 1:
        return _module(rest[1:], entrypoint, target)
    if rest[0] == "-c" and len(rest) > 1:
        return python.text(rest[1], entrypoint.cwd, ("-c", *rest[2:]))
    return python.file(os.path.join(entrypoint.cwd, rest[0]), tuple(rest))


def _module(words: list[str], entrypoint: Entrypoint, target: Target) -> Plan:
    """``python -m``, with what follows."""
    if words[0] in _PYTEST:
        return _at(entrypoint.cwd, pytest.plan(words, entrypoint.cwd, target))
    if words[0] == "gevent.monkey":
        return gevent_monkey.plan(words, entrypoint, lambda rest: _module(rest, entrypoint, target))
    return python.module(words[0], entrypoint.cwd, tuple(words))


def script(name: str, words: list[str], target: Target) -> Plan:
    """A console script of the target environment: its entry point is called as the script would."""
    for distribution in distributions(target).values():
        value = distribution.entry_points.get("console_scripts", {}).get(name)
        if value is not None:
            module, _, function = value.partition("[")[0].strip().partition(":")
            return _console(words, module.strip(), function.strip(), target)
    path = os.path.join(target.prefix, "bin", name)
    if _is_python(path):
        return python.file(path, (path, *words[1:]))
    place = target.executable or target.prefix
    raise UsageError(f"{name}: not a console script of {place}: is it installed, or is another one meant (--python)?")


def _is_python(path: str) -> bool:
    """Whether a file is a script that names Python as its interpreter: an old way to install a command."""
    try:
        with open(path, "rb") as file:
            return b"python" in file.readline(_LONGEST_LINE) if file.read(2) == b"#!" else False
    except (OSError, ValueError):  # a null byte in a name
        return False


def _console(words: list[str], module: str, function: str, target: Target) -> Plan:
    folder = os.path.join(target.prefix, "bin")
    yield InsertPath(folder)
    yield SetArguments((os.path.join(folder, os.path.basename(words[0])), *words[1:]))
    yield LoadObject(module, f"{function}()")
