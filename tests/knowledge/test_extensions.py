"""The tables of C modules against what any reader can ask an interpreter."""

from __future__ import annotations

import importlib
import sys

import pytest

from patchlint.knowledge import builtin_modules, builtin_names, extension, frozen, hidden_class, startup
from patchlint.knowledge.extensions import NEWEST, OLDEST, ClassEntry, Constant, Entry, FunctionEntry, InstanceEntry

VERSIONS = [(3, minor) for minor in range(OLDEST[1], NEWEST[1] + 1)]
HERE = (sys.version_info.major, sys.version_info.minor)


def entry(module: str, name: str, python: tuple[int, int] = (3, 11)) -> Entry:
    known = extension(python, module)
    assert known is not None
    return known.names[name]


@pytest.mark.parametrize("python", VERSIONS)
@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("_thread", "allocate_lock"),
        ("_thread", "get_ident"),
        ("time", "sleep"),
        ("posix", "fork"),
        ("posix", "waitpid"),
        ("select", "select"),
        ("select", "poll"),
        ("_posixsubprocess", "fork_exec"),
        ("_signal", "set_wakeup_fd"),
        ("_socket", "getaddrinfo"),
    ],
)
def test_functions(python: tuple[int, int], module: str, name: str) -> None:
    assert entry(module, name, python) == FunctionEntry("f")


@pytest.mark.parametrize("python", VERSIONS)
@pytest.mark.parametrize(
    ("module", "name", "path", "bases"),
    [
        ("_thread", "LockType", "_thread.lock", ("builtins.object",)),
        ("_thread", "_local", "_thread._local", ("builtins.object",)),
        ("_thread", "RLock", "_thread.RLock", ("builtins.object",)),
        ("_thread", "error", "builtins.RuntimeError", ("builtins.Exception",)),
        ("_ssl", "_SSLContext", "_ssl._SSLContext", ("builtins.object",)),
        ("_ssl", "SSLError", "ssl.SSLError", ("builtins.OSError",)),
        ("select", "epoll", "select.epoll", ("builtins.object",)),
        ("_queue", "SimpleQueue", "_queue.SimpleQueue", ("builtins.object",)),
        ("_functools", "partial", "functools.partial", ("builtins.object",)),
        ("builtins", "BlockingIOError", "builtins.BlockingIOError", ("builtins.OSError",)),
    ],
)
def test_classes(python: tuple[int, int], module: str, name: str, path: str, bases: tuple[str, ...]) -> None:
    found = entry(module, name, python)
    if found[0] == "s":
        found = entry(module, found.name, python)
    assert isinstance(found, ClassEntry)
    assert (found.path, found.bases) == (path, bases)


def test_one_object_under_two_names() -> None:
    assert entry("_socket", "SocketType") == ("s", "socket")
    assert entry("_io", "open") == ("s", "builtins.open")
    assert entry("_thread", "allocate") == ("f",), "a method of its own in C: not the same object"


@pytest.mark.parametrize("python", VERSIONS)
def test_every_second_name_refers_to_something(python: tuple[int, int]) -> None:
    for module in builtin_modules(python):
        known = extension(python, module)
        assert known is not None or module.startswith(("xx", "_test")), module
        seen: set[str] = set()
        for name, found in (known.names if known else {}).items():
            if found[0] == "s":
                home, _, other = found.name.rpartition(".")
                assert other in seen if not home else entry(home, other, python)[0] in "fi"
            seen.add(name)


def test_constants_keep_their_type() -> None:
    assert entry("_socket", "AF_INET") == Constant("k", 2)
    assert entry("math", "inf") == Constant("k", float("inf"))
    assert entry("_ssl", "HAS_SNI") == Constant("k", True)
    assert isinstance(entry("_ssl", "OPENSSL_VERSION_INFO"), Constant)
    assert entry("sys", "version_info") == InstanceEntry("i", "sys.version_info"), "the target says which"


def test_imports_are_the_modules_own_and_in_order() -> None:
    imports = {
        name: known.imports
        for name in ("_pickle", "_elementtree", "_ssl", "_asyncio")
        if (known := extension((3, 8), name))
    }
    assert imports == {
        "_pickle": ("copyreg", "_compat_pickle", "codecs", "functools"),
        "_elementtree": ("copy", "xml.etree.ElementPath", "pyexpat"),
        "_ssl": ("_socket",),
        "_asyncio": (
            *(f"asyncio{part}" for part in ("", ".events", ".base_futures", ".exceptions", ".base_tasks")),
            *("asyncio.coroutines", "traceback", "weakref"),
        ),
    }


@pytest.mark.parametrize("python", VERSIONS)
def test_startup(python: tuple[int, int]) -> None:
    names = startup(python)
    assert names.index("encodings") < names.index("io") < names.index("site") < names.index("os")
    assert len(set(names)) == len(names)
    assert "threading" not in names


def test_what_is_not_a_c_module_is_unknown() -> None:
    assert extension((3, 11), "threading") is None
    assert extension((3, 11), "psycopg2._psycopg") is None


def test_newer_and_older_pythons_are_answered_with_the_nearest() -> None:
    assert extension((3, 15), "_thread") == extension(NEWEST, "_thread")
    assert startup((3, 6)) == startup(OLDEST)


def test_small_tables() -> None:
    assert "zipimport" in frozen((3, 11))
    assert "len" in builtin_names((3, 11))
    assert "exit" not in builtin_names((3, 11))
    data = hidden_class((3, 11), "_ctypes._CData")
    assert data is not None
    assert data.bases == ("builtins.object",)


@pytest.mark.skipif(HERE not in VERSIONS, reason="no table of its own")
@pytest.mark.parametrize("module", ["_thread", "_socket", "select", "_operator", "_collections", "itertools"])
def test_the_interpreter_that_runs_this_agrees(module: str) -> None:
    real = importlib.import_module(module)
    known = extension(HERE, module)
    assert known is not None
    assert {name for name in vars(real) if not name.startswith("__")} == set(known.names)
    for name, found in known.names.items():
        if found[0] == "c":
            assert [f"{base.__module__}.{base.__qualname__}" for base in getattr(real, name).__bases__] == list(
                found.bases
            )
