"""Which calls create and start threads, schedulers and processes: ``data/starters.toml``."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

import msgspec
import tomli

Stage: TypeAlias = Literal["created", "started", "ended"]
What: TypeAlias = Literal["thread", "scheduler", "process", "connection"]
Repairs: TypeAlias = Literal["at fork", "on use"]
IMPORT = "import"
"""Stands for a method where importing a module is what starts something."""


@dataclass(frozen=True, slots=True)
class Starter:
    """A class, function or module that creates or starts something which a fork does not copy well.

    ``name`` is where it is defined, ``stages`` what its calls do, by method name (of a function: of what it answers);
    ``""`` is calling a function, ``__init__`` making an instance, ``import`` importing the module.  ``native``: it is
    started by compiled code, so never a greenlet; ``green``: always one.  ``repairs``: how it comes alive again in a
    forked child by itself.  ``own``: told only where the program's own code calls it.
    """

    name: str
    library: str
    what: What
    stages: Mapping[str, Stage]
    aliases: tuple[str, ...]
    only_if: Mapping[str, Mapping[str, bool]]
    defaults: Mapping[str, bool]
    native: bool
    green: bool
    repairs: Repairs | None
    own: bool
    seen_with: str

    @property
    def repairs_itself(self) -> bool:
        """Whether it works again in a child that Python forked."""
        return self.repairs is not None

    def stage(self, method: str = "", keywords: Mapping[str, object] = MappingProxyType({})) -> Stage | None:
        """What a call with these keyword arguments does; None for nothing.

        A value that is neither None nor a plain constant counts as what lets the thing start: ask
        ``depends_on`` whether that was certain.
        """
        stage = self.stages.get(method)
        wanted = self.only_if.get(method, {})
        if stage is None or all(self._holds(key, value, keywords) for key, value in wanted.items()):
            return stage
        return "created" if method == "__init__" else None

    def depends_on(self, method: str = "") -> tuple[str, ...]:
        """The keywords that decide whether a call starts anything."""
        return tuple(self.only_if.get(method, {}))

    def _holds(self, key: str, wanted: bool, keywords: Mapping[str, object]) -> bool:
        value = keywords.get(key)
        if value is None:
            return self.defaults.get(key, wanted) is wanted
        return bool(value) is wanted if isinstance(value, (bool, int, float, str)) else True


@dataclass(frozen=True, slots=True)
class Starters:
    """All of them, by every qualified name they are known under.

    ``by_call`` has ``module.Class`` (making one), ``module.Class.method`` and ``module.function``;
    ``never`` are names that look like starters and start nothing.
    """

    by_name: Mapping[str, Starter]
    by_call: Mapping[str, tuple[Starter, str]]
    imports: Mapping[str, Starter]
    never: frozenset[str]

    def find(self, names: Iterable[str]) -> Starter | None:
        """The starter for a class, given the qualified names of its method resolution order."""
        for name in names:
            if name in self.never:
                return None
            if name in self.by_name:
                return self.by_name[name]
        return None


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"on_import": "import"}):
    library: str
    name: str
    what: What
    seen_with: str
    aliases: tuple[str, ...] = ()
    methods: dict[str, Stage] = {}
    call: Stage | None = None
    on_import: Stage | None = None
    only_if: dict[str, dict[str, bool]] = {}
    defaults: dict[str, bool] = {}
    native: bool = False
    green: bool = False
    repairs: Repairs | None = None
    own: bool = False


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    starter: tuple[_Row, ...]
    never: dict[str, tuple[str, ...]]


@functools.lru_cache(maxsize=1)
def starters() -> Starters:
    """The table, read once."""
    with open(os.path.join(os.path.dirname(__file__), "data", "starters.toml"), "rb") as file:
        rows = msgspec.convert(tomli.load(file), type=_File)
    found = [_starter(row) for row in rows.starter]
    named = [(name, starter) for starter in found for name in (starter.name, *starter.aliases)]
    return Starters(
        MappingProxyType({name: starter for name, starter in named if IMPORT not in starter.stages}),
        MappingProxyType(
            {call: (starter, method) for name, starter in named for call, method in _calls(name, starter)}
        ),
        MappingProxyType({name: starter for name, starter in named if IMPORT in starter.stages}),
        frozenset(name for names in rows.never.values() for name in names),
    )


def _starter(row: _Row) -> Starter:
    stages = {
        **row.methods,
        **({"": row.call} if row.call else {}),
        **({IMPORT: row.on_import} if row.on_import else {}),
    }
    return Starter(
        row.name,
        row.library,
        row.what,
        MappingProxyType(stages),
        row.aliases,
        MappingProxyType(row.only_if),
        MappingProxyType(row.defaults),
        row.native,
        row.green,
        row.repairs,
        row.own,
        row.seen_with,
    )


def _calls(name: str, starter: Starter) -> Iterable[tuple[str, str]]:
    for method in starter.stages:
        if method in ("", "__init__"):
            yield name, method
        elif method != IMPORT:
            yield f"{name}.{method}", method
