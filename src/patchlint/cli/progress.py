"""A line on the terminal that says how far a long run is, and is gone when it ends."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any, Final, TextIO, final

PATIENCE: Final = 1.0
"""Seconds before anything is shown: most runs are over by then."""
_PERIOD: Final = 0.1
_ERASED: Final = "\r\x1b[K"


def is_wanted(stream: TextIO | None, environ: Mapping[str, str]) -> bool:
    """Only a terminal that can erase a line is shown one, and nobody who asks for plain output."""
    if stream is None or any(environ.get(name) for name in ("NO_COLOR", "CI")):
        return False
    return environ.get("TERM", "dumb") != "dumb" and stream.isatty()


@final
class Progress:
    """Shows the line between ``with`` and its end, from a thread: the work itself does not know of it.

    How many files there will be is not known before the last is read, so there is no share of them to show.
    """

    def __init__(self, stream: TextIO | None = None, environ: Mapping[str, str] = os.environ) -> None:
        self._stream = stream or sys.stderr
        self._started = time.perf_counter()
        self._sources: Mapping[str, object] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._show, daemon=True) if is_wanted(self._stream, environ) else None

    def __enter__(self) -> Progress:
        if self._thread is not None:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def played(self, sources: Mapping[str, Any]) -> None:
        """Be told of the files that are read to be played; more of them come while they are."""
        self._sources = sources

    def line(self) -> str:
        """What there is to say now."""
        seconds = f"{time.perf_counter() - self._started:.0f} s"
        if not self._sources:
            return f"patchlint: looking for what is started, {seconds}"
        return f"patchlint: playing, {len(self._sources):,} files, {seconds}"

    def _show(self) -> None:
        if self._over.wait(PATIENCE):
            return
        try:
            while not self._over.wait(_PERIOD):
                self._write(_ERASED + self.line()[: self._width() - 1])
            self._write(_ERASED)
        except (OSError, ValueError):  # the terminal is gone, or the stream closed
            return

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()

    def _width(self) -> int:
        return os.get_terminal_size(self._stream.fileno()).columns or 80
