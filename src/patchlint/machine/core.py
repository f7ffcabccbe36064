"""The machine: the state of a play, and the operations on it gathered in one place.

What each operation does is written in the module that it comes from; here they become methods, so that
those modules can call one another through the machine.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from patchlint.machine import (
    alone,
    attributes,
    branches,
    calls,
    classes,
    greenlets,
    hooks,
    hosts,
    inferring,
    keys,
    operators,
    recorder,
    starting,
    statements,
    texts,
)
from patchlint.machine.frames import Frame, Journal, OutOfBudget, Raised
from patchlint.machine.natives.importing import LOADERS, loader_class
from patchlint.machine.nesting import Nesting
from patchlint.machine.values import (
    HOST_TYPES,
    MISSING,
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
)
from patchlint.model import operations as op
from patchlint.model.location import Location, Trail
from patchlint.model.operations import Node, Summary
from patchlint.model.plan import Execution, Handover

if TYPE_CHECKING:
    from patchlint.environment import Target
    from patchlint.knowledge.starters import Starter
    from patchlint.machine.facts import Facts
    from patchlint.machine.processes import Met
    from patchlint.sources.finder import Finder

BUDGET = 60_000
"""Operations that one statement of a module may take, imports not counted."""


FAILED = "patchlint failed on it, please report this"


class Reader(Protocol):
    """Where the machine gets sources from; ``asked`` are the files that it asked for."""

    asked: set[str]

    def summary(self, path: str) -> Summary | None: ...
    def text(self, path: str) -> str: ...
    def stands_in(self, path: str) -> bool: ...
    def function_body(self, path: str, function: Node, lazy_annotations: bool) -> Node: ...
    def read_bytes(self, path: str) -> bytes | None: ...
    def list_folder(self, path: str) -> Sequence[str] | None: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class World:
    """All that a play depends on: the target, its sources, and what is known of libraries."""

    target: Target
    finder: Finder
    reader: Reader
    knowledge: Facts
    environ: Mapping[str, str] = field(default_factory=dict)
    handovers: Mapping[str, Handover] = field(default_factory=dict)
    cwd: str = ""
    assumed: tuple[str, ...] = ()
    """Modules that cannot be found and are taken for installed, since the program would not start without them."""
    wrapper: tuple[str, ...] = ()
    """Folders that a wrapper put in front of the search path, to run its own code at the interpreter's start."""
    stubborn: bool = False
    """Whether a module goes on after an exception that only an ``except Exception`` around its import would take."""
    sides: tuple[bool, ...] = ()
    """Which side of the program's own forks is played, in their order: True is the parent's."""
    played: frozenset[Location] = frozenset()
    """The forks whose child was played before: behind ``sides``, the parent's side of these is."""


def _plain(entry: str) -> str:
    """An entry of the path without ``..``: programs write their own, and one file shall have one name."""
    return os.path.normpath(entry) if f"{os.sep}{os.pardir}" in entry else entry


def bound_names(node: Node) -> Iterator[str]:
    """The names that a statement, or one inside it, binds."""
    kind = node[0]
    if kind == op.ASSIGN:
        yield from (target[1] for target in node[2] if target[0] == op.NAME)
    elif kind == op.FUNCTION:
        yield node[4]
    elif kind == op.CLASS:
        yield node[2]
    elif kind in (op.IMPORT, op.IMPORT_FROM):
        yield from (alias or name.partition(".")[0] for name, alias in node[-1])
    elif kind in (op.IF, op.FOR, op.WHILE, op.TRY, op.TRY_STAR, op.WITH):
        for block in node[2:]:
            yield from _bound_inside(block)


def _bound_inside(block: object) -> Iterator[str]:
    if type(block) is list and block and type(block[0]) is list:
        for inner in block:
            if len(inner) > 1 and type(inner[0]) is int and type(inner[1]) is int and inner[0] <= op.TRY_STAR:
                yield from bound_names(inner)
            else:
                yield from (name for part in inner for name in _bound_inside(part))


@dataclass(slots=True)
class Cuts:
    """Calls that were not followed to their end: whether the present statement had one, and how often each function.

    ``allowance`` is what the present statement was given to spend.  Functions are known by the identity of their node,
    which is kept with the count: another could come to have it.
    """

    allowance: int = BUDGET
    is_done: bool = False
    counts: dict[int, tuple[int, Node]] = field(default_factory=dict)


@dataclass(slots=True)
class Family:
    """The processes that a program begets.

    ``met`` are its own forks in order, ``workers`` where the entry stands that tells of the workers started at a
    place, ``restart`` the variables that a reloader runs the program with a second time, ``children`` the set that
    ``multiprocessing`` keeps, ``complaint`` what was last written to standard error,
    ``has_counted`` whether the number of a server's workers is known.
    """

    children: set[Value] | None = None
    met: list[Met] = field(default_factory=list)
    workers: dict[Location | None, int] = field(default_factory=dict)
    restart: Mapping[str, str] | None = None
    has_ended: bool = False
    has_waited: bool = False
    has_counted: bool = True
    complaint: str = ""
    running: dict[int, tuple[Starter, Value]] = field(default_factory=dict)
    """What compiled code started: unknown values, by identity."""


class Machine:
    """Plays a plan.  ``possible`` counts the undecided branches that it is in at the moment."""

    _yielding: dict[int, tuple[Node, bool]]
    _asking: dict[int, tuple[Node, bool]]
    numbered: set[str]
    """Names and keys in which the program keeps its worker's number."""
    wanted: str | None = None
    """A library that can be stood in for, and that a statement could not find."""

    known_truth: Final = frozenset(("re", "functools", "weakref", "_thread"))

    running_loop: Value = None
    thread: int = 1
    """The loop and the number of the thread that what is played now runs in."""

    type_forms: dict[Class, Alias]

    def __init__(self, world: World) -> None:
        self.world = world
        self.version = world.target.version
        self.modules: dict[str, Value] = {}
        self.types: dict[str, Class] = {}
        self.keys = keys.Keys(self)
        self.host_classes: dict[type, Class] = {}
        self.builtins: dict[str, Value] = {}
        self.native_modules: dict[str, Callable[[Machine, Module], None]] = {}
        self.stand_ins: dict[str, Callable[[Machine, Module], None]] = {}
        self.native_extensions: dict[str, Callable[[Machine, Module], None]] = {}
        self.class_factories: dict[str, Class] = {}
        self.class_adjusters: dict[tuple[str, str], Callable[[Machine, Class], None]] = {}
        self.class_finishers: dict[str, Callable[[Machine, Class, Frame], None]] = {}
        self.intercepts: dict[str, Callable[..., Value]] = {}
        self.native_import: Value = None
        self.path_finder: Value = None
        self.own_finders: list[Value] = []
        self.meta_path: list[Value] = []
        self.sys_path: list[Value] = []
        self.journal: Journal | None = None
        self._yielding, self._asking, self.type_forms, self.numbered = {}, {}, {}, set()
        self.possible = self.depth = self.steps = self.forks = self.starting = self.guesses = 0
        self.reloading: dict[str, Value] = {}
        self.tired: dict[int, tuple[int, Node]] = {}
        self.codecs: dict[str, Value] = {}
        self.budget = self.remaining = BUDGET
        self.cuts, self.nesting = Cuts(), Nesting(world.target.version)
        self.extension_objects: dict[str, Value] = {}
        self.active: dict[int, int] = {}
        self.guards: list[tuple[Callable[[Raised], bool], str | None]] = []
        self.successor: Execution | None = None
        self.missing: list[tuple[str, Frame]] = []
        self.family, self.greenlets = Family(), greenlets.Greenlets()
        self.closing = False
        self.watched: dict[int, Any] = {}
        self.pool_settings: dict[str, Location] = {}
        self.spawn: Callable[[Function, Frame, str], list[Any]] | None = None
        self.absent: Value = MISSING
        self.object_slots: dict[str, Value] = {}
        self.kept: list[Value] = []
        self.inferring = inferring.State()
        self.registering: list[Class] = []
        self.disguised: list[Instance] = []
        self.patched_values: set[tuple[int, str]] = set()
        self.patched_modules: set[str] = set()
        self.root = Trail(None, None, "start")
        self._subclasses: dict[int, list[Class]] = {}
        self._stdlib = world.target.stdlib.rstrip(os.sep) + os.sep
        self._libraries = tuple(root.rstrip(os.sep) + os.sep for root in world.target.library_roots)
        self.recorder = recorder.Recorder(self)

    # Operations, by the module that implements them -----------------------------------------------
    call = calls.call
    run = calls.run
    follow = calls.follow
    run_coroutine = calls.run_coroutine
    getattr = attributes.get
    find = attributes.find
    setattr = attributes.set_
    delattr = attributes.delete
    bound = attributes.bound
    class_attribute = staticmethod(attributes.class_attribute)
    binary = operators.binary
    unary = operators.unary
    compare = operators.compare
    in_place = operators.in_place
    truth = operators.truth
    getitem = operators.getitem
    setitem = operators.setitem
    delitem = operators.delitem
    iterate = operators.iterate
    iterate_lazily = operators.iterate_lazily
    mapping_items = operators.mapping_items
    dictionary_get = operators.dictionary_get
    next = operators.next_
    send = operators.send
    throw = operators.throw
    close = operators.close
    either = branches.either
    maybe = branches.maybe
    fork_blocks = branches.fork_blocks
    instantiate = classes.instantiate
    construct = classes.construct
    is_instance = classes.is_instance
    is_subclass = classes.is_subclass
    class_of = classes.class_of
    assign = statements.assign_target
    text = hosts.text_of
    execute_text = texts.execute
    open_file = texts.open_file

    # Work -----------------------------------------------------------------------------------------
    def yields(self, node: Node) -> bool:
        """Whether a statement has a yield of its function inside, looked for once."""
        known = self._yielding.get(id(node))
        if known is None or known[0] is not node:
            known = self._yielding[id(node)] = node, statements.yields(node)
        return known[1]

    def asks_for_number(self, node: Node) -> bool:
        """Whether the test of an ``if`` asks for the worker's number, looked for once."""
        known = self._asking.get(id(node))
        if known is None or known[0] is not node:
            known = self._asking[id(node)] = node, alone.asks(node[2])
        return known[1] or (bool(self.numbered) and alone.mentions(node[2], self.numbered))

    def asks(self, test: Node) -> bool:
        """The same for a part of a test."""
        return alone.asks(test) or (bool(self.numbered) and alone.mentions(test, self.numbered))

    def spend(self) -> None:
        """Count one operation; raises OutOfBudget when a statement has used up what it is given."""
        self.steps += 1
        self.remaining -= 1
        if self.remaining < 0:
            raise OutOfBudget

    def is_caught(self, raised: Raised) -> bool:
        """Whether an active except clause, or a context manager, takes an exception of the program.

        Ending the interpreter is meant; any other exception that nobody takes would end the program
        while it is imported, which programs that run do not do: there the machine is at fault.
        """
        if any(self.is_error(raised, kind) for kind in ("SystemExit", "KeyboardInterrupt", "GeneratorExit")):
            return True
        return any(takes(raised) for takes, _ in self.guards)

    def is_caught_by_the_program(self, raised: Raised) -> bool:
        """Whether code of the program's own takes it: a server that catches whatever an application raises does not."""
        return any(takes(raised) for takes, path in self.guards if self.is_first_party(path))

    def survive(self, raised: Raised, frame: Frame, node: Node) -> None:
        """A statement raised what nobody takes: what it binds is not known, the module goes on."""
        value = raised.value
        name = value.cls.name if type(value) is Instance else "an exception"
        shown = value.ns.get("args", ()) if type(value) is Instance else ()
        reason = f"raises {name}: {shown[0]}" if shown and type(shown[0]) is str else f"raises {name}"
        self.recorder.opaque("statement", reason, frame)
        missing = self.error_name(raised) if self.is_error(raised, "ModuleNotFoundError") else None
        if type(missing) is str and missing in self.stood_in:
            self.wanted = missing
        for bound in bound_names(node):
            if bound not in frame.locals:
                self.store(bound, Unknown(bound), frame)

    @property
    def stood_in(self) -> frozenset[str]:
        """Libraries that can be stood in for where they cannot be found."""
        return frozenset(name.partition(".")[0] for name in self.stand_ins)

    def failed_on(self, error: Exception, frame: Frame, node: Node) -> None:
        """A bug of ours in one statement must not hide what the others do."""
        self.gave_up(frame, node, f"{FAILED}: {type(error).__name__}: {error}")

    def gave_up(self, frame: Frame, node: Node, reason: str = "takes too many operations to follow") -> None:
        """A statement was abandoned: what it binds is not known."""
        self.recorder.opaque("statement", reason, frame)
        for name in bound_names(node):
            if name not in frame.locals or node[0] in (op.ASSIGN, op.FUNCTION, op.CLASS):
                self.store(name, Unknown(name), frame)

    # Bindings -------------------------------------------------------------------------------------
    def store(self, name: str, value: Value, frame: Frame) -> None:
        """7.2 Bind a name in the scope that the block says."""
        namespace = frame.locals
        if frame.outer_names and name in frame.outer_names:
            namespace = frame.globals
            frame.module.lines[name] = frame.line
        elif frame.nonlocals and name in frame.nonlocals:
            namespace = self.scope_of(name, frame)
        if self.journal is not None:
            self.journal.note(namespace, name)
        namespace[name] = value
        if frame.lines is not None:
            frame.lines[name] = -frame.line if self.possible else frame.line

    def scope_of(self, name: str, frame: Frame) -> dict[str, Value]:
        """The namespace in which a block binds a name."""
        if name in frame.outer_names:
            return frame.globals
        if name in frame.nonlocals:
            for enclosing in frame.closure:
                if name in enclosing.locals:
                    return enclosing.locals
        return frame.locals

    def bind(self, namespace: dict[str, Value], name: str, value: Value) -> None:
        """Bind a key of any namespace."""
        if self.journal is not None:
            self.journal.note(namespace, name)
        namespace[name] = value

    def unbind(self, namespace: dict[str, Value], name: Any) -> None:
        """Unbind a key of any namespace, if it is bound."""
        if self.journal is not None:
            self.journal.note(namespace, name)
        namespace.pop(name, None)

    # Exceptions -----------------------------------------------------------------------------------
    def error(self, kind: str, *arguments: Value, **attributes_: Value) -> Raised:
        """An exception of the program, ready to be raised."""
        value = Instance(self.types.get(kind, self.types["Exception"]))
        value.ns["args"] = arguments
        if kind in ("ImportError", "ModuleNotFoundError"):
            value.ns.update(name=None, path=None, msg=arguments[0] if arguments else None)
        value.ns.update(attributes_)
        return Raised(value)

    def is_error(self, raised: Raised, kind: str) -> bool:
        """Whether an exception of the program is of a built-in class."""
        value = raised.value
        return type(value) is Instance and self.types[kind] in value.cls.mro

    def error_name(self, raised: Raised) -> Value:
        """The ``name`` attribute of an exception."""
        return raised.value.ns.get("name") if type(raised.value) is Instance else None

    # Functions ------------------------------------------------------------------------------------
    def body(self, function: Function) -> Node:
        """The lowered body of a function, lowered on its first call."""
        path = function.module.source or function.module.file or ""
        body = self.world.reader.function_body(path, function.node, function.module.lazy_annotations)
        function.node[op.F_BODY] = body
        return body

    def has_doc(self, function: Function) -> bool:
        """Whether a function's body begins with a docstring."""
        body = function.node[op.F_BODY] or self.body(function)
        return len(body) > op.B_DOC and bool(body[op.B_DOC])

    def intercept(self, function: Function, arguments: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
        """What the machine knows better of a library function, MISSING for all others."""
        handler = self.intercepts.get(function.name)
        if handler is None:
            return MISSING
        return handler(self, function, arguments, keywords, frame)

    def called_unknown(
        self, function: Unknown, arguments: list[Value], keywords: dict[str, Value], frame: Frame
    ) -> Unknown:
        """A callable that is not known was called: what it answers."""
        result = Unknown(f"{function.path}()" if len(function.path) < 80 else function.path)
        hooks.unknown_call(self, function, frame, result)
        starting.waited(self, function, arguments, keywords, frame)
        return result

    # Classes --------------------------------------------------------------------------------------
    def note_subclass(self, cls: Class) -> None:
        """Remember a class for ``__subclasses__()`` of its bases."""
        for base in cls.bases or (self.types["object"],):
            self._subclasses.setdefault(id(base), []).append(cls)

    def subclasses(self, cls: Class) -> list[Class]:
        """The direct subclasses, in order of definition."""
        return list(self._subclasses.get(id(cls), ()))

    def own_annotations(self, cls: Class) -> Value:
        """``cls.__annotations__``."""
        return cls.ns.get("__annotations__", {})

    def function_annotations(self, function: Function) -> Value:
        """``function.__annotations__``: which parameters have one is not kept."""
        return Unknown("annotations")

    def code_object(self, function: Function) -> Value:
        """``function.__code__``, with what the signature tells."""
        code = Instance(self.types["code"])
        node = function.node
        names = (*node[op.F_POSITIONAL], *node[op.F_KEYWORD])
        code.ns.update(
            co_argcount=len(node[op.F_POSITIONAL]),
            co_kwonlyargcount=len(node[op.F_KEYWORD]),
            co_posonlyargcount=node[op.F_POSITIONAL_ONLY],
            co_name=function.name,
            co_filename=function.module.file,
            co_firstlineno=node[op.F_LINE],
            co_varnames=(*names, *(node[place] for place in (op.F_REST, op.F_KEYWORDS) if node[place])),
            co_flags=self._flags(function),
        )
        return code

    def _flags(self, function: Function) -> int:
        """``co_flags``, as ``inspect`` documents them."""
        node = function.node
        flags = 3 | (4 if node[op.F_REST] else 0) | (8 if node[op.F_KEYWORDS] else 0)
        generates = (node[op.F_BODY] or self.body(function))[op.B_GENERATOR]
        if node[op.F_ASYNC]:
            return flags | (0x200 if generates else 0x80)
        return flags | (0x20 if generates else 0)

    def getattribute(self, cls: Class) -> Value:
        """A ``__getattribute__`` that a class of the program defines, or MISSING."""
        for base in cls.mro:
            if "__getattribute__" in base.ns:
                return base.ns["__getattribute__"]
        return MISSING

    def forget_lookups(self) -> None:
        """A class changed."""

    def object_method(self, owner: Instance | Module, name: str, arguments: list[Value], frame: Frame) -> Value:
        """``object.name(owner, ...)``."""
        if name == "__setattr__":
            attributes.raw_set(self, owner, arguments[0], arguments[1], frame)
            return None
        if name == "__getattribute__":
            return attributes.raw_get(self, owner, arguments[0], frame)
        if name == "__delattr__":
            self.unbind(owner.ns, arguments[0])
            return None
        return None if name == "__init__" else Unknown(name)

    # Values ---------------------------------------------------------------------------------------
    def hashable(self, value: Value) -> bool:
        """Whether a value can be a key here."""
        try:
            hash(value)
        except TypeError:
            return False
        return True

    def is_mapping(self, value: Instance) -> bool:
        """Whether an object has ``keys``, which makes ``dict(value)`` read it as a mapping."""
        return isinstance(value.payload, dict) or self.class_attribute(value.cls, "keys") is not MISSING

    def repr(self, value: Value, frame: Frame) -> Value:
        """``repr(value)``."""
        if type(value) in HOST_TYPES and hosts._known([value]):
            return repr(value)
        if type(value) is Instance:
            method = self.class_attribute(value.cls, "__repr__")
            if method is not MISSING:
                return self.call(self.bound(method, value, value.cls, frame), [], {}, frame)
        return Unknown("repr")

    def sorted(self, items: list[Value], key: Value, reverse: Value, frame: Frame) -> list[Value]:
        """``sorted(items, key=key)``; the order stays as it is where a key is not known."""
        keys = list(items) if key is None else [self.call(key, [item], {}, frame) for item in items]
        if any(type(k) not in HOST_TYPES for k in keys):
            return list(items)
        try:
            order = sorted(range(len(items)), key=keys.__getitem__, reverse=reverse is True)
        except TypeError:
            return list(items)
        return [items[index] for index in order]

    # Context managers -----------------------------------------------------------------------------
    def enter(self, manager: Value, frame: Frame) -> Value:
        """3.3.9 ``__enter__``."""
        if type(manager) is Choice:
            return branches.each(self, manager.options, lambda option: self.enter(option, frame))
        if type(manager) is not Instance:
            if type(manager) in HOST_TYPES or type(manager) in (Function, Generator, Native, Module):
                raise self._no_manager()
            return Unknown("entered")
        method, leave = self._manager_method(manager, "enter"), self._manager_method(manager, "exit")
        if method is MISSING or leave is MISSING:
            if not any(base.is_open or base.host not in (None, object) for base in manager.cls.mro):
                raise self._no_manager()
        if method is MISSING:
            return Unknown("entered")
        value = self.call(self.bound(method, manager, manager.cls, frame), [], {}, frame)
        return self.run_coroutine(value, frame) if type(value).__name__ == "Coroutine" else value

    def _manager_method(self, manager: Instance, name: str) -> Value:
        method = self.class_attribute(manager.cls, f"__{name}__")
        return self.class_attribute(manager.cls, f"__a{name}__") if method is MISSING else method

    def _no_manager(self) -> Raised:
        kind = "TypeError" if self.version >= (3, 11) else "AttributeError"
        return self.error(kind, "object does not support the context manager protocol")

    def leave(self, manager: Value, raised: Raised | None, frame: Frame) -> bool:
        """3.3.9 ``__exit__``; answers whether it swallowed the exception."""
        if type(manager) is Choice:
            branches.each(self, manager.options, lambda option: self.leave(option, None, frame))
        if type(manager) is not Instance:
            return False
        method = self.class_attribute(manager.cls, "__exit__")
        if method is MISSING:
            return False
        details: list[Value] = [None, None, None]
        if raised is not None:
            details = [self.class_of(raised.value), raised.value, Unknown("traceback")]
        answer = self.call(self.bound(method, manager, manager.cls, frame), details, {}, frame)
        return raised is not None and self.truth(answer, frame) is True

    # Modules --------------------------------------------------------------------------------------
    def in_stdlib(self, path: str | None) -> bool:
        """Whether a file belongs to the target's standard library."""
        return path is not None and path.startswith(self._stdlib) and "/site-packages/" not in path

    def is_first_party(self, path: str | None) -> bool:
        """Whether a file is the reader's own."""
        return path is not None and not path.startswith(self._libraries)

    def locate(self, name: str, path: Value, frame: Frame) -> Any:
        """5.5 The path based finder: where a module's file is, or None."""
        if path is None:
            entries = [_plain(entry) or self.world.cwd for entry in self.sys_path if type(entry) is str]
            return self.world.finder.find_top(name, entries)
        entries = [entry for entry in self.iterate(path, frame) or () if type(entry) is str]
        return self.world.finder.find_in(name, entries)

    def summary(self, path: str) -> Summary | None:
        """The lowered source of a file.  Raises SourceError."""
        return self.world.reader.summary(path)

    def record_module(self, module: Module, frame: Frame) -> Any:
        """A module begins to execute."""
        trail = self.recorder.module(module, frame)
        starting.imported(self, module, frame)
        hooks.imported(self, module, frame)
        return trail

    def forgotten(self, frame: Frame) -> None:
        """The set of this process's children loses some, or is replaced."""
        starting.forgotten(self, "multiprocessing.process._children", frame)

    def imported_again(self, module: Value, frame: Frame) -> None:
        """A module that is already in the cache was imported."""
        if type(module) is Module and module.record is not None and module.record.possible:
            self.recorder.confirm(module.record, frame)

    def unreadable(self, error: Any, record: Any) -> None:
        """A source file could not be read or parsed."""
        self.recorder.unreadable(error)

    def share_openness(self, source: dict[str, Value], target: dict[str, Value]) -> None:
        """One module's namespace was copied into another's: what was not known there is not known here."""
        owners = {id(module.ns): module for module in self.modules.values() if type(module) is Module}
        one, other = owners.get(id(source)), owners.get(id(target))
        if one is not None and other is not None and one.is_open:
            other.is_open = True

    def is_open_namespace(self, namespace: dict[str, Value]) -> bool:
        """Whether a dict is the namespace of a module that may have more names."""
        module = self.modules.get(namespace.get("__name__", ""))
        return type(module) is Module and module.ns is namespace and module.is_open

    def may_read(self, path: str) -> bool:
        """Whether a file belongs to what is analysed, so that questions about it can be answered."""
        roots = (*self._libraries, self._stdlib, self.world.cwd.rstrip(os.sep) + os.sep)
        return (path.rstrip(os.sep) + os.sep).startswith(roots)

    def extension_has(self, module: Module, name: str) -> Value:
        """Whether an installed extension module has an attribute: its shared object must name it."""
        return self.world.knowledge.mentions(module.file, name) or Unknown("hasattr()")

    def is_known_extension(self, name: str) -> bool:
        """Whether all names of an extension module are known."""
        return self.world.knowledge.extension(self.version[:2], name) is not None

    def execute_extension(self, module: Module, record: Any) -> None:
        """Fill an extension module with what is known of its names, and import what it imports."""
        from patchlint.machine import extensions

        extensions.execute(self, module, record)

    def use_codec(self, arguments: list[Value], keywords: dict[str, Value], frame: Frame) -> None:
        """Text is encoded or decoded: the codec may have to be loaded."""
        from patchlint.machine.natives import codecs

        codecs.used_by_text(self, arguments, keywords, frame)

    def new_module(self, name: str, spec: Value, frame: Frame) -> Module:
        """``importlib.util.module_from_spec`` for a loader that makes no module of its own."""
        module = Module(name)
        ns = module.ns
        search = self.find(spec, "submodule_search_locations", frame, None)
        ns["__name__"] = name
        ns["__doc__"] = None
        ns["__spec__"] = spec
        ns["__loader__"] = self.find(spec, "loader", frame, None)
        ns["__package__"] = name if search is not None else name.rpartition(".")[0]
        origin = self.find(spec, "origin", frame, None)
        if type(origin) is str:
            ns["__file__"] = module.file = origin
        if search is not None:
            ns["__path__"] = search
        return module

    def make_spec(self, found: Any) -> Instance:
        """A ``ModuleSpec`` for a module that was found."""
        spec = Instance(self.types["ModuleSpec"], found)
        loader = Instance(loader_class(self, LOADERS.get(found.kind, "SourceFileLoader")), found)
        loader.ns.update(name=found.name, path=found.path)
        origin = found.path if found.path is not None else "built-in"
        spec.ns.update(
            name=found.name,
            loader=None if found.kind == "namespace" else loader,
            origin=origin if found.kind != "namespace" else None,
            submodule_search_locations=list(found.search) if found.is_package else None,
            parent=found.name if found.is_package else found.name.rpartition(".")[0],
            has_location=found.path is not None,
            cached=None,
            loader_state=None,
            _initializing=False,
        )
        return spec
