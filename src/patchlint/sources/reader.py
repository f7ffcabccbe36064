"""Sources of the target: text, summaries and function bodies, each read and lowered once, or taken from the store."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from patchlint.model import operations as op
from patchlint.model.errors import SourceError
from patchlint.model.operations import Node, Summary
from patchlint.sources import cython_source
from patchlint.sources.finder import read
from patchlint.sources.lowering import NOT_PARSED, lower, lower_function, parse
from patchlint.sources.store import Store, hash_of

_SUMMARY: Final = b"s"
_ERROR: Final = b"e"
_LIBRARY_SUMMARY: Final = b"u"  # of a file whose function bodies were not parsed
_LIBRARY_ERROR: Final = b"f"
_BODIES: Final = b"d"
_PARSED: Final = b"p"
_TEXTS_KEPT: Final = 128

_encode: Final = msgspec.msgpack.Encoder().encode
_decode_summary: Final = msgspec.msgpack.Decoder(Summary).decode
_decode_error: Final = msgspec.msgpack.Decoder(tuple[int, str]).decode
_decode_bodies: Final = msgspec.msgpack.Decoder(dict[int, msgspec.Raw]).decode
_decode_body: Final = msgspec.msgpack.Decoder(list[Any]).decode

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")


def decode(data: bytes, path: str) -> str:
    """Reference 2.1.4: the encoding that a byte-order mark or a cookie declares, else UTF-8.

    Line ends are made ``\\n``.  Raises SourceError.
    """
    encoding = "utf-8"
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    else:
        for start in data.split(b"\n", 2)[:2]:
            cookie = _COOKIE.match(start)
            if cookie:
                encoding = cookie.group(1).decode("ascii")
                break
            if not start.strip().startswith(b"#") and start.strip():
                break
    try:
        text = data.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        line = data[: getattr(error, "start", 0)].count(b"\n") + 1
        raise SourceError(path, line, f"is not {encoding}: save it as UTF-8 or declare its encoding") from None
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text


def _python(data: bytes, path: str) -> str:
    """A source's text; of a Cython source, what of it is Python.  Raises SourceError."""
    text = decode(data, path)
    return cython_source.python_part(text) if path.endswith(cython_source.SUFFIXES) else text


@dataclass(slots=True)
class _Bodies:
    """The function bodies of one file, by the line that they start at; ``key`` is None where none are stored."""

    key: bytes | None = None
    stored: Mapping[int, msgspec.Raw] = field(default_factory=dict)
    made: dict[int, msgspec.Raw] = field(default_factory=dict)


@dataclass(slots=True)
class Uses:
    """How often a file was read to be played, and the lines of the functions whose bodies were asked for.

    ``glances`` is how often it was read for hints (see ``hints``), and had none.
    """

    is_library: bool
    reads: int = 0
    glances: int = 0
    functions: set[int] = field(default_factory=set)


class Reader:
    """Reads for one run; ``overlay`` gives texts that stand in for files.

    In a library, the files below ``libraries``, a syntax error in a function's body is only seen when the
    function is called.  ``lowered`` counts the files, ``bodies_lowered`` the functions, that the store did
    not have, ``files_read`` the files whose content was read, and ``uses`` what each was read for.  ``asked`` are
    the files that anybody asked for, since somebody put an empty set there.
    """

    def __init__(
        self, overlay: Mapping[str, str] | None = None, store: Store | None = None, libraries: Sequence[str] = ()
    ) -> None:
        self.overlay = overlay or {}
        self._libraries = tuple(os.path.join(folder, "") for folder in libraries)
        self.lowered = 0
        self.bodies_lowered = 0
        self.files_read = 0
        self.uses: dict[str, Uses] = {}
        self.asked: set[str] = set()
        self._store = store or Store()
        self._packed: dict[str, bytes] = {}
        self._hashes: dict[str, bytes] = {}
        self._bodies: dict[str, _Bodies] = {}
        self._texts: dict[str, str] = {}
        self._lines: dict[str, list[str]] = {}

    def with_overlay(self, overlay: Mapping[str, str]) -> Reader:
        """Another reader of the same store, with other texts for some files; what was read of the rest is shared."""
        other = Reader(overlay, self._store, self._libraries)
        other.uses = self.uses
        for kept in ("_packed", "_hashes", "_bodies", "_texts", "_lines"):
            setattr(other, kept, {path: one for path, one in getattr(self, kept).items() if path not in overlay})
        return other

    def stands_in(self, path: str) -> bool:
        """Whether a text stands in for a file, which need not be there."""
        return bool(self.overlay) and os.path.normpath(path) in self.overlay

    def text(self, path: str) -> str:
        """A file's text.  Raises SourceError."""
        self.asked.add(path)
        return self.overlay[path] if path in self.overlay else _python(self._data(path), path)

    def summary(self, path: str) -> Summary | None:
        """A file's summary, None for compiled code without a source.  Raises SourceError.

        What is kept of it is packed, a tenth of its size: most modules are executed once.
        """
        self.asked.add(path)
        if path.endswith(".pyc"):
            return None
        packed = self._packed.get(path)
        return self._summary(path) if packed is None else _decode_summary(packed)

    def function_body(self, path: str, function: Node, lazy_annotations: bool) -> Node:
        """The lowered body of a function that ``path`` defines."""
        bodies = self._bodies.get(path) or self._bodies_of(path)
        line = function[op.F_LINE]
        self._uses_of(path).functions.add(line)
        known = bodies.stored.get(line) or bodies.made.get(line)
        if known is not None:
            return _decode_body(known)
        self.bodies_lowered += 1
        try:
            body = lower_function(self._lines_of(path), function, lazy_annotations)
        except SyntaxError as error:
            return _raising(line, str(error.msg))
        bodies.made[line] = msgspec.Raw(_encode(body))
        return body

    def require_syntax(self, path: str) -> None:
        """Raise SourceError where a file that nobody imports could not be read or parsed."""
        if path in self._packed:
            return
        data = self._to_play(path)
        content = hash_of(data)
        if self._store.get(_PARSED + content) is None and self._stored(path, content) is None:
            parse(decode(data, path), path)
            self._store.put(_PARSED + content, b"")

    def passed_by(self, paths: Iterable[str]) -> None:
        """Note the files that a search has read for hints in vain."""
        for path in paths:
            self._uses_of(path).glances += 1

    def close(self) -> None:
        """Hand what was lowered on to the store, and close it."""
        for bodies in self._bodies.values():
            if bodies.made and bodies.key is not None:
                self._store.put(bodies.key, _encode({**bodies.stored, **bodies.made}))
        self._store.close()

    def read_bytes(self, path: str) -> bytes | None:
        """A data file's content, None where it cannot be read."""
        self.asked.add(path)
        try:
            return self.overlay[path].encode() if path in self.overlay else read(path)
        except OSError:
            return None

    def list_folder(self, path: str) -> Sequence[str] | None:
        """The names in a folder, sorted, None where it cannot be listed."""
        try:
            return sorted(os.listdir(path))
        except OSError:
            return None

    def _to_play(self, path: str) -> bytes:
        self._uses_of(path).reads += 1
        return self._data(path)

    def _uses_of(self, path: str) -> Uses:
        uses = self.uses.get(path)
        if uses is None:
            uses = self.uses[path] = Uses(self._is_library(path))
        return uses

    def _data(self, path: str) -> bytes:
        self.files_read += 1
        try:
            return read(path)
        except OSError as error:
            raise SourceError(path, 0, error.strerror or "cannot be read") from None

    # One file -------------------------------------------------------------------------------------
    def _summary(self, path: str) -> Summary:
        if path in self.overlay:
            summary = self._lower(path, self.overlay[path])
            self._packed[path] = _encode(summary)
            return summary
        data = self._to_play(path)
        content = self._hashes[path] = hash_of(data)
        return self._stored(path, content) or self._made(path, content, data)

    def _stored(self, path: str, content: bytes) -> Summary | None:
        kind, error = self._kinds(path)
        stored = self._store.get_many((kind + content, _SUMMARY + content, error + content))
        try:
            if (found := stored.get(kind + content) or stored.get(_SUMMARY + content)) is not None:
                summary = _decode_summary(found)
                self._packed[path] = found
                return summary
            if (found := stored.get(error + content)) is None:
                return None
            line, reason = _decode_error(found)
        except msgspec.MsgspecError:
            return None  # not what was put there
        raise SourceError(path, line, reason)

    def _made(self, path: str, content: bytes, data: bytes) -> Summary:
        summary_kind, error_kind = self._kinds(path)
        try:
            summary = self._lower(path, _python(data, path))
        except SourceError as error:
            if not error.reason.startswith(NOT_PARSED):  # which may be for want of memory
                self._store.put(error_kind + content, _encode((error.line, error.reason)))
            raise
        packed = self._packed[path] = _encode(summary)
        self._store.put(summary_kind + content, packed)
        return summary

    def _kinds(self, path: str) -> tuple[bytes, bytes]:
        return (_LIBRARY_SUMMARY, _LIBRARY_ERROR) if self._is_library(path) else (_SUMMARY, _ERROR)

    def _lower(self, path: str, text: str) -> Summary:
        self.lowered += 1
        self._keep(path, text)
        return lower(text, path, bodies_checked=not self._is_library(path))

    def _is_library(self, path: str) -> bool:
        return path.startswith(self._libraries) if self._libraries else False

    def _bodies_of(self, path: str) -> _Bodies:
        content = self._hashes.get(path)
        bodies = self._bodies[path] = _Bodies() if content is None else _Bodies(_BODIES + content)
        if bodies.key is not None and (stored := self._store.get(bodies.key)) is not None:
            with contextlib.suppress(msgspec.MsgspecError):
                bodies.stored = _decode_bodies(stored)
        return bodies

    def _lines_of(self, path: str) -> list[str]:
        if path not in self._lines:
            if path not in self._texts:
                text = self.overlay[path] if path in self.overlay else _python(self._to_play(path), path)
                self._keep(path, text)
            self._lines[path] = _lines(self._texts[path])
        return self._lines[path]

    def _keep(self, path: str, text: str) -> None:
        """Keep the texts that were read last: the functions of a file are mostly called soon."""
        self._texts[path] = text
        if len(self._texts) > _TEXTS_KEPT:
            oldest = next(iter(self._texts))
            del self._texts[oldest]
            self._lines.pop(oldest, None)


def _raising(line: int, reason: str) -> Node:
    """The body that stands for one which does not parse, and whose file could not have been imported."""
    error = [op.CALL, line, [op.NAME, "SyntaxError"], [[op.CONST, reason]], []]
    return [[[op.RAISE, line, error, None]], [], [], [], False, False]


def _lines(text: str) -> list[str]:
    """Lines as the tokenizer counts them: ended by a newline only."""
    return [line + "\n" for line in text.split("\n")]
