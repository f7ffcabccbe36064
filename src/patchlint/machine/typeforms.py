"""The forms of ``typing`` and what subscribing them makes: PEP 484, and ``typing`` of the standard library.

A form that is no class, such as ``Union``, is an ``Alias`` without arguments whose origin is a class of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from patchlint.machine.values import MISSING, Alias, Class, Value

if TYPE_CHECKING:
    from patchlint.machine.core import Machine


def new_form(m: Machine, name: str) -> Alias:
    """A form of ``typing`` that has not been subscripted."""
    cls = Class(name, "typing", (m.types["object"],))
    cls.mro = (cls, m.types["object"])
    cls.metaclass = m.types["type"]
    cls.is_open = True
    form = m.type_forms[cls] = Alias(cls, ())
    return form


def subscripted(m: Machine, owner: Alias, key: Value) -> Value:
    """``owner[key]``: unions are flat and have each type once; one of a single type is that type."""
    name = owner.origin.name if owner is m.type_forms.get(owner.origin) else ""
    if name not in ("Union", "Optional"):
        return Alias(owner.origin, key)
    given = (key, None) if name == "Optional" else key if type(key) is tuple else (key,)
    return union(m, _union(m, owner), given)


def union(m: Machine, form: Value, given: Sequence[Value]) -> Value:
    """The union of some types."""
    every = [one for value in given for one in _members(m, value)]
    try:
        types = list(dict.fromkeys(every))
    except TypeError:
        raise m.error("TypeError", "Union[arg, ...]: each arg must be a type.") from None
    return types[0] if len(types) == 1 else Alias(form, tuple(types))


def _members(m: Machine, value: Value) -> tuple[Value, ...]:
    if value is None:
        return (m.types["NoneType"],)
    if is_union(value) and type(value.arguments) is tuple:
        return tuple(value.arguments)
    return (value,)


def is_union(value: Value) -> bool:
    """Whether a value is a union of types, however it was written."""
    if type(value) is not Alias or type(value.origin) is not Class or value.arguments == ():
        return False
    return value.origin.name in ("Union", "UnionType") and value.origin.module in ("typing", "types", "builtins")


def _union(m: Machine, form: Alias) -> Value:
    """``Optional[X]`` is a union: the one of the same ``typing``, which may have been executed again."""
    if form.origin.name == "Union":
        return form.origin
    return next((cls for cls in reversed(m.type_forms) if cls.name == "Union"), form.origin)


def origin(m: Machine, alias: Alias) -> Value:
    """``__origin__``: the class that was subscripted, or the form; MISSING for a form itself and for ``a | b``."""
    form = m.type_forms.get(alias.origin) if type(alias.origin) is Class else None
    if form is alias or alias.origin is m.types["UnionType"]:
        return MISSING
    return alias.origin if form is None else form
