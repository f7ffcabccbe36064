"""What is found in a folder, and what the command line's words become."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from patchlint.config import DEFAULTS, Settings
from patchlint.discovery import Discovery, discover, one
from patchlint.model.errors import UsageError
from patchlint.model.location import LAUNCH
from patchlint.model.plan import Entrypoint

GUARD = 'if __name__ == "__main__":\n    main()\n'
Writer = Callable[[dict[str, str]], Path]


@pytest.fixture
def program(tmp_path: Path) -> Writer:
    """Writes files, and answers with the folder."""

    def write(files: dict[str, str]) -> Path:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return write


def searched(folder: Path, settings: Settings = DEFAULTS) -> Discovery:
    return discover([str(folder)], [], settings, "/")


def brief(found: Discovery, folder: Path) -> list[tuple[str, str, str]]:
    """Kind, spec or command, and working folder of each entrypoint, relative to the folder."""
    return [(e.kind, " ".join(e.argv) or _below(e.spec, folder), _below(e.cwd, folder)) for e in found.entrypoints]


def _below(path: str, folder: Path) -> str:
    return os.path.relpath(path, folder) if os.path.isabs(path) else path


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({"run.py": GUARD}, ("file", "run.py", "."), id="main guard"),
        pytest.param({"run.py": "if '__main__' == __name__:\n  1\n"}, ("file", "run.py", "."), id="turned guard"),
        pytest.param({"run.py": f"try:\n  pass\nfinally:\n  {GUARD!s}".replace("    main", "      main")},
                     ("file", "run.py", "."), id="guard inside try"),
        pytest.param({"p/__init__.py": "", "p/run.py": f"from . import x\n{GUARD}"}, ("module", "p.run", "."),
                     id="guard in a module with relative imports"),
        pytest.param({"manage.py": "main()\n"}, ("file", "manage.py", "."), id="manage.py"),
        pytest.param({"site/wsgi.py": "application = 1\n"}, ("object", "wsgi:application", "site"), id="wsgi.py"),
        pytest.param({"src/p/__init__.py": "", "src/p/asgi.py": "from . import app\n"}, ("object", "p.asgi:app", "src"),
                     id="asgi.py in a package"),
        pytest.param({"wsgi.py": "import x\n"}, ("package", "wsgi", "."), id="wsgi.py without an application"),
        pytest.param({"p/__init__.py": "", "p/__main__.py": "x()\n"}, ("module", "p", "."), id="package's __main__"),
        pytest.param({"tool/__main__.py": "x()\n"}, ("file", "tool/__main__.py", "."), id="folder's __main__"),
        pytest.param({"load/locustfile.py": "x()\n"}, ("command", "locust -f locustfile.py", "load"), id="locust"),
        pytest.param({"t.py": "from celery import Celery\napp = Celery('t')\n"}, ("object", "t:app", "."), id="celery"),
        pytest.param({"t.py": "import celery as c\napp: c.Celery = c.Celery('t')\n"}, ("object", "t:app", "."),
                     id="celery, other spelling"),
        pytest.param({"gunicorn.conf.py": "wsgi_app = 'a:b'\n"}, ("command", "gunicorn a:b", "."), id="gunicorn"),
        pytest.param({"gunicorn_conf.py": "workers = 2\n", "app.py": "app = Flask()\n"},
                     ("command", "gunicorn -c gunicorn_conf.py app:app", "."), id="gunicorn, with the app beside it"),
        pytest.param({"pyproject.toml": "[project.scripts]\ncmd = 'p.cli:main'\n", "src/p/cli.py": ""},
                     ("object", "p.cli:main()", "src"), id="project.scripts"),
        pytest.param({"pyproject.toml": "[project.gui-scripts]\ncmd = 'p.cli:Cls.run [extra]'\n"},
                     ("object", "p.cli:Cls.run()", "."), id="project.gui-scripts"),
        pytest.param({"pyproject.toml": "[tool.poetry.scripts]\na = 'p:a'\nb = {reference = 'bin/b', type = 'file'}\n"},
                     ("object", "p:a()", "."), id="tool.poetry.scripts"),
    ],
)  # fmt: skip
def test_what_a_file_is(program: Writer, files: dict[str, str], expected: tuple[str, str, str]) -> None:
    folder = program(files)
    found = searched(folder)
    assert brief(found, folder) == [expected]
    assert not found.problems
    entrypoint = found.entrypoints[0]
    assert entrypoint.reason
    assert entrypoint.origin is not None
    assert entrypoint.origin.path.startswith(str(folder))


@pytest.mark.parametrize(
    "patch",
    [
        "from gevent import monkey\nmonkey.patch_all()",
        "from gevent import monkey as m; m.patch_ssl()",
        "import gevent.monkey\ngevent.monkey.patch_all(ssl=False)",
        "import gevent.monkey as g\nif 1:\n  g.patch_all()",
        "from gevent.monkey import patch_all as p\np()",
        '__import__("gevent.monkey").monkey.patch_all()',
        "import eventlet\neventlet.monkey_patch()",
        "from eventlet import monkey_patch, patcher\npatcher.monkey_patch()",
    ],
)
def test_a_patch_call_at_the_top_makes_an_entrypoint(program: Writer, patch: str) -> None:
    folder = program({"first.py": patch, "p/__init__.py": patch, "p/sub.py": patch})
    assert brief(searched(folder), folder) == [
        ("file", "first.py", "."),
        ("package", "p", "."),
        ("package", "p.sub", "."),
    ]


def test_a_patch_call_in_a_function_makes_none(program: Writer) -> None:
    folder = program({"p.py": "from gevent import monkey\ndef f():\n    monkey.patch_all()\n"})
    assert brief(searched(folder), folder) == [("package", "p", ".")]


def test_what_is_nobodys_program_is_left_out(program: Writer) -> None:
    skipped = [
        ".hidden/a.py",
        "env/a.py",
        "node_modules/a.py",
        "__pycache__/a.py",
        "build/a.py",
        "x/site-packages/a.py",
    ]
    tests = ["tests/test_a.py", "tests/run.py", "p/test_b.py", "p/c_test.py"]
    files = dict.fromkeys([*skipped, *tests, "left_out/a.py"], GUARD)
    folder = program({**files, "env/pyvenv.cfg": "", "run.py": GUARD, "p/run.py": GUARD})
    found = searched(folder, Settings(exclude=("left_*",)))
    assert brief(found, folder) == [("file", "run.py", "."), ("file", "p/run.py", ".")]
    assert found.remarks == (
        f"{folder}: 3 folders and files of tests were left out of the search (name what you want of them)",
    )


def test_tests_are_searched_when_named(program: Writer) -> None:
    folder = program({"tests/run.py": GUARD})
    assert brief(searched(folder / "tests"), folder) == [("file", "tests/run.py", "tests")]


def test_links_to_folders_are_not_followed(program: Writer) -> None:
    folder = program({"a/run.py": GUARD})
    (folder / "a" / "loop").symlink_to(folder, target_is_directory=True)
    assert brief(searched(folder), folder) == [("file", "a/run.py", ".")]


def test_without_entrypoints_each_top_level_module_is_imported(program: Writer) -> None:
    names = [
        "a.py",
        "setup.py",
        "my-script.py",
        "p/__init__.py",
        "p/q.py",
        "p/r/__init__.py",
        "src/s/__init__.py",
        "src/t.py",
    ]
    folder = program(dict.fromkeys(names, "import ssl\n"))
    found = searched(folder)
    assert brief(found, folder) == [
        ("package", "a", "."),
        ("file", "my-script.py", "."),
        ("package", "p", "."),
        ("package", "t", "src"),
        ("package", "s", "src"),
    ]
    assert found.remarks == (f"{folder}: nothing in it is started, so each top-level module is checked as if imported",)


def test_a_package_can_be_named(program: Writer) -> None:
    folder = program({"p/__init__.py": "", "p/q/__init__.py": "", "p/q/r.py": "import ssl\n"})
    assert brief(searched(folder / "p" / "q"), folder) == [("package", "p.q", ".")]


def test_a_script_found_twice_is_one_entrypoint(program: Writer) -> None:
    folder = program({"run.py": GUARD})
    found = discover([str(folder), str(folder)], [], DEFAULTS, str(folder))
    assert len(found.entrypoints) == 1


def test_bad_files_are_values_and_the_rest_is_found(program: Writer) -> None:
    folder = program(
        {"broken.py": f"def f(:\n{GUARD}", "run.py": GUARD, "harmless.py": "def f(:\n", "pyproject.toml": "["}
    )
    (folder / "latin.py").write_bytes(b"#\n#\n# caf\xe9\nif __name__ == '__main__': pass\n")
    (folder / "nul.py").write_bytes(b"\0__main__")
    (folder / "deep.py").write_text("__main__ = " + "(" * 5000 + ")" * 5000)
    (folder / "gone.py").symlink_to(folder / "nowhere.py")
    found = searched(folder)
    assert brief(found, folder) == [("file", "run.py", ".")]
    problems = [str(problem).removeprefix(f"{folder}/") for problem in found.problems]
    assert [problem.partition(":")[0] for problem in problems] == [
        "pyproject.toml", "broken.py", "deep.py", "gone.py", "latin.py", "nul.py",
    ]  # fmt: skip
    assert problems[1] == "broken.py:1: syntax error: invalid syntax"
    assert problems[3] == "gone.py: cannot be read: No such file or directory"
    assert problems[4] == "latin.py:3: is not utf-8: save it as UTF-8 or declare its encoding"
    assert all("\n" not in problem for problem in problems)


def test_huge_files_are_passed_by(program: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = program({"table.py": GUARD, "a.py": ""})
    monkeypatch.setattr("patchlint.sources.hints.TOO_LARGE", 10)
    found = searched(folder)
    assert found.remarks[0] == f"{folder}/table.py: passed by for its size (name it to have it checked)"


@pytest.mark.parametrize("files", [{}, {"README.md": "hello"}, {"tests/test_a.py": GUARD}])
def test_a_folder_without_python_is_an_error(program: Writer, files: dict[str, str]) -> None:
    folder = program(files)
    found = searched(folder)
    assert [str(problem) for problem in found.problems] == [f"{folder}: no Python files to check"]
    assert not found.entrypoints


def named(text: str, cwd: Path) -> Entrypoint:
    return one(text, [], DEFAULTS, str(cwd))


def test_a_named_file_is_run(program: Writer) -> None:
    folder = program({"driver": "x\n", "driver.py": "import ssl\n"})
    for name in ("driver", "driver.py", str(folder / "driver.py")):
        entrypoint = named(name, folder)
        assert (entrypoint.kind, entrypoint.cwd) == ("file", str(folder))
        assert entrypoint.spec == str(folder / os.path.basename(name))
        assert entrypoint.reason == "named on the command line"


def test_a_named_module_of_a_package_is_imported(program: Writer) -> None:
    folder = program({"src/p/__init__.py": "", "src/p/views.py": "from . import models\n"})
    entrypoint = named("src/p/views.py", folder)
    assert (entrypoint.kind, entrypoint.spec, entrypoint.cwd) == ("package", "p.views", str(folder / "src"))


def test_a_named_file_that_says_how_it_is_started_is_started_so(program: Writer) -> None:
    folder = program({"wsgi.py": "app = 1\n", "manage.py": ""})
    assert named("wsgi.py", folder).spec == "wsgi:app"
    assert named("manage.py", folder).kind == "file"


def test_a_named_object(program: Writer) -> None:
    folder = program({"src/p/__init__.py": ""})
    entrypoint = named("p.wsgi:create_app()", folder)
    assert (entrypoint.kind, entrypoint.spec, entrypoint.cwd) == ("object", "p.wsgi:create_app()", str(folder / "src"))


@pytest.mark.parametrize("name", ["none.py", "none", "no/such.py", "p.q", ":", "a:", "1:2"])
def test_a_name_for_nothing_is_an_error(tmp_path: Path, name: str) -> None:
    found = discover([name], [], DEFAULTS, str(tmp_path))
    assert [str(problem) for problem in found.problems] == [f"{tmp_path / name}: no such file or folder"]


def test_a_named_file_that_does_not_parse_is_an_error_and_the_others_remain(program: Writer) -> None:
    folder = program({"bad.py": "x = (\n", "good.py": ""})
    found = discover(["bad.py", "good.py"], [], DEFAULTS, str(folder))
    assert [str(problem) for problem in found.problems] == [f"{folder}/bad.py:1: syntax error: '(' was never closed"]
    assert brief(found, folder) == [("file", "good.py", ".")]


def test_a_command() -> None:
    command = ["gunicorn", "-k", "gevent", "app:app"]
    assert discover([], command, DEFAULTS, "/srv").entrypoints == (
        Entrypoint("command", "gunicorn", "/srv", tuple(command), LAUNCH, "given on the command line"),
    )


def test_configured_entrypoints_take_the_place_of_a_search(program: Writer) -> None:
    folder = program({"run.py": GUARD, "web/app.py": "", "patchlint.toml": ""})
    entrypoints = ("web/app.py", "web.app:app", "gunicorn -k gevent 'web.app:make(1)'")
    settings = Settings(entrypoints=entrypoints, file=str(folder / "patchlint.toml"))
    expected = [
        ("file", "web/app.py", "."),
        ("object", "web.app:app", "."),
        ("command", "gunicorn -k gevent web.app:make(1)", "."),
    ]
    assert brief(discover([], [], settings, "/"), folder) == expected
    assert brief(discover([str(folder)], [], settings, "/"), folder) == expected


def test_configured_entrypoints_that_are_nothing(program: Writer) -> None:
    folder = program({"patchlint.toml": ""})
    settings = Settings(entrypoints=("none.py", "gunicorn 'app"), file=str(folder / "patchlint.toml"))
    assert [str(problem) for problem in discover([], [], settings, "/").problems] == [
        f"{folder}/none.py: no such file or folder, and no launch command either",
        f'{folder}/patchlint.toml: "gunicorn \'app" cannot be split into words: No closing quotation',
    ]


def test_one_entrypoint_is_needed(program: Writer) -> None:
    folder = program({"a.py": GUARD, "b.py": GUARD})
    with pytest.raises(UsageError, match="one entrypoint is needed, and there are 2"):
        one(str(folder), [], DEFAULTS, "/")


def test_links_in_circles_and_locks_of_editors_are_passed_by(tmp_path: Path) -> None:
    (tmp_path / "run.py").write_text('if __name__ == "__main__":\n    pass\n')
    (tmp_path / ".#run.py").symlink_to("someone@host.4711")
    (tmp_path / "ring").symlink_to("ring")
    (tmp_path / "again").symlink_to(".")
    found = discover([str(tmp_path)], (), Settings(), str(tmp_path))
    assert [entrypoint.spec for entrypoint in found.entrypoints] == [str(tmp_path / "run.py")]
    assert found.problems == ()
