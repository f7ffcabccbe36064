"""Newer syntax in older words: the texts that come out are run, and must give what newer Pythons give."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from patchlint.model import operations as op
from patchlint.sources.lowering import lower
from patchlint.sources.newer_syntax import IS_OLD, parse, rewritten

F_STRINGS = {
    """f'{', '.join(["a", "b"])}'""": "a, b",
    """f'<{f'{1}' + '\\n'}>'""": "<1\n>",
    """f'{'a'!r:>{'5'}}|'""": "  'a'|",
    """f'{{}}{'x'}{{{'y'}}}'""": "{}x{y}",
    """f'{'a' if 1 != 2 else 'b'}'""": "a",
    """f'{'a'=}'""": "'a'='a'",
    """f'{'a' = !s:>3}'""": "'a' =   a",
    """(f'{'a'}' 'b' f"{1}")""": "ab1",
    """('b' f'{'a'}' f'{'c'}')""": "bac",
    """f'{'\\N{BULLET}'}\\N{BULLET}'""": "\u2022\u2022",
    """rf'{'a'}\\n'""": "a\\n",
    """f'{[1, 2][0:1]}{'b'}{(lambda: 'c')()}'""": "[1]bc",
    """f'''{'''x'''}'''""": "x",
    """f'{1 + # one
    1}'""": "2",
}  # fmt: skip


@pytest.mark.parametrize("text", F_STRINGS)
def test_f_strings_keep_their_value(text):
    older, _ = rewritten(f"value = {text}\n")
    assert older.count("\n") == text.count("\n") + 1
    names: dict[str, Any] = {}
    exec(older, names)  # noqa: S102  (our own)
    assert names["value"] == F_STRINGS[text]


@pytest.mark.parametrize(
    "text",
    [
        """'type X = 1'; "class A[T]"; f'{a} {b!r:>{c}}' 'x'""",
        "# f'{'a'}'\ntype = 1\ntype [0]\ntype (x)\n",
        "class A(B[T]): pass\nx = a[b]\n",
        '"""\nclass A[T]: ...\n"""\n',
    ],
)
def test_older_syntax_stays_as_it_is(text):
    assert rewritten(text)[0] == text


GENERIC = """\
class Box[T: (int, str) = int](Base[T], metaclass=Meta):
    def get[
        *Ts,  # a comment
        **P,
    ](self, a: T = 1) -> "T":
        return a
class Empty[T]: pass
class Lines[
    T,
]:
    pass
type Pair[A, B] = tuple[
    A, B]
type Name = str
try:
    pass
except* ValueError:
    pass
"""


def test_type_parameters_are_given_back():
    older, marks = rewritten(GENERIC)
    assert older.count("\n") == GENERIC.count("\n")
    assert marks.parameters == {(1, "Box"): ["T"], (2, "get"): ["Ts", "P"], (7, "Empty"): ["T"], (8, "Lines"): ["T"]}
    assert marks.aliases == {(12, "Pair"), (14, "Name")}


def test_names_are_seen_where_they_may_be():
    """Whatever interpreter runs this: type parameters are no names of the module, aliases are computed late."""
    box, *_ = lower(GENERIC, "generic.py").body
    assert box[4] == [[op.SUBSCRIPT, [op.NAME, "Base"], [op.SPECIAL, "type parameter", ""]]]
    aliases = [node for node in lower(GENERIC, "generic.py").body if node[0] == op.ASSIGN]
    assert [(node[1], node[2][0][1], node[3][1]) for node in aliases] == [
        (12, "Pair", "type alias"), (14, "Name", "type alias"),
    ]  # fmt: skip


def test_what_is_wrong_is_told_as_it_is():
    with pytest.raises(SyntaxError) as told:
        parse("class A[T]: pass\nx = = 1\n")
    assert told.value.lineno == 2 or IS_OLD


@pytest.mark.parametrize(
    "text", ["f'{", "f'{a", "class A[", "class A[T", "type X", "type X = ", "f'{a:", "f'{a!", "def f[T", "(f'{'a'}'"]
)
def test_no_end_is_no_trouble(text):
    with pytest.raises(SyntaxError):
        parse(text)
    with pytest.raises(SyntaxError):
        ast.parse(rewritten(text)[0])


def test_what_python_warns_of_is_not_patchlints_to_say(recwarn):
    parse("x = '\\d'\nif x is 1or 2:\n    pass\n")
    assert not recwarn.list
