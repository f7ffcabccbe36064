"""Frames, the signals that end a block, and the journal of a branch."""

from __future__ import annotations

from typing import Any, Final

from patchlint.machine.values import DOUBT, MISSING, Choice, Function, Module, Namespace, Value, is_constant, join
from patchlint.model import operations as op
from patchlint.model.location import Location, Trail
from patchlint.model.operations import Node

NO_NAMES: Final[frozenset[str]] = frozenset()
NOTHING: Final[Node] = []


class Frame:
    """One execution of a module's, class's or function's body.

    ``closure`` are the enclosing function frames, innermost first; ``caller`` and ``what`` tell how
    it came to run; ``lines`` is where bindings are recorded, for modules and classes;
    ``delegate`` is the frame of the generator that a ``yield from`` is waiting for;
    ``asked`` is the expression that is being called.
    """

    __slots__ = (
        "alone",
        "asked",
        "caller",
        "cell",
        "closure",
        "delegate",
        "doubtful_exit",
        "doubts",
        "function",
        "globals",
        "handling",
        "line",
        "lines",
        "locals",
        "maybe",
        "module",
        "names",
        "nonlocals",
        "outer_names",
        "path",
        "qualname",
        "sent",
        "snapshot",
        "trail_",
        "what",
    )

    def __init__(self, module: Module, locals_: Namespace, caller: Frame | None, what: str) -> None:
        self.module = module
        self.globals: Namespace = module.ns
        self.locals = locals_
        self.closure: tuple[Frame, ...] = ()
        self.names: frozenset[str] | tuple[str, ...] = NO_NAMES
        self.outer_names: Any = NO_NAMES
        self.nonlocals: Any = NO_NAMES
        self.path = module.source or module.file
        self.line = 0
        self.lines: dict[str, int] | None = None
        self.caller = caller
        self.what = what
        self.trail_: Trail | None = None
        self.qualname = ""
        self.cell: list[Value] | None = None
        self.function: Any = None
        self.maybe: Value = MISSING
        self.handling: Any = None
        self.sent: Value = None
        self.delegate: Frame | None = None
        self.doubts = 0
        self.alone = False
        self.asked: Node = NOTHING
        self.doubtful_exit = False
        self.snapshot: Namespace | None = None

    def visible_locals(self, version: tuple[int, ...]) -> Namespace:
        """What ``locals()`` answers: in a function a copy, before 3.13 one that keeps what others put in (PEP 667)."""
        if type(self.function) is not Function:
            return self.locals
        if version >= (3, 13):
            return dict(self.locals)
        kept = self.snapshot if self.snapshot is not None else {}
        for name in self.names:
            kept.pop(name, None)
        kept.update(self.locals)
        self.snapshot = kept
        return kept

    @property
    def trail(self) -> Trail:
        """What led to this frame's execution; made when an event asks for it."""
        if self.trail_ is None:
            caller = self.caller
            if caller is None:
                self.trail_ = Trail(None, None, self.what)
            elif not self.what:  # a comprehension is no step of a story
                self.trail_ = caller.trail
            else:
                self.trail_ = Trail(caller.trail, caller.location, self._told)
        return self.trail_

    @property
    def _told(self) -> str:
        """What the frame executes, in words: a function is called; a private one goes by its caller's name for it."""
        if self.function is None:
            return self.what
        return f"{self._public() if self.what.startswith('_') else self.what}()"

    def _public(self) -> str:
        """How the caller spells a private function or an attribute that is made when it is asked for."""
        if self.what == "__getattr__":
            asked = next((value for value in self.locals.values() if type(value) is str), None)
            return self.what if asked is None else asked
        return (_spelled(self.caller.asked) if self.caller is not None else "") or self.what

    @property
    def location(self) -> Location | None:
        """Where the frame's execution stands."""
        return None if self.path is None else Location(self.path, self.line)


def _spelled(node: Node) -> str:
    """A dotted name as it is written; empty for any other expression."""
    if node and node[0] == op.NAME:
        return str(node[1])
    if node and node[0] == op.ATTRIBUTE:
        owner = _spelled(node[1])
        return owner and f"{owner}.{node[2]}"
    return ""


class Signal:
    """How a block ended, when not by running off its end."""

    __slots__ = ("kind", "value")

    def __init__(self, kind: str, value: Value = None) -> None:
        self.kind = kind
        self.value = value


BREAKS: Final = Signal("break")
CONTINUES: Final = Signal("continue")


class Raised(Exception):
    """An exception of the program: its instance, and the module's line that it came out of."""

    def __init__(self, value: Value, trail: Trail | None = None) -> None:
        self.value = value
        self.trail = trail
        self.place: Location | None = None


class OutOfBudget(Exception):
    """One statement of a module asked for more work than the machine gives it."""


class EndOfPlay(BaseException):
    """The program handed over to something that does not return, or ended itself."""

    def __init__(self, value: Value = None) -> None:
        self.value = value


class Journal:
    """What one undecidable branch changed, so that the other can start from the same state."""

    def __init__(self, outer: Journal | None) -> None:
        self.outer = outer
        self.bindings: dict[tuple[int, Any], tuple[Namespace, Any, Value]] = {}
        self.containers: dict[int, tuple[Any, Any]] = {}

    def note(self, namespace: Namespace, key: Any) -> None:
        """Remember what a name was bound to before its first change in this branch."""
        place = id(namespace), key
        if place not in self.bindings:
            self.bindings[place] = namespace, key, namespace.get(key, MISSING)

    def note_container(self, container: Any) -> None:
        """Remember a list's, set's or dict's items before their first change in this branch."""
        if id(container) not in self.containers:
            self.containers[id(container)] = container, container.copy()

    def undo(self) -> Changes:
        """Put everything back; answers what had been changed."""
        bindings = {}
        for place, (namespace, key, before) in self.bindings.items():
            bindings[place] = namespace, key, namespace.get(key, MISSING)
            _bind(namespace, key, before)
        containers = {}
        for number, (container, before) in self.containers.items():
            containers[number] = container, container.copy()
            _refill(container, before)
        return Changes(bindings, containers)

    def pass_on(self) -> None:
        """The changes stand: let the enclosing branch know of them."""
        if self.outer is None:
            return
        for place, entry in self.bindings.items():
            self.outer.bindings.setdefault(place, entry)
        for number, pair in self.containers.items():
            self.outer.containers.setdefault(number, pair)

    def join(self, other: Changes) -> None:
        """What stands now came of this branch; join it with the outcome of the ``other`` one."""
        for place, (namespace, key, before) in self.bindings.items():
            if place not in other.bindings:
                _bind(namespace, key, merged(namespace.get(key, MISSING), before))
        for number, (container, before) in self.containers.items():
            if number not in other.containers:
                _merge_container(container, before)
        self.pass_on()
        for place, (namespace, key, value) in other.bindings.items():
            if self.outer is not None and place not in self.bindings:
                self.outer.note(namespace, key)
            _bind(namespace, key, merged(namespace.get(key, MISSING), value))
        for container, items in other.containers.values():
            if self.outer is not None:
                self.outer.note_container(container)
            _merge_container(container, items)


class Changes:
    """The outcome of a branch that was undone."""

    def __init__(
        self,
        bindings: dict[tuple[int, Any], tuple[Namespace, Any, Value]],
        containers: dict[int, tuple[Any, Any]],
    ) -> None:
        self.bindings = bindings
        self.containers = containers

    def redo(self, outer: Journal | None) -> None:
        """Make the outcome stand, whatever is there now."""
        for namespace, key, value in self.bindings.values():
            if outer is not None:
                outer.note(namespace, key)
            _bind(namespace, key, value)
        for container, items in self.containers.values():
            if outer is not None:
                outer.note_container(container)
            _refill(container, items)


def merged(first: Value, second: Value) -> Value:
    """Join two bindings; one that exists on one branch only is assumed to exist."""
    if first is MISSING:
        return second
    if second is MISSING:
        return first
    return join(first, second)


def _bind(namespace: Namespace, key: Any, value: Value) -> None:
    if value is MISSING:
        namespace.pop(key, None)
    else:
        namespace[key] = value


def _refill(container: Any, items: Any) -> None:
    container.clear()
    if isinstance(container, list):
        container.extend(items)
    else:
        container.update(items)


def _merge_container(container: Any, items: Any) -> None:
    if isinstance(container, list):
        _merge_lists(container, items)
    elif isinstance(container, dict):
        for key, value in items.items():
            container[key] = merged(container.get(key, MISSING), value)
    else:
        container.update(items)


def _merge_lists(container: list[Value], items: list[Value]) -> None:
    """What both have at their start stays; what only one has behind that may be absent."""
    shared = 0
    for one, other in zip(container, items, strict=False):
        if one is not other and not (is_constant(one) and is_constant(other) and one == other):
            break
        shared += 1
    rest = container[shared:]
    present = {id(item) for item in rest}
    rest += [item for item in items[shared:] if id(item) not in present]
    if rest:
        container[shared:] = [DOUBT, *rest]


def options_of(value: Value) -> tuple[Value, ...]:
    """The values that a value may be."""
    return value.options if type(value) is Choice else (value,)
