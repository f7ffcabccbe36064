"""Editable installs, read from the modules that their ``.pth`` files import."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

from patchlint.environment import inspect_target
from patchlint.environment.editable import EditableFinder, finder_of, read_finder

# What a finder's install() does, in a few lines of our own.
FINDER = """
import sys
MAPPING: dict[str, str] = {mapping!r}
NAMESPACES: dict[str, list[str]] = {namespaces!r}
PATH_PLACEHOLDER = {name!r} + ".__path_hook__"
def install():
    if NAMESPACES and PATH_PLACEHOLDER not in sys.path:
        sys.path.append(PATH_PLACEHOLDER)
"""


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b"MAPPING = {'a': '/a'}", EditableFinder({"a": "/a"})),
        (b"MAPPING: dict = {'a.b': '/b'}\nNAMESPACES = {}", EditableFinder({"a.b": "/b"})),
        (
            b"MAPPING = {}\nNAMESPACES = {'n': ['/n'], 'n.m': []}\nPATH_PLACEHOLDER = 'x' + '.hook'",
            EditableFinder({}, {"n": ("/n",), "n.m": ()}, "x.hook"),
        ),
        (b"MAPPING = {}\nNAMESPACES = {}\nPATH_PLACEHOLDER = 'x'", EditableFinder()),
        (
            b"from editables.redirector import R as F\nF.install()\nF.map_module('e', '/e/__init__.py')",
            EditableFinder({"e": "/e/__init__.py"}),
        ),
        (b"MAPPING = dict(a='/a')", None),
        (b"MAPPING = ['a']", None),
        (b"NAMESPACES = {'n': 3}", None),
        (b"MAPPING = {", None),
        (b"MAPPING = '\0'", None),
        (b"", EditableFinder()),
    ],
)
def test_read_finder(source: bytes, expected: EditableFinder | None) -> None:
    assert read_finder(source) == expected


def test_other_lines_are_no_finders() -> None:
    assert finder_of("import os; os.x", ["/"]) is None
    assert finder_of("import __editable___gone_1_finder", ["/nowhere"]) is None


def test_placeholder_stands_where_the_line_runs(python: str, make_venv: Callable, truth, tmp_path) -> None:
    venv = make_venv(python)
    (tmp_path / "last").mkdir()
    for number, namespaces in enumerate(({"n": []}, {}, {"n": ["/n"]})):
        name = f"__editable___p{number}_finder"
        source = FINDER.format(mapping={"a": f"/a{number}", f"b{number}": "/b"}, namespaces=namespaces, name=name)
        (venv.site_packages / f"{name}.py").write_text(
            source.replace("dict[str, str]", "dict").replace("dict[str, list[str]]", "dict")
        )
        venv.pth(f"p{number}.pth", f"import {name}; {name}.install()")
    venv.pth("z.pth", str(tmp_path / "last"))
    found = inspect_target(venv.python, "a test", environ=truth.environ())
    assert found.search_path == truth.search_path(venv.python)
    assert dict(found.editable) == {"a": "/a0", "b0": "/b", "b1": "/b", "b2": "/b"}
    assert found.editable_namespaces == {
        "__editable___p0_finder.__path_hook__": {"n": ()},
        "__editable___p2_finder.__path_hook__": {"n": ("/n",)},
    }


def test_finder_that_setuptools_writes(python: str) -> None:
    code = "from setuptools.command.editable_wheel import _finder_template as t; print(t({!r}, {!r}, {!r}))"
    mapping, namespaces = {"a": "/src/a", "n.b": "/src/b"}, {"n": ["/src/n"]}
    answer = subprocess.run(
        [python, "-c", code.format("x", mapping, namespaces)], capture_output=True, text=True, check=False
    )
    if answer.returncode:
        pytest.skip("no setuptools that writes finders")
    found = read_finder(answer.stdout.encode())
    assert found is not None
    assert (found.mapping, found.namespaces) == (mapping, {"n": ("/src/n",)})
    assert found.placeholder == "x.__path_hook__"
