"""The order in which a start-up executes modules."""

from __future__ import annotations

import pytest

from patchlint.model.errors import SourceError
from patchlint.model.events import ModuleExecuted


def test_modules_execute_once_and_parents_first(play):
    played = play({"main.py": "import p.a\nimport p.b", "p/__init__.py": "", "p/a.py": "from . import b", "p/b.py": ""})
    assert played.modules() == dict.fromkeys(["__main__", "p", "p.a", "p.b"], "certain")


def test_what_the_interpreter_imports_comes_first(play):
    played = play({"main.py": "import os"})
    executed = played.events(ModuleExecuted)
    names = [event.module for event in executed]
    assert names[0] == "sys"
    assert names.index("site") < names.index("__main__")
    assert {link.by for link in executed[names.index("site")].trail.upwards()} >= {"interpreter"}
    assert executed[names.index("__main__")].trail.by == "program"


def test_the_trail_of_an_import_names_each_line(play):
    played = play({"main.py": "\nimport a", "a.py": "import b", "b.py": ""})
    trail = next(event for event in played.events(ModuleExecuted) if event.module == "b").trail
    links = [(link.what, link.location and played.place(link.location)) for link in trail.links()]
    assert links[-2:] == [("import a", ("main.py", 1)), ("import b", ("a.py", 1))]


def test_an_undecided_branch_makes_what_it_imports_possible(play):
    played = play({"main.py": "import os\nif os.environ.get('X'):\n    import a\nelse:\n    import b\nimport c",
                   "a.py": "", "b.py": "", "c.py": ""})  # fmt: skip
    assert played.modules() == {"__main__": "certain", "a": "possible", "b": "possible", "c": "certain"}


def test_an_import_that_fails_is_caught_where_the_program_does(play):
    played = play({"main.py": "try:\n    import missing_one\nexcept ImportError:\n    import a", "a.py": ""})
    assert played.modules() == {"__main__": "certain", "a": "certain"}
    assert played.opaque() == []


def test_a_statement_that_raises_is_told_and_survived(play):
    played = play({"main.py": "import missing_one\nimport a", "a.py": ""})
    assert list(played.modules()) == ["__main__", "a"]
    assert played.opaque() == [("statement", "raises ModuleNotFoundError: No module named 'missing_one'")]


def test_a_program_that_ends_itself_goes_no_further(play):
    played = play({"main.py": "import sys\nimport a\nsys.exit(0)\nimport b", "a.py": "", "b.py": ""})
    assert list(played.modules()) == ["__main__", "a"]


def test_a_name_that_is_computed_is_told(play):
    played = play({"main.py": "import importlib, os\nimportlib.import_module(os.environ['PLUGIN'])"})
    assert ("import", "the module's name is computed") in played.opaque()


# What a plan names --------------------------------------------------------------------------------------------
def test_the_main_file_has_to_be_readable(play):
    with pytest.raises(SourceError, match=r"none\.py: No such file"):
        play({"main.py": ""}, "none.py")


def test_the_main_file_has_to_parse(play):
    with pytest.raises(SourceError, match=r"main\.py:2: syntax error"):
        play({"main.py": "\n\nx = 1\ndef (:\n"})


def test_a_file_that_is_imported_and_does_not_parse_is_kept(play):
    played = play({"main.py": "import broken\nimport a", "broken.py": "x = 1\ndef (:", "a.py": ""})
    assert list(played.modules()) == ["__main__", "a"]
    ((place, reason),) = played.timeline.unreadable
    assert played.place(place) == ("broken.py", 2)
    assert reason.startswith("syntax error")


@pytest.mark.parametrize(
    ("kind", "spec", "reason"),
    [
        ("module", "none", "none: no module of this name can be found"),
        ("module", "p.none", "p.none: no module of this name can be found"),
        ("module", "none.p", "none: no module of this name can be found"),
        ("object", "none:app", "none: no module of this name can be found"),
        ("object", "main:app", "main:app: main has no app"),
        ("object", "main:create()", r"main:create\(\): main has no create"),
        ("package", "none", "none: no module of this name can be found"),
    ],
)
def test_what_a_plan_names_has_to_be_there(play, kind, spec, reason):
    with pytest.raises(SourceError, match=f"^{reason}$"):
        play({"main.py": "", "p/__init__.py": ""}, spec, kind)


def test_a_module_that_misses_another_one_is_not_missing_itself(play):
    assert list(play({"main.py": "import none\napp = 1"}, "main:app", "object").modules()) == ["main"]


def test_python_m(play):
    files = {"p/__init__.py": "", "p/__main__.py": "from . import a", "p/a.py": ""}
    assert list(play(files, "p", "module").modules()) == ["p", "__main__", "p.a"]


def test_an_object_is_called_where_it_is_a_factory(play):
    files = {"main.py": "def create():\n    import a\n    return 1", "a.py": ""}
    assert list(play(files, "main:create", "object").modules()) == ["main"]
    assert list(play(files, "main:create()", "object").modules()) == ["main", "a"]


def test_two_plays_are_alike(play):
    files = {"main.py": "import a, ssl\nfrom queue import Queue", "a.py": "import decimal"}
    assert play(files).timeline == play(files).timeline


HERE = "import os, sys\nhere = os.path.dirname(os.path.abspath(__file__))\n"


def test_a_namespace_package_made_as_pth_files_make_them(play):
    played = play({"main.py": HERE + """
import importlib.util, importlib.machinery
found = importlib.machinery.PathFinder.find_spec("spread", [os.path.join(here, "parts")])
made = sys.modules.setdefault("spread", importlib.util.module_from_spec(found))
path = made.__dict__.setdefault("__path__", [])
assert importlib.machinery.PathFinder.find_spec("nowhere", [here]) is None
import spread.one
        """, "parts/spread/one.py": ""})  # fmt: skip
    assert "spread.one" in played.modules()
    assert played.opaque() == []


def test_one_file_has_one_name_however_the_path_is_spelled(play):
    text = HERE + "sys.path.insert(0, os.path.join(here, 'service', '..', 'libs'))\nimport common"
    played = play({"main.py": text, "libs/common.py": "", "service/app.py": ""})
    (path,) = [event.path for event in played.events(ModuleExecuted) if event.module == "common"]
    assert path == str(played.folder / "libs" / "common.py")


def test_a_pth_file_makes_a_namespace_with_the_path_finder(play):
    text = """
        import importlib.util, importlib.machinery, os, sys
        folder = os.path.dirname(__file__)
        spec = importlib.machinery.PathFinder.find_spec("parts", [folder])
        module = sys.modules.setdefault("parts", importlib.util.module_from_spec(spec))
        if os.path.join(folder, "parts") in module.__path__:
            import a
        import parts.one
        if importlib.machinery.PathFinder.find_spec("nothing", [folder]) is None:
            import b
    """
    played = play({"main.py": text, "parts/one.py": "", "a.py": "", "b.py": ""})
    assert [name for name in played.modules() if name in ("a", "parts.one", "b")] == ["a", "parts.one", "b"]


@pytest.mark.parametrize(("field", "is_read"), [("", False), (".version", True)])
def test_a_distributions_fields_are_read_when_asked_for(play, field, is_read):
    played = play({"main.py": f"from importlib.metadata import distribution\nx = distribution('gevent'){field}"})
    assert ("email.feedparser" in {event.module for event in played.events(ModuleExecuted)}) is is_read


def test_a_path_asks_for_files_as_os_path_does(play):
    text = """
        from pathlib import Path
        if Path(__file__).is_file() and Path(__file__).parent.is_dir():
            import a
        if Path(__file__, "inside").exists():
            import b
    """
    assert {"a": "certain"}.items() <= (modules := play({"main.py": text, "a.py": "", "b.py": ""}).modules()).items()
    assert "b" not in modules
