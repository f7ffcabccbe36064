"""Programs that somebody runs start: where a play ends early, the environment or the machine is at fault."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from patchlint import api
from patchlint.config import Settings
from patchlint.model.events import ModuleExecuted, Opaque, Patch
from patchlint.model.timeline import Timeline

LAUNCHER = """\
import importlib
import sys

try:
    importlib.import_module("app")
except Exception:
    sys.exit(3)
import served
"""


def played(folder: Path, app: str) -> Timeline:
    (folder / "run.py").write_text(LAUNCHER)
    (folder / "app.py").write_text(app)
    (folder / "served.py").write_text("")
    return api.timeline("run.py", (), Settings(python=sys.executable, cache=False), str(folder), {})


def modules(line: Timeline) -> set[str]:
    return {event.module for event in line.events if isinstance(event, ModuleExecuted)}


def reasons(line: Timeline) -> list[str]:
    return [event.reason for event in line.events if isinstance(event, Opaque)]


def test_a_module_that_is_not_installed_is_taken_for_installed(tmp_path: Path) -> None:
    line = played(tmp_path, "from nowhere.version import parse\nif parse('1') < parse('2'):\n    pass\n")
    assert {"app", "served"} <= modules(line)
    assert not line.has_failed
    assert "nowhere cannot be found, and is taken for installed" in reasons(line)


def test_an_import_with_an_alternative_is_left_missing(tmp_path: Path) -> None:
    line = played(tmp_path, "try:\n    import nowhere\nexcept ImportError:\n    nowhere = None\n1 / 0\n")
    assert "served" in modules(line)
    assert not any("nowhere" in reason for reason in reasons(line))


def test_an_exception_that_a_launcher_would_only_report_is_survived(tmp_path: Path) -> None:
    line = played(tmp_path, "x = {}['gone']\nimport json\n")
    assert {"app", "json", "served"} <= modules(line)
    assert "raises KeyError: gone" in reasons(line)


def test_a_program_that_means_to_end_has_ended(tmp_path: Path) -> None:
    line = played(tmp_path, "import sys\nsys.exit(1)\n")
    assert line.has_failed
    assert "served" not in modules(line)


@pytest.mark.parametrize(
    ("app", "replaced"),
    [
        ("from gevent import monkey\nmonkey.patch_ssl()\n", {"ssl"}),
        ("from gevent.monkey import patch_all as early\nearly(**{'ssl': False, 'os': False})\n", {"socket", "time"}),
        ("import eventlet\neventlet.monkey_patch(time=True)\n", {"time"}),
        ("__import__('gevent.monkey').monkey.patch_time()\n", {"time"}),
    ],
)
def test_a_patching_library_that_is_not_installed_still_patches(tmp_path: Path, app: str, replaced: set[str]) -> None:
    line = played(tmp_path, app)
    (patch,) = (event for event in line.events if isinstance(event, Patch))
    found = {name.partition(".")[0] for name in patch.replaced}
    assert replaced <= found
    assert ("ssl" in found) is ("ssl" in replaced)


def test_what_the_machine_could_not_load_is_no_refusal(tmp_path: Path) -> None:
    line = played(tmp_path, "1 / 0\n")
    assert "served" in modules(line)
    assert "ended with SystemExit: 3" not in reasons(line)
