"""``ctypes`` and ``contextvars``, which are written in C."""

from __future__ import annotations

import posixpath

import pytest

from patchlint.machine.natives import libraries, locales
from patchlint.machine.natives.system import split_root


@pytest.fixture
def installed(monkeypatch):
    monkeypatch.setattr(libraries, "library_files", lambda: frozenset({"libpq.so", "libpq.so.5", "libpq.so.5.14"}))


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        ("ctypes.util.find_library('pq') == 'libpq.so.5'", "a"),
        ("ctypes.util.find_library('absent') is None", "a"),
        ("ctypes.util.find_library('p') is None", "a"),
    ],
)
def test_a_shared_library_is_found_by_its_name(play, installed, expression, name):
    played = play({"main.py": f"import ctypes.util\nif {expression}:\n    import a", "a.py": ""})
    assert played.modules() == {"__main__": "certain", name: "certain"}


@pytest.mark.parametrize(
    ("library", "loads"), [("libpq.so.5", True), ("libabsent.so.1", False), ("/no/such/libpq.so.5", False)]
)
def test_a_library_that_is_not_there_cannot_be_loaded(play, installed, library, loads):
    text = (
        f"import ctypes\ntry:\n    ctypes.CDLL({library!r})\nexcept OSError:\n    import fallback\nelse:\n    import a"
    )
    played = play({"main.py": text, "fallback.py": "", "a.py": ""})
    assert list(played.modules()) == ["__main__", "a" if loads else "fallback"]


def test_the_configuration_of_the_linker_names_folders(tmp_path):
    (tmp_path / "more.conf").write_text("/opt/b # b\n\n# nothing\n")
    (tmp_path / "ld.so.conf").write_text(f"include {tmp_path}/*more.conf\n/opt/a\n")
    assert list(libraries._configured(str(tmp_path / "ld.so.conf"))) == ["/opt/b", "/opt/a"]


@pytest.mark.parametrize(
    "test",
    [
        "copy_context().run(lambda: True)",
        "ContextVar('x', default=True).get()",
        "ContextVar('x').get(True)",
        "v.set(True) and v.get()",
        "(v.reset(v.set(False)), v.get(True))[1]",
    ],
)
def test_context_variables_have_values(play, test):
    text = f"from contextvars import ContextVar, copy_context\nv = ContextVar('v')\nif {test}:\n    import a"
    assert play({"main.py": text, "a.py": ""}).modules() == {"__main__": "certain", "a": "certain"}


def test_a_context_variable_without_a_value_raises(play):
    text = "import contextvars\ntry:\n    contextvars.ContextVar('v').get()\nexcept LookupError:\n    import a"
    assert play({"main.py": text, "a.py": ""}).modules() == {"__main__": "certain", "a": "certain"}


@pytest.mark.parametrize(
    ("before", "test"),
    [
        ("from collections import Counter", "Counter('aab')['a'] == 2 and Counter(x for x in 'ab')['z'] == 0"),
        ("from collections import Counter", "Counter({'a': 1}) + Counter('ab') == {'a': 2, 'b': 1}"),
        ("from collections import Counter", "not Counter([]) and Counter([]).most_common() == []"),
        ("import os, shutil, sys", "shutil.which('python') == os.path.join(sys.prefix, 'bin', 'python')"),
        ("from importlib.metadata import entry_points", "not list(entry_points().select(group='nobody.has.this'))"),
        ("from importlib.metadata import entry_points, EntryPoints", "isinstance(entry_points(), EntryPoints)"),
        ("from collections import deque\nd = deque('abc')\nd.rotate(1)", "list(d) == ['c', 'a', 'b']"),
        ("import bisect\nfound = [1, 3]\nbisect.insort(found, 2)", "found == [1, 2, 3]"),
        ("import heapq\nheap = [3, 1, 2]\nheapq.heapify(heap)", "heapq.heappop(heap) == 1 and len(heap) == 2"),
        ("import threading\nown = threading.local()\nown.a = 1", "own.a == 1 and not hasattr(own, 'b')"),
    ],
)
def test_what_c_does_for_the_standard_library_is_known(play, before, test):
    played = play({"main.py": f"{before}\nif {test}:\n    import a\nelse:\n    import b", "a.py": "", "b.py": ""})
    assert played.modules() == {"__main__": "certain", "a": "certain"}


WEAK = """
import weakref
class A:
    def get(self):
        return 5
class Keyed(weakref.ref):
    def __new__(cls, target, key):
        self = super().__new__(cls, target)
        self.key = key
        return self
    def __init__(self, target, key):
        super().__init__(target)
a = A()
"""


@pytest.mark.parametrize(
    "test",
    [
        "weakref.ref(a)() is a",
        "isinstance(weakref.WeakMethod(a.get), weakref.ReferenceType) and weakref.WeakMethod(a.get)()() == 5",
        "Keyed(a, 'key')() is a and Keyed(a, 'key').key == 'key'",
    ],
)
def test_a_weak_reference(play, test):
    played = play({"main.py": f"{WEAK}\nif {test}:\n    import a\nelse:\n    import b", "a.py": "", "b.py": ""})
    assert played.modules() == {"__main__": "certain", "a": "certain"}


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({}, "C.UTF-8"),
        ({"LC_ALL": "POSIX", "LANG": "C.UTF-8"}, "C"),
        ({"LANG": "POSIX"}, "C.UTF-8"),
        ({"LANG": "de_DE.ISO-8859-1"}, "de_DE.ISO-8859-1"),
        ({"LC_CTYPE": "fr_FR.UTF-8", "LANG": "C"}, "fr_FR.UTF-8"),
    ],
)
def test_the_locale_that_the_interpreter_begins_with(environ, name):
    assert locales.character_locale(environ) == name


def test_a_locale_is_asked_for(play):
    text = (
        "import locale\nif locale.getlocale()[1] == 'UTF-8' and locale.setlocale(locale.LC_TIME) == 'C':\n    import a"
    )
    assert play({"main.py": text, "a.py": ""}).modules() == {"__main__": "certain", "a": "certain"}


@pytest.mark.parametrize("path", ["a/b", "/a", "//a", "///a", "", "/", "//"])
def test_the_root_of_a_path(path):
    expected = getattr(posixpath, "splitroot", None)
    root = "//" if path.startswith("//") and not path.startswith("///") else "/" if path.startswith("/") else ""
    assert split_root(path) == ("", root, path[len(root) :]) == (expected(path) if expected else split_root(path))


TYPED = """
import typing as t
class A(t.TypedDict, total=False):
    a: int
class B(A):
    b: str
    c: t.NotRequired[int]
class C(B, total=False):
    d: int
    e: t.Required[int]
F = t.TypedDict("F", {"a": int}, total=False)
"""


@pytest.mark.parametrize(
    "test",
    [
        "A.__required_keys__ == frozenset() and A.__optional_keys__ == {'a'} and not A.__total__",
        "B.__required_keys__ == {'b'} and B.__optional_keys__ == {'a', 'c'}",
        "C.__required_keys__ == {'b', 'e'} and list(C.__annotations__) == ['a', 'b', 'c', 'd', 'e']",
        "F.__optional_keys__ == {'a'} and F.__name__ == 'F'",
        "type(C({'a': 1}, b=2)) is dict and F(a=1)['a'] == 1",
        "t.get_origin(t.Required[int]) is t.Required and t.get_origin(t.List[int]) is list",
        "t.get_origin(t.Optional[int]) is t.Union and t.get_args(t.Annotated[int, 1]) == (int, 1)",
    ],
)
def test_typed_dictionaries_know_their_keys(play, test):
    played = play({"main.py": f"{TYPED}\nif {test}:\n    import a\nelse:\n    import b", "a.py": "", "b.py": ""})
    assert "a" in played.modules()
    assert "b" not in played.modules()
    assert not played.opaque()


@pytest.mark.parametrize(
    "test",
    [
        "'pytest' in [p.name for p in own if p.group == 'console_scripts']",
        "not [p for p in own if p.name == 'odd'] and len(own) == len(list(own)) > 0",
        "[p.value[-12:] for p in entry_points(group='console_scripts', name='pytest')] == ['console_main']",
        "entry_points(group='console_scripts')['pytest'].value.endswith('console_main')",
        "'pytest' in entry_points().select(group='console_scripts').names",
        "'console_scripts' in entry_points().groups",
        "not entry_points(group='of nobody')",
        "tuple(entry_points(group='console_scripts', name='pytest'))[0].name == 'pytest'",
    ],
)
def test_entry_points_are_known(play, test):
    main = "from importlib.metadata import entry_points\nown = entry_points()"
    played = play({"main.py": f"{main}\nif {test}:\n    import a\nelse:\n    import b", "a.py": "", "b.py": ""})
    assert "a" in played.modules()
    assert "b" not in played.modules()
    assert not played.opaque()


def test_annotations_that_are_not_evaluated_are_texts(play):
    text = """
        from __future__ import annotations
        class Events:
            started: Hook
            given: "Hook"
            several: list[Hook] | None = None
        if Events().__annotations__ == {"started": "Hook", "given": "'Hook'", "several": "list[Hook] | None"}:
            import a
    """
    assert play({"main.py": text, "a.py": ""}).modules()["a"] == "certain"


@pytest.mark.parametrize(
    "test",
    [
        "fnmatch.fnmatch('a.py', '*.py')",
        "not fnmatch.fnmatchcase('A', 'a')",
        "fnmatch.filter(['a', 'b'], 'a*') == ['a']",
    ],
)
def test_patterns_of_file_names(play, test):
    text = f"import fnmatch, os\nunknown = fnmatch.fnmatch('a', os.environ['P'])\nif {test}:\n    import a\nelse:\n    import b"
    played = play({"main.py": text, "a.py": "", "b.py": ""})
    assert played.modules()["a"] == "certain"
    assert not played.opaque()
