"""8.6 The match statement, and the patterns of its cases.

A pattern's verdict is whether the subject matches: True, False, or None where that is not known.  The names that it
captures are bound when the whole pattern has matched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from patchlint.machine.expressions import evaluate
from patchlint.machine.frames import Frame, Signal
from patchlint.machine.statements import execute
from patchlint.machine.values import HOST_TYPES, MISSING, Instance, Unknown, Value, has_gap
from patchlint.model.operations import Node

if TYPE_CHECKING:
    from patchlint.machine.core import Machine

Captured: TypeAlias = dict[str, Value]
Verdict: TypeAlias = bool | None


def match(m: Machine, node: Node, frame: Frame) -> Signal | None:
    """8.6 The first case whose pattern and guard hold."""
    subject = evaluate(m, node[2], frame)
    for pattern, guard, body in node[3]:
        captured: Captured = {}
        verdict = _matches(m, pattern, subject, frame, captured)
        if verdict is False:
            continue
        for name, value in captured.items():
            m.store(name, value, frame)
        if guard is not None:
            verdict = both(verdict, m.truth(evaluate(m, guard, frame), frame))
        if verdict:
            return execute(m, body, frame)
        if verdict is None:
            signal = m.maybe(partial(execute, m, body, frame), frame)
            if signal is not None:
                return signal
    return None


def both(one: Verdict, other: Verdict) -> Verdict:
    """Whether two conditions hold."""
    return False if one is False or other is False else (None if one is None or other is None else True)


def _matches(m: Machine, pattern: list[Any], subject: Value, frame: Frame, captured: Captured) -> Verdict:
    return _PATTERNS[pattern[0]](m, pattern, subject, frame, captured)


def _all(m: Machine, pairs: Iterable[tuple[list[Any], Value]], frame: Frame, captured: Captured) -> Verdict:
    verdict: Verdict = True
    for pattern, subject in pairs:
        verdict = both(verdict, _matches(m, pattern, subject, frame, captured))
        if verdict is False:
            return False
    return verdict


def _value(m: Machine, pattern: list[Any], subject: Value, frame: Frame, captured: Captured) -> Verdict:
    """8.6.4.3 Literal and value patterns compare for equality."""
    return m.truth(m.compare("==", subject, evaluate(m, pattern[1], frame), frame), frame)


def _singleton(m: Machine, pattern: list[Any], subject: Value, frame: Frame, captured: Captured) -> Verdict:
    """8.6.4.3 ``None``, ``True`` and ``False`` compare by identity."""
    return m.truth(m.compare("is", subject, pattern[1], frame), frame)


def _or(m: Machine, pattern: list[Any], subject: Value, frame: Frame, captured: Captured) -> Verdict:
    """8.6.4.1 OR patterns."""
    doubtful = False
    for inner in pattern[1]:
        verdict = _matches(m, inner, subject, frame, captured)
        if verdict:
            return True
        doubtful = doubtful or verdict is None
    return None if doubtful else False


def _as(m: Machine, pattern: list[Any], subject: Value, frame: Frame, captured: Captured) -> Verdict:
    """8.6.4.2 AS patterns, and those that capture or wait for anything."""
    verdict = True if pattern[1] is None else _matches(m, pattern[1], subject, frame, captured)
    if verdict is not False and pattern[2]:
        captured[pattern[2]] = subject
    return verdict


def _sequence(m: Machine, pattern: list[Any], subject: Value, frame: Frame, captured: Captured) -> Verdict:
    """8.6.4.8 Sequence patterns: texts are no sequences here."""
    _, patterns, star = pattern
    items = _items(subject)
    if items is MISSING:
        return False
    if items is None or has_gap(items):
        return _unknown(m, patterns, frame, captured)
    if len(items) < len(patterns) - (star >= 0) or (star < 0 and len(items) > len(patterns)):
        return False
    if star >= 0:
        after = len(items) - (len(patterns) - star - 1)
        items = [*items[:star], list(items[star:after]), *items[after:]]
    return _all(m, zip(patterns, items, strict=True), frame, captured)


def _items(subject: Value) -> Any:
    """A sequence's items, None where they are not known, MISSING for what is no sequence."""
    if type(subject) is Instance and subject.payload is not MISSING:
        subject = subject.payload
    if isinstance(subject, (list, tuple, range)):
        return list(subject)
    return MISSING if type(subject) in HOST_TYPES else None


def _mapping(m: Machine, pattern: list[Any], subject: Value, frame: Frame, captured: Captured) -> Verdict:
    """8.6.4.9 Mapping patterns: keys that are not named do not matter."""
    _, entries, rest = pattern
    given = subject.payload if type(subject) is Instance else subject
    if not isinstance(given, dict):
        known = type(subject) in HOST_TYPES
        return False if known else _unknown(m, [inner for _, inner in entries], frame, captured)
    left = dict(given)
    pairs = []
    for key_node, inner in entries:
        key = evaluate(m, key_node, frame)
        if not m.hashable(key) or key not in left:
            return False
        pairs.append((inner, left.pop(key)))
    if rest:
        captured[rest] = left
    return _all(m, pairs, frame, captured)


_THEMSELVES = frozenset(
    ("bool", "bytearray", "bytes", "dict", "float", "frozenset", "int", "list", "set", "str", "tuple")
)


def _class(m: Machine, pattern: list[Any], subject: Value, frame: Frame, captured: Captured) -> Verdict:
    """8.6.4.10 Class patterns: the class, then its attributes, positional ones by ``__match_args__``."""
    _, class_node, positional, keywords = pattern
    cls = evaluate(m, class_node, frame)
    verdict: Verdict = m.truth(m.is_instance(subject, cls, frame), frame)
    if verdict is False:
        return False
    pairs = [(inner, _attribute(m, subject, name, frame)) for name, inner in keywords]
    if positional and getattr(cls, "host", None) and cls.name in _THEMSELVES:
        pairs.insert(0, (positional[0], subject))
    elif positional:
        names = m.find(cls, "__match_args__", frame)
        if not isinstance(names, (tuple, list)) or len(names) < len(positional):
            return both(None, _unknown(m, [*positional, *(inner for _, inner in keywords)], frame, captured))
        pairs = [(inner, _attribute(m, subject, n, frame)) for inner, n in zip(positional, names, strict=False)] + pairs
    if any(value is MISSING for _, value in pairs):
        return False
    return both(verdict, _all(m, pairs, frame, captured))


def _attribute(m: Machine, subject: Value, name: Value, frame: Frame) -> Value:
    return m.find(subject, name, frame) if type(name) is str else Unknown("attribute")


def _unknown(m: Machine, patterns: Iterable[list[Any]], frame: Frame, captured: Captured) -> Verdict:
    """Patterns whose subjects are not known: what they capture is not known either."""
    for pattern in patterns:
        _matches(m, pattern, Unknown("pattern"), frame, captured)
    return None


_PATTERNS: dict[str, Callable[..., Verdict]] = {
    "value": _value,
    "singleton": _singleton,
    "or": _or,
    "as": _as,
    "sequence": _sequence,
    "mapping": _mapping,
    "class": _class,
}
