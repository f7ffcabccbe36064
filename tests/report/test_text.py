"""The report for a person, held against what they would see."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from patchlint.model.events import Capture
from patchlint.model.finding import Link, OpaqueNote
from patchlint.model.location import LAUNCH, Location
from patchlint.report import FORMATS, Look, Problem, Result, wants_colour

if TYPE_CHECKING:
    from conftest import Story


PLAIN = Look()


def told(result: Result, look: Look = PLAIN) -> str:
    return FORMATS["text"](result, look)


def lines(text: str) -> str:
    return dedent(text).strip("\n")


def test_a_finding_from_the_place_to_the_way_out(story: Story) -> None:
    assert told(story.result) == lines("""
        app.py:1:1: PAT101 error: `import requests` leaves ssl.SSLContext stale in urllib3
              1 | import requests
          How it comes about:
            run run.py
              run.py:1: import app
                app.py:1: import requests
                  .venv/lib/requests.py:43: import urllib3
                    .venv/lib/urllib3.py:12: from ssl import SSLContext
          The patch comes: gevent.monkey.patch_all() in process 'worker', at .venv/lib/ggevent.py:38
          Stale by then (2 names):
            ssl.SSLContext
              urllib3.SSLContext (binding)  .venv/lib/urllib3.py:12
            queue.Queue
              urllib3.Pool.q (instance, possible)  .venv/lib/urllib3.py:20
          The way out:
            Call gevent.monkey.patch_all() before anything else:
            in the first lines of run.py.

        Not seen into (--verbose tells what that could hide):
          1 compiled module: lxml
        Checked run.py (it has a main guard)
        Python 3.11.7 of .venv/bin/python (.venv beside the program)
        1 error: 1 entrypoint, 5 modules, 0.25 s; --proposals plays what would mend it
    """)


def test_quiet_is_a_line_for_each_finding(story: Story) -> None:
    assert told(story.result, Look(quiet=True)) == (
        "app.py:1:1: PAT101 error: `import requests` leaves ssl.SSLContext stale in urllib3"
    )
    assert not told(replace(story.result, findings=()), Look(quiet=True))


def test_a_clean_run(story: Story, problem: Problem) -> None:
    clean = replace(story.result, findings=(), opaque=(), remarks=("Nothing is started in it.",))
    assert told(clean) == lines("""
        Nothing is started in it.
        Checked run.py (it has a main guard)
        Python 3.11.7 of .venv/bin/python (.venv beside the program)
        Nothing found: 1 entrypoint, 5 modules, 0.25 s
    """)
    assert "1 input not analysed: 1 entrypoint" in told(replace(clean, problems=(problem,)))


def test_verbose_leaves_nothing_out(story: Story) -> None:
    finding = story.result.findings[0]
    row: Capture = finding.stale[0]
    many = replace(
        finding,
        stale=tuple(replace(row, line=number) for number in range(1, 12)),
        chain=tuple(Link(Location(f"/lib/m{number}.py", 1), f"import m{number}") for number in range(20)),
    )
    result = replace(story.result, findings=(many,))
    short, long = told(result), told(result, Look(verbose=True))
    assert "    ... and 3 more (--verbose shows them)\n" in short
    assert "... 4 steps left out (--verbose shows them)\n" in short
    assert [f"/lib/m{number}.py:1: " in short for number in range(20)] == [True] * 8 + [False] * 4 + [True] * 8
    assert "--verbose" not in long
    assert all(f"/lib/m{number}.py:1: " in long for number in range(20))
    assert "Not seen into:\n  1 compiled module, which could hide threads that it starts: " in long
    assert "\n    lxml.etree\n" in long


def test_what_was_not_seen_into_is_short(story: Story) -> None:
    start = story.result.entrypoints[0]
    own = [OpaqueNote("import", "computed", start, Location(f"{story.folder}/p{line}.py", line)) for line in (3, 5)]
    far = [OpaqueNote("import", "computed", start, Location("/lib/django.py", line)) for line in range(1, 60)]
    odd = OpaqueNote("--config", "its value is computed", start, None)
    text = told(replace(story.result, opaque=(*far, *own, odd)))
    assert "  61 imports by computed names: p3.py:3, p5.py:5, /lib/django.py:1 and 58 more\n" in text
    assert "  1 other thing: run.py\n" in text
    assert told(replace(story.result, opaque=own * 2)).count("p3.py") == 1


def test_what_is_possible_is_told_apart(story: Story) -> None:
    finding = story.result.findings[0]
    doubtful = replace(finding, certainty="possible", code="PAT301")
    text = told(replace(story.result, findings=(finding, doubtful)))
    assert "PAT301 error (possible): " in text
    assert "\nPossible: on a way that was not decided" in text
    assert "\n2 errors (1 possible): " in text
    assert "ossible: on" not in told(story.result)


def test_a_finding_of_two_entrypoints_is_told_once(story: Story) -> None:
    other = replace(story.result.entrypoints[0], kind="module", spec="web")
    second = replace(story.result.findings[0], entrypoint=other)
    both = replace(
        story.result, entrypoints=(*story.result.entrypoints, other), findings=(*story.result.findings, second)
    )
    text = told(both)
    assert text.count("PAT101") == 1
    assert "  Started as: run.py, python -m web\n" in text
    assert "1 error: 2 entrypoints" in text


def test_what_only_the_command_is_to_blame_for(story: Story) -> None:
    finding = replace(
        story.result.findings[0], location=LAUNCH, severity="note", certainty="possible", chain=(), stale=()
    )
    text = told(replace(story.result, findings=(finding,)))
    assert text.startswith("<launch>: PAT101 note (possible): `import requests` leaves")
    assert " | " not in text


def test_many_entrypoints_become_a_number(story: Story) -> None:
    many = tuple(replace(story.result.entrypoints[0], kind="package", spec=f"p{number}") for number in range(13))
    text = told(replace(story.result, entrypoints=many))
    assert "Checked import p9 (it has a main guard)\n... and 3 more entrypoints (--verbose lists them)\n" in text


def test_colours_only_when_asked_for(story: Story) -> None:
    assert "\x1b" not in told(story.result)
    assert "\x1b[1;31merror\x1b[0m" in told(story.result, Look(colour=True))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environ", "wanted"),
    [
        (Terminal(), {}, True),
        (io.StringIO(), {}, False),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"TERM": "dumb"}, False),
        (io.StringIO(), {"FORCE_COLOR": "1"}, True),
        (io.StringIO(), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_who_wants_colour(stream: io.StringIO, environ: dict[str, str], wanted: bool) -> None:
    assert wants_colour(stream, environ) is wanted


@pytest.mark.parametrize(("severity", "status"), [("error", 1), ("warning", 1), ("note", 0)])
def test_the_exit_status(story: Story, problem: Problem, severity: str, status: int) -> None:
    result = replace(story.result, findings=(replace(story.result.findings[0], severity=severity),))
    assert result.exit_status == status
    assert replace(result, problems=(problem,)).exit_status == 2


def test_what_a_launcher_does_for_itself_is_left_out(story: Story) -> None:
    finding = story.result.findings[0]
    inner = tuple(Link(Location("/lib/gunicorn/arbiter.py", line), "run()", inner=True) for line in (1, 2))
    command = Link(LAUNCH, "gunicorn app:app")
    long = replace(story.result, findings=(replace(finding, chain=(command, *inner, *finding.chain[-2:])),))
    assert "  <launch>: gunicorn app:app\n      ... 2 steps of the launcher's own left out" in told(long)
    assert told(long).count("arbiter.py") == 0
    assert told(long, Look(verbose=True)).count("/lib/gunicorn/arbiter.py:") == 2


def test_the_end_of_a_story_is_told_as_it_is_written(story: Story, tmp_path: Path) -> None:
    file = tmp_path / "globals.py"
    file.write_text("from threading import local\nfrom queue import (\n    Queue,\n)\n")
    finding = story.result.findings[0]

    def end(what: str, line: int) -> str:
        chain = (*finding.chain, Link(Location(str(file), line), what))
        return told(replace(story.result, findings=(replace(finding, chain=chain),)))

    assert "globals.py:1: from threading import local\n" in end("local = _thread._local", 1)
    assert "globals.py:2: Queue = queue.Queue\n" in end("Queue = queue.Queue", 2)
