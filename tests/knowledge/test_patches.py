"""What patch calls replace: a few answers as they were seen in real runs, and how keywords and versions are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from patchlint.knowledge import Replacement, known_version, patch_calls, replacement

ALL = "gevent.monkey.patch_all"
THREAD = ["allocate_lock", "get_ident", "exit", "LockType", "stack_size", "start_new_thread", "_local"]
DNS = ["getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getnameinfo", "getfqdn"]
SOCKET = ["create_connection", "socket", "SocketType", "fromfd", "socketpair", *DNS]

Table = dict[str, tuple[list[str], list[str]]]

GEVENT_311: Table = {
    "os": (["fork", "close", "forkpty", "waitpid", "posix_spawn", "posix_spawnp"], []),
    "_thread": (THREAD, []),
    "threading": (
        [
            "local",
            "_allocate_lock",
            "Lock",
            "_DummyThread",
            "_start_new_thread",
            "Thread",
            "Timer",
            "_set_sentinel",
            "get_ident",
            "_CRLock",
            "Event",
            "_shutdown",
        ],
        [],
    ),
    "logging": (["_lock"], []),
    "_threading_local": (["local"], []),
    "time": (["sleep"], []),
    "socket": (SOCKET, []),
    "select": (["select", "poll"], ["epoll"]),
    "selectors": (["DefaultSelector"], ["EpollSelector"]),
    "ssl": (["SSLContext", "SSLSocket", "get_server_certificate", "wrap_socket"], []),
    "subprocess": (
        [
            "Popen",
            "call",
            "check_call",
            "check_output",
            "run",
            "CompletedProcess",
            "_use_posix_spawn",
            "_USE_POSIX_SPAWN",
            "_fork_exec",
        ],
        [],
    ),
    "signal": (["signal", "getsignal", "set_wakeup_fd"], []),
    "queue": (["SimpleQueue", "PriorityQueue", "LifoQueue", "Queue"], []),
}

EVENTLET_311: Table = {
    "os": (["fdopen", "read", "write", "wait", "waitpid", "open"], []),
    "select": (["select"], ["epoll", "poll"]),
    "selectors": (["DefaultSelector", "SelectSelector"], ["EpollSelector", "PollSelector"]),
    "socket": (
        [
            "fromfd",
            "socketpair",
            "socket",
            "create_connection",
            "getaddrinfo",
            "gethostbyname",
            "gethostbyname_ex",
            "getnameinfo",
        ],
        [],
    ),
    "ssl": (["SSLSocket", "SSLContext", "wrap_socket", "create_default_context", "_create_default_https_context"], []),
    "queue": (["LifoQueue", "PriorityQueue", "Queue", "SimpleQueue"], []),
    "time": (["sleep"], []),
    "subprocess": (["call", "check_call", "Popen", "check_output"], []),
    "importlib._bootstrap": (["_thread"], []),
}


def gevent(
    call: str = ALL, version: str = "26.9.0", python: tuple[int, int] = (3, 11), **arguments: Any
) -> Replacement:
    return replacement("gevent", version, python, call, arguments)


def eventlet(**arguments: Any) -> Replacement:
    return replacement("eventlet", "0.41.3", (3, 11), "eventlet.monkey_patch", arguments)


def table(found: Replacement) -> Table:
    return {patch.module: (list(patch.replaced), list(patch.removed)) for patch in found.modules}


def modules(found: Replacement) -> list[str]:
    return [patch.module for patch in found.modules]


def test_patch_all_in_the_order_in_which_gevent_saves() -> None:
    found = table(gevent())
    assert found == GEVENT_311
    assert list(found) == list(GEVENT_311)


def test_a_lock_is_first_saved_as_allocate_lock() -> None:
    order = modules(gevent())
    assert order.index("_thread") < order.index("threading")
    assert order.index("_thread") < order.index("time")
    assert modules(gevent(version="20.9.0", python=(3, 8)))[:3] == ["os", "time", "_thread"]


@pytest.mark.parametrize(
    ("version", "python", "module", "expected"),
    [
        ("1.4.0", (3, 7), "queue", ["SimpleQueue"]),
        ("1.4.0", (3, 7), "selectors", ["EpollSelector"]),
        ("1.4.0", (3, 7), "os", ["fork", "forkpty", "waitpid"]),
        ("1.5.0", (3, 8), "contextvars", ["ContextVar", "Context", "copy_context", "Token"]),
        (
            "21.12.0",
            (3, 10),
            "subprocess",
            [
                "Popen",
                "call",
                "check_call",
                "check_output",
                "_posixsubprocess",
                "run",
                "CompletedProcess",
                "_use_posix_spawn",
                "_USE_POSIX_SPAWN",
            ],
        ),
        ("24.11.1", (3, 11), "queue", ["SimpleQueue"]),
        ("25.4.1", (3, 11), "queue", ["SimpleQueue", "PriorityQueue", "LifoQueue", "Queue"]),
        ("25.5.1", (3, 11), "signal", ["signal", "getsignal"]),
        ("25.8.1", (3, 10), "signal", ["signal", "getsignal", "set_wakeup_fd"]),
        ("26.9.0", (3, 12), "ssl", ["SSLContext", "SSLSocket", "get_server_certificate"]),
        ("26.9.0", (3, 13), "socket", [*SOCKET, "_fallback_socketpair"]),
        (
            "26.9.0",
            (3, 13),
            "_thread",
            [*THREAD, "start_joinable_thread", "lock", "_ThreadHandle", "_make_thread_handle"],
        ),
    ],
)
def test_versions_differ(version: str, python: tuple[int, int], module: str, expected: list[str]) -> None:
    replaced, removed = table(gevent(version=version, python=python))[module]
    assert replaced + removed == expected


@pytest.mark.parametrize(
    ("asked", "answers"),
    [
        ("26.9.0", "26.9.0"),
        ("99.1", "26.9.0"),
        ("", "26.9.0"),
        ("25.9.0.post1", "25.8.1"),
        ("23.1", "22.10.2"),
        ("1.0", "1.4.0"),
    ],
)
def test_the_nearest_version_answers(asked: str, answers: str) -> None:
    assert known_version("gevent", asked) == answers
    assert gevent(version=asked).version == answers


def test_the_nearest_python_answers() -> None:
    assert gevent(python=(3, 15)).modules == gevent(python=(3, 13)).modules
    assert gevent(python=(3, 6), version="1.4.0").modules == gevent(python=(3, 7), version="1.4.0").modules


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("patch_os", ["os"]),
        ("patch_time", ["time"]),
        ("patch_thread", ["_thread", "threading", "logging", "_threading_local"]),
        ("patch_socket", ["socket"]),
        ("patch_ssl", ["ssl"]),
        ("patch_select", ["select"]),
        ("patch_selectors", ["selectors"]),
        ("patch_subprocess", ["subprocess"]),
        ("patch_signal", ["signal"]),
        ("patch_queue", ["queue"]),
        ("patch_builtins", []),
        ("patch_sys", []),
        ("patch_contextvars", []),
        ("get_original", []),
    ],
)
def test_single_calls(call: str, expected: list[str]) -> None:
    assert modules(gevent(f"gevent.monkey.{call}")) == expected


def test_calls_of_other_versions() -> None:
    assert modules(gevent("gevent.monkey.patch_select", "1.5.0", (3, 8))) == ["select", "selectors"]
    assert modules(gevent("gevent.monkey.patch_selectors", "1.5.0", (3, 8))) == []
    assert table(gevent("gevent.monkey.patch_dns")) == {"socket": (DNS, [])}


def without(*names: str) -> Table:
    left = {
        module: (
            [n for n in replaced if f"{module}.{n}" not in names],
            [n for n in removed if f"{module}.{n}" not in names],
        )
        for module, (replaced, removed) in GEVENT_311.items()
        if module not in names
    }
    return {module: both for module, both in left.items() if any(both)}


@pytest.mark.parametrize(
    ("arguments", "lost"),
    [
        ({"ssl": False}, ["ssl"]),
        ({"ssl": 0}, ["ssl"]),
        ({"dns": False}, [f"socket.{name}" for name in DNS]),
        ({"select": False}, ["select", "selectors"]),
        ({"aggressive": False}, ["select.epoll", "selectors.EpollSelector"]),
        ({"thread": False}, ["_thread", "threading", "logging", "_threading_local"]),
        ({"Event": False, "time": False}, ["threading.Event", "time"]),
        ({"sys": True, "builtins": False, "own_plugin": False}, []),
    ],
)
def test_keywords_leave_things_out(arguments: Mapping[str, Any], lost: list[str]) -> None:
    assert table(gevent(**arguments)) == without(*lost)


def test_what_is_not_known_may_be_either() -> None:
    found = gevent(ssl=object(), time=False)
    assert table(found) == without("time")
    assert found.unknown == ("ssl",)
    assert replacement("gevent", "26.9.0", (3, 11), ALL, {"**": object()}).unknown == ("**",)
    assert gevent().unknown == ()


def test_imports_in_order() -> None:
    found = gevent()
    assert found.first == ("gevent.events", "importlib.metadata")
    assert {patch.module: patch.imports for patch in found.modules}["threading"] == ("gevent.threading",)
    assert found.imports[:4] == (*found.first, "gevent.monkey._patch_thread_lt313", "gevent.thread")
    assert gevent("gevent.monkey.patch_ssl").imports == ("gevent.events", "gevent.ssl", "importlib.metadata")
    assert gevent("gevent.monkey.patch_ssl", "21.12.0", (3, 9)).imports == ("gevent.events", "gevent.ssl")


def test_logging_is_left_alone_unless_it_is_loaded() -> None:
    assert [patch.module for patch in gevent().modules if patch.if_loaded] == ["logging"]


def test_locks_that_are_made_anew() -> None:
    shutdown = "concurrent.futures.thread._global_shutdown_lock"
    assert shutdown in gevent().refreshed
    assert shutdown not in gevent(version="25.9.1").refreshed
    assert gevent(thread=False).refreshed == ()
    assert gevent("gevent.monkey.patch_thread", existing_locks=False).refreshed == ()


# eventlet -----------------------------------------------------------------------------------------------
def test_monkey_patch() -> None:
    found = table(eventlet())
    assert {module: found[module] for module in EVENTLET_311} == EVENTLET_311
    assert set(found) == {*EVENTLET_311, "_thread", "threading"}
    assert {"RLock", "Lock", "_active", "current_thread"} <= set(found["threading"][0])
    assert eventlet().upgraded == ("threading.RLock",)


ALWAYS: Table = {
    "queue": (["SimpleQueue"], []),
    "threading": (["RLock"], []),
    "importlib._bootstrap": (["_thread"], []),
}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"time": True}, ["time"]),
        ({"socket": True, "time": True}, ["socket", "ssl", "time"]),
        ({"socket": True, "os": False}, ["socket", "ssl"]),
        ({"builtins": True}, ["builtins"]),
        ({"__builtin__": True}, ["builtins"]),
        ({"all": False}, []),
        ({"all": False, "os": True}, ["os"]),
        ({"psycopg": True}, []),
    ],
)
def test_one_true_flag_turns_the_others_off(arguments: Mapping[str, Any], expected: list[str]) -> None:
    found = table(eventlet(**arguments))
    assert set(found) == {*expected, *ALWAYS}
    assert {module: found[module] for module in ALWAYS} == ALWAYS
    assert eventlet(**arguments).upgraded == ()


@pytest.mark.parametrize("arguments", [{"os": False}, {"all": True, "os": False}])
def test_only_false_flags_leave_the_others_on(arguments: Mapping[str, Any]) -> None:
    assert set(table(eventlet(**arguments))) == {*table(eventlet())} - {"os"}


def test_unknown_flags_may_mean_anything() -> None:
    found = eventlet(thread=object())
    assert found.unknown == ("thread",)
    assert set(table(found)) == {*table(eventlet()), "builtins"}


def test_everything_green_is_imported_before_anything_is_patched() -> None:
    assert eventlet(socket=True).first == ("eventlet.green.socket", "eventlet.green.ssl")
    assert all(patch.imports == () for patch in eventlet().modules)


def test_other_libraries_and_calls() -> None:
    assert replacement("curio", "1", (3, 11), "curio.patch", {}) == Replacement()
    assert replacement("eventlet", "", (3, 11), "eventlet.import_patched", {}) == Replacement()
    assert eventlet() == replacement("eventlet", "", (3, 11), "eventlet.patcher.monkey_patch", {})
    assert "gevent.monkey.patch_all" in patch_calls("gevent")
    assert "eventlet.monkey_patch" in patch_calls("eventlet")
    assert patch_calls("curio") == ()
    assert known_version("curio", "1") == ""
