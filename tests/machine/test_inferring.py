"""Schedulers that the machine's own values do not lead to: what may be is told as possible."""

from __future__ import annotations

import subprocess
import sys

import pytest

from patchlint import inference
from patchlint.model.events import Opaque, Patch, Started

SCHEDULER = "apscheduler.schedulers.background.BackgroundScheduler"

APSCHEDULER = {
    "apscheduler/__init__.py": "",
    "apscheduler/schedulers/__init__.py": "",
    "apscheduler/schedulers/background.py": """
        class BackgroundScheduler:
            def __init__(self, **options):
                self.options = options

            def start(self, paused=False):
                self.thread = None
    """,
    "factories.py": """
        from apscheduler.schedulers.background import BackgroundScheduler

        def make(kind):
            return REGISTRY[kind]()

        def plain():
            return BackgroundScheduler()

        REGISTRY = {"plain": plain}
    """,
    "base/__init__.py": "",
    "base/scheduler.py": """
        from apscheduler.schedulers.background import BackgroundScheduler

        class Base(BackgroundScheduler):
            def __init__(self):
                super().__init__(daemon=True)
    """,
    "derived/__init__.py": "from base.scheduler import Base\n\nclass Derived(Base):\n    pass",
}

HEAD = "import os\nfrom apscheduler.schedulers.background import BackgroundScheduler\nKEY = os.environ['KEY']\n"


@pytest.fixture
def schedulers(play):
    """The certainty of each scheduler that a program starts."""

    def start(text, **files):
        others = {name.replace("__", "/") + ".py": content for name, content in files.items()}
        played = play({**APSCHEDULER, **others, "main.py": text})
        events = [event for event in played.events(Started) if event.what == "scheduler" and event.stage == "started"]
        assert {event.subject.rpartition(".")[2] for event in events} <= {"BackgroundScheduler", "Derived"}
        return [event.certainty for event in events]

    return start


KNOWN = {
    "a list": "every = [BackgroundScheduler()]\nfor one in every:\n    one.start()",
    "a dict": "every = {'a': BackgroundScheduler()}\nevery['a'].start()",
    "a factory": "from factories import make\nmake('plain').start()",
    "self": "class App:\n    def open(self):\n        self.s = BackgroundScheduler()\n    def go(self):\n        self.s.start()\napp = App()\napp.open()\napp.go()",
    "partial": "import functools\nfunctools.partial(BackgroundScheduler, daemon=True)().start()",
    "a property": "class App:\n    @property\n    def s(self):\n        return BackgroundScheduler()\nApp().s.start()",
    "a context manager": "import contextlib\n@contextlib.contextmanager\ndef opened():\n    yield BackgroundScheduler()\nwith opened() as s:\n    s.start()",
    "inheritance": "from derived import Derived\nDerived().start()",
}

UNKNOWN = {
    "an item of a list": "every = [BackgroundScheduler()]\nevery[int(KEY)].start()",
    "a part of a list": "every = [BackgroundScheduler()]\nfor one in every[: int(KEY)]:\n    one.start()",
    "a list of unknown length": "every = [BackgroundScheduler() for _ in KEY.split()]\nfor one in every:\n    one.start()",
    "a list that may be empty": "every = []\nfor _ in KEY.split():\n    every.append(BackgroundScheduler())\nfor one in every:\n    one.start()",
    "an item of a dict": "every = {'a': BackgroundScheduler()}\nevery[KEY].start()",
    "get": "every = {'a': BackgroundScheduler()}\nevery.get(KEY).start()",
    "a class in a dict": "every = {'a': BackgroundScheduler}\nevery[KEY]().start()",
    "a factory in another module": "from factories import make\nmake(KEY).start()",
    "partial in a dict": "import functools\nevery = {'a': functools.partial(BackgroundScheduler, daemon=True)}\nevery[KEY]().start()",
    "a property of an item": "class App:\n    @property\n    def s(self):\n        return BackgroundScheduler()\n{'a': App()}[KEY].s.start()",
    "a context manager in a dict": "import contextlib\n@contextlib.contextmanager\ndef opened():\n    yield BackgroundScheduler()\nwith {'a': opened}[KEY]() as s:\n    s.start()",
    "inheritance across packages": "from derived import Derived\n{'a': Derived}[KEY]().start()",
    "an argument": "def boot(s):\n    s.start()\nboot({'a': BackgroundScheduler()}[KEY])",
}

INFERRED = {
    "self, set by an unknown method": "class App:\n    s = None\n    def open(self):\n        self.s = BackgroundScheduler()\n    def go(self):\n        self.s.start()\napp = App()\ngetattr(app, KEY)()\napp.go()",
    "self, never set": "class App:\n    def open(self):\n        self.s = BackgroundScheduler()\n    def go(self):\n        self.s.start()\napp = App()\ngetattr(app, KEY)()\napp.go()",
    "a statement that fails": "s = BackgroundScheduler(int('x'))\ns.start()",
    "a list that fails": "every = [BackgroundScheduler(), int('x')]\nevery[0].start()",
    "a dict that fails": "every = {'a': BackgroundScheduler(), 'b': int('x')}\nevery['a'].start()",
    "a factory that fails": "from factories import plain\ns = plain(**{'a': int('x')})\ns.start()",
    "partial that fails": "import functools\nmake = functools.partial(BackgroundScheduler, daemon=int('x'))\nmake().start()",
    "a property of what fails": "class App:\n    def __init__(self, n):\n        pass\n    @property\n    def s(self):\n        return BackgroundScheduler()\napp = App(int('x'))\napp.s.start()",
    "a context manager that fails": "import contextlib\n@contextlib.contextmanager\ndef opened(n):\n    yield BackgroundScheduler()\nmade = opened(int('x'))\nwith made as s:\n    s.start()",
    "inheritance, and it fails": "from derived import Derived\ns = Derived(int('x'))\ns.start()",
    "an annotated parameter": "def boot(s: BackgroundScheduler):\n    s.start()\nboot(KEY.unknown())",
    "an annotation in quotes": "def boot(s: 'BackgroundScheduler | None'):\n    s.start()\nboot(KEY.unknown())",
    "an optional attribute": "from typing import Optional\nclass App:\n    s: Optional[BackgroundScheduler]\n    def __init__(self, n):\n        self.s = n\n    def go(self):\n        self.s.start()\nApp(KEY.unknown()).go()",
    "an argument that fails": "s = BackgroundScheduler(int('x'))\ndef boot(n, s):\n    s.start()\nboot(1, s=s)",
}


@pytest.mark.parametrize("kind", KNOWN)
def test_what_the_values_lead_to_is_certain(schedulers, kind):
    assert schedulers(HEAD + KNOWN[kind]) == ["certain"]


@pytest.mark.parametrize("kind", UNKNOWN)
def test_any_item_of_a_container_may_be_the_one(schedulers, kind):
    assert schedulers(HEAD + UNKNOWN[kind]) == ["possible"]


@pytest.mark.parametrize("kind", INFERRED)
def test_what_inference_leads_to_is_possible(schedulers, kind):
    assert schedulers(HEAD + INFERRED[kind]) == ["possible"]


def test_a_patch_in_a_table_is_possible(play):
    text = "import os\nfrom gevent import monkey\n{'all': monkey.patch_all}[os.environ['KEY']]()"
    played = play({"gevent/__init__.py": "", "gevent/monkey.py": "def patch_all(**options): ...", "main.py": text})
    assert [event.certainty for event in played.events(Patch)] == ["possible"]


def test_what_a_caught_error_says_is_believed(schedulers):
    text = "class App:\n    s = None\n    def open(self):\n        self.s = BackgroundScheduler()\ntry:\n    App().s.start()\nexcept AttributeError:\n    pass"
    assert schedulers(HEAD + text) == []


def test_the_work_is_bounded_and_that_is_told(schedulers, play, monkeypatch):
    monkeypatch.setattr(inference, "CHARACTERS", 100)
    played = play({**APSCHEDULER, "main.py": HEAD + INFERRED["a statement that fails"]})
    assert [event.what for event in played.events(Opaque)] == ["statement", "call"]
    assert not [event for event in played.events(Started) if event.what == "scheduler"]


WITHOUT_NEED = """
import sys
from patchlint import api
found = api.check([sys.argv[1]], environ={"PATCHLINT_CACHE_DIR": sys.argv[2]})
assert not found.problems, found.problems
print("astroid" in sys.modules)
"""


@pytest.mark.parametrize(("line", "needed"), [("known = BackgroundScheduler()\nknown.start()", False),
                                              ("s = BackgroundScheduler(int('x'))\ns.start()", True)])  # fmt: skip
def test_astroid_is_imported_when_it_is_asked(tmp_path, line, needed):
    for name, text in {**APSCHEDULER, "main.py": HEAD + line}.items():
        path = tmp_path / "program" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(part.removeprefix("        ") for part in text.splitlines()), "utf-8")
    command = [sys.executable, "-c", WITHOUT_NEED, str(tmp_path / "program" / "main.py"), str(tmp_path / "cache")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(needed)
