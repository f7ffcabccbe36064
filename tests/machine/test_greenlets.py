"""When what a greenlet runs is played."""

import pytest

GEVENT = {
    "gevent/__init__.py": "from gevent.greenlet import Greenlet\nspawn = Greenlet.spawn\nfrom gevent.hub import sleep\n",
    "gevent/hub.py": "def sleep(seconds=0): pass\n",
    "gevent/greenlet.py": "from gevent._gevent_cgreenlet import Greenlet\n",
    "gevent/_gevent_cgreenlet.cpython-311-x86_64-linux-gnu.so": "",
    "gevent/event.py": "from gevent._gevent_cevent import Event\n",
    "gevent/_gevent_cevent.cpython-311-x86_64-linux-gnu.so": "",
    "eventlet/__init__.py": "from eventlet.greenthread import *\n",
    "eventlet/greenthread.py": "def spawn(function, *arguments): pass\ndef spawn_after(s, function): pass\ndef sleep(n): pass\n",
    "a.py": "",
    "b.py": "",
    "c.py": "",
}
WORK = "def work(*given, **named):\n    import a\n"


def order(play, text):
    """The modules of the program in the order of their execution."""
    played = play({"main.py": WORK + text, **GEVENT})
    return [name for name in played.modules() if name in "abc"]


@pytest.mark.parametrize(
    "text",
    [
        "import gevent\ngevent.spawn(work, 1)\nimport b\ngevent.sleep(0)\nimport c",
        "import gevent\ng = gevent.Greenlet(run=work)\ng.start()\nimport b\ng.join()\nimport c",
        "import gevent\ng = gevent.Greenlet(work, 1, n=2)\ng.start()\nimport b\ng.get()\nimport c",
        "import gevent\nfrom gevent.event import Event\ngevent.spawn(work)\nimport b\nEvent().wait()\nimport c",
        "import eventlet\neventlet.spawn(work, 1)\nimport b\neventlet.sleep(0)\nimport c",
    ],
)
def test_a_greenlet_runs_when_the_program_waits(play, text):
    assert order(play, text) == ["b", "a", "c"]


@pytest.mark.parametrize(
    "text",
    [
        "import gevent\ngevent.spawn(work)\nimport b",
        "import gevent\ngevent.Greenlet(work)\nimport b\ngevent.sleep(0)",
        "import gevent\ngevent.Greenlet.spawn_later(60, work)\nimport b\ngevent.sleep(0)",
        "import eventlet\neventlet.spawn_after(60, work)\nimport b\neventlet.sleep(0)",
    ],
)
def test_one_that_nobody_waits_behind_does_not(play, text):
    assert order(play, text) == ["b"]


def test_those_that_are_started_run_in_their_order(play):
    text = "import gevent\ndef first():\n    gevent.sleep(0)\n    import b\n"
    text += "gevent.spawn(first)\ngevent.spawn(work)\ngevent.sleep(0)\nimport c"
    assert order(play, text) == ["b", "a", "c"]


def test_one_that_raises_ends_alone(play):
    text = "import gevent\ndef broken():\n    raise ValueError\ngevent.spawn(broken)\ngevent.sleep(0)\nimport c"
    assert order(play, text) == ["c"]


def test_two_that_are_made_before_either_starts_are_told_apart(play):
    text = "import gevent\ndef other():\n    import b\none, two = gevent.Greenlet(work), gevent.Greenlet(other)\n"
    assert order(play, text + "two.start()\none.start()\ngevent.sleep(0)") == ["b", "a"]
