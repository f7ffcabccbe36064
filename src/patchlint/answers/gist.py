"""What of a Python file a run can have depended on, so that an edit of the rest leaves its answer standing."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator
from types import CodeType
from typing import Final

try:
    from _blake2 import blake2b
except ImportError:  # pragma: no cover
    from hashlib import blake2b

_HAS_COLUMNS: Final = hasattr(CodeType, "co_positions")
"""Before Python 3.11 code tells its lines alone, and what stands where in one only the text does."""
_IS_FUNCTION: Final = 0x2  # CO_NEWLOCALS
_VARIADIC: Final = 0x4, 0x8  # CO_VARARGS, CO_VARKEYWORDS
_GENERATED: Final = frozenset({"<lambda>", "<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>"})


def gist_of(content: bytes, lines: Collection[int] | None) -> str:
    """A hash of what a file does and where, without its comments; empty for what does not compile here.

    ``lines`` are those of the functions that were called, where the file was only played: of the others
    their heads count.  Where it is None the file was read in some other way too: all of it counts, and its
    text, but for lines of nothing but a comment.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            code = compile(content, "", "exec", dont_inherit=True, optimize=0)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    result = blake2b(digest_size=16)
    for part in _parts(code, None if lines is None else frozenset(lines)):
        result.update(part)
    if lines is None or not _HAS_COLUMNS:
        result.update(b"\n".join(_without_comments(content)))
    return str(result.hexdigest())


def _without_comments(content: bytes) -> list[bytes]:
    """The lines, those of a comment left empty, and none of these at the end.

    A line of a text that looks like a comment is in the code as well.  The first two may declare an encoding.
    """
    lines = content.splitlines()
    kept = lines[:2] + [b"" if line.lstrip().startswith(b"#") else line.rstrip() for line in lines[2:]]
    while kept and not kept[-1].strip():
        kept.pop()
    return kept


def _parts(code: CodeType, called: frozenset[int] | None) -> Iterator[bytes]:
    """Code as bytes; ``marshal`` would do, but for its writing equal code in several ways."""
    yield repr((code.co_name, code.co_firstlineno, code.co_flags, code.co_argcount, code.co_kwonlyargcount)).encode()
    yield repr((code.co_posonlyargcount, code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)).encode()
    yield code.co_code
    # Where something ends is nobody's concern: a definition ends with a body that may not count.
    places = ((line, column) for line, _, column, _ in code.co_positions()) if _HAS_COLUMNS else code.co_lines()
    yield repr(list(places)).encode()
    yield getattr(code, "co_exceptiontable", b"")
    for constant in code.co_consts:
        if not isinstance(constant, CodeType):
            yield f"{type(constant).__name__} {_ordered(constant)!r}".encode("utf-8", "surrogatepass")
        elif called is None or _counts(constant, called):
            yield from _parts(constant, called)
        else:
            yield from _head(constant)


def _ordered(constant: object) -> object:
    return sorted(map(repr, constant)) if isinstance(constant, frozenset) else constant


def _counts(code: CodeType, called: frozenset[int]) -> bool:
    """Classes, lambdas and comprehensions always do, a function where one of these lines is among its own."""
    if not code.co_flags & _IS_FUNCTION or code.co_name in _GENERATED:
        return True
    last = max((line for _, _, line in code.co_lines() if line), default=code.co_firstlineno)
    return any(code.co_firstlineno <= line <= last for line in called)


def _head(code: CodeType) -> Iterator[bytes]:
    """What of a function that nobody calls is there to be seen: its name, place, parameters and kind."""
    variadic = sum(bool(code.co_flags & flag) for flag in _VARIADIC)
    parameters = code.co_argcount + code.co_kwonlyargcount + variadic
    yield repr((code.co_name, code.co_firstlineno, code.co_flags, code.co_argcount, code.co_kwonlyargcount)).encode()
    yield repr((code.co_posonlyargcount, code.co_varnames[:parameters], sorted(code.co_freevars))).encode()
