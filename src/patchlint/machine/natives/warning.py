"""The ``_warnings`` module, written in C: what a warning does by the filters; what is shown, Python code shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchlint.machine.frames import Frame, Raised
from patchlint.machine.values import Class, Instance, Module, Native, Value

if TYPE_CHECKING:
    from patchlint.machine.core import Machine

Arguments = list[Value]
Keywords = dict[str, Value]

_IGNORED = ("DeprecationWarning", "PendingDeprecationWarning", "ImportWarning", "ResourceWarning")


def warnings_c(m: Machine, module: Module) -> None:
    """The functions, and the filters that an interpreter starts with."""
    shown: set[Value] = set()
    filters: list[Value] = [("default", None, m.types["DeprecationWarning"], "__main__", 0)]
    filters += [("ignore", None, m.types[name], None, 0) for name in _IGNORED]
    module.ns.update(filters=filters, _defaultaction="default", _onceregistry={})
    module.ns["warn"] = Native("warn", lambda m, f, a, k: _warn(m, f, a, k, shown), "_warnings")
    module.ns["warn_explicit"] = Native("warn_explicit", lambda m, f, a, k: None, "_warnings")
    module.ns["_filters_mutated"] = Native("_filters_mutated", lambda m, f, a, k: shown.clear(), "_warnings")


def warnings(m: Machine, module: Module) -> None:
    """Where ``_warnings`` is there, its functions stand for those in Python."""
    module.ns.update({name: m.modules["_warnings"].ns[name] for name in ("warn", "warn_explicit")})


def _warn(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords, shown: set[Value]) -> None:
    """``warn(message, category, stacklevel)``; where it is not known what the filters say, nothing happens."""
    given = dict(zip(("message", "category", "stacklevel", "source"), arguments, strict=False)) | keywords
    message, category = given.get("message"), given.get("category")
    if type(message) is Instance and m.types["Warning"] in message.cls.mro:
        category = message.cls
    category = m.types["UserWarning"] if category is None else category
    if type(category) is not Class or m.types["Warning"] not in category.mro:
        return
    place = _place(frame, given.get("stacklevel", 1))
    text = m.text(message, frame)
    action = _action(m, text, category, place, frame)
    if action == "error":
        raise Raised(message if type(message) is Instance else m.call(category, [message], {}, frame), frame.trail)
    key = (category, text, place.module.name, place.line)
    if action is None or action == "ignore" or (action != "always" and key in shown):
        return
    shown.add(key)
    _show(m, message, category, place, frame)


def _place(frame: Frame, level: Value) -> Frame:
    """The frame that a warning is about."""
    for _ in range(level - 1 if type(level) is int else 0):
        frame = frame.caller or frame
    return frame


def _action(m: Machine, text: Value, category: Class, place: Frame, frame: Frame) -> Value:
    """What the first filter that matches asks for; None where that is not known."""
    home = m.modules.get("warnings") or m.modules["_warnings"]
    filters = home.ns.get("filters")
    for item in filters if type(filters) is list else ():
        if type(item) is not tuple or len(item) != 5 or type(item[2]) is not Class:
            return None
        action, message, kind, module, line = item
        if kind not in category.mro or line not in (0, place.line):
            continue
        verdicts = (_matches(m, message, text, frame), _matches(m, module, place.module.name, frame))
        if False in verdicts:
            continue
        return None if None in verdicts else action
    return "default"


def _matches(m: Machine, pattern: Value, text: Value, frame: Frame) -> bool | None:
    if pattern is None or type(pattern) is str:
        return pattern is None or pattern == text
    found = m.call(m.getattr(pattern, "match", frame), [text], {}, frame)
    return m.truth(found, frame)


def _show(m: Machine, message: Value, category: Class, place: Frame, frame: Frame) -> None:
    """``warnings._showwarnmsg``, if that module was ever imported."""
    home = m.modules.get("warnings")
    record = home.ns.get("WarningMessage") if type(home) is Module else None
    if type(home) is not Module or type(record) is not Class:
        return
    value = message if type(message) is Instance else m.call(category, [message], {}, frame)
    told = m.call(record, [value, category, place.path, place.line], {}, frame)
    m.call(m.getattr(home, "_showwarnmsg", frame), [told], {}, frame)
