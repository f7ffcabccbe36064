"""What a finder says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from patchlint.discovery.tree import Tree
from patchlint.model.errors import PatchlintError
from patchlint.model.plan import Entrypoint


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that a reader should know about the search, and need not mend."""

    text: str


@dataclass(frozen=True, slots=True)
class Searched:
    """The Python files of a folder that was searched, whether anybody starts them or not."""

    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PassedBy:
    """A Python file that was read, and nothing in it hints at its being started."""

    path: str


Clue: TypeAlias = Entrypoint | Remark | Searched | PassedBy | PatchlintError
"""An error is a value here: an input that could not be analysed, while the search goes on."""

Finder: TypeAlias = Callable[[Tree], Iterator[Clue]]
"""Looks through a folder for one kind of entrypoint, in the order of the tree."""
