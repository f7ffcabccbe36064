"""``--verbose`` says where the time went, on standard error, and what is not asked for costs nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from patchlint.sources import timed

PARTS = [
    "loading patchlint itself",
    "finding what is started",
    "the program's Python and its packages",
    "reading: N files",
    "taking from the cache: N summaries",
    "parsing and lowering: N files, N functions",
    "playing: N steps",
    "rules",
    "writing the report",
    "keeping it for the next run",
]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "program").mkdir()
    (tmp_path / "program" / "helper.py").write_text("def two():\n    return 2\n")
    (tmp_path / "program" / "run.py").write_text("import helper\nhelper.two()\n")
    monkeypatch.setenv("PATCHLINT_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "program"


def errors(program: Path, *options: str) -> list[str]:
    """What a run says on standard error; nothing is found, and the report is there."""
    words = [sys.executable, "-m", "patchlint", *options]
    done = subprocess.run(words, cwd=program, capture_output=True, text=True, check=True)
    assert "seconds" not in done.stdout
    return done.stderr.splitlines()


def number(lines: list[str], pattern: str) -> int:
    """The number that stands where the pattern has a group."""
    (found,) = re.findall(pattern, "\n".join(lines))
    return int(found.replace(",", ""))


@pytest.mark.parametrize("command", ["check", "timeline"])
def test_the_parts_add_up(program: Path, command: str) -> None:
    head, *rows = errors(program, command, "run.py", "--verbose", "--no-cache")
    told = [(float(seconds), re.sub(r"[\d,]+\d|\d", "N", what)) for seconds, what in (r.split(" s  ") for r in rows)]
    assert [what for _, what in told] == [part for part in PARTS if command == "check" or part != "rules"]
    whole = float(re.fullmatch(r"patchlint: ([\d.]+) s, of which", head)[1])  # type: ignore[index]
    assert sum(seconds for seconds, _ in told) == pytest.approx(whole, abs=0.01)


def test_what_is_kept_is_not_lowered(program: Path) -> None:
    cold = errors(program, "run.py", "--verbose")
    assert number(cold, r"lowering: ([\d,]+) files") >= 2
    (program / "run.py").write_text("import helper\nhelper.two()\nhelper.two()\n")
    changed = errors(program, "run.py", "--verbose")
    assert number(changed, r"lowering: ([\d,]+) files") == 1
    assert number(changed, r"cache: ([\d,]+) summaries") >= number(cold, r"lowering: ([\d,]+) files") - 1


def test_an_answer_that_still_holds_says_so(program: Path) -> None:
    errors(program, "run.py", "--verbose")
    (told,) = errors(program, "run.py", "--verbose")
    assert re.fullmatch(r"patchlint: [\d.]+ s, to see that [\d,]+ files are as they were \(--no-cache .*\)", told)


def test_the_settings_may_ask_for_it(program: Path) -> None:
    (program / "patchlint.toml").write_text("verbose = true\n")
    assert errors(program, "run.py", "--no-cache")[1].endswith("loading patchlint itself")


def test_nothing_is_said_and_nothing_is_timed_where_nobody_asks(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from patchlint.cli import main

    assert errors(program, "run.py", "--no-cache") == []
    monkeypatch.chdir(program)
    monkeypatch.delattr(timed.TimedReader, "__init__")
    monkeypatch.setattr(timed.TimedReader, "__new__", lambda *_: pytest.fail("a reader is timed"))
    assert main(["run.py", "--no-cache"]) == 0


def test_an_answer_that_still_holds_loads_nothing_that_works_it_out(program: Path) -> None:
    words = ("from patchlint.cli import main", "main(['run.py'])", "import sys", "print(*sys.modules, sep='\\n')")
    runs = [
        subprocess.run(
            [sys.executable, "-c", "\n".join(words)], cwd=program, capture_output=True, text=True, check=True
        )
        for _ in range(2)
    ]
    heavy = {"astroid", "click", "dataclasses", "hashlib", "ipaddress", "msgspec", "pathlib", "platformdirs", "sqlite3"}
    worked_out, recalled = (set(run.stdout.splitlines()) for run in runs)
    before = subprocess.run([sys.executable, "-c", "\n".join(words[2:])], capture_output=True, text=True, check=True)
    assert "msgspec" in worked_out
    assert not (recalled - set(before.stdout.splitlines())) & heavy
