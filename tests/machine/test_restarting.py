"""Reloaders run a program twice, and servers of libraries start workers."""

from __future__ import annotations

import sys

import pytest

from patchlint.model.events import Forked, Patch, Started

WERKZEUG = {
    "werkzeug/__init__.py": "",
    "werkzeug/_reloader.py": """
        import os

        def restart_with_reloader():
            raise AssertionError("does not return")

        def run_with_reloader(serve):
            if os.environ.get("WERKZEUG_RUN_MAIN") == "true":
                serve()
            else:
                restart_with_reloader()
    """,
}


def starts(played):
    return [event.process for event in played.events(Started) if event.stage == "started"]


def reloaded(play, text):
    return play(
        {
            **WERKZEUG,
            "main.py": f"import os, threading\nfrom werkzeug._reloader import run_with_reloader\n{text}\n"
            "run_with_reloader(lambda: __import__('served'))",
            "served.py": "",
        }
    )


def test_a_reloader_runs_the_program_twice(play):
    played = reloaded(play, "threading.Thread(target=print).start()")
    assert starts(played) == ["main", "reloaded"]
    assert [(fork.child, fork.is_fresh) for fork in played.events(Forked)] == [("reloaded", True)]
    assert "served" in played.modules()


def test_what_asks_the_reloader_is_started_once(play):
    played = reloaded(
        play, "if os.environ.get('WERKZEUG_RUN_MAIN') == 'true':\n    threading.Thread(target=print).start()"
    )
    assert starts(played) == ["reloaded"]


SERVER = """
    import threading
    from multiprocessing import get_context

    def work(name):
        __import__(name)

    def serve(name, count, method):
        for _ in range(count):
            get_context(method).Process(target=work, args=(name,)).start()
"""


def test_the_workers_of_a_library_are_counted(play, monkeypatch):
    monkeypatch.setattr("patchlint.machine.core.Machine.is_first_party", lambda m, path: "server" not in (path or ""))
    files = {
        "main.py": "import app\nfrom server import serve\nif __name__ == '__main__':\n    serve('app', 3, 'spawn')",
        "app.py": "import threading\nthreading.Thread(target=print).start()",
        "server.py": SERVER,
    }
    played = play(files)
    assert [(fork.child, fork.count, fork.launcher) for fork in played.events(Forked)] == [("worker", 3, "server")]
    assert [e.process for e in played.events(Started) if e.what == "thread" and e.stage == "started"] == [
        "main",
        "worker",
    ]


def test_the_text_of_a_command(play, tmp_path):
    from patchlint.launchers import python

    played = play(
        {"a.py": "", "gevent/__init__.py": "", "gevent/monkey.py": "def patch_all(): pass"},
        plan=python.text(
            "import a\ndef go():\n    from gevent import monkey\n    monkey.patch_all()\ngo()",
            str(tmp_path / "program"),
            ("-c",),
        ),
    )
    (patch,) = played.events(Patch)
    assert (patch.location.path, patch.location.line) == ("<launch>", 4)
    assert "a" in played.modules()


def test_a_pool_plays_its_tasks(play):
    played = play(
        {
            "main.py": """
                from concurrent.futures import ThreadPoolExecutor

                def load(name):
                    __import__(name)
                    return 1

                with ThreadPoolExecutor() as pool:
                    if list(pool.map(load, ["a", "b"])) == [1, 1]:
                        import c
            """,
            "a.py": "",
            "b.py": "",
            "c.py": "",
        }
    )
    assert played.modules() == dict.fromkeys(("__main__", "a", "b", "c"), "certain")


@pytest.mark.skipif(sys.version_info < (3, 11), reason="asyncio.Runner is new in 3.11")
def test_a_loop_runs_until_a_coroutine_is_complete(play):
    played = play(
        {
            "main.py": """
                import asyncio

                async def main(name):
                    __import__(name)

                asyncio.new_event_loop().run_until_complete(main("a"))
                with asyncio.Runner() as runner:
                    runner.run(main("b"))
                asyncio.new_event_loop().run_forever()
                import c
            """,
            "a.py": "",
            "b.py": "",
            "c.py": "",
        }
    )
    assert played.modules() == dict.fromkeys(("__main__", "a", "b", "c"), "certain")


def test_entry_points_of_all_groups_to_choose_from(play):
    text = """
        from importlib.metadata import EntryPoints, entry_points

        every = entry_points()
        if isinstance(every, EntryPoints):
            import a
        if [point.name for point in every.select(group="console_scripts") if point.name == "pytest"]:
            import b
    """
    assert "b" in play({"main.py": text, "a.py": "", "b.py": ""}).modules()


def test_the_loop_of_a_reloader_is_where_the_program_serves(play):
    played = play(
        {
            "werkzeug/__init__.py": "",
            "werkzeug/_reloader.py": """
                class ReloaderLoop:
                    def run(self):
                        raise SystemExit(3)
            """,
            "main.py": "from werkzeug._reloader import ReloaderLoop\nimport a\nReloaderLoop().run()\nimport b",
            "a.py": "",
            "b.py": "",
        }
    )
    assert list(played.modules()) == ["__main__", "werkzeug", "werkzeug._reloader", "a"]
    assert played.opaque() == []
