"""The abstract executor: plays a plan over summaries, as the import system and the interpreter would."""

from patchlint.machine.core import World
from patchlint.machine.facts import Facts
from patchlint.machine.play import play

__all__ = ["Facts", "World", "play"]
