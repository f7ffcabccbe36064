"""The search path that is replayed from files is the one that the interpreter really has."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from patchlint.environment import Target, inspect_target

MakeVenv = Callable[..., "Venv"]  # noqa: F821  (of conftest)


def target(python: str, truth, **environ: str) -> Target:
    return inspect_target(python, "a test", environ=truth.environ(**environ), cwd=str(truth.home))


def agrees(python: str, truth, **environ: str) -> Target:
    found = target(python, truth, **environ)
    assert found.search_path == truth.search_path(python, truth.environ(**environ))
    return found


def test_base_interpreter(python: str, truth) -> None:
    found = agrees(python, truth)
    assert found.prefix == found.base_prefix == truth.evaluate(python, "sys.prefix")
    assert found.version == truth.evaluate(python, "tuple(sys.version_info[:3])")
    assert found.builtin_names == set(truth.evaluate(python, "sys.builtin_module_names"))
    assert found.stdlib == truth.evaluate(python, "__import__('os').__file__.rpartition('/')[0]")
    assert found.extension_suffixes[-1] == ".so"
    assert found.lib_dynload == os.path.join(found.stdlib, "lib-dynload")


def test_venv(python: str, make_venv: MakeVenv, truth) -> None:
    venv = make_venv(python)
    found = agrees(venv.python, truth)
    assert found.prefix == str(venv.folder) == truth.evaluate(venv.python, "sys.prefix")
    assert found.base_prefix == truth.evaluate(venv.python, "sys.base_prefix")
    assert found.site_packages == (str(venv.site_packages),)
    assert found.library_roots == (found.stdlib, str(venv.site_packages))


@pytest.mark.parametrize(
    "config",
    [
        "include-system-site-packages = true",
        "Include-System-Site-Packages=TRUE",
        "# nothing",
        "include-system-site-packages = true\ninclude-system-site-packages = false",
    ],
)
def test_system_site_packages(python: str, config: str, make_venv: MakeVenv, truth) -> None:
    venv = make_venv(python, config=config)
    agrees(venv.python, truth)


def test_pth_files(python: str, make_venv: MakeVenv, truth, tmp_path: Path) -> None:
    venv = make_venv(python)
    for name in ("one", "two", "three", "é", "hidden", "bom", "unit", "cr", "tail"):
        (tmp_path / name).mkdir()
    (venv.site_packages / "inside").mkdir()
    (tmp_path / "a.zip").write_bytes(b"")
    venv.pth("b.pth", f"# comment\n\n  \n{tmp_path}/two  \ninside\n{tmp_path}/two/../one\n{tmp_path}/missing\n")
    venv.pth("a.pth", f"{tmp_path}/three\r\n{tmp_path}/a.zip\r\n   # no comment\n{tmp_path}/one/\n.\n")
    venv.pth("B.pth", f"{tmp_path}/é\n")
    venv.pth(".hidden.pth", f"{tmp_path}/hidden\n")
    venv.pth("bom.pth", b"\xef\xbb\xbf" + f"{tmp_path}/bom\n{tmp_path}/tail".encode())
    venv.pth("unit.pth", f"{tmp_path}/unit\x1f\n{tmp_path}/unit\x0c{tmp_path}/one\n".encode())
    venv.pth("cr.pth", f"{tmp_path}/missing\r{tmp_path}/cr")
    venv.pth("not.pth.txt", f"{tmp_path}/hidden\n")
    (venv.site_packages / "folder.pth").mkdir()
    (venv.site_packages / "link.pth").symlink_to("nowhere")
    agrees(venv.python, truth)


def test_import_lines_in_order(python: str, make_venv: MakeVenv, truth) -> None:
    venv = make_venv(python)
    log = "import sys; sys.pl = getattr(sys, 'pl', []) + [{!r}]"
    venv.pth("b.pth", f"{log.format('b1')}\n/nowhere\nimport\tsys; sys.pl = sys.pl + ['b3']\n import os\nimportant\n")
    venv.pth("a.pth", b"\xef\xbb\xbf" + f"{log.format('a1')}\n{log.format('a2')}   \n".encode())
    found = target(venv.python, truth)
    really = list(dict.fromkeys(truth.evaluate(venv.python, "sys.pl")))
    assert [line.rpartition("['")[2].rstrip("']") for _, _, line in found.pth_lines] == really
    assert found.pth_lines[-1][:2] == (str(venv.site_packages / "b.pth"), 3)


def test_python_path(python: str, make_venv: MakeVenv, truth, tmp_path: Path) -> None:
    venv = make_venv(python)
    extra = tmp_path / "extra"
    extra.mkdir()
    venv.pth("a.pth", str(extra))
    for value in (
        "",
        ":",
        "rel",
        f"{tmp_path}/x::{tmp_path}/x:.",
        f"{tmp_path}/missing.zip:{extra}/",
        str(venv.site_packages),
        f"{extra}:{target(venv.python, truth).stdlib}",
    ):
        agrees(venv.python, truth, PYTHONPATH=value)


def test_user_site(python: str, make_venv: MakeVenv, truth, tmp_path: Path) -> None:
    version = target(python, truth).version
    other = tmp_path / "base"
    (tmp_path / "more").mkdir()
    for base in (truth.home / ".local", other):
        user_site = base / "lib" / f"python{version[0]}.{version[1]}" / "site-packages"
        user_site.mkdir(parents=True)
        (user_site / "a.pth").write_text(f"{tmp_path}/more\nimport sys\n")
        (user_site / "usercustomize.py").write_text("")
    found = agrees(python, truth)
    assert any(path.startswith(str(truth.home)) for path in found.site_packages)
    assert found.usercustomize is not None
    assert found.usercustomize.startswith(str(truth.home))
    assert str(other) in str(agrees(python, truth, PYTHONUSERBASE=str(other)).usercustomize)
    assert agrees(python, truth, PYTHONNOUSERSITE="1").usercustomize is None
    assert agrees(make_venv(python).python, truth).usercustomize is None
    assert agrees(make_venv(python, "open", "include-system-site-packages = true").python, truth).usercustomize


def test_sitecustomize(python: str, make_venv: MakeVenv, truth) -> None:
    venv = make_venv(python)
    file = venv.site_packages / "sitecustomize.py"
    file.write_text("")
    assert target(venv.python, truth).sitecustomize == truth.evaluate(
        venv.python, "sys.modules['sitecustomize'].__file__"
    )


def test_link_to_an_interpreter(python: str, make_venv: MakeVenv, truth, tmp_path: Path) -> None:
    venv = make_venv(python)
    link = tmp_path / "links" / "py"
    link.parent.mkdir()
    link.symlink_to(venv.python)
    agrees(str(link), truth)
    linked_folder = tmp_path / "linked"
    linked_folder.symlink_to(venv.folder)
    found = agrees(str(linked_folder / "bin" / "python"), truth)
    assert found.prefix == str(linked_folder)


def test_folder_of_a_venv(make_venv: MakeVenv, truth, monkeypatch: pytest.MonkeyPatch) -> None:
    venv = make_venv(os.path.realpath(sys.executable))
    monkeypatch.chdir(venv.folder.parent)
    assert target("venv", truth) == target(venv.python, truth) == target(str(venv.folder), truth)


def test_target_is_a_value(truth) -> None:
    found = target(sys.executable, truth)
    assert hash(found) == hash(target(sys.executable, truth))
    assert found.implementation == "cpython"
    assert found.chosen_because == "a test"
