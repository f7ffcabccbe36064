"""``mod_wsgi-express``: what its command line says that it loads, and in which process."""

from __future__ import annotations

import pytest

from patchlint.launchers import mod_wsgi
from patchlint.model.errors import UsageError
from patchlint.model.plan import Entrypoint, ForkStep, InsertPath, LoadObject, RunFile, Step, Unclear


def steps(words: str, folder: object) -> list[Step]:
    argv = ("mod_wsgi-express", *words.split())
    return list(mod_wsgi.plan(argv, Entrypoint("command", " ".join(argv), str(folder), argv)))


@pytest.mark.parametrize(
    "words",
    [
        "start-server --processes 3 --port 8001 site.wsgi",
        "start-server site.wsgi --processes=3 --port 8001",
        "setup-server --processes 3 --entry-point site.wsgi --log-to-terminal",
    ],
)
def test_a_script_is_executed_in_the_daemons(tmp_path, words):
    (tmp_path / "site.wsgi").write_text("")
    found = steps(words, tmp_path)
    assert [(step.child, step.count) for step in found if isinstance(step, ForkStep)] == [("daemon", 3)]
    assert isinstance(found[0], ForkStep)
    assert found[-1] == RunFile(str(tmp_path / "site.wsgi"), "__wsgi__")


def test_a_module_is_imported_from_the_paths_given(tmp_path):
    words = "start-server --application-type module --callable-object app --python-path src --threads 9 site.wsgi"
    found = steps(words, tmp_path)
    assert [step.path for step in found if isinstance(step, InsertPath)] == [str(tmp_path), str(tmp_path / "src")]
    assert found[-1] == LoadObject("site.wsgi", "app", None)


def test_a_service_is_told(tmp_path):
    (tmp_path / "site.wsgi").write_text("")
    found = steps("start-server --service-script jobs jobs.py site.wsgi", tmp_path)
    assert [step.what for step in found if isinstance(step, Unclear)] == ["--service-script jobs jobs.py"]


@pytest.mark.parametrize("words", ["", "module-config", "start-server", "start-server --processes many site.wsgi"])
def test_what_starts_nothing(tmp_path, words):
    with pytest.raises(UsageError, match="mod_wsgi-express"):
        steps(words, tmp_path)
