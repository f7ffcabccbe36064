"""gevent's own scripts about the order of import and patch, in the installed package: the same rows are stale.

Its tests of the warning say what the warning names: both kinds in ``...ssl_warning2``, only subclasses in ``...3``,
nothing where ``pkg_resources`` was imported first.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from differential.laboratory import HERE
from differential.test_gevent_versions import built, predicted

pytestmark = pytest.mark.real

SSL = {
    "test__monkey_ssl_warning.py": set(),
    "test__monkey_ssl_warning2.py": {("binding", "__main__", "SSLContext"), ("subclass", "__main__", "MySubclass")},
    "test__monkey_ssl_warning3.py": {("subclass", "__main__", "MySubclass")},
}
OTHERS = tuple(
    f"test__{name}.py"
    for name in (
        "monkey", "monkey_fork_atomic", "monkey_futures_thread_fork", "monkey_hub_in_thread", "monkey_logging",
        "monkey_module_run", "monkey_multiple_imports", "monkey_queue", "monkey_select", "monkey_selectors",
        "monkey_sigchld", "monkey_sigchld_2", "monkey_sigchld_3", "monkey_sigchld_wakeup_fd", "threading",
        "threading_2", "threading_before_monkey",
        "threading_fork_from_dummy", "threading_holding_lock_while_monkey", "threading_monkey_in_thread",
        "threading_native_before_monkey", "threading_no_monkey", "threading_patched_local",
        "threading_shutdown_atexit", "threading_vs_settrace", "_monkey_patching",
    )
)  # fmt: skip
LEFT_OUT = {"test__monkey_builtins_future.py": "it patches nothing where builtins are as they should be"}
ALWAYS = {*SSL, "test__monkey_logging.py", "test__monkey_selectors.py", "test__threading_before_monkey.py"}


@pytest.fixture(scope="module")
def python() -> Path:
    import sys

    return built(("gevent", "setuptools<80"), sys.executable)


@pytest.fixture
def script(python, tmp_path):
    """``script(name)``: a copy of gevent's tests, and the path of one of them."""
    code = "import os, gevent.tests; print(os.path.dirname(gevent.tests.__file__))"
    found = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True, timeout=60)
    folder = tmp_path / "tests"
    shutil.copytree(found.stdout.strip(), folder, ignore=shutil.ignore_patterns("__pycache__"))
    return lambda name: folder / name


def test_none_is_forgotten(script):
    installed = {path.name for kind in ("monkey", "threading") for path in script("").glob(f"test__{kind}[_.]*py")}
    assert installed - {*SSL, *OTHERS, *LEFT_OUT} == set()


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in ALWAYS else [pytest.mark.long]) for name in (*SSL, *OTHERS)]
)
def test_stale_rows(python, script, tmp_path, name):
    answer = tmp_path / "answer.json"
    line = [python, HERE / "reality.py", "run", script(name), answer]
    subprocess.run(line, check=True, capture_output=True, timeout=120)
    real = json.loads(answer.read_text("utf-8"))
    assert real["error"] is None or real["error"].startswith("SystemExit: ")
    rows = {tuple(row) for row in real["patches"][0]}
    assert predicted(python, script(name)) == rows
    if name in SSL:
        assert {row[:3] for row in rows if row[3] == "ssl.SSLContext" and row[1] == "__main__"} == SSL[name]
