"""Wrappers: a program that sets the stage, and then lets another one take its place."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from patchlint import api
from patchlint.config import Settings
from patchlint.model.events import ModuleExecuted, Opaque
from patchlint.model.timeline import Timeline

WRAPPER = """\
import os
import sys

os.environ["STAGE"] = "set"
{call}
import after
"""

CALLS = {
    "execv": "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])",
    "execvp": "os.execvp('python', ['python', *sys.argv[1:]])",
    "execl": "os.execl(sys.executable, sys.executable, *sys.argv[1:])",
    "execve": "os.execve(sys.executable, [sys.executable, *sys.argv[1:]], {'STAGE': 'set'})",
    "execlpe": "os.execlpe('python', 'python', *sys.argv[1:], {'STAGE': 'set'})",
}


def started(folder: Path, call: str) -> Timeline:
    (folder / "wrapper.py").write_text(WRAPPER.format(call=call))
    (folder / "app.py").write_text(
        "import os\nif os.environ['STAGE'] == 'set':\n    import right\nelse:\n    import wrong\n"
    )
    for name in ("right", "wrong", "after"):
        (folder / f"{name}.py").write_text("")
    settings = Settings(python=sys.executable, cache=False)
    return api.timeline(None, ("python", "wrapper.py", "app.py"), settings, str(folder), {})


def own(line: Timeline, folder: Path) -> list[str]:
    return [
        event.module
        for event in line.events
        if isinstance(event, ModuleExecuted) and (event.path or "").startswith(str(folder))
    ]


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_the_command_behind_a_wrapper_is_played(tmp_path: Path, call: str) -> None:
    line = started(tmp_path, call)
    assert own(line, tmp_path) == ["__main__", "right"]
    assert line.entrypoint.argv == ("python", "wrapper.py", "app.py")


def test_a_sitecustomize_that_a_wrapper_puts_in_the_way(tmp_path: Path) -> None:
    stage = tmp_path / "stage"
    stage.mkdir()
    (stage / "sitecustomize.py").write_text("import brought\n")
    (stage / "brought.py").write_text("")
    call = f"os.environ['PYTHONPATH'] = {str(stage)!r}\n{CALLS['execvp']}"
    line = started(tmp_path, call)
    assert own(line, tmp_path) == ["sitecustomize", "brought", "__main__", "right"]


def test_a_command_that_may_not_be_started_is_told(tmp_path: Path) -> None:
    line = started(tmp_path, f"if os.environ.get('ASKED'):\n    {CALLS['execvp']}")
    assert "after" in own(line, tmp_path)
    assert any(event.what == "execvp" for event in line.events if isinstance(event, Opaque))


def test_a_file_beside_the_program_is_read_by_its_relative_path(play):
    text = "exec(compile(open('set.txt', 'rb').read(), 'set.txt', 'exec'), {})\nif open('none.txt').read() == '':\n    import b"
    played = play({"main.py": text, "set.txt": "import a", "a.py": "", "b.py": ""})
    assert played.modules() == {"__main__": "certain", "a": "certain", "b": "possible"}
    (imported,) = [event for event in played.events(ModuleExecuted) if event.module == "a"]
    assert played.place(imported.trail.location) == ("set.txt", 1)
