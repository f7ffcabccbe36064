"""What astroid is asked, and what it may not do: import anything, or look into patchlint's own environment."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from patchlint import inference
from patchlint.inference import Inference, Source, Thing, TooLong, Use
from patchlint.model.errors import SourceError

FILES = {
    "main": "import shop.jobs\nfrom shop import jobs, Registry\n"
    "jobs.make().start()\nshop.jobs.Timer\nRegistry().job.start()\n",
    "shop": "from .jobs import Timer\n\nclass Registry:\n    @property\n    def job(self):\n        return Timer()\n",
    "shop.jobs": "class Timer:\n    def start(self): ...\n\ndef make():\n    return Timer()\n",
}


def path_of(name: str) -> str:
    return f"/virtual/{name.replace('.', '/')}/__init__.py" if name == "shop" else f"/virtual/{name}.py"


@pytest.fixture
def what():
    """What an expression of ``main`` may be."""
    texts = {path_of(name): text for name, text in FILES.items()}
    asked = Inference(lambda name: Source(name, path_of(name)) if name in FILES else None, texts.__getitem__)
    return lambda shape, line: asked.what(Use(Source("main", path_of("main")), line, shape))


def test_things_have_names(what):
    timer = Thing("instance", "shop.jobs", ("Timer",))
    assert what("jobs.make()", 3) == (timer,)
    assert what("jobs.make().start", 3) == (Thing("definition", "shop.jobs", ("Timer", "start"), timer),)
    assert what("shop.jobs.Timer", 4) == (Thing("definition", "shop.jobs", ("Timer",)),)
    assert what("shop.jobs", 4) == (Thing("module", "shop.jobs"),)
    assert what("Registry().job", 5) == (timer,)


def test_what_is_not_there_is_nothing(what):
    assert what("jobs.make()", 4) == ()
    assert what("nothing", 1) == ()


def test_a_file_that_cannot_be_read_is_nothing():
    def read(path: str) -> str:
        raise SourceError(path, 0, "gone")

    asked = Inference(lambda name: Source(name, "/virtual/main.py"), read)
    assert asked.what(Use(Source("main", "/virtual/main.py"), 1, "name")) == ()


@pytest.mark.parametrize(("limit", "value"), [("NODES", 0), ("CHARACTERS", 10), ("SECONDS", -1.0)])
def test_there_is_an_end_to_it(what, monkeypatch, limit, value):
    monkeypatch.setattr(inference, limit, value)
    with pytest.raises(TooLong):
        what("jobs.make()", 3)


HOSTILE = """
import sys
touched = []
sys.addaudithook(lambda event, args: touched.append((event, args)) if event in ("import", "exec", "open", "os.system",
                 "subprocess.Popen", "os.listdir", "os.chdir") else None)
from patchlint.inference import Inference, Source, Use
import astroid, astroid.manager, astroid.builder, astroid.raw_building, astroid.brain.helpers
astroid.manager.AstroidManager().bootstrap()
folder = sys.argv[1]
asked = Inference(lambda name: Source(name, f"{folder}/{name}.py") if name in ("main", "target") else None,
                  lambda path: open(path).read())
from astroid import bases, nodes, objects, context, exceptions, util
asked.what(Use(Source("main", f"{folder}/main.py"), 1, "first"))
del touched[:]
known = set(sys.modules)
for shape in ("made.start", "six.moves.urllib", "click.Command", "gi.repository.Gtk", "ext.thing"):
    line = 9 if shape == "made.start" else 8
    print(shape, asked.what(Use(Source("main", f"{folder}/main.py"), line, shape)))
print(sorted(set(sys.modules) - known))
print([args[0] for event, args in touched if event == "open" and not str(args[0]).startswith(folder)])
print([(event, args) for event, args in touched if event not in ("open", "exec", "import")])
print([args[0].co_filename for event, args in touched if event == "exec"])
"""


def test_nothing_is_executed_and_nothing_of_patchlints_own_is_read(tmp_path: Path) -> None:
    """Modules that patchlint has itself, extension modules, and those astroid knows how to load are not there."""
    (tmp_path / "target.py").write_text("raise SystemExit('executed')\nclass Job:\n    def start(self): ...\n")
    (tmp_path / "main.py").write_text(
        dedent("""\
        first = 1
        import six.moves.urllib
        import click
        import gi.repository.Gtk
        import _ssl as ext
        import target
        made = target.Job()
        six.moves.urllib, click.Command, gi.repository.Gtk, ext.thing
        made.start()
        """)
    )
    done = subprocess.run(
        [sys.executable, "-c", HOSTILE, str(tmp_path)], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    answers, (modules, opened, others, executed) = done.stdout.splitlines()[:5], done.stdout.splitlines()[5:]
    assert "names=('Job', 'start')" in answers[0]
    assert [answer.endswith(" ()") for answer in answers[1:]] == [True] * 4
    assert (modules, opened, others, executed) == ("[]", "[]", "[]", "[]")
