"""What raises, what the exception says, and what is sent or thrown to where it is caught."""

from __future__ import annotations

import sys

import pytest

DECIDED = {
    "the text of a KeyError": "try: {}['k']\nexcept KeyError as error: verdict = str(error) == \"'k'\"",
    "a name that a module has not": (
        "try: from json import nothing\n"
        "except ImportError as error: verdict = error.name == 'json' and error.path.endswith('.py')"
    ),
    "a module that is not complete": (
        "try: import __main__; __main__.nothing\nexcept AttributeError as error: verdict = 'partially' in str(error)"
    ),
    "what is sent to a generator": (
        "def inner():\n    got = yield 1\n    yield got\ndef outer():\n    yield from inner()\n"
        "one = outer()\nnext(one)\nverdict = one.send(7) == 7"
    ),
    "what is thrown into a generator": (
        "def inner():\n    try: yield 1\n    except ValueError: yield 2\ndef outer():\n    yield from inner()\n"
        "one = outer()\nnext(one)\nverdict = one.throw(ValueError()) == 2"
    ),
    "a cause and a context": (
        "try:\n    try: {}['k']\n    except KeyError as inner: raise ValueError from inner\n"
        "except ValueError as outer:\n"
        "    verdict = isinstance(outer.__cause__, KeyError) and outer.__context__ is outer.__cause__"
    ),
    "a context of what a finally raises": (
        "try:\n    try: {}['k']\n    finally: 1 / 0\n"
        "except ZeroDivisionError as outer: verdict = isinstance(outer.__context__, KeyError)"
    ),
    "an abstract class": (
        "import abc\nclass A(abc.ABC):\n    @abc.abstractmethod\n    def m(self): ...\nclass B(A):\n    m = 1\nB()\n"
        "try: A()\nexcept TypeError: verdict = True"
    ),
    "a frozen data class": (
        "import dataclasses\n@dataclasses.dataclass(frozen=True)\nclass A:\n    v: int = 1\n"
        "class B(A): pass\nb = B()\nb.w = 1\n"
        "try: b.v = 2\nexcept dataclasses.FrozenInstanceError: verdict = b.w == 1 and b.v == 1"
    ),
    "slots": "class A:\n    __slots__ = 'v'\na = A()\na.v = 1\ntry: a.w = 1\nexcept AttributeError: verdict = True",
    "slots and a dictionary": "class A:\n    __slots__ = ('v', '__dict__')\na = A()\na.w = 1\nverdict = a.w == 1",
    "slots of one class only": "class A: pass\nclass B(A):\n    __slots__ = ()\nb = B()\nb.w = 1\nverdict = b.w == 1",
    "a variable that was removed": (
        "import os\nos.environ['V'] = '1'\nverdict = os.environ.pop('V') == '1' and os.environ.get('V') is None"
    ),
    "a relative import without a package": (
        "import importlib\ntry: importlib.import_module('.a')\nexcept TypeError: verdict = True"
    ),
    "a warning that is an error": (
        "import warnings\nwarnings.simplefilter('error')\nwarnings.filterwarnings('ignore', 'new.*')\nwarnings.warn('new')\n"
        "try: warnings.warn('old')\nexcept UserWarning as error: verdict = str(error) == 'old'"
    ),
    "warnings that are kept": (
        "import warnings\nwith warnings.catch_warnings(record=True) as seen:\n    warnings.simplefilter('always')\n"
        "    warnings.warn('a', DeprecationWarning)\nverdict = len(seen) == 1"
    ),
    "warnings that nobody sees": (
        "import warnings\nwith warnings.catch_warnings(record=True) as seen:\n    warnings.simplefilter('ignore')\n"
        "    warnings.warn('a')\nverdict = not seen"
    ),
    "a lock": "import threading\nverdict = not threading.RLock() == 1",
}


@pytest.mark.parametrize("name", DECIDED)
def test_it_is_decided(play, name):
    text = f"verdict = False\n{DECIDED[name]}\nif verdict:\n    import a\nelse:\n    import b"
    modules = play({"main.py": text, "a.py": "", "b.py": ""}).modules()
    assert {name: modules[name] for name in ("a", "b") if name in modules} == {"a": "certain"}


GROUP = """
try:
    try:
        raise ExceptionGroup("g", [ImportError("a", name="b"), ValueError(1), KeyError("k")])
    except* ImportError as group:
        if group.exceptions[0].name == "b":
            import a
    except* ValueError:
        import b
    except* OSError:
        import c
    else:
        import d
    finally:
        import e
except ExceptionGroup as rest:
    rest.add_note("n")
    if rest.__notes__ == ["n"] and isinstance(rest.exceptions[0], KeyError) and rest.message == "g":
        import f
"""
ALONE = (
    "try:\n    raise ValueError(1)\nexcept* ValueError as group:\n    if len(group.exceptions) == 1:\n        import a"
)
PASSED = "try:\n    try:\n        raise ValueError(1)\n    except* KeyError:\n        import b\nexcept ValueError:\n    import a"
FRESH = "try:\n    try:\n        raise ValueError(1)\n    except* ValueError:\n        raise KeyError\nexcept KeyError:\n    import a"
NOTHING = "try:\n    import a\nexcept* ValueError:\n    import b\nelse:\n    import c"


@pytest.mark.skipif(sys.version_info < (3, 11), reason="its parser knows no except*")
@pytest.mark.parametrize(
    ("text", "imported"), [(GROUP, "abef"), (ALONE, "a"), (PASSED, "a"), (FRESH, "a"), (NOTHING, "ac")]
)
def test_parts_of_groups_are_handled_apart(play, text, imported):
    modules = play({"main.py": text, **{f"{name}.py": "" for name in "abcdef"}}).modules()
    assert [name for name in modules if len(name) == 1] == list(imported)
