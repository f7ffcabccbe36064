"""PEP 829: startup files as Python 3.15 reads them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from patchlint.environment.probe import Answer
from patchlint.environment.replay import Startup, edition_of, replay


@dataclass(frozen=True)
class Installation:
    answer: Answer
    stdlib: Path
    site_packages: Path

    def replay(self, **environ: str) -> Startup:
        return replay(self.answer, str(self.stdlib), {"HOME": "/nowhere", **environ}, "/")


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    stdlib = tmp_path / "lib" / "python3.15"
    site_packages = stdlib / "site-packages"
    site_packages.mkdir(parents=True)
    answer = Answer(
        executable=str(tmp_path / "bin" / "python"),
        version=(3, 15, 0),
        platform="linux",
        implementation="cpython",
        prefix=str(tmp_path),
        exec_prefix=str(tmp_path),
        base_prefix=str(tmp_path),
        base_exec_prefix=str(tmp_path),
        paths=(str(stdlib),),
        builtin_names=("sys",),
        extension_suffixes=(".so",),
        platlibdir="lib",
        abiflags="",
        framework="",
    )
    return Installation(answer, stdlib, site_packages)


def test_paths_come_before_code(installation: Installation, tmp_path: Path) -> None:
    """An editable finder's placeholder, which code adds, stands behind every path line."""
    site = installation.site_packages
    (site / "__editable___x_1_finder.py").write_text("NAMESPACES = {'n': []}\nPATH_PLACEHOLDER = 'x' + '.hook'\n")
    (site / "a.pth").write_text("import __editable___x_1_finder; __editable___x_1_finder.install()\n")
    (tmp_path / "extra").mkdir()
    (site / "b.pth").write_text(f"  {tmp_path}/extra  \n  # comment\n  import os\n")
    startup = installation.replay()
    assert startup.path == [str(installation.stdlib), str(site), str(tmp_path / "extra"), "x.hook"]
    assert [line[1:] for line in startup.pth_lines][-1] == (3, "import os")


def test_start_silences_the_imports_of_its_pth(installation: Installation, tmp_path: Path) -> None:
    site = installation.site_packages
    (tmp_path / "extra").mkdir()
    (site / "a.pth").write_text(f"{tmp_path}/extra\nimport a\n")
    (site / "a.start").write_bytes(b"\xef\xbb\xbf# entry points\n\n a.boot:start \nb:go\n")
    (site / "c.pth").write_text("import c\n")
    (site / "d.pth").write_text("import d\n")
    (site / "d.start").write_text("")
    (site / ".e.start").write_text("e:e\n")
    startup = installation.replay()
    assert str(tmp_path / "extra") in startup.path
    assert startup.pth_lines == [(str(site / "c.pth"), 1, "import c")]
    assert startup.start_lines == [(str(site / "a.start"), 3, "a.boot:start"), (str(site / "a.start"), 4, "b:go")]


def test_site_packages_on_python_path_are_read_once(installation: Installation) -> None:
    (installation.site_packages / "a.pth").write_text("import a\n")
    startup = installation.replay(PYTHONPATH=str(installation.site_packages))
    assert startup.path == [str(installation.site_packages), str(installation.stdlib)]
    assert len(startup.pth_lines) == 1


def test_edition_by_source_and_by_version(tmp_path: Path) -> None:
    assert edition_of(str(tmp_path), (3, 15, 0)).start_files
    assert not edition_of(str(tmp_path), (3, 14, 0)).start_files
    assert edition_of(str(tmp_path), (3, 13, 0)).skips_hidden
    assert not edition_of(str(tmp_path), (3, 12, 0)).decodes_bom
    (tmp_path / "site.py").write_text('"dist-packages" name.startswith(".")')
    edition = edition_of(str(tmp_path), (3, 11, 0))
    assert edition.debian
    assert edition.skips_hidden
    assert not edition.decodes_bom


def test_debian(installation: Installation, tmp_path: Path) -> None:
    (installation.stdlib / "site.py").write_text('"dist-packages"')
    folders = [
        tmp_path / "local" / "lib" / "python3.15" / "dist-packages",
        tmp_path / "lib" / "python3" / "dist-packages",
        tmp_path / "lib" / "python3.15" / "dist-packages",
    ]
    for folder in folders:
        folder.mkdir(parents=True)
    assert installation.replay().site_packages == list(map(str, folders))
