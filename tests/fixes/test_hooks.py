"""Where a hook of gunicorn's goes, and what the text is afterwards."""

from __future__ import annotations

from textwrap import dedent

import pytest

from patchlint.fixes.hooks import hooks
from patchlint.fixes.texts import edited
from patchlint.model.plan import Entrypoint

TYPED = Entrypoint("command", "gunicorn", "/srv", ("gunicorn", "app:app"))
PROGRAM = Entrypoint("file", "/srv/run.py", "/srv")
FUNCTION = "def post_worker_init(worker):\n    if worker.age == 1:\n        begin()\n"
BODY = ("if worker.age == 1:", "    begin()")


def placed(entrypoint: Entrypoint, files: dict[str, str]) -> dict[str, str]:
    """The files that get a hook, and their texts afterwards."""
    files = {path: dedent(text) for path, text in files.items()}
    own = dict.fromkeys(files, "__main__")
    found = hooks(entrypoint, own, files.get)
    return {one.source.path: edited(files.get(one.source.path, ""), one.edits(BODY)) for one in found}


def test_a_configuration_gets_a_function_at_its_end() -> None:
    assert placed(TYPED, {"/srv/gunicorn.conf.py": "workers = 2\n"}) == {
        "/srv/gunicorn.conf.py": f"workers = 2\n\n\n{FUNCTION}"
    }


def test_a_configuration_is_made_where_gunicorn_would_find_it() -> None:
    assert placed(TYPED, {}) == {"/srv/gunicorn.conf.py": FUNCTION}
    named = Entrypoint("command", "gunicorn", "/srv", ("gunicorn", "-c", "other.py", "app:app"))
    assert placed(named, {}) == {}


def test_a_hook_that_is_there_goes_on() -> None:
    text = "def post_worker_init(w):\n    print(w)\n\n\nworkers = 2\n"
    (after,) = placed(TYPED, {"/srv/gunicorn.conf.py": text}).values()
    assert after == text.replace("print(w)\n", "print(w)\n    if w.age == 1:\n        begin()\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('options = {"workers": 2}\n', 'options = {"post_worker_init": post_worker_init, "workers": 2}\n'),
        ("options = dict(workers=2)\n", "options = dict(post_worker_init=post_worker_init, workers=2)\n"),
        (
            'options = {\n    "bind": "é",\n}\n',
            'options = {\n    "post_worker_init": post_worker_init,\n    "bind": "é",\n}\n',
        ),
        (
            'def load(self):\n    self.cfg.set("workers", 2)\n',
            'def load(self):\n    self.cfg.set("post_worker_init", post_worker_init)\n    self.cfg.set("workers", 2)\n',
        ),
    ],
)
def test_the_options_of_a_program_that_runs_gunicorn(before: str, after: str) -> None:
    head = "import gunicorn\n\n\n"
    assert placed(PROGRAM, {"/srv/run.py": head + before}) == {"/srv/run.py": f"{head}{FUNCTION}\n\n{after}"}


def test_a_hook_among_the_options_goes_on() -> None:
    text = """\
        import gunicorn
        def hook(worker):
            pass
        options = {"post_worker_init": hook, "workers": 2}
        """
    ((_, after),) = placed(
        PROGRAM, {"/srv/run.py": text.replace("hook,", "post_worker_init,").replace("def hook", "def post_worker_init")}
    ).items()
    assert "    pass\n    if worker.age == 1:\n        begin()\n" in after


@pytest.mark.parametrize(
    "text",
    [
        'import gunicorn\nfrom hooks import hook\noptions = {"post_worker_init": hook, "workers": 2}\n',
        'import gunicorn\npost_worker_init = None\noptions = {"workers": 2}\n',
        'import gunicorn\noptions = {"colour": 2}\n',
        'options = {"workers": 2}\n',
    ],
)
def test_no_place(text: str) -> None:
    assert placed(PROGRAM, {"/srv/run.py": text}) == {}
