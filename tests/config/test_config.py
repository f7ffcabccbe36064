"""The settings: defaults, then file, then command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from patchlint import cache, config
from patchlint.config import DEFAULTS, Settings
from patchlint.model.errors import ConfigError, UsageError


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_defaults_then_file_then_command_line(tmp_path: Path) -> None:
    written(tmp_path / "pyproject.toml", '[tool.patchlint]\nselect = ["PAT1"]\nignore = ["PAT105"]\nexit-zero = true\n')
    settings = config.load(tmp_path, None, {"select": ("PAT2",), "ignore": (), "verbose": None, "cache": False})
    assert settings == Settings(
        select=("PAT2",),
        ignore=("PAT105",),
        exit_zero=True,
        cache=False,
        file=str(tmp_path / "pyproject.toml"),
        given=frozenset({"select", "cache"}),
    )


def test_no_file_leaves_the_defaults(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert config.load(tmp_path, None, {}) == DEFAULTS


def test_the_nearest_file_that_speaks_of_us_is_found(tmp_path: Path) -> None:
    above = written(tmp_path / "pyproject.toml", "[tool.patchlint]\nquiet = true\n")
    written(tmp_path / "app" / "pyproject.toml", "[project]\nname = 'app'\n")
    (tmp_path / "app" / "web").mkdir()
    assert config.load(tmp_path / "app" / "web", None, {}).file == str(above)


def test_our_own_file_comes_before_pyproject(tmp_path: Path) -> None:
    written(tmp_path / "pyproject.toml", "[tool.patchlint]\nquiet = true\n")
    own = written(tmp_path / "patchlint.toml", "verbose = true\n")
    settings = config.load(tmp_path, None, {})
    assert (settings.file, settings.verbose, settings.quiet) == (str(own), True, False)


def test_the_search_ends_at_the_repository(tmp_path: Path) -> None:
    written(tmp_path / "pyproject.toml", "[tool.patchlint]\nquiet = true\n")
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    assert config.load(tmp_path / "repository", None, {}) == DEFAULTS


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('[tool.patchlint]\nquiet = true\nslect = ["PAT1"]\n', 3, "unknown setting 'slect' (did you mean 'select'?)"),
        ("[tool.patchlint]\nzzz = 1\n", 2, "unknown setting 'zzz'"),
        ("tool.patchlint.zzz = 1\n", 1, "unknown setting 'zzz'"),
        ("[tool]\npatchlint.zzz = 1\n", 2, "unknown setting 'zzz'"),
        (
            '[other]\nselect = 1\n[tool.patchlint]\nselect = "PAT1"\n',
            4,
            "select must be an array of strings, not a string",
        ),
        ("[tool.patchlint]\nignore = [1]\n", 2, "ignore must be an array of strings, not an array"),
        ('[tool.patchlint]\nquiet = "yes"\n', 2, "quiet must be true or false, not a string"),
        ("[tool.patchlint]\npython = 3.11\n", 2, "python must be a string, not a number"),
        ("[tool.patchlint.python]\nversion = 3\n", 1, "python must be a string, not a table"),
    ],
)
def test_a_wrong_setting_is_told_with_file_and_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    path = written(tmp_path / "pyproject.toml", text)
    with pytest.raises(ConfigError) as caught:
        config.load(tmp_path, path, {})
    assert str(caught.value) == f"{path}:{line}: {message}"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[tool.patchlint\n", ":1: not valid TOML: Expected ']' at the end of a table declaration"),
        (b"a = '\xff'\n", ":1: is not UTF-8: save it as UTF-8"),
        (b"[tool]\npatchlint = 3\n", ": [tool.patchlint] is not a table"),
    ],
)
def test_a_broken_file_is_one_line(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        config.load(tmp_path, path, {})
    assert str(caught.value) == f"{path}{message}"


def test_a_broken_file_that_was_only_found_is_set_aside(tmp_path: Path) -> None:
    path = written(tmp_path / "pyproject.toml", "[tool.patchlint]\nquiet = 1\n")
    settings = config.load(tmp_path, None, {"verbose": True})
    assert settings.verbose
    assert not settings.quiet
    assert str(settings.problem) == f"{path}:2: quiet must be true or false, not a number"


def test_a_file_that_is_asked_for_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: cannot be read: No such file or directory"):
        config.load(tmp_path, tmp_path / "none.toml", {})


def test_python_is_relative_to_the_file(tmp_path: Path) -> None:
    written(tmp_path / "pyproject.toml", '[tool.patchlint]\npython = "envs/web/bin/python"\n')
    assert config.load(tmp_path, None, {}).python == str(tmp_path / "envs/web/bin/python")
    written(tmp_path / "pyproject.toml", '[tool.patchlint]\npython = "python3.8"\n')
    assert config.load(tmp_path, None, {}).python == "python3.8"


@pytest.mark.parametrize(
    ("select", "ignore", "wanted"),
    [
        ((), (), True),
        ((), ("PAT1",), False),
        ((), ("PAT2",), True),
        (("PAT2",), (), False),
        (("pat101",), ("PAT1",), True),
        (("PAT1",), ("PAT101",), False),
        (("PAT1",), ("PAT1",), False),
        (("PAT",), (), True),
    ],
)
def test_the_longest_beginning_decides(select: tuple[str, ...], ignore: tuple[str, ...], wanted: bool) -> None:
    assert Settings(select=select, ignore=ignore).wants("PAT101") is wanted


def test_an_unknown_code_is_an_error_with_the_nearest_one() -> None:
    codes = ["PAT101", "PAT202"]
    Settings(select=("PAT1", "pat202"), ignore=("PAT",)).require_known(codes)
    with pytest.raises(UsageError, match=r"^--select: no rule 'PAT10l' \(did you mean 'PAT101'\?\)$"):
        Settings(select=("PAT10l",), given=frozenset({"select"})).require_known(codes)
    with pytest.raises(UsageError, match=r"^/p/pyproject.toml: ignore: no rule 'E501'$"):
        Settings(ignore=("E501",), file="/p/pyproject.toml").require_known(codes)


def test_the_cache_folder_can_be_chosen(tmp_path: Path) -> None:
    assert cache.cache_folder({"PATCHLINT_CACHE_DIR": str(tmp_path)}) == tmp_path
    assert cache.cache_folder({}).name == "patchlint"


def test_the_cache_folder_is_made_and_marked(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    assert cache.prepare_cache(folder) is None
    assert (folder / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55\n")
    assert cache.prepare_cache(folder) is None


def test_a_cache_folder_that_cannot_be_is_a_reason(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert cache.prepare_cache(tmp_path / "file" / "cache") == "Not a directory"
    assert cache.prepare_cache(tmp_path / "file") == "File exists"
