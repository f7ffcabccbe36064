"""What of a Cython source is Python."""

from __future__ import annotations

import pytest

from patchlint.sources.cython_source import included, python_part

TEXT = '''# cython: language_level=3
"""What it is for,
import nothing
"""
cimport cython
from libc.stdint cimport int64_t
import os
from threading import (
    Lock,
)

include "more.pxi"
include 'last.pxi'

try:
    import fast
except ImportError:
    fast = None

cdef int64_t limit = 3

cdef class Table:
    import never

@cython.wraparound(False)
def first(int a):
    import never

def second(a):
    return a
'''


def test_only_what_parses_is_kept_in_its_lines():
    lines = python_part(TEXT).split("\n")
    assert len(lines) == len(TEXT.split("\n"))
    found = {line for line in lines if line.strip()}
    assert found >= {"import os", "from threading import (", "    import fast", "def second(a):"}
    assert not [line for line in found if "never" in line or "cimport" in line or "cdef" in line]
    assert lines[6] == "import os"


def test_files_are_included_at_the_top():
    assert included(TEXT) == ("more.pxi", "last.pxi")


@pytest.mark.parametrize("text", ["", "\n", '"""', "def f(:\n  x", "\0", "(" * 500])
def test_nothing_makes_it_fail(text):
    assert python_part(text).count("\n") == text.count("\n")
