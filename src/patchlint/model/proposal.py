"""Proposed edits: what to change, why, and what a play of the changed program showed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from patchlint.model.location import LAUNCH
from patchlint.model.plan import Entrypoint

MENDED: Final = frozenset(("PAT101", "PAT201", "PAT202", "PAT204", "PAT208", "PAT301", "PAT304", "PAT305"))
"""Rules whose findings a change that can be proposed may mend."""

Safety: TypeAlias = Literal["safe", "unsafe"]
"""``safe`` changes the order of things and nothing else; ``unsafe`` may change what the program does."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Whole lines of a file, ``line`` up to but not including ``end`` (1-based), become ``text``.

    ``text`` ends with a line break, or is empty; where ``end`` is ``line``, it is put in before that line.
    """

    path: str
    line: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it was when a change to it was thought of; ``is_new`` where there was none."""

    path: str
    text: str
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change to the files of ``sources``: ``title`` says what, ``why`` what it is for.

    All of its ``edits`` are carried out, or none.
    ``subject`` is what a sentence about the change begins with: "`monkey.patch_all()` here".  ``command`` is what
    ``started`` becomes by it, where it changes how the program is launched; there are no edits where the command
    stands in no file, and somebody types it.  ``moves`` tells that it has something started elsewhere, so that the
    proof is that it is started, too.
    """

    title: str
    why: str
    safety: Safety
    edits: tuple[Edit, ...]
    sources: tuple[Source, ...] = ()
    subject: str = ""
    started: Entrypoint | None = None
    command: tuple[str, ...] = ()
    moves: bool = False

    @property
    def places(self) -> tuple[str, ...]:
        """The files that it changes, in the order of its edits; ``<launch>`` where there is none."""
        return tuple(dict.fromkeys(edit.path for edit in self.edits)) or (LAUNCH.path,)


@dataclass(frozen=True, slots=True)
class Proved:
    """A proposal that was played: the finding is gone or a note, and nothing worse came; ``leaves`` are the notes."""

    proposal: Proposal
    leaves: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A proposal that was played, and does not do: ``causes`` is what comes of it, or what remains.

    ``story`` are the sentences that tell a reader so, one for each cause.
    """

    proposal: Proposal
    causes: tuple[str, ...]
    story: tuple[str, ...] = ()
