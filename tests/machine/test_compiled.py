"""Extension modules of packages: what their source shows, and what C code may do."""

from __future__ import annotations

import importlib.machinery

import pytest

from patchlint.machine import Facts

SUFFIX = importlib.machinery.EXTENSION_SUFFIXES[0]
CYTHON = "\0cython_runtime\0"
MYPYC = "\0made.group__mypyc\0"


@pytest.mark.parametrize("shell", [CYTHON, MYPYC])
def test_a_module_compiled_from_python_executes_as_its_source(play, shell):
    files = {
        f"fast{SUFFIX}": shell,
        "fast.py": "from threading import Lock\nimport helper\ndef make(lock=Lock):\n    import late",
        "helper.py": "",
        "late.py": "",
        "main.py": "from fast import make\nmake()\nfrom gevent import monkey\nmonkey.patch_all()",
    }
    played = play({"gevent/__init__.py": "", "gevent/monkey.py": "def patch_all(**options): ...", **files})
    assert list(played.modules())[:4] == ["__main__", "fast", "helper", "late"]
    # a compiled function is no Python function: what its parameters have as defaults cannot be seen
    assert [name for (module, name) in played.stale() if module == "fast"] == ["Lock"]


def test_beside_a_module_written_in_c_lies_its_substitute(play):
    files = {f"fast{SUFFIX}": "\0\0", "fast.py": "import slow", "slow.py": "", "main.py": "import fast"}
    played = play(files)
    assert list(played.modules()) == ["__main__", "fast"]


def test_compiled_source_imports_cython_for_nothing(play):
    source = "import cython\nfrom cython.cimports import libc\nif cython.compiled:\n    import a\nelse:\n    import b"
    files = {f"fast{SUFFIX}": CYTHON, "fast.py": source, "a.py": "", "b.py": "", "main.py": "import fast"}
    played = play(files)
    assert list(played.modules()) == ["__main__", "fast", "a"]
    assert not played.opaque()


def test_functions_that_compute_in_c_are_not_followed(play):
    source = "import cython\ndef version():\n    return 0\n"
    main = "import fast\nif fast.version() < 1:\n    import a"
    files = {f"fast{SUFFIX}": CYTHON, "fast.py": source, "a.py": "", "main.py": main}
    assert play(files).modules()["a"] == "possible"


def test_c_code_may_put_names_into_modules_of_its_package(play, monkeypatch):
    monkeypatch.setattr(Facts, "scanned_imports", lambda *_: ("p.types",))
    files = {
        f"p/_c{SUFFIX}": "",
        "p/__init__.py": "",
        "p/types.py": "",
        "main.py": "import p._c, p.types\nx = p.types.made_in_c\nimport a",
        "a.py": "",
    }
    played = play(files)
    assert list(played.modules())[-1] == "a"
    assert not played.opaque()


def test_what_a_namespace_may_hold_is_copied_with_it(play):
    files = {
        f"fast{SUFFIX}": "",
        "plain.py": "from fast import *\nnames = dir()",
        "copied.py": "import plain, sys\nnames = {}\nnames.update(vars(plain))\nglobals().update(names)",
        "main.py": "from copied import anything\nimport a",
        "a.py": "",
    }
    played = play(files)
    assert list(played.modules())[-1] == "a"
    assert not played.opaque()


def test_a_cython_source_beside_a_shared_object_is_played(play):
    files = {
        f"fast{SUFFIX}": "",
        "fast.pyx": "from threading import Lock\ncimport x\ninclude 'more.pxi'\ncdef int f(): pass\nlock = Lock()",
        "more.pxi": "import helper\nhelper.absent_in_c(f)",
        "helper.py": "",
        "gevent/__init__.py": "",
        "gevent/monkey.py": "def patch_all(**options): ...",
        "main.py": "import fast\nfrom gevent import monkey\nmonkey.patch_all()",
    }
    played = play(files)
    assert list(played.modules())[:3] == ["__main__", "fast", "helper"]
    found = {name: c.kind for (module, name), c in played.stale().items() if module == "fast"}
    assert found == {"Lock": "binding", "lock": "instance"}


def test_c_code_that_takes_a_name_from_a_module_imports_no_module_of_that_name(play, monkeypatch):
    monkeypatch.setattr(Facts, "scanned_imports", lambda *_: ("zones.kinds", "local", "other"))
    files = {
        f"fast{SUFFIX}": "",
        "zones/__init__.py": "",
        "zones/kinds.py": "class local: ...",
        "local.py": "",
        "other.py": "",
        "main.py": "import fast",
    }
    assert list(play(files).modules()) == ["__main__", "fast", "zones", "zones.kinds", "other"]


STRANGE = "from fast import Map, make, keep\nimport inside\nclass Own: ...\nclass Sub(Map): ...\nNOTHING = Own()\n"


@pytest.mark.parametrize(
    ("test", "verdict"),
    [
        ("isinstance(Map(), Own)", "b"),
        ("Map() is NOTHING or Map() is None", "b"),
        ("isinstance(Map.convert, Own)", "b"),
        ("isinstance(make(), Own)", "ab"),
        ("isinstance(Map(), Sub)", "ab"),
        ("make() is NOTHING", "ab"),
    ],
)
def test_what_a_class_in_c_makes_is_of_no_class_written_in_python_elsewhere(play, test, verdict):
    text = f"{STRANGE}if {test}:\n    import a\nelse:\n    import b"
    played = play({f"fast{SUFFIX}": "", "inside.py": "", "main.py": text, "a.py": "", "b.py": ""})
    assert "".join(name for name in played.modules() if name in "ab") == verdict


def test_what_a_class_inherits_comes_before_what_its_metaclass_has(play):
    text = """
        class Meta(type):
            def __init__(cls, *arguments): ...
            def __dir__(cls): return []
            def only(cls): return 1
        class A(metaclass=Meta): ...
        if A.__init__ is object.__init__ and A.__dir__ is object.__dir__ and A.only() == 1:
            import a
    """
    assert play({"main.py": text, "a.py": ""}).modules()["a"] == "certain"
