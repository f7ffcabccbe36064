"""Options of a launch command that are left out or given, where the command stands."""

from __future__ import annotations

import pytest

from patchlint.fixes.launching import launches
from patchlint.fixes.texts import edited
from patchlint.model.finding import Finding, PatchReference
from patchlint.model.location import LAUNCH, Location
from patchlint.model.plan import Entrypoint
from patchlint.model.proposal import Proposal

PRELOADED = ("gunicorn", "-k", "gevent", "--preload", "app:app")


def proposed(argv: tuple[str, ...], origin: Location, files: dict[str, str]) -> list[Proposal]:
    entrypoint = Entrypoint("command", argv[0], "/srv", argv, origin)
    patch = PatchReference(None, "gevent.monkey.patch_all", "worker")
    finding = Finding("PAT101", "error", "certain", "stale", entrypoint, Location("/srv/app.py", 1), patch=patch)
    return list(launches(finding, [path for path in files if path.endswith("run.py")], files.get))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("web: gunicorn -k gevent --preload app:app\n", "web: gunicorn -k gevent app:app\n"),
        ('CMD ["gunicorn", "--preload", "app:app"]\n', 'CMD ["gunicorn", "app:app"]\n'),
        ('CMD ["gunicorn", "app:app", "--preload"]\n', 'CMD ["gunicorn", "app:app"]\n'),
        ("gunicorn \\\n    -k gevent --preload \\\n    app:app\n", "gunicorn \\\n    -k gevent \\\n    app:app\n"),
    ],
)
def test_no_preload_where_the_command_stands(before: str, after: str) -> None:
    (one,) = proposed(PRELOADED, Location("/srv/Procfile", 1), {"/srv/Procfile": before})
    assert edited(before, one.edits) == after
    assert (one.command, one.safety) == (("gunicorn", "-k", "gevent", "app:app"), "unsafe")


def test_a_command_that_was_typed_is_told_anew() -> None:
    (one,) = proposed(PRELOADED, LAUNCH, {})
    assert (one.places, one.edits) == (("<launch>",), ())
    assert one.title == "`--preload` left out: `gunicorn -k gevent app:app`"


def test_a_line_that_says_it_twice_is_left_alone() -> None:
    text = "web: gunicorn --preload a:a; gunicorn --preload app:app\n"
    (one,) = proposed(PRELOADED, Location("/srv/Procfile", 1), {"/srv/Procfile": text})
    assert one.edits == ()


def test_the_configuration_that_gunicorn_finds_or_is_given() -> None:
    text = "workers = 2\npreload_app = True  # quick\n"
    for argv, path in (
        (("gunicorn", "app:app"), "/srv/gunicorn.conf.py"),
        (("gunicorn", "-c", "conf/g.py", "app:app"), "/srv/conf/g.py"),
    ):
        (one,) = proposed(argv, LAUNCH, {path: text})
        assert (one.places, one.command) == ((path,), ())
        assert edited(text, one.edits) == "workers = 2\npreload_app = False  # quick\n"


def test_uwsgi_patches_early_or_loads_late() -> None:
    text = "[uwsgi]\nmodule = app\ngevent = 10\n"
    early, lazy = proposed(("uwsgi", "uwsgi.ini"), Location("/srv/uwsgi.ini", 1), {"/srv/uwsgi.ini": text})
    assert (early.command, early.started) == ((), None)
    assert edited(text, early.edits) == "[uwsgi]\ngevent-early-monkey-patch = true\nmodule = app\ngevent = 10\n"
    assert edited(text, lazy.edits) == "[uwsgi]\nlazy-apps = true\nmodule = app\ngevent = 10\n"
    line = "web: uwsgi --gevent 10 --module app\n"
    early, _ = proposed(("uwsgi", "--gevent", "10"), Location("/srv/Procfile", 1), {"/srv/Procfile": line})
    assert edited(line, early.edits) == "web: uwsgi --gevent-early-monkey-patch --gevent 10 --module app\n"


def test_uwsgi_is_not_told_twice() -> None:
    argv = ("uwsgi", "--lazy-apps", "--gevent-early-monkey-patch", "--module", "app")
    assert proposed(argv, LAUNCH, {}) == []


def pool(argv: tuple[str, ...], origin: Location, files: dict[str, str], at: Location) -> Proposal:
    entrypoint = Entrypoint("command", argv[0], "/srv", argv, origin)
    (one,) = launches(Finding("PAT208", "warning", "certain", "no patch", entrypoint, at), (), files.get)
    return one


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("w: celery -A p worker -Pgevent\n", "w: celery -A p worker -P gevent\n"),
        ('CMD ["celery", "-A", "p", "worker", "-Pgevent"]\n', 'CMD ["celery", "-A", "p", "worker", "-P", "gevent"]\n'),
    ],
)
def test_celery_is_given_its_pool_in_two_words(before: str, after: str) -> None:
    place = Location("/srv/Procfile", 1)
    one = pool(("celery", "-A", "p", "worker", "-Pgevent"), place, {"/srv/Procfile": before}, LAUNCH)
    assert one.command == ("celery", "-A", "p", "worker", "-P", "gevent")
    assert edited(before, one.edits) == after


def test_celerys_pool_by_a_setting_is_given_on_the_command_line() -> None:
    line, files = "w: celery -A p worker -l info\n", {"/srv/p.py": "app.conf.worker_pool = 'eventlet'\n"}
    files["/srv/Procfile"] = line
    argv = ("celery", "-A", "p", "worker", "-l", "info")
    one = pool(argv, Location("/srv/Procfile", 1), files, Location("/srv/p.py", 1))
    assert one.command == ("celery", "-A", "p", "worker", "-P", "eventlet", "-l", "info")
    assert edited(line, one.edits) == "w: celery -A p worker -P eventlet -l info\n"


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("u.yml", "uwsgi:\n    module: app\n", "uwsgi:\n    lazy-apps: true\n    module: app\n"),
        ("u.json", '{"uwsgi": {"module": "app"}}\n', '{"uwsgi": {"lazy-apps": true, "module": "app"}}\n'),
        (
            "u.json",
            '{\n  "uwsgi": {\n    "module": "app"\n  }\n}\n',
            '{\n  "uwsgi": {\n    "lazy-apps": true,\n    "module": "app"\n  }\n}\n',
        ),
        ("u.xml", "<uwsgi><module>app</module></uwsgi>\n", "<uwsgi><lazy-apps/><module>app</module></uwsgi>\n"),
        (
            "u.xml",
            "<uwsgi>\n  <module>app</module>\n</uwsgi>\n",
            "<uwsgi>\n  <lazy-apps/>\n  <module>app</module>\n</uwsgi>\n",
        ),
    ],
)
def test_each_form_of_uwsgis_configuration(name: str, before: str, after: str) -> None:
    line = next(number for number, text in enumerate(before.splitlines(), 1) if "uwsgi" in text)
    path = f"/srv/{name}"
    every = proposed(("uwsgi", name), Location(path, line), {path: before})
    (lazy,) = [one for one in every if "lazy" in one.title]
    assert (edited(before, lazy.edits), lazy.command) == (after, ())


@pytest.mark.parametrize(
    "text",
    [
        'OPTIONS = {"workers": 2, "preload_app": True}\n',
        'cfg.set("preload_app", True)\n',
        "Application(app, preload_app=True).run()\n",
    ],
)
def test_an_option_that_the_program_gives(text: str) -> None:
    (one,) = proposed(("python", "run.py"), LAUNCH, {"/srv/run.py": text})
    assert edited(text, one.edits) == text.replace("True", "False")
