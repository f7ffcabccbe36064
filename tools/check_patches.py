"""Compare ``knowledge.replacement`` with real runs: every call, every keyword alone and every two together.

usage: python tools/check_patches.py FOLDER PYTHON...

FOLDER is the one that ``dump_patches.py`` filled.  Prints each difference; exit status 1 if there is one.
Calls that end in an exception are left out.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dump_patches

from patchlint.knowledge.patches import replacement
from patchlint.knowledge.versions import python_version


def answered(library: str, env: dict[str, str], call: str, flags: dict[str, Any]) -> list[list[Any]]:
    found = replacement(library, env["version"], python_version(env["python"]), call, flags)
    return [[patch.module, list(patch.replaced), list(patch.removed)] for patch in found.modules]


def gevent(rows: list[Any], env: dict[str, str]) -> Iterator[str]:
    for name, flags, saved, _, error in rows:
        got = answered("gevent", env, f"gevent.monkey.{name}", flags)
        # The order is not promised where a set decides it, nor where only threading._shutdown is left.
        same = (
            sorted(map(by_name, got)) == sorted(map(by_name, saved))
            if {"dns", "threading"} & set(flags)
            else got == saved
        )
        if error is None and not same:
            yield f"gevent {env} {name}({flags})\n  seen {saved}\n  got  {got}"


def eventlet(rows: list[Any], env: dict[str, str]) -> Iterator[str]:
    for flags, changes, _, error in rows:
        got = answered("eventlet", env, "eventlet.monkey_patch", flags)
        seen = [[m, [name for name in r if name not in dump_patches.UPGRADED], g] for m, r, g in changes]
        if error is None and sorted(map(by_name, got)) != sorted(map(by_name, seen)):
            yield f"eventlet {env} monkey_patch({flags})\n  seen {seen}\n  got  {got}"


def by_name(row: list[Any]) -> list[Any]:
    return [row[0], sorted(row[1]), sorted(row[2])]


def main() -> None:
    cache = Path(sys.argv[1])
    differences = 0
    for library, check, flags in (("gevent", gevent, ("--loaded", "--pairs")), ("eventlet", eventlet, ())):
        for (version, python), rows in dump_patches.seen(cache, library, *flags).items():
            for difference in check(rows, {"version": version, "python": python}):
                print(difference)  # noqa: T201
                differences += 1
    sys.exit(bool(differences))


if __name__ == "__main__":
    main()
