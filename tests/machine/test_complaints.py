"""What a program wrote to its standard error before it ended is told with its end."""

from __future__ import annotations

import sys

import pytest

from patchlint.environment import inspect_target
from patchlint.machine import Facts
from patchlint.sources.finder import Finder

ENDS = "\nsys.exit(1)\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sys.stderr.write('no such option\\n')", ", after it wrote 'no such option'"),
        ("print('Error:', 3, file=sys.stderr)", ", after it wrote 'Error: 3'"),
        ("print('\\nError: %s\\n\\nmore' % ValueError('bad'), file=sys.stderr)", ", after it wrote 'Error: bad'"),
        ("from sys import stderr; print('x', file=stderr); print('y', file=stderr)", ", after it wrote 'y'"),
        ("print('usage')", ""),
        ("print(sys.unheard_of(), file=sys.stderr)", ""),
        ("if sys.unheard_of():\n    sys.stderr.write('perhaps')", ""),
    ],
)
def test_the_last_complaint(play, text, told):
    played = play({"main.py": f"import sys\nsys.unheard_of = __import__('os').getenv\n{text}{ENDS}"})
    assert ("program", f"ended with SystemExit: 1{told}") in played.opaque()


def test_the_text_of_a_handled_exception(play):
    source = """
        import sys, traceback
        try:
            raise KeyError("gone")
        except Exception:
            sys.stderr.write(traceback.format_exc().splitlines()[-1])
            sys.exit(2)
    """
    told = """ended with SystemExit: 2, after it wrote "KeyError: 'gone'\""""
    assert ("program", told) in play({"main.py": source}).opaque()


@pytest.mark.parametrize("expression", ["'%s: %s' % (ValueError('x'), (1, 'a'))", "'%r' % ((1, 'a'),)"])
def test_a_format_of_what_is_known(play, expression):
    played = play(
        {
            "main.py": f"assert {expression} in ({expression!r}, 'x: (1, \\'a\\')', '(1, \\'a\\')')\nimport after",
            "after.py": "",
        }
    )
    assert "after" in played.modules()


def test_the_entry_points_of_one_distribution():
    target = inspect_target(sys.executable, "", {})
    points = set(Facts(target, Finder(target)).entry_points(None, "PyTest"))
    assert {name for group, name, _ in points if group == "console_scripts"} == {"py.test", "pytest"}
    assert not set(Facts(target, Finder(target)).entry_points(None, "nobody-has-this"))
