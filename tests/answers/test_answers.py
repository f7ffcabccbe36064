"""An answer is given again only while a new run would see the same."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from patchlint.answers import kept, looks
from patchlint.answers.gist import gist_of
from patchlint.answers.kept import Answer, Kept
from patchlint.answers.witness import Witness

ANSWER = Answer("found nothing\n", "", 0)
LONG_AGO = 1_600_000_000


def is_recalled(kept: Kept) -> bool:
    answer = kept.recall(os.environ)
    return answer is not None and answer._replace(files=0) == ANSWER


@dataclass
class Played:
    is_library: bool = False
    reads: int = 1
    glances: int = 0
    functions: set[int] = field(default_factory=set)


@dataclass
class Program:
    """A folder, and runs over it that look as they are told."""

    folder: Path
    cache: Path

    def asked(self) -> Kept:
        return Kept(str(self.cache), ["check", "run.py"], [])

    def run(self, look: Callable[[Path], object], played: dict[str, Played] | None = None) -> None:
        with Witness(str(self.cache)) as watching:
            look(self.folder)
            watching.played({str(self.folder / name): uses for name, uses in (played or {}).items()})
        self.asked().keep(ANSWER, watching.looks())

    def holds(self) -> bool:
        return is_recalled(self.asked())

    def write(self, name: str, text: str, *, old: bool = True) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        if old:
            os.utime(path, (LONG_AGO, LONG_AGO))
        return path


@pytest.fixture
def program(tmp_path: Path) -> Program:
    folder = tmp_path / "program"
    folder.mkdir()
    return Program(folder, tmp_path / "cache")


def test_what_is_unchanged_is_answered_again(program: Program) -> None:
    program.write("run.py", "import app\n")
    assert not program.holds()
    program.run(lambda folder: (folder / "run.py").read_bytes())
    assert program.holds()


def test_another_command_line_is_another_question(program: Program) -> None:
    program.run(lambda folder: sorted(os.listdir(folder)))
    assert Kept(str(program.cache), ["check", "other.py"], []).recall(os.environ) is None
    assert Kept(str(program.cache), ["check", "run.py"], ["a terminal"]).recall(os.environ) is None


LOOKS: dict[str, tuple[Callable[[Path], object], Callable[[Path], object]]] = {
    "a file that was read": (lambda f: (f / "a.py").read_text(), lambda f: (f / "a.py").write_text("b = 1\n")),
    "a file that was not there": (lambda f: (f / "no.py").exists(), lambda f: (f / "no.py").write_text("")),
    "a file that could not be opened": (lambda f: _try_to_open(f / "no.py"), lambda f: (f / "no.py").write_text("")),
    "a file that has gone": (lambda f: os.path.isfile(f / "a.py"), lambda f: (f / "a.py").unlink()),
    "a file whose time was asked for": (lambda f: (f / "a.py").stat(), lambda f: os.utime(f / "a.py", (1, 1))),
    "a folder that was listed": (lambda f: list(os.scandir(f)), lambda f: (f / "new.py").write_text("")),
    "a folder by its names": (lambda f: sorted(os.listdir(f)), lambda f: (f / "a.py").rename(f / "b.py")),
    "a file that became a folder": (
        lambda f: sorted(os.listdir(f)),
        lambda f: ((f / "a.py").unlink(), (f / "a.py").mkdir()),
    ),
    "where a link leads": (
        lambda f: os.path.realpath(f / "link"),
        lambda f: ((f / "link").unlink(), (f / "link").symlink_to("elsewhere")),
    ),
    "what a link in a listing leads to": (lambda f: list(os.scandir(f)), lambda f: (f / "sub").rmdir()),
}


def _try_to_open(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        path.read_bytes()


@pytest.mark.parametrize(("look", "change"), LOOKS.values(), ids=LOOKS)
def test_every_look_counts(
    program: Program, look: Callable[[Path], object], change: Callable[[Path], object], tmp_path: Path
) -> None:
    program.write("a.py", "a = 1\n")
    (tmp_path / "program" / "sub").mkdir()
    (program.folder / "link").symlink_to("sub")
    program.run(look)
    assert program.holds()
    change(program.folder)
    assert not program.holds()


def test_a_variable_that_was_asked_for_counts(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    with Witness(str(program.cache)) as watching:
        watching.environ.get("VIRTUAL_ENV_OF_OURS")
    program.asked().keep(ANSWER, watching.looks())
    assert program.holds()
    monkeypatch.setenv("ANOTHER_VARIABLE", "1")
    assert program.holds()
    monkeypatch.setenv("VIRTUAL_ENV_OF_OURS", "/venv")
    assert not program.holds()


def test_a_change_within_a_tick_of_the_clock_is_seen(program: Program) -> None:
    """As git's racily clean entries: same size, same times, another content."""
    path = program.write("a.py", "a = 1\n", old=False)
    status = path.stat()
    program.run(lambda folder: (folder / "a.py").read_bytes())
    path.write_text("a = 2\n")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert not program.holds()


def test_a_time_set_back_does_not_deceive(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks, "_TICK", -(10**9))  # every stamp is old enough
    path = program.write("a.py", "a = 1\n")
    program.run(lambda folder: (folder / "a.py").read_bytes())
    program.write("a.py", "a = 2\n")
    assert path.stat().st_mtime == LONG_AGO
    assert not program.holds()


def test_a_file_that_is_only_touched_holds(program: Program) -> None:
    path = program.write("data.ini", "[a]\n")
    program.run(lambda folder: (folder / "data.ini").read_bytes())
    os.utime(path, (LONG_AGO + 1, LONG_AGO + 1))
    assert program.holds()


def test_what_changes_while_it_is_read_is_never_trusted(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks, "_TICK", -(10**9))
    program.write("a.py", "a = 1\n")
    program.run(lambda folder: ((folder / "a.py").read_bytes(), program.write("a.py", "a = 22\n")))
    assert not program.holds()


SOURCE = "import os\n\n\ndef called():\n    return 1\n\n\ndef uncalled(a, b=2):\n    return a\n"


@pytest.mark.parametrize(
    ("old", "new", "still"),
    [
        ("return a\n", "return a + b\n", sys.version_info >= (3, 11)),  # before, code does not tell its columns
        ("return a\n", "return a\n# a comment\n", True),
        ("import os\n", "import re\n", False),
        ("import os\n", "import os\n\n", False),
        ("return 1\n", "return  1\n", False),
        ("return 1\n", "return 2\n", False),
        ("b=2", "b=3", False),
        ("return a\n", "yield a\n", False),
        ("return a\n", "return (a\n", False),
        ("return a\n", "return a\nuncalled(1)\n", False),
    ],
)
def test_an_edit_of_what_import_time_never_sees_holds(program: Program, old: str, new: str, still: bool) -> None:
    program.write("a.py", SOURCE)
    program.run(lambda folder: (folder / "a.py").read_bytes(), {"a.py": Played(functions={4})})
    program.write("a.py", SOURCE.replace(old, new))
    assert program.holds() == still


@pytest.mark.parametrize(
    ("new", "still"), [("return a + b\n", False), ("return a\n# a comment\n\n", True), ("return a  # says so\n", False)]
)
def test_of_a_file_read_in_some_other_way_all_counts_but_comments(program: Program, new: str, still: bool) -> None:
    program.write("a.py", SOURCE)
    program.run(lambda folder: ((folder / "a.py").read_bytes(), (folder / "a.py").read_bytes()), {"a.py": Played()})
    program.write("a.py", SOURCE.replace("return a\n", new))
    assert program.holds() == still


def test_a_comment_in_a_text_is_no_comment() -> None:
    assert gist_of(b'a = """\n# one\n"""\n') != gist_of(b'a = """\n# two\n"""\n')


def test_code_of_ours_that_has_changed_answers_anew(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    module = program.write("ours.py", "")
    monkeypatch.setattr(sys.modules["patchlint.answers"], "__file__", str(module))
    program.run(lambda folder: None)
    assert program.holds()
    program.write("ours.py", "a = 1\n")
    assert not program.holds()


def test_only_so_many_are_kept(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST", 3)
    for number in range(5):
        Kept(str(program.cache), [str(number)], []).keep(ANSWER, looks.Looks())
    assert len(list((program.cache / kept.FOLDER).iterdir())) == 3
    assert is_recalled(Kept(str(program.cache), ["4"], []))


def test_a_cache_that_cannot_be_used_is_no_trouble(program: Program) -> None:
    program.cache.write_text("a file")
    program.run(lambda folder: None)
    assert not program.holds()


def test_damage_is_no_answer(program: Program) -> None:
    program.run(lambda folder: sorted(os.listdir(folder)))
    (file,) = (program.cache / kept.FOLDER).iterdir()
    for text in ("", "{}", "[]", '{"key": 1}', file.read_text()[:-9]):
        file.write_text(text)
        assert not program.holds()


AUDITED = """
import os, sys
opened = set()
def note(event, arguments):
    if event == "open" and isinstance(arguments[0], str):
        opened.add(os.path.abspath(arguments[0]))
sys.addaudithook(note)
from patchlint.answers.witness import Witness
from patchlint.cli import main, recalling
seen = []
looks = Witness.looks
Witness.looks = lambda self: seen.append(looks(self)) or seen[-1]
main(sys.argv[1:])
known = seen[0].files.keys() | seen[0].kinds.keys()
cache = os.environ["PATCHLINT_CACHE_DIR"]
ours = {m.__file__ for m in sys.modules.values() if getattr(m, "__file__", None)} | {"/dev/null"}
missed = [p for p in opened - known - ours if not p.startswith(cache) and not p.endswith(".pyc")]
print("MISSED", sorted(missed))
"""


def test_nothing_is_opened_unseen(program: Program) -> None:
    """What the interpreter's own audit tells of, the witness has seen."""
    program.write("app.py", "import json\n\ndef create():\n    return json\n")
    program.write("run.py", "import app\nif __name__ == '__main__':\n    app.create()\n")
    environ = {**os.environ, "PATCHLINT_CACHE_DIR": str(program.cache), "PYTHONDONTWRITEBYTECODE": "1"}
    output = subprocess.run(
        [sys.executable, "-c", AUDITED, "check", str(program.folder)],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert output.stdout.splitlines()[-1] == "MISSED []", output
