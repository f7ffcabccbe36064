"""What a shell would have filled in."""

from __future__ import annotations

import pytest

from patchlint.launchers.variables import settled


@pytest.mark.parametrize(
    ("command", "known", "lost"),
    [
        ("gunicorn -w ${WORKERS:-4} app:app", "gunicorn -w 4 app:app", []),
        ("gunicorn -w ${WORKERS-4} app:app", "gunicorn -w 4 app:app", []),
        ("gunicorn -w $(nproc) app:app", "gunicorn -w 2 app:app", ["$(nproc)"]),
        ("gunicorn --workers=$N app:app", "gunicorn --workers=2 app:app", ["--workers=$N"]),
        ("gunicorn -b 0.0.0.0:$PORT -k gevent app:app", "gunicorn -k gevent app:app", ["0.0.0.0:$PORT"]),
        ("gunicorn --bind=:${PORT} app:app", "gunicorn app:app", ["--bind=:${PORT}"]),
        ("gunicorn -k ${CLASS:-gevent} app:app", "gunicorn -k gevent app:app", []),
        ("gunicorn $OPTIONS app:app", "gunicorn app:app", ["$OPTIONS"]),
        ("gunicorn app:app `cat options`", "gunicorn app:app", ["`cat options`"]),
        ("gunicorn app:app", "gunicorn app:app", []),
        ("python -c print('$HOME')", "python -c print('$HOME')", []),
        ("grep a$ file", "grep a$ file", []),
    ],
)
def test_what_is_known_stays(command, known, lost):
    words = command.replace("`cat options`", "`cat\0options`").split(" ")
    assert settled([word.replace("\0", " ") for word in words]) == (known.split(" "), lost)


def test_nothing_is_lost_without_words():
    assert settled([]) == ([], [])
