"""The start-up as a story."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from patchlint.report import TIMELINE_FORMATS, Look

if TYPE_CHECKING:
    from conftest import Story


PLAIN = Look()


def told(story: Story, look: Look = PLAIN) -> str:
    return TIMELINE_FORMATS["text"](story.timeline, story.folder, look)


def lines(text: str) -> str:
    return dedent(text).strip("\n")


def test_own_code_has_lines_and_libraries_are_numbers(story: Story) -> None:
    assert told(story) == lines("""
        Start-up of run.py (Python 3.11, linux)

        In process 'main'
          run run.py
            run.py:1: import app
              app.py:1: import requests  [+2 modules, 2 stale]
            run.py:3: call main()
              * thread started: threading.Thread (possible), at .venv/lib/gunicorn.py:9
              * fork into 'worker' by gunicorn, 2 times, at .venv/lib/gunicorn.py:605

        In process 'worker'
          gunicorn's gevent worker
            * patch: gevent.monkey.patch_all(ssl=True), at .venv/lib/ggevent.py:38, replaces 2 names, \
2 stale (1 of them possible): \
ssl.SSLContext (1), queue.Queue (1)

        5 modules (2 first-party), 1 patch, 2 stale names, 1 thing that could not be seen into \
(--verbose shows everything)
    """)


def test_verbose_tells_every_module(story: Story) -> None:
    text = told(story, Look(verbose=True))
    assert "        .venv/lib/requests.py:43: import urllib3  [2 stale]\n" in text
    assert "          .venv/lib/urllib3.py:5: import _ssl  [extension]\n" in text
    assert "          ? _ssl: an extension module\n" in text
    assert "+2 modules" not in text


def test_colour(story: Story) -> None:
    assert "\x1b[1;32m* patch" in told(story, Look(colour=True))
