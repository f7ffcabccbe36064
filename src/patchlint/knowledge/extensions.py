"""What the standard library's C modules hold, by Python version.

There is no source that could be read for them, so ``tools/dump_extensions.py`` asked real interpreters:
CPython 3.7 to 3.13 on Linux.  An older target is answered with 3.7, a newer one with 3.13.  CPython's
own test modules (``_testcapi`` and the like) are left out.
"""

from __future__ import annotations

import functools
import os
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import msgspec

from patchlint.knowledge.versions import Python

OLDEST: Final[Python] = (3, 7)
NEWEST: Final[Python] = (3, 13)

ConstantValue: TypeAlias = bool | int | float | str | bytes | tuple[bool | int | str | None, ...] | None


class Constant(NamedTuple):
    """A name bound to a plain value, which is the same in every installation."""

    kind: Literal["k"]
    value: ConstantValue


class SameAs(NamedTuple):
    """A second name of one object.

    ``name`` has no dot for an earlier name of this very module (``SocketType`` is ``socket``), else
    it is ``module.name``: the same object in another C module.
    """

    kind: Literal["s"]
    name: str


class ClassEntry(NamedTuple):
    """A class.  ``path`` tells classes apart: one path is one class, wherever it is exposed.

    ``path`` is ``__module__`` and ``__qualname__`` as the class itself gives them
    (``_thread.LockType`` is ``_thread.lock``), ``bases`` are paths, ``members`` the names in its own
    ``__dict__`` (empty for a class of ``builtins`` seen in another module), ``metaclass`` a path, None for ``type``.
    """

    kind: Literal["c"]
    path: str
    bases: tuple[str, ...]
    members: tuple[str, ...]
    metaclass: str | None


class FunctionEntry(NamedTuple):
    """A function."""

    kind: Literal["f"]


class ModuleEntry(NamedTuple):
    """A name bound to a module."""

    kind: Literal["m"]
    name: str


class InstanceEntry(NamedTuple):
    """Any other object; ``type`` is the path of its class."""

    kind: Literal["i"]
    type: str


Entry: TypeAlias = Constant | SameAs | ClassEntry | FunctionEntry | ModuleEntry | InstanceEntry


@dataclass(frozen=True, slots=True)
class ExtensionModule:
    """The names of a C module and the modules that importing it imports, both in order.

    A ``SameAs`` comes after the name of this module that it refers to.
    """

    names: Mapping[str, Entry]
    imports: tuple[str, ...]


def extension(python: Python, module: str) -> ExtensionModule | None:
    """What a builtin or extension module of the standard library holds; None for any other module."""
    return _extension(known_python(python), module)


def hidden_class(python: Python, path: str) -> ClassEntry | None:
    """A class that no module exposes, but that a base, a metaclass or an instance needs."""
    row = _data(known_python(python)).hidden.get(path)
    return None if row is None else _class(row)


def startup(python: Python) -> tuple[str, ...]:
    """What ``python program.py`` has imported before the first line, in the order in which imports begin.

    Without what ``.pth`` files and ``sitecustomize`` add, without ``__main__`` and second names (``os.path``).
    """
    return _data(known_python(python)).startup


def frozen(python: Python) -> frozenset[str]:
    """The names of frozen modules."""
    return frozenset(_data(known_python(python)).frozen)


def builtin_modules(python: Python) -> frozenset[str]:
    """``sys.builtin_module_names`` of an interpreter built with the defaults."""
    return frozenset(_data(known_python(python)).builtin)


def builtin_names(python: Python) -> tuple[str, ...]:
    """The names in ``builtins``, without those that ``site`` adds (``exit``, ``help``, ...)."""
    module = extension(python, "builtins")
    return tuple(module.names) if module else ()


def known_python(python: Python) -> Python:
    """The version whose table answers for a target."""
    return min(max(python, OLDEST), NEWEST)


# The files --------------------------------------------------------------------------------------------
class _Data(msgspec.Struct, frozen=True):
    startup: tuple[str, ...]
    frozen: tuple[str, ...]
    builtin: tuple[str, ...]
    modules: dict[str, tuple[tuple[str, ...], dict[str, list[Any]]]]
    hidden: dict[str, list[Any]]


@functools.lru_cache(maxsize=2)
def _data(python: Python) -> _Data:
    path = os.path.join(os.path.dirname(__file__), "data", "extensions", f"{python[0]}.{python[1]}.json.z")
    with open(path, "rb") as file:
        return msgspec.json.decode(zlib.decompress(file.read()), type=_Data)


@functools.lru_cache(maxsize=256)
def _extension(python: Python, module: str) -> ExtensionModule | None:
    found = _data(python).modules.get(module)
    if found is None:
        return None
    imports, rows = found
    return ExtensionModule(MappingProxyType({name: _ENTRIES[row[0]](row) for name, row in rows.items()}), imports)


def _class(row: list[Any]) -> ClassEntry:
    return ClassEntry("c", row[1], tuple(row[2]), tuple(row[3]), row[4] if len(row) > 4 else None)


_ENTRIES: Final[Mapping[str, Callable[[list[Any]], Entry]]] = {
    "k": lambda row: Constant("k", row[1]),
    "y": lambda row: Constant("k", bytes.fromhex(row[1])),
    "z": lambda row: Constant("k", float(row[1])),
    "t": lambda row: Constant("k", tuple(row[1])),
    "s": lambda row: SameAs("s", row[1]),
    "c": _class,
    "f": lambda _: FunctionEntry("f"),
    "m": lambda row: ModuleEntry("m", row[1]),
    "i": lambda row: InstanceEntry("i", row[1]),
}
