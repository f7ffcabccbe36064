"""What could not be seen into, by kind: how each is called, and what it could hide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from patchlint.model.finding import OpaqueNote
from patchlint.report.names import counted

_WHATEVER: Final = "any import, patch, thread or scheduler"


@dataclass(frozen=True, slots=True)
class Kind:
    """The notes of one kind: ``one`` and ``many`` name them, ``hides`` is what one could hide."""

    one: str
    many: str
    hides: str


EXTENSION: Final = "extension module"
"""What a note on a compiled module says that it is about; its reason is the module's name."""

_KINDS: Final[Mapping[str, Kind]] = {
    "program": Kind("start that ends early", "starts that end early", "what comes after that"),
    "module": Kind(
        "module that cannot be found", "modules that cannot be found", "what it imports, patches and starts"
    ),
    "import": Kind(
        "import by a computed name", "imports by computed names", "the module, and what it imports, patches and starts"
    ),
    "exec": Kind("execution of computed code", "executions of computed code", _WHATEVER),
    "call": Kind("call not followed to its end", "calls not followed to their ends", _WHATEVER),
    "statement": Kind(
        "statement not followed to its end", "statements not followed to their ends", f"{_WHATEVER} further on in it"
    ),
    EXTENSION: Kind("compiled module", "compiled modules", "threads that it starts: its imports are read off its file"),
}
_OTHER: Final = Kind("other thing", "other things", _WHATEVER)


def hides(note: OpaqueNote) -> str:
    """What a note's subject could hide."""
    return _KINDS.get(note.what, _OTHER).hides


def by_kind(notes: Iterable[OpaqueNote]) -> Iterator[tuple[Kind, Sequence[OpaqueNote]]]:
    """The notes of each kind, the kinds in order of what they could hide; those that say the same once."""
    distinct = {(note.location, note.what, note.reason): note for note in notes}.values()
    for name, kind in (*_KINDS.items(), ("", _OTHER)):
        found = [note for note in distinct if note.what == name or (not name and note.what not in _KINDS)]
        if found:
            yield kind, found


def named(kind: Kind, notes: Sequence[OpaqueNote]) -> str:
    """``2 imports by computed names``."""
    return counted(len(notes), kind.one, kind.many)
