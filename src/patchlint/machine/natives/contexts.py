"""``contextvars``, of which all is written in C: variables and the contexts that code runs in.

There is one context here: what runs in a copy sets the same variables, and puts nothing back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchlint.machine.frames import Frame
from patchlint.machine.natives.builtins import new_type
from patchlint.machine.values import MISSING, Class, Instance, Module, Native, Unknown, Value

if TYPE_CHECKING:
    from patchlint.machine.core import Machine

Arguments = list[Value]
Keywords = dict[str, Value]


def contextvars_c(m: Machine, module: Module) -> None:
    """``_contextvars``."""
    context = _type(m, "Context", {"run": _run, "copy": lambda m, f, a, k: a[0]})
    variable = _type(m, "ContextVar", {"__init__": _declare, "get": _get, "set": _set, "reset": _reset})
    token = _type(m, "Token", {})
    token.ns["MISSING"] = Unknown("Token.MISSING")
    module.ns.update(Context=context, ContextVar=variable, Token=token)
    module.ns["copy_context"] = Native("copy_context", lambda m, f, a, k: Instance(context), "_contextvars")


def _type(m: Machine, name: str, methods: dict[str, object]) -> Class:
    cls = new_type(m, f"contextvars.{name}", "_contextvars")
    cls.name = cls.qualname = name
    cls.is_open = bool(methods)
    for key, method in methods.items():
        cls.ns[key] = Native(key, method, "_contextvars", binds=True)  # type: ignore[arg-type]
    return cls


def _run(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    """``Context.run(function, *arguments)`` calls the function, and answers what that does."""
    return m.call(arguments[1], arguments[2:], keywords, frame)


def _declare(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> None:
    ns = arguments[0].ns
    ns["name"] = arguments[1] if len(arguments) > 1 else keywords.get("name")
    if "default" in keywords:
        ns[" default"] = keywords["default"]


def _get(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    """The value that was set, else the given default, else the variable's own; LookupError without one."""
    ns = arguments[0].ns
    for value in (ns.get(" value", MISSING), *arguments[1:2], keywords.get("default", MISSING)):
        if value is not MISSING:
            return value
    if " default" in ns:
        return ns[" default"]
    raise m.error("LookupError", arguments[0])


def _set(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    owner = arguments[0]
    token = Instance(m.types["contextvars.Token"])
    token.ns.update({"var": owner, " before": owner.ns.get(" value", MISSING)})
    token.ns["old_value"] = token.cls.ns["MISSING"] if token.ns[" before"] is MISSING else token.ns[" before"]
    m.bind(owner.ns, " value", arguments[1])
    return token


def _reset(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> None:
    owner, token = arguments[0], arguments[1]
    before = token.ns.get(" before", MISSING) if type(token) is Instance else MISSING
    if before is MISSING:
        m.unbind(owner.ns, " value")
    else:
        m.bind(owner.ns, " value", before)
