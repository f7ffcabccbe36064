"""Constants and built-in containers: their attributes and methods, with what is not known kept unknown."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from patchlint.machine.frames import Frame, Raised
from patchlint.machine.values import (
    CONSTANTS,
    HOST_TYPES,
    MISSING,
    PROGRAM_TYPES,
    Choice,
    Generator,
    HostMethod,
    Instance,
    Module,
    Native,
    Structure,
    Unknown,
    Value,
    has_gap,
)

if TYPE_CHECKING:
    from patchlint.machine.core import Machine

SIZE_LIMIT = 1_000_000
_WIDE = re.compile(r"[%{:.][^}]{0,8}?\d{6}")
_MUTATORS = frozenset(
    ("append", "extend", "insert", "remove", "pop", "clear", "sort", "reverse", "add", "discard", "update")
    + ("setdefault", "popitem", "difference_update", "intersection_update", "symmetric_difference_update")
    + ("__setitem__", "__delitem__", "__ior__", "__iadd__")
)
_ITERABLE_FIRST = frozenset(
    ("extend", "join", "update", "difference_update", "intersection_update", "union", "difference", "intersection")
    + ("issubset", "issuperset", "symmetric_difference", "symmetric_difference_update", "isdisjoint")
)
_REFUSED = frozenset(("__class__", "__reduce__", "__reduce_ex__", "__init_subclass__", "__subclasshook__"))


def attribute(m: Machine, owner: Value, name: str) -> Value:
    """An attribute of a constant or container, MISSING where it has none."""
    if isinstance(owner, Structure) and name in owner.fields:
        return owner.named(name)
    if name == "__class__":
        return m.class_of(owner)
    if name == "__doc__":
        return Unknown("doc")
    value = MISSING if name == "__dict__" or name in _REFUSED else getattr(owner, name, MISSING)
    if value is MISSING:
        return MISSING
    return HostMethod(owner, name) if callable(value) else value


def call_method(
    m: Machine, method: HostMethod, arguments: list[Value], keywords: dict[str, Value], frame: Frame
) -> Value:
    """Call a method of a constant or container."""
    return invoke(m, method.owner, method.name, arguments, keywords, frame)


def invoke(
    m: Machine, owner: Value, name: str, arguments: list[Value], keywords: dict[str, Value], frame: Frame
) -> Value:
    """``owner.name(*arguments, **keywords)`` on the host, where all that it depends on is known."""
    kind = type(owner)
    if kind in (str, bytes) and _would_be_huge(owner, name, arguments):
        return Unknown(f"{kind.__name__}.{name}()")
    if owner is m.family.children and name in ("discard", "remove", "clear", "pop", "difference_update"):
        m.forgotten(frame)
    if name in _MUTATORS and m.journal is not None and isinstance(owner, (list, dict, set)):
        m.journal.note_container(owner)
    if name in _HAVE_SPECIAL:
        special = _SPECIAL.get((kind, name))
        if special is not None:
            return special(m, owner, arguments, keywords, frame)
    if name == "update" and kind is dict and arguments and type(arguments[0]) is dict and "__spec__" in arguments[0]:
        m.share_openness(arguments[0], owner)
    if name in _ITERABLE_FIRST:
        arguments = [_spread(m, argument, frame, kind is dict) for argument in arguments]
        if kind is dict and keywords:
            owner.update(keywords)
            keywords = {}
    if name in ("encode", "decode") and kind in (str, bytes):
        m.use_codec(arguments, keywords, frame)
    if isinstance(owner, CONSTANTS) and not (_known(arguments) and _known(keywords.values())):
        return Unknown(f"{kind.__name__}.{name}()")
    arguments = [_plain(argument, owner) for argument in arguments]
    if has_gap(arguments):
        if isinstance(owner, list) and name == "extend":
            owner.append(arguments[0])
        return None if name in _MUTATORS else Unknown(f"{kind.__name__}.{name}()")
    return run_host(m, lambda: getattr(owner, name)(*arguments, **keywords), arguments)


def _would_be_huge(owner: str | bytes, name: str, arguments: list[Value]) -> bool:
    """Whether the answer would be a text that no program makes while it starts, and that might not fit here."""
    if name in ("format", "format_map", "__mod__"):
        return is_wide(owner)
    if name in ("zfill", "center", "ljust", "rjust", "expandtabs"):
        return any(type(one) is int and one > SIZE_LIMIT for one in arguments)
    if name == "replace" and len(arguments) > 1 and type(arguments[1]) in (str, bytes):
        return (len(owner) + 1) * len(arguments[1]) > SIZE_LIMIT * 100
    return False


def is_wide(form: str | bytes) -> bool:
    """Whether a format may ask for a huge width."""
    text = form if isinstance(form, str) else form.decode("latin-1")
    return _WIDE.search(text) is not None


def run_host(m: Machine, action: Callable[[], Value], arguments: Any = ()) -> Value:
    """Let the host compute; its exceptions are the program's where every argument was known."""
    try:
        value = action()
    except RecursionError:
        raise
    except Exception as error:
        if any(not _simple(argument) for argument in arguments) and not isinstance(error, (KeyError, IndexError)):
            return Unknown(type(error).__name__)
        raise m.error(type(error).__name__, *error.args) from None
    if type(value) in HOST_TYPES or type(value) in PROGRAM_TYPES:
        return value
    if hasattr(value, "__next__"):
        return Generator(value)
    return Unknown(type(value).__name__)


def _simple(value: Value) -> bool:
    return type(value) in HOST_TYPES


def _plain(value: Value, owner: Value) -> Value:
    """The built-in value of an instance of a subclass, where a host method needs it."""
    if type(value) is Instance and value.payload is not MISSING and isinstance(owner, (str, bytes, int, float)):
        return value.payload
    return value


def _spread(m: Machine, value: Value, frame: Frame, pairs: bool) -> Value:
    if pairs and type(value) in (dict, Instance):
        return m.mapping_items(value, frame)
    items = m.iterate(value, frame)
    if items is None:
        return Unknown("*")
    if pairs:
        return [
            pair if isinstance(pair, (tuple, list)) and len(pair) == 2 else (Unknown("key"), pair) for pair in items
        ]
    return items


def _known(values: Any) -> bool:
    """Whether no unknown value is among (or directly inside) some values."""
    for value in values:
        kind = type(value)
        if kind in (Unknown, Choice):
            return False
        if kind in (tuple, list) and any(type(item) not in HOST_TYPES for item in value):
            return False
        if kind not in HOST_TYPES and not (kind is Instance and value.payload is not MISSING):
            return False
    return True


# Methods that call back, or answer something of their own ---------------------------------------------
def _sort(m: Machine, owner: list[Value], arguments: list[Value], keywords: dict[str, Value], frame: Frame) -> None:
    owner[:] = m.sorted(owner, keywords.get("key"), keywords.get("reverse", False), frame)


def _format(m: Machine, owner: str, arguments: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    values = [_formatable(m, argument, frame) for argument in arguments]
    named = {key: _formatable(m, value, frame) for key, value in keywords.items()}
    try:
        return owner.format(*values, **named)
    except _NotKnownError:
        return Unknown("str.format()")
    except (KeyError, IndexError, ValueError, TypeError, AttributeError) as error:
        raise m.error(type(error).__name__, *error.args) from None


class _NotKnownError(Exception):
    """A format string asked for a value that is not known."""


class _Opaque:
    """Stands for a value that is not known in a call of ``str.format``."""

    def __format__(self, specification: str) -> str:
        raise _NotKnownError

    __str__ = __repr__ = lambda self: self.__format__("")

    def __getattr__(self, name: str) -> _Opaque:
        return self

    def __getitem__(self, key: object) -> _Opaque:
        return self


def _formatable(m: Machine, value: Value, frame: Frame) -> Value:
    if type(value) in CONSTANTS:
        return value
    if type(value) is Instance:
        text = value.payload if type(value.payload) in CONSTANTS else m.text(value, frame)
        return text if type(text) in CONSTANTS else _Opaque()
    return value if type(value) in (tuple, list) and _known(value) else _Opaque()


def _format_map(m: Machine, owner: str, arguments: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    mapping = arguments[0]
    if type(mapping) is not dict or not _known(mapping.values()):
        return Unknown("str.format_map()")
    return run_host(m, lambda: owner.format_map(mapping))


def _from_keys(m: Machine, owner: Value, arguments: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    items = m.iterate(arguments[0], frame)
    value = arguments[1] if len(arguments) > 1 else None
    return Unknown("dict") if items is None else {item: value for item in items if m.hashable(item)}


def _get(
    m: Machine, owner: dict[Value, Value], arguments: list[Value], keywords: dict[str, Value], frame: Frame
) -> Value:
    default = arguments[1] if len(arguments) > 1 else None
    key = arguments[0]
    if type(key) in (Unknown, Choice):
        return Unknown("dict.get()")
    return m.dictionary_get(owner, key, default)


def _pop(
    m: Machine, owner: dict[Value, Value], arguments: list[Value], keywords: dict[str, Value], frame: Frame
) -> Value:
    """A key that is not known is one of those that are there, or the default is the answer."""
    if owner and arguments and type(arguments[0]) in (Unknown, Choice) and arguments[0] not in owner:
        if len(arguments) == 1:
            del owner[next(iter(owner))]
        return Unknown("dict.pop()")
    return Unknown("dict.pop()") if has_gap(arguments) else run_host(m, lambda: owner.pop(*arguments), arguments)


_SPECIAL: dict[tuple[type | None, str], Callable[..., Value]] = {
    (list, "sort"): _sort,
    (str, "format"): _format,
    (str, "format_map"): _format_map,
    (dict, "fromkeys"): _from_keys,
    (dict, "get"): _get,
    (dict, "pop"): _pop,
}


_HAVE_SPECIAL = frozenset(name for _, name in _SPECIAL)


def _slot_of(name: str) -> Value:
    return None if name in ("__init__", "__setattr__", "__init_subclass__") else Unknown(name)


_STATIC = frozenset(("maketrans", "fromhex", "from_bytes", "__getformat__"))


@functools.cache
def namespace(host: type) -> dict[str, Value]:
    """``vars(host)``: its methods, the same ones each time."""
    return {
        name: class_method(host, name) if callable(value) else value if value is None else Unknown(name)
        for name, value in vars(host).items()
    }


def class_method(host: type, name: str) -> Native:
    """A method of a built-in type, read from the class."""
    return Native(name, unbound_method(host, name), binds=name not in _STATIC and name != "fromkeys")


def unbound_method(host: type, name: str) -> Callable[..., Value]:
    """``dict.update`` read from the class: the first argument is the object."""

    def call(m: Machine, frame: Frame, arguments: list[Value], keywords: dict[str, Value]) -> Value:
        if name == "fromkeys":
            return _from_keys(m, {}, arguments, keywords, frame)
        if name in _STATIC:
            known = _known(arguments)
            return run_host(m, lambda: getattr(host, name)(*arguments, **keywords)) if known else Unknown(name)
        if not arguments:
            return Unknown(name)
        if name == "__new__":
            return Unknown("__new__")
        owner = arguments[0]
        if host is object:
            own = type(owner) in (Instance, Module)
            return m.object_method(owner, name, arguments[1:], frame) if own else _slot_of(name)
        if type(owner) is Instance and owner.payload is not MISSING:
            owner = owner.payload
        if type(owner) in HOST_TYPES and hasattr(owner, name):
            return invoke(m, owner, name, arguments[1:], keywords, frame)
        return Unknown(f"{host.__name__}.{name}()")

    return call


def initialise(target: Instance) -> Callable[..., Value]:
    """``super().__init__(...)`` of a subclass of a container: fill it."""

    def call(m: Machine, frame: Frame, arguments: list[Value], keywords: dict[str, Value]) -> None:
        fill(m, target, arguments, keywords, frame)

    return call


def fill(m: Machine, target: Instance, arguments: list[Value], keywords: dict[str, Value], frame: Frame) -> None:
    """Fill the container of a fresh instance from its constructor's arguments."""
    payload = target.payload
    if isinstance(payload, dict):
        for argument in arguments[:1]:
            payload.update(_pairs(m, argument, frame))
        payload.update(keywords)
    elif isinstance(payload, (list, set)) and arguments:
        items = m.iterate(arguments[0], frame)
        values = [Unknown("*")] if items is None else items
        if isinstance(payload, list):
            payload[:] = values
        else:
            payload.update(value for value in values if m.hashable(value))


def _pairs(m: Machine, value: Value, frame: Frame) -> dict[Value, Value]:
    if type(value) in (dict, Unknown) or (type(value) is Instance and m.is_mapping(value)):
        return m.mapping_items(value, frame)
    items = m.iterate(value, frame) or ()
    pairs = [m.iterate(item, frame) for item in items]
    return {pair[0]: pair[1] for pair in pairs if pair is not None and len(pair) == 2 and m.hashable(pair[0])}


def construct(m: Machine, host: type, arguments: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    """Call a built-in type: ``int("3")``, ``dict(a=1)``, ``list(items)``."""
    if host is str:
        if len(arguments) == 1:
            return m.text(arguments[0], frame)
    if host is bool:
        truth = m.truth(arguments[0], frame) if arguments else False
        return Unknown("bool") if truth is None else truth
    if host is dict:
        result: dict[Value, Value] = dict(_pairs(m, arguments[0], frame)) if arguments else {}
        result.update(keywords)
        return result
    if host in (list, tuple, set, frozenset):
        return _container(m, host, arguments, frame)
    if host is type(None):
        return None
    arguments = [_plain(argument, 0) for argument in arguments]
    if host in (bytes, bytearray) and arguments and type(arguments[0]) is int and arguments[0] > SIZE_LIMIT:
        return Unknown("bytes")
    if type(arguments[0]) is Instance if arguments else False:
        return _converted(m, host, arguments[0], frame)
    if not (_known(arguments) and _known(keywords.values())):
        return Unknown(host.__name__)
    return run_host(m, lambda: host(*arguments, **keywords), arguments)


def _converted(m: Machine, host: type, value: Instance, frame: Frame) -> Value:
    method = {int: "__int__", float: "__float__", bytes: "__bytes__"}.get(host, "")
    found = m.class_attribute(value.cls, method) if method else MISSING
    if found is MISSING:
        return Unknown(host.__name__)
    return m.call(m.bound(found, value, value.cls, frame), [], {}, frame)


def _container(m: Machine, host: type, arguments: list[Value], frame: Frame) -> Value:
    if not arguments:
        return host()
    items = m.iterate(arguments[0], frame)
    if items is None:
        return Unknown(host.__name__)
    if host in (set, frozenset):
        items = [item for item in items if m.hashable(item)]
    return host(items)


def text_of(m: Machine, value: Value, frame: Frame) -> Value:
    """``str(value)``."""
    kind = type(value)
    if kind is str:
        return value
    if kind in CONSTANTS:
        return str(value)
    if kind is Instance:
        return _instance_text(m, value, frame)
    if kind in (tuple, list, dict) and _known(value if kind is not dict else value.values()):
        return str(value)
    return Unknown("str")


def _instance_text(m: Machine, value: Instance, frame: Frame) -> Value:
    for name in ("__str__", "__repr__"):
        method = m.class_attribute(value.cls, name)
        if method is not MISSING:
            try:
                return m.call(m.bound(method, value, value.cls, frame), [], {}, frame)
            except Raised:
                return Unknown("str")
    if isinstance(value.payload, CONSTANTS):
        return str(value.payload)
    args = value.ns.get("args")
    if type(args) is tuple and m.types["BaseException"] in value.cls.mro:
        return _error_text(m, value, args)
    return Unknown("str")


def _error_text(m: Machine, value: Instance, args: tuple[Value, ...]) -> Value:
    """An exception's text: its argument's, a ``KeyError``'s in quotes; an ``ImportError``'s message."""
    given = value.ns.get("msg", MISSING) if m.types["ImportError"] in value.cls.mro else MISSING
    if type(given) is str:
        return given
    if len(args) != 1 or type(args[0]) is not str:
        return "" if not args else Unknown("str")
    return repr(args[0]) if m.types["KeyError"] in value.cls.mro else args[0]
