"""Edits carried out on files: all of a file's or none, and only if it is still what was played."""

from __future__ import annotations

import contextlib
import difflib
import io
import os
import tempfile
import tokenize
from collections.abc import Sequence
from pathlib import Path

from patchlint.fixes.texts import edited
from patchlint.model.errors import SourceError
from patchlint.model.proposal import Edit


def unified(shown: str, text: str, edits: Sequence[Edit]) -> str:
    """The change as a unified diff, with ``shown`` for the file's name."""
    after = edited(text, edits)
    lines = difflib.unified_diff(
        text.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{shown}", f"b/{shown}"
    )
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def write(path: str, text: str, edits: Sequence[Edit]) -> None:
    """Carry out edits on a file that still has ``text``, keeping its encoding, its line breaks and its mode.

    Raises SourceError where the file was changed since it was read, or cannot be written.
    """
    data = Path(path).read_bytes()
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    now = data.decode(encoding)
    plain = now.replace("\r\n", "\n").replace("\r", "\n")
    if plain != text:
        raise SourceError(path, 0, "was changed since it was read, and is left alone")
    after = edited(text, edits)
    if "\r\n" in now:
        after = after.replace("\n", "\r\n")
    compile(after, path, "exec", dont_inherit=True, flags=_ONLY_SYNTAX)
    _replace(path, after.encode(encoding))


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
