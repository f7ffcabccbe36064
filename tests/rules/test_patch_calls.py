"""PAT2xx: the patch call itself."""

# ruff: noqa: E501 (a message is one line, however long)

from __future__ import annotations

from textwrap import dedent

import pytest

from patchlint.rules import (
    conditional_patch,
    executor_before_patch,
    missing_hook,
    missing_patch,
    partial_patch,
    patch_after_threads,
    patch_off_main_thread,
    patch_too_late,
    removed_name,
    repeated_patch,
    signal_without_os,
    two_libraries,
)

SSL = ("ssl.SSLContext", "urllib3.util", "SSLContext", "$SITE/urllib3/util/__init__.py:10")


class TestPools:
    def test_a_pool_that_is_made_before_the_patch(self, program):
        pool = "concurrent.futures.thread.ThreadPoolExecutor"
        program.start("thread", pool, "app.py:3", stage="created", identity=1)
        program.patch(at="app.py:5", replaced=("threading.Thread",))
        assert program.says(executor_before_patch.RULE).startswith("app.py:3 PAT102 warning")
        assert program.says(patch_after_threads.RULE).startswith("app.py:5 PAT204 note")
        program.start("thread", pool, "app.py:7", identity=1)
        assert program.says(executor_before_patch.RULE).startswith("app.py:3 PAT102 error")

    def test_a_pool_that_has_ended(self, program):
        pool = "concurrent.futures.thread.ThreadPoolExecutor"
        program.start("thread", pool, "app.py:3", stage="created", identity=1)
        program.start("thread", pool, "app.py:4", stage="ended", identity=1)
        program.patch(at="app.py:5", replaced=("threading.Thread",))
        assert program.says(executor_before_patch.RULE) == program.says(patch_after_threads.RULE) == ""


class TestTooLate:
    RULE = patch_too_late.RULE

    def test_is_located_at_the_call(self, program, captured):
        program.patch(
            "run.py",
            "run.py:8 call main()",
            at="run.py:5",
            stale=(captured(*SSL, "run.py", "run.py:2 import settings", "settings.py:1 import requests"),),
        )
        assert program.says(self.RULE) == dedent("""\
            run.py:5 PAT201 error: `gevent.monkey.patch_all()` comes too late: ssl.SSLContext is stale by then in urllib3.util (every TLS connection ends in RecursionError), brought in at settings.py:1
                run.py:8 call main()
                run.py:5 gevent.monkey.patch_all()
              stale: urllib3.util.SSLContext""")

    def test_or_at_the_import_that_patches(self, program, captured):
        program.patch(
            "run.py",
            "run.py:5 import locust",
            at="$SITE/locust/__init__.py:14",
            stale=(captured(*SSL, "run.py", "run.py:3 import requests"),),
        )
        assert program.says(self.RULE).startswith("run.py:5 PAT201 error")

    def test_is_only_possible_where_the_worst_is(self, program, captured):
        worst = captured(*SSL, "run.py", "run.py:2 import requests", certainty="possible")
        sleep = captured("time.sleep", "run", "sleep", "run.py:1", "run.py")
        program.patch("run.py", at="run.py:5", stale=(sleep, worst))
        assert program.says(self.RULE).startswith("run.py:5 PAT201 error (possible): ")

    def test_plugins_of_a_launcher_count(self, program, captured):
        program.patch(
            "pytest",
            at="conftest.py:3",
            stale=(captured(*SSL, "pytest loads requests_mock", "$SITE/requests_mock/__init__.py:3 import requests"),),
        )
        assert "brought in at the launch command" in program.says(self.RULE)

    @pytest.mark.parametrize("by", ["interpreter", "launcher"])
    def test_what_others_hold_for_themselves_does_not(self, program, captured, by):
        program.patch("gunicorn.conf.py", at="gunicorn.conf.py:3", stale=(captured(*SSL, "start", by=by),))
        assert program.says(self.RULE) == ""

    def test_nor_does_what_is_harmless(self, program, captured):
        program.patch(at="run.py:3", stale=(captured("threading.Event", "run", "Event", "run.py:1", "run.py"),))
        assert program.says(self.RULE) == ""

    def test_nor_a_patch_by_the_launcher(self, program, captured):
        program.patch(
            at="$SITE/gunicorn/ggevent.py:3", stale=(captured(*SSL, "run.py:1 import requests"),), by_launcher=True
        )
        assert program.says(self.RULE) == ""


class TestPartial:
    RULE = partial_patch.RULE
    SOCKET = ("socket.socket", "socket.create_connection")

    def test_sockets_without_tls_break_a_client_that_speaks_it(self, program):
        program.patch(at="run.py:3", call="gevent.monkey.patch_socket", replaced=self.SOCKET)
        program.module("http.client", "$STDLIB/http/client.py", "run.py", "run.py:6 import urllib.request")
        assert program.says(self.RULE).startswith(
            "run.py:3 PAT202 error: sockets are patched and ssl is not: every TLS connection ends in a TypeError"
        )

    def test_and_are_a_note_where_there_is_none(self, program):
        program.module("http.client", "$STDLIB/http/client.py", "gunicorn", by="launcher")
        program.patch(at="run.py:3", call="gevent.monkey.patch_socket", replaced=self.SOCKET)
        assert program.says(self.RULE).startswith("run.py:3 PAT202 note: only a part is patched: ssl, threading, time")

    def test_what_a_worker_completes_is_a_note(self, program):
        program.patch(at="run.py:3", call="gevent.monkey.patch_ssl", replaced=("ssl.SSLContext",))
        program.fork()
        program.patch("worker starts", at="$SITE/gunicorn/workers/ggevent.py:38", by_launcher=True)
        assert program.says(self.RULE) == dedent("""\
            run.py:3 PAT202 note: only a part is patched here: socket, threading, time, select, subprocess, os not before patch_all() in the worker process, after everything that the main process imports
                run.py:3 gevent.monkey.patch_ssl()""")

    def test_a_librarys_own_choice_is_a_note(self, program):
        program.module("http.client", "$STDLIB/http/client.py", "run.py:2 import requests")
        program.patch("run.py", "run.py:1 import grequests", at="$SITE/grequests.py:20", replaced=self.SOCKET)
        assert program.says(self.RULE).startswith("run.py:1 PAT202 note")

    def test_single_calls_that_add_up_are_a_whole(self, program):
        for line, name in enumerate(("socket.socket", "ssl.SSLContext", "_thread.allocate_lock", "time.sleep"), 3):
            program.patch(at=f"run.py:{line}", call="gevent.monkey.patch_x", replaced=(name,))
        program.patch(at="run.py:8", replaced=("select.select", "subprocess.Popen", "os.fork"))
        assert program.says(self.RULE) == ""


class TestOffMainThread:
    RULE = patch_off_main_thread.RULE

    def test_says_where_the_thread_is_started(self, program):
        program.start("thread", "threading.Thread", "main.py:12")
        program.patch("main.py", "thread:main.py:12 run load_app in a thread", at="main.py:7")
        assert program.says(self.RULE) == dedent("""\
            main.py:7 PAT203 warning: `gevent.monkey.patch_all()` is called off the main thread, in the one started at main.py:12: joining the main thread will hang from a greenlet
                main.py:12 run load_app in a thread
                main.py:7 gevent.monkey.patch_all()""")
        assert program.says(patch_after_threads.RULE) == ""


class TestAfterThreads:
    RULE = patch_after_threads.RULE

    def test_names_the_thread(self, program):
        program.start("thread", "threading.Thread", "main.py:12")
        program.patch(at="main.py:16")
        assert program.says(self.RULE).startswith(
            "main.py:16 PAT204 warning: `gevent.monkey.patch_all()` comes while a thread is running (Thread, started at main.py:12)"
        )

    def test_not_for_green_or_later_threads_nor_another_process(self, program):
        program.start("thread", "threading.Thread", "main.py:12", green=True)
        program.start("thread", "threading.Thread", "main.py:13", stage="created")
        program.start("thread", "threading.Thread", "$SITE/gunicorn/ctl.py:13", "gunicorn", by="launcher")
        program.patch(at="main.py:16")
        program.start("thread", "threading.Thread", "main.py:20")
        program.fork()
        program.patch(at="main.py:30")
        assert program.says(self.RULE) == ""

    def test_not_when_threads_are_left_alone(self, program):
        program.start("thread", "threading.Thread", "main.py:12")
        program.patch(at="main.py:16", replaced=("ssl.SSLContext",))
        assert program.says(self.RULE) == ""


class TestConditional:
    def test_is_a_note(self, program):
        program.patch(at="main.py:6", certainty="possible")
        assert program.says(conditional_patch.RULE) == dedent("""\
            main.py:6 PAT205 note (possible): `gevent.monkey.patch_all()` is called on one branch only
                main.py:6 gevent.monkey.patch_all()""")

    def test_not_for_a_certain_one(self, program):
        program.patch(at="main.py:6")
        assert program.says(conditional_patch.RULE) == ""


class TestRepeated:
    RULE = repeated_patch.RULE
    SOME = ("socket.socket", "time.sleep")

    def test_says_what_is_added(self, program):
        program.patch(at="run.py:3", arguments=(("ssl", "False"),), replaced=self.SOME)
        program.patch(at="run.py:7", replaced=(*self.SOME, "ssl.SSLContext"))
        assert program.says(self.RULE).splitlines()[0] == (
            "run.py:7 PAT206 note: `gevent.monkey.patch_all()` adds ssl to what `gevent.monkey.patch_all(ssl=False)` "
            "patched at run.py:3: arguments of several calls add up"
        )

    def test_not_for_less_or_the_same(self, program):
        program.patch(at="run.py:3")
        program.patch(at="run.py:4")
        program.patch(at="run.py:5", arguments=(("ssl", "False"),), replaced=self.SOME)
        assert program.says(self.RULE) == ""


class TestTwoLibraries:
    def test_the_second_is_to_blame(self, program):
        program.patch(at="run.py:3", library="eventlet", call="eventlet.monkey_patch")
        program.fork()
        program.patch(at="run.py:7")
        assert program.says(two_libraries.RULE).splitlines()[0] == (
            "run.py:7 PAT207 error: gevent patches what eventlet has patched already, with "
            "`eventlet.monkey_patch()` at run.py:3: a wait in one stops the other"
        )

    def test_the_programs_own_when_the_launcher_is_second(self, program):
        program.patch(at="run.py:3", library="eventlet", call="eventlet.monkey_patch")
        program.fork()
        program.patch("worker starts", at="$SITE/gunicorn/ggevent.py:38", by_launcher=True)
        assert program.says(two_libraries.RULE).startswith("run.py:3 PAT207 error")


class TestMissing:
    RULE = missing_patch.RULE

    def test_at_the_line_that_chose_the_pool(self, program):
        program.serve("gevent", "celery's gevent pool", at="proj.py:8")
        assert program.says(self.RULE) == dedent("""\
            proj.py:8 PAT208 warning: celery's gevent pool runs, and gevent has not patched: the first blocking call stops every greenlet
                proj.py:8 celery's gevent pool""")

    def test_at_the_launch_command(self, program):
        program.serve("gevent", "celery's gevent pool")
        assert program.says(self.RULE).startswith("<launch> PAT208 warning")

    def test_possible_when_the_patch_is(self, program):
        program.patch(at="proj.py:3", certainty="possible")
        program.serve("gevent", "celery's gevent pool")
        assert program.says(self.RULE).startswith(
            "<launch> PAT208 warning (possible): celery's gevent pool runs, and gevent may"
        )

    def test_not_after_the_patch_of_its_own_library(self, program):
        program.patch(at="proj.py:3")
        program.fork()
        program.serve("gevent", "gunicorn's gevent worker")
        assert program.says(self.RULE) == ""
        program.serve("eventlet", "an eventlet server")
        assert "eventlet has not patched" in program.says(self.RULE)


class TestSignalWithoutOs:
    @pytest.mark.parametrize(
        ("replaced", "verdict"),
        [
            (("signal.signal", "socket.socket"), "run.py:3 PAT209 warning: signal is patched and os is not"),
            (("os.fork", "socket.socket"), "run.py:3 PAT209 warning: os is patched and signal is not"),
            (("os.fork", "signal.signal"), ""),
            (("socket.socket",), ""),
        ],
    )
    def test_one_of_the_two(self, program, replaced, verdict):
        program.patch(at="run.py:3", replaced=replaced)
        assert program.says(signal_without_os.RULE).startswith(verdict)
        assert bool(program.says(signal_without_os.RULE)) is bool(verdict)

    def test_a_single_function_is_a_note(self, program):
        program.patch(at="run.py:3", call="gevent.monkey.patch_os", replaced=("os.fork",))
        assert program.says(signal_without_os.RULE).startswith("run.py:3 PAT209 note")

    def test_calls_add_up(self, program):
        program.patch(at="run.py:3", call="gevent.monkey.patch_signal", replaced=("signal.signal",))
        program.patch(at="run.py:4", call="gevent.monkey.patch_os", replaced=("os.fork",))
        assert program.says(signal_without_os.RULE) == ""


class TestRemovedName:
    RULE = removed_name.RULE

    def test_blames_the_import(self, program):
        program.patch(at="main.py:3", removed=("select.epoll",))
        program.module("trio", "$SITE/trio/__init__.py", "main.py", "main.py:5 import trio")
        assert program.says(self.RULE) == dedent("""\
            main.py:5 PAT210 error: trio needs select.epoll, which `gevent.monkey.patch_all()` removed at main.py:3
                main.py:5 import trio""")

    def test_not_when_the_name_is_left(self, program):
        program.patch(at="main.py:3", arguments=(("aggressive", "False"),))
        program.module("trio", "$SITE/trio/__init__.py", "main.py:5 import trio")
        assert program.says(self.RULE) == ""


class TestMissingHook:
    RULE = missing_hook.RULE

    def test_psycopg2_without_its_hook(self, program):
        program.patch(at="main.py:3")
        program.module("psycopg2", "$SITE/psycopg2/__init__.py", "main.py", "main.py:5 import psycopg2")
        assert program.says(self.RULE).startswith("main.py:5 PAT211 warning (possible): psycopg2 waits in C")

    def test_quiet_with_the_hook_before_or_after_the_patch(self, program):
        program.module("psycopg2", "$SITE/psycopg2/__init__.py", "gunicorn.conf.py:8 import psycopg2")
        program.fork()
        program.hook("psycopg2", "psycogreen.gevent.patch_psycopg", "gunicorn.conf.py:9")
        program.patch("worker starts", at="$SITE/gunicorn/ggevent.py:38", by_launcher=True)
        assert program.says(self.RULE) == ""

    def test_quiet_without_gevent(self, program):
        program.module("psycopg2", "$SITE/psycopg2/__init__.py", "main.py:5 import psycopg2")
        assert program.says(self.RULE) == ""

    def test_the_hook_of_grpc_comes_after_the_patch(self, program):
        program.hook("grpc", "grpc.experimental.gevent.init_gevent", "gunicorn.conf.py:9")
        program.patch(at="$SITE/gunicorn/ggevent.py:38", by_launcher=True)
        assert program.says(self.RULE).startswith(
            "gunicorn.conf.py:9 PAT211 warning: grpc.experimental.gevent.init_gevent() is"
        )
