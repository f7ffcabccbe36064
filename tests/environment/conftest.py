"""Interpreters to compare with, and virtual environments made by hand in a millisecond."""

from __future__ import annotations

import ast
import glob
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest


def interpreters() -> list[str]:
    """The interpreter that runs the tests, and those of pyenv that are new enough."""
    own = os.path.realpath(sys.executable)
    root = os.environ.get("PYENV_ROOT", os.path.expanduser("~/.pyenv"))
    others = [os.path.realpath(path) for path in glob.glob(f"{root}/versions/3.*/bin/python")]
    return [path for path in dict.fromkeys([own, *sorted(others)]) if not path.endswith("python3.6")]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "python" in metafunc.fixturenames:
        paths = interpreters()
        metafunc.parametrize("python", paths, ids=[os.path.basename(path) for path in paths])


@dataclass(frozen=True)
class Venv:
    folder: Path
    python: str
    site_packages: Path

    def pth(self, name: str, content: str | bytes) -> Path:
        file = self.site_packages / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file


@pytest.fixture
def make_venv(tmp_path: Path) -> Callable[..., Venv]:
    def make(base: str, name: str = "venv", config: str = "include-system-site-packages = false") -> Venv:
        folder = tmp_path / name
        bin_folder = folder / "bin"
        bin_folder.mkdir(parents=True)
        (bin_folder / "python").symlink_to(base)
        (folder / "pyvenv.cfg").write_text(f"home = {os.path.dirname(base)}\n{config}\n")
        site_packages = folder / "lib" / version_folder(base) / "site-packages"
        site_packages.mkdir(parents=True)
        return Venv(folder, str(bin_folder / "python"), site_packages)

    return make


def version_folder(python: str) -> str:
    code = "import sys; print('python%d.%d' % sys.version_info[:2])"
    return subprocess.check_output([python, "-I", "-S", "-c", code], text=True).strip()


@dataclass(frozen=True)
class Truth:
    """What an interpreter really does when it is started in ``home``, its standard input aside."""

    home: Path

    def environ(self, **more: str) -> dict[str, str]:
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL", "CONDA"))
        }
        return {**kept, "HOME": str(self.home), "PYTHONDONTWRITEBYTECODE": "1", **more}

    def evaluate(self, python: str, code: str, environ: Mapping[str, str] | None = None) -> object:
        result = subprocess.run(
            [python, "-c", f"import sys; print(ascii({code}))"],
            env=dict(environ or self.environ()),
            cwd=self.home,
            capture_output=True,
            text=True,
            check=True,
        )
        return ast.literal_eval(result.stdout.splitlines()[-1])

    def search_path(self, python: str, environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
        path = self.evaluate(python, "sys.path[1:]", environ)
        assert isinstance(path, list)
        return tuple(path)


@pytest.fixture
def truth(tmp_path: Path) -> Truth:
    home = tmp_path / "home"
    home.mkdir()
    return Truth(home)
