"""Imports that are moved into the functions that use them, and those that must stay."""

from __future__ import annotations

import pytest

from patchlint.fixes.imports import deferred
from patchlint.fixes.texts import edited
from patchlint.model.finding import Finding
from patchlint.model.location import Location
from patchlint.model.plan import Entrypoint

FINDING = Finding("PAT101", "error", "certain", "stale", Entrypoint("file", "/a.py", "/"), Location("/a.py", 1))


def after(text: str) -> list[str]:
    return [edited(text, one.edits) for one in deferred(FINDING, text)]


def test_it_goes_behind_the_docstring() -> None:
    text = 'import requests\nimport os\n\n\ndef fetch():\n    """Fetches."""\n    return requests.get("x")\n'
    moved = 'import os\n\n\ndef fetch():\n    """Fetches."""\n    import requests\n\n    return requests.get("x")\n'
    assert after(text) == [moved]


def test_each_function_that_uses_it_has_its_own() -> None:
    text = "from ssl import SSLContext as C\n\n\ndef a():\n    return C\n\n\n"
    text += "class K:\n    def b(self):\n        return C()\n"
    (moved,) = after(text)
    assert moved.count("from ssl import SSLContext as C\n") == 2
    assert "        from ssl import SSLContext as C\n\n        return C()\n" in moved


@pytest.mark.parametrize(
    "text",
    [
        "import requests\n\nget = requests.get\n",
        "import requests\n\n\ndef f(get=requests.get):\n    return get\n",
        "import requests\n\n\n@requests.hook\ndef f():\n    return 1\n",
        "import requests\n\n\ndef f():\n    global requests\n    return requests\n",
        "import requests\n\n__all__ = ['requests']\n\n\ndef f():\n    return requests\n",
        "import requests\nimport requests.adapters\n\n\ndef f():\n    return requests\n",
        "import requests, os\n\n\ndef f():\n    return requests\n",
        "import requests\n\n\ndef f(): return requests\n",
        "import requests\n",
        "from requests import *\n\n\ndef f():\n    return get\n",
    ],
)
def test_it_stays(text: str) -> None:
    assert after(text) == []
