"""Whatever is edited: what the command line answers is what a run without a cache answers."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from patchlint import api
from patchlint.answers import looks
from patchlint.cli import main

PROGRAM = {
    "run.py": """\
import app
from pkg import work

if __name__ == "__main__":
    from gevent import monkey

    monkey.patch_all()
""",
    "app.py": '''\
"""An application."""

import threading
from ssl import SSLContext
from time import (
    sleep,
)

LOCK = threading.Lock()


class Fetcher(SSLContext):
    """Fetches."""

    retries = 3

    def fetch(self, url, pause=sleep):
        for attempt in range(self.retries):
            pause(attempt)
        return url

    @property
    def name(self):
        return "fetcher"


def start(target):
    thread = threading.Thread(target=target)
    thread.start()
    return thread


def never(a, b=2):
    """Nobody calls it."""
    text = """
# no comment
"""

    def inner():
        return a

    return text, inner, b
''',
    "pkg/__init__.py": "from pkg.work import spawn\n",
    "pkg/work.py": """\
from queue import SimpleQueue

from app import start, never as later

QUEUE = SimpleQueue()


def loop():
    while True:
        QUEUE.get()


def spawn():
    def watch():
        return QUEUE

    return start(watch)


spawn()
""",
}

needs_columns = pytest.mark.skipif(sys.version_info < (3, 11), reason="code does not tell its columns")


class Edited:
    """The program in a folder, and how often it was played."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.plays = 0
        self.asked = "run.py"
        self._capsys = capsys
        self._reset()
        check = api.check

        def counted(*arguments: Any) -> Any:
            self.plays += 1
            return check(*arguments)

        monkeypatch.setattr(api, "check", counted)

    def _reset(self) -> None:
        for name, text in PROGRAM.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")

    def text(self, name: str) -> str:
        return (self.folder / name).read_text("utf-8")

    def fresh(self, *options: str) -> tuple[int, str, str]:
        """What is answered where no answer was kept."""
        shutil.rmtree(self.folder.parent / "fresh" / "answers", ignore_errors=True)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PATCHLINT_CACHE_DIR", os.fspath(self.folder.parent / "fresh"))
            return self.answer(*options)

    def answer(self, *options: str) -> tuple[int, str, str]:
        status = main([self.asked, *options])
        out, err = self._capsys.readouterr()
        return status, re.sub(r"\d+\.\d+ s\b|\"seconds\": .*", "", out), err


@pytest.fixture
def edited(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Edited:
    folder = tmp_path / "program"
    (folder / ".git").mkdir(parents=True)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PATCHLINT_CACHE_DIR", os.fspath(tmp_path / "cache"))
    monkeypatch.setattr(looks, "_TICK", -(10**9))  # edits come faster than clocks tick here
    return Edited(folder, capsys, monkeypatch)


EDITS: dict[str, tuple[str, str, str]] = {
    "a comment above": ("app.py", '"""An application."""\n', '"""An application."""\n# by us\n\n'),
    "a line in a function that nobody calls": ("app.py", "    text = ", "    b += 1\n    text = "),
    "a function that nobody calls, told otherwise": ("app.py", "return text, inner, b", "return b"),
    "a comment on a line that is quoted": ("app.py", "import SSLContext", "import SSLContext  # TLS"),
    "a comment in a function that is called": ("app.py", "    thread.start()", "    # at once\n    thread.start()"),
    "a body of a class that nobody calls": ("app.py", "            pause(attempt)\n", "            pass\n"),
    "two lines less": ("pkg/work.py", "    while True:\n        QUEUE.get()\n", "    pass\n"),
}


@needs_columns
@pytest.mark.parametrize(("name", "old", "new"), EDITS.values(), ids=EDITS)
def test_what_import_time_does_not_see_is_not_played_again(edited: Edited, name: str, old: str, new: str) -> None:
    form = "json" if "comment" in new else "text"
    edited.answer("--format", form)
    assert old in edited.text(name)
    edited.write(name, edited.text(name).replace(old, new))
    told = edited.answer("--format", form)
    assert edited.plays == 1
    assert edited.answer("--format", form) == told
    assert edited.fresh("--format", form) == told
    assert edited.plays == 2


@needs_columns
def test_a_file_that_a_search_passes_by_counts_as_far_as_it_is_played(edited: Edited) -> None:
    edited.asked = "."
    edited.answer()
    edited.write("app.py", edited.text("app.py").replace("    text = ", "    b += 1\n    text = "))
    told = edited.answer()
    assert edited.plays == 1
    assert edited.fresh() == told
    edited.write("app.py", edited.text("app.py") + '\n\nif __name__ == "__main__":\n    never(1)\n')
    assert edited.answer() == edited.fresh() != told


@needs_columns
def test_a_hint_in_what_nobody_calls_is_looked_into(edited: Edited) -> None:
    edited.asked = "."
    edited.answer()
    edited.write("app.py", edited.text("app.py").replace("return text", 'assert b != "__main__"; return text'))
    edited.answer()
    assert edited.plays == 2


def test_a_line_that_a_finding_stands_at_is_told_where_it_is_now(edited: Edited) -> None:
    before = json.loads(_json(edited))
    edited.write("app.py", "# new\n# lines\n" + edited.text("app.py"))
    after = json.loads(_json(edited))
    lines = [
        [f["location"]["line"] for f in one["findings"] if "app.py" in str(f["location"])] for one in (before, after)
    ]
    assert lines[0]
    assert lines[1] == [line + 2 for line in lines[0]]


def _json(edited: Edited) -> str:
    main(["run.py", "--format", "json"])
    return edited._capsys.readouterr().out


def _comment(random: Random, lines: list[str]) -> None:
    lines.insert(random.randrange(len(lines) + 1), random.choice(("# one\n", "\n", "    # two\n", "\n\n\n")))


def _trailing(random: Random, lines: list[str]) -> None:
    at = random.randrange(len(lines))
    lines[at] = lines[at].rstrip("\n") + "  # says so\n"


def _less(random: Random, lines: list[str]) -> None:
    del lines[random.randrange(len(lines))]


def _twice(random: Random, lines: list[str]) -> None:
    at = random.randrange(len(lines))
    lines.insert(at, lines[at])


def _number(random: Random, lines: list[str]) -> None:
    at = random.randrange(len(lines))
    lines[at] = re.sub(r"\d", lambda digit: str(int(digit[0]) + 1), lines[at])


def _statement(random: Random, lines: list[str]) -> None:
    at = random.randrange(len(lines))
    indent = re.match(r" *", lines[at])
    lines.insert(at, (indent[0] if indent else "") + random.choice(("pass\n", "x = 1\n", "import socket\n", "start\n")))


def _name(random: Random, lines: list[str]) -> None:
    at = random.randrange(len(lines))
    lines[at] = lines[at].replace(*random.choice((("def ", "async def "), ("self", "me"), ("threading", "queue"))))


MUTATIONS: tuple[Callable[[Random, list[str]], None], ...] = (
    *(_comment, _comment, _trailing, _less, _twice, _number, _statement, _statement, _name),
)


@pytest.mark.parametrize("seed", range(int(os.environ.get("EDITS_SEEDS", "2"))))
def test_after_random_edits_the_answer_is_that_of_a_fresh_run(edited: Edited, seed: int) -> None:
    random = Random(seed)  # noqa: S311  (no secrets)
    for _ in range(int(os.environ.get("EDITS", "5"))):
        name = random.choice(("app.py", "pkg/work.py", "app.py"))
        lines = edited.text(name).splitlines(keepends=True)
        random.choice(MUTATIONS)(random, lines)
        edited.write(name, "".join(lines) or "\n")
        form = ("--format", random.choice(("text", "json")))
        edited.asked = random.choice((".", "run.py"))
        assert edited.answer(*form) == edited.fresh(*form), (name, "".join(lines))
        if random.random() < 0.3:
            edited._reset()
