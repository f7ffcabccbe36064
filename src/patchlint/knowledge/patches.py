"""What a patch call replaces, by version of the library and of Python.

``data/patches.json`` was made by running the libraries (``tools/dump_patches.py``); ``data/patch_calls.toml``
describes the calls and their keywords.  A version that was not run is answered with the nearest older one
that was, a newer one with the newest.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Generic, TypeAlias, TypeVar

import msgspec
import tomli

from patchlint.knowledge.versions import Python, Release, matches, python_version, release

_PLAIN: Final = (bool, int, float, str, bytes, type(None), tuple, list, dict)
_IF_LOADED: Final = frozenset(("logging",))
"""Modules that a library leaves alone unless the program has imported them."""

_T = TypeVar("_T")
_Wanted: TypeAlias = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class ModulePatch:
    """What happens to one module, names in the order in which the library saves or sets them.

    ``imports`` is what the library imports just before; ``if_loaded`` means that the module is
    left alone when nothing has imported it.
    """

    module: str
    replaced: tuple[str, ...]
    removed: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    if_loaded: bool = False


@dataclass(frozen=True, slots=True)
class Replacement:
    """What one call does, in order: it imports ``first``, then each module's imports, and patches that module.

    ``version`` is the version whose behaviour answers.  ``unknown`` names keywords whose values are
    not known: ``modules`` is then the union of what they may mean.  ``upgraded`` names classes whose
    instances, where a module, a class or a container of one holds them, are replaced as well;
    ``refreshed`` names that get a new value while the old one is not kept as an original.
    """

    modules: tuple[ModulePatch, ...] = ()
    first: tuple[str, ...] = ()
    version: str = ""
    unknown: tuple[str, ...] = ()
    upgraded: tuple[str, ...] = ()
    refreshed: tuple[str, ...] = ()

    @property
    def imports(self) -> tuple[str, ...]:
        """Everything that the call imports, in order."""
        names = (*self.first, *(name for patch in self.modules for name in patch.imports))
        return tuple(dict.fromkeys(names))


def replacement(library: str, version: str, python: Python, call: str, arguments: Mapping[str, object]) -> Replacement:
    """What a call such as ``gevent.monkey.patch_all`` with these keyword arguments replaces.

    ``arguments`` are by parameter name; a value that is not a plain Python value is not known, and a
    key of ``**`` stands for keywords that are not known.  An empty answer for a function that does
    not patch, or that this library does not have.
    """
    table, calls = _tables().get(library), _calls()
    if table is None:
        return Replacement()
    seen = known_version(library, version)
    state = _State(table, release(seen), python, seen)
    name = call.rpartition(".")[2]
    if library == "eventlet":
        return _eventlet(state, calls.eventlet[name], arguments) if name in calls.eventlet else Replacement()
    return _gevent(state, calls.gevent[name], name, arguments) if name in calls.gevent else Replacement()


def known_version(library: str, version: str) -> str:
    """The version whose behaviour answers for ``version``; "" for a library that is not known."""
    table = _tables().get(library)
    if table is None:
        return ""
    asked = release(version)
    older = [known for known in table.known if release(known) <= asked]
    if not asked:
        return table.known[-1]
    return older[-1] if older else table.known[0]


def patch_calls(library: str) -> tuple[str, ...]:
    """The qualified names of the functions that patch."""
    if library == "eventlet":
        return ("eventlet.monkey_patch", "eventlet.patcher.monkey_patch")
    return tuple(f"gevent.monkey.{name}" for name in _calls().gevent) if library == "gevent" else ()


# gevent -----------------------------------------------------------------------------------------------
def _gevent(state: _State, call: _Call, name: str, arguments: Mapping[str, object]) -> Replacement:
    """Only what a false keyword drops is missing: an unknown one counts as true."""
    unknown = _unknown(arguments, call.without)
    dropped = [
        entry
        for keyword, entries in call.without.items()
        if keyword not in unknown and not arguments.get(keyword, True)
        for entry in entries
    ]
    lost = _Selection.of(dropped, state.version)
    covered = _Selection.of(call.modules, state.version)
    modules = tuple(
        patch
        for module in state.order()
        if covered.touches(module)
        for patch in [state.patch(module, lambda m, n: covered.has(m, n) and not lost.has(m, n))]
        if patch.replaced or patch.removed
    )
    refreshed = tuple(path for path in _applying(call.refreshed, state.version) if not lost.holds(path))
    first = state.table.prelude
    return _with_plugins(state, Replacement(modules, first, state.name, unknown, refreshed=refreshed), name)


def _with_plugins(state: _State, found: Replacement, name: str) -> Replacement:
    """Plugins are looked up at the first notification: ``patch_all`` makes one before it patches anything."""
    plugins = state.rule(state.table.plugins, ())
    if name == "patch_all":
        return replace(found, first=(*found.first, *plugins))
    if not found.modules:
        return found
    one, *rest = found.modules
    return replace(found, modules=(replace(one, imports=(*one.imports, *plugins)), *rest))


# eventlet ---------------------------------------------------------------------------------------------
def _eventlet(state: _State, call: _Flags, arguments: Mapping[str, object]) -> Replacement:
    """One flag that is true turns the others off; ``all`` sets those that are not given."""
    flags = {("builtins" if key == "__builtin__" else key): value for key, value in arguments.items()}
    unknown = _unknown(flags, [*call.flags, "all"])
    on = call.flags if unknown else tuple(flag for flag in call.flags if _is_on(flag, flags, call.off))
    covered = _Selection.of([*(module for flag in on for module in call.flags[flag]), *call.always], state.version)
    found = [state.patch(module, covered.has) for module in state.order() if covered.touches(module)]
    modules = tuple(patch for patch in found if patch.replaced or patch.removed)
    whole = [module for flag in on for module in call.flags[flag]]
    imports = tuple(call.green[module] for module in whole if module in call.green)
    upgraded = ("threading.RLock",) if "thread" in on else ()
    return Replacement(modules, imports, state.name, unknown, upgraded)


def _is_on(flag: str, flags: Mapping[str, object], off: Iterable[str]) -> bool:
    if flag in flags:
        return bool(flags[flag])
    if flag in off:
        return False
    default = flags.get("all")
    if default is not None:
        return bool(default)
    return not any(value is True for key, value in flags.items() if key != "all")


# Keywords and names -----------------------------------------------------------------------------------
def _unknown(arguments: Mapping[str, object], keywords: Iterable[str]) -> tuple[str, ...]:
    if "**" in arguments:
        return ("**",)
    return tuple(key for key in keywords if key in arguments and type(arguments[key]) not in _PLAIN)


@dataclass(frozen=True, slots=True)
class _Selection:
    """Entries of ``patch_calls.toml``: whole modules, single names, and names that are kept out of it."""

    whole: frozenset[str]
    names: frozenset[str]
    spared: frozenset[str]

    @classmethod
    def of(cls, entries: Iterable[str], version: Release) -> _Selection:
        valid = list(_applying(entries, version))
        spared = frozenset(entry[1:] for entry in valid if entry.startswith("!"))
        whole = frozenset(entry for entry in valid if entry == "*" or "." not in entry)
        return cls(whole, frozenset(entry for entry in valid if entry not in whole), spared)

    def touches(self, module: str) -> bool:
        return bool(self.whole & {"*", module}) or any(name.rpartition(".")[0] == module for name in self.names)

    def holds(self, path: str) -> bool:
        return self.has(*path.rpartition(".")[::2])

    def has(self, module: str, name: str) -> bool:
        qualified = f"{module}.{name}"
        return qualified not in self.spared and (bool(self.whole & {"*", module}) or qualified in self.names)


def _applying(entries: Iterable[str], version: Release) -> Iterator[str]:
    for entry in entries:
        name, _, specifier = entry.partition(";")
        if matches(specifier, version):
            yield name.strip()


# The files --------------------------------------------------------------------------------------------
class _Rule(msgspec.Struct, Generic[_T], array_like=True, frozen=True):
    since: str
    python: str
    value: _T


class _Table(msgspec.Struct, frozen=True):
    known: tuple[str, ...]
    order: list[_Rule[tuple[str, ...]]]
    prelude: tuple[str, ...]
    plugins: list[_Rule[tuple[str, ...]]]
    modules: dict[str, list[_Rule[tuple[tuple[str, ...], tuple[str, ...]]]]]
    imports: dict[str, list[_Rule[tuple[str, ...]]]]


class _Call(msgspec.Struct, frozen=True):
    modules: tuple[str, ...]
    without: dict[str, tuple[str, ...]] = {}
    refreshed: tuple[str, ...] = ()


class _Flags(msgspec.Struct, frozen=True):
    always: tuple[str, ...]
    off: tuple[str, ...]
    flags: dict[str, tuple[str, ...]]
    green: dict[str, str]


class _Calls(msgspec.Struct, frozen=True):
    gevent: dict[str, _Call]
    eventlet: dict[str, _Flags]


class _Tables(msgspec.Struct, frozen=True):
    gevent: _Table
    eventlet: _Table


@dataclass(frozen=True, slots=True)
class _State:
    """One library's table at one version and one Python."""

    table: _Table
    version: Release
    python: Python
    name: str

    def rule(self, rules: Iterable[_Rule[_T]], default: _T) -> _T:
        """The last rule that applies; where Python is older than all that were run, the oldest."""
        old = [rule for rule in rules if release(rule.since) <= self.version]
        fit = [rule for rule in old if python_version(rule.python) <= self.python]
        if fit:
            return fit[-1].value
        return old[0].value if old else default

    def order(self) -> tuple[str, ...]:
        return self.rule(self.table.order, ())

    def patch(self, module: str, wanted: _Wanted) -> ModulePatch:
        replaced, removed = self.rule(self.table.modules[module], ((), ()))
        return ModulePatch(
            module,
            tuple(name for name in replaced if wanted(module, name)),
            tuple(name for name in removed if wanted(module, name)),
            self.rule(self.table.imports.get(module, ()), ()),
            module in _IF_LOADED,
        )


def _path(name: str) -> str:
    return os.path.join(os.path.dirname(__file__), "data", name)


@functools.lru_cache(maxsize=1)
def _tables() -> dict[str, _Table]:
    with open(_path("patches.json"), "rb") as file:
        tables = msgspec.json.decode(file.read(), type=_Tables)
    return {"gevent": tables.gevent, "eventlet": tables.eventlet}


@functools.lru_cache(maxsize=1)
def _calls() -> _Calls:
    with open(_path("patch_calls.toml"), "rb") as file:
        return msgspec.convert(tomli.load(file), type=_Calls)
