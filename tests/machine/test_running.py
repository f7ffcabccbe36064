"""``runpy``."""

from __future__ import annotations


def test_a_module_and_a_file_are_run(play):
    played = play(
        {
            "main.py": """
                import runpy

                names = runpy.run_module("job", run_name="__main__")
                if names["DONE"] == "__main__":
                    import a
                runpy.run_module("tool")
                runpy.run_path("script.py")
            """,
            "job.py": "DONE = __name__",
            "tool/__init__.py": "",
            "tool/__main__.py": "import b",
            "script.py": "import c",
            "a.py": "",
            "b.py": "",
            "c.py": "",
        }
    )
    assert {"a", "b", "c", "tool"} <= set(played.modules())


def test_what_is_not_there(play):
    played = play(
        {"main.py": "import runpy\ntry:\n    runpy.run_module('none')\nexcept ImportError:\n    import a", "a.py": ""}
    )
    assert "a" in played.modules()
