"""``mod_wsgi-express``: Apache forks its daemon processes before Python runs in them; nothing patches.

As ``mod_wsgi.express`` 6.1.1 has it: each daemon process loads the program when it starts (``WSGIImportScript``), a
script under the name ``__wsgi__``.
"""

from __future__ import annotations

import os
from argparse import ArgumentError, ArgumentParser, Namespace
from collections.abc import Sequence
from typing import Final

from patchlint.model.errors import UsageError
from patchlint.model.location import LAUNCH
from patchlint.model.plan import (
    Entrypoint,
    ForkStep,
    ImportModule,
    InsertPath,
    LoadObject,
    Plan,
    RunFile,
    SetArguments,
    Unclear,
)

NAME: Final = "mod_wsgi-express"
_STARTING: Final = ("start-server", "setup-server")


def plan(words: Sequence[str], entrypoint: Entrypoint) -> Plan:
    """The steps of ``mod_wsgi-express start-server [options] SCRIPT``; ``words`` begin with its own name.

    Raises UsageError for another subcommand, and where no script is named.
    """
    given = _read(words[1:], entrypoint.cwd)
    folder = os.path.normpath(os.path.join(entrypoint.cwd, given.working_directory))
    yield ForkStep("daemon", given.processes, "mod_wsgi", entrypoint.origin or LAUNCH)
    yield SetArguments(("mod_wsgi",))
    for path in (folder, *(os.path.join(entrypoint.cwd, path) for path in given.python_path)):
        yield InsertPath(os.path.normpath(path))
    for name, script in given.service_script:
        what = f"--service-script {name} {script}"
        yield Unclear(what, "a process of its own, which is not played", entrypoint.origin or LAUNCH)
    if given.application_type == "script":
        yield RunFile(os.path.join(entrypoint.cwd, given.script), "__wsgi__")
    elif given.application_type == "module":
        yield LoadObject(given.script, given.callable_object, entrypoint.origin)
    elif given.application_type == "paste":
        yield ImportModule("paste.deploy", own=True)


def _read(words: Sequence[str], cwd: str) -> Namespace:
    if not words or words[0] not in _STARTING:
        raise UsageError(f"{NAME} starts a program by {' or '.join(_STARTING)} only")
    parser = ArgumentParser(NAME, add_help=False, exit_on_error=False, allow_abbrev=False)
    parser.add_argument("--application-type", default="script")
    parser.add_argument("--callable-object", default="application")
    parser.add_argument("--entry-point")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--python-path", action="append", default=[])
    parser.add_argument("--service-script", action="append", nargs=2, default=[])
    parser.add_argument("--working-directory", default="")
    parser.add_argument("words", nargs="*")
    try:
        given, _ = parser.parse_known_args(words[1:])
    except ArgumentError as error:
        raise UsageError(f"{NAME}: {error}") from error
    given.script = given.entry_point or _script(given.words, given.application_type, cwd)
    if not given.script:
        raise UsageError(f"{NAME}: name the script that it serves")
    return given


def _script(words: Sequence[str], kind: str, cwd: str) -> str | None:
    """Of the words without a dash, some of which belong to options that are not read here, the one that is served."""
    if kind == "module":
        return next((word for word in words if word.replace(".", "").isidentifier()), None)
    return next((word for word in words if os.path.isfile(os.path.join(cwd, word))), words[-1] if words else None)
