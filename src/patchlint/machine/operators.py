"""Truth, operators, subscripts and iteration (reference 3.3 and 6.3 to 6.10)."""

from __future__ import annotations

import operator as host_operators
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from patchlint.machine import branches, extensions, hosts, typeforms
from patchlint.machine.frames import Frame, Raised
from patchlint.machine.values import (
    CONSTANTS,
    DOC,
    HOST_TYPES,
    MISSING,
    OF_CLASS,
    Alias,
    Choice,
    Class,
    Function,
    Generator,
    Instance,
    Module,
    Native,
    Unknown,
    Value,
    has_gap,
    has_unknown_key,
    is_gap,
    may_hide,
)

if TYPE_CHECKING:
    from patchlint.machine.core import Machine

ITEM_LIMIT = 20_000
_PLAIN: frozenset[type] = frozenset((bool, int, float, str, bytes, type(None)))

_HOST: dict[str, Callable[[Any, Any], Any]] = {
    "+": host_operators.add,
    "-": host_operators.sub,
    "*": host_operators.mul,
    "/": host_operators.truediv,
    "//": host_operators.floordiv,
    "%": host_operators.mod,
    "**": host_operators.pow,
    "<<": host_operators.lshift,
    ">>": host_operators.rshift,
    "|": host_operators.or_,
    "^": host_operators.xor,
    "&": host_operators.and_,
    "==": host_operators.eq,
    "!=": host_operators.ne,
    "<": host_operators.lt,
    "<=": host_operators.le,
    ">": host_operators.gt,
    ">=": host_operators.ge,
}
_METHODS = {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "truediv",
    "//": "floordiv",
    "%": "mod",
    "**": "pow",
    "<<": "lshift",
    ">>": "rshift",
    "|": "or",
    "^": "xor",
    "&": "and",
    "@": "matmul",
}
_COMPARISONS = {"==": "__eq__", "!=": "__ne__", "<": "__lt__", "<=": "__le__", ">": "__gt__", ">=": "__ge__"}
_REFLECTED = {"==": "__eq__", "!=": "__ne__", "<": "__gt__", "<=": "__ge__", ">": "__lt__", ">=": "__le__"}


def truth(m: Machine, value: Value, frame: Frame) -> bool | None:
    """4.1 (library) Truth value testing; None where it cannot be decided."""
    kind = type(value)
    if kind in HOST_TYPES:
        return None if kind is list and value and is_gap(value[0]) else bool(value)
    if kind is Unknown:
        return _unknown_truth(m, value, frame)
    if kind is Choice:
        verdicts = {truth(m, option, frame) for option in value.options}
        return verdicts.pop() if len(verdicts) == 1 else None
    if kind is Instance:
        return _instance_truth(m, value, frame)
    if kind is Class:
        return _class_truth(m, value, frame)
    return True


def _unknown_truth(m: Machine, value: Unknown, frame: Frame) -> bool | None:
    if value is DOC or value.path.endswith(OF_CLASS):
        return True
    return None if value.like is MISSING else truth(m, value.like, frame)


def _instance_truth(m: Machine, value: Instance, frame: Frame) -> bool | None:
    for name in ("__bool__", "__len__"):
        method = m.class_attribute(value.cls, name)
        if method is not MISSING:
            return truth(m, m.call(m.bound(method, value, value.cls, frame), [], {}, frame), frame)
    if value.payload is not MISSING:
        return truth(m, value.payload, frame)
    return None if value.cls.is_open and value.cls.module not in m.known_truth else True


def _class_truth(m: Machine, value: Class, frame: Frame) -> bool | None:
    if value.metaclass is None or value.metaclass is m.types["type"]:
        return True
    method = m.class_attribute(value.metaclass, "__bool__")
    if method is MISSING:
        return True
    return truth(m, m.call(m.bound(method, value, value.metaclass, frame), [], {}, frame), frame)


# Unary and binary ---------------------------------------------------------------------------------
def unary(m: Machine, operator: str, value: Value, frame: Frame) -> Value:
    """6.6 Unary arithmetic, and ``not``."""
    if operator == "not":
        verdict = truth(m, value, frame)
        return Unknown("not") if verdict is None else not verdict
    if type(value) in (int, float, bool, complex):
        return -value if operator == "-" else (+value if operator == "+" else ~value)
    if type(value) is Instance:
        name = {"-": "__neg__", "+": "__pos__", "~": "__invert__"}[operator]
        method = m.class_attribute(value.cls, name)
        if method is not MISSING:
            return m.call(m.bound(method, value, value.cls, frame), [], {}, frame)
    return Unknown("unary")


def binary(m: Machine, operator: str, left: Value, right: Value, frame: Frame) -> Value:
    """6.7 Binary arithmetic: the left side's method, then the right side's reflected one."""
    kinds = type(left), type(right)
    if kinds[0] in HOST_TYPES and kinds[1] in HOST_TYPES:
        return _host_binary(m, operator, left, right, frame)
    if Choice in kinds:
        return _over_choice(m, left, right, lambda a, b: binary(m, operator, a, b, frame))
    if operator == "%" and kinds[0] is str:
        return _percent(m, left, right, frame)
    if operator == "|" and all(kind in (Class, Alias, type(None)) for kind in kinds):
        meta = left.metaclass if kinds[0] is Class else None
        if meta is None or class_has(m, meta, "__or__") is MISSING:
            return typeforms.union(m, m.types["UnionType"], (left, right))
    base = _METHODS[operator]
    for owner, name, other in ((left, f"__{base}__", right), (right, f"__r{base}__", left)):
        result = _operate(m, owner, name, other, frame)
        if result is not MISSING and result is not NotImplemented:
            return result
    plain = _payload(left), _payload(right)
    if plain[0] is not MISSING and plain[1] is not MISSING:
        return _host_binary(m, operator, plain[0], plain[1], frame)
    return Unknown("binary")


def class_has(m: Machine, cls: Class, name: str) -> Value:
    """A method that a class of the program defines, or MISSING."""
    return m.class_attribute(cls, name)


def _payload(value: Value) -> Value:
    if type(value) is Instance:
        return value.payload
    return value if type(value) in HOST_TYPES else MISSING


def _operate(m: Machine, owner: Value, name: str, other: Value, frame: Frame) -> Value:
    cls = owner.cls if type(owner) is Instance else (owner.metaclass if type(owner) is Class else None)
    if cls is None:
        return MISSING
    method = m.class_attribute(cls, name)
    if method is MISSING:
        return MISSING
    return m.call(m.bound(method, owner, cls, frame), [other], {}, frame)


def _over_choice(m: Machine, left: Value, right: Value, action: Callable[[Value, Value], Value]) -> Value:
    if type(left) is Choice:
        return branches.each(m, left.options, lambda option: action(option, right))
    return branches.each(m, right.options, lambda option: action(left, option))


def _host_binary(m: Machine, operator: str, left: Value, right: Value, frame: Frame) -> Value:
    if operator == "%" and isinstance(left, (str, bytes)):
        return _percent(m, left, right, frame)
    if _too_large(operator, left, right):
        return Unknown("large")
    if operator == "@":
        raise m.error("TypeError", "unsupported operand type(s) for @")
    return hosts.run_host(m, lambda: _HOST[operator](left, right), (left, right))


def _percent(m: Machine, left: Value, right: Value, frame: Frame) -> Value:
    given = right if isinstance(right, tuple) else (right,)
    if isinstance(left, str) and _ONLY_TEXTS.fullmatch(left):
        given = tuple(m.text(item, frame) if _is_plain(item) else item for item in given)
        right = given if isinstance(right, tuple) else given[0]
    if any(not _is_shown(item) for item in given):
        if not isinstance(right, dict) or any(type(item) not in CONSTANTS for item in right.values()):
            return Unknown("str")
    if hosts.is_wide(left) or ("*" in str(left) and any(type(one) is int and one > hosts.SIZE_LIMIT for one in given)):
        return Unknown("str")
    return hosts.run_host(m, lambda: left % right, given)


_ONLY_TEXTS = re.compile(r"(?:[^%]|%[s%])*")
"""A format that asks for nothing but the texts of its values."""


def _is_plain(value: Value) -> bool:
    """Whether a value is one object to a format, and no sequence or mapping of several."""
    return type(value) is Instance and not isinstance(value.payload, (tuple, dict))


def _is_shown(value: Value) -> bool:
    """Whether the host writes a value as the program would."""
    if type(value) in (tuple, list):
        return all(type(item) in CONSTANTS for item in value)
    return type(value) in CONSTANTS


def _too_large(operator: str, left: Value, right: Value) -> bool:
    if operator == "*":
        sizes = [len(v) if hasattr(v, "__len__") else v for v in (left, right)]
        if not (hasattr(left, "__len__") or hasattr(right, "__len__")):
            return all(isinstance(v, int) and v.bit_length() > 4096 for v in (left, right))
        return all(isinstance(s, int) for s in sizes) and sizes[0] * sizes[1] > hosts.SIZE_LIMIT
    if operator in ("**", "<<") and isinstance(left, int) and isinstance(right, int):
        return right > 4096 or left.bit_length() * max(right, 1) > 100_000
    return False


def in_place(m: Machine, operator: str, before: Value, value: Value, frame: Frame) -> Value:
    """7.2.1 ``before += value``: changes a list, set, dict or an object that knows how in place."""
    if type(before) is list and operator == "+":
        return _extend(m, before, value, frame)
    if type(before) in (set, dict) and operator in "|&-^" and type(value) in (set, frozenset, dict):
        if m.journal is not None:
            m.journal.note_container(before)
        return hosts.run_host(m, lambda: _IN_PLACE[operator](before, value))
    if type(before) is Instance:
        method = m.class_attribute(before.cls, f"__i{_METHODS[operator]}__")
        if method is not MISSING:
            return m.call(m.bound(method, before, before.cls, frame), [value], {}, frame)
    return binary(m, operator, before, value, frame)


_IN_PLACE: dict[str, Callable[[Any, Any], Any]] = {
    "|": host_operators.ior,
    "&": host_operators.iand,
    "-": host_operators.isub,
    "^": host_operators.ixor,
}


def _extend(m: Machine, before: list[Value], value: Value, frame: Frame) -> list[Value]:
    if m.journal is not None:
        m.journal.note_container(before)
    items = iterate(m, value, frame)
    before.extend((Unknown("*"),) if items is None else items)
    return before


# Comparison -----------------------------------------------------------------------------------------
def compare(m: Machine, operator: str, left: Value, right: Value, frame: Frame) -> Value:
    """6.10 One comparison: True, False, unknown, or what the program's own method answers."""
    kinds = type(left), type(right)
    if operator in _COMPARISONS and kinds[0] in _PLAIN and kinds[1] in _PLAIN:
        if operator in ("==", "!="):  # which plain values never refuse
            return _HOST[operator](left, right)
        return hosts.run_host(m, lambda: _HOST[operator](left, right), (left, right))
    if operator in ("is", "is not"):
        return _identity(m, operator == "is", left, right)
    if operator in ("in", "not in"):
        return _membership(m, operator == "in", left, right, frame)
    if Choice in kinds:
        return _compare_options(m, operator, left, right, frame)
    if Unknown in kinds:
        return Unknown("compare")
    return _rich(m, operator, left, right, frame)


def _compare_options(m: Machine, operator: str, left: Value, right: Value, frame: Frame) -> Value:
    """What all options agree on; one that cannot be compared is taken not to be it, unless none can."""
    verdicts: set[bool | None] = set()
    last: Raised | None = None
    for option in left.options if type(left) is Choice else right.options:
        one, other = (option, right) if type(left) is Choice else (left, option)
        try:
            verdicts.add(truth(m, compare(m, operator, one, other, frame), frame))
        except Raised as raised:
            last = raised
    if not verdicts and last is not None:
        raise last
    return verdicts.pop() if len(verdicts) == 1 and None not in verdicts else Unknown("compare")


def _rich(m: Machine, operator: str, left: Value, right: Value, frame: Frame) -> Value:
    if operator in ("==", "!=") and type(left) is type(right) is Instance:
        if left is right:
            return operator == "=="
        if left.cls is right.cls and left.cls.special == "enum":
            return operator == "!="
    for owner, name, other in ((left, _COMPARISONS[operator], right), (right, _REFLECTED[operator], left)):
        result = _operate(m, owner, name, other, frame)
        if result is not MISSING and result is not NotImplemented:
            return result
    if operator == "!=":
        equal = _rich(m, "==", left, right, frame)
        return Unknown("!=") if type(equal) is not bool else not equal
    plain = _payload(left), _payload(right)
    if plain[0] is not MISSING and plain[1] is not MISSING:
        if _has_unknown(plain[0]) or _has_unknown(plain[1]):
            return Unknown("compare")
        return hosts.run_host(m, lambda: _HOST[operator](*plain), plain)
    if operator == "==":
        opened = any(type(v) is Instance and may_hide(v.cls, "__eq__") for v in (left, right))
        return True if left is right else (Unknown("==") if opened else left == right)
    return Unknown("compare")


def _has_unknown(value: Value, depth: int = 3) -> bool:
    if type(value) in (Unknown, Choice):
        return True
    if depth and type(value) in (list, tuple, set, frozenset):
        return any(_has_unknown(item, depth - 1) for item in value)
    if depth and type(value) is dict:
        return any(_has_unknown(item, depth - 1) for item in value.values())
    return False


def _identity(m: Machine, wanted: bool, left: Value, right: Value) -> Value:
    kinds = type(left), type(right)
    if Choice in kinds:
        options = left.options if kinds[0] is Choice else right.options
        other = right if kinds[0] is Choice else left
        verdicts = {_identity(m, wanted, option, other) if type(option) is not Unknown else None for option in options}
        return verdicts.pop() if len(verdicts) == 1 and None not in verdicts else Unknown("is")
    if Unknown in kinds:
        if (left is DOC and right is None) or (left is None and right is DOC):
            return not wanted
        if left is right:
            return wanted
        if (left is None and _is_member(right)) or (right is None and _is_member(left)):
            return not wanted
        unknown = [value for value in (left, right) if type(value) is Unknown]
        is_new = len(unknown) == 1 and extensions.is_constructed(m, unknown[0])
        return not wanted if is_new else Unknown("is")
    if kinds[0] in _PLAIN and kinds[1] in _PLAIN:
        return (kinds[0] is kinds[1] and left == right) is wanted
    if left == () and right == () and kinds[0] is kinds[1] is tuple:
        return wanted
    return (left is right) is wanted


def _is_member(value: Value) -> bool:
    """Whether a value is a method, or an attribute, of a class in C: none of those shown is None."""
    return type(value) is Unknown and ":" in value.path and value.path[-1] != ")"


def _membership(m: Machine, wanted: bool, item: Value, container: Value, frame: Frame) -> Value:
    kind = type(container)
    if kind is Instance:
        return _instance_membership(m, wanted, item, container, frame)
    if kind in (Unknown, Choice) or type(item) in (Unknown, Choice):
        return Unknown("in") if kind not in (tuple, list, dict, set, frozenset) or container else not wanted
    if kind is Class:
        result = _operate(m, container, "__contains__", item, frame)
        if result is MISSING:
            items = iterate(m, container, frame)
            result = Unknown("in") if items is None else any(item is other for other in items)
    elif kind is Generator:
        items = iterate(m, container, frame)
        result = any(item is other or _equal(item, other) for other in items or ())
    elif kind in HOST_TYPES:
        result = _host_membership(m, item, container)
    else:
        return Unknown("in")
    verdict = truth(m, result, frame)
    return Unknown("in") if verdict is None else verdict is wanted


def _host_membership(m: Machine, item: Value, container: Value) -> Value:
    if isinstance(container, (str, bytes)) and type(item) is Instance:
        item = item.payload
    if type(item) is Instance and item.payload is not MISSING and item not in container:
        item = item.payload
    found = hosts.run_host(m, lambda: item in container, (item, container))
    if found is False and isinstance(container, _CONTAINERS):
        kinds = set(map(type, container))
        if Instance in kinds and any(type(other) is Instance and _equal(item, other.payload) for other in container):
            return True
        if Unknown in kinds or Choice in kinds:
            return Unknown("in")
    return found


_CONTAINERS: tuple[type[Iterable[Value]], ...] = list, tuple, set, frozenset, dict, type({}.keys()), type({}.values())


def _equal(left: Value, right: Value) -> bool:
    try:
        return bool(left == right)
    except Exception:
        return False


def _instance_membership(m: Machine, wanted: bool, item: Value, container: Instance, frame: Frame) -> Value:
    method = m.class_attribute(container.cls, "__contains__")
    if method is not MISSING:
        result = m.call(m.bound(method, container, container.cls, frame), [item], {}, frame)
    elif container.payload is not MISSING:
        return _membership(m, wanted, item, container.payload, frame)
    else:
        items = iterate(m, container, frame)
        if items is None:
            return Unknown("in")
        result = any(item is other or _equal(item, other) for other in items)
    verdict = truth(m, result, frame)
    return Unknown("in") if verdict is None else verdict is wanted


# Subscripts -------------------------------------------------------------------------------------------
def getitem(m: Machine, owner: Value, key: Value, frame: Frame) -> Value:
    """6.3.2 ``owner[key]``."""
    kind = type(owner)
    if kind is dict:
        return dictionary_item(m, owner, key)
    if kind in HOST_TYPES:
        if type(key) in (Unknown, Choice) or (type(key) is Instance and key.payload is MISSING):
            return (
                Unknown("item")
                if type(key) is not Choice
                else _over_choice(m, owner, key, lambda a, b: getitem(m, a, b, frame))
            )
        plain = key.payload if type(key) is Instance else key
        if isinstance(owner, (list, tuple)) and has_gap(owner):
            return Unknown("item")
        return hosts.run_host(m, lambda: owner[plain], (owner, plain))
    if kind is Class:
        return _class_item(m, owner, key, frame)
    if kind is Instance:
        return _instance_item(m, owner, key, frame)
    if kind is Alias:
        return typeforms.subscripted(m, owner, key)
    if kind is Choice:
        return branches.each(m, owner.options, lambda option: getitem(m, option, key, frame))
    if kind in (Function, Native, Module):
        return Unknown("item")
    return Unknown(f"{owner.path}[]" if kind is Unknown and len(owner.path) < 80 else "item")


def dictionary_item(m: Machine, owner: dict[Value, Value], key: Value) -> Value:
    """An item of a dict; raises the program's KeyError where it surely has none."""
    value = dictionary_get(m, owner, key, MISSING)
    if value is MISSING:
        raise m.error("KeyError", key)
    return value


def dictionary_get(m: Machine, owner: dict[Value, Value], key: Value, default: Value) -> Value:
    """``owner.get(key, default)``, unknown where a key that is not known may be the one."""
    if type(key) is Choice:
        return branches.each(m, key.options, lambda option: dictionary_get(m, owner, option, default))
    if type(key) is Unknown:
        return Unknown("item")
    try:
        value = owner.get(key, MISSING)
    except TypeError:
        return Unknown("item")
    if value is MISSING:
        if _has_unknown(key) or has_unknown_key(owner):
            return Unknown("item")
        if "__spec__" in owner and m.is_open_namespace(owner):
            return Unknown("item")
        return default
    return value


def _class_item(m: Machine, owner: Class, key: Value, frame: Frame) -> Value:
    if owner.metaclass is not None and owner.metaclass is not m.types["type"]:
        method = m.class_attribute(owner.metaclass, "__getitem__")
        if method is not MISSING:
            return m.call(m.bound(method, owner, owner.metaclass, frame), [key], {}, frame)
    hook = m.class_attribute(owner, "__class_getitem__")
    if type(hook) is Function or getattr(hook, "function", None) is not None:
        function = getattr(hook, "function", hook)
        if type(function) is Function:
            return m.call(function, [owner, key], {}, frame)
    return Alias(owner, key)


def _instance_item(m: Machine, owner: Instance, key: Value, frame: Frame) -> Value:
    method = m.class_attribute(owner.cls, "__getitem__")
    if method is not MISSING:
        return m.call(m.bound(method, owner, owner.cls, frame), [key], {}, frame)
    if owner.payload is not MISSING:
        missing = m.class_attribute(owner.cls, "__missing__")
        if missing is not MISSING and isinstance(owner.payload, dict) and m.hashable(key):
            value = dictionary_get(m, owner.payload, key, MISSING)
            if value is MISSING:
                return m.call(m.bound(missing, owner, owner.cls, frame), [key], {}, frame)
            return value
        return getitem(m, owner.payload, key, frame)
    if any(base.is_open for base in owner.cls.mro):
        return Unknown("item")
    raise m.error("TypeError", f"'{owner.cls.name}' object is not subscriptable")


def setitem(m: Machine, owner: Value, key: Value, value: Value, frame: Frame) -> None:
    """7.2 ``owner[key] = value``."""
    kind = type(owner)
    if kind is Instance:
        method = m.class_attribute(owner.cls, "__setitem__")
        if method is not MISSING:
            m.call(m.bound(method, owner, owner.cls, frame), [key, value], {}, frame)
            return
        owner, kind = owner.payload, type(owner.payload)
    if kind is dict:
        if type(key) is Choice:
            key = Unknown("key")
        if m.journal is not None:
            m.journal.note_container(owner)
        if m.hashable(key):
            owner[key] = value
    elif kind in (list, bytearray) and type(key) in (int, slice):
        if m.journal is not None and kind is list:
            m.journal.note_container(owner)
        if type(key) is slice:
            items = iterate(m, value, frame)
            value = [Unknown("*")] if items is None else items
        hosts.run_host(m, lambda: owner.__setitem__(key, value), (owner, key))
    elif kind in (str, tuple, frozenset, int, type(None)):
        raise m.error("TypeError", f"'{kind.__name__}' object does not support item assignment")


def delitem(m: Machine, owner: Value, key: Value, frame: Frame) -> None:
    """7.5 ``del owner[key]``."""
    if type(owner) is Instance:
        method = m.class_attribute(owner.cls, "__delitem__")
        if method is not MISSING:
            m.call(m.bound(method, owner, owner.cls, frame), [key], {}, frame)
            return
        owner = owner.payload
    if type(owner) not in (dict, list) or type(key) in (Unknown, Choice):
        return
    if m.journal is not None:
        m.journal.note_container(owner)
    hosts.run_host(m, lambda: owner.__delitem__(key), (owner, key))


# Iteration --------------------------------------------------------------------------------------------
def iterate(m: Machine, value: Value, frame: Frame) -> list[Value] | None:
    """All items of an iterable as a fresh list, None where they are not known."""
    iterable = iterate_lazily(m, value, frame)
    return None if iterable is None else list(islice(iterable, ITEM_LIMIT))


def iterate_lazily(m: Machine, value: Value, frame: Frame) -> Iterable[Value] | None:
    """The items of an iterable one by one, None where they are not known."""
    kind = type(value)
    if kind in (list, dict):
        return list(value)
    if kind in (set, frozenset):
        return _members(value)
    if kind is Generator:
        return iter(_Running(m, value))
    if kind in HOST_TYPES:
        if kind in CONSTANTS and kind not in (str, bytes):
            raise m.error("TypeError", f"'{kind.__name__}' object is not iterable")
        return value  # type: ignore[no-any-return]
    if kind is Instance:
        return _instance_items(m, value, frame)
    if kind is Class and value.metaclass is not None:
        method = m.class_attribute(value.metaclass, "__iter__")
        if method is not MISSING:
            return iterate_lazily(m, m.call(m.bound(method, value, value.metaclass, frame), [], {}, frame), frame)
    if kind in (Class, Function, Module, Native):
        raise m.error("TypeError", f"{value!r} is not iterable")
    if kind is Choice:
        return _choice_items(m, value, frame)
    return None


def _members(value: set[Value] | frozenset[Value]) -> list[Value]:
    """The order of strings is another in every process (``PYTHONHASHSEED``): here it is always the same."""
    return sorted(value) if all(type(item) is str for item in value) else list(value)


def _choice_items(m: Machine, value: Choice, frame: Frame) -> list[Value] | None:
    every: list[Value] = []
    for option in value.options:
        try:
            items = iterate(m, option, frame)
        except Raised:
            continue
        every.extend((Unknown("*"),) if items is None else items)
    return every


def _instance_items(m: Machine, value: Instance, frame: Frame) -> Iterable[Value] | None:
    method = m.class_attribute(value.cls, "__iter__")
    if method is not MISSING:
        iterator = m.call(m.bound(method, value, value.cls, frame), [], {}, frame)
        if iterator is not value:
            return iterate_lazily(m, iterator, frame)
    if m.class_attribute(value.cls, "__next__") is not MISSING:
        return _stepping(m, value, frame)
    if value.payload is not MISSING:
        return iterate_lazily(m, value.payload, frame)
    if m.class_attribute(value.cls, "__getitem__") is not MISSING:
        return _indexing(m, value, frame)
    if any(base.is_open for base in value.cls.mro):
        return None
    raise m.error("TypeError", f"'{value.cls.name}' object is not iterable")


def _stepping(m: Machine, value: Instance, frame: Frame) -> Iterator[Value]:
    for _ in range(ITEM_LIMIT):
        try:
            yield m.call(m.getattr(value, "__next__", frame), [], {}, frame)
        except Raised as raised:
            if m.is_error(raised, "StopIteration"):
                return
            raise


def _indexing(m: Machine, value: Instance, frame: Frame) -> Iterator[Value]:
    for index in range(ITEM_LIMIT):
        try:
            item = getitem(m, value, index, frame)
        except Raised as raised:
            if m.is_error(raised, "IndexError"):
                return
            raise
        if type(item) is Unknown:
            return
        yield item


class _Running:
    """A generator's items; keeps the value that it returns at its end."""

    def __init__(self, m: Machine, generator: Generator) -> None:
        self.m = m
        self.generator = generator

    def __iter__(self) -> Iterator[Value]:
        return self

    def __next__(self) -> Value:
        try:
            return next(self.generator.iterator)
        except StopIteration as stop:
            self.generator.result = stop.value
            raise
        except ValueError:
            raise StopIteration from None

    def throw(self, error: BaseException) -> Value:
        """What is thrown into a generator that delegates is thrown where the inner one stands."""
        thrower: Any = getattr(self.generator.iterator, "throw", None)
        if thrower is None:
            raise error
        try:
            return thrower(error)
        except StopIteration as stop:
            self.generator.result = stop.value
            raise

    def close(self) -> None:
        close(self.m, self.generator)


def next_(m: Machine, value: Value, default: Value, frame: Frame) -> Value:
    """``next(value, default)``."""
    if type(value) is Generator:
        try:
            return next(value.iterator)
        except StopIteration as stop:
            value.result = stop.value
            if default is MISSING:
                raise m.error("StopIteration", stop.value) from None
            return default
        except ValueError:
            return Unknown("next")
    if type(value) is Instance:
        try:
            return m.call(m.getattr(value, "__next__", frame), [], {}, frame)
        except Raised as raised:
            if default is not MISSING and m.is_error(raised, "StopIteration"):
                return default
            raise
    if type(value) in HOST_TYPES:
        raise m.error("TypeError", f"'{type(value).__name__}' object is not an iterator")
    return Unknown("next")


def send(m: Machine, generator: Generator, value: Value, frame: Frame) -> Value:
    """``generator.send(value)``: what the yield is where the innermost generator stands."""
    current = generator.frame
    while current is not None:
        current.sent = value
        current = current.delegate
    return next_(m, generator, MISSING, frame)


def throw(m: Machine, generator: Generator, arguments: list[Value], frame: Frame) -> Value:
    """``generator.throw(exception)``: raised where the generator stands."""
    value = arguments[1] if len(arguments) > 1 and arguments[1] is not None else arguments[0]
    value = m.call(value, [], {}, frame) if type(value) is Class else value
    if not hasattr(generator.iterator, "throw"):
        raise Raised(value)
    try:
        return generator.iterator.throw(Raised(value))
    except StopIteration as stop:
        raise m.error("StopIteration", stop.value) from None


def close(m: Machine, value: Value) -> None:
    """``generator.close()``."""
    closer: Any = getattr(getattr(value, "iterator", None), "close", None)
    if closer is not None:
        m.closing = True
        try:
            closer()
        finally:
            m.closing = False


def mapping_items(m: Machine, value: Value, frame: Frame) -> dict[Value, Value]:
    """The items of a mapping; ``{"**": unknown}`` where it is not known."""
    if type(value) is dict:
        return value
    if type(value) is Instance:
        if isinstance(value.payload, dict) and m.class_attribute(value.cls, "keys") is MISSING:
            return value.payload
        try:
            keys = iterate(m, m.call(m.getattr(value, "keys", frame), [], {}, frame), frame)
        except Raised:
            keys = None
        if keys is not None:
            return {key: getitem(m, value, key, frame) for key in keys if m.hashable(key)}
    return {"**": Unknown("**")}
