"""Chains of imports, run for real: they end where the machine says that they do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from patchlint import api
from patchlint.config import Settings
from patchlint.model.events import ModuleExecuted

MOST = 200
WAYS = (
    "import p.NEXT",
    "from p import NEXT",
    "def f():\n    from . import NEXT\nf()",
    "import importlib; importlib.import_module('p.NEXT')",
    "__import__('p.NEXT')",
)
RUN = """
import log
try:
    import p.m0
except RecursionError:
    pass
if len(log.names) == {expected}:
    import exact
else:
    print(len(log.names))
"""


def write(folder: Path, text: str) -> None:
    """A chain that nobody can follow to its end; each module says that it was begun."""
    (folder / "p").mkdir()
    for name in ("p/__init__", f"p/m{MOST}", "exact"):
        (folder / f"{name}.py").write_text("")
    (folder / "log.py").write_text("names = []\n")
    for number in range(MOST):
        begun = f"import log; log.names.append({number})\n"
        (folder / "p" / f"m{number}.py").write_text(begun + text.replace("NEXT", f"m{number + 1}"))


@pytest.mark.parametrize("text", WAYS)
def test_a_chain_ends_where_it_does_for_real(tmp_path: Path, text: str) -> None:
    write(tmp_path, text)
    run = tmp_path / "run.py"
    run.write_text(RUN.format(expected="None"))
    done = subprocess.run([sys.executable, "-S", run], cwd=tmp_path, capture_output=True, text=True, check=True)
    for more in (0, 1):
        run.write_text(RUN.format(expected=int(done.stdout) + more))
        line = api.timeline("run.py", (), Settings(python=sys.executable, cache=False), str(tmp_path), {})
        ran = {event.module for event in line.events if isinstance(event, ModuleExecuted)}
        assert ("exact" in ran) == (not more)
