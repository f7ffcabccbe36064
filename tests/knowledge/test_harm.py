"""The severity of stale captures: what real runs showed."""

from __future__ import annotations

import pytest

from patchlint.knowledge import harm, replacement

LIBRARIES = [("gevent", "26.9.0"), ("gevent", "22.10.2"), ("eventlet", "0.41.3")]


def severity(origin: str, kind: str = "binding", library: str = "gevent", python: tuple[int, int] = (3, 11)) -> str:
    return harm(library, {"gevent": "26.9.0", "eventlet": "0.41.3"}[library], python, kind, origin).severity


@pytest.mark.parametrize("library", ["gevent", "eventlet"])
@pytest.mark.parametrize("kind", ["binding", "subclass", "instance"])
def test_a_context_recurses_however_it_is_held(library: str, kind: str) -> None:
    found = harm(library, "", (3, 13), kind, "ssl.SSLContext")
    assert (found.severity, found.sentence) == ("error", "every TLS connection ends in RecursionError")
    assert "RecursionError" in found.seen


@pytest.mark.parametrize(
    ("origin", "kind", "gevent", "eventlet"),
    [
        ("subprocess.Popen", "binding", "error", "note"),
        ("subprocess.Popen", "subclass", "error", "note"),
        ("subprocess.Popen", "instance", "warning", "note"),
        ("threading.Thread", "binding", "warning", "note"),
        ("threading.Thread", "subclass", "error", "note"),
        ("threading.Timer", "subclass", "error", "note"),
        ("ssl.SSLSocket", "subclass", "error", "note"),
        ("ssl.SSLSocket", "binding", "note", "note"),
        ("time.sleep", "binding", "warning", "warning"),
        ("socket.socket", "subclass", "warning", "warning"),
        ("socket.getaddrinfo", "binding", "warning", "warning"),
        ("socket.create_connection", "binding", "note", "note"),
        ("select.epoll", "instance", "warning", "warning"),
        ("selectors.SelectSelector", "binding", "note", "warning"),
        ("_thread.allocate_lock", "binding", "warning", "warning"),
        ("_thread.LockType", "instance", "warning", "warning"),
        ("_thread.LockType", "binding", "note", "note"),
        ("threading._CRLock", "instance", "warning", "warning"),
        ("threading.RLock", "binding", "warning", "warning"),
        ("logging._lock", "binding", "warning", "warning"),
        ("_thread._local", "subclass", "warning", "warning"),
        ("_threading_local.local", "binding", "note", "note"),
        ("_thread.get_ident", "binding", "warning", "warning"),
        ("_thread.start_new_thread", "binding", "warning", "warning"),
        ("queue.SimpleQueue", "instance", "warning", "warning"),
        ("queue.Queue", "subclass", "note", "note"),
        ("threading.Event", "subclass", "note", "note"),
        ("os.waitpid", "binding", "warning", "warning"),
        ("os.posix_spawn", "binding", "warning", "note"),
        ("os.read", "binding", "note", "warning"),
        ("os.fork", "binding", "note", "note"),
        ("signal.signal", "binding", "warning", "note"),
        ("somewhere.else", "binding", "note", "note"),
    ],
)
def test_what_was_measured_on_python_3_11(origin: str, kind: str, gevent: str, eventlet: str) -> None:
    assert severity(origin, kind) == gevent
    assert severity(origin, kind, "eventlet") == eventlet


@pytest.mark.parametrize(
    ("origin", "kind", "before", "since"),
    [
        ("threading.Thread", "subclass", "error", "note"),
        ("threading.Timer", "binding", "warning", "note"),
        ("threading.Thread", "instance", "note", "note"),
        ("_thread.LockType", "binding", "note", "warning"),
    ],
)
def test_python_3_13_differs(origin: str, kind: str, before: str, since: str) -> None:
    assert severity(origin, kind, python=(3, 12)) == before
    assert severity(origin, kind, python=(3, 13)) == since
    assert severity(origin, kind, python=(3, 15)) == since


@pytest.mark.parametrize(("library", "version"), LIBRARIES)
def test_what_no_row_names_is_a_note(library: str, version: str) -> None:
    call = {"gevent": "gevent.monkey.patch_all", "eventlet": "eventlet.monkey_patch"}[library]
    for patch in replacement(library, version, (3, 11), call, {}).modules:
        for name in (*patch.replaced, *patch.removed):
            found = harm(library, version, (3, 11), "binding", f"{patch.module}.{name}")
            assert found.sentence
            assert found.severity in ("error", "warning", "note")
