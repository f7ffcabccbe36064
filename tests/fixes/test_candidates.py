"""Which changes are thought of, and what the text is afterwards."""

from __future__ import annotations

from dataclasses import replace
from textwrap import dedent

import pytest

from patchlint.fixes.candidates import candidates
from patchlint.fixes.texts import edited
from patchlint.model.events import Capture
from patchlint.model.finding import Finding, PatchReference
from patchlint.model.location import Location, Trail
from patchlint.model.plan import Entrypoint

RUN = Entrypoint("file", "/srv/run.py", "/srv")


def finding(code: str = "PAT101", origin: str = "ssl.SSLContext", process: str = "worker") -> Finding:
    stale = Capture("binding", "m", "n", origin, "/lib/m.py", 1, "certain", "main", Trail(None, None, "start"))
    patch = PatchReference(Location("/lib/ggevent.py", 38), "gevent.monkey.patch_all", process)
    return Finding(code, "error", "certain", "x", RUN, Location("/srv/app.py", 1), (), patch, (stale,))


def proposed(text: str, what: Finding, library: str = "gevent") -> dict[str, tuple[str, str]]:
    text = dedent(text)
    found = candidates(what, library, "/srv/run.py", text)
    return {one.title: (one.safety, edited(text, one.edits)) for one in found}


def test_a_server_that_patches_in_its_workers() -> None:
    found = proposed('"""Doc."""\nimport os\n', finding())
    assert list(found) == ["`monkey.patch_ssl()` at the top", "`monkey.patch_all()` at the top"]
    assert [safety for safety, _ in found.values()] == ["safe", "unsafe"]
    assert found["`monkey.patch_ssl()` at the top"][1] == (
        '"""Doc."""\n\nfrom gevent import monkey\n\nmonkey.patch_ssl()\n\nimport os\n'
    )


def test_what_has_nothing_to_do_with_tls() -> None:
    assert list(proposed("import os\n", finding(origin="time.sleep"))) == ["`monkey.patch_all()` at the top"]


def test_a_program_that_does_not_patch_is_changed_by_a_patch() -> None:
    nobody = replace(finding("PAT301"), patch=None, stale=())
    assert [safety for safety, _ in proposed("import os\n", nobody).values()] == ["unsafe"]
    itself = finding(process="main", origin="time.sleep")
    assert [safety for safety, _ in proposed("import os\n", itself).values()] == ["safe"]


def test_a_call_that_comes_late_is_moved_with_its_import() -> None:
    found = proposed("import requests\n\nfrom gevent import monkey\n\nmonkey.patch_all()\n\nx = 1\n", finding("PAT201"))
    assert list(found.values()) == [
        ("safe", "from gevent import monkey\n\nmonkey.patch_all()\n\nimport requests\n\nx = 1\n")
    ]


def test_an_import_that_others_use_stays() -> None:
    text = "import requests\nimport gevent.monkey\ngevent.monkey.patch_all()\ngevent.spawn(print)\n"
    ((_, after),) = proposed(text, finding("PAT201")).values()
    assert after.startswith("import gevent.monkey\n\ngevent.monkey.patch_all()\n\nimport requests\n")
    assert after.count("import gevent.monkey") == 2
    assert after.count("patch_all()") == 1


@pytest.mark.parametrize(
    "text",
    [
        "from gevent import monkey\nmonkey.patch_all()\nimport requests\n",
        "import requests; from gevent import monkey; monkey.patch_all()\n",
        "def f(:\n",
    ],
)
def test_nothing_to_move(text: str) -> None:
    assert proposed(text, finding("PAT201")) == {}


def test_a_scheduler_that_a_patch_multiplies() -> None:
    text = "from gevent import monkey\n\nmonkey.patch_all()\n\nimport app\n"
    assert proposed(text, finding("PAT301")) == {
        "`monkey.patch_ssl()` instead of `monkey.patch_all()`": (
            "unsafe",
            "from gevent import monkey\n\nmonkey.patch_ssl()\n\nimport app\n",
        )
    }


def test_eventlet() -> None:
    assert list(proposed("import os\n", finding(origin="time.sleep"), "eventlet")) == [
        "`eventlet.monkey_patch()` at the top"
    ]


def test_a_rule_without_a_cure() -> None:
    assert proposed("import os\n", finding("PAT305")) == {}


def test_comments_come_along() -> None:
    text = "import requests\nfrom gevent import monkey  # first\nmonkey.patch_all(  # all\n    ssl=True,\n)\n"
    ((_, after),) = proposed(text, finding("PAT201")).values()
    assert after.startswith(
        "from gevent import monkey  # first\n\nmonkey.patch_all(  # all\n    ssl=True,\n)\n\nimport"
    )


@pytest.mark.parametrize(
    "text",
    [
        "from gevent import monkey\nmonkey.patch_all(); app = object()\n",
        "from gevent.monkey import patch_all\npatch_all()\n",
    ],
)
def test_what_cannot_be_narrowed(text: str) -> None:
    assert proposed(text, finding("PAT301")) == {}


def test_an_import_and_a_call_on_one_line_move_as_they_are() -> None:
    line = "from gevent import monkey; monkey.patch_all()  # at last\n"
    found = proposed(f"import requests\n{line}import flask\n", finding("PAT201"))
    assert list(found.values()) == [("safe", f"{line}\nimport requests\nimport flask\n")]


@pytest.mark.parametrize(
    "line",
    [
        "from gevent import monkey; monkey.patch_all(); x = 1",
        "import os; from gevent import monkey; monkey.patch_all()",
    ],
)
def test_a_line_with_more_on_it_is_left_alone(line: str) -> None:
    assert proposed(f"import requests\n{line}\n", finding("PAT201")) == {}
