"""When a change carries marks for formatters, and which lines carry them."""

from __future__ import annotations

import ast

import pytest

from patchlint.fixes.candidates import candidates
from patchlint.fixes.markers import Marks, allowed, marks_for
from patchlint.fixes.texts import edited, moved
from patchlint.model.finding import Finding
from patchlint.model.location import Location
from patchlint.model.plan import Entrypoint
from patchlint.model.proposal import Edit

FINDING = Finding("PAT101", "error", "certain", "stale", Entrypoint("file", "/a.py", "/"), Location("/a.py", 1))


@pytest.mark.parametrize(
    ("name", "text", "marks"),
    [
        ("README", "ruff and float_to_top", Marks()),
        ("pyproject.toml", "[tool.mypy]\nstrict = true\n", Marks()),
        ("pyproject.toml", "[tool.isort]\nfloat_to_top = true\n", Marks(splits=True)),
        ("pyproject.toml", "[tool.isort]\nfloat_to_top = false\n", Marks()),
        (".isort.cfg", "[settings]\nfloat_to_top = True\n", Marks(splits=True)),
        (".pre-commit-config.yaml", "- id: isort\n  args: [--float-to-top]\n", Marks(splits=True)),
        ("pyproject.toml", "[tool.ruff]\nline-length = 100\n", Marks(allows=True)),
        ("pyproject.toml", '[tool.ruff.lint]\nselect = ["E", "F"]\n', Marks(allows=True)),
        ("pyproject.toml", '[tool.ruff.lint]\nselect = ["ALL"]\n', Marks(allows=True)),
        ("pyproject.toml", '[tool.ruff.lint]\nselect = ["F", "I"]\n', Marks()),
        ("pyproject.toml", '[tool.ruff.lint]\nselect = ["F"]\nextend-select = ["E40"]\n', Marks(allows=True)),
        ("pyproject.toml", '[tool.ruff.lint]\nselect = ["E"]\nignore = ["E402"]\n', Marks()),
        ("pyproject.toml", '[tool.ruff]\nselect = ["E4"]\nignore = ["E"]\n', Marks(allows=True)),
        ("ruff.toml", 'lint.ignore = ["E4", "F"]\n', Marks()),
        ("ruff.toml", "", Marks(allows=True)),
        (".flake8", "[flake8]\nmax-line-length = 100\n", Marks(allows=True)),
        (".flake8", "[flake8]\nextend-ignore = E402\n", Marks()),
        (".pre-commit-config.yaml", "- id: autopep8\n", Marks(allows=True)),
        ("pyproject.toml", "no toml, but ruff", Marks(allows=True)),
    ],
)
def test_what_a_project_asks_for(name: str, text: str, marks: Marks) -> None:
    assert marks_for("/srv/shop/web/run.py", {f"/srv/shop/{name}": text}.get) == marks


def test_the_nearest_configuration_counts() -> None:
    files = {"/srv/ruff.toml": "", "/srv/shop/ruff.toml": 'lint.select = ["F"]\n'}
    assert marks_for("/srv/shop/run.py", files.get) == Marks()
    assert marks_for("/srv/other/run.py", files.get) == Marks(allows=True)


TEXT = """import requests
from flask import (  # noqa: F401
    Flask,
)
import json  # noqa
import os  # as it was
try:
    import ujson
except ImportError:
    ujson = None
from a import b, \\
    c

app = Flask(requests.__name__)
import late
"""
ALLOWED = """import requests  # noqa: E402
from flask import (  # noqa: F401, E402
    Flask,
)
import json  # noqa
import os  # as it was  # noqa: E402
try:
    import ujson
except ImportError:
    ujson = None
from a import b, \\
    c

app = Flask(requests.__name__)
import late
"""


def test_the_imports_that_come_to_stand_below_a_call_are_allowed() -> None:
    edits = tuple(allowed("/a.py", TEXT, ast.parse(TEXT), 1, ()))
    assert edited(TEXT, edits) == ALLOWED
    assert not list(allowed("/a.py", ALLOWED, ast.parse(ALLOWED), 1, ()))


def test_both_marks_are_written_with_the_patch() -> None:
    text = "import requests\n\nx = requests\n"
    (one,) = candidates(FINDING, "gevent", "/a.py", text, Marks(splits=True, allows=True))
    assert edited(text, one.edits) == (
        "from gevent import monkey\n\nmonkey.patch_all()\n# isort: split\n\n"
        "import requests  # noqa: E402\n\nx = requests\n"
    )
    assert moved(1, one.edits) == 6  # a marked line is still there


def test_a_call_that_moves_up_takes_no_mark_with_it() -> None:
    text = "import requests\n\nx = 1\nfrom gevent import monkey  # noqa: E402\n\nmonkey.patch_all()\n"
    (one,) = candidates(FINDING, "gevent", "/a.py", text, Marks(allows=True))
    assert edited(text, one.edits).startswith(
        "from gevent import monkey\n\nmonkey.patch_all()\n\nimport requests  # noqa: E402\n\nx = 1\n"
    )


def test_lines_that_take_the_place_of_as_many_keep_theirs() -> None:
    edits = (Edit("a", 2, 4, "B\nC\n"), Edit("a", 5, 6, "E\ne\n"))
    assert [moved(line, edits) for line in (1, 2, 3, 4, 5, 6)] == [1, 2, 3, 4, 0, 7]
