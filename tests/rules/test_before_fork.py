"""PAT3xx: what is started before a fork; PAT901."""

# ruff: noqa: E501 (a message is one line, however long)

from __future__ import annotations

from textwrap import dedent

import pytest

from patchlint.rules import (
    connection_before_fork,
    not_analysed,
    process_before_fork,
    scheduler_before_fork,
    scheduler_created_before_fork,
    scheduler_in_every_worker,
    thread_before_fork,
)

SCHEDULER = "apscheduler.schedulers.background.BackgroundScheduler"
CREATE = ("run.py", "run.py:24 call create_app()")


class TestConnectionBeforeFork:
    RULE = connection_before_fork.RULE

    def test_it_is_shared(self, program):
        program.start("connection", "psycopg2.connect", "app.py:4")
        program.fork(2)
        assert program.says(self.RULE) == dedent("""\
            app.py:4 PAT306 warning: a connection (psycopg2.connect) is opened in gunicorn's master, before the fork, and 2 workers share it
                app.py:4 a connection (psycopg2.connect) is opened""")

    def test_closed_before_the_fork(self, program):
        program.start("connection", "psycopg2.connect", "app.py:4", identity=1)
        program.start("connection", "psycopg2.connect", "app.py:5", stage="ended", identity=1, certainty="possible")
        program.fork(2)
        assert program.says(self.RULE) == ""

    def test_dropped_by_the_workers(self, program):
        program.start("connection", "sqlalchemy.engine.base.Engine", "app.py:4", identity=1)
        program.fork(2)
        program.start("connection", "sqlalchemy.engine.base.Engine", "conf.py:5", stage="ended", identity=1)
        assert program.says(self.RULE).startswith("app.py:4 PAT306 note")

    def test_a_database_in_a_file_is_only_noted(self, program):
        program.start("connection", "sqlite3.connect", "app.py:4")
        program.fork(2)
        assert program.says(self.RULE).startswith("app.py:4 PAT306 note: an SQLite database is opened")

    def test_a_hub_is_only_noted(self, program):
        program.start("connection", "gevent.get_hub", "app.py:4")
        program.fork(2)
        assert program.says(self.RULE).startswith("app.py:4 PAT306 note: gevent's hub is opened")


class TestThreadsAndMultiprocessing:
    RULE = thread_before_fork.RULE

    def test_a_thread_that_runs_while_a_child_is_forked_is_noted(self, program):
        program.start("thread", "threading.Thread", "app.py:4")
        program.fork(1, launcher="multiprocessing", child="child")
        assert program.says(self.RULE).startswith("app.py:4 PAT304 note: Thread runs while")

    @pytest.mark.parametrize(
        ("at", "severity"), [("app.py:4", "app.py:4 PAT304 warning"), ("$SITE/lib.py:4", "app.py:2 PAT304 note")]
    )
    def test_a_greenlet_goes_on_in_both(self, program, at, severity):
        program.start("thread", "threading.Thread", at, "run.py", "app.py:2 call lib.go()", green=True)
        program.fork(1, launcher="multiprocessing", child="child")
        said = program.says(self.RULE)
        assert said.startswith(severity)
        assert "which the fork copies, and goes on in both" in said

    def test_a_thread_that_has_ended_is_not(self, program):
        program.start("thread", "threading.Thread", "app.py:4", identity=1)
        program.start("thread", "threading.Thread", "app.py:5", stage="ended", identity=1)
        program.fork(1, launcher="multiprocessing", child="child")
        assert program.says(self.RULE) == ""


class TestSchedulerBeforeFork:
    RULE = scheduler_before_fork.RULE

    def test_a_real_thread_stays_in_the_master(self, program):
        program.start("scheduler", SCHEDULER, "app.py:18", *CREATE)
        program.fork(2)
        assert program.says(self.RULE) == dedent("""\
            app.py:18 PAT301 warning: BackgroundScheduler is started in gunicorn's master, before the fork, and its thread stays there: each job runs once, in gunicorn's master, and never in 2 workers, where the scheduler only seems to be running
                run.py:24 call create_app()
                app.py:18 BackgroundScheduler starts""")

    @pytest.mark.parametrize(
        ("count", "times"),
        [
            (1, "each job runs 2 times, in gunicorn's master and in its worker"),
            (3, "each job runs 4 times, in gunicorn's master and in each of 3 workers"),
            (None, "each job runs in gunicorn's master and again in every worker"),
        ],
    )
    def test_a_greenlet_is_copied(self, program, count, times):
        program.start("scheduler", SCHEDULER, "app.py:18", *CREATE, green=True)
        program.fork(count)
        said = program.says(self.RULE)
        assert said.startswith("app.py:18 PAT301 error: BackgroundScheduler is started in gunicorn's master")
        assert times in said

    def test_a_fork_of_the_programs_own(self, program):
        program.start("scheduler", SCHEDULER, "app.py:18")
        program.fork(1, launcher=None, child="child")
        assert "once, in the parent process, and never in the child" in program.says(self.RULE)

    def test_a_parent_that_goes_into_the_background_takes_a_thread_with_it(self, program):
        program.start("scheduler", SCHEDULER, "app.py:18")
        program.fork(1, launcher=None, child="child", ends=True)
        assert "its thread ends with the parent process: no job runs in the child" in program.says(self.RULE)

    def test_a_greenlet_goes_into_the_background_with_the_program(self, program):
        program.start("scheduler", SCHEDULER, "app.py:18", green=True)
        program.fork(1, launcher=None, child="child", ends=True)
        assert program.says(self.RULE) == ""
        program.fork(2)
        assert "each job runs 3 times" in program.says(self.RULE)

    def test_inside_a_library_the_callers_line_is_to_blame(self, program):
        program.start(
            "scheduler", SCHEDULER, "$SITE/flask_apscheduler/scheduler.py:70", "run.py", "app.py:25 call start()"
        )
        program.fork(2)
        assert program.says(self.RULE).startswith("app.py:25 PAT301 warning")

    def test_not_after_the_fork_nor_for_multiprocessing(self, program):
        program.start("scheduler", SCHEDULER, "app.py:18")
        program.fork(1, launcher="multiprocessing", child="child")
        program.process = "main"
        assert program.says(self.RULE) == ""

    def test_the_children_of_multiprocessing_copy_greenlets(self, program):
        program.start("scheduler", SCHEDULER, "app.py:18", green=True)
        for child in ("child", "child 2"):
            program.process = "main"
            program.fork(1, launcher="multiprocessing", child=child)
        said = program.says(self.RULE)
        assert said.startswith("app.py:18 PAT301 error: BackgroundScheduler is started in the parent process")
        assert "each job runs 3 times, in the parent process and in each of the 2 children" in said


class TestSchedulerInEveryWorker:
    RULE = scheduler_in_every_worker.RULE

    @pytest.mark.parametrize(
        ("count", "said"),
        [
            (1, ""),
            (
                3,
                "app.py:17 PAT302 warning: BackgroundScheduler is started in every worker, after the fork: each job runs 3 times",
            ),
            (
                None,
                "app.py:17 PAT302 warning (possible): BackgroundScheduler is started in every worker, after the fork: each job runs once per worker",
            ),
        ],
    )
    def test_runs_as_often_as_there_are_workers(self, program, count, said):
        program.fork(count)
        program.start("scheduler", SCHEDULER, "app.py:17", "worker", stage="created")
        program.start("scheduler", SCHEDULER, "app.py:17", "worker")
        assert program.says(self.RULE).partition("\n")[0] == said
        assert program.says(scheduler_before_fork.RULE) == ""


class TestSchedulerCreated:
    RULE = scheduler_created_before_fork.RULE

    def test_a_note_when_nothing_starts_it(self, program):
        program.start("scheduler", SCHEDULER, "app.py:9", stage="created", identity=7)
        program.fork()
        assert program.says(self.RULE).startswith(
            "app.py:9 PAT303 note: BackgroundScheduler is created before the fork"
        )

    def test_nothing_when_a_worker_starts_it(self, program):
        program.start("scheduler", SCHEDULER, "app.py:9", stage="created", identity=7)
        program.fork()
        program.start("scheduler", SCHEDULER, "gunicorn.conf.py:4", identity=7)
        assert program.says(self.RULE) == ""

    def test_of_a_wrapper_and_what_it_makes_the_wrapper(self, program):
        program.start("scheduler", SCHEDULER, "$SITE/flask_apscheduler/scheduler.py:9", "run.py", "app.py:9 call Wrapper()",
                      stage="created", identity=7)  # fmt: skip
        program.start("scheduler", "flask_apscheduler.APScheduler", "app.py:9", stage="created", identity=8)
        program.fork()
        assert program.says(self.RULE).startswith("app.py:9 PAT303 note: APScheduler is created")
        program.start("scheduler", "flask_apscheduler.APScheduler", "app.py:12", identity=8)
        assert program.says(self.RULE) == ""


class TestThreadBeforeFork:
    RULE = thread_before_fork.RULE

    @pytest.mark.parametrize(
        ("subject", "given", "said"),
        [
            (
                "threading.Thread",
                {},
                "warning: Thread starts a thread in gunicorn's master, before the fork: it does not exist in 2 workers",
            ),
            (
                "threading.Thread",
                {"green": True},
                "warning: Thread starts a thread in gunicorn's master, before the fork: it is a greenlet, which the fork copies into 2 workers, and goes on in each",
            ),
            (
                "concurrent.futures.thread.ThreadPoolExecutor",
                {},
                "error: ThreadPoolExecutor starts a thread in gunicorn's master, before the fork: in 2 workers it is gone, and the next result() waits for it forever",
            ),
            (
                "opentelemetry.sdk.BatchSpanProcessor",
                {"repairs": True},
                "note: BatchSpanProcessor starts a thread in gunicorn's master, before the fork: 2 workers get another one, which the library starts by itself",
            ),
            (
                "opentelemetry.sdk.BatchSpanProcessor",
                {"repairs": True, "green": True},
                "warning: BatchSpanProcessor starts",
            ),
        ],
    )
    def test_what_becomes_of_it(self, program, subject, given, said):
        program.start("thread", subject, "app.py:17", "run.py", **given)
        program.fork()
        assert program.says(self.RULE).startswith(f"app.py:17 PAT304 {said}")

    def test_uwsgi_tells_no_library(self, program):
        program.start("thread", "opentelemetry.sdk.BatchSpanProcessor", "app.py:17", "app.py", repairs=True)
        program.fork(launcher="uwsgi")
        assert "warning: BatchSpanProcessor starts a thread in uwsgi's master" in program.says(self.RULE)

    def test_a_schedulers_thread_is_told_by_its_own_rule(self, program):
        program.start(
            "thread", "threading.Thread", "$SITE/apscheduler/background.py:37", "run.py", "app.py:18 call start()"
        )
        program.start("scheduler", SCHEDULER, "app.py:18", "run.py")
        program.fork()
        assert program.says(self.RULE) == ""

    def test_launchers_threads_are_their_own_affair(self, program):
        program.start("thread", "threading.Thread", "$SITE/gunicorn/ctl/server.py:115", "gunicorn", by="launcher")
        program.fork()
        assert program.says(self.RULE) == ""

    def test_creating_or_starting_in_the_worker_is_fine(self, program):
        program.start("thread", "concurrent.futures.thread.ThreadPoolExecutor", "app.py:6", stage="created")
        program.fork()
        program.start("thread", "threading.Thread", "app.py:17")
        assert program.says(self.RULE) == ""


class TestProcessBeforeFork:
    RULE = process_before_fork.RULE

    def test_every_worker_tries_to_join_it(self, program):
        program.start("process", "multiprocessing.context.Process", "app.py:15", *CREATE)
        program.fork()
        assert program.says(self.RULE) == dedent("""\
            app.py:15 PAT305 error: Process is started in gunicorn's master, before the fork: 2 workers inherit it, and each ends with `AssertionError: can only join a child process`, after it has terminated the process if that is a daemon
                run.py:24 call create_app()
                app.py:15 Process starts""")

    @pytest.mark.parametrize("subject", ["multiprocessing.process._children", "multiprocessing.util._exit_function"])
    def test_a_note_where_the_workers_forget_it(self, program, subject):
        program.start("process", "multiprocessing.context.Process", "app.py:15", *CREATE)
        program.fork()
        program.forget(subject, "run.py:15")
        said = program.says(self.RULE)
        assert said.startswith(
            "app.py:15 PAT305 note: Process is started in gunicorn's master, before the fork; 2 workers drop it"
        )
        assert f"run.py:15 ({subject})" in said

    def test_a_note_where_the_master_forgets_it_before_the_fork(self, program):
        program.start("process", "multiprocessing.context.Process", "app.py:15", *CREATE)
        program.forget("multiprocessing.process._children", "app.py:16")
        program.fork()
        assert program.says(self.RULE).startswith(
            "app.py:15 PAT305 note: Process is started in gunicorn's master, before the fork; gunicorn's master has dropped it at app.py:16"
        )

    def test_what_was_forgotten_before_the_start_does_not_count(self, program):
        program.forget("multiprocessing.process._children", "app.py:14")
        program.start("process", "multiprocessing.context.Process", "app.py:15", *CREATE)
        program.fork()
        assert program.says(self.RULE).startswith("app.py:15 PAT305 error")

    def test_other_children_may_not_run_exit_functions(self, program):
        program.start("process", "multiprocessing.context.Process", "app.py:15")
        program.fork(1, launcher=None, child="child")
        assert program.says(self.RULE).startswith("app.py:15 PAT305 warning")


class TestWhatMayNotBe:
    def test_a_library_s_thread_on_an_undecided_branch_is_noted(self, program):
        program.start("thread", "threading.Timer", "$SITE/client.py:4", "app.py:3", certainty="possible")
        program.fork()
        assert program.says(thread_before_fork.RULE).startswith("app.py:3 PAT304 note")

    def test_the_program_s_own_is_not(self, program):
        program.start("thread", "threading.Timer", "app.py:3", certainty="possible")
        program.fork()
        assert program.says(thread_before_fork.RULE).startswith("app.py:3 PAT304 warning")


class TestWhatHasEnded:
    def test_is_not_inherited(self, program):
        program.start("thread", "threading.Thread", "app.py:4", identity=1)
        program.start("thread", "threading.Thread", "app.py:5", stage="ended", identity=1)
        program.start("process", "multiprocessing.Process", "app.py:6", identity=2)
        program.start("process", "multiprocessing.Process", "app.py:7", stage="ended", identity=2)
        program.fork()
        assert program.says(thread_before_fork.RULE) == ""
        assert program.says(process_before_fork.RULE) == ""

    def test_is_so_only_if_that_is_sure(self, program):
        program.start("thread", "threading.Thread", "app.py:4", identity=1)
        program.start("thread", "threading.Thread", "app.py:5", stage="ended", identity=1, certainty="possible")
        program.fork()
        assert "PAT304" in program.says(thread_before_fork.RULE)


class TestNotAnalysed:
    def test_once_for_each_first_party_place(self, program):
        program.opaque("import", "its name is computed from os.environ", "plugins.py:4")
        program.opaque("import", "its name is computed from os.environ", "plugins.py:4")
        program.opaque("import", "its name is computed", "$SITE/pkg.py:4")
        assert (
            program.says(not_analysed.RULE)
            == dedent("""\
            plugins.py:4 PAT901 note: what is imported here is not known (its name is computed from os.environ), nor what that imports, patches and starts""")
        )

    @pytest.mark.parametrize(
        ("what", "reason", "message"),
        [
            ("exec", "the code is computed", "what is executed here is not known (the code is computed)"),
            ("statement", "raises ValueError", "not followed to its end (raises ValueError)"),
            ("call", "f() takes too many operations to follow", "not followed to its end (f() takes too many"),
            ("program", "ended with SystemExit: 2", "the program ended with SystemExit: 2 here"),
            ("--config", "its value is computed", "not analysed: --config (its value is computed)"),
        ],
    )
    def test_each_kind_has_its_words(self, program, what, reason, message):
        program.opaque(what, reason, "app.py:4")
        assert program.says(not_analysed.RULE).startswith(f"app.py:4 PAT901 note: {message}")

    def test_a_patching_library_alone_can_be_done_without(self, program):
        program.opaque("module", "gevent cannot be found, and is taken for installed", "app.py:2")
        assert program.says(not_analysed.RULE) == (
            "app.py:2 PAT901 note: no module named 'gevent' can be found, what its patch replaces is known without it"
        )

    def test_a_module_that_is_not_there(self, program):
        program.opaque("statement", "raises ModuleNotFoundError: No module named 'shop.tax'", "app.py:1")
        program.opaque("module", "gevent cannot be found, and is taken for installed", "app.py:2")
        assert (
            program.says(not_analysed.RULE)
            == dedent("""\
            app.py:1 PAT901 note: no module named 'shop.tax' can be found, so what it imports and patches is not known
            app.py:2 PAT901 warning: no module named 'gevent' can be found, so what it imports and patches is not known""")
        )
