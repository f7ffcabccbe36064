"""What a shared object imports is read from its code, and no damage to the file makes that fail."""

from __future__ import annotations

import shutil
import subprocess
from array import array
from itertools import accumulate
from pathlib import Path

import pytest

from patchlint.sources import shared_objects
from patchlint.sources.binary import cython, elf

PROGRAM = """
typedef struct object object;
extern object *PyImport_ImportModule(const char *name);
extern object *PyImport_GetModule(object *name);
extern object *PyUnicode_FromString(const char *text);
extern void *PyCapsule_Import(const char *name, int block);
extern object *PyModule_Create2(void *definition, int version);
static int definition[32];

static object *never_called_by_the_import(object *self) { return PyImport_ImportModule("csv"); }
void *methods[] = {(void *)never_called_by_the_import};

__attribute__((noinline)) static object *helper(const char *name) { return PyImport_ImportModule(name); }
__attribute__((noinline)) static void first(void) { PyImport_ImportModule("json.decoder"); helper("queue"); }
__attribute__((visibility("default"), noinline)) void through_the_table(void) { PyImport_ImportModule("decimal"); }

object *PyInit_made(void) {
    first();
    through_the_table();
    PyUnicode_FromString("copy");
    PyCapsule_Import("datetime.datetime_CAPI", 0);
    PyImport_ImportModule("absent");
    return PyModule_Create2(definition, 3);
}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("cc")
    folder = tmp_path_factory.mktemp("made")
    if compiler is None:
        pytest.skip("no C compiler")
    (folder / "made.c").write_text(PROGRAM)
    options = ["-shared", "-fPIC", "-O2", "-Wl,--unresolved-symbols=ignore-all"]
    subprocess.run([compiler, *options, "-o", str(folder / "made.so"), str(folder / "made.c")], check=True)
    if elf.parse((folder / "made.so").read_bytes()) is None:
        pytest.skip("no machine whose code is read")
    return folder / "made.so"


def test_what_the_import_runs_is_followed(made: Path) -> None:
    found = shared_objects.imports(str(made), "made", lambda name: name != "absent" and "API" not in name)
    assert set(found) == {"json.decoder", "queue", "decimal", "datetime"}


def test_names_are_mentioned_whole(made: Path) -> None:
    assert shared_objects.mentions(str(made), "copy")
    assert not shared_objects.mentions(str(made), "cop")
    assert not shared_objects.mentions(str(made), "never_there")


def test_a_damaged_file_imports_nothing_wrong(made: Path) -> None:
    data = made.read_bytes()
    for end in range(0, len(data), 97):
        assert "csv" not in shared_objects.scan(data[:end])
    for place in range(0, len(data), 131):
        shared_objects.scan(data[:place] + b"\xff" * 8 + data[place + 8 :])


@pytest.mark.parametrize("data", [b"", b"\x7fELF", b"MZ\x90\0", b"\xcf\xfa\xed\xfe" * 9])
def test_what_is_no_elf_file_has_only_its_dotted_names(data: bytes) -> None:
    assert shared_objects.scan(data) == ()
    assert shared_objects.scan(data + b"\0a word\0html.parser\0queue\0") == ("html.parser",)


def test_a_file_that_is_not_there_imports_nothing(tmp_path: Path) -> None:
    assert shared_objects.imports(str(tmp_path / "none.so"), "none", lambda _: True) == ()
    assert not shared_objects.mentions(str(tmp_path / "none.so"), "name")


def test_the_source_beside_a_shell_of_mypyc_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shell = tmp_path / "shell.cpython-311-x86_64-linux-gnu.so"
    shell.write_bytes(b"")
    (tmp_path / "shell.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import csv\nelse:\n    import json\n"
        "from . import sibling\ntry:\n    import queue\nexcept ImportError:\n    import Queue as queue\n"
        "def later():\n    import wave\nclass C:\n    from enum import Enum\n"
    )
    monkeypatch.setattr(shared_objects, "scan", lambda _: ("abc123__mypyc",))
    exists = {"abc123__mypyc", "typing", "csv", "json", "pkg.sibling", "pkg", "queue", "wave", "enum"}.__contains__
    found = shared_objects.imports(str(shell), "pkg.shell", exists)
    assert found == ("abc123__mypyc", "typing", "json", "pkg", "pkg.sibling", "queue", "enum")


def test_of_two_spellings_the_private_one_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_objects, "scan", lambda _: ("a.core.x", "a._core.x", "queue", "_queue"))
    assert shared_objects.imports("", "m", lambda _: True) == ("a._core.x", "queue", "_queue")


def test_a_bare_name_may_be_a_relative_import(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_objects, "scan", lambda _: ("json", ".json", "parts", ".parts"))
    assert shared_objects.imports("", "pkg.m", {"json", "pkg.json", "pkg.parts"}.__contains__) == ("json", "pkg.parts")


# Cython's strings -----------------------------------------------------------------------------------
def test_lzss_is_undone() -> None:
    literal = b"\xffabcdefgh"
    near = b"\x00" + bytes([0, 1]) * 1  # four bytes that end right here: "efgh"
    assert cython.unpack_lzss(literal + near, 0, 12) == b"abcdefghefgh"
    far = b"\x00" + bytes([0x80 | 2, 0x00])  # 0x82 back of the end is before the beginning
    assert cython.unpack_lzss(literal + far, 0, 99) == b"abcdefgh"
    assert cython.unpack_lzss(b"", 0, 9) == b""


def test_the_text_is_cut_where_strings_of_every_module_are() -> None:
    strings = [b"?", b"pkg.part", b"", b"__main__", b"__module__", b"name", b"__name__", b"queue", b"__test__"]
    text = b"".join(strings)
    lengths = array("I", [7, 0, *map(len, strings), 3])
    places = [[text.index(b"__main__")], [text.index(b"__name__"), text.rindex(b"__name__")], [text.index(b"__test__")]]
    cuts = cython._cuts(places, lengths)
    assert [cut for cut in cuts if 0 <= cut <= len(text)][-len(strings) :] == list(accumulate(map(len, strings)))
    assert cython._cuts(places, array("I", [8, 8, 8])) == []


@pytest.mark.parametrize(
    ("scanned", "found"),
    [
        (("attrs", ".attrs"), ("p.attrs",)),  # "from .attrs import x" where Cython spells the package apart
        (("p.attrs", "attrs"), ("p.attrs",)),  # and where it does not
        (("attrs",), ("attrs",)),
        (("json", ".json"), ("json",)),
        (("q.kinds", "q.kinds.part"), ("q.kinds", "q.kinds.part")),
    ],
)
def test_a_package_means_its_own_module(
    monkeypatch: pytest.MonkeyPatch, scanned: tuple[str, ...], found: tuple[str, ...]
) -> None:
    there = {"attrs", "p.attrs", "json", "p.json", "q.kinds", "q.kinds.part"}
    monkeypatch.setattr(shared_objects, "_scanned", lambda path, store: scanned)
    assert shared_objects.imports("p/fast.so", "p.fast", there.__contains__) == found


def test_what_is_taken_from_a_package_may_be_a_module_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    slots = {8: b"q.kinds", 16: b"part", 24: b"alone"}
    references: list[tuple[int, elf.Callee]] = [(16, 1), (8, 1), (16, 2)]
    code = elf.Code(
        {1: frozenset({b"PyImport_ImportModuleLevelObject"}), 2: frozenset({b"PyImport_GetModule"})}, references
    )
    image = elf.Image(b"\0__main__\0", 0, {}, array("Q"), {}, {}, range(0), 0)
    assert "q.kinds.part" in list(shared_objects._handed_over(image, code, slots))


SLOTS_AT_RUN_TIME = """
typedef struct object object;
extern object *PyImport_ImportModule(const char *name);
extern object *PyModuleDef_Init(void *definition);
extern void *PyMem_Malloc(unsigned long size);
static int executed(object *module) { return PyImport_ImportModule("json.decoder") != 0; }
static void freed(object *module) { PyImport_ImportModule("csv"); }
void *kept[] = {(void *)freed};

object *PyInit_made(void) {
    void **slots = PyMem_Malloc(64);
    slots[0] = (void *)2;
    slots[1] = (void *)executed;
    return PyModuleDef_Init(slots);
}
"""


def test_slots_that_are_filled_in_by_code_run_too(tmp_path: Path) -> None:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    (tmp_path / "made.c").write_text(SLOTS_AT_RUN_TIME)
    options = ["-shared", "-fPIC", "-O2", "-Wl,--unresolved-symbols=ignore-all"]
    subprocess.run([compiler, *options, "-o", str(tmp_path / "made.so"), str(tmp_path / "made.c")], check=True)
    if elf.parse((tmp_path / "made.so").read_bytes()) is None:
        pytest.skip("no machine whose code is read")
    assert shared_objects.imports(str(tmp_path / "made.so"), "made", lambda name: True) == ("json.decoder",)
