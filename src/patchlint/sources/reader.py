"""Sources of the target: text, summaries and function bodies, each read and lowered once."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence

from patchlint.model import operations as op
from patchlint.model.errors import SourceError
from patchlint.model.operations import Node, Summary
from patchlint.sources.finder import read
from patchlint.sources.lowering import lower, lower_function

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")


def decode(data: bytes, path: str) -> str:
    """Reference 2.1.4: the encoding that a byte-order mark or a cookie declares, else UTF-8.

    Line ends are made ``\\n``.  Raises SourceError.
    """
    encoding = "utf-8"
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    else:
        for line in data.split(b"\n", 2)[:2]:
            cookie = _COOKIE.match(line)
            if cookie:
                encoding = cookie.group(1).decode("ascii")
                break
            if not line.strip().startswith(b"#") and line.strip():
                break
    try:
        text = data.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        line = data[: getattr(error, "start", 0)].count(b"\n") + 1
        raise SourceError(path, line, f"is not {encoding}: save it as UTF-8 or declare its encoding") from None
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text


class Reader:
    """Reads for one run; ``overlay`` gives texts that stand in for files."""

    def __init__(self, overlay: Mapping[str, str] | None = None) -> None:
        self.overlay = overlay or {}
        self.lowered = 0
        self._summaries: dict[str, Summary | None] = {}
        self._lines: dict[str, list[str]] = {}
        self._bodies: dict[tuple[str, int], Node] = {}

    def text(self, path: str) -> str:
        """A file's text.  Raises SourceError."""
        if path in self.overlay:
            return self.overlay[path]
        try:
            data = read(path)
        except OSError as error:
            raise SourceError(path, 0, error.strerror or "cannot be read") from None
        return decode(data, path)

    def summary(self, path: str) -> Summary | None:
        """A file's summary, None for compiled code without a source.  Raises SourceError."""
        if path not in self._summaries:
            self._summaries[path] = None if path.endswith(".pyc") else self._lower(path)
        return self._summaries[path]

    def _lower(self, path: str) -> Summary:
        text = self.text(path)
        self.lowered += 1
        self._lines[path] = text.splitlines(keepends=True) if "\f" not in text and text.isascii() else _lines(text)
        return lower(text, path)

    def function_body(self, path: str, function: Node, lazy_annotations: bool) -> Node:
        """The lowered body of a function that ``path`` defines."""
        key = path, function[op.F_LINE]
        body = self._bodies.get(key)
        if body is None:
            if path not in self._lines:
                self._lines[path] = _lines(self.text(path))
            body = self._bodies[key] = lower_function(self._lines[path], function, lazy_annotations)
        return body

    def read_bytes(self, path: str) -> bytes | None:
        """A data file's content, None where it cannot be read."""
        try:
            return read(path)
        except OSError:
            return None

    def list_folder(self, path: str) -> Sequence[str] | None:
        """The names in a folder, sorted, None where it cannot be listed."""
        try:
            return sorted(os.listdir(path))
        except OSError:
            return None


def _lines(text: str) -> list[str]:
    """Lines as the tokenizer counts them: ended by a newline only."""
    return [line + "\n" for line in text.split("\n")]
