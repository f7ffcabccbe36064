"""What a play leaves behind: events in order, and how sure each is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patchlint.machine.frames import Frame
from patchlint.machine.values import Module, Value
from patchlint.model.events import Event, Forked, ModuleExecuted, Opaque
from patchlint.model.location import Location, Trail

if TYPE_CHECKING:
    from patchlint.machine.core import Machine
    from patchlint.model.errors import SourceError


class ModuleRecord:
    """A module's execution; ``base`` is how many undecided branches it began in.

    ``children`` are the modules that surely execute whenever this one does.
    """

    __slots__ = ("base", "children", "failed", "kind", "module", "possible", "process", "trail")

    def __init__(self, module: Module, process: str, possible: int, trail: Trail) -> None:
        self.module = module
        self.kind = module.kind
        self.process = process
        self.base = possible
        self.failed = False
        self.possible = possible > 0
        self.trail = trail
        self.children: list[ModuleRecord] = []

    def event(self) -> ModuleExecuted:
        """The event, once its certainty is settled."""
        shown = self.module.ns.get("__file__", self.module.file)
        path = shown if type(shown) is str else self.module.file
        return ModuleExecuted(
            self.process,
            self.module.name,
            None if self.kind == "namespace" else path,  # a reload may have found a file for it
            self.kind,
            "possible" if self.possible else "certain",
            self.trail,
        )


class Recorder:
    """Collects the events of a play."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.process = "main"
        self.entries: list[Any] = []
        self.executing: list[ModuleRecord] = []
        self.unreadables: dict[tuple[Location, str], None] = {}
        self._numbers: dict[int, int] = {}
        self._said: set[tuple[str, str, Any]] = set()

    def module(self, module: Module, frame: Frame, what: str = "") -> Trail:
        """A module begins to execute; answers the trail that its own events hang on."""
        machine = self.machine
        trail = Trail(frame.trail, frame.location, what or f"import {module.name}")
        record = ModuleRecord(module, self.process, machine.possible, trail)
        module.record = record
        importer = frame.module.record
        if importer is not None and machine.possible == importer.base:
            importer.children.append(record)
        self.entries.append(record)
        return trail

    def confirm(self, record: ModuleRecord, frame: Frame) -> None:
        """A module that possibly executed was imported again."""
        if not record.possible:
            return
        importer = frame.module.record
        if self.machine.possible == 0:
            self._settle(record)
        elif importer is not None and self.machine.possible == importer.base:
            importer.children.append(record)

    def _settle(self, record: ModuleRecord) -> None:
        pending = [record]
        while pending:
            current = pending.pop()
            if current.possible:
                current.possible = False
                pending.extend(current.children)

    def number_of(self, value: Value) -> int:
        """The same number for the same object, in the order in which objects are told of."""
        self.machine.kept.append(value)
        return self._numbers.setdefault(id(value), len(self._numbers) + 1)

    def certainty(self) -> Any:
        """How sure is what happens now."""
        return "possible" if self.machine.possible else "certain"

    def add(self, event: Event) -> None:
        """Something happened."""
        self.entries.append(event)

    def forked(self, event: Forked) -> None:
        """The process was forked."""
        self.entries.append(event)

    def opaque(self, what: str, reason: str, frame: Frame, location: Location | None = None) -> None:
        """Something could not be seen into; said once for each place."""
        place = location or frame.location
        key = (what, reason, place)
        if key not in self._said:
            self._said.add(key)
            self.entries.append(Opaque(self.process, what, reason, place, frame.trail))

    def unreadable(self, error: SourceError) -> None:
        """A source file could not be read or parsed."""
        self.unreadables[Location(error.path, error.line), error.reason] = None

    def events(self, start: int = 0) -> tuple[Event, ...]:
        """All events in order, from an entry on."""
        kept = (e for e in self.entries[start:] if not (isinstance(e, ModuleRecord) and e.failed))
        return tuple(entry.event() if isinstance(entry, ModuleRecord) else entry for entry in kept)
