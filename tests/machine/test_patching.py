"""What a patch replaces, and what it leaves stale."""

from __future__ import annotations

import pytest

from patchlint.model.events import Patch


def kinds(played, patch=0):
    return {name: (c.kind, c.origin, c.line) for (_, name), c in played.stale(patch).items()}


def test_a_name_taken_before_is_stale(patched):
    played = patched("import ssl\nfrom ssl import SSLContext\nfrom gevent import monkey\nmonkey.patch_all()")
    (patch,) = played.events(Patch)
    assert (patch.library, patch.call, patch.process, patch.certainty) == (
        "gevent", "gevent.monkey.patch_all", "main", "certain",
    )  # fmt: skip
    assert played.place(patch.location) == ("main.py", 4)
    assert "ssl.SSLContext" in patch.replaced
    assert "select.epoll" in patch.removed
    assert not patch.by_launcher
    assert kinds(played) == {"SSLContext": ("binding", "ssl.SSLContext", 2)}


@pytest.mark.parametrize(
    "text",
    [
        "import ssl\nfrom gevent import monkey\nmonkey.patch_all()\nssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)",
        "import ssl\nfrom gevent import monkey\nmonkey.patch_all()\nfrom ssl import SSLContext",
        "from gevent import monkey\nmonkey.patch_all()\nfrom ssl import SSLContext",
        "import ssl\nfrom ssl import create_default_context\nfrom gevent import monkey\nmonkey.patch_all()",
        "from ssl import SSLContext\nfrom gevent import monkey\nmonkey.patch_all(ssl=False)",
        "from ssl import SSLContext\ndel SSLContext\nfrom gevent import monkey\nmonkey.patch_all()",
    ],
)
def test_nothing_is_stale(patched, text):
    assert kinds(patched(text)) == {}


@pytest.mark.parametrize(
    "spelling",
    [
        "import gevent.monkey\ngevent.monkey.patch_all()",
        "from gevent import monkey as m\nm.patch_all()",
        "from gevent.monkey import patch_all\npatch_all()",
        "from gevent.monkey import *\npatch_all()",
        '__import__("gevent.monkey").monkey.patch_all()',
        'import importlib\nimportlib.import_module("gevent.monkey").patch_all()',
        'import gevent.monkey\ngetattr(gevent.monkey, "patch_all")()',
        "import gevent.monkey\nfor patch in (gevent.monkey.patch_ssl,):\n    patch()",
        "import functools, gevent.monkey\nfunctools.partial(gevent.monkey.patch_all, ssl=True)()",
    ],
)
def test_every_spelling_of_the_call_counts(patched, spelling):
    played = patched(f"from ssl import SSLContext\n{spelling}")
    assert "SSLContext" in kinds(played)


def test_every_kind_of_capture(patched):
    played = patched(
        """
        import queue, ssl, threading, time

        Context = ssl.SSLContext
        lock = threading.Lock()
        jobs = queue.SimpleQueue()


        class Pinned(ssl.SSLContext):
            pause = time.sleep
            __lock = threading.Lock()


        class Fetcher:
            def __init__(self, sleep=time.sleep, *, context=ssl.SSLContext):
                pass


        def outside():
            inside = ssl.SSLContext
            return inside


        from gevent import monkey

        monkey.patch_all()
        """
    )
    found = {name: (kind, line) for name, (kind, _, line) in kinds(played).items()}
    assert found == {
        "Context": ("binding", 3),
        "lock": ("instance", 4),
        "jobs": ("instance", 5),
        "Pinned": ("subclass", 8),
        "Pinned.pause": ("binding", 9),
        "Pinned._Pinned__lock": ("instance", 10),
        "Fetcher.__init__(sleep)": ("binding", 14),
        "Fetcher.__init__(context)": ("binding", 14),
    }


def test_a_module_that_hands_a_name_on_counts_too(patched):
    played = patched("import b\nfrom gevent import monkey\nmonkey.patch_all()",
                     a="from ssl import SSLContext", b="from a import SSLContext")  # fmt: skip
    assert {module for module, _ in played.stale()} == {"a", "b"}


def test_the_second_patch_finds_what_the_first_left(patched):
    played = patched(
        "from ssl import SSLContext\nfrom time import sleep\nfrom gevent import monkey\n"
        "monkey.patch_ssl()\nmonkey.patch_all()\nfrom ssl import SSLSocket"
    )
    assert set(kinds(played)) == {"SSLContext"}
    assert "sleep" in kinds(played, 1)


def test_a_capture_on_a_branch_is_possible(patched):
    played = patched(
        "import os\nif os.environ.get('X'):\n    from ssl import SSLContext\n"
        "from gevent import monkey\nmonkey.patch_all()"
    )
    assert played.stale()["__main__", "SSLContext"].certainty == "possible"


def test_a_patch_on_a_branch_is_possible_and_changes_nothing_for_sure(patched):
    played = patched(
        "import os\nfrom gevent import monkey\nif os.environ.get('X'):\n    monkey.patch_all()\n"
        "from ssl import SSLContext\nmonkey.patch_all()"
    )
    assert [patch.certainty for patch in played.events(Patch)] == ["possible", "certain"]
    assert "SSLContext" in kinds(played, 1)


def test_a_call_in_a_function_has_its_trail(patched):
    played = patched("import b", b="def setup():\n    from gevent import monkey\n    monkey.patch_all()\n\nsetup()")
    (patch,) = played.events(Patch)
    assert played.place(patch.location) == ("b.py", 3)
    links = [(link.what, played.place(link.location)) for link in patch.trail.links() if link.location]
    assert links == [("import b", ("main.py", 1)), ("setup()", ("b.py", 5))]


def test_arguments_are_told_as_far_as_they_are_known(patched):
    played = patched("import os\nfrom gevent import monkey\nmonkey.patch_all(ssl=False, sys=bool(os.environ.get('X')))")
    (patch,) = played.events(Patch)
    assert dict(patch.arguments) == {"ssl": "False", "sys": "?"}
    assert not any(name.startswith("ssl.") for name in patch.replaced)


def test_a_namesake_of_another_library_patches_nothing(play):
    played = play({"main.py": "from ssl import SSLContext\nimport other\nother.patch_all()",
                   "other.py": "def patch_all():\n    import a", "a.py": ""})  # fmt: skip
    assert played.events(Patch) == []
    assert list(played.modules()) == ["__main__", "other", "a"]


PROXY = """
class Proxy:
    @property
    def __class__(self):
        import late
        return type(late)

proxy = Proxy()
from gevent import monkey
monkey.patch_all({arguments})
"""


LAZY = """
import importlib.util, sys
spec = importlib.util.find_spec("late")
spec.loader = importlib.util.LazyLoader(spec.loader)
module = sys.modules["late"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
from gevent import monkey
monkey.patch_all({arguments})
"""

SLEEPERS = [
    PROXY,
    PROXY.replace("    @property\n    def __class__(self)", "    def __getattribute__(self, name)"),
    LAZY,
]


@pytest.mark.parametrize("text", SLEEPERS)
def test_gevents_search_for_locks_wakes_what_loads_lazily(patched, text):
    played = patched(text.format(arguments=""), late="from ssl import SSLContext\nfrom threading import Lock")
    assert played.modules()["late"] == "certain"
    # what gevent has replaced before it searches is not stale
    assert [name for (module, name) in played.stale() if module == "late"] == ["SSLContext"]


@pytest.mark.parametrize("text", SLEEPERS)
def test_without_that_search_nothing_wakes(patched, text):
    assert "late" not in patched(text.format(arguments="thread=False"), late="").modules()
