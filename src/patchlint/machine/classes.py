"""Classes: definition (reference 8.8 and 3.3.3) and the making of instances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patchlint.machine import branches, extensions, hosts, keys, starting, typeforms
from patchlint.machine.expressions import evaluate
from patchlint.machine.frames import NO_NAMES, Frame, Raised
from patchlint.machine.values import (
    MISSING,
    Alias,
    Choice,
    Class,
    ClassMethod,
    Function,
    Instance,
    Method,
    Module,
    Native,
    Partial,
    Property,
    Slot,
    StaticMethod,
    Unknown,
    Value,
)
from patchlint.model.names import mangled
from patchlint.model.operations import Node

if TYPE_CHECKING:
    from patchlint.machine.core import Machine

_CONTAINERS = (dict, list, set)


def build(m: Machine, node: Node, frame: Frame) -> Value:
    """8.8 Execute a class definition; answers what the metaclass makes of it."""
    _, line, name, _, base_nodes, keyword_nodes, body, doc, names = node
    from patchlint.machine.statements import execute

    given: list[Value] = []
    for base in base_nodes:
        if base[0] == 21:
            given.extend(m.iterate(evaluate(m, base[1], frame), frame) or ())
        else:
            given.append(evaluate(m, base, frame))
    keywords: dict[str, Value] = {}
    for key, item in keyword_nodes:
        value = evaluate(m, item, frame)
        if key is None:
            keywords.update(m.mapping_items(value, frame))
        else:
            keywords[key] = value
    bases, is_open = resolve_bases(m, given, frame)
    meta = metaclass_of(m, bases, keywords.pop("metaclass", None))
    foreign = [base for base in given if _is_foreign(m, base)]
    if foreign:
        meta, bases = foreign[0].cls, tuple(given)
    prepared = prepare(m, meta, name, bases, keywords, frame)
    namespace: dict[str, Value] = prepared.payload if type(prepared) is Instance else prepared
    inner = Frame(frame.module, namespace, frame, f"class {name}")
    inner.globals = frame.globals
    inner.closure = (frame, *frame.closure) if frame.function is not None else frame.closure
    inner.qualname = f"{frame.qualname}.{name}" if frame.qualname and frame.function is None else name
    if frame.function is not None:
        inner.qualname = f"{frame.qualname}.<locals>.{name}"
    inner.names = names
    inner.lines = {}
    inner.cell = []
    inner.handling = frame.handling
    inner.locals["__module__"] = frame.globals.get("__name__", frame.module.name)
    inner.locals["__qualname__"] = inner.qualname
    if doc is not None:
        inner.locals["__doc__"] = doc
    execute(m, body, inner)
    if len(given) != len(bases) or any(a is not b for a, b in zip(given, bases, strict=False)):
        inner.locals.setdefault("__orig_bases__", tuple(given))
    frame.line = line
    value = create(m, meta, name, bases, prepared, keywords, frame)
    if type(value) is Class:
        value.is_open = value.is_open or is_open
        value.rootless = is_open
        value.members = None if is_open else value.members
        value.lines.update(inner.lines)
    inner.cell.append(value)
    return value


def _is_foreign(m: Machine, base: Value) -> bool:
    """A base that is no class: its own class is the metaclass (3.3.3.3)."""
    return type(base) is Instance and m.class_attribute(base.cls, "__mro_entries__") is MISSING and not base.cls.is_open


def resolve_bases(m: Machine, given: list[Value], frame: Frame) -> tuple[tuple[Class, ...], bool]:
    """3.3.3.2 Resolving MRO entries; answers the bases that are classes, and whether one is unknown."""
    bases: list[Class] = []
    is_open = False
    for base in given:
        if type(base) is Choice:
            known = [option for option in base.options if type(option) is Class]
            base = known[0] if known else base
        if type(base) is Class:
            bases.append(base)
        elif type(base) is Alias and type(base.origin) is Class:
            if base.origin not in bases and base.origin not in given:
                bases.append(base.origin)
        elif type(base) is Instance and m.class_attribute(base.cls, "__mro_entries__") is not MISSING:
            entries = m.call(m.getattr(base, "__mro_entries__", frame), [tuple(given)], {}, frame)
            bases.extend(entry for entry in m.iterate(entries, frame) or () if type(entry) is Class)
        elif type(base) is Native and base.name in m.class_factories:
            bases.append(m.class_factories[base.name])
        elif base is not None:
            is_open = True
            bases.append(_unknown_base(m, base))
    unique = list(dict.fromkeys(bases))
    return tuple(unique), is_open


def _unknown_base(m: Machine, base: Value) -> Class:
    """Stands for a base that is not known, so that the order of the others is right."""
    path = base.path if type(base) is Unknown else "unknown"
    cls = Class(path.rpartition(".")[2], path.rpartition(".")[0], (m.types["object"],))
    cls.mro = (cls, m.types["object"])
    cls.metaclass = m.types["type"]
    cls.is_open = cls.rootless = True
    return cls


def metaclass_of(m: Machine, bases: tuple[Class, ...], explicit: Value) -> Value:
    """3.3.3.3 The most derived metaclass; a function given as metaclass is called as it is."""
    if type(explicit) in (Function, Native, Partial, Method):
        return explicit
    winner = explicit if type(explicit) is Class else m.types["type"]
    for base in bases:
        meta = base.metaclass or m.types["type"]
        if winner in meta.mro:
            winner = meta
    return winner


def prepare(
    m: Machine, meta: Value, name: str, bases: tuple[Class, ...], keywords: dict[str, Value], frame: Frame
) -> Value:
    """3.3.3.4 Preparing the class namespace: a dict, or an object that holds one and stands for it."""
    if type(meta) is not Class or meta is m.types["type"]:
        return {}
    hook = m.class_attribute(meta, "__prepare__")
    function = getattr(hook, "function", hook)
    if type(function) not in (Function, Native):
        return {}
    made = m.call(function, [meta, name, bases], dict(keywords), frame)
    if type(made) is dict or (type(made) is Instance and isinstance(made.payload, dict)):
        return made
    return {}


def create(
    m: Machine,
    meta: Value,
    name: str,
    bases: tuple[Class, ...],
    namespace: Value,
    keywords: dict[str, Value],
    frame: Frame,
) -> Value:
    """3.3.3.6 Creating the class object: call the metaclass."""
    if type(meta) is not Class:
        return m.call(meta, [name, bases, namespace], keywords, frame)
    if meta is m.types["type"]:
        return make(m, meta, name, bases, namespace, keywords, frame)
    return construct(m, meta, [name, bases, namespace], keywords, frame)


def make(
    m: Machine,
    meta: Class,
    name: str,
    bases: tuple[Class, ...],
    namespace: dict[str, Value],
    keywords: dict[str, Value],
    frame: Frame,
) -> Class:
    """``type.__new__``: the class, its ``__set_name__`` hooks and ``__init_subclass__``."""
    module = namespace.get("__module__", frame.globals.get("__name__", ""))
    cls = Class(name, module if type(module) is str else frame.module.name, bases, dict(namespace))
    qualname = namespace.get("__qualname__")
    cls.qualname = qualname if type(qualname) is str else name
    cls.metaclass = meta
    cls.mro = linearise(m, cls)
    cls.is_open = any(base.is_open for base in bases) and all(base.host is None for base in bases)
    cls.members = NO_NAMES if meta is m.types["type"] else None
    for base in cls.mro[1:]:
        if base.special:
            cls.special = base.special
            break
    cls.disguises = any(name in base.ns for base in cls.mro for name in ("__class__", "__getattribute__"))
    keys.note(m, cls)
    _make_slots(m, cls)
    cls.ns.setdefault("__doc__", None)
    if "__orig_bases__" in namespace and "__parameters__" not in namespace:
        cls.ns["__parameters__"] = type_parameters(namespace["__orig_bases__"])
    _implicit_methods(cls)
    m.note_subclass(cls)
    adjust = m.class_adjusters.get((cls.module, name))
    if adjust is not None and m.in_stdlib(frame.path):
        adjust(m, cls)
    finish = m.class_finishers.get(cls.special)
    if finish is not None:
        finish(m, cls, frame)
    _set_names(m, cls, frame)
    _init_subclass(m, cls, keywords, frame)
    return cls


def type_parameters(value: Value) -> tuple[Value, ...]:
    """The type variables inside aliases, each once, in order of first use."""
    found: dict[int, Value] = {}
    stack = [value]
    while stack:
        item = stack.pop(0)
        if type(item) is tuple or type(item) is list:
            stack[:0] = item
        elif type(item) is Alias:
            stack.insert(0, item.arguments)
        elif type(item) is Instance and item.cls.name in ("TypeVar", "ParamSpec", "TypeVarTuple"):
            found.setdefault(id(item), item)
    return tuple(found.values())


def plain(m: Machine, arguments: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    """The class that ``type.__new__`` would make, for a metaclass that is not followed; it may have more."""
    meta, name, bases, namespace = arguments[:4]
    known = tuple(base for base in m.iterate(bases, frame) or () if type(base) is Class)
    made = make(m, meta, name, known, m.mapping_items(namespace, frame), {}, frame)
    made.is_open = True
    for base in made.mro[1:]:
        for key in base.ns if base.metaclass is meta else ():
            if key not in base.lines and key not in _PLAIN_NAMES:
                made.ns.setdefault(key, Unknown(key))
    return made


_PLAIN_NAMES = frozenset(
    ("__module__", "__qualname__", "__doc__", "__orig_bases__", "__parameters__", "__annotations__")
)
"""What a class has without its metaclass's doing."""


def _implicit_methods(cls: Class) -> None:
    """3.3.3.6 ``__init_subclass__`` and ``__class_getitem__`` are class methods by themselves."""
    for name in ("__init_subclass__", "__class_getitem__"):
        if type(cls.ns.get(name)) is Function:
            cls.ns[name] = ClassMethod(cls.ns[name])
    if type(cls.ns.get("__new__")) is Function:
        cls.ns["__new__"] = StaticMethod(cls.ns["__new__"])


def _make_slots(m: Machine, cls: Class) -> None:
    """3.3.2.4 ``__slots__`` makes a data descriptor for each name, which hides what a base has under it."""
    given = cls.ns.get("__slots__", ())
    names = (given,) if type(given) is str else given if isinstance(given, (tuple, list, dict, set, frozenset)) else ()
    for name in dict.fromkeys(names):
        if type(name) is not str or name in ("__dict__", "__weakref__"):
            continue
        if name in cls.ns:
            raise m.error("ValueError", f"{name!r} in __slots__ conflicts with class variable")
        private = mangled(cls.name, name)
        cls.ns[private] = Slot(private)


def _set_names(m: Machine, cls: Class, frame: Frame) -> None:
    for key, value in list(cls.ns.items()):
        if type(value) is Instance:
            hook = m.class_attribute(value.cls, "__set_name__")
            if hook is not MISSING:
                m.call(m.bound(hook, value, value.cls, frame), [cls, key], {}, frame)


def _init_subclass(m: Machine, cls: Class, keywords: dict[str, Value], frame: Frame) -> None:
    for base in cls.mro[1:]:
        hook = base.ns.get("__init_subclass__", MISSING)
        if hook is not MISSING:
            function = hook.function if type(hook) is ClassMethod else hook
            m.call(function, [cls], keywords, frame)
            return


def linearise(m: Machine, cls: Class) -> tuple[Class, ...]:
    """The C3 method resolution order; falls back to a plain walk where the bases conflict."""
    single = len(cls.bases) == 1
    sequences = [] if single else [list(base.mro) for base in cls.bases] + [list(cls.bases)]
    order = [cls, *cls.bases[0].mro] if single else [cls]
    while sequences := [sequence for sequence in sequences if sequence]:
        for sequence in sequences:
            head = sequence[0]
            if not any(head in other[1:] for other in sequences):
                break
        else:
            return tuple(dict.fromkeys([*order, *(c for sequence in sequences for c in sequence)]))
        order.append(head)
        for sequence in sequences:
            if sequence[0] is head:
                del sequence[0]
    base = m.types.get("object")
    if base is not None and base not in order:
        order.append(base)
    return tuple(order)


# Instances --------------------------------------------------------------------------------------------
def construct(m: Machine, cls: Class, arguments: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    """Call a class: its metaclass's ``__call__``, else ``type.__call__``."""
    meta = cls.metaclass
    if meta is not None and meta is not m.types["type"]:
        hook = m.class_attribute(meta, "__call__")
        if type(hook) is Function:
            return m.call(hook, [cls, *arguments], keywords, frame)
        if type(hook) is Native:
            return hook.call(m, frame, [cls, *arguments], keywords)
    return instantiate(m, cls, arguments, keywords, frame)


def instantiate(m: Machine, cls: Class, arguments: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    """``type.__call__``: ``__new__``, then ``__init__`` if that gave an instance of the class."""
    if cls.construct is not None:
        return cls.construct(m, cls, arguments, keywords, frame)
    starter = starting.starter_of(m, cls)
    if starter is not None:
        return _watched(m, starter, cls, arguments, keywords, frame)
    return _instantiate(m, cls, arguments, keywords, frame)


def _watched(
    m: Machine, starter: Any, cls: Class, arguments: list[Value], keywords: dict[str, Value], frame: Frame
) -> Value:
    """An instance of a class that starts something; what its constructor starts is not told again."""
    if starter.what == "connection" and starter.stages.get("__init__") == "started":
        return starting.connected(m, starter, cls, keywords, frame)
    outer = m.starting
    m.starting += starter.stages.get("__init__") == "started"
    try:
        value = _instantiate(m, cls, arguments, keywords, frame)
    finally:
        m.starting = outer
    starting.made(m, starter, value, keywords, frame)
    return value


def _instantiate(m: Machine, cls: Class, arguments: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    maker = m.class_attribute(cls, "__new__")
    maker = maker.function if type(maker) is StaticMethod else maker
    if type(maker) is MISSING.__class__:
        value = new_object(m, cls, arguments, keywords, frame)
    else:
        value = m.call(maker, [cls, *arguments], keywords, frame)
    if type(value) is Choice:
        instances = tuple(option for option in value.options if type(option) is Instance and cls in option.cls.mro)
        if instances:
            branches.each(m, instances, lambda one: initialise(m, one, one.cls, arguments, keywords, frame))
        return value
    if type(value) is Instance and cls in value.cls.mro:
        initialise(m, value, value.cls, arguments, keywords, frame)
    elif type(value) is Class and m.types["type"] in cls.mro:
        initialise(m, value, cls, arguments, keywords, frame)
    return value


def initialise(
    m: Machine, value: Value, cls: Class, arguments: list[Value], keywords: dict[str, Value], frame: Frame
) -> None:
    """Run ``__init__`` of a fresh object."""
    hook = m.class_attribute(cls, "__init__")
    if hook is not MISSING:
        m.call(m.bound(hook, value, cls, frame), arguments, keywords, frame)
    elif type(value) is Instance and type(value.payload) in _CONTAINERS and not value.payload:
        hosts.fill(m, value, arguments, keywords, frame)


def new_object(m: Machine, cls: Class, arguments: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    """``object.__new__``, or that of the built-in base of the class."""
    if m.types["type"] in cls.mro:
        if len(arguments) == 1:
            return m.class_of(arguments[0])
        if len(arguments) >= 3 and type(arguments[0]) is str:
            namespace = m.mapping_items(arguments[2], frame)
            bases, is_open = resolve_bases(m, list(m.iterate(arguments[1], frame) or ()), frame)
            made = make(m, cls, arguments[0], bases, namespace, keywords, frame)
            made.is_open = made.is_open or is_open
            made.rootless = is_open
            return made
        return Unknown("type()")
    host = next((base.host for base in cls.mro if base.host is not None and base.host is not object), None)
    if host is None:
        if cls.metaclass is not None and m.types.get("ABCMeta") in cls.metaclass.mro and _abstract_names(cls):
            names = ", ".join(sorted(_abstract_names(cls)))
            raise m.error("TypeError", f"Can't instantiate abstract class {cls.name} with abstract methods {names}")
        value = Instance(cls)
        if cls.disguises:
            m.disguised.append(value)
        if m.types["BaseException"] in cls.mro:
            value.ns["args"] = tuple(arguments)
        return value
    if cls.host is host:
        return hosts.construct(m, host, arguments, keywords, frame)
    if host in _CONTAINERS:
        return Instance(cls, host())
    made = hosts.construct(m, host, arguments[:1] if host is not bytes else arguments, {}, frame)
    return Instance(cls, made)


def _abstract_names(cls: Class) -> set[str]:
    """``__abstractmethods__``; none where a class may have what the machine does not see."""
    if any(base.is_open for base in cls.mro):
        return set()
    known: dict[str, Value] = {}
    for base in reversed(cls.mro):
        known.update(base.ns)
    return {name for name, value in known.items() if _is_abstract(value)}


def _is_abstract(value: Value) -> bool:
    if type(value) is Function:
        return value.ns.get("__isabstractmethod__") is True
    if type(value) is Property:
        return any(_is_abstract(part) for part in (value.getter, value.setter, value.deleter))
    return type(value) in (StaticMethod, ClassMethod) and _is_abstract(value.function)


_NO_MEMBERS = frozenset(
    (
        "__module__",
        "__qualname__",
        "__doc__",
        "__dict__",
        "__weakref__",
        "__slots__",
        "__annotations__",
        "__parameters__",
    )
    + ("__orig_bases__", "__init__", "__new__", "__subclasshook__", "__init_subclass__", "__class_getitem__")
    + ("__abstractmethods__", "__static_attributes__", "__firstlineno__", "_is_protocol", "_is_runtime_protocol")
    + ("__protocol_attrs__", "__non_callable_proto_members__", "__type_params__", "__match_args__", "__hash__")
)
"""What ``typing`` does not count among a protocol's members."""


def is_instance(m: Machine, value: Value, expected: Value, frame: Frame) -> bool | None:
    """``isinstance(value, expected)``; None where it cannot be decided."""
    if type(value) is Choice:
        verdicts = {is_instance(m, option, expected, frame) for option in value.options}
        return verdicts.pop() if len(verdicts) == 1 else None
    if type(expected) in (tuple, Alias) and not (
        type(expected) is Alias and type(expected.origin) is Class and not typeforms.is_union(expected)
    ):
        options = expected if type(expected) is tuple else expected.arguments
        verdicts = {
            is_instance(m, value, option, frame) for option in (options if type(options) is tuple else (options,))
        }
        return True if True in verdicts else (None if None in verdicts else False)
    if type(value) is Unknown and value.like is MISSING:
        return False if _is_strange_to(m, value, expected) else None
    if type(value) is Unknown:
        return is_instance(m, value.like, expected, frame)
    if expected is None:
        return value is None
    if type(expected) is Class and expected.metaclass is not None:
        hook = m.class_attribute(expected.metaclass, "__instancecheck__")
        if type(hook) is Function:
            return m.truth(m.call(hook, [expected, value], {}, frame), frame)
    cls = m.class_of(value)
    verdict = is_subclass(m, cls, expected, frame)
    if verdict is False and type(expected) is Class and _is_protocol(expected):
        return _has_members(m, value, cls, expected, frame)
    if verdict or type(value) is not Instance or not value.cls.disguises:
        return verdict
    return _is_disguised_as(m, value, expected, frame)


def _is_strange_to(m: Machine, value: Unknown, expected: Value) -> bool:
    """Whether an object is of a class in C of one package, and the class asked for is written in Python in another."""
    if type(expected) is not Class or expected.is_open or expected.host is not None:
        return False
    if expected.metaclass is not m.types["type"] or not extensions.is_of_c(m, value):
        return False
    return expected.module.partition(".")[0] != value.path.partition(".")[0]


def _is_protocol(cls: Class) -> bool:
    """Whether a class is a protocol itself: one of its bases is ``typing.Protocol``."""
    return any(base.name == "Protocol" and base.module.startswith("typing") for base in cls.bases)


def _has_members(m: Machine, value: Value, cls: Value, protocol: Class, frame: Frame) -> bool | None:
    """PEP 544: an object is an instance of a runtime protocol when it has all of its members."""
    names = {
        name
        for base in protocol.mro
        if _is_protocol(base)
        for name in (*base.ns, *_annotated(base))
        if type(name) is str and name not in _NO_MEMBERS
    }
    if all(m.find(value, name, frame) is not MISSING for name in names):
        return True
    return None if type(cls) is Class and cls.is_open else False


def _annotated(cls: Class) -> tuple[Any, ...]:
    annotations = cls.ns.get("__annotations__")
    return tuple(annotations) if type(annotations) is dict else ()


def _is_disguised_as(m: Machine, value: Instance, expected: Value, frame: Frame) -> bool | None:
    """``PyObject_IsInstance`` asks an object for its ``__class__`` where its type is not the one."""
    try:
        told = m.find(value, "__class__", frame)
    except Raised as raised:
        if m.is_error(raised, "AttributeError"):
            return False
        raise
    return None if type(told) in (Unknown, Choice) else told is not MISSING and is_subclass(m, told, expected, frame)


def is_subclass(m: Machine, cls: Value, expected: Value, frame: Frame) -> bool | None:
    """``issubclass(cls, expected)``; None where it cannot be decided."""
    if type(expected) in (tuple, Choice):
        options = expected if type(expected) is tuple else expected.options
        verdicts = {is_subclass(m, cls, option, frame) for option in options}
        return True if True in verdicts else (None if None in verdicts else False)
    if type(expected) is Alias:
        expected = expected.origin
    if type(cls) is Alias:
        cls = cls.origin
    if type(cls) is not Class or type(expected) is not Class:
        return None if type(cls) in (Unknown, Choice) or type(expected) is Unknown else False
    if expected in cls.mro or expected is m.types["object"]:
        return True
    if expected.metaclass is not None:
        hook = m.class_attribute(expected.metaclass, "__subclasscheck__")
        if type(hook) is Function:
            return m.truth(m.call(hook, [expected, cls], {}, frame), frame)
    virtual = _virtual(m, cls, expected, frame)
    if virtual is not False:
        return virtual
    return None if any(base.rootless for base in cls.mro) else False


def _virtual(m: Machine, cls: Class, expected: Class, frame: Frame) -> bool | None:
    """Abstract base classes: registered classes, and what ``__subclasshook__`` says."""
    for holder in m.registering:
        if expected in holder.mro and any(base in cls.mro for base in holder.registered or ()):
            return True
    hook = expected.ns.get("__subclasshook__")
    function = getattr(hook, "function", None)
    if type(function) is Function:
        answer = m.call(function, [expected, cls], {}, frame)
        if answer is True or answer is False:
            return answer
    return False


def class_of(m: Machine, value: Value) -> Value:
    """``type(value)``."""
    kind = type(value)
    if kind is Instance:
        return value.cls
    if kind is Class:
        return value.metaclass or m.types["type"]
    if kind is Module and value.hidden:
        return value.hidden.get("class") or m.types["module"]
    if kind is Choice:
        return branches.each(m, value.options, lambda option: class_of(m, option))
    name = "UnionType" if kind is Alias and value.origin is m.types["UnionType"] else _TYPE_NAMES.get(kind)
    found = m.types.get(name) if name is not None else m.host_classes.get(kind)
    return Unknown("type()") if found is None else found


_TYPE_NAMES: dict[Any, str] = {
    Function: "function",
    Method: "method",
    Native: "builtin_function_or_method",
    Property: "property",
    Slot: "MemberDescriptorType",
    StaticMethod: "staticmethod",
    ClassMethod: "classmethod",
    Partial: "partial",
    Alias: "GenericAlias",
}
