"""PAT101."""

# ruff: noqa: E501 (a message is one line, however long)

from __future__ import annotations

from dataclasses import replace
from textwrap import dedent

from patchlint.model.location import Location
from patchlint.model.plan import Entrypoint
from patchlint.rules.stale_reference import RULE

RUN = "run.py"
APP = "run.py:5 import app"
REQUESTS = "app.py:1 import requests"
URLLIB3 = "$SITE/requests/__init__.py:45 import urllib3"


def worker_patch(program, *stale):
    """gunicorn's gevent worker patches after the fork."""
    program.module("gunicorn", "$SITE/gunicorn/__init__.py", "run.py:3 from gunicorn.app.base import BaseApplication")
    program.module("gevent", "$SITE/gevent/__init__.py", "gunicorn", by="launcher")
    program.fork()
    program.patch("worker starts", at="$SITE/gunicorn/workers/ggevent.py:38", stale=stale, by_launcher=True)


def test_groups_by_the_line_that_can_be_changed_worst_first(program, captured):
    program.module("__main__", "run.py")
    trail = (RUN, APP, REQUESTS, URLLIB3)
    worker_patch(
        program,
        captured(
            "queue.LifoQueue", "urllib3.connectionpool", "ConnectionPool.QueueCls", "$SITE/urllib3/pool.py:9", *trail
        ),
        captured("ssl.SSLContext", "urllib3.util.ssl_", "SSLContext", "$SITE/urllib3/util/ssl_.py:12", *trail),
        captured("ssl.SSLContext", "urllib3.util", "SSLContext", "$SITE/urllib3/util/__init__.py:10", *trail),
        captured(
            "_thread.allocate_lock",
            "jinja2.utils",
            "Lock",
            "$SITE/jinja2/utils.py:3",
            RUN,
            APP,
            "app.py:2 import flask",
        ),
    )
    assert program.says(RULE) == dedent("""\
        app.py:1 PAT101 error: `import requests` leaves ssl.SSLContext stale in urllib3.util.ssl_, urllib3.util (every TLS connection ends in RecursionError), and 1 more reference
            run.py:5 import app
            app.py:1 import requests
            $SITE/requests/__init__.py:45 import urllib3
            $SITE/urllib3/util/ssl_.py:12 from ssl import SSLContext
          stale: urllib3.util.ssl_.SSLContext, urllib3.util.SSLContext, urllib3.connectionpool.ConnectionPool.QueueCls
        app.py:2 PAT101 warning: `import flask` leaves _thread.allocate_lock stale in jinja2.utils (blocks every greenlet)
            run.py:5 import app
            app.py:2 import flask
            $SITE/jinja2/utils.py:3 from threading import Lock
          stale: jinja2.utils.Lock""")


def test_names_the_patch_and_the_way_out(program, captured):
    program.module("__main__", "run.py")
    worker_patch(
        program,
        captured("ssl.SSLContext", "urllib3.util", "SSLContext", "$SITE/urllib3/util/__init__.py:10", RUN, REQUESTS),
    )
    (finding,) = RULE.check(program.timeline())
    assert finding.patch is not None
    assert (finding.patch.call, finding.patch.process) == ("gevent.monkey.patch_all", "worker")
    assert finding.help == (
        "Call gevent.monkey.patch_all() at the top of run.py, before anything else is imported, or load the "
        "application in the workers (no preload); `gevent.monkey.patch_ssl()` alone there keeps real threads."
    )


def test_the_binding_itself_is_to_blame_in_first_party_code(program, captured):
    program.patch(
        at="run.py:9",
        stale=(
            captured("time.sleep", "tasks", "pause(sleep)", "tasks.py:4", RUN, "run.py:2 import tasks"),
            captured("time.sleep", "tasks", "sleep", "tasks.py:1", RUN, "run.py:2 import tasks"),
            captured("ssl.SSLContext", "tasks", "Context", "tasks.py:8", RUN, "run.py:2 import tasks", kind="subclass"),
            captured("queue.Queue", "tasks", "JOBS", "tasks.py:9", RUN, "run.py:2 import tasks", kind="instance"),
        ),
    )
    assert [line for line in program.says(RULE).splitlines() if "PAT" in line or "tasks.py" in line] == [
        "tasks.py:4 PAT101 warning: `pause(sleep=time.sleep)` leaves time.sleep stale in tasks (blocks every greenlet)",
        "    tasks.py:4 pause(sleep=time.sleep)",
        "tasks.py:1 PAT101 warning: `from time import sleep` leaves time.sleep stale in tasks (blocks every greenlet)",
        "    tasks.py:1 from time import sleep",
        "tasks.py:8 PAT101 note: `class Context(ssl.SSLContext)` leaves ssl.SSLContext stale in tasks (no visible harm)",
        "    tasks.py:8 class Context(ssl.SSLContext)",
        "tasks.py:9 PAT101 note: `JOBS = queue.Queue(...)` leaves queue.Queue stale in tasks (no visible harm)",
        "    tasks.py:9 JOBS = queue.Queue(...)",
    ]


def test_a_second_patch_does_not_repeat_what_the_first_left(program, captured):
    stale = captured("ssl.SSLContext", "urllib3.util", "SSLContext", "$SITE/urllib3/util/__init__.py:10", RUN, REQUESTS)
    program.patch(at="app.py:7", stale=(stale,))
    program.fork()
    program.patch(at="$SITE/gunicorn/workers/ggevent.py:38", stale=(stale,), by_launcher=True)
    assert [(finding.location.line, finding.patch.process) for finding in RULE.check(program.timeline())] == [
        (1, "main")
    ]


def test_an_undecided_branch_makes_it_possible(program, captured):
    sure = captured("time.sleep", "a", "sleep", "a.py:1", RUN)
    program.patch(at="run.py:9", stale=(sure, replace(sure, module="b", path="/srv/shop/b.py", certainty="possible")))
    assert [finding.certainty for finding in RULE.check(program.timeline())] == ["certain", "possible"]


class TestOnNobodysAccount:
    def test_interpreter_launcher_library_and_standard_library(self, program, captured):
        worker_patch(
            program,
            captured(
                "_thread.RLock", "functools", "RLock", "$STDLIB/functools.py:22", "start of Python", by="interpreter"
            ),
            captured("time.sleep", "acme", "sleep", "$SITE/acme.py:2", "an executable .pth line", by="interpreter"),
            captured(
                "threading.Thread",
                "gunicorn.reloader",
                "Reloader",
                "$SITE/gunicorn/reloader.py:20",
                RUN,
                "run.py:3 from gunicorn.app.base import BaseApplication",
                "$SITE/gunicorn/app/base.py:9 from gunicorn import config",
                kind="subclass",
            ),
            captured(
                "time.sleep",
                "acme",
                "sleep",
                "$SITE/acme.py:2",
                RUN,
                "run.py:3 from gevent import monkey",
                "$SITE/gevent/hub.py:5 import acme",
            ),
            captured(
                "socket.socket",
                "gevent._socket3",
                "_socket",
                "$SITE/gevent/_socket3.py:2",
                RUN,
                "run.py:4 import gevent.socket",
            ),
            captured("time.sleep", "acme", "sleep", "$SITE/acme.py:2", "gunicorn", by="launcher"),
            captured(
                "os.waitpid", "subprocess", "_waitpid", "$STDLIB/subprocess.py:70", RUN, "run.py:1 import subprocess"
            ),
        )
        assert program.says(RULE) == ""

    def test_but_first_party_code_that_the_launcher_loads_is(self, program, captured):
        worker_patch(
            program,
            captured(
                "ssl.SSLContext",
                "urllib3.util",
                "SSLContext",
                "$SITE/urllib3/util/__init__.py:10",
                RUN,
                "run.py:30 call Standalone.run()",
                "$SITE/gunicorn/glogging.py:9 import gunilog",
                "gunilog.py:1 import requests",
            ),
        )
        assert program.says(RULE).startswith("gunilog.py:1 PAT101 error: `import requests` leaves")

    def test_and_so_are_standard_modules_that_do_harm(self, program, captured):
        program.patch(
            at="run.py:9",
            stale=(
                captured(
                    "time.sleep",
                    "sched",
                    "scheduler.__init__(delayfunc)",
                    "$STDLIB/sched.py:40",
                    RUN,
                    "run.py:1 import sched",
                ),
            ),
        )
        assert program.says(RULE).startswith("run.py:1 PAT101 warning: `import sched` leaves time.sleep stale in sched")


class TestTheLaunchCommand:
    TRAIL = ("newrelic-admin run-program", "$SITE/newrelic/bootstrap/sitecustomize.py:90 import newrelic.config")

    def test_is_to_blame_for_what_a_wrapper_brings_in(self, program, captured):
        worker_patch(
            program,
            captured(
                "ssl.SSLContext", "newrelic.packages.urllib3.util", "SSLContext", "$SITE/newrelic/u.py:10", *self.TRAIL
            ),
        )
        assert program.says(RULE) == dedent("""\
            <launch> PAT101 error: the launch command leaves ssl.SSLContext stale in newrelic.packages.urllib3.util (every TLS connection ends in RecursionError)
                $SITE/newrelic/bootstrap/sitecustomize.py:90 import newrelic.config
                $SITE/newrelic/u.py:10 from ssl import SSLContext
              stale: newrelic.packages.urllib3.util.SSLContext""")

    def test_in_the_file_where_it_was_found(self, program, captured):
        program.entrypoint = Entrypoint("command", "web", "/srv/shop", ("gunicorn",), Location("/srv/shop/Procfile", 1))
        worker_patch(program, captured("time.sleep", "newrelic.u", "sleep", "$SITE/newrelic/u.py:10", *self.TRAIL))
        assert program.says(RULE).startswith("Procfile:1 PAT101 warning: the launch command leaves time.sleep stale")


def test_the_story_ends_where_the_name_was_taken_from(program, captured):
    links = ("run.py", "run.py:5 import app", "app.py:1 import shop")
    worker_patch(
        program,
        captured("ssl.SSLContext", "shop.tls", "SSLContext", "$SITE/shop/tls.py:1", *links),
        captured(
            "ssl.SSLContext", "shop.tls.core", "SSLContext", "$SITE/shop/tls/core.py:3", *links,
            "$SITE/shop/tls.py:1 import shop.tls.core",
        ),
    )  # fmt: skip
    assert program.says(RULE).splitlines()[1:-1] == [
        "    run.py:5 import app",
        "    app.py:1 import shop",
        "    $SITE/shop/tls.py:1 import shop.tls.core",
        "    $SITE/shop/tls/core.py:3 from ssl import SSLContext",
    ]


def test_the_patch_may_load_what_it_is_too_late_for(program, captured):
    """gevent asks every object for its class, and an object that stands for another one loads it then."""
    program.patch(
        at="run.py:9",
        stale=(captured("ssl.SSLContext", "tls", "Context", "$SITE/tls.py:3", "run.py:9 __class__()"),),
    )
    (finding,) = RULE.check(program.timeline())
    assert finding.message.startswith("`gevent.monkey.patch_all()` itself leaves ssl.SSLContext stale in tls")
    assert finding.help.startswith("The patch loads what is loaded late")


def test_tls_comes_before_what_is_as_bad(program, captured):
    program.patch(
        at="run.py:9",
        stale=(
            captured("threading.Thread", "workers", "Worker", "$SITE/w.py:3", "run.py:2 import w", kind="subclass"),
            captured("ssl.SSLContext", "tls", "Context", "$SITE/tls.py:3", "run.py:2 import w"),
        ),
    )
    (finding,) = RULE.check(program.timeline())
    assert [row.origin for row in finding.stale] == ["ssl.SSLContext", "threading.Thread"]
