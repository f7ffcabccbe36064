"""What an extension module imports when it is imported, and which names it mentions, from its bytes alone.

The code that an import runs is followed from ``PyInit_*`` (``binary.elf``): a name counts when that code
hands it to a function that imports.  Cython keeps its names in a table, which is read first
(``binary.cython``).  mypyc's modules are shells around one module that holds all code, and ship the Python
source that they were compiled from: its imports at the top level are theirs.
Rust code hands over names in too many ways to be followed: only its C strings are seen.
"""

from __future__ import annotations

import ast
import os
import re
import struct
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final

from patchlint.model.names import absolute, parent_of
from patchlint.sources import cython_source
from patchlint.sources.binary import cython, elf
from patchlint.sources.binary.elf import Code, Image
from patchlint.sources.store import Store, hash_of

_IMPORTERS: Final = frozenset(
    {
        *(b"PyImport_Import", b"PyImport_ImportModule", b"PyImport_ImportModuleNoBlock"),
        *(b"PyImport_ImportModuleLevel", b"PyImport_ImportModuleLevelObject", b"PyCapsule_Import"),
    }
)
_CACHE: Final = frozenset({b"PyImport_GetModule"})  # where ``from package import name`` looks for a submodule
_NAME: Final = re.compile(rb"[A-Za-z_][\w.]*")
_C_NAME: Final = re.compile(rb"([A-Za-z_0-9][\w.]{0,200})\0")
_CAPSULE: Final = re.compile(r"(.+)\.\w*C?_?API")
_GROUP: Final = "__mypyc"
_CFFI: Final = b"_cffi_backend"
"""What all code imports that cffi made, whatever it was linked into."""
_DEPTH: Final = 2
_INCLUDED: Final = 4
_IMPORTS: Final = b"y"
_MENTIONS: Final = b"m"
_ENDS: Final = 16_384
_SETTER: Final = b"PyObject_SetAttr"


def imports(path: str, module: str, exists: Callable[[str], bool], store: Store | None = None) -> tuple[str, ...]:
    """The modules that an extension module imports, roughly in order; none of a file that cannot be read.

    ``module`` is its own name; ``exists`` says whether a name is that of a module which can be found.
    """
    found = list(_scanned(path, store or Store()))
    if any(name.endswith(_GROUP) for name in found) and (source := source_of(path)):
        found += _top_level_imports(source, module)
    package = parent_of(module)
    starts = (".", f"{package}.") if package else (".",)
    siblings = {name[len(s) :] for s in starts for name in found if name.startswith(s)} - sys.stdlib_module_names
    usable = (_found(name.rstrip("."), package, exists, name in siblings) for name in found if name.strip("."))
    return tuple(_one_spelling(name for name in dict.fromkeys(usable) if name and name != module))


def _found(name: str, package: str, exists: Callable[[str], bool], may_be_sibling: bool) -> str:
    """The module that a name from ``scan`` is for; nothing where there is none.

    A package that has a module named like another distribution's means its own.
    """
    if may_be_sibling and package and exists(f"{package}.{name}"):
        return f"{package}.{name}"
    if not name.startswith("."):
        return name if exists(name) else ""
    return f"{package}{name}" if package and not exists(name[1:]) and exists(f"{package}{name}") else ""


def mentions(path: str, name: str, store: Store | None = None) -> bool:
    """Whether a name is among the module's strings, where an attribute's or a function's name would be."""
    store = store or Store()
    key = _MENTIONS + hash_of(f"{_stamp(path)} {name}".encode())
    known = store.get(key)
    if known is None:
        known = b"1" if _mentions(path, name.encode()) else b""
        store.put(key, known)
    return bool(known)


def _mentions(path: str, name: bytes) -> bool:
    data = _content(path, _stamp(path))
    if b"\0" + name + b"\0" in data or (_is_rust(data) and name in data):
        return True
    if name in _constants(path, _stamp(path)):
        return True
    if _GROUP.encode() in data and (source := source_of(path)):
        return re.search(rb"\b" + re.escape(name) + rb"\b", _content(source, _stamp(source))) is not None
    return False


def source_of(path: str, suffix: str = ".py") -> str | None:
    """The source that lies beside a compiled module, which it was compiled from."""
    folder, slash, file = path.rpartition("/")
    candidate = f"{folder}{slash}{file.partition('.')[0]}{suffix}"
    try:
        with open(candidate, "rb"):
            return candidate
    except OSError:
        return None


def compiled_sources(path: str, store: Store | None = None) -> tuple[str, ...]:
    """The files that an extension module was made of by mypyc or Cython, where they lie beside it.

    Beside a module that was written in C lies what stands in for it where there is no C.
    """
    source = source_of(path)
    if source is not None:
        is_shell = any(name.endswith(_GROUP) for name in _scanned(path, store or Store()))
        return (source,) if is_shell or cython.is_cython(_content(path, _stamp(path))) else ()
    source = source_of(path, ".pyx")
    return () if source is None else tuple(dict.fromkeys(_with_included(source, _INCLUDED)))


def _with_included(path: str, depth: int) -> Iterator[str]:
    yield path
    text = _content(path, _stamp(path)).decode("utf-8", "replace")
    for name in cython_source.included(text) if depth else ():
        inner = os.path.join(os.path.dirname(path), name)
        if os.path.isfile(inner):
            yield from _with_included(inner, depth - 1)


def scan(data: bytes) -> tuple[str, ...]:
    """The names of what is imported, most of them of modules, by the content of a shared object alone.

    ``.name`` is one that a relative import may be for, if there is no module ``name``.
    """
    image = elf.parse(data)
    try:
        names = _names(image) if image else _dotted_strings(data)
    except (struct.error, LookupError):  # a damaged file
        names = ()
    return tuple(dict.fromkeys((*names, *([_CFFI.decode()] if b"\0" + _CFFI + b"\0" in data else ()))))


def _scanned(path: str, store: Store) -> tuple[str, ...]:
    key = _IMPORTS + hash_of(_stamp(path).encode())
    known = store.get(key)
    if known is not None:
        return tuple(known.decode().split("\n")) if known else ()
    names = scan(_content(path, _stamp(path)))
    store.put(key, "\n".join(names).encode())
    return names


def _stamp(path: str) -> str:
    """What tells a shared object from any other: they are large, and never edited in place.

    The first bytes have the identifier that the linker gave to the content, the last the table of sections.
    """
    try:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            head = file.read(_ENDS)
            file.seek(max(0, status.st_size - _ENDS))
            return f"{status.st_size} {status.st_mtime_ns} {hash_of(head + file.read(_ENDS)).hex()}"
    except OSError:
        return ""


@lru_cache(maxsize=2)
def _content(path: str, stamp: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read() if stamp else b""
    except OSError:
        return b""


@lru_cache(maxsize=8)
def _constants(path: str, stamp: str) -> frozenset[bytes]:
    data = _content(path, stamp)
    try:
        image = elf.parse(data) if cython.is_cython(data) else None
        return frozenset(cython.strings(image)) if image else frozenset()
    except (struct.error, LookupError):  # a damaged file
        return frozenset()


def _is_rust(data: bytes) -> bool:
    return b"/rustc/" in data or b"pyo3" in data


# From code ----------------------------------------------------------------------------------------
def _names(image: Image) -> tuple[str, ...]:
    code = elf.run_by_import(image)
    is_cython = cython.is_cython(image.data)
    table = cython.strings(image) if is_cython else []
    slots = _slots(image, code, table) if table else {}
    names = tuple(_handed_over(image, code, slots))
    return (*names, *_dotted_strings(image.data)) if is_cython and not slots else names


def _handed_over(image: Image, code: Code, slots: Mapping[int, bytes]) -> Iterator[str]:
    """The strings that the code of an import hands to functions that import."""
    origin = ""
    for address, callee in code.references:
        # Cython's modules of one package share their helpers, through pointers that the import fills in.
        is_shared = address in slots and isinstance(callee, int) and callee in image.zeros
        is_importer = is_shared or code.reaches(callee, _IMPORTERS, _DEPTH)
        if is_importer or code.reaches(callee, _CACHE, _DEPTH):
            name = _decoded(slots.get(address) or _c_string(image, address))
            if name and (is_importer or address not in slots):
                origin = name
                yield name
            elif origin and name.isidentifier():
                yield f"{origin}.{name}"
            if address in slots and name.isidentifier() and not cython.spells_out_packages(image.data):
                yield f".{name}"
            if capsule := _CAPSULE.fullmatch(name):
                yield capsule[1]


def _decoded(text: bytes) -> str:
    return text.decode("ascii", "replace") if _NAME.match(text) or text[:1].isdigit() else ""


def _c_string(image: Image, address: int) -> bytes:
    offset = image.file_offset(address)
    match = None if offset is None else _C_NAME.match(image.data, offset)
    return match[1] if match else b""


def _slots(image: Image, code: Code, table: list[bytes]) -> dict[int, bytes]:
    """The addresses of Cython's string objects: an array in the order of the table.

    Where it starts is told by the code that every module has: ``setattr(module, "__name__", "__main__")``.
    """
    places = {text: index for index, text in enumerate(table)}
    name, main, test = (8 * places[text] for text in (b"__name__", b"__main__", b"__test__"))
    used = {address for address, _ in code.references}
    best, score = 0, (False, False, 0)
    for index, (address, callee) in enumerate(code.references):
        start = address - name
        if start not in image.zeros or start + test not in used:
            continue
        for other, other_callee in code.references[max(0, index - 4) : index + 5]:
            if other == start + main:
                hits = sum(start + 8 * place in used for place in range(len(table)))
                this = (callee == other_callee == _SETTER, callee == other_callee, hits)
                best, score = max((best, score), (start, this), key=lambda pair: pair[1])
    return {best + 8 * place: text for place, text in enumerate(table)} if best else {}


# Without code -------------------------------------------------------------------------------------
_COMPILERS_OWN: Final = frozenset({"asyncio.coroutines"})  # Cython asks it for a mark, in a coroutine's constructor


def _dotted_strings(data: bytes) -> tuple[str, ...]:
    """The dotted names among a file's C strings: a name of one word may be any word."""
    found = (match[1].decode("ascii") for match in re.finditer(rb"\0([A-Za-z_]\w*(?:\.\w+)+)(?=\0)", data))
    return tuple(dict.fromkeys(name for name in found if name not in _COMPILERS_OWN))


def _one_spelling(names: Iterable[str]) -> Iterator[str]:
    """Of ``a._core.x`` and ``a.core.x`` the first of these: code tries the other where it is missing."""
    found = tuple(names)
    plain = [
        ".".join([*(part.lstrip("_") for part in name.split(".")[:-1]), name.rpartition(".")[2]]) for name in found
    ]
    private = {public for name, public in zip(found, plain, strict=True) if name != public}
    return (name for name, public in zip(found, plain, strict=True) if name != public or public not in private)


# From Python source -------------------------------------------------------------------------------
def _top_level_imports(path: str, module: str) -> list[str]:
    try:
        tree = ast.parse(_content(path, _stamp(path)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    package = module if path.endswith("/__init__.py") else parent_of(module)
    return [name for node in _executed(tree.body) for name in _imported(node, package)]


def _executed(body: Iterable[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    for node in body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield node
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            yield from _executed(node.orelse)
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            handlers = getattr(node, "handlers", ())
            blocks = (getattr(node, name, ()) for name in ("body", "orelse", "finalbody"))
            yield from (found for block in (*blocks, *(h.body for h in handlers)) for found in _executed(block))


def _imported(node: ast.Import | ast.ImportFrom, package: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    try:
        name = absolute(package, node.level, node.module or "") if node.level else node.module or ""
    except ValueError:
        return
    yield name
    yield from (f"{name}.{alias.name}" for alias in node.names)
