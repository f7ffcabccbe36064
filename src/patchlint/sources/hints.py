"""What tells a Python file that somebody may start from all the others, before it is parsed."""

from __future__ import annotations

import re
from typing import Final

TOO_LARGE: Final = 4_000_000
"""Bytes.  A file beyond that was written by a program, and a search passes it by."""

_WORDS: Final = re.compile(rb"__main__|patch_|monkey_patch|Celery")


def are_in(content: bytes) -> bool:
    """Whether a file holds a word that makes it worth parsing."""
    return _WORDS.search(content) is not None
