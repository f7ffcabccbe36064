"""3.3.1 ``__hash__`` and ``__eq__``: which key an object is, where its class says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchlint.machine.frames import Frame
from patchlint.machine.values import MISSING, Class, Function, Instance, Module, Native, Value

if TYPE_CHECKING:
    from patchlint.machine.core import Machine


class Keys:
    """What the containers of the host ask for the program's objects, which are keys of theirs."""

    def __init__(self, m: Machine) -> None:
        self._m = m
        self._frame = Frame(Module("builtins"), {}, None, "hash")

    def hash(self, value: Instance) -> int:
        """As its ``__hash__`` says; by identity where that is not known."""
        found = self._call(value, "__hash__", [])
        return hash(found) if type(found) is int else id(value)

    def are_same(self, value: Instance, other: Instance) -> bool:
        """As ``__eq__`` says; not where that is not known."""
        return self._m.truth(self._call(value, "__eq__", [other]), self._frame) is True

    def _call(self, value: Instance, name: str, arguments: list[Value]) -> Value:
        method = self._m.class_attribute(value.cls, name)
        return self._m.call(self._m.bound(method, value, value.cls, self._frame), arguments, {}, self._frame)


def note(m: Machine, cls: Class) -> None:
    """Note on a class whether its objects are compared by methods of the program."""
    found = {name: _own(cls, name) for name in ("__hash__", "__eq__")}
    cls.keys = m.keys if all(type(method) in (Function, Native) for method in found.values()) else None


def _own(cls: Class, name: str) -> Value:
    """A method that the program defines, before any built-in type does."""
    for base in cls.mro:
        if base.host is not None:
            break
        if name in base.ns:
            return base.ns[name]
    return MISSING
