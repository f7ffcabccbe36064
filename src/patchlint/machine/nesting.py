"""How deeply imports may nest: the import system is written in Python, and its frames count.

Measured with chains of imports on CPython 3.7 to 3.13; the figures are the same with and without bytecode.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, final

MOST: Final = 1_500
"""Modules inside one another, whatever limit a program sets: the machine's own stack has an end, as C's has."""


@dataclass(frozen=True, slots=True)
class Frames:
    """How many frames each way to import puts beneath the module's own code.

    ``load``: the statement, with the module's own frame.  ``listed``: on top of that for ``from package import
    submodule``, ``parent``: for a package that is imported for a module in it, ``function``: for
    ``importlib.import_module``, ``builtin``: for ``__import__``.  ``room``: what it takes to look for a module.
    """

    load: int
    listed: int
    parent: int
    function: int
    builtin: int
    room: int


_CALLS_OF_C_COUNT: Final = Frames(load=7, listed=3, parent=4, function=2, builtin=1, room=12)
_PYTHON_ALONE: Final = Frames(load=6, listed=2, parent=3, function=2, builtin=0, room=10)


def frames_of(version: tuple[int, ...]) -> Frames:
    """The figures of a version of Python: since 3.12 calls through C have a limit of their own."""
    return _PYTHON_ALONE if version >= (3, 12) else _CALLS_OF_C_COUNT


@final
class Nesting:
    """Where the statement that is executed stands: in how many modules, with how many frames ``beneath`` them.

    ``limit`` is ``sys.setrecursionlimit``'s.
    """

    def __init__(self, version: tuple[int, ...]) -> None:
        self.frames = frames_of(version)
        self.limit = 1000
        self.beneath = 0
        self.modules = 0

    @contextmanager
    def deeper(self, frames: int) -> Iterator[None]:
        """So many frames lie beneath what is done meanwhile."""
        self.beneath += frames
        try:
            yield
        finally:
            self.beneath -= frames

    def is_full(self, depth: int) -> bool:
        """Whether an import does not fit any more, in a function that others have called to this depth."""
        return self.beneath + depth + self.frames.room > self.limit or self.modules >= MOST
