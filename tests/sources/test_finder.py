"""The finder answers as the import system does, and never asks it."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from patchlint.environment import Target, inspect_target
from patchlint.sources import finder as finder_module
from patchlint.sources.finder import FROZEN_WITH_A_FILE, Finder, Found, read

SUFFIXES = (".cpython-311-x86_64-linux-gnu.so", ".abi3.so", ".so")


def target_of(version: tuple[int, int, int] = (3, 11, 0), **more: Any) -> Target:
    plain = Target(
        executable=None,
        version=version,
        platform="linux",
        prefix="",
        base_prefix="",
        stdlib="/nowhere",
        lib_dynload=None,
        builtin_names=frozenset({"sys", "time"}),
        extension_suffixes=SUFFIXES,
        search_path=(),
    )
    return replace(plain, **more)


def make(folder: Path, *names: str) -> str:
    """Make files; a name that ends with a slash is a folder."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(exist_ok=True) if name.endswith("/") else path.write_text("")
    return str(folder)


@pytest.fixture
def finder() -> Finder:
    return Finder(target_of())


def source(name: str, path: str) -> Found:
    return Found(name, "source", path, False)


def package(name: str, folder: str, init: str = "__init__.py") -> Found:
    return Found(name, "source", f"{folder}/{init}", True, (folder,))


def test_builtin_and_frozen_come_first(finder: Finder, tmp_path: Path) -> None:
    path = [make(tmp_path, "sys.py", "_frozen_importlib.py", "timeit.py")]
    assert finder.find_top("sys", path) == Found("sys", "builtin", None, False)
    assert finder.find_top("_frozen_importlib", path) == Found("_frozen_importlib", "frozen", None, False)
    assert finder.find_top("timeit", path) == source("timeit", f"{tmp_path}/timeit.py")


def test_frozen_library_modules_cannot_be_shadowed_since_311(tmp_path: Path) -> None:
    library, own = make(tmp_path / "lib", "abc.py", "json.py"), make(tmp_path / "own", "abc.py", "json.py")
    new, old = (Finder(target_of((3, minor, 0), stdlib=library)) for minor in (11, 10))
    assert new.find_top("abc", [own, library]) == source("abc", f"{library}/abc.py")
    assert old.find_top("abc", [own, library]) == source("abc", f"{own}/abc.py")
    assert new.find_top("json", [own, library]) == source("json", f"{own}/json.py")
    assert old.find_top("zipimport", [own, library]) == Found("zipimport", "frozen", None, False)


def test_order_in_a_folder(finder: Finder, tmp_path: Path) -> None:
    so = SUFFIXES[0]
    folder = make(
        tmp_path,
        *("a/__init__.py", "a.py", "b.py", f"b{so}", "c.pyc", "c.py", "d.so", "d.abi3.so", "e.pyc", "f/", "f.py"),
        *(f"g/__init__{so}", "g/__init__.py", "h/__init__.pyc", "i.cpython-39-x86_64-linux-gnu.so", "j.txt", "j.pyi"),
    )
    assert finder.find_top("a", [folder]) == package("a", f"{folder}/a")
    assert finder.find_top("b", [folder]) == Found("b", "extension", f"{folder}/b{so}", False)
    assert finder.find_top("c", [folder]) == source("c", f"{folder}/c.py")
    assert finder.find_top("d", [folder]) == Found("d", "extension", f"{folder}/d.abi3.so", False)
    assert finder.find_top("e", [folder]) == source("e", f"{folder}/e.pyc")
    assert finder.find_top("f", [folder]) == source("f", f"{folder}/f.py")
    assert finder.find_top("g", [folder]) == Found("g", "extension", f"{folder}/g/__init__{so}", True, (f"{folder}/g",))
    assert finder.find_top("h", [folder]) == package("h", f"{folder}/h", "__init__.pyc")
    for missing in ("i", "j", "k", "A", ""):
        assert finder.find_top(missing, [folder]) is None


def test_namespace_portions(finder: Finder, tmp_path: Path) -> None:
    one = make(tmp_path / "1", "n/a.py", "m/")
    two = make(tmp_path / "2", "n/b/__init__.py", "n/b/c.py", "m.py")
    three = make(tmp_path / "3", "n/a.py")
    found = finder.find_top("n", [one, "/nowhere", two, three])
    assert found == Found("n", "namespace", None, True, (f"{one}/n", f"{two}/n", f"{three}/n"))
    assert finder.find_in("n.a", found.search) == source("n.a", f"{one}/n/a.py")
    assert finder.find_in("n.b", found.search) == package("n.b", f"{two}/n/b")
    assert finder.find_in("n.b.c", [f"{two}/n/b"]) == source("n.b.c", f"{two}/n/b/c.py")
    assert finder.find_in("n.z", found.search) is None
    assert finder.find_top("m", [one, two]) == source("m", f"{two}/m.py")


def test_odd_files(finder: Finder, tmp_path: Path) -> None:
    folder = make(tmp_path, "real.py", "folder.py/", "p/__init__.py/", "p/x.py")
    (tmp_path / "link.py").symlink_to("real.py")
    (tmp_path / "broken.py").symlink_to("nowhere.py")
    (tmp_path / "loop.py").symlink_to("loop.py")
    (tmp_path / "linked").symlink_to("p")
    os.mkfifo(tmp_path / "pipe.py")
    assert finder.find_top("link", [folder]) == source("link", f"{folder}/link.py")
    assert finder.find_top("linked", [folder]) == Found("linked", "namespace", None, True, (f"{folder}/linked",))
    for name in ("broken", "loop", "pipe", "folder"):
        assert finder.find_top(name, [folder]) is None


def test_odd_entries(finder: Finder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make(tmp_path, "a.py", "sub/b.py")
    monkeypatch.chdir(tmp_path)
    for entry in ("", ".", folder + "/"):
        found = Finder(target_of()).find_top("a", [entry])
        assert found is not None
        assert found.path is not None
        assert os.path.isabs(found.path)
        assert os.path.samefile(found.path, f"{folder}/a.py")
    assert finder.find_top("b", ["sub"]) == source("b", f"{folder}/sub/b.py")
    for entry in (f"{folder}/a.py", f"{folder}/a.py/x", "/proc/1/root/x", "\0", "x" * 5000):
        assert finder.find_top("a", [entry, folder]) == source("a", f"{folder}/a.py")


def test_a_folder_is_listed_once(finder: Finder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make(tmp_path, "a.py", "p/__init__.py", "p/x.py")
    assert finder.find_top("p", [folder]) is not None
    monkeypatch.setattr(finder_module.os, "scandir", lambda _: pytest.fail("listed again"))
    assert finder.find_top("a", [folder]) is not None
    assert finder.find_in("p.x", [f"{folder}/p"]) is not None
    assert finder.find_top("missing", [folder]) is None


def archive(path: Path, *names: str) -> str:
    with zipfile.ZipFile(path, "w") as opened:
        for name in names:
            opened.writestr(name, "" if name.endswith("/") else f"# {name}\n")
    return str(path)


def test_archive(finder: Finder, tmp_path: Path) -> None:
    file = archive(
        tmp_path / "a.zip", "m.py", "p/__init__.py", "p/q/__init__.py", "p/q/r.py", "c.pyc", "x.so", "lib/y.py"
    )
    assert finder.find_top("m", [file]) == source("m", f"{file}/m.py")
    assert finder.find_top("p", [file]) == package("p", f"{file}/p")
    assert finder.find_in("p.q", [f"{file}/p"]) == package("p.q", f"{file}/p/q")
    assert finder.find_in("p.q.r", [f"{file}/p/q"]) == source("p.q.r", f"{file}/p/q/r.py")
    assert finder.find_top("c", [file]) == source("c", f"{file}/c.pyc")
    assert finder.find_top("y", [f"{file}/lib"]) == source("y", f"{file}/lib/y.py")
    assert finder.find_top("x", [file]) is None
    assert finder.find_top("m", [f"{file}/nowhere"]) is None
    assert finder.iter_modules([file]) == (("c", False), ("m", False), ("p", True))


def test_archive_namespaces_need_an_entry_before_314(tmp_path: Path) -> None:
    file = archive(tmp_path / "a.zip", "said/", "said/a.py", "implied/a.py")
    old, new = Finder(target_of((3, 13, 0))), Finder(target_of((3, 14, 0)))
    for finder in (old, new):
        assert finder.find_top("said", [file]) == Found("said", "namespace", None, True, (f"{file}/said",))
    assert old.find_top("implied", [file]) is None
    assert new.find_top("implied", [file]) == Found("implied", "namespace", None, True, (f"{file}/implied",))


def test_read(tmp_path: Path) -> None:
    file = archive(tmp_path / "a.zip", "p/m.py")
    (tmp_path / "plain.py").write_text("plain")
    assert read(f"{tmp_path}/plain.py") == b"plain"
    assert read(f"{file}/p/m.py") == b"# p/m.py\n"
    (tmp_path / "bad.zip").write_bytes(b"PK\3\4 no archive")
    for path in ("missing.py", "a.zip/p/x.py", "plain.py/x", "bad.zip/x.py", "."):
        with pytest.raises(OSError):  # noqa: PT011  (of any kind)
            read(f"{tmp_path}/{path}")
    assert Finder(target_of()).find_top("x", [f"{tmp_path}/bad.zip"]) is None


def test_editable_mapping_is_asked_last(tmp_path: Path) -> None:
    path = make(tmp_path / "path", "first.py")
    code = make(
        tmp_path / "code", "first.py", "flat.py", "p/__init__.py", "p/x.py", "bare/y.py", "redirected/__init__.py"
    )
    mapping = {
        **{name: f"{code}/{name}" for name in ("first", "flat", "p", "bare", "gone")},
        "redirected": f"{code}/redirected/__init__.py",
        "n.p": f"{code}/p",
    }
    finder = Finder(target_of(editable=mapping))
    assert finder.find_top("first", [path]) == source("first", f"{path}/first.py")
    assert finder.find_top("flat", [path]) == source("flat", f"{code}/flat.py")
    assert finder.find_top("p", [path]) == package("p", f"{code}/p")
    assert finder.find_in("p.x", [f"{code}/p"]) == source("p.x", f"{code}/p/x.py")
    assert finder.find_top("redirected", [path]) == package("redirected", f"{code}/redirected")
    assert finder.find_in("n.p", []) == package("n.p", f"{code}/p")
    assert finder.find_in("bare.y", []) == source("bare.y", f"{code}/bare/y.py")
    assert finder.find_top("gone", [path]) is None
    assert finder.find_top("bare", [path]) is None
    assert finder.find_top("other", [path]) is None


def test_editable_namespaces(tmp_path: Path) -> None:
    path = make(tmp_path / "path", "n/here.py")
    code = make(tmp_path / "code", "n/there.py", "p/__init__.py")
    target = target_of(
        editable={"n.p": f"{code}/p", "m": f"{code}/p"},
        editable_namespaces={"hook": {"n": (f"{code}/n",), "n.deep": (), "m": ()}},
    )
    finder = Finder(target)
    found = finder.find_top("n", ["hook", path])
    assert found == Found("n", "namespace", None, True, (f"{code}/n", "hook", f"{path}/n"))
    assert finder.find_in("n.here", found.search) == source("n.here", f"{path}/n/here.py")
    assert finder.find_in("n.there", found.search) == source("n.there", f"{code}/n/there.py")
    assert finder.find_in("n.p", found.search) == package("n.p", f"{code}/p")
    assert finder.find_in("n.deep", found.search) == Found("n.deep", "namespace", None, True, ("hook",))
    assert finder.find_top("m", ["hook"]) == Found("m", "namespace", None, True, (f"{code}/p", "hook"))


def test_iter_modules(finder: Finder, tmp_path: Path) -> None:
    one = make(tmp_path / "1", "foo-x.py", "foo.py", "b/__init__.py", "b.py", "c/x.py", "c.py", "__init__.py", "d.txt")
    two = make(tmp_path / "2", "foo.so", "a.py", "x.y.py", "z.d/__init__.py", "e.so", "e.py", "__pycache__/a.pyc")
    code = f"import pkgutil; print([(m.name, m.ispkg) for m in pkgutil.iter_modules([{one!r}, {two!r}])])"
    expected = ast.literal_eval(subprocess.check_output([sys.executable, "-I", "-c", code], text=True))
    assert finder.iter_modules([one, two]) == tuple(expected)
    assert finder.iter_modules(["/nowhere"]) == ()


# Asks each finder of a real interpreter in turn, and imports nothing but the standard library's machinery.
ASK = """
import ast, os, sys
def find(name, path):
    for finder in sys.meta_path:
        spec = finder.find_spec(name, path)
        if spec is not None:
            return spec
def walk(name):
    path, parts = None, name.split(".")
    for end in range(1, len(parts) + 1):
        spec = find(".".join(parts[:end]), path)
        if spec is None:
            return None
        path = spec.submodule_search_locations
        path = path if path is None else list(path)
        if spec.loader is None:  # a namespace's path looks for its parent
            parent = sys.modules.setdefault(spec.name, type(sys)(spec.name))
            parent.__path__ = path
    return spec.origin if spec.loader is not None else None, spec.has_location, path
names, sys.path[1:] = ast.literal_eval(sys.stdin.read())
print(ascii({name: walk(name) for name in names}))
"""


def really(python: str, names: Sequence[str], path: Sequence[str]) -> dict[str, Any]:
    question = ascii((list(names), list(path)))
    environ = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
    command = [python, "-c", ASK]
    answer = subprocess.run(
        command, input=question, capture_output=True, text=True, check=True, cwd="/proc", env=environ
    )
    found: dict[str, Any] = ast.literal_eval(answer.stdout)
    return found


def ours(finder: Finder, name: str, path: Sequence[str]) -> Found | None:
    found, parts = None, name.split(".")
    for end in range(1, len(parts) + 1):
        part = ".".join(parts[:end])
        found = finder.find_top(part, path) if end == 1 else finder.find_in(part, path)
        if found is None:
            return None
        path = found.search
    return found


def as_spec(found: Found | None, in_library: str) -> Any:
    """What a spec of it would say: origin, whether that is a file, search locations."""
    if found is None:
        return None
    if found.kind in {"builtin", "frozen"}:
        return ("built-in" if found.kind == "builtin" else "frozen"), False, None
    if (
        found.name in {*FROZEN_WITH_A_FILE, "importlib.machinery", "importlib.util"}
        and in_library
        and str(found.path).startswith(in_library)
    ):
        return "frozen", False, list(found.search) or None
    return found.path, found.path is not None, list(found.search) if found.is_package else None


def interpreters() -> list[str]:
    root = Path(os.environ.get("PYENV_ROOT", os.path.expanduser("~/.pyenv")), "versions")
    own = os.path.realpath(sys.executable)
    others = (os.path.realpath(path) for path in sorted(root.glob("3.*/bin/python")))
    return [path for path in dict.fromkeys([sys.executable, own, *others]) if not path.endswith("python3.6")]


@pytest.mark.parametrize("python", interpreters(), ids=os.path.basename)
def test_agrees_with_the_import_system(python: str, tmp_path: Path) -> None:
    target = inspect_target(python, "a test", environ={"PATH": os.environ["PATH"]})
    finder = Finder(target)
    extra = [
        make(
            tmp_path / "1",
            "ns/a.py",
            "abc.py",
            "json/x.py",
            "both/",
            "both.py",
            "shadow.pyc",
            "p/__init__.py",
            "p/m.pyc",
        ),
        make(
            tmp_path / "2",
            "ns/b.py",
            "both/__init__.py",
            "p/__init__.py",
            "email.py",
            "x.so",
            f"x{target.extension_suffixes[0]}",
        ),
        archive(
            tmp_path / "z.zip", "zipped.py", "zp/__init__.py", "zp/m.py", "zn/", "zn/m.py", "zi/m.py", "ns/", "ns/c.py"
        ),
    ]
    path = [*extra, *target.search_path]
    top = [name for name, _ in finder.iter_modules(path)]
    inner = [
        f"{parent}.{name}"
        for parent in ("json", "email", "xml", "xml.dom", "importlib", "concurrent", "ns", "p", "zp", "pip._internal")
        if (found := ours(finder, parent, path)) is not None
        for name, _ in finder.iter_modules(found.search)
    ]
    made_up = [
        "ns",
        "zn",
        "zi",
        "missing",
        "json.missing",
        "email.missing",
        "sys",
        "time",
        "_frozen_importlib",
        "x",
        "p.x",
    ]
    names = list(
        dict.fromkeys([*top, *inner, *made_up, "zi.m", "ns.c", "ns.d", "importlib.util", "ABC", "os", "zipimport"])
    )
    special = {
        "distutils",
        "importlib._bootstrap",
        "importlib._bootstrap_external",
    }  # a shim, aliases of frozen modules
    names = [name for name in names if "hello" not in name and name not in special]
    library = target.stdlib if target.version >= (3, 11) else ""
    differences = {
        name: (truth, mine)
        for name, truth in really(python, names, path).items()
        if truth != (mine := as_spec(ours(finder, name, path), library))
    }
    assert len(names) > 250
    assert differences == {}


def test_frozen_names_are_those_of_this_interpreter() -> None:
    if sys.version_info < (3, 11):
        pytest.skip("fewer modules were frozen")
    import _imp

    frozen = {name for name in _imp._frozen_module_names() if "." not in name}
    known = FROZEN_WITH_A_FILE | {"_frozen_importlib", "_frozen_importlib_external"}
    assert {name for name in frozen if "alias" not in name and name != "__hello_only__"} == known
