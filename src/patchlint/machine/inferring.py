"""What an expression may be where its value is not known: in the program's own code, and as something possible.

An item whose key is not known may be any of the container's.  What else is called is put to inference
(``patchlint/inference.py``) with the place of the expression; what it answers by name is looked up here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchlint.inference import Inference, Source, Thing, TooLong, Use
from patchlint.machine.frames import Frame, Raised
from patchlint.machine.values import (
    DOUBT,
    HOST_TYPES,
    MISSING,
    Choice,
    Class,
    HostMethod,
    Instance,
    Module,
    Unknown,
    Value,
    is_gap,
)
from patchlint.model import operations as op
from patchlint.model.operations import Node

if TYPE_CHECKING:
    from patchlint.machine.core import Machine

MOST = 8
"""How many values an expression may have before it is simply not known."""

_CALLERS = 4
_PATCHES = frozenset({"patch_all", "monkey_patch"})
_GIVING_AN_ITEM = frozenset({"get", "pop", "popitem", "setdefault"})


class State:
    """What a play keeps for this: its inference, once one was asked; the names of the program's own functions, and
    how many modules there were by then; the classes that instances from nowhere are of.
    """

    __slots__ = ("inference", "opened", "own_names")

    def __init__(self) -> None:
        self.inference: Inference | None = None
        self.own_names: tuple[int, set[str]] = (-1, set())
        self.opened: dict[int, Class] = {}


# Items of what is known ---------------------------------------------------------------------------------
def item(m: Machine, owner: Value, node: Node, unknown: Unknown, frame: Frame) -> Value:
    """``owner[key]`` where the key is not known: any of the items that are no constants, or a part of them."""
    if type(owner) not in (dict, list, tuple) or not m.is_first_party(frame.path):
        return unknown
    if node[2][0] == op.SLICE and type(owner) is not dict:
        return type(owner)([DOUBT, *owner])
    return any_item(owner, unknown)


def any_item(owner: Value, unknown: Unknown) -> Value:
    """Any item of a container, or what is not known."""
    found: list[Value] = []
    for value in owner.values() if type(owner) is dict else owner:
        one = value.like if is_gap(value) else value
        if one is not MISSING and type(one) not in HOST_TYPES and not any(one is other for other in found):
            found.append(one)
    return Choice((*found, unknown)) if 0 < len(found) <= MOST else unknown


def result(m: Machine, function: Value, unknown: Unknown, frame: Frame) -> Value:
    """What a call gave that nobody knows: ``table.get(key)`` gives an item."""
    if type(function) is HostMethod and function.name in _GIVING_AN_ITEM and m.is_first_party(frame.path):
        if type(function.owner) in (dict, list):
            return any_item(function.owner, unknown)
    return unknown


# Inference ----------------------------------------------------------------------------------------------
def attribute(m: Machine, node: Node, unknown: Value, frame: Frame) -> Value:
    """``owner.name`` of an owner that is not known, or that cannot have it: by what the owner may be."""
    name = node[2]
    if not m.is_first_party(frame.path) or not _matters(m, name):
        return unknown
    found = [_read(m, owner, name, frame) for owner in _things(m, node[1], frame)]
    return _one_of(found, unknown)


def function(m: Machine, node: Node, unknown: Unknown, frame: Frame) -> Value:
    """A function that is not known is called: by what the expression may be."""
    if node[0] == op.ATTRIBUTE or not m.is_first_party(frame.path):
        return unknown  # an attribute was asked for when it was read
    return _one_of(_things(m, node, frame), unknown)


def missing(m: Machine, node: Node, owner: Value, raised: Raised, frame: Frame) -> Value:
    """``owner.name`` raises, though nobody catches it: the owner is not what the machine takes it for.

    Raises the same again where inference knows no better.
    """
    if m.possible or not (owner is None or type(owner) is Instance) or not m.is_error(raised, "AttributeError"):
        raise raised
    if raised.value.ns.get("obj", MISSING) is not owner or m.is_caught_by_the_program(raised):
        raise raised
    value = _one_of(_things(m, node, frame), MISSING) if m.is_first_party(frame.path) else MISSING
    if value is MISSING:
        raise raised
    return value


def _matters(m: Machine, name: str) -> bool:
    """Whether an attribute of this name can be something that a timeline tells of, or leads there."""
    if name in m.intercepts or name in _PATCHES:
        return True
    return name in _own_names(m)


def _own_names(m: Machine) -> set[str]:
    """The names of the functions and methods of the program's own."""
    if m.inferring.own_names[0] != len(m.modules):
        own = [one for one in m.modules.values() if type(one) is Module and m.is_first_party(one.file)]
        found = {name for module in own for name in _functions(module.ns)}
        found |= {name for one in own for cls in one.ns.values() if type(cls) is Class for name in _functions(cls.ns)}
        m.inferring.own_names = len(m.modules), found
    return m.inferring.own_names[1]


def _functions(namespace: dict[str, Value]) -> set[str]:
    plain = (name for name, value in namespace.items() if type(name) is str and type(value) not in HOST_TYPES)
    return {name for name in plain if not name.startswith("__")}


def _things(m: Machine, node: Node, frame: Frame) -> list[Value]:
    """The values that an expression may have, by inference."""
    try:
        things = inference(m).what(_use(m, shape(node), frame))
    except TooLong:
        m.recorder.opaque("call", "what it calls could not be inferred in the time that is given to that", frame)
        return []
    return [value for value in (_value(m, thing, frame) for thing in things) if value is not MISSING]


def inference(m: Machine) -> Inference:
    """The inference of this play: its modules are those that are imported here, or that would be."""
    if m.inferring.inference is None:
        frame = Frame(Module(""), {}, None, "inference")
        m.inferring.inference = Inference(lambda name: _locate(m, name, frame), m.world.reader.text)
    return m.inferring.inference


def _locate(m: Machine, name: str, frame: Frame) -> Source | None:
    known = m.modules.get(name)
    if type(known) is Module:
        path = known.file if known.kind == "source" else None
        return Source(name, path) if path is not None and path.endswith(".py") else None
    parent, _, _ = name.rpartition(".")
    if parent:
        around = m.modules.get(parent)
        search = around.ns.get("__path__") if type(around) is Module else None
        found = None if search is None else m.locate(name, search, frame)
    else:
        found = m.locate(name, None, frame)
    if found is None or found.kind != "source" or not (found.path or "").endswith(".py"):
        return None
    return Source(name, found.path)


def _use(m: Machine, spelled: str, frame: Frame) -> Use:
    """The place of an expression, and of the calls that led to it."""
    callers: list[Use] = []
    current = frame
    while current.function is not None and current.caller is not None and len(callers) < _CALLERS:
        called, current = current, current.caller
        if not m.is_first_party(current.path):
            break
        callers.append(Use(_source(current), current.line, called.what))
    return Use(_source(frame), frame.line, spelled, tuple(callers))


def _source(frame: Frame) -> Source:
    return Source(frame.module.name, frame.path or "")


def shape(node: Node) -> str:
    """An expression in short: its names, ``()`` for a call, ``[]`` for an item, ``?`` for anything else."""
    kind = node[0]
    if kind == op.NAME:
        return str(node[1])
    if kind == op.ATTRIBUTE:
        return f"{shape(node[1])}.{node[2]}"
    if kind == op.CALL:
        return f"{shape(node[2])}()"
    return f"{shape(node[1])}[]" if kind == op.SUBSCRIPT else "?"


# Answers ------------------------------------------------------------------------------------------------
def _one_of(found: list[Value], unknown: Value) -> Value:
    known = [value for value in found if value is not MISSING and type(value) is not Unknown][:MOST]
    if not known:
        return unknown
    return Choice((*known, Unknown("inferred") if unknown is MISSING else unknown))


def _read(m: Machine, owner: Value, name: str, frame: Frame) -> Value:
    """An attribute of what an owner may be; MISSING where reading it fails."""
    m.possible += 1
    try:
        return m.find(owner, name, frame)
    except Raised:
        return MISSING
    finally:
        m.possible -= 1


def _value(m: Machine, thing: Thing, frame: Frame) -> Value:
    """The machine's own value for what inference names, MISSING for what has not been imported."""
    module = m.modules.get(thing.module)
    value: Value = module if type(module) is Module else MISSING
    for name in thing.names:
        namespace = value.ns if type(value) in (Module, Class) else {}
        value = namespace.get(name, MISSING)
    if thing.owner is not None:
        owner = _value(m, thing.owner, frame)
        return MISSING if owner is MISSING else m.find(owner, thing.names[-1], frame)
    if thing.kind != "instance" or type(value) is not Class:
        return MISSING if thing.kind == "instance" else value
    return Instance(_open(m, value))


def _open(m: Machine, cls: Class) -> Class:
    """A class like this one whose instances may have any attribute: nobody saw them being made."""
    known = m.inferring.opened.get(id(cls))
    if known is None:
        known = m.inferring.opened[id(cls)] = Class(cls.name, cls.module, (cls,))
        known.qualname, known.metaclass, known.mro = cls.qualname, cls.metaclass, (known, *cls.mro)
        known.is_open = True
        m.kept.append(cls)
    return known
