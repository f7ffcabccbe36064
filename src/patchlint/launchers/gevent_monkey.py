"""``python -m gevent.monkey [options] [--module] PROGRAM``: everything is patched before the program begins.

Source: ``main`` in ``gevent/monkey/_main.py``.  What it runs is left to ``runpy``, whose work is a plan of its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Final

from patchlint.model.errors import UsageError
from patchlint.model.location import LAUNCH
from patchlint.model.plan import ApplyPatch, Entrypoint, ImportModule, InsertPath, Plan, RunFile

_PARTS: Final = ("socket", "dns", "time", "select", "thread", "os", "ssl", "subprocess", "sys") + (
    "builtins",
    "signal",
    "queue",
    "contextvars",
)
"""What ``--PART`` chooses, and nothing else then."""


def plan(words: Sequence[str], entrypoint: Entrypoint, module: Callable[[list[str]], Plan]) -> Plan:
    """The steps of ``words``, what follows ``-m``; ``module`` are those of ``python -m`` with the words behind it.

    Raises UsageError where no program is named.
    """
    rest, arguments, is_module = list(words[1:]), {}, False
    while rest and rest[0].startswith("--"):
        name = rest.pop(0)[2:]
        if name.startswith("no-"):
            arguments[name[3:]] = False
        elif name == "module":
            is_module = True
        elif name in _PARTS:
            arguments = {**dict.fromkeys(_PARTS, False), **arguments, name: True}
    if not rest:
        raise UsageError("python -m gevent.monkey: name a program to run")
    launch = entrypoint.origin or LAUNCH
    yield InsertPath(entrypoint.cwd)
    yield ImportModule("gevent.monkey", own=True)
    yield ApplyPatch("gevent", "gevent.monkey.patch_all", tuple(arguments.items()), launch)
    if is_module:
        yield from module(rest)
    else:
        yield RunFile(os.path.join(entrypoint.cwd, rest[0]), argv=tuple(rest))
