"""What the documents show exists: commands, options, make targets, settings, links."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
import tomli

from patchlint import config
from patchlint.cli.entry import patchlint

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def commands() -> list[str]:
    indented = re.findall(r"^ {4}(?:.*&& )?(patchlint [^#\n]+)", README, re.MULTILINE)
    inline = re.findall(r"`(patchlint [^`]+)`", README)
    return [command.strip() for command in (*indented, *inline) if "PATHS" not in command]


@pytest.mark.parametrize("command", commands())
def test_every_command_of_the_readme_parses(command: str) -> None:
    """Parsed, not run: the paths in it are examples."""
    _, *words = shlex.split(command)
    name, rest = (words[0], words[1:]) if words[0] in patchlint.commands else ("check", words)
    found = patchlint.commands[name]
    if isinstance(found, click.Group):
        found, rest = found.commands[rest[0]], rest[1:]
    found.make_context(name, rest)


@pytest.mark.parametrize("command", [command for command in commands() if " -- " not in command])
def test_every_command_of_the_readme_runs(command: str, tmp_path: Path) -> None:
    """A launch command needs its launcher; `tests/real` runs those."""
    for name in ("run.py", "src/shop/__init__.py", "shop/__init__.py", "shop/wsgi.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("application = None\n")
    (tmp_path / ".venv").symlink_to(sys.prefix)
    words = [sys.executable, "-m", *shlex.split(command)]
    environ = {**os.environ, "PATCHLINT_CACHE_DIR": str(tmp_path / "cache")}
    done = subprocess.run(words, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_make_target_exists() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"^ {4}make (\w+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_the_settings_of_the_readme_are_settings(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    (tmp_path / "pyproject.toml").write_text(example)
    assert config.load(tmp_path, tmp_path / "pyproject.toml", {}).ignore == ("PAT9",)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_somewhere(document: Path) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text("utf-8")):
        assert (document.parent / link).exists()


def test_every_room_is_described_and_bound_by_the_contract() -> None:
    package = ROOT / "src" / "patchlint"
    described = set(
        re.findall(r"^\| `([\w.]+)/?` \|", (ROOT / "docs" / "architecture.md").read_text("utf-8"), re.MULTILINE)
    )
    rooms = {path.name for path in package.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert described == rooms - {"__init__.py", "__main__.py"}


def test_the_hook_runs_a_command_that_exists() -> None:
    (entry,) = re.findall(r"entry: (.+)", (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert shlex.split(entry) == ["patchlint", "check"]
    script = tomli.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    assert script == {"patchlint": "patchlint.cli:main"}


def test_every_file_of_the_import_model_exists() -> None:
    page = (ROOT / "docs" / "import-model.md").read_text("utf-8")
    named = re.findall(r"`((?:src|tests|docs)/[\w./-]+)`", page)
    assert len(named) > 50
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_case_that_the_import_model_names_is_in_its_test() -> None:
    page = (ROOT / "docs" / "import-model.md").read_text("utf-8")
    named = re.findall(r'`(tests/[\w./-]+\.py)`((?:,? "[^"]+")+)', page)
    cases = [(path, case) for path, cases in named for case in re.findall(r'"([^"]+)"', cases)]
    assert len(cases) > 25
    assert [(path, case) for path, case in cases if case not in (ROOT / path).read_text("utf-8")] == []


def test_every_row_of_the_import_model_names_its_reference_its_code_and_a_test() -> None:
    page = (ROOT / "docs" / "import-model.md").read_text("utf-8")
    rows = [
        line.split("|")[1:-1] for line in page.splitlines() if line.startswith("| ") and not line.startswith("| what")
    ]
    for _, reference, code, shown in (row for row in rows if "---" not in row[0]):
        assert reference.strip()
        assert "`src/" in code
        assert "`tests/" in shown
