"""The command line over an api of the test's own, so that it is tested for itself."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import patchlint
from patchlint.cli import main
from patchlint.model.plan import Entrypoint
from patchlint.report import Python, Result

EMPTY = Result(
    "/srv", Python("/srv/.venv/bin/python", "3.11.7", "linux", "--python"), (Entrypoint("file", "run.py", "/srv"),)
)


@dataclass
class Api:
    """What the command line called (without what watches it), and what it is answered: a value, or an error."""

    answer: Any = EMPTY
    calls: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)

    def check(self, *arguments: Any) -> Any:
        return self._answered("check", arguments[:4])

    def timeline(self, *arguments: Any) -> Any:
        return self._answered("timeline", arguments[:4])

    def start_of(self, paths: Any, folder: str) -> Path:
        return Path(folder)

    def _answered(self, name: str, arguments: tuple[Any, ...]) -> Any:
        self.calls.append((name, arguments))
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Api:
    """The api that the command line meets; the current folder is empty, and its own repository."""
    fake = Api()
    module = ModuleType("patchlint.api")
    for name in ("check", "timeline", "start_of"):
        setattr(module, name, getattr(fake, name))
    monkeypatch.setitem(sys.modules, "patchlint.api", module)
    monkeypatch.setattr(patchlint, "api", module, raising=False)
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATCHLINT_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
    for name in ("NO_COLOR", "FORCE_COLOR", "PATCHLINT_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    return fake


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

    status: int
    out: str
    err: str


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Runs the command line in this process."""

    def run(*arguments: str) -> Outcome:
        status = main(list(arguments))
        return Outcome(status, *capsys.readouterr())

    return run
