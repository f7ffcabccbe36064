"""The line on the terminal: there for those who wait, and gone in the end."""

from __future__ import annotations

import contextlib
import os
import pty
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TextIO

import pytest

from patchlint.cli import progress
from patchlint.cli.progress import Progress

TERMINAL = {"TERM": "xterm"}


@pytest.fixture
def terminal() -> Iterator[tuple[int, TextIO]]:
    """What a terminal shows, and the stream that is written to it."""
    shown, given = pty.openpty()
    with open(given, "w", encoding="utf-8") as stream:
        yield shown, stream
    os.close(shown)


def written(shown: int) -> str:
    """All that was written; no terminal's buffer is empty after the mark."""
    text = b""
    while not text.endswith(b"END"):
        text += os.read(shown, 4096)
    return text.decode().removesuffix("END")


def waited(stream: TextIO, seconds: float, environ: Mapping[str, str] = TERMINAL) -> None:
    with Progress(stream, environ) as shown:
        shown.played(dict.fromkeys(map(str, range(1234))))
        time.sleep(seconds)
    stream.write("END")
    stream.flush()


def test_a_long_run_is_shown_and_erased(terminal: tuple[int, TextIO], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0.05)
    waited(terminal[1], 0.6)
    text = written(terminal[0])
    assert "patchlint: playing, 1,234 files, " in text
    assert text.endswith("\r\x1b[K")
    assert "\n" not in text


def test_a_short_run_is_not_shown(terminal: tuple[int, TextIO]) -> None:
    waited(terminal[1], 0.2)
    assert written(terminal[0]) == ""


@pytest.mark.parametrize("environ", [{"TERM": "dumb"}, {}, TERMINAL | {"CI": "true"}, TERMINAL | {"NO_COLOR": "1"}])
def test_nothing_is_shown_where_it_is_not_wanted(
    terminal: tuple[int, TextIO], environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0.05)
    waited(terminal[1], 0.4, environ)
    assert written(terminal[0]) == ""


def test_nothing_is_shown_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0.05)
    with open(tmp_path / "errors", "w+", encoding="utf-8") as stream:
        waited(stream, 0.4)
        stream.seek(0)
        assert stream.read() == "END"


def test_a_terminal_that_goes_away_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0.05)
    shown, given = pty.openpty()
    with open(given, "w", encoding="utf-8", closefd=False) as stream, Progress(stream, TERMINAL):
        time.sleep(0.2)
        stream.close()
        time.sleep(0.2)
    os.close(given)
    os.close(shown)


SLOW = """
import sys
from patchlint.cli import main, progress
progress.PATIENCE = 0
progress._PERIOD = 0.001
sys.exit(main(sys.argv[1:]))
"""


def test_the_report_on_standard_output_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "run.py").write_text("import json\n", "utf-8")
    shown, given = pty.openpty()
    environ = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "CI")}
    words = [sys.executable, "-c", SLOW, "check", "run.py", "--format", "json", "--no-cache"]
    with open(tmp_path / "report", "wb") as report:
        process = subprocess.Popen(words, cwd=tmp_path, env=environ | TERMINAL, stdout=report, stderr=given)
    os.close(given)
    text = b""
    with contextlib.suppress(OSError):  # read all the time: a terminal's buffer is small, and whoever fills it waits
        while more := os.read(shown, 4096):
            text += more
    os.close(shown)
    assert process.wait() == 0
    assert "\x1b" not in (tmp_path / "report").read_text()
    assert b"patchlint: " in text
    assert text.endswith(b"\r\x1b[K")
