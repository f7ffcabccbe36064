"""The values that the machine computes with.

Constants and built-in containers of the program are the same constants and containers here: ``None``,
``bool``, ``int``, ``float``, ``complex``, ``str``, ``bytes``, ``tuple``, ``list``, ``dict``, ``set``,
``frozenset``, ``range``, ``slice``, ``Ellipsis``.  Everything else is one of the classes below.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from patchlint.machine.frames import Frame
    from patchlint.model.events import ModuleKind
    from patchlint.model.operations import Node

Value: TypeAlias = Any
Namespace: TypeAlias = dict[str, Value]


class Missing:
    """The absence of a value, where None is one."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<missing>"


MISSING: Final = Missing()


class Unknown:
    """A value that the machine does not know; ``path`` says where it came from, for reports.

    ``like`` is what it most likely equals: the function that an unknown decorator was given, say;
    ``owner`` the unknown value whose attribute it is.
    """

    __slots__ = ("like", "owner", "path")

    def __init__(self, path: str = "", like: Value = MISSING, owner: Value = None) -> None:
        self.path = path
        self.like = like
        self.owner = owner

    def __repr__(self) -> str:
        return f"<unknown {self.path}>"


class Choice:
    """One of several values, which of them is not known."""

    __slots__ = ("options",)

    def __init__(self, options: tuple[Value, ...]) -> None:
        self.options = options

    def __repr__(self) -> str:
        return f"<one of {self.options!r}>"


class Module:
    """A module object.

    ``is_open`` means that it may have attributes which the machine does not know (an extension
    module); ``lines`` gives the line of each global's last binding; ``source`` is the Python file that
    is executed, where that is not the module's own ``file``; ``is_c`` that its functions are not Python;
    ``hidden`` has what is no attribute: under ``class`` a class that the program gave it.
    """

    __slots__ = (
        "executing",
        "file",
        "hidden",
        "is_c",
        "is_open",
        "kind",
        "lazy_annotations",
        "lines",
        "name",
        "ns",
        "record",
        "source",
    )

    def __init__(self, name: str, file: str | None = None, kind: ModuleKind = "source", is_open: bool = False) -> None:
        self.name = name
        self.file = file
        self.kind: ModuleKind = kind
        self.is_open = is_open
        self.ns: Namespace = {}
        self.lines: dict[str, int] = {}
        self.executing = False
        self.lazy_annotations = False
        self.record: Any = None
        self.source: str | None = None
        self.is_c = False
        self.hidden: Namespace = {}

    def __repr__(self) -> str:
        return f"<module {self.name}>"


class Class:
    """A class; ``host`` is the built-in type whose instances are constants here.

    ``is_open`` means that it may have more attributes, because a base, or its body in C, is not known;
    ``rootless`` that a base is not known, so it may derive from anything; ``disguises`` that its
    instances answer for themselves what their ``__class__`` is;
    ``members`` are all the names of its own body where they are known although the class is open: because of its
    bases, or as a C module's table gives them.
    """

    __slots__ = (
        "_compares",
        "bases",
        "construct",
        "disguises",
        "host",
        "is_open",
        "keys",
        "lines",
        "members",
        "metaclass",
        "module",
        "mro",
        "name",
        "ns",
        "qualname",
        "registered",
        "rootless",
        "special",
    )

    def __init__(self, name: str, module: str, bases: tuple[Class, ...], ns: Namespace | None = None) -> None:
        self.name = name
        self.qualname = name
        self.module = module
        self.bases = bases
        self.ns: Namespace = {} if ns is None else ns
        self.metaclass: Class | None = None
        self.mro: tuple[Class, ...] = (self,)
        self.host: type | None = None
        self.disguises = False
        self.is_open = False
        self.members: frozenset[str] | None = None
        self.rootless = False
        self.lines: dict[str, int] = {}
        self.construct: Callable[..., Value] | None = None
        self.registered: list[Class] | None = None
        self.special: str = ""
        self.keys: Any = None
        self._compares: bool | None = None

    @property
    def compares_payloads(self) -> bool:
        """Whether its objects compare as the built-in values do that they hold: no class before says otherwise."""
        if self._compares is None:
            own = (c for c in self.mro if c.host is not None or "__eq__" in c.ns or "__hash__" in c.ns)
            first = next(own, None)
            self._compares = first is not None and first.host is not None
        return self._compares

    def __repr__(self) -> str:
        return f"<class {self.module}.{self.qualname}>"


def may_hide(cls: Class, name: str) -> bool:
    """Whether a class may have an attribute that the machine did not find in it."""
    return any(base.is_open and (base.members is None or name in base.members) for base in cls.mro)


_KEYS = frozenset((str, int, bytes, float, complex, tuple, frozenset))


class Instance:
    """An object of a class; ``payload`` holds the built-in value of a subclass of ``dict``, ``str``, ..."""

    __slots__ = ("cls", "ns", "payload")

    def __init__(self, cls: Class, payload: Value = MISSING) -> None:
        self.cls = cls
        self.ns: Namespace = {}
        self.payload = payload

    def __repr__(self) -> str:
        return f"<{self.cls.module}.{self.cls.qualname} object>"

    def __hash__(self) -> int:
        """6.10.1 An object of a subclass of ``str``, ``int``, ... is the same key as the value that it holds."""
        if self.cls.keys is not None:
            return int(self.cls.keys.hash(self))
        payload = self.payload
        return hash(payload) if type(payload) in _KEYS and self.cls.compares_payloads else id(self)

    def __eq__(self, other: object) -> bool:
        if self.cls.keys is not None and type(other) is Instance and self is not other:
            return other.cls.keys is not None and bool(self.cls.keys.are_same(self, other))
        payload = self.payload
        if self is other or type(payload) not in _KEYS or not self.cls.compares_payloads:
            return self is other
        if type(other) is Instance:
            return other.cls.compares_payloads and bool(payload == other.payload)
        return type(other) in _KEYS and bool(payload == other)


class Function:
    """A function of the program; ``is_open`` where a decorator that is not known may have made more of it."""

    __slots__ = (
        "cell",
        "closure",
        "defaults",
        "is_open",
        "keyword_defaults",
        "module",
        "module_name",
        "name",
        "node",
        "ns",
        "qualname",
    )

    def __init__(self, node: Node, module: Module, name: str) -> None:
        self.node = node
        self.module = module
        self.module_name: Value = module.name
        self.name = name
        self.qualname = name
        self.closure: tuple[Frame, ...] = ()
        self.defaults: tuple[Value, ...] = ()
        self.keyword_defaults: dict[str, Value] = {}
        self.ns: Namespace = {}
        self.cell: list[Value] | None = None
        self.is_open = False

    def __repr__(self) -> str:
        return f"<function {self.module.name}.{self.qualname}>"


class Method:
    """A function bound to its first argument."""

    __slots__ = ("function", "owner")

    def __init__(self, function: Value, owner: Value) -> None:
        self.function = function
        self.owner = owner

    def __repr__(self) -> str:
        return f"<method {self.function!r} of {self.owner!r}>"


class Native:
    """A function that the machine itself implements: ``call(machine, frame, arguments, keywords)``.

    ``binds`` means that it becomes a method when read from an instance, as a Python function does; ``defaults`` are
    those of a function that stands for one written in Python.
    """

    __slots__ = ("binds", "call", "defaults", "module", "name")

    def __init__(self, name: str, call: Callable[..., Value], module: str = "builtins", binds: bool = False) -> None:
        self.name = name
        self.call = call
        self.module = module
        self.binds = binds
        self.defaults: dict[str, Value] = {}

    def __repr__(self) -> str:
        return f"<native {self.module}.{self.name}>"


class OpaqueCall:
    """What a function in C does: not known, unless a function in Python says it."""

    __slots__ = ("path", "same")

    def __init__(self, path: str) -> None:
        self.path = path
        self.same: Function | None = None

    def __call__(self, m: Any, frame: Frame, arguments: list[Value], keywords: dict[str, Value]) -> Value:
        if self.same is not None:
            return m.call(self.same, arguments, keywords, frame)
        answer: Value = m.called_unknown(Unknown(self.path), arguments, keywords, frame)
        return answer


class HostMethod:
    """A method of a constant or built-in container: ``"a,b".split``."""

    __slots__ = ("name", "owner")

    def __init__(self, owner: Value, name: str) -> None:
        self.owner = owner
        self.name = name


class Property:
    """A ``property``."""

    __slots__ = ("deleter", "getter", "setter")

    def __init__(self, getter: Value, setter: Value = None, deleter: Value = None) -> None:
        self.getter = getter
        self.setter = setter
        self.deleter = deleter


class Slot:
    """What a class has for a name in its ``__slots__``: the value is in the object."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class StaticMethod:
    __slots__ = ("function",)

    def __init__(self, function: Value) -> None:
        self.function = function


class ClassMethod:
    __slots__ = ("function",)

    def __init__(self, function: Value) -> None:
        self.function = function


class Super:
    """What ``super()`` answers: attributes of ``owner`` looked up behind ``after`` in its MRO."""

    __slots__ = ("after", "owner")

    def __init__(self, after: Class, owner: Value) -> None:
        self.after = after
        self.owner = owner


class Partial:
    """A ``functools.partial`` object."""

    __slots__ = ("arguments", "function", "keywords")

    def __init__(self, function: Value, arguments: tuple[Value, ...], keywords: dict[str, Value]) -> None:
        self.function = function
        self.arguments = arguments
        self.keywords = keywords


class Generator:
    """A generator: a host iterator over what the program's generator yields, and the frame of its function."""

    __slots__ = ("frame", "iterator", "result")

    def __init__(self, iterator: Any, frame: Frame | None = None) -> None:
        self.iterator = iterator
        self.frame = frame
        self.result: Value = None


class Coroutine:
    """A coroutine that nobody awaited yet."""

    __slots__ = ("run",)

    def __init__(self, run: Callable[[], Value]) -> None:
        self.run = run


class Alias:
    """A subscripted generic: ``list[int]``; it behaves as its origin."""

    __slots__ = ("arguments", "origin")

    def __init__(self, origin: Value, arguments: Value) -> None:
        self.origin = origin
        self.arguments = arguments

    def __eq__(self, other: object) -> bool:
        if type(other) is not Alias or self.origin is not other.origin:
            return False
        return self.arguments is other.arguments or bool(self.arguments == other.arguments)

    def __hash__(self) -> int:
        return id(self.origin)


class Structure(tuple[Value, ...]):
    """A named tuple of the interpreter's own, such as ``sys.version_info``."""

    fields: tuple[str, ...] = ()

    def named(self, name: str) -> Value:
        """The item called ``name``, or MISSING."""
        return self[self.fields.index(name)] if name in self.fields else MISSING


class VersionInfo(Structure):
    """``sys.version_info``."""

    fields = ("major", "minor", "micro", "releaselevel", "serial")


CONSTANTS: Final = (bool, int, float, complex, str, bytes, type(None))
HOST_TYPES: Final = frozenset(
    (bool, int, float, complex, str, bytes, bytearray, tuple, list, dict, set, frozenset, range, slice)
    + (type(None), type(Ellipsis), type(NotImplemented), VersionInfo, type({}.keys()), type({}.values()))
    + (type({}.items()), memoryview)
)


PROGRAM_TYPES: Final = frozenset(
    (Unknown, Choice, Module, Class, Instance, Function, Method, Native, HostMethod, Property, StaticMethod)
    + (ClassMethod, Super, Partial, Generator, Coroutine, Alias)
)
"""The classes of values that are not the host's own."""


def is_gap(value: Value) -> bool:
    """Whether an item of a list stands for an unknown number of items, or for items that may be absent."""
    return type(value) is Unknown and value.path.startswith("*")


def has_gap(items: Collection[Value]) -> bool:
    """Whether one of several items is a gap.  Most have no unknown item, which the host finds out faster."""
    return Unknown in map(type, items) and any(map(is_gap, items))


DOC: Final = Unknown("doc")
"""A text that documents something: it is not kept, but there is one."""

OF_CLASS: Final = "!"
"""How the path of a class's member in C ends that was read from the class: nearly always a method, with a docstring."""

GAP: Final = Unknown("*")
"""An unknown number of unknown items."""

DOUBT: Final = Unknown("*?")
"""The items behind it may be absent."""


def has_unknown_key(namespace: dict[Any, Value]) -> bool:
    """Whether a name that is not known was bound in a namespace."""
    return Unknown in map(type, namespace)


def join(first: Value, second: Value) -> Value:
    """The value that is one of two; unknown where that would grow too large."""
    if first is second:
        return first
    kinds = type(first), type(second)
    if kinds[0] is kinds[1] and kinds[0] in HOST_TYPES:
        try:
            if first == second and kinds[0] in CONSTANTS:
                return first
        except Exception:
            return Unknown("join")
    if Unknown in kinds:
        known = second if kinds[0] is Unknown else first
        unknown = first if kinds[0] is Unknown else second
        if type(known) is Unknown:
            return known
        return Choice((known, unknown)) if type(known) is not Choice else known
    options: list[Value] = []
    for value in (first, second):
        for option in value.options if type(value) is Choice else (value,):
            if not any(option is other for other in options):
                options.append(option)
    return Choice(tuple(options)) if len(options) <= 8 else Unknown("join")


def is_constant(value: Value) -> bool:
    """Whether a value is one whose truth, equality and text are known."""
    return type(value) in HOST_TYPES
