"""The composition of the rooms, with the rooms themselves replaced by small ones of the test's own."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import pytest

import patchlint
import patchlint.discovery  # the real one, before its rooms are exchanged
from patchlint.config import DEFAULTS, Settings
from patchlint.model.errors import ConfigError, EnvironmentProblem, SourceError, UsageError
from patchlint.model.events import ModuleExecuted, Opaque
from patchlint.model.finding import Finding
from patchlint.model.location import Location, Trail
from patchlint.model.plan import Entrypoint
from patchlint.model.timeline import Timeline
from patchlint.report import Problem

RUN = Trail(None, None, "run")


@dataclass(frozen=True)
class World:
    target: Any
    finder: Any
    reader: Any
    knowledge: Any
    handovers: Any


class Reader:
    """Reads nothing; ``closed`` counts the runs that ended."""

    closed = 0
    uses: ClassVar[dict[str, Any]] = {}

    def __init__(self, store: Any, libraries: Any) -> None:
        assert libraries == ("/lib",)

    def require_syntax(self, path: str) -> None:
        if "harmless" in path:
            raise SourceError(path, 3, "syntax error: invalid syntax")

    def passed_by(self, paths: Any) -> None:
        """Nothing is kept."""

    def close(self) -> None:
        Reader.closed += 1


def start(entrypoint: Entrypoint, world: World) -> Timeline:
    """A start-up of two modules, unless the program's name asks for trouble."""
    name = Path(entrypoint.spec).stem
    if name == "opaque":
        raise SourceError(entrypoint.spec, 7, "cannot be parsed: too clever")
    if name == "bug":
        raise ZeroDivisionError("division by zero")
    events = (
        ModuleExecuted("main", "__main__", entrypoint.spec, "source", "certain", RUN),
        ModuleExecuted("main", "ssl", "/lib/ssl.py", "source", "certain", RUN),
        ModuleExecuted("main", "_ssl", "/lib/lib-dynload/_ssl.so", "extension", "certain", RUN),
        ModuleExecuted("main", "lxml.etree", "/lib/site-packages/lxml/etree.so", "extension", "certain", RUN),
        Opaque("main", "import", "the module's name is computed", None, RUN),
    )
    return Timeline(entrypoint, "3.11", "linux", events, ("/lib",))


def stale(timeline: Timeline) -> Iterator[Finding]:
    for line in (9, 2):
        yield Finding(
            "PAT101", "error", "certain", "stale", timeline.entrypoint, Location(timeline.entrypoint.spec, line)
        )


def inspect_target(python: str, why: str, environ: Any, cache: Path | None) -> Any:
    if python == "cat":
        raise EnvironmentProblem("cat: is no Python interpreter")
    return SimpleNamespace(
        executable=python,
        prefix="/env",
        version=(3, 11, 7),
        platform="linux",
        chosen_because=why,
        library_roots=("/lib",),
        stdlib="/lib",
    )


def find_python(given: str | None, configured: str | None, start: Path, environ: Any) -> tuple[str, str]:
    if given or configured:
        return (given or str(configured)), ("--python" if given else "[tool.patchlint] python")
    return environ.get("VIRTUAL_ENV", str(start / ".venv")), "looked for"


RULES = tuple(
    SimpleNamespace(code=code, check=check) for code, check in (("PAT101", stale), ("PAT901", lambda _: iter(())))
)
ROOMS: dict[str, dict[str, Any]] = {
    "environment": {"Target": object, "find_python": find_python, "inspect_target": inspect_target},
    "launchers": {"HANDOVERS": {}, "start": start},
    "machine": {"Facts": lambda target, finder, store: None, "World": World},
    "sources.finder": {"Finder": lambda target: target},
    "sources.reader": {"Reader": Reader, "Uses": object},
    "rules": {"RULES": RULES, "Rule": object},
    "knowledge": {},
}


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """``patchlint.api`` among these rooms, and a folder with three programs as the current one."""
    for name, content in ROOMS.items():
        module = ModuleType(f"patchlint.{name}")
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, module.__name__, module)
        if "." not in name:
            monkeypatch.setattr(patchlint, name, module, raising=False)
    monkeypatch.delitem(sys.modules, "patchlint.api", raising=False)
    monkeypatch.setattr(patchlint, "api", None, raising=False)
    monkeypatch.setenv("PATCHLINT_CACHE_DIR", str(tmp_path / "cache"))
    for name in ("VIRTUAL_ENV", "PRE_COMMIT"):
        monkeypatch.delenv(name, raising=False)
    for name in ("bug", "opaque", "run"):
        (tmp_path / "app").mkdir(exist_ok=True)
        (tmp_path / "app" / f"{name}.py").write_text("")
    monkeypatch.chdir(tmp_path / "app")
    yield importlib.import_module("patchlint.api")
    sys.modules.pop("patchlint.api", None)


def test_a_whole_run(api: Any, tmp_path: Path) -> None:
    before = Reader.closed
    result = api.check(["run.py"])
    assert Reader.closed == before + 1
    folder = tmp_path / "app"
    assert (result.folder, result.modules, result.exit_status) == (str(folder), 4, 1)
    assert [finding.location for finding in result.findings] == [Location(f"{folder}/run.py", line) for line in (2, 9)]
    assert [note.what for note in result.opaque] == ["extension module", "import"]
    assert (result.python.executable, result.python.version) == (f"{folder}/.venv", "3.11.7")
    assert not result.problems
    assert (tmp_path / "cache" / "CACHEDIR.TAG").exists()


def test_one_bad_program_leaves_the_others(api: Any, tmp_path: Path) -> None:
    result = api.check(["bug.py", "opaque.py", "run.py", "none.py"])
    folder = tmp_path / "app"
    assert result.exit_status == 2
    assert len(result.findings) == 2
    assert [(Path(problem.path).name, problem.line, problem.message) for problem in result.problems] == [
        ("none.py", 0, "no such file or folder"),
        ("bug.py", 0, "patchlint failed on it, please report this: ZeroDivisionError: division by zero"),
        ("opaque.py", 7, "cannot be parsed: too clever"),
    ]
    assert 'raise ZeroDivisionError("division by zero")' in result.problems[1].detail
    assert result.problems[0].path == f"{folder}/none.py"


def test_rules_are_chosen(api: Any) -> None:
    assert not api.check(["run.py"], settings=Settings(ignore=("PAT1",))).findings
    with pytest.raises(UsageError, match="no rule 'PAT7'"):
        api.check(["run.py"], settings=Settings(select=("PAT7",)))


def test_which_python(api: Any, tmp_path: Path) -> None:
    def chosen(settings: Settings = DEFAULTS, **environ: str) -> tuple[str, str]:
        cache = {"PATCHLINT_CACHE_DIR": str(tmp_path / "cache")}
        python = api.check(["run.py"], settings=settings, environ={**cache, **environ}).python
        return python.executable, python.chosen_because

    assert chosen(Settings(python="x", given=frozenset({"python"}))) == ("x", "--python")
    assert chosen(Settings(python="x")) == ("x", "[tool.patchlint] python")
    assert chosen(VIRTUAL_ENV=sys.prefix) == (sys.prefix, "looked for")
    assert chosen(VIRTUAL_ENV=sys.prefix, PRE_COMMIT="1") == (f"{tmp_path}/app/.venv", "looked for")
    with pytest.raises(EnvironmentProblem):
        chosen(Settings(python="cat"))


def test_a_cache_that_cannot_be_used_is_a_remark(api: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = api.check(["run.py"], environ={"PATCHLINT_CACHE_DIR": f"{tmp_path}/file/cache"})
    assert result.remarks == (
        f"{tmp_path}/file/cache: cannot be used as a cache (Not a directory); going on without one",
    )
    assert not api.check(["run.py"], settings=Settings(cache=False), environ={}).remarks


def test_a_broken_configuration_is_a_problem_beside_the_findings(api: Any) -> None:
    result = api.check(["run.py"], settings=Settings(problem=ConfigError("/p/pyproject.toml", 1, "not valid TOML")))
    assert (len(result.findings), result.exit_status) == (2, 2)
    assert result.problems == (Problem("/p/pyproject.toml", 1, "not valid TOML (the file is set aside)"),)


def test_the_timeline_of_one_entrypoint(api: Any) -> None:
    assert len(api.timeline("run.py").events) == 5
    with pytest.raises(SourceError):
        api.timeline("none.py")
    with pytest.raises(SourceError):
        api.timeline("opaque.py")


def test_where_the_search_for_settings_begins(api: Any, tmp_path: Path) -> None:
    folder = str(tmp_path / "app")
    assert api.start_of([], folder) == Path(folder)
    assert api.start_of(["run.py"], folder) == Path(folder)
    assert api.start_of([str(tmp_path), "run.py"], folder) == tmp_path
    assert api.start_of(["no.such:thing"], folder) == Path(folder)
