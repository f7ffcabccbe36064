"""The table of ``docs/launchers.md``: each launcher is run, and the timeline tells the same of every marker."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from conftest import free_port
from launching import lay_out, observed, told

PACKAGES = ("gevent", "gunicorn", "celery", "flask-socketio", "locust", "huey", "dramatiq", "pyuwsgi")

pytestmark = pytest.mark.real

WSGI = """
import mk_app

def application(environ, start_response):
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
"""
HOOKS = """
import mk_conf

def on_starting(server): import mk_on_starting
def when_ready(server): import mk_when_ready
def pre_fork(server, worker): import mk_pre_fork
def post_fork(server, worker): import mk_post_fork
def post_worker_init(worker): import mk_post_worker_init
"""
CUSTOM = """
from gunicorn.app.base import BaseApplication

class Application(BaseApplication):
    def load_config(self):
        for name, value in {"bind": "127.0.0.1:0", "worker_class": "gevent", "workers": 2}.items():
            self.cfg.set(name, value)
        def forked(server, worker): import mk_forked
        self.cfg.set("post_fork", forked)

    def load(self):
        import mk_load
        return application

if __name__ == "__main__":
    Application().run()
"""
GREENLET = """
import gevent

def work():
    import mk_greenlet

gevent.spawn(work)
"""
TASKS = """
import mk_app
from celery import Celery
from celery.signals import worker_init, worker_process_init

app = Celery("tasks", broker="memory://", backend="cache+memory://")
app.conf.update(include=["included"], worker_hijack_root_logger=False)

@worker_init.connect
def begins(**given): import mk_worker_init
"""
FORKED = """
@worker_process_init.connect
def forked(**given): import mk_process_init
"""
UWSGI = "import mk_app\n\ndef application(environ, start_response): pass\n"
HUEY = """
import mk_app
from huey import SqliteHuey

huey = SqliteHuey(filename="huey.db")

@huey.on_startup()
def started(): import mk_startup
"""
DRAMATIQ = """
import mk_app
import dramatiq
from dramatiq.brokers.stub import StubBroker

dramatiq.set_broker(StubBroker())
"""
LOCUST = """
import mk_locustfile
from locust import User, task

class Visitor(User):
    @task
    def visit(self): pass
"""


@dataclass(frozen=True)
class Launch:
    """A program's files, and how it is started; ``{port}`` is one that nobody listens on."""

    name: str
    command: str
    files: Mapping[str, str]
    environ: Mapping[str, str] = field(default_factory=dict)


def gunicorn(name: str, options: str, files: Mapping[str, str] | None = None, **environ: str) -> Launch:
    files = files or {"app.py": WSGI, "gunicorn.conf.py": HOOKS}
    return Launch(f"gunicorn {name}", f"gunicorn -b 127.0.0.1:{{port}} {options}", files, environ)


def celery(name: str, options: str, tasks: str) -> Launch:
    files = {"tasks.py": tasks, "included.py": "import mk_included\n"}
    command = f"celery -A tasks worker -c 2 --without-gossip --without-mingle {options}"
    return Launch(f"celery {name}", command, files)


def uwsgi(name: str, options: str, app: str = UWSGI) -> Launch:
    command = f"uwsgi --http-socket 127.0.0.1:{{port}} --master -p 2 {options} --module app"
    return Launch(f"uwsgi {name}", command, {"app.py": app})


LAUNCHES = (
    gunicorn("gthread", "-k gthread app:application"),
    gunicorn("gevent", "-k gevent app:application"),
    gunicorn("preload", "-k gevent --preload app:application"),
    gunicorn("arguments", "app:application", GUNICORN_CMD_ARGS="-k gevent --preload --threads 3"),
    gunicorn("chdir", "-k gevent --chdir src app:application", {"src/app.py": WSGI, "gunicorn.conf.py": HOOKS}),
    gunicorn(
        "config", "-c python:settings", {"app.py": WSGI, "settings.py": f"{HOOKS}\nwsgi_app = 'app:application'\n"}
    ),
    Launch("gunicorn custom", "python run.py", {"run.py": f"{WSGI}{CUSTOM}"}),
    celery("prefork", "-P prefork", f"{TASKS}{FORKED}"),
    celery("gevent", "-P gevent", TASKS),
    uwsgi("late", "--gevent 10 --gevent-monkey-patch"),
    uwsgi("early", "--gevent 10 --gevent-early-monkey-patch"),
    uwsgi("lazy", "--gevent 10 --gevent-monkey-patch --lazy-apps"),
    Launch(
        "uwsgi aside",
        "uwsgi --http-socket 127.0.0.1:{port} --gevent 10 u.ini",
        {
            "app.py": f"{UWSGI}from uwsgidecorators import postfork\n@postfork\ndef forked(): import mk_forked\n",
            "mule.py": "import mk_mule, time\ntime.sleep(60)\n",
            "jobs.py": "import mk_spooled\n",
            "u.ini": "[uwsgi]\nmaster = 1\nmodule = app\ngevent-monkey-patch = 1\nmule = mule.py\n"
            "spooler = %d\nspooler-import = jobs.py\n",
        },
    ),
    Launch("gevent.monkey", "python -m gevent.monkey run.py", {"run.py": "import mk_run\n"}),
    Launch("huey", "huey_consumer tasks.huey -k process -w 2", {"tasks.py": HUEY}),
    Launch("huey greenlets", "huey_consumer tasks.huey -k greenlet -w 2", {"tasks.py": HUEY}),
    Launch(
        "greenlets of a worker", "gunicorn -b 127.0.0.1:{port} -k gevent app:application", {"app.py": WSGI + GREENLET}
    ),
    Launch("dramatiq", "dramatiq-gevent tasks -p 2 -t 2", {"tasks.py": DRAMATIQ}),
    Launch("locust", "locust --web-host 127.0.0.1 -P {port}", {"locustfile.py": LOCUST}),
    Launch(
        "pywsgi",
        "python run.py",
        {
            "run.py": f"{WSGI}\nfrom gevent import monkey\nmonkey.patch_all()\nimport mk_patched\n"
            "from gevent.pywsgi import WSGIServer\nWSGIServer(('127.0.0.1', 0), application).serve_forever()\n"
        },
    ),
)


@pytest.mark.parametrize("launch", LAUNCHES, ids=lambda launch: launch.name)
def test_the_timeline_is_the_real_one(env, tmp_path, launch):
    python = env(PACKAGES)
    markers = lay_out(tmp_path, launch.files)
    command = launch.command.replace("{port}", str(free_port())).split()
    seen = observed(python, tmp_path, command, launch.environ, markers)
    assert set(seen) == markers, (tmp_path / "output.txt").read_text("utf-8", "replace")[-2000:]
    assert told(python, tmp_path, command, launch.environ) == seen


REFUSED = ("-k eventlet app:application", "--no-such-option app:application", "-k gevent app:nothing")


@pytest.mark.parametrize("options", REFUSED)
def test_what_a_launcher_refuses_is_told_in_its_own_words(env, check, tmp_path, options):
    python = env(PACKAGES)
    lay_out(tmp_path, {"app.py": WSGI})
    command = ["gunicorn", "-b", f"127.0.0.1:{free_port()}", *options.split()]
    observed(python, tmp_path, command, {}, {"mk_never"})
    output = (tmp_path / "output.txt").read_text("utf-8", "replace")
    (finding,) = (one for one in check(python, tmp_path, "--", *command).findings if one["code"] == "PAT901")
    told = re.search(r"after it wrote ['\"](.*?)['\"], as it does", finding["message"])
    assert told is not None, finding["message"]
    assert told[1] in output
    assert finding["severity"] == "warning"
