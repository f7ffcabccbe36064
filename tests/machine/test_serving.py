"""Where the start-up ends: at the loop of a server."""

from __future__ import annotations

from patchlint.model.events import Forked, ModuleExecuted

SERVER = {"waitress/__init__.py": "", "waitress/wasyncore.py": "def loop():\n    import b\n", "a.py": "", "b.py": ""}


def modules(play, text):
    return set(play({"main.py": f"from waitress import wasyncore\n{text}", **SERVER}).modules()) & {"a", "b"}


def test_what_comes_after_serving_is_no_start_up(play):
    assert modules(play, "import a\nwasyncore.loop()\nimport b") == {"a"}


def test_a_server_in_a_thread_leaves_the_program_going(play):
    text = "import threading\nthreading.Thread(target=wasyncore.loop).start()\nimport a"
    assert modules(play, text) == {"a"}


def test_a_server_that_may_not_be_started_leaves_the_other_branch(play):
    text = "import random\nif random.random() > 0.5:\n    wasyncore.loop()\nimport a"
    assert modules(play, text) == {"a"}


def test_a_function_of_another_module_that_is_called_like_a_loop_is_none(play):
    assert modules(play, "def loop():\n    import b\nloop()\nimport a") == {"a", "b"}


def test_a_number_of_workers_that_is_not_known_is_some(play):
    played = play(
        {
            "main.py": "import gunicorn.arbiter",
            "gunicorn/__init__.py": "",
            "gunicorn/arbiter.py": """
                import os

                class Arbiter:
                    def _set_num_workers(self, value):
                        self._num_workers = value
                    num_workers = property(lambda self: self._num_workers, _set_num_workers)

                arbiter = Arbiter()
                arbiter.num_workers = int(os.environ["WORKERS"])
                class Master:
                    WORKERS, num_workers = {}, arbiter.num_workers
                    def start(self):
                        if len(self.WORKERS) < self.num_workers and not os.fork():
                            import a
                Master().start()
                """,
            "a.py": "",
        }
    )
    assert [event.certainty for event in played.events(ModuleExecuted) if event.module == "a"] == ["certain"]
    assert [event.certainty for event in played.events(Forked)] == ["certain"]
