"""Edits carried out on files: all of them or none, and only where each file is still what was played."""

from __future__ import annotations

import contextlib
import difflib
import io
import os
import tempfile
import tokenize
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from patchlint.fixes.texts import edited, lines_of
from patchlint.model.errors import SourceError
from patchlint.model.proposal import Edit, Source


def unified(shown: str, text: str, edits: Sequence[Edit]) -> str:
    """The change as a unified diff, with ``shown`` for the file's name."""
    after = edited(text, edits)
    lines = difflib.unified_diff(lines_of(text), lines_of(after), f"a/{shown}", f"b/{shown}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def write(changes: Sequence[tuple[Source, Sequence[Edit]]]) -> None:
    """Carry out edits on files that still are as they were, keeping encodings, line breaks and modes.

    Nothing is written before all of it is beside its files; where one cannot take its place, those that did go back.
    Raises SourceError where a file was changed since it was read, or cannot be written; then all are as before.
    """
    ready = [_ready(source, edits) for source, edits in changes]
    with ExitStack() as beside, ExitStack() as back:
        staged = [(one, beside.enter_context(_beside(one, one.after))) for one in ready]
        for one, temporary in staged:
            _take_place(temporary, one)
            back.callback(_give_back, one)
        back.pop_all()


@dataclass(frozen=True, slots=True)
class _Ready:
    """A file's content before and after; ``path`` is no link."""

    path: str
    before: bytes
    after: bytes
    is_new: bool = False


def _ready(source: Source, edits: Sequence[Edit]) -> _Ready:
    path = source.path
    if source.is_new:
        return _made(path, edited("", edits))
    data, now, encoding = _read(path)
    if now.replace("\r\n", "\n") != source.text:
        raise SourceError(
            path, 0, "was changed since it was played, or ends lines in a way of its own; it is left alone"
        )
    if "\r\n" in now:
        edits = [replace(edit, text=edit.text.replace("\n", "\r\n")) for edit in edits]
    after = edited(now, edits)
    try:
        if path.endswith((".py", ".pyw")):
            compile(after, path, "exec", dont_inherit=True, flags=_ONLY_SYNTAX)
        return _Ready(os.path.realpath(path), data, after.encode(encoding))
    except (SyntaxError, ValueError) as error:
        raise SourceError(path, 0, f"would not be valid afterwards, and is left alone: {error}") from error


def _made(path: str, text: str) -> _Ready:
    if os.path.lexists(path):
        raise SourceError(path, 0, "is there now, and was not when the change was played; it is left alone")
    return _Ready(os.path.realpath(path), b"", text.encode(), is_new=True)


def _read(path: str) -> tuple[bytes, str, str]:
    """A file's content, its text as it is, and its encoding."""
    try:
        data = Path(path).read_bytes()
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data, data.decode(encoding), encoding
    except OSError as error:
        raise SourceError(path, 0, f"cannot be read: {error.strerror}") from error
    except (SyntaxError, ValueError, LookupError) as error:
        raise SourceError(path, 0, f"cannot be decoded, and is left alone: {error}") from error


_ONLY_SYNTAX = 0x400  # ast.PyCF_ONLY_AST


@contextlib.contextmanager
def _beside(one: _Ready, data: bytes) -> Iterator[str]:
    """A file beside another, with its mode, so that nobody ever sees half of what it is to become."""
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(dir=os.path.dirname(one.path), prefix=".patchlint-")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o644 if one.is_new else os.stat(one.path).st_mode & 0o7777)
    except OSError as error:
        _forget(temporary)
        raise SourceError(one.path, 0, f"cannot be written: {error.strerror}") from error
    try:
        yield temporary
    finally:
        _forget(temporary)


def _forget(temporary: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(temporary)


def _take_place(temporary: str, one: _Ready) -> None:
    try:
        os.replace(temporary, one.path)
    except OSError as error:
        raise SourceError(one.path, 0, f"cannot be written: {error.strerror}") from error


def _give_back(one: _Ready) -> None:
    """What the file was, as far as that can be done."""
    if one.is_new:
        _forget(one.path)
        return
    with contextlib.suppress(SourceError), _beside(one, one.before) as temporary:
        _take_place(temporary, one)
