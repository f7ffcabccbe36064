"""A reader whose work is timed, for a run that says where its time went; any other run has the plain one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

from patchlint.clock import Clock, Part
from patchlint.model.operations import Node, Summary
from patchlint.sources.reader import Reader
from patchlint.sources.store import Store


@final
class TimedReader(Reader):
    """Reads, takes from the store and lowers under a clock."""

    def __init__(self, clock: Clock, store: Store, libraries: Sequence[str] = ()) -> None:
        super().__init__(store=store, libraries=libraries)
        self._clock = clock

    def summary(self, path: str) -> Summary | None:
        """As it is, timed: what is neither reading nor lowering is the store's."""
        with self._clock.part(Part.KEPT):
            return super().summary(path)

    def function_body(self, path: str, function: Node, lazy_annotations: bool) -> Node:
        """As it is, timed."""
        with self._clock.part(Part.LOWERING):
            return super().function_body(path, function, lazy_annotations)

    def require_syntax(self, path: str) -> None:
        """As it is, timed."""
        with self._clock.part(Part.LOWERING):
            super().require_syntax(path)

    def close(self) -> None:
        """As it is, timed."""
        self._clock.count(Part.READING, "files", self.files_read)
        self._clock.count(Part.LOWERING, "files", self.lowered)
        self._clock.count(Part.LOWERING, "functions", self.bodies_lowered)
        with self._clock.part(Part.KEEPING):
            super().close()

    def _data(self, path: str) -> bytes:
        with self._clock.part(Part.READING):
            return super()._data(path)

    def _stored(self, path: str, content: bytes) -> Summary | None:
        found = super()._stored(path, content)
        self._clock.count(Part.KEPT, "summaries", int(found is not None))
        return found

    def _lower(self, path: str, text: str) -> Summary:
        with self._clock.part(Part.LOWERING):
            return super()._lower(path, text)
