"""``importlib.metadata``'s entry points: which there are is known, and they are loaded by the program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from patchlint.machine import imports
from patchlint.machine.frames import Frame
from patchlint.machine.natives.builtins import new_type
from patchlint.machine.values import Class, Generator, Instance, Module, Native, Property, Unknown, Value

if TYPE_CHECKING:
    from patchlint.machine.core import Machine

Arguments = list[Value]
Keywords = dict[str, Value]

HOME: Final = "importlib.metadata"
_FIELDS: Final = ("group", "name", "value")


def entry_points(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    """``entry_points(group=..., name=...)`` of all distributions."""
    return chosen(m, keywords)


def chosen(m: Machine, wanted: Keywords, distribution: str | None = None) -> Value:
    """The entry points of one distribution, or of all, that have certain fields: an ``EntryPoints``."""
    if any(type(value) is not str for value in wanted.values()):
        return Unknown("entry_points()")
    made = Instance(m.types.get("EntryPoints") or _entry_points_type(m))
    made.ns.update({" wanted": dict(wanted), " of": distribution})
    return made


def _points(m: Machine, owner: Value) -> Iterator[Instance]:
    cls = m.types.get("EntryPoint") or _entry_point_type(m)
    wanted = owner.ns[" wanted"]
    installed = m.world.target.search_path
    folders = [entry or m.world.cwd for entry in m.sys_path if type(entry) is str and entry not in installed]
    for fields in m.world.knowledge.entry_points(wanted.get("group"), owner.ns[" of"], folders):
        named = dict(zip(_FIELDS, fields, strict=True))
        if all(named.get(field) == value for field, value in wanted.items()):
            point = Instance(cls)
            point.ns.update(named)
            yield point


def _entry_points_type(m: Machine) -> Class:
    """Entry points, of which some are asked for: by ``select`` today, by key of the group before Python 3.12."""
    module = m.modules.get(HOME)
    usual = module.ns.get("EntryPoints") if type(module) is Module else None
    cls = new_type(m, "EntryPoints", HOME, *([usual] if type(usual) is Class else []))
    cls.is_open = True
    for name, function in (("select", _select), ("__iter__", _iterate), ("__len__", _count)):
        cls.ns[name] = Native(name, function, HOME, binds=True)
    for name in ("get", "__getitem__"):
        cls.ns[name] = Native(name, _by_key, HOME, binds=True)
    for name, field in (("names", "name"), ("groups", "group")):
        cls.ns[name] = _all_of(field)
    return cls


def _select(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    owner = arguments[0].ns
    return chosen(m, {**owner[" wanted"], **keywords}, owner[" of"])


def _iterate(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    return Generator(_points(m, arguments[0]))


def _count(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    return sum(1 for _ in _points(m, arguments[0]))


def _by_key(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    owner, key = arguments[0], arguments[1] if len(arguments) > 1 else None
    if type(key) is int:
        points: list[Value] = list(_points(m, owner))
        return m.getitem(points, key, frame)
    if type(key) is not str:
        return Unknown("entry points")
    if not owner.ns[" wanted"] and m.version < (3, 12):
        return chosen(m, {"group": key}, owner.ns[" of"])
    found = next((point for point in _points(m, owner) if point.ns["name"] == key), None)
    if found is None:
        raise m.error("KeyError", key)
    return found


def _all_of(field: str) -> Property:
    def read(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
        return {point.ns[field] for point in _points(m, arguments[0])}

    return Property(Native(field, read, HOME))


def _entry_point_type(m: Machine) -> Class:
    cls = new_type(m, "EntryPoint", HOME)
    cls.is_open = True
    cls.ns["load"] = Native("load", _load, HOME, binds=True)
    return cls


def _load(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    value = arguments[0].ns["value"].partition("[")[0].strip()
    module_name, _, rest = value.partition(":")
    found = imports.import_absolute(m, module_name.strip(), frame)
    for part in filter(None, rest.strip().split(".")):
        found = m.getattr(found, part, frame)
    return found
