"""What patchlint says of many drivers: ``python prediction.py PYTHON [MODULE ...]``, as ``reality.py serve`` does.

The machine starts the target's interpreter and imports the modules once; then each driver that a line of the
standard input names ("DRIVER<tab>ANSWER") is played in a forked child.  The answer has the same shape as reality's,
with the rows and files that are only possible under ``doubtful``.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback
from typing import Any

from patchlint.environment import inspect_target
from patchlint.launchers import plan_for
from patchlint.machine import Facts, World, imports
from patchlint.machine.play import Player, deeply
from patchlint.model.events import ModuleExecuted, Opaque, Patch
from patchlint.model.plan import Entrypoint
from patchlint.sources.finder import Finder
from patchlint.sources.reader import Reader

PATIENCE = 10.0


def answer_of(events: list[Any]) -> dict[str, Any]:
    """The events of a play, in reality's terms."""
    modules = [event for event in events if isinstance(event, ModuleExecuted)]
    files = [event for event in modules if event.path and event.kind in ("source", "extension", "frozen")]
    patches = [event for event in events if isinstance(event, Patch)]
    captures = [capture for patch in patches for capture in patch.stale]
    return {
        "error": None,
        "executed": [event.path for event in files if event.module != "__main__"],
        "patches": [sorted([c.kind, c.module, c.name, c.origin] for c in patch.stale) for patch in patches],
        "doubtful": sorted(
            {event.path for event in files if event.certainty == "possible"}
            | {f"{c.module}: {c.name}" for c in captures if c.certainty == "possible"}
        ),
        "opaque": [f"{event.what}: {event.reason}" for event in events if isinstance(event, Opaque)],
    }


def play_one(player: Player, driver: str, answer: str) -> None:
    """Follow a driver from where the player stands, and write down its events."""
    known = len(player.machine.recorder.entries)
    entrypoint = Entrypoint("file", os.path.basename(driver), os.path.dirname(driver))
    try:
        player.follow(plan_for(entrypoint, player.world.target))
        recorder = player.machine.recorder
        recorder.entries = recorder.entries[known:]
        result = answer_of(list(recorder.events()))
    except Exception:  # noqa: BLE001  (whatever it is, the test tells of it)
        result = {
            "error": " <- ".join(traceback.format_exc().split("\n")[-4:]),
            "executed": [],
            "patches": [],
            "doubtful": [],
            "opaque": [],
        }
    with open(answer, "w", encoding="utf-8") as file:
        json.dump(result, file)


def serve(python: str, modules: list[str]) -> None:
    target = inspect_target(python, "the tests choose it", {})
    finder = Finder(target)
    world = World(target, finder, Reader(libraries=target.library_roots), Facts(target, finder), cwd=os.getcwd())
    player = Player(Entrypoint("file", "driver.py", os.getcwd()), world)
    player.start_interpreter()
    for name in modules:
        imports.import_absolute(player.machine, name, player.root)
    say("ready")
    for line in sys.stdin:
        driver, answer = line.rstrip("\n").split("\t")
        child = os.fork()
        if not child:
            try:
                play_one(player, driver, answer)
            finally:
                os._exit(0)
        wait(child)
        say("done")


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def wait(child: int) -> None:
    """Wait for a child to end; one that takes too long is ended, and leaves no answer."""
    until = time.monotonic() + PATIENCE
    while not os.waitpid(child, os.WNOHANG)[0]:
        time.sleep(0.001)
        if time.monotonic() > until:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return


if __name__ == "__main__":
    deeply(lambda: serve(sys.argv[1], sys.argv[2:]))
