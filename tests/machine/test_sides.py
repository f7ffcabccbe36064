"""Both sides of a program's own forks."""

from __future__ import annotations

from patchlint.model.events import Forked

FORK = "import os\n"


def processes(played):
    """The program's modules and the process that each is executed in."""
    return {
        event.module: event.process for event in played.timeline.events if getattr(event, "module", "") in tuple("abcd")
    }


def test_the_child_and_the_parent_go_on(play):
    played = play(
        {
            "main.py": FORK + "if os.fork():\n    import a\nelse:\n    import b\nimport c",
            "a.py": "",
            "b.py": "",
            "c.py": "",
        }
    )
    assert processes(played) == {"b": "child", "c": "main", "a": "main"}


def test_a_child_that_exits_goes_no_further(play):
    played = play(
        {"main.py": FORK + "if not os.fork():\n    import a\n    os._exit(0)\nimport b", "a.py": "", "b.py": ""}
    )
    assert processes(played) == {"a": "child", "b": "main"}


def test_each_fork_of_a_parent_is_followed(play):
    text = (
        FORK
        + "if not os.fork():\n    import a\n    os._exit(0)\nif not os.fork():\n    import b\n    os._exit(0)\nimport c"
    )
    played = play({"main.py": text, "a.py": "", "b.py": "", "c.py": ""})
    assert processes(played) == {"a": "child", "b": "child 2", "c": "main"}


def test_a_loop_tells_how_many_children_there_are(play):
    played = play({"main.py": FORK + "for _ in range(5):\n    if not os.fork():\n        os._exit(0)\nos.wait()"})
    assert [(fork.count, fork.parent_ends) for fork in played.events(Forked)] == [(5, False)]


def test_a_loop_whose_length_is_not_known(play):
    played = play(
        {"main.py": FORK + "for _ in range(int(os.environ['N'])):\n    if not os.fork():\n        os._exit(0)"}
    )
    assert [fork.count for fork in played.events(Forked)] == [None]


def test_a_parent_that_ends_at_once(play):
    played = play({"main.py": FORK + "if os.fork():\n    os._exit(0)\nimport a", "a.py": ""})
    assert [(fork.count, fork.parent_ends) for fork in played.events(Forked)] == [(1, True)]
    assert processes(played) == {"a": "child"}


def test_a_parent_that_waits_is_there(play):
    played = play({"main.py": FORK + "pid = os.fork()\nif pid:\n    os.waitpid(pid, 0)\n    os._exit(0)"})
    assert [fork.parent_ends for fork in played.events(Forked)] == [False]


def test_a_child_that_becomes_another_program_is_no_fork_to_tell_of(play):
    text = FORK + "if not os.fork():\n    import b\n    os.execv('/bin/true', ['true'])\nimport a"
    played = play({"main.py": text, "a.py": "", "b.py": ""})
    assert processes(played) == {"a": "main"}
    assert played.timeline.successor is None
    assert not played.events(Forked)


def test_a_program_that_starts_commands_goes_on(play):
    text = "import os\nfor _ in range(9):\n    os.spawnv(os.P_WAIT, '/bin/true', ['true'])\nimport a"
    played = play({"main.py": text, "a.py": ""})
    assert processes(played) == {"a": "main"}
    assert not played.events(Forked)


def test_a_parent_that_lets_greenlets_run_is_not_one_that_only_ends(play):
    played = play(
        {
            "gevent/__init__.py": "def sleep(seconds):\n    pass",
            "main.py": "import gevent, os\npid = os.fork()\ngevent.sleep(1)\nos._exit(0)",
        }
    )
    assert [fork.parent_ends for fork in played.events(Forked)] == [False]


def test_a_parent_that_waits_for_its_children_by_number(play):
    played = play(
        {
            "main.py": """
                import os

                children = {}
                for number in range(2):
                    pid = os.fork()
                    if pid == 0:
                        break
                    children[pid] = number
                else:
                    while children:
                        pid, status = os.wait()
                        if pid not in children:
                            continue
                        children.pop(pid)
                import a
            """,
            "a.py": "",
        }
    )
    assert played.opaque() == []
    assert "a" in played.modules()
