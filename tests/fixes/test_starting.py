"""A start that is moved into the server's hook: every file that it takes."""

from __future__ import annotations

import ast

import pytest

from patchlint.fixes.starting import starts
from patchlint.fixes.texts import changed
from patchlint.model.finding import Finding
from patchlint.model.location import Location
from patchlint.model.plan import Entrypoint

TYPED = Entrypoint("command", "gunicorn", "/srv", ("gunicorn", "--preload", "app:app"))
UWSGI = Entrypoint("command", "uwsgi", "/srv", ("uwsgi", "--module", "app"))
CONF = "/srv/gunicorn.conf.py"
APP = "/srv/app.py"


def texts_after(code: str, text: str, line: int, entrypoint: Entrypoint = TYPED, conf: str = "") -> dict[str, str]:
    files = {APP: text, CONF: conf}
    finding = Finding(code, "error", "certain", "x", entrypoint, Location(APP, line))
    proposals = list(starts(finding, {APP: "app"}, files.get))
    assert len(proposals) <= 1
    after = changed(proposals)
    for one in after.values():
        ast.parse(one)
    return after


def test_a_start_of_the_module_itself_becomes_a_function() -> None:
    assert texts_after("PAT301", "import x\n\ns = x.S()\ns.start()  # now\napp = s\n", 4) == {
        APP: "import x\n\ns = x.S()\n\n\ndef start_in_worker():\n    s.start()\n\n\napp = s\n",
        CONF: (
            "def post_worker_init(worker):\n    if worker.age == 1:\n"
            "        from app import start_in_worker\n\n        start_in_worker()\n"
        ),
    }


def test_threads_start_in_each_worker() -> None:
    conf = texts_after("PAT304", "import threading\nthreading.Thread(target=print).start()\n", 2)[CONF]
    assert conf == "def post_worker_init(worker):\n    from app import start_in_worker\n\n    start_in_worker()\n"


def test_a_start_in_a_function_waits_in_a_list() -> None:
    text = "import x\n\n\n@x.y\ndef make():\n    s = x.S()\n    s.start()\n    return s\n"
    after = texts_after("PAT301", text, 7)
    assert after[APP] == (
        "import x\n\n\nat_worker_start = []\n\n\n@x.y\ndef make():\n    s = x.S()\n"
        "    at_worker_start.append(s.start)\n    return s\n"
    )
    assert "for start in at_worker_start:" in after[CONF]


def test_what_is_no_method_of_a_name_is_called_later() -> None:
    text = "def make(x):\n    x.Timer(\n        1,\n        print,\n    ).start()\n"
    after = texts_after("PAT304", text, 2)[APP]
    assert "at_worker_start.append(lambda: x.Timer(\n        1,\n        print,\n    ).start())\n" in after


def test_a_second_start_uses_the_list_and_the_hook_that_are_there() -> None:
    text = "at_worker_start = []\n\n\ndef make(s):\n    s.start()\n"
    conf = "def post_worker_init(worker):\n    for start in at_worker_start:\n        start()\n"
    assert list(texts_after("PAT304", text, 5, conf=conf)) == [APP]


def test_uwsgi_is_told_by_a_decorator() -> None:
    assert texts_after("PAT301", "def make(s):\n    s.start()\n", 2, UWSGI) == {
        APP: (
            "def make(s):\n    import uwsgi\n    from uwsgidecorators import postfork\n\n\n    @postfork\n"
            "    def start_in_worker():\n        if uwsgi.worker_id() == 1:\n            s.start()\n"
        )
    }


def test_a_process_is_left_alone_by_the_workers() -> None:
    after = texts_after("PAT305", "import multiprocessing\nmultiprocessing.Process().start()\n", 2)
    assert list(after) == [CONF]
    assert "    atexit.unregister(_exit_function)" in after[CONF]


@pytest.mark.parametrize(
    "text", ["x = s.start()\n", "a = 1; s.start()\n", 's.start("""\n""")\n', "if 1: s.start()\n", "def f(:\n"]
)
def test_what_cannot_be_moved(text: str) -> None:
    assert texts_after("PAT301", text, 1) == {}
