"""What of a Python file a run can have depended on, so that an edit of the rest leaves its answer standing."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator
from types import CodeType
from typing import Final, NamedTuple

try:
    from _blake2 import blake2b
except ImportError:  # pragma: no cover
    from hashlib import blake2b

_HAS_COLUMNS: Final = hasattr(CodeType, "co_positions")
"""Before Python 3.11 code tells its lines alone, and what stands where in one only the text does."""
_IS_FUNCTION: Final = 0x2  # CO_NEWLOCALS
_VARIADIC: Final = 0x4, 0x8  # CO_VARARGS, CO_VARKEYWORDS
_GENERATED: Final = frozenset({"<lambda>", "<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>"})


class Outline(NamedTuple):
    """What a play of a file can have depended on, and where it stands.

    ``gist`` is a hash of what the file does, with its columns, and with the order of its lines but not their
    numbers.  These are ``lines``, each once and in order: of two outlines with the same gist, the one's n-th line is
    the other's.  ``called`` has, for each function that was met, whether its body counts.
    """

    gist: str
    lines: tuple[int, ...]
    called: tuple[bool, ...]


def gist_of(content: bytes) -> str:
    """A hash of what a file does and where, and of its text without the lines of nothing but a comment.

    Empty for what does not compile here.
    """
    code = _compiled(content)
    if code is None:
        return ""
    outline = _Outlining(everything=True)
    result = blake2b(digest_size=16)
    for part in outline.parts(code):
        result.update(part)
    result.update(repr(outline.places).encode())
    result.update(b"\n".join(_without_comments(content)))
    return str(result.hexdigest())


def outline_of(content: bytes, lines: Collection[int] = (), called: tuple[bool, ...] | None = None) -> Outline | None:
    """The outline of a file of which the functions were called that stand at some lines, or that ``called`` tells.

    Of the other functions their heads count.  None where there is none: for what does not compile, and where code
    does not tell its columns.
    """
    code = _compiled(content) if _HAS_COLUMNS else None
    if code is None:
        return None
    outlining = _Outlining(lines, called)
    digest = blake2b(digest_size=16)
    for part in outlining.parts(code):
        digest.update(part)
    distinct = sorted(set(outlining.places))
    ranks = {line: rank for rank, line in enumerate(distinct)}
    digest.update(repr([ranks[line] for line in outlining.places]).encode())
    return Outline(str(digest.hexdigest()), tuple(distinct), tuple(outlining.called))


def _compiled(content: bytes) -> CodeType | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return compile(content, "", "exec", dont_inherit=True, optimize=0)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _without_comments(content: bytes) -> list[bytes]:
    """The lines, those of a comment left empty, and none of these at the end.

    A line of a text that looks like a comment is in the code as well.  The first two may declare an encoding.
    """
    lines = content.splitlines()
    kept = lines[:2] + [b"" if line.lstrip().startswith(b"#") else line.rstrip() for line in lines[2:]]
    while kept and not kept[-1].strip():
        kept.pop()
    return kept


class _Outlining:
    """Code as bytes, with the lines apart; ``marshal`` would do, but for its writing equal code in several ways.

    ``places`` are the lines in the order in which they were met.
    """

    def __init__(
        self, lines: Collection[int] = (), called: tuple[bool, ...] | None = None, *, everything: bool = False
    ) -> None:
        self._lines = lines
        self._known = called
        self._everything = everything
        self.called: list[bool] = []
        self.places: list[int] = []

    def parts(self, code: CodeType) -> Iterator[bytes]:
        """What counts of a code object and of those inside it."""
        yield repr((code.co_name, code.co_flags, code.co_argcount, code.co_kwonlyargcount)).encode()
        yield repr((code.co_posonlyargcount, code.co_names, code.co_varnames, code.co_freevars)).encode()
        yield repr(code.co_cellvars).encode()
        yield code.co_code
        yield repr(list(self._columns(code))).encode()
        yield getattr(code, "co_exceptiontable", b"")
        for constant in code.co_consts:
            if not isinstance(constant, CodeType):
                yield f"{type(constant).__name__} {_ordered(constant)!r}".encode("utf-8", "surrogatepass")
                continue
            self.places.append(constant.co_firstlineno)
            yield from self.parts(constant) if self._counts(constant) else self._head(constant)

    def _columns(self, code: CodeType) -> Iterator[int | None]:
        """Where something ends is nobody's concern: a definition ends with a body that may not count."""
        places = code.co_positions() if _HAS_COLUMNS else ((line, 0, None, 0) for _, _, line in code.co_lines())
        for line, _, column, _ in places:
            self.places.append(line or 0)
            yield column

    def _counts(self, code: CodeType) -> bool:
        """Classes, lambdas and comprehensions always do, a function where it was called, or one inside it."""
        if self._everything or not code.co_flags & _IS_FUNCTION or code.co_name in _GENERATED:
            return True
        if self._known is None:
            last = max((line for _, _, line in code.co_lines() if line), default=code.co_firstlineno)
            counts = any(code.co_firstlineno <= line <= last for line in self._lines)
        else:
            counts = len(self.called) < len(self._known) and self._known[len(self.called)]
        self.called.append(counts)
        return counts

    def _head(self, code: CodeType) -> Iterator[bytes]:
        """What of a function that nobody calls is there to be seen: its name, parameters and kind."""
        variadic = sum(bool(code.co_flags & flag) for flag in _VARIADIC)
        parameters = code.co_argcount + code.co_kwonlyargcount + variadic
        yield repr((code.co_name, code.co_flags, code.co_argcount, code.co_kwonlyargcount)).encode()
        yield repr((code.co_posonlyargcount, code.co_varnames[:parameters], sorted(code.co_freevars))).encode()


def _ordered(constant: object) -> object:
    return sorted(map(repr, constant)) if isinstance(constant, frozenset) else constant
