"""Threads, executors, processes and forks."""

from __future__ import annotations

import pytest

from patchlint.model.events import Forgotten, Forked, ModuleExecuted, Patch, Started


def started(played):
    return [(e.what, e.stage, e.subject, e.location.line, e.green) for e in played.events(Started)]


def test_a_thread_is_created_and_started(play):
    played = play({"main.py": "import threading\nthread = threading.Thread(target=print)\nthread.start()"})
    events = played.events(Started)
    assert [(e.what, e.stage, e.location.line) for e in events][-1] == ("thread", "started", 3)
    assert len({event.identity for event in events}) == 1
    assert not events[-1].green


def test_what_a_thread_runs_is_played_on_its_account(play):
    played = play({"main.py": "import threading\ndef work():\n    import a\nthreading.Thread(target=work).start()\nimport b",
                   "a.py": "", "b.py": ""})  # fmt: skip
    assert list(played.modules()) == ["__main__", "a", "b"]
    trail = next(event for event in played.events(ModuleExecuted) if event.module == "a").trail
    assert "thread" in {link.by for link in trail.upwards()}
    trail = next(event for event in played.events(ModuleExecuted) if event.module == "b").trail
    assert "thread" not in {link.by for link in trail.upwards()}


def test_a_thread_that_raises_ends_alone(play):
    played = play({"main.py": "import threading\ndef work():\n    raise ValueError\nthreading.Thread(target=work).start()\nimport a",
                   "a.py": ""})  # fmt: skip
    assert list(played.modules()) == ["__main__", "a"]
    assert played.opaque() == []


def test_a_subclass_is_a_thread(play):
    played = play({"main.py": """
        import threading

        class Worker(threading.Thread):
            def run(self):
                import a

        Worker(daemon=True).start()
        """, "a.py": ""})  # fmt: skip
    assert [(subject, line) for what, stage, subject, line, _ in started(played) if stage == "started"] == [
        ("__main__.Worker", 7)
    ]
    assert "a" in played.modules()


def test_after_the_patch_threads_are_green(patched):
    played = patched(
        "from gevent import monkey\nmonkey.patch_all()\nimport threading\nthreading.Thread(target=print).start()"
    )
    assert [green for _, stage, _, _, green in started(played) if stage == "started"] == [True]


@pytest.mark.parametrize(
    ("text", "what", "subject"),
    [
        ("import threading\nthreading.Timer(1, print).start()", "thread", "threading.Timer"),
        ("from concurrent.futures import ThreadPoolExecutor as E\nE(2).submit(print)", "thread", "concurrent.futures.thread.ThreadPoolExecutor"),
        ("import multiprocessing as m\nm.Process(target=print).start()", "process", "multiprocessing.context.Process"),
    ],
)  # fmt: skip
def test_what_starts(play, text, what, subject):
    events = [event for event in play({"main.py": text}).events(Started) if event.stage == "started"]
    assert [(event.what, event.subject) for event in events] == [(what, subject)]


def test_an_executor_that_is_only_made_starts_nothing(play):
    played = play({"main.py": "from concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor(2)"})
    assert [event for event in played.events(Started) if event.stage == "started"] == []


def test_a_forked_child_of_multiprocessing_is_played_on_a_copy(play):
    played = play({"main.py": """
        import multiprocessing
        seen = []
        def work():
            import a
            seen.append(1)
        if __name__ == "__main__":
            multiprocessing.get_context("fork").Process(target=work).start()
            if not seen:
                import b
        """, "a.py": "", "b.py": ""})  # fmt: skip
    processes = {event.module: event.process for event in played.events(ModuleExecuted)}
    assert (processes["a"], processes["b"]) == ("child", "main")
    assert [(fork.child, fork.launcher) for fork in played.events(Forked)] == [("child", "multiprocessing")]


def test_what_a_forked_child_patches_is_not_patched_in_its_parent(patched):
    played = patched("""
        import multiprocessing
        def work():
            from gevent import monkey
            monkey.patch_all()
        if __name__ == "__main__":
            for _ in range(2):
                multiprocessing.get_context("fork").Process(target=work).start()
        """)
    assert [patch.process for patch in played.events(Patch) if patch.replaced] == ["child", "child 2"]


def test_a_spawned_child_imports_the_main_file_again(patched):
    played = patched("""
        from ssl import SSLContext
        import multiprocessing
        def work():
            from gevent import monkey
            monkey.patch_all()
        if __name__ == "__main__":
            multiprocessing.set_start_method("spawn")
            multiprocessing.Process(target=work).start()
        """)
    (patch,) = played.events(Patch)
    assert patch.process == "spawned child"
    assert [capture.module for capture in patch.stale if capture.path and capture.path.endswith("main.py")] == [
        "__mp_main__"
    ]


def test_a_pool_starts_its_own_processes_untold(play):
    text = "import multiprocessing\npool = multiprocessing.get_context('fork').Pool(2)\nimport a"
    played = play({"main.py": text, "a.py": ""})
    assert [subject for _, stage, subject, _, _ in started(played) if stage == "started"] == [
        "multiprocessing.pool.Pool"
    ]
    assert "a" in played.modules()


def test_a_fork_goes_on_in_the_child(play):
    played = play({"main.py": "import os\nimport a\nif os.fork() == 0:\n    import b", "a.py": "", "b.py": ""})
    (fork,) = played.events(Forked)
    assert (fork.process, fork.child, fork.launcher, played.place(fork.location)) == (
        "main", "child", None, ("main.py", 3),
    )  # fmt: skip
    processes = {event.module: event.process for event in played.events(ModuleExecuted)}
    assert (processes["a"], processes["b"]) == ("main", "child")


def test_a_patch_after_the_fork_is_made_by_both(patched):
    played = patched("from ssl import SSLContext\nimport os\nos.fork()\nfrom gevent import monkey\nmonkey.patch_all()")
    assert [patch.process for patch in played.events(Patch)] == ["child", "main"]
    assert played.stale()["__main__", "SSLContext"].process == "main"


@pytest.mark.parametrize(
    ("remedy", "subject"),
    [
        ("from multiprocessing import process\nprocess._children.clear()", "multiprocessing.process._children"),
        ("import atexit, multiprocessing.util as u\natexit.unregister(u._exit_function)", "multiprocessing.util._exit_function"),
    ],
)  # fmt: skip
def test_what_is_inherited_can_be_dropped(play, remedy, subject):
    played = play({"main.py": f"import multiprocessing\nmultiprocessing.Process(target=print).start()\n{remedy}"})
    assert [event.subject for event in played.events(Forgotten)] == [subject]


def test_the_main_thread_is_started_by_nobody(play):
    assert play({"main.py": "import threading\nthreading.current_thread()"}).events(Started) == []


def test_who_joins_goes_on_when_it_has_ended(play):
    played = play({"main.py": """
        import threading
        from concurrent.futures import ThreadPoolExecutor
        thread = threading.Thread(target=print)
        thread.start()
        thread.join()
        with ThreadPoolExecutor() as pool:
            pool.submit(print)
        import a
        """, "a.py": ""})  # fmt: skip
    own = [event for event in played.events(Started) if event.location.path.endswith("main.py")]
    assert [(e.subject.rpartition(".")[2], e.stage) for e in own if e.stage != "created"] == [
        ("Thread", "started"), ("Thread", "ended"), ("ThreadPoolExecutor", "started"),
    ]  # fmt: skip
    ended = [e.identity for e in played.events(Started) if e.stage == "ended"]
    assert set(ended) == {e.identity for e in own if e.stage == "started"}
    assert "a" in played.modules()


GUARDS = {
    "the number": "if worker.age == 1:\n    scheduler.start()",
    "a lock": "import fcntl\nfcntl.flock(1, fcntl.LOCK_EX | fcntl.LOCK_NB)\nscheduler.start()",
    "an address": "import socket\nsocket.socket().bind(('127.0.0.1', 1))\nscheduler.start()",
    "none": "scheduler.start()",
    "others are sent away": "def start():\n    if worker.age != 1:\n        return\n    scheduler.start()\nstart()",
    "a number is not asked for": "only = 0\ndef start():\n    if only > 0 and worker.age != only:\n        return\n"
    "    scheduler.start()\nstart()",
    "a number that was kept": "os.environ['NUMBER'] = str(worker.age)\nif os.environ['NUMBER'] == '1':\n    scheduler.start()",
    "another test": "if worker.name == 1:\n    scheduler.start()",
    "others were sent away elsewhere": "def log():\n    if worker.age != 1:\n        return\nlog()\nscheduler.start()",
}


@pytest.mark.parametrize("guard", GUARDS)
def test_what_one_of_several_workers_does_alone(play, guard):
    text = f"""
import os
import threading
from types import SimpleNamespace
scheduler = threading.Thread(target=print)
worker = SimpleNamespace(age=1, name=1)
os.fork() and os._exit(0)
{GUARDS[guard]}
"""
    (event,) = [event for event in play({"main.py": text}).events(Started) if event.stage == "started"]
    assert event.alone == (
        guard in ("the number", "a number that was kept", "a lock", "an address", "others are sent away")
    )


def test_a_thread_knows_itself_and_is_not_the_main_one(play):
    played = play({"main.py": """
        import threading

        def work():
            if threading.current_thread() is thread and threading.get_ident() != main:
                import a

        main = threading.get_ident()
        thread = threading.Thread(target=work)
        thread.start()
        if threading.get_ident() == main and threading.current_thread() is threading.main_thread():
            import b
        """, "a.py": "", "b.py": ""})  # fmt: skip
    assert [name for name in played.modules() if name in ("a", "b")] == ["a", "b"]
    assert not [e for e in played.events(ModuleExecuted) if e.module in ("a", "b") and e.certainty != "certain"]


def test_a_thread_that_something_else_starts_counts_as_started(play):
    played = play({"main.py": """
        from multiprocessing.pool import ThreadPool
        pool = ThreadPool(1)
        pool._worker_handler.join()
        import a
        """, "a.py": ""})  # fmt: skip
    assert "a" in played.modules()
    assert played.opaque() == []


def test_whether_a_thread_is_still_alive_is_not_known(play):
    played = play({"main.py": """
        import threading
        thread = threading.Thread(target=print)
        if thread.is_alive():
            import a
        thread.start()
        if thread.is_alive():
            import b
        """, "a.py": "", "b.py": ""})  # fmt: skip
    assert "a" not in played.modules()
    assert [e.certainty for e in played.events(ModuleExecuted) if e.module == "b"] == ["possible"]
    assert played.opaque() == []


def test_a_function_in_c_may_open_a_connection(play):
    played = play({"main.py": "import sqlite3\ndatabase = sqlite3.connect('a.db')\ndatabase.close()"})
    opened = [e for e in played.events(Started) if e.what == "connection"]
    assert [(e.subject, e.stage, e.location.line) for e in opened] == [
        ("sqlite3.connect", "started", 2), ("sqlite3.connect", "ended", 3),
    ]  # fmt: skip


def test_which_of_two_that_compiled_code_made_has_ended(play):
    played = play({"main.py": "import sqlite3\none = sqlite3.connect('a')\ntwo = sqlite3.connect('b')\ntwo.close()"})
    one, two, ended = [e for e in played.events(Started) if e.what == "connection"]
    assert (one.stage, two.stage, ended.stage) == ("started", "started", "ended")
    assert one.identity != two.identity == ended.identity


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import lib\nlib.make()", "lib.make()"),
        ("import lib\nlib.Client()", "lib.Client()"),
        ("import lib\nlib.make\nwith lib.CLIENT:\n    pass", "__enter__()"),
        ("from lib import lazy", "lazy()"),
    ],
)
def test_a_private_function_goes_by_the_name_that_its_caller_has_for_it(play, text, said):
    played = play(
        {
            "main.py": text,
            "lib.py": """
                def _make():
                    import a

                make = _make
                class Client:
                    def __init__(self, is_loaded=False):
                        if not is_loaded:
                            import a
                    def __enter__(self):
                        import a
                    def __exit__(self, *error):
                        pass
                CLIENT = Client(True)

                def __getattr__(name):
                    if name == "lazy":
                        import a
                        return a
                    raise AttributeError(name)
            """,
            "a.py": "",
        }
    )
    trail = next(event for event in played.events(ModuleExecuted) if event.module == "a").trail
    assert said in [link.what for link in trail.upwards()]


def test_a_scheduler_that_is_started_paused_runs_no_job_yet(play):
    files = {
        "apscheduler/__init__.py": "",
        "apscheduler/schedulers/__init__.py": "",
        "apscheduler/schedulers/background.py": """
            import threading

            class BackgroundScheduler:
                def start(self, paused=False):
                    threading.Thread(target=print).start()

                def resume(self):
                    pass
        """,
        "main.py": """
            from apscheduler.schedulers.background import BackgroundScheduler
            scheduler = BackgroundScheduler()
            scheduler.start(paused=True)
            scheduler.resume()
        """,
    }
    events = [event for event in play(files).events(Started) if event.stage == "started"]
    assert [(event.what, event.location.line) for event in events] == [("scheduler", 4)]
