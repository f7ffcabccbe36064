"""A file without its function bodies lowers to the same summary, byte for byte."""

from __future__ import annotations

import ast
import os
import sys
from pathlib import Path

import msgspec
import pytest

from patchlint.model.errors import SourceError
from patchlint.sources.lowering import lower
from patchlint.sources.reader import decode
from patchlint.sources.skeleton import IS_POSSIBLE, skeleton

pytestmark = pytest.mark.skipif(not IS_POSSIBLE, reason="every file is parsed as a whole")

LEFT_OUT = "left_out"
"""A name that is in bodies only."""

SHORTENED = {
    "plain": "def f():\n    left_out()\nx = 1\n",
    "the end of the file": "def f():\n    left_out()",
    "no line after the last": "def f():\n    left_out()\n    ",
    "nested": "def f():\n    def g():\n        left_out()\n    return g\n",
    "async": "async  def f():\n    await left_out()\n",
    "method": "class C:\n    x = 1\n    def f(self):\n        left_out()\n    y = 2\n    def g(self): return 1\n",
    "tabs": "class C:\n\tdef f(self):\n\t\tleft_out()\n\tx = 1\n",
    "conditional": "if x:\n  def f():\n      left_out()\nelse:\n  def f():\n      left_out()\n",
    "in try": "try:\n    def f():\n        left_out()\nfinally:\n    pass\n",
    "decorated": "@d(\n  1)\n@e\ndef f():\n    left_out()\n",
    "comments": "def f():  # a: 'b'\n# low '\n    left_out()\n  # don't\n    # inside\n# after\n\n\nx = 1\n",
    "documented": 'def f():\n    """One.\n\ndef g():\n    two"""\n    left_out()\n\nx = """\ndef h():\n    kept\n"""\n',
    "strings": "def f():\n    left_out('\"\"\"', \"'''\", '\\'', \"\\\\\", r'\\'')\nx = '''\n  def f():\n    kept'''\n",
    "prefixes": "def f():\n    left_out(rb'''\n'''[0], f'{left_out!r:>{10}}', Rb\"\\\"\")\n",
    "a string over lines": "def f():\n    left_out('a\\\nb'\\\n, 1)\n    return\nx = 1\n",
    "a bracket over lines": "def f():\n    left_out(\n        1,\n      2)\nx = (\n  1)\n",
    "a head over lines": "def f(\n    a: int = 1,  # it's:\n    *b: 'x:'\n) -> dict[\n  int, str]:\n    left_out()\n",
    "defaults": "def f(a={1: [2, (3, {4})]}, b=lambda x: (x,), c='):\\n'):\n    left_out()\n",
    "annotations": "def f(a: 'A' = None) -> a.B['c':'d']:\n    left_out()\n",
    "empty lines between": "def f():\n\n\n    left_out()\n\n\n\n    left_out()\n\n\ndef g():\n    left_out()\n",
    "form feeds": "def f():\n    left_out()\n\f\n    left_out()\n\f\ndef g():\n    left_out()\n",
    "semicolons": "def f():\n    x = 1; left_out()\nx = 1; y = 2\n",
    "a class in a function": "def f():\n    class C:\n        def g(self):\n            left_out()\n    return C\n",
    "names like def": "define = 1\ndef_ = 2\ndefault = {\n'def': 1}\ndef f():\n    left_out()\n",
    "unicode": "def ñ():\n    left_out('é')\nclass Ω:\n    def ß(self):\n        left_out()\n",
}
if sys.version_info >= (3, 12):
    SHORTENED["generics"] = "def f[T: (int, str)](x: T) -> T:\n    left_out()\n"
    SHORTENED["quotes in quotes"] = "def f():\n    left_out(f'{x['a']}', f\"{y[\"#\"]}\")\n    return 1\nx = 1\n"

WHOLE = {
    "one line": "def f(): return 1\nclass C:\n    x = 1\n",
    "one line, then a block": "def f(x): return x\nif x:\n    y = {1:\n 2}\n",
    "a joined comment": "def f():\n    x = 1 \\\n    # no more\n\ny = 1\n",
    "a joined empty line": "def f():\n    x = 1 \\\n\n\ny = 1\n",
    "a low bracket": "def f():\n    x = (\n1\n)\ny = 1\n",
    "low text in a bracket": "def f():\n    x = (\n'a'\n    )\n    return x\ny = 1\n",
    "a head joined by a backslash": "def f() \\\n  :\n    x = 1\n",
    "a def in a string": 'x = """\ndef f():\n    """\ny = 1\n',
    "a def in a bracket's string": "x = ('''\ndef f():\n    pass\n''',\n1)\n",
    "no function": "import os\n",
    "nothing": "",
}


def summary(text: str, *, whole: bool) -> bytes:
    return msgspec.msgpack.encode(lower(text, "x.py", bodies_checked=whole))


@pytest.mark.parametrize("name", SHORTENED)
def test_bodies_are_left_out_and_nothing_else_changes(name: str) -> None:
    text = SHORTENED[name]
    short = skeleton(text)
    assert short is not None
    assert LEFT_OUT not in short
    assert short.count("\n") == text.count("\n") + (not text.endswith("\n"))
    assert summary(text, whole=False) == summary(text, whole=True) == summary(short, whole=True)


@pytest.mark.parametrize("name", WHOLE)
def test_what_cannot_be_left_out_is_parsed(name: str) -> None:
    assert summary(WHOLE[name], whole=False) == summary(WHOLE[name], whole=True)


@pytest.mark.parametrize(
    "text", ["x = '''\n", "def f():\n    x = '''\n", "x = (\n", "def f():\nx = 1\n", " x = 1\n", "'\n"]
)
def test_errors_outside_bodies_are_found(text: str) -> None:
    errors = []
    for whole in (True, False):
        with pytest.raises(SourceError) as caught:
            summary(text, whole=whole)
        errors.append(str(caught.value))
    assert errors[0] == errors[1]


def test_the_end_of_a_function_is_that_of_its_last_statement() -> None:
    for text in SHORTENED.values():
        ends = [node.end_lineno for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
        short = skeleton(text)
        assert short is not None
        found = [node.end_lineno for node in ast.walk(ast.parse(short)) if isinstance(node, ast.FunctionDef)]
        assert set(found) <= set(ends)


def test_much_of_the_same_takes_no_time() -> None:
    for text in (
        "def f(" + "(" * 3000,
        "def f(a=" + "[" * 3000,
        "x = " + "'a' " * 20_000 + "'",
        "def f():\n" + " \\" * 30_000,
    ):
        skeleton(text)


def test_the_standard_library_lowers_the_same() -> None:
    """The whole of an environment's packages takes minutes; ``python -m tests.sources.test_skeleton FOLDER``."""
    compared = same(Path(os.__file__).parent, "[a-j]*.py")
    assert compared > 40


def same(folder: Path, pattern: str) -> int:
    """Compare all files of a folder; answers how many were left to compare."""
    compared = 0
    for path in sorted(folder.glob(pattern)):
        try:
            text = decode(path.read_bytes(), str(path))
            whole = summary(text, whole=True)
        except (SourceError, OSError):
            continue
        assert summary(text, whole=False) == whole, path
        compared += 1
    return compared


if __name__ == "__main__":
    sys.stdout.write(f"{same(Path(sys.argv[1]), '**/*.py')} files lower to the same summary\n")
