"""`--proposals`, `--diff` and `--fix`, the whole tool, on a program whose patch comes late."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib import resources
from pathlib import Path

import jsonschema
import pytest

from patchlint import mending, replaying
from patchlint.api import examine
from patchlint.config import load
from patchlint.model.proposal import Edit, Proposal, Proved, Rejected, Source

LATE = "#!/usr/bin/env python\nfrom ssl import SSLContext\n\nfrom gevent import monkey\n\nmonkey.patch_all()\n"
MENDED = "#!/usr/bin/env python\n\nfrom gevent import monkey\n\nmonkey.patch_all()\n\nfrom ssl import SSLContext\n\n"
SPELLED = "from ssl import SSLContext\n\nfrom gevent import monkey\n\ngetattr(monkey, 'patch_all')()\n"
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A program, and a stand-in for gevent beside it: what its calls replace is known without its source."""
    (tmp_path / "gevent").mkdir()
    (tmp_path / "gevent" / "__init__.py").write_text("")
    (tmp_path / "gevent" / "monkey.py").write_text("def patch_all(**parts):\n    raise AssertionError\n")
    (tmp_path / "run.py").write_text(LATE)
    return tmp_path


@pytest.fixture
def run(folder: Path) -> Run:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environ = {**os.environ, "PATCHLINT_CACHE_DIR": str(folder / "cache")}
        command = [sys.executable, "-m", "patchlint", "run.py", "--python", sys.executable, *arguments]
        return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)

    return run


def test_a_diff_changes_nothing(run: Run, folder: Path) -> None:
    done = run("--diff")
    assert done.returncode == 1
    assert done.stdout.startswith("--- a/run.py\n+++ b/run.py\n")
    assert (folder / "run.py").read_text() == LATE


def test_a_fix_is_carried_out_once(run: Run, folder: Path) -> None:
    done = run("--fix")
    assert (done.returncode, done.stderr) == (0, "run.py: `monkey.patch_all()` moved to the top\n")
    assert (folder / "run.py").read_text() == MENDED
    again = run("--fix")
    assert (again.returncode, again.stderr) == (0, "")
    assert (folder / "run.py").read_text() == MENDED


def test_the_json_has_the_edits(run: Run, folder: Path) -> None:
    findings = json.loads(run("--proposals", "--format", "json").stdout)["findings"]
    (proposal, *_) = next(finding["proposals"] for finding in findings if finding["proposals"])
    assert (proposal["proved"], proposal["safety"]) == (True, "safe")
    assert {edit["path"] for edit in proposal["edits"]} == {str(folder / "run.py")}


def test_the_text_says_what_was_played(run: Run) -> None:
    done = run("--proposals")
    assert done.returncode == 1
    assert "  The way out, as played:\n    `monkey.patch_all()` moved to the top in run.py: " in done.stdout


def test_two_programs_are_mended_together(folder: Path) -> None:
    """Each has a finding of its own; they are played as one, and written as one."""
    (folder / "other.py").write_text(LATE)
    environ = {**os.environ, "PATCHLINT_CACHE_DIR": str(folder / "cache")}
    command = [sys.executable, "-m", "patchlint", "run.py", "other.py", "--python", sys.executable, "--fix"]
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert sorted(done.stderr.splitlines()) == [
        "other.py: `monkey.patch_all()` moved to the top",
        "run.py: `monkey.patch_all()` moved to the top",
    ]
    assert (folder / "other.py").read_text() == (folder / "run.py").read_text() == MENDED


def test_what_was_not_played_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaying, "MOST_PLAYS", 0)
    monkeypatch.setattr(replaying, "EACH", 0)
    settings = load(folder, None, {"python": sys.executable, "cache": False})
    result = mending.propose(["run.py"], (), settings, str(folder))
    assert not any(finding.proposals for finding in result.findings)
    assert any(remark.startswith("1 more change that may mend something was not played") for remark in result.remarks)


def test_a_report_without_proposals_says_how_to_have_them(run: Run) -> None:
    more = "; --proposals plays what would mend it\n"
    assert run().stdout.endswith(more)
    assert not run("--proposals").stdout.endswith(more)


APPLICATION = """\
import threading

threading.Thread(target=print).start()


def application(environ, start_response):
    return []
"""
SERVER = """\
import gunicorn
import os


class Arbiter:
    def run(self, hook):
        import app

        if os.fork() == 0:
            hook(self)


OPTIONS = {"workers": 2}
hook = OPTIONS.get("post_worker_init")
Arbiter().run(hook or (lambda worker: None))
"""


def test_a_start_moves_over_two_files_and_is_proved_to_be_there(folder: Path) -> None:
    (folder / "gunicorn.py").write_text("")
    (folder / "app.py").write_text(APPLICATION)
    (folder / "run.py").write_text(SERVER)
    settings = load(folder, None, {"python": sys.executable, "cache": False})
    result, chosen = mending.mend(["run.py"], (), settings, str(folder), unsafe=True)
    assert {one.code for one in result.findings} == {"PAT304"}
    (one,) = chosen
    assert one.places == (str(folder / "app.py"), str(folder / "run.py"))


def test_a_start_that_would_be_lost_is_rejected(folder: Path) -> None:
    """Nobody calls the hook."""
    (folder / "gunicorn.py").write_text("")
    (folder / "app.py").write_text(APPLICATION)
    (folder / "run.py").write_text(SERVER.replace("hook(self)", "pass"))
    settings = load(folder, None, {"python": sys.executable, "cache": False})
    result, chosen = mending.mend(["run.py"], (), settings, str(folder), unsafe=True)
    causes = {cause for finding in result.findings for one in finding.proposals for cause in getattr(one, "causes", ())}
    assert "threading.Thread is not started any more" in causes
    assert not chosen


def test_a_rejected_proposal_in_the_json_of_a_real_run(run: Run, folder: Path) -> None:
    """The schema holds it, and every field is told."""
    (folder / "gunicorn.py").write_text("")
    (folder / "app.py").write_text(APPLICATION)
    (folder / "run.py").write_text(SERVER.replace("hook(self)", "pass"))
    document = json.loads(run("--proposals", "--format", "json").stdout)
    schema = Path(str(resources.files("patchlint") / "schemas" / "check.schema.json")).read_text("utf-8")
    jsonschema.validate(document, json.loads(schema))
    (finding,) = document["findings"]
    (proposal,) = finding["proposals"]
    edits = proposal.pop("edits")
    assert proposal == {
        "title": "`threading.Thread(target=print).start()` moved into gunicorn's `post_worker_init`",
        "why": "it runs in each worker, after the fork",
        "safety": "unsafe",
        "command": [],
        "proved": False,
        "leaves": [],
        "causes": ["threading.Thread is not started any more"],
        "story": ["The change would leave it out: threading.Thread is not started any more"],
    }
    assert edits[0] == {
        "path": str(folder / "app.py"),
        "line": 3,
        "end_line": 4,
        "text": "\ndef start_in_worker():\n    threading.Thread(target=print).start()\n",
    }
    assert {edit["path"] for edit in edits[1:]} == {str(folder / "run.py")}


def test_what_leaves_least_behind_comes_first_and_then_the_smallest(folder: Path) -> None:
    settings = load(folder, None, {"python": sys.executable, "cache": False})
    run_py = str(folder / "run.py")
    source = Source(run_py, LATE)
    small, large = (
        Proved(Proposal(name, "why", "unsafe", (Edit(run_py, 2, 2, text),), (source,)))
        for name, text in (("small", "x = 1\n"), ("large", "x = 1\ny = 2\n"))
    )
    mends = Proved(Proposal("mends", "why", "unsafe", (Edit(run_py, 2, 3, "\n\n\n\n"),), (source,)))
    with examine(["run.py"], (), settings, str(folder), os.environ) as examined:
        mender = mending.Mender(examined)
        told = Proved(small.proposal, ("a note",))
        rejected = Rejected(small.proposal, ("worse",))
        ranked = sorted((rejected, told, large, small, mends), key=mender.rank)
    assert ranked == [mends, small, large, told, rejected]


TWO_LATE = "from ssl import SSLContext\nfrom time import sleep\n\nfrom gevent import monkey\n\nmonkey.patch_all()\n"


@pytest.mark.parametrize(
    ("edit", "title"),
    [(Edit("run.py", 1, 3, ""), "in its place"), (Edit("run.py", 3, 4, "\nsleep = SSLContext = None\n"), "beside it")],
)
def test_what_another_change_does_as_well_is_not_carried_out(folder: Path, edit: Edit, title: str) -> None:
    """As ``patch_ssl()`` for one finding, and ``patch_all()`` for the next."""
    run_py = str(folder / "run.py")
    (folder / "run.py").write_text(TWO_LATE)
    settings = load(folder, None, {"python": sys.executable, "cache": False})
    less, more = (
        Proved(Proposal(name, "why", "unsafe", (replace(one, path=run_py),), (Source(run_py, TWO_LATE),)))
        for name, one in (("less", Edit("run.py", 1, 2, "")), (title, edit))
    )
    with examine(["run.py"], (), settings, str(folder), os.environ) as examined:
        mender = mending.Mender(examined)
        tls, sleep = (one for one in examined.result.findings if one.code == "PAT101")
        findings = (replace(tls, proposals=(less,)), replace(sleep, proposals=(more,)))
        assert mender.together(findings[:1], unsafe=True) == (less.proposal,)
        assert mender.together(findings, unsafe=True) == (more.proposal,)


def test_the_configuration_of_uwsgi_is_played_as_it_would_be_written(folder: Path) -> None:
    """Only the edited text says `lazy-apps`: the command stays as it is."""
    (folder / "run.py").unlink()
    (folder / "app.py").write_text(APPLICATION)
    (folder / "uwsgi.ini").write_text("[uwsgi]\nmaster = true\nprocesses = 2\nmodule = app\n")
    settings = load(folder, None, {"python": sys.executable, "cache": False})
    _, chosen = mending.mend(["."], (), settings, str(folder), unsafe=True)
    assert [(one.title, one.command, one.places) for one in chosen] == [
        ("`lazy-apps = true`", (), (str(folder / "uwsgi.ini"),))
    ]


def test_a_file_that_a_change_would_make_is_loaded_where_the_program_asks_for_it(folder: Path) -> None:
    (folder / "run.py").write_text(
        "import importlib.util\nimport os\nimport threading\n\n"
        "if os.path.exists('conf.py'):\n"
        "    spec = importlib.util.spec_from_file_location('conf', 'conf.py')\n"
        "    spec.loader.exec_module(importlib.util.module_from_spec(spec))\n"
    )
    settings = load(folder, None, {"python": sys.executable, "cache": False})
    text = "import threading\n\nthreading.Thread(target=print).start()\n"
    with examine(["run.py"], (), settings, str(folder), os.environ) as examined:
        stage = replaying.Stage(examined)
        (before,) = stage.studies({}, {})
        (after,) = stage.studies({"conf.py": text, str(folder / "conf.py"): text}, {})
    assert not before.started
    assert after.started == {"threading.Thread": 1}


def test_an_answer_with_proposals_is_kept_to_the_word(run: Run, folder: Path) -> None:
    first = run("--proposals", "--format", "json").stdout
    assert json.loads(run("--proposals", "--format", "json").stdout)["findings"] == json.loads(first)["findings"]
    (folder / "run.py").write_text(LATE.replace("patch_all()", "patch_all()  # late"))
    texts = [
        edit["text"]
        for finding in json.loads(run("--proposals", "--format", "json").stdout)["findings"]
        for proposal in finding["proposals"]
        for edit in proposal["edits"]
    ]
    assert any("monkey.patch_all()  # late\n" in text for text in texts)


def test_on_a_terminal_a_few_findings_are_told_with_what_mends_them(folder: Path) -> None:
    (folder / "run.py").write_text(LATE)
    assert "The way out, as played:" in at_a_terminal(folder)
    assert "The way out, as played:" not in at_a_terminal(folder, "--no-proposals")
    (folder / "patchlint.toml").write_text("proposals = false\n")
    assert "The way out, as played:" not in at_a_terminal(folder)


def at_a_terminal(folder: Path, *arguments: str) -> str:
    shown, given = pty.openpty()
    environ = {**os.environ, "PATCHLINT_CACHE_DIR": str(folder / "cache"), "NO_COLOR": "1"}
    command = [sys.executable, "-m", "patchlint", "run.py", "--python", sys.executable, *arguments]
    with os.fdopen(shown, "rb", closefd=True) as screen:
        process = subprocess.Popen(command, cwd=folder, env=environ, stdout=given, stderr=given)
        os.close(given)
        seen = b""
        with contextlib.suppress(OSError):  # the terminal of a process that has ended
            while more := os.read(screen.fileno(), 65536):
                seen += more
        assert process.wait() == 1
    return seen.decode()


def test_in_brief_a_finding_is_played_until_one_change_is_proved(folder: Path) -> None:
    (folder / "run.py").write_text(SPELLED)
    with (folder / "gevent" / "monkey.py").open("a") as monkey:
        monkey.write("\n\ndef patch_ssl():\n    raise AssertionError\n")
    settings = load(folder, None, {"python": sys.executable, "cache": False})
    whole = mending.propose(["run.py"], (), settings, str(folder))
    brief = mending.propose_in_brief(["run.py"], (), settings, str(folder))
    (finding, *_), (briefly, *_) = (one.findings for one in (whole, brief))
    assert len(finding.proposals) == 2
    assert briefly.proposals == finding.proposals[:1]
    assert (whole.proposed, brief.proposed) == (True, False)


def test_in_brief_nothing_is_played_for_many_findings(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mending, "FEW", 0)
    settings = load(folder, None, {"python": sys.executable, "cache": False})
    brief = mending.propose_in_brief(["run.py"], (), settings, str(folder))
    assert not any(finding.proposals for finding in brief.findings)
    assert not brief.proposed


def test_unsafe_fixes_need_something_to_do(run: Run) -> None:
    done = run("--unsafe-fixes")
    assert (done.returncode, done.stderr) == (2, "patchlint: error: --unsafe-fixes needs --fix or --diff beside it\n")
