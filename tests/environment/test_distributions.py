"""What is installed, as importlib.metadata would say, without it."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

from patchlint.environment import Target, distributions, inspect_target, version_of
from patchlint.environment.distributions import normalised


def target_of(*folders: Path) -> Target:
    return Target(
        executable=None,
        version=(3, 11, 0),
        platform="linux",
        prefix="",
        base_prefix="",
        stdlib="",
        lib_dynload=None,
        builtin_names=frozenset(),
        extension_suffixes=(".so",),
        search_path=tuple(map(str, folders)),
    )


def install(
    folder: Path, name: str, metadata: str = "", entry_points: str | None = None, file: str = "METADATA"
) -> Path:
    path = folder / name
    path.mkdir(parents=True)
    (path / file).write_text(metadata, encoding="utf-8")
    if entry_points is not None:
        (path / "entry_points.txt").write_text(entry_points)
    return path


def test_name_and_version(tmp_path: Path) -> None:
    install(
        tmp_path, "My_Pkg.x-1.2.dist-info", "Metadata-Version: 2.1\nName: My.Pkg-X\nVersion: 1.2.post1\n\nVersion: 9\n"
    )
    found = distributions(target_of(tmp_path))["my-pkg-x"]
    assert (found.name, found.version, found.folder) == ("My.Pkg-X", "1.2.post1", str(tmp_path))
    for spelling in ("My.Pkg-X", "my_pkg__x", "MY-PKG.X"):
        assert version_of(target_of(tmp_path), spelling) == "1.2.post1"
    assert version_of(target_of(tmp_path), "other") is None


def test_first_on_the_path_wins(tmp_path: Path) -> None:
    install(tmp_path / "a", "x-1.dist-info", "Name: x\nVersion: 1\n")
    install(tmp_path / "b", "X-2.dist-info", "Name: x\nVersion: 2\n")
    install(tmp_path / "b", "x-3.egg-info", "Name: x\nVersion: 3\n", file="PKG-INFO")
    assert version_of(target_of(tmp_path / "missing", tmp_path / "a", tmp_path / "b"), "x") == "1"
    assert version_of(target_of(tmp_path / "b", tmp_path / "a"), "x") == "2"


def test_old_kinds(tmp_path: Path) -> None:
    install(tmp_path, "folder-1.0-py3.11.egg-info", "Name: folder\nVersion: 1.0\n", file="PKG-INFO")
    install(tmp_path, "develop.egg-info", "Name: develop\nVersion: 0.1.dev0\n", file="PKG-INFO")
    (tmp_path / "file_one-2.0.egg-info").write_text("Name: file-one\nVersion: 2.0\n")
    egg = tmp_path / "egg-3.0-py3.11.egg"
    install(egg, "EGG-INFO", "Name: egg\nVersion: 3.0\n", file="PKG-INFO")
    found = distributions(target_of(tmp_path, egg))
    assert {key: one.version for key, one in found.items()} == {
        "folder": "1.0",
        "develop": "0.1.dev0",
        "file-one": "2.0",
        "egg": "3.0",
    }


def test_entry_points(tmp_path: Path) -> None:
    text = (
        "lost = x\n[gunicorn.workers]\n# a comment\n; another\n gevent = g.w:Worker [extra]\nno value\n\n[ b ]\na=b=c\n"
    )
    install(tmp_path, "x-1.dist-info", "Name: x\nVersion: 1\n", text)
    install(tmp_path, "y-1.dist-info", "Name: y\nVersion: 1\n")
    found = distributions(target_of(tmp_path))
    assert found["x"].entry_points == {"gunicorn.workers": {"gevent": "g.w:Worker [extra]"}, "b": {"a": "b=c"}}
    assert found["y"].entry_points == {}


def test_metadata_is_read_when_asked_for(tmp_path: Path) -> None:
    path = install(tmp_path, "x-1.dist-info", "")
    found = distributions(target_of(tmp_path))["x"]
    (path / "METADATA").write_text("Name: x\nVersion: 7\n")
    assert found.version == "7"
    (path / "METADATA").unlink()
    assert found.version == "7"
    assert distributions(target_of(tmp_path))["x"].version is None
    assert distributions(target_of(tmp_path))["x"].name == "x"


def test_a_new_installation_is_seen(tmp_path: Path) -> None:
    os.utime(tmp_path, (1, 1))
    assert distributions(target_of(tmp_path)) == {}
    install(tmp_path, "x-1.dist-info", "Name: x\nVersion: 1\n")
    assert version_of(target_of(tmp_path), "x") == "1"


def test_strange_metadata(tmp_path: Path) -> None:
    (tmp_path / "x-1.dist-info").mkdir()
    (tmp_path / "x-1.dist-info" / "METADATA").write_bytes(b"\xff\xfe\r\nName: x\r\n continued\r\nVERSION : 1\r\n")
    assert version_of(target_of(tmp_path), "x") == "1"


REAL = """
import importlib.metadata as m
found = reversed(list(m.distributions()))  # the first wins
points = lambda d: sorted((e.group, e.name, e.value) for e in d.entry_points)
print(ascii({d.metadata["Name"]: (d.version, points(d)) for d in found}))
"""


def test_agrees_with_importlib_metadata() -> None:
    target = inspect_target(sys.executable, "a test", environ={"PATH": os.environ["PATH"]})
    expected = ast.literal_eval(subprocess.check_output([sys.executable, "-I", "-c", REAL], text=True))
    found = distributions(target)
    assert len(found) == len(expected) > 5
    for name, (version, points) in expected.items():
        one = found[normalised(name)]
        assert (one.name, one.version) == (name, version)
        assert sorted((g, n, v) for g, names in one.entry_points.items() for n, v in names.items()) == points
