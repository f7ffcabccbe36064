"""Arguments in, exit status out."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from patchlint import __version__, cache
from patchlint.config import DEFAULTS, Settings
from patchlint.model.errors import EnvironmentProblem
from patchlint.model.finding import Finding, Severity
from patchlint.model.location import Location
from patchlint.model.plan import Entrypoint
from patchlint.model.timeline import Timeline
from patchlint.report import Problem, Result

if TYPE_CHECKING:
    from conftest import Api, Outcome

    Run = Callable[..., Outcome]

RUN_PY = Entrypoint("file", "/srv/run.py", "/srv")


def finding(severity: Severity) -> Finding:
    return Finding("PAT101", severity, "certain", "stale", RUN_PY, Location("/srv/app.py", 1))


def with_findings(result: Result, *severities: Severity) -> Result:
    return replace(result, findings=tuple(map(finding, severities)))


@pytest.mark.parametrize(
    ("arguments", "paths", "command"),
    [
        (("src",), ("src",), ()),
        (("check", "src"), ("src",), ()),
        (("check",), (), ()),
        (("a.py", "b.py"), ("a.py", "b.py"), ()),
        (("--quiet", "a.py"), ("a.py",), ()),
        (("--", "gunicorn", "-k", "gevent", "app:app"), (), ("gunicorn", "-k", "gevent", "app:app")),
        (("a.py", "--", "python", "--", "x"), ("a.py",), ("python", "--", "x")),
        (("check", "-q", "--", "python", "--help"), (), ("python", "--help")),
    ],
)
def test_paths_and_commands(api: Api, run: Run, arguments: Any, paths: Any, command: Any) -> None:
    assert run(*arguments).status == 0
    name, called = api.calls[0]
    assert (name, called[0], called[1]) == ("check", paths, command)


def test_options_become_settings(api: Api, run: Run, tmp_path: Path) -> None:
    codes = ("--select", "PAT1,PAT2", "--select", "PAT9", "--ignore", " PAT105 ,")
    run("x", *codes, "--python", "env", "--no-cache", "-v", "--exclude", "old,*.gen.py")
    settings: Settings = api.calls[0][1][2]
    assert settings == Settings(
        python="env",
        select=("PAT1", "PAT2", "PAT9"),
        ignore=("PAT105",),
        exclude=("old", "*.gen.py"),
        cache=False,
        verbose=True,
        given=frozenset({"python", "select", "ignore", "exclude", "cache", "verbose"}),
    )
    assert api.calls[0][1][3] == str(tmp_path)


def test_the_configuration_is_read(api: Api, run: Run, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.patchlint]\nselect = ["PAT1"]\nformat = "json"\n')
    done = run("x", "--ignore", "PAT2")
    settings: Settings = api.calls[0][1][2]
    assert (settings.select, settings.ignore) == (("PAT1",), ("PAT2",))
    assert json.loads(done.out)["schema_version"] == 1
    assert "Nothing found" in run("x", "--format", "text").out


def test_a_configuration_can_be_named(api: Api, run: Run, tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text("quiet = true\n")
    assert run("--config", "other.toml", "x").out == ""
    done = run("--config", "none.toml", "x")
    assert (done.status, done.err) == (2, "none.toml: error: cannot be read: No such file or directory\n")


@pytest.mark.parametrize(
    ("severities", "status"),
    [([], 0), (["note"], 0), (["note", "warning"], 1), (["error"], 1)],
)
def test_the_exit_status(api: Api, run: Run, severities: Any, status: int) -> None:
    api.answer = with_findings(api.answer, *severities)
    assert run("x").status == status
    assert run("x", "--exit-zero").status == 0


def test_what_could_not_be_analysed_is_told_beside_the_rest(api: Api, run: Run, tmp_path: Path) -> None:
    problems = (
        Problem(str(tmp_path / "broken.py"), 3, "cannot be parsed: invalid syntax"),
        Problem("", 0, "/p/pyproject.toml:1: not valid TOML (the file is set aside)"),
    )
    api.answer = replace(with_findings(api.answer, "error"), folder=str(tmp_path), problems=problems)
    done = run("x", "--exit-zero")
    assert done.status == 2
    assert done.err.splitlines() == [
        "broken.py:3: error: cannot be parsed: invalid syntax",
        "patchlint: error: /p/pyproject.toml:1: not valid TOML (the file is set aside)",
    ]
    assert "PAT101 error: stale" in done.out


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["x", "--frobnicate"], "No such option '--frobnicate'"),
        (["x", "--format", "xml"], "'xml' is not one of 'text', 'json'"),
        (["x", "--"], "no command follows `--` (see `patchlint check --help`)"),
        (["timelin", "run.py"], "'timelin' is no file, no folder and no command (did you mean 'timeline'?)"),
        (["timeline"], "name one ENTRYPOINT, or a COMMAND after `--`"),
        (["timeline", "a.py", "--", "b"], "name one ENTRYPOINT, or a COMMAND after `--`"),
        (["cache", "clena"], "No such command 'clena'"),
    ],
)
def test_bad_usage_is_one_line(api: Api, run: Run, arguments: list[str], line: str) -> None:
    done = run(*arguments)
    assert done.status == 2
    assert done.err.startswith("patchlint: error: ")
    assert line in done.err.replace("such option: --frobnicate", "such option '--frobnicate'")
    assert done.err.count("\n") == 1
    assert done.out == ""


def test_a_format_from_the_configuration_is_checked_too(api: Api, run: Run, tmp_path: Path) -> None:
    (tmp_path / "patchlint.toml").write_text('format = "jsn"\n')
    done = run("x")
    assert (done.status, done.err) == (
        2,
        f"patchlint: error: {tmp_path}/patchlint.toml: no format 'jsn' (did you mean 'json'?)\n",
    )


def test_errors_of_the_reader_are_one_line(api: Api, run: Run) -> None:
    api.answer = EnvironmentProblem("/bin/cat: is no Python interpreter")
    done = run("x", "--python", "/bin/cat")
    assert (done.status, done.err) == (2, "patchlint: error: /bin/cat: is no Python interpreter\n")


@pytest.mark.parametrize("error", [KeyError("boom"), RecursionError("deep"), MemoryError(), AssertionError()])
def test_errors_of_ours_are_one_line_and_a_request(api: Api, run: Run, error: Exception) -> None:
    api.answer = error
    done = run("x")
    assert done.status == 2
    assert done.err.startswith(f"patchlint: error: patchlint failed: {type(error).__name__}: ")
    assert "please report this, with the traceback that PATCHLINT_DEBUG=1 shows" in done.err
    assert done.err.count("\n") == 1


def test_the_traceback_on_demand(api: Api, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATCHLINT_DEBUG", "1")
    api.answer = KeyError("boom")
    assert "Traceback" in run("x").err
    api.answer = replace(type(api)().answer, problems=(Problem("x", 0, "patchlint failed on it", "Traceback of ours"),))
    assert "Traceback of ours" in run("x").err


def test_an_interruption(api: Api, run: Run) -> None:
    api.answer = KeyboardInterrupt()
    assert run("x").status == 130


def test_the_timeline(api: Api, run: Run) -> None:
    api.answer = Timeline(RUN_PY, "3.11", "linux", (), ())
    done = run("timeline", "run.py", "--format", "json", "--python", "env")
    assert json.loads(done.out)["events"] == []
    assert api.calls[0][1][0] == "run.py"
    assert api.calls[0][1][2].python == "env"
    assert run("timeline", "--", "gunicorn", "app:app").out.startswith("Start-up of /srv/run.py (Python 3.11, linux)\n")
    assert api.calls[1][1][:2] == (None, ("gunicorn", "app:app"))


def test_version_and_help(run: Run) -> None:
    assert run("--version").out == f"patchlint {__version__}\n"
    assert run("-h").out == run("--help").out == run().out
    assert "timeline" in run("--help").out
    for command in ("check", "timeline", "rule", "rules", "cache"):
        done = run(command, "--help")
        assert (done.status, done.err) == (0, "")
    assert "[-- COMMAND...]" in run("check", "--help").out


def test_the_cache(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "patchlint"
    monkeypatch.setenv("PATCHLINT_CACHE_DIR", str(folder))
    assert run("cache", "dir").out == f"{folder}\n"
    assert run("cache", "size").out == "0 files, 0.0 MB\n"
    assert run("cache", "clean").out == f"{folder}: there is none\n"
    (folder / "v1").mkdir(parents=True)
    assert cache.prepare_cache(folder) is None
    (folder / "v1" / "a").write_bytes(b"x" * 250_000)
    assert run("cache", "size").out == "2 files, 0.3 MB\n"
    assert run("cache", "clean").out == f"{folder}: removed\n"
    assert not folder.exists()


def test_the_cache_is_not_cleaned_out_of_a_folder_that_is_not_ours(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    monkeypatch.setenv("PATCHLINT_CACHE_DIR", str(tmp_path))
    done = run("cache", "clean")
    assert (done.status, (tmp_path / "thesis.tex").exists()) == (2, True)
    assert "does not look like a cache of patchlint's" in done.err


def test_the_version_comes_quickly() -> None:
    heavy = {"astroid", "msgspec", "tomli", "patchlint.machine", "patchlint.api"}
    program = f"import sys, patchlint.cli; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_nobody_reads_on() -> None:
    program = "import sys, patchlint.cli as c; sys.exit(c.main(['--help']))"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_settings_default_to_the_defaults(api: Api, run: Run) -> None:
    run("x")
    assert api.calls[0][1][2] == DEFAULTS


def test_a_process_that_ends_with_its_answer_looks_for_no_garbage(tmp_path: Path) -> None:
    (tmp_path / "run.py").write_text("import json\n")
    code = "import gc, sys; from patchlint.cli import main; main(); print(gc.isenabled(), gc.get_freeze_count() > 1000)"
    words = [sys.executable, "-c", code, "run.py", "--no-cache", "--quiet"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "False True\n"
