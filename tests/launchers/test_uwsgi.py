"""uWSGI's options in all their forms, and the order in which it loads, forks and patches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from patchlint.launchers import uwsgi
from patchlint.launchers.uwsgi_options import read
from patchlint.model.errors import SourceError
from patchlint.model.location import LAUNCH, Location
from patchlint.model.plan import (
    ApplyPatch,
    CallObject,
    Entrypoint,
    ForkAside,
    ForkStep,
    ImportModule,
    LoadObject,
    RunFile,
    Serve,
    Unclear,
)

INI = """\
; a comment
[uwsgi]
name = shop
module = %(name).wsgi:application
master = true
processes = 3
import = early
import = later
chdir = %d/src
gevent = 50
wsgi-file = $(ROOT)/app.py

[other]
module = other
"""

FORMS = {
    "app.yaml": "uwsgi:\n  module: shop.wsgi  # served\n  master: true\n  import:\n    - early\n    - later\n",
    "app.json": '{"uwsgi": {"module": "shop.wsgi", "master": true, "import": ["early", "later"]}}',
    "app.xml": "<uwsgi>\n <module>shop.wsgi</module><master/>\n <import>early</import><import>later</import>\n</uwsgi>",
    "app.ini": "[uwsgi]\nmodule = shop.wsgi\nmaster =\nimport = early\nimport = later\n",
}


def test_an_ini_file(tmp_path: Path) -> None:
    (tmp_path / "app.ini").write_text(INI)
    options = read(["--ini", "app.ini"], str(tmp_path))
    assert options.value("module") == "shop.wsgi:application"
    assert [option.value for option in options.all("import")] == ["early", "later"]
    assert options.value("chdir") == f"{tmp_path}//src"
    processes = options.last("processes")
    assert processes is not None
    assert processes.location is not None
    assert (processes.value, processes.location.line) == ("3", 6)
    file = options.last("wsgi-file")
    assert file is not None
    assert file.unclear == "$(ROOT)"


def test_a_section_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "app.ini").write_text(INI)
    assert read(["app.ini:other"], str(tmp_path)).value("module") == "other"


@pytest.mark.parametrize("name", FORMS)
def test_the_forms_of_a_file_are_alike(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(FORMS[name])
    options = read([name], str(tmp_path))
    assert options.value("module") == "shop.wsgi"
    assert options.is_on("master")
    assert [option.value for option in options.all("import")] == ["early", "later"]
    assert all(option.location is not None for option in options.all("import"))


def test_words_of_a_command_line() -> None:
    options = read(["--master", "-p4", "--workers=2", "--need-app", "-w", "shop:app", "--lazy_apps"], "/")
    assert (options.value("processes"), options.value("module")) == ("2", "shop:app")
    assert options.is_on("lazy-apps")
    assert read(["app.py"], "/").value("wsgi-file") == "app.py"
    assert read(["shop.wsgi:app"], "/").value("module") == "shop.wsgi:app"


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.json", "{"), ("a.xml", "<x/>"), ("a.xml", "<uwsgi><module>a</uwsgi>"), ("a.ini", None)],
)
def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path, name: str, content: str | None) -> None:
    if content is not None:
        (tmp_path / name).write_text(content)
    steps = uwsgi.plan(("uwsgi", name), Entrypoint("command", "uwsgi", str(tmp_path)))
    with pytest.raises(SourceError, match=name):
        next(steps)


def order(*words: str) -> list[str]:
    """The steps that matter, in words."""
    told: dict[type, Callable[..., str]] = {
        ApplyPatch: lambda step: "patch",
        ForkStep: lambda step: f"fork {step.count}",
        ImportModule: lambda step: f"import {step.name}",
        LoadObject: lambda step: f"load {step.module}:{step.expression}",
        RunFile: lambda step: f"run {step.path}",
        Serve: lambda step: "serve",
        Unclear: lambda step: f"unclear {step.what}",
    }
    return [told[type(step)](step) for step in steps_of(words) if type(step) in told]


def steps_of(words: Sequence[str]) -> list[object]:
    steps = uwsgi.plan(("uwsgi", *words), Entrypoint("command", "uwsgi", "/srv", tuple(words), LAUNCH))
    found: list[object] = []
    answer = None
    while True:
        try:
            found.append(steps.send(answer))
        except StopIteration:
            return found


GEVENT = ("--gevent", "100")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--master", "-p", "2", "-w", "app:app"), ["load app:app", "fork 2"]),
        (("--master", "-p", "2", "-w", "app", "--lazy-apps"), ["fork 2", "import app"]),
        (("-w", "app"), ["import app"]),
        (("--master", "--wsgi-file", "app.py"), ["run /srv/app.py", "fork 1"]),
        (
            ("--master", "-p2", "-w", "app", *GEVENT, "--gevent-monkey-patch"),
            ["import app", "fork 2", "patch", "serve"],
        ),
        (
            ("-p2", "-w", "app", *GEVENT, "--gevent-early-monkey-patch", "--shared-import", "first"),
            ["import first", "patch", "import app", "fork 2", "serve"],
        ),
        (("-p2", "-w", "app", *GEVENT, "--lazy-apps", "--import", "x"), ["fork 2", "import x", "import app", "serve"]),
        (("-w", "$(APP)"), ["unclear module = $(APP)"]),
        (("--mount", "/a=shop.wsgi:app", "--mount", "/b=b.py"), ["load shop.wsgi:app", "run /srv/b.py"]),
    ],
)
def test_the_order(words: tuple[str, ...], expected: list[str]) -> None:
    assert order(*words) == expected


def test_what_a_command_line_says_stands_at_the_launch() -> None:
    patches = [step for step in steps_of(("-w", "app", *GEVENT, "--gevent-monkey-patch")) if type(step) is ApplyPatch]
    assert [step.location for step in patches] == [LAUNCH]


def test_the_environment_gives_options_too():
    variables = {"UWSGI_GEVENT": "10", "UWSGI_GEVENT_EARLY_MONKEY_PATCH": "true", "UWSGI_WORKERS": "3", "HOME": "/srv"}
    steps = list(uwsgi.plan(("uwsgi", "shop.wsgi"), Entrypoint("command", "uwsgi", "/srv"), variables))
    assert [type(step) for step in steps if isinstance(step, ApplyPatch | ForkStep | Serve)] == [
        ApplyPatch,
        ForkStep,
        Serve,
    ]
    assert next(step.count for step in steps if isinstance(step, ForkStep)) == 3


def test_a_name_that_is_no_path_is_told():
    with pytest.raises(SourceError, match="no path"):
        list(uwsgi.plan(("uwsgi", "--ini", "a\0b.ini"), Entrypoint("command", "uwsgi", "/srv")))


ASIDE = "[uwsgi]\nmaster = 1\nmodule = app\ngevent = 5\ngevent-monkey-patch = 1\n"


def followed(folder: Path, lines: str, sides: Sequence[bool]) -> list[object]:
    """The steps of a configuration; ``sides`` tell at which of the forks aside the play is the child's."""
    (folder / "app.ini").write_text(f"{ASIDE}{lines}")
    plan = uwsgi.plan(["uwsgi", "app.ini"], Entrypoint("command", "uwsgi", str(folder)))
    steps, answer, answers = [], None, list(sides)
    try:
        while True:
            steps.append(plan.send(answer))
            answer = answers.pop(0) if isinstance(steps[-1], ForkAside) else None
    except StopIteration:
        return steps


def test_mules_and_spoolers_are_forked_before_the_workers(tmp_path):
    steps = followed(tmp_path, "mule = a.py\nmule = b:run\nspooler = jobs\nspooler-import = tasks\n", [False] * 3)
    forks = [step for step in steps if isinstance(step, (ForkAside, ForkStep))]
    assert [fork.child for fork in forks] == ["spooler", "mule", "mule 2", "worker"]
    assert [fork.location.line for fork in forks[:3]] == [8, 6, 7]
    assert any(isinstance(step, ApplyPatch) for step in steps)


@pytest.mark.parametrize(
    ("line", "last"),
    [
        ("mule = a.py", RunFile("{}/a.py", "__main__")),
        ("mule = 2", None),
        ("spooler = jobs\nspooler-import = tasks", ImportModule("tasks", location=Location("{}/app.ini", 7))),
    ],
)
def test_what_one_runs_is_neither_the_application_nor_patched_late(tmp_path, line, last):
    steps = followed(tmp_path, f"{line}\nlazy-apps = 1\n", [True])
    behind = steps[next(i for i, step in enumerate(steps) if isinstance(step, ForkAside)) + 1 :]
    assert not any(isinstance(step, (ApplyPatch, Serve)) for step in behind)
    assert repr(behind[1:]) == repr([last] if last else []).replace("{}", str(tmp_path))


def test_a_mule_s_function_is_called(tmp_path):
    steps = followed(tmp_path, "mule = work:run\n", [True])
    assert isinstance(steps[-2], LoadObject)
    assert isinstance(steps[-1], CallObject)


LOGIC = """\
[uwsgi]
base = app
if-env = NOPE
gevent = 10
endif =
if-not-env = NOPE
gevent-monkey-patch = true
endif =
if-file = app.py
master = true
endif =
if-exists = nothing.py
lazy = true
endif =
if-opt = base=app
lazy-apps = true
endif =
if-not-opt = base
threads = 4
endif =
for = a b
import = %(_)
endfor =
set-ph = name=shop
module = %(name)
wsgi-file = @(name.txt)
if-env = HOME
env = X=%(_)
endif =
ini = :more

[more]
pythonpath = lib
"""


def test_what_a_configuration_decides(tmp_path: Path) -> None:
    """The same file, given to uWSGI 2.0.31 with ``--show-config``, sets these options."""
    for name, text in (("a.ini", LOGIC), ("name.txt", "app.py\n"), ("app.py", "")):
        (tmp_path / name).write_text(text)
    options = read(["a.ini"], str(tmp_path), environ={"HOME": "/root"})
    names = ["gevent", "gevent-monkey-patch", "master", "lazy", "lazy-apps", "threads"]
    assert [name for name in names if options.last(name)] == ["gevent-monkey-patch", "master", "lazy-apps"]
    assert [option.value for option in options.all("import")] == ["a", "b"]
    wanted = {"module": "shop", "wsgi-file": "app.py", "env": "X=/root", "pythonpath": "lib"}
    assert {name: options.value(name) for name in wanted} == wanted
    assert [(option.name, option.value) for option in options.undecided] == [("if-env", "NOPE"), ("if-not-env", "NOPE")]


def test_merged_mappings_are_told(tmp_path: Path) -> None:
    """uWSGI 2.0.31 shows ``<< = *base`` among its options."""
    (tmp_path / "a.yml").write_text("base: &base\n  gevent: 10\nuwsgi:\n  <<: *base\n  wsgi-file: app.py\n")
    assert read(["a.yml"], str(tmp_path)).value("gevent") is None
    steps = steps_of([str(tmp_path / "a.yml")])
    (told,) = [step for step in steps if isinstance(step, Unclear)]
    assert (told.what, told.location) == ("<<: *base", Location(str(tmp_path / "a.yml"), 4))


def test_a_file_that_another_names_and_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "a.ini").write_text("[uwsgi]\nmodule = app\nini = b.ini\n")
    with pytest.raises(SourceError, match=r"a\.ini:3: b\.ini cannot be read: No such file"):
        steps_of([str(tmp_path / "a.ini")])


def test_a_line_that_sets_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.ini").write_text("[uwsgi]\nmodule app:app\n")
    (told,) = [step for step in steps_of([str(tmp_path / "a.ini")]) if isinstance(step, Unclear)]
    assert (told.what, told.location) == ("module app:app", Location(str(tmp_path / "a.ini"), 2))
