"""Edits carried out on files: all of a file's or none, and only if it is still what was played."""

from __future__ import annotations

import contextlib
import difflib
import io
import os
import tempfile
import tokenize
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from patchlint.fixes.texts import edited, lines_of
from patchlint.model.errors import SourceError
from patchlint.model.proposal import Edit


def unified(shown: str, text: str, edits: Sequence[Edit]) -> str:
    """The change as a unified diff, with ``shown`` for the file's name."""
    after = edited(text, edits)
    lines = difflib.unified_diff(lines_of(text), lines_of(after), f"a/{shown}", f"b/{shown}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def write(path: str, text: str, edits: Sequence[Edit]) -> None:
    """Carry out edits on a file that still has ``text``, keeping its encoding, its line breaks and its mode.

    Raises SourceError where the file was changed since it was read, or cannot be written.
    """
    now, encoding = _read(path)
    if now.replace("\r\n", "\n") != text:
        raise SourceError(
            path, 0, "was changed since it was played, or ends lines in a way of its own; it is left alone"
        )
    if "\r\n" in now:
        edits = [replace(edit, text=edit.text.replace("\n", "\r\n")) for edit in edits]
    after = edited(now, edits)
    try:
        if path.endswith((".py", ".pyw")):
            compile(after, path, "exec", dont_inherit=True, flags=_ONLY_SYNTAX)
        data = after.encode(encoding)
    except (SyntaxError, ValueError) as error:
        raise SourceError(path, 0, f"would not be valid afterwards, and is left alone: {error}") from error
    _replace(path, data)


def _read(path: str) -> tuple[str, str]:
    """A file's text as it is, and its encoding."""
    try:
        data = Path(path).read_bytes()
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding), encoding
    except OSError as error:
        raise SourceError(path, 0, f"cannot be read: {error.strerror}") from error
    except (SyntaxError, ValueError, LookupError) as error:
        raise SourceError(path, 0, f"cannot be decoded, and is left alone: {error}") from error


_ONLY_SYNTAX = 0x400  # ast.PyCF_ONLY_AST


def _replace(path: str, data: bytes) -> None:
    """Through a file beside it, so that nobody ever sees half of it."""
    real = os.path.realpath(path)
    mode = os.stat(real).st_mode & 0o7777
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(real), prefix=".patchlint-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, mode)
        os.replace(temporary, real)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise SourceError(path, 0, f"cannot be written: {error.strerror}") from error
