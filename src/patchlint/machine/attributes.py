"""Attribute access: reference 3.3.2, and the descriptor guide it refers to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from patchlint.machine import branches, hosts, typeforms
from patchlint.machine.frames import Frame, Raised
from patchlint.machine.values import (
    DOC,
    HOST_TYPES,
    MISSING,
    OF_CLASS,
    Alias,
    Choice,
    Class,
    ClassMethod,
    Coroutine,
    Function,
    Generator,
    HostMethod,
    Instance,
    Method,
    Module,
    Native,
    Partial,
    Property,
    Slot,
    StaticMethod,
    Super,
    Unknown,
    Value,
    has_unknown_key,
    may_hide,
)

if TYPE_CHECKING:
    from patchlint.machine.core import Machine


def get(m: Machine, owner: Value, name: str, frame: Frame) -> Value:
    """``owner.name``; raises the program's AttributeError where it has none."""
    getter = _GETTERS.get(type(owner))
    value = hosts.attribute(m, owner, name) if getter is None else getter(m, owner, name, frame)
    if value is MISSING and name == "__class__":
        return m.class_of(owner)
    if value is MISSING:
        partly = " (most likely due to a circular import)" if type(owner) is Module and owner.executing else ""
        text = f"{described(owner)} has no attribute '{name}'{partly}"
        raise m.error("AttributeError", text, name=name, obj=owner)
    return value


def described(value: Value) -> str:
    """A value in an error message."""
    if type(value) in HOST_TYPES:
        return f"'{type(value).__name__}' object"
    if type(value) is Module:
        return f"{'partially initialized ' if value.executing else ''}module '{value.name}'"
    return repr(value)[:120]


def find(m: Machine, owner: Value, name: str, frame: Frame, default: Value = MISSING) -> Value:
    """``getattr(owner, name, default)``."""
    try:
        return get(m, owner, name, frame)
    except Raised as raised:
        if not m.is_error(raised, "AttributeError"):
            raise
        return default


def class_attribute(cls: Class, name: str) -> Value:
    """The raw attribute that the method resolution order finds, or MISSING."""
    for base in cls.mro:
        value = base.ns.get(name, MISSING)
        if value is not MISSING:
            return value
    return MISSING


def bound(m: Machine, value: Value, owner: Value, cls: Class, frame: Frame) -> Value:
    """3.3.2.2 Invoking descriptors: what reading a class attribute through an instance gives."""
    kind = type(value)
    if kind is Function:
        return Method(value, owner)
    if kind is Native:
        return Method(value, owner) if value.binds else value
    if kind is Property:
        return m.call(value.getter, [owner], {}, frame) if value.getter is not None else Unknown("property")
    if kind is ClassMethod:
        return Method(value.function, cls)
    if kind is StaticMethod:
        return value.function
    if kind is Slot:
        return _slot_value(m, value, owner)
    if kind is Instance:
        getter = class_attribute(value.cls, "__get__")
        if getter is not MISSING:
            return m.call(bound(m, getter, value, value.cls, frame), [owner, cls], {}, frame)
    return value


def _slot_value(m: Machine, slot: Slot, owner: Value) -> Value:
    value = owner.ns.get(slot.name, MISSING) if type(owner) is Instance else slot
    if value is MISSING:
        raise m.error("AttributeError", slot.name, name=slot.name, obj=owner)
    return value


def _module(m: Machine, owner: Module, name: str, frame: Frame) -> Value:
    cls = owner.hidden.get("class") if owner.hidden else None
    return _of_module(m, owner, name, frame) if cls is None else _of_own_class(m, owner, cls, name, frame)


def _of_module(m: Machine, owner: Module, name: str, frame: Frame) -> Value:
    """``ModuleType.__getattribute__``, which also asks the module's own ``__getattr__`` (PEP 562)."""
    value = owner.ns.get(name, MISSING)
    if value is not MISSING:
        return value
    if name == "__dict__":
        return owner.ns
    hook = owner.ns.get("__getattr__", MISSING)
    if name == "__class__":
        # ``importlib.util.LazyLoader`` takes note of it.
        return m.call(hook, [name], {}, frame) if type(hook) is Native else m.types["module"]
    may_have = name not in _NEVER_HIDDEN and (owner.is_open or has_unknown_key(owner.ns))
    if hook is not MISSING:
        try:
            return m.call(hook, [name], {}, frame)
        except Raised as raised:
            if not may_have or not m.is_error(raised, "AttributeError"):
                raise
    if name == "__dir__":
        return Native(name, lambda m, f, a, k: m.call(m.builtins["dir"], [owner], {}, f))
    return Unknown(f"{owner.name}.{name}") if may_have else MISSING


def _of_own_class(m: Machine, owner: Module, cls: Class, name: str, frame: Frame) -> Value:
    """An attribute of a module whose ``__class__`` was replaced by one of the program's."""
    hook = class_attribute(cls, "__getattribute__")
    fallback = class_attribute(cls, "__getattr__")
    has_fallback = type(fallback) is Function and frame.function is not fallback
    try:
        if type(hook) is Function and frame.function is not hook:
            return m.call(hook, [owner, name], {}, frame)
        value = _found_in_module(m, owner, cls, name, frame)
    except Raised as raised:
        if not has_fallback or not m.is_error(raised, "AttributeError"):
            raise
        value = MISSING
    return m.call(fallback, [owner, name], {}, frame) if value is MISSING and has_fallback else value


def _found_in_module(m: Machine, owner: Module, cls: Class, name: str, frame: Frame) -> Value:
    value = _stored_in_module(m, owner, cls, name, frame)
    return _of_module(m, owner, name, frame) if value is MISSING else value


def _stored_in_module(m: Machine, owner: Module, cls: Class, name: str, frame: Frame) -> Value:
    """As for any object: a data descriptor of the class, the module's own, another attribute of the class."""
    if name == "__class__":
        return cls
    value = class_attribute(cls, name)
    if not _is_data(value) and name in owner.ns:
        return owner.ns[name]
    return value if value is MISSING else bound(m, value, owner, cls, frame)


def _is_data(value: Value) -> bool:
    """3.3.2.2 Whether a class attribute comes before what the object has itself."""
    kind = type(value)
    return kind is Property or (kind is Instance and class_attribute(value.cls, "__set__") is not MISSING)


_NEVER_HIDDEN = frozenset(("__path__", "__getattr__", "__dir__", "__file__", "__wrapped__"))


def _class(m: Machine, owner: Class, name: str, frame: Frame) -> Value:
    meta = owner.metaclass
    if meta is not None and meta is not m.types["type"]:
        data = class_attribute(meta, name)
        if type(data) is Property:
            return bound(m, data, owner, meta, frame)
    value = class_attribute(owner, name)
    if value is not MISSING:
        kind = type(value)
        if kind is Function or kind is Property:
            return value
        if kind is ClassMethod:
            return Method(value.function, owner)
        if kind is StaticMethod:
            return value.function
        if kind is Instance:
            getter = class_attribute(value.cls, "__get__")
            if getter is not MISSING:
                return m.call(bound(m, getter, value, value.cls, frame), [None, owner], {}, frame)
        if kind is Unknown and ":" in value.path:
            return Unknown(f"{value.path}{OF_CLASS}")
        return value
    special = _CLASS_SPECIALS.get(name)
    if special is not None:
        return special(m, owner)
    return _from_metaclass(m, owner, name, frame)


def _from_metaclass(m: Machine, owner: Class, name: str, frame: Frame) -> Value:
    meta = owner.metaclass or m.types["type"]
    if name in _OBJECT_SLOTS and not may_hide(owner, name) and m.types["type"] not in owner.mro:
        inherited = _of_host(owner, name)  # the classes that it derives from come before its own class
        return object_slot(m, name) if inherited is MISSING else inherited
    value = class_attribute(meta, name)
    if value is not MISSING:
        return bound(m, value, owner, meta, frame)
    hook = class_attribute(meta, "__getattr__")
    if hook is not MISSING:
        return _asked(m, hook, owner, meta, name, frame)
    if owner.host is object:
        return object_slot(m, name)
    if owner.host is not None and hasattr(owner.host, name):
        return hosts.class_method(owner.host, name)
    if may_hide(owner, name) or meta.is_open:
        return Unknown(f"{owner.module}.{owner.qualname}.{name}")
    if name in _MODULE_OPERATIONS and m.types["module"] in owner.mro:
        return Native(name, lambda m, f, a, k: _MODULE_OPERATIONS[name](a[0])(m, f, a[1:], k), binds=True)
    inherited = _of_host(owner, name)
    return object_slot(m, name) if inherited is MISSING else inherited


def _of_host(owner: Class, name: str) -> Value:
    """3.3.2 What a class has from a built-in one comes before what its metaclass has: ``dict.__init__``."""
    for base in owner.mro:
        if base.host not in (None, object, type) and hasattr(base.host, name):
            return hosts.class_method(base.host, name)
    return MISSING


def _asked(m: Machine, hook: Value, owner: Value, cls: Class, name: str, frame: Frame) -> Value:
    """What ``__getattr__`` answers; where it refuses, an object that may have more attributes may have this one."""
    try:
        return m.call(bound(m, hook, owner, cls, frame), [name], {}, frame)
    except Raised as raised:
        line = owner.mro if type(owner) is Class else cls.mro
        if any(base.is_open for base in line) and m.is_error(raised, "AttributeError"):
            return Unknown(name)
        raise


_OBJECT_SLOTS = frozenset(name for name in vars(object) if name not in ("__new__", "__doc__", "__class__"))


def object_slot(m: Machine, name: str) -> Value:
    """A method of ``object``, the same one each time: programs compare ``cls.__init__`` with it."""
    if name not in _OBJECT_SLOTS:
        return MISSING
    slot = m.object_slots.get(name)
    if slot is None:
        slot = m.object_slots[name] = Native(name, hosts.unbound_method(object, name), binds=True)
    return slot


def _instance(m: Machine, owner: Instance, name: str, frame: Frame) -> Value:
    cls = owner.cls
    custom = m.getattribute(cls)
    if custom is not MISSING and frame.function is not custom:
        return _customised(m, custom, owner, name, frame)
    value = _stored(m, owner, name, frame)
    if value is not MISSING:
        return value
    hook = class_attribute(cls, "__getattr__")
    if hook is not MISSING:
        return _asked(m, hook, owner, cls, name, frame)
    return _instance_rest(m, owner, name)


def _stored(m: Machine, owner: Instance, name: str, frame: Frame) -> Value:
    """3.3.2.2 A data descriptor of the class, the object's own, another attribute of the class; or MISSING."""
    value: Value = MISSING
    for base in owner.cls.mro:
        value = base.ns.get(name, MISSING)
        if value is not MISSING:
            break
    if _is_data(value):
        return bound(m, value, owner, owner.cls, frame)
    own = owner.ns.get(name, MISSING)
    if own is not MISSING:
        return own
    if value is not MISSING and type(value) is not Slot:
        return bound(m, value, owner, owner.cls, frame)
    if name == "__class__":
        return owner.cls
    if name == "__dict__":
        return owner.ns
    if owner.payload is MISSING:
        return MISSING
    value = _of_payload(m, owner, name)
    return HostMethod(owner.payload, name) if type(value) is HostMethod else value


def _customised(m: Machine, custom: Value, owner: Instance, name: str, frame: Frame) -> Value:
    """3.3.2 ``__getattr__`` is asked when ``__getattribute__`` raises AttributeError."""
    try:
        return m.call(custom, [owner, name], {}, frame)
    except Raised as raised:
        hook = class_attribute(owner.cls, "__getattr__")
        if hook is MISSING or not m.is_error(raised, "AttributeError"):
            raise
        return _asked(m, hook, owner, owner.cls, name, frame)


def _instance_rest(m: Machine, owner: Instance, name: str) -> Value:
    cls = owner.cls
    if may_hide(cls, name):
        return Unknown(f"{cls.module}.{cls.qualname}.{name}")
    if name == "__doc__":
        return Unknown("doc")
    if name == "__module__":
        return cls.module
    if name in _OBJECT_OPERATIONS:
        return Native(name, _OBJECT_OPERATIONS[name](owner))
    value = object_slot(m, name)
    return Method(value, owner) if value is not MISSING else MISSING


def _of_payload(m: Machine, owner: Instance, name: str) -> Value:
    """What an object has from the built-in type that it derives from, also where its value is not known."""
    if type(owner.payload) not in (Unknown, Choice):
        return hosts.attribute(m, owner.payload, name)
    host = next((base.host for base in owner.cls.mro if base.host is not None), object)
    return Unknown(f"{host.__name__}.{name}") if hasattr(host, name) and name not in dir(object) else MISSING


def _object_init(owner: Value) -> Callable[..., Value]:
    return lambda m, frame, arguments, keywords: None


def _object_setattr(owner: Value) -> Callable[..., Value]:
    return lambda m, frame, arguments, keywords: raw_set(m, owner, arguments[-2], arguments[-1], frame)


def _object_delattr(owner: Value) -> Callable[..., Value]:
    return lambda m, frame, arguments, keywords: m.unbind(owner.ns, arguments[-1])


def _object_getattribute(owner: Value) -> Callable[..., Value]:
    return lambda m, frame, arguments, keywords: raw_get(m, owner, arguments[-1], frame)


_OBJECT_OPERATIONS: dict[str, Callable[[Value], Callable[..., Value]]] = {
    "__init__": _object_init,
    "__setattr__": _object_setattr,
    "__delattr__": _object_delattr,
    "__getattribute__": _object_getattribute,
}


def _module_getattribute(owner: Value) -> Callable[..., Value]:
    def call(m: Machine, frame: Frame, arguments: list[Value], keywords: dict[str, Value]) -> Value:
        """``ModuleType.__getattribute__``: no hook of the class is asked, but the module's own."""
        name = arguments[-1]
        if type(owner) is not Module or type(name) is not str:
            return raw_get(m, owner, name, frame)
        value = _found_in_module(m, owner, m.class_of(owner), name, frame)
        if value is MISSING:
            raise m.error("AttributeError", f"{described(owner)} has no attribute '{name}'", name=name, obj=owner)
        return value

    return call


def _module_dir(owner: Value) -> Callable[..., Value]:
    return lambda m, frame, arguments, keywords: sorted(name for name in owner.ns if type(name) is str)


_MODULE_OPERATIONS: dict[str, Callable[[Value], Callable[..., Value]]] = {
    "__getattribute__": _module_getattribute,
    "__setattr__": _object_setattr,
    "__dir__": _module_dir,
}


def raw_get(m: Machine, owner: Value, name: Value, frame: Frame) -> Value:
    """``object.__getattribute__``: no hook of the class is asked."""
    if type(owner) is Module and type(name) is str:
        return _module_dictionary(m, owner, name, frame)
    if type(owner) is not Instance or type(name) is not str:
        return Unknown("getattribute")
    value = _stored(m, owner, name, frame)
    if value is MISSING:
        value = _instance_rest(m, owner, name)
    if value is MISSING:
        raise m.error("AttributeError", name, name=name, obj=owner)
    return value


def _module_dictionary(m: Machine, owner: Module, name: str, frame: Frame) -> Value:
    value = _stored_in_module(m, owner, m.class_of(owner), name, frame)
    if value is MISSING and name == "__dict__":
        return owner.ns
    if value is MISSING and not owner.is_open:
        raise m.error("AttributeError", name, name=name, obj=owner)
    return Unknown(name) if value is MISSING else value


def raw_set(m: Machine, owner: Value, name: Value, value: Value, frame: Frame) -> None:
    """``object.__setattr__``: no hook of the class is asked."""
    namespace = getattr(owner, "ns", None)
    if type(owner) is Instance and type(name) is str:
        _store(m, owner, name, value, frame)
    elif type(owner) is Module and type(name) is str:
        _store_in_module(m, owner, name, value, frame)
    elif namespace is not None and type(name) is str:
        m.bind(namespace, name, value)


def _function(m: Machine, owner: Function, name: str, frame: Frame) -> Value:
    value = owner.ns.get(name, MISSING)
    if value is not MISSING:
        return value
    special = _FUNCTION_SPECIALS.get(name)
    if special is None:
        return Unknown(f"{owner.name}.{name}") if owner.is_open else MISSING
    return special(m, owner)


def _method(m: Machine, owner: Method, name: str, frame: Frame) -> Value:
    if name == "__func__":
        return owner.function
    if name == "__self__":
        return owner.owner
    if name == "__call__":
        return owner
    return find(m, owner.function, name, frame)


def _native(m: Machine, owner: Native, name: str, frame: Frame) -> Value:
    if name in ("__name__", "__qualname__"):
        return owner.name
    if name == "__doc__":
        return DOC
    if name == "__module__":
        return owner.module
    if name == "__call__":
        return owner
    if name in ("__wrapped__", "__code__", "__globals__", "__set__", "__func__", "__isabstractmethod__"):
        return MISSING
    if name == "__get__":
        return Native(name, lambda m, f, a, k: owner if a[0] is None else Method(owner, a[0]))
    return Unknown(f"{owner.name}.{name}") if name.startswith("__") or "." in owner.name else MISSING


def _property(m: Machine, owner: Property, name: str, frame: Frame) -> Value:
    if name in ("fget", "fset", "fdel"):
        return {"fget": owner.getter, "fset": owner.setter, "fdel": owner.deleter}[name]
    if name == "setter":
        return Native(name, lambda m, f, a, k: Property(owner.getter, a[0], owner.deleter))
    if name == "getter":
        return Native(name, lambda m, f, a, k: Property(a[0], owner.setter, owner.deleter))
    if name == "deleter":
        return Native(name, lambda m, f, a, k: Property(owner.getter, owner.setter, a[0]))
    if name == "__get__":
        return Native(name, lambda m, f, a, k: bound(m, owner, a[0], m.class_of(a[0]), f))
    if name == "__doc__":
        return Unknown("doc")
    if name == "__isabstractmethod__":
        return False
    return MISSING


def _slot(m: Machine, owner: Slot, name: str, frame: Frame) -> Value:
    if name in ("__name__", "__qualname__"):
        return owner.name
    if name == "__get__":
        return Native(name, lambda m, f, a, k: owner if a[0] is None else _slot_value(m, owner, a[0]))
    if name == "__set__":
        return Native(name, lambda m, f, a, k: m.bind(a[0].ns, owner.name, a[1]) if type(a[0]) is Instance else None)
    return Unknown(name) if name in ("__doc__", "__objclass__", "__delete__") else MISSING


def _wrapper(m: Machine, owner: StaticMethod | ClassMethod, name: str, frame: Frame) -> Value:
    if name in ("__func__", "__wrapped__"):
        return owner.function
    if name == "__get__":
        kind = ClassMethod if isinstance(owner, ClassMethod) else StaticMethod
        if kind is StaticMethod:
            return Native(name, lambda m, f, a, k: owner.function)
        return Native(name, lambda m, f, a, k: Method(owner.function, a[-1] if len(a) > 1 else m.class_of(a[0])))
    return find(m, owner.function, name, frame)


def _super(m: Machine, owner: Super, name: str, frame: Frame) -> Value:
    target = owner.owner
    if name == "__class__":
        return m.types["super"]
    if name in ("__thisclass__", "__self__"):
        return owner.after if name == "__thisclass__" else target
    cls = target if type(target) is Class else m.class_of(target)
    if name == "__self_class__":
        return cls
    if type(cls) is not Class:
        return Unknown("super")
    line = cls.mro
    if owner.after not in line and type(target) is Class and target.metaclass is not None:
        line = target.metaclass.mro
    behind = line[line.index(owner.after) + 1 :] if owner.after in line else ()
    for base in behind:
        value = base.ns.get(name, MISSING)
        if value is MISSING:
            continue
        if type(target) is Class and type(value) is Function and name != "__new__":
            return Method(value, target)
        if name == "__new__":
            return value.function if type(value) is StaticMethod else value
        return bound(m, value, target, cls, frame)
    return _super_rest(m, behind, target, name, line)


def _super_rest(m: Machine, behind: tuple[Class, ...], target: Value, name: str, line: tuple[Class, ...]) -> Value:
    if name == "__class_getitem__":
        return Native(name, lambda m, f, a, k: Alias(target, a[-1]))
    if name in ("__init__", "__init_subclass__", "__set_name__", "__subclasshook__"):
        payload_kind = next((base.host for base in behind if base.host not in (None, object)), None)
        if name == "__init__" and payload_kind is not None and type(target) is Instance:
            return Native(name, hosts.initialise(target))
        return Native(name, _keep_arguments(target) if name == "__init__" else _object_init(target))
    if name in _MODULE_OPERATIONS and m.types["module"] in behind:
        return Native(name, _MODULE_OPERATIONS[name](target))
    if name in _OBJECT_OPERATIONS and type(target) is Instance:
        return Native(name, _OBJECT_OPERATIONS[name](target))
    if name in ("__setattr__", "__delattr__") and type(target) is Class:
        return Native(name, _OBJECT_OPERATIONS[name](target))
    if name == "__call__" and type(target) is Class:
        return Native(name, lambda m, f, a, k: m.instantiate(target, a, k, f))
    if name == "__getattribute__" and type(target) is Class:
        return Native(name, lambda m, f, a, k: _class(m, target, a[-1], f))
    if type(target) is Instance and target.payload is not MISSING:
        value = _of_payload(m, target, name)
        if value is not MISSING:
            return value
    for base in behind:
        if base.host is not None and base.host is not object and hasattr(base.host, name):
            return Native(name, lambda m, f, a, k: Unknown(f"super().{name}"))
    if any(base.is_open for base in line):
        return Unknown(f"super().{name}")
    return object_slot(m, name)


def _keep_arguments(target: Value) -> Callable[..., Value]:
    """``BaseException.__init__`` keeps its arguments; ``object.__init__`` has none to keep."""

    def initialise(m: Machine, frame: Frame, arguments: list[Value], keywords: dict[str, Value]) -> None:
        if type(target) is Instance and m.types["BaseException"] in target.cls.mro:
            target.ns["args"] = tuple(arguments)

    return initialise


def _partial(m: Machine, owner: Partial, name: str, frame: Frame) -> Value:
    if name == "func":
        return owner.function
    if name == "args":
        return owner.arguments
    if name == "keywords":
        return owner.keywords
    return Unknown(name) if name in ("__class__", "__doc__", "__dict__") else MISSING


def _alias(m: Machine, owner: Alias, name: str, frame: Frame) -> Value:
    if name == "__origin__":
        return typeforms.origin(m, owner)
    if name == "__args__":
        return owner.arguments if type(owner.arguments) is tuple else (owner.arguments,)
    if name == "__parameters__":
        from patchlint.machine.classes import type_parameters

        return type_parameters(owner.arguments)
    return find(m, owner.origin, name, frame, Unknown(name) if name.startswith("_") else MISSING)


def _generator(m: Machine, owner: Generator | Coroutine, name: str, frame: Frame) -> Value:
    if name == "__next__" and type(owner) is Generator:
        return Native(name, lambda m, f, a, k: m.next(owner, MISSING, f))
    if name == "__iter__":
        return Native(name, lambda m, f, a, k: owner)
    if name == "send" and type(owner) is Generator:
        return Native(name, lambda m, f, a, k: m.send(owner, a[0], f))
    if name == "throw" and type(owner) is Generator:
        return Native(name, lambda m, f, a, k: m.throw(owner, a, f))
    if name == "close":
        return Native(name, lambda m, f, a, k: m.close(owner))
    return Unknown(f"generator.{name}")


def _unknown(m: Machine, owner: Unknown, name: str, frame: Frame) -> Value:
    if owner.like is not MISSING:
        return find(m, owner.like, name, frame, Unknown(name))
    if name == "__doc__" and owner.path.endswith(OF_CLASS):
        return DOC
    return Unknown(f"{owner.path}.{name}" if len(owner.path) < 80 else owner.path, owner=owner)


def _choice(m: Machine, owner: Choice, name: str, frame: Frame) -> Value:
    return branches.each(m, owner.options, lambda option: get(m, option, name, frame))


def _host_method(m: Machine, owner: HostMethod, name: str, frame: Frame) -> Value:
    if name in ("__name__", "__qualname__"):
        return owner.name
    if name == "__self__":
        return owner.owner
    return Unknown(f"{owner.name}.{name}")


def _class_dict(cls: Class) -> dict[str, Value]:
    """A class's ``__dict__``; that of a built-in type has more than the machine names."""
    if cls.name == "type" and cls.module == "builtins":
        return {name: Unknown(name) for name in vars(type)} | cls.ns
    if cls.host is None or cls.module != "builtins":
        return cls.ns
    return hosts.namespace(cls.host) | cls.ns


_CLASS_SPECIALS: dict[str, Callable[[Any, Class], Value]] = {
    "__name__": lambda m, c: c.name,
    "__qualname__": lambda m, c: c.qualname,
    "__module__": lambda m, c: c.module,
    "__bases__": lambda m, c: c.bases or ((m.types["object"],) if c is not m.types["object"] else ()),
    "__base__": lambda m, c: c.bases[0] if c.bases else (None if c is m.types["object"] else m.types["object"]),
    "__mro__": lambda m, c: c.mro if c.mro[-1] is m.types["object"] else (*c.mro, m.types["object"]),
    "__dict__": lambda m, c: _class_dict(c),
    "__class__": lambda m, c: c.metaclass or m.types["type"],
    "__doc__": lambda m, c: None if c.host is None and not c.is_open else Unknown("doc"),
    "__weakref__": lambda m, c: Unknown("weakref"),
    "__subclasses__": lambda m, c: Native("__subclasses__", lambda m, f, a, k: m.subclasses(c)),
    "mro": lambda m, c: Native("mro", lambda m, f, a, k: list(c.mro)),
    "__annotations__": lambda m, c: m.own_annotations(c),
    "__abstractmethods__": lambda m, c: frozenset(),
    "__flags__": lambda m, c: Unknown("flags"),
    "__call__": lambda m, c: Native("__call__", lambda m, f, a, k: m.instantiate(c, a, k, f)),
    "__type_params__": lambda m, c: (),
    "__text_signature__": lambda m, c: None,
}

_FUNCTION_SPECIALS: dict[str, Callable[[Any, Function], Value]] = {
    "__name__": lambda m, f: f.name,
    "__qualname__": lambda m, f: f.qualname,
    "__module__": lambda m, f: f.module_name,
    "__doc__": lambda m, f: DOC if m.has_doc(f) else None,
    "__dict__": lambda m, f: f.ns,
    "__defaults__": lambda m, f: f.defaults or None,
    "__kwdefaults__": lambda m, f: f.keyword_defaults or None,
    "__annotations__": lambda m, f: m.function_annotations(f),
    "__globals__": lambda m, f: f.module.ns,
    "__code__": lambda m, f: m.code_object(f),
    "__closure__": lambda m, f: Unknown("closure") if f.closure else None,
    "__call__": lambda m, f: f,
    "__class__": lambda m, f: m.types["function"],
    "__get__": lambda m, f: Native("__get__", lambda m, fr, a, k: f if a[0] is None else Method(f, a[0])),
    "__type_params__": lambda m, f: (),
}

_GETTERS: dict[type, Callable[..., Value]] = {
    Module: _module,
    Class: _class,
    Instance: _instance,
    Function: _function,
    Method: _method,
    Native: _native,
    Property: _property,
    Slot: _slot,
    StaticMethod: _wrapper,
    ClassMethod: _wrapper,
    Super: _super,
    Partial: _partial,
    Alias: _alias,
    Generator: _generator,
    Coroutine: _generator,
    Unknown: _unknown,
    Choice: _choice,
    HostMethod: _host_method,
}


# Setting --------------------------------------------------------------------------------------------
def set_(m: Machine, owner: Value, name: str, value: Value, frame: Frame) -> None:
    """``owner.name = value``: a data descriptor, the class's own ``__setattr__``, or the namespace."""
    kind = type(owner)
    if kind is Choice:
        branches.each(m, owner.options, lambda option: set_(m, option, name, value, frame))
        return
    if kind is Instance:
        _set_instance(m, owner, name, value, frame)
    elif kind is Method:
        raise m.error("AttributeError", f"'method' object has no attribute '{name}'")
    elif kind is Class:
        _set_class(m, owner, name, value, frame)
    elif kind is Function and name in ("__name__", "__qualname__", "__defaults__", "__kwdefaults__", "__module__"):
        _set_function(m, owner, name, value)
    elif kind is Module:
        _set_module(m, owner, name, value, frame)
    elif kind is Function:
        m.bind(owner.ns, name, value)
    elif kind in HOST_TYPES:
        raise m.error("AttributeError", f"'{kind.__name__}' object has no attribute '{name}'")


def _set_module(m: Machine, owner: Module, name: str, value: Value, frame: Frame) -> None:
    cls = owner.hidden.get("class") if owner.hidden else None
    hook = MISSING if cls is None else class_attribute(cls, "__setattr__")
    if type(hook) is Function and frame.function is not hook:
        m.call(hook, [owner, name, value], {}, frame)
    else:
        _store_in_module(m, owner, name, value, frame)


def _store_in_module(m: Machine, owner: Module, name: str, value: Value, frame: Frame) -> None:
    data = class_attribute(owner.hidden["class"], name) if owner.hidden.get("class") else MISSING
    if type(data) is Property and data.setter is not None:
        m.call(data.setter, [owner, value], {}, frame)
        return
    if name == "__dict__":
        return
    if owner.ns.get(name) is m.family.children is not None:
        m.forgotten(frame)
    if name == "__class__":
        if type(value) is Class:
            _require_layout(m, m.types["module"] in value.mro)
            m.bind(owner.hidden, "class", None if value is m.types["module"] else value)
        return
    m.bind(owner.ns, name, value)
    if frame.path == owner.file:
        owner.lines[name] = frame.line


def _require_layout(m: Machine, fits: bool) -> None:
    """3.3.3 ``__class__`` may only become a class of objects that look alike: a module's, one of modules."""
    if not fits:
        raise m.error("TypeError", "__class__ assignment: object layout differs")


def _set_function(m: Machine, owner: Function, name: str, value: Value) -> None:
    if name in ("__name__", "__qualname__") and type(value) is str:
        setattr(owner, name.strip("_"), value)
    elif name == "__defaults__":
        owner.defaults = value if type(value) is tuple else ()
    elif name == "__kwdefaults__":
        owner.keyword_defaults = value if type(value) is dict else {}
    elif name == "__module__":
        owner.module_name = value


def _set_class(m: Machine, owner: Class, name: str, value: Value, frame: Frame) -> None:
    meta = owner.metaclass
    if meta is not None and meta is not m.types["type"]:
        hook = class_attribute(meta, "__setattr__")
        if type(hook) is Function and frame.function is not hook:
            m.call(hook, [owner, name, value], {}, frame)
            return
        data = class_attribute(meta, name)
        if type(data) is Property and data.setter is not None:
            m.call(data.setter, [owner, value], {}, frame)
            return
    if name in ("__name__", "__qualname__", "__module__") and type(value) is str:
        setattr(owner, name.strip("_"), value)
    if owner.host is not None and owner.module == "builtins":
        raise m.error("TypeError", f"cannot set '{name}' attribute of immutable type")
    m.bind(owner.ns, name, value)
    m.forget_lookups()


def _set_instance(m: Machine, owner: Instance, name: str, value: Value, frame: Frame) -> None:
    hook = class_attribute(owner.cls, "__setattr__")
    if (type(hook) is Function and frame.function is not hook) or type(hook) is Native:
        m.call(hook, [owner, name, value], {}, frame)
    else:
        _store(m, owner, name, value, frame)


def _store(m: Machine, owner: Instance, name: str, value: Value, frame: Frame) -> None:
    data = class_attribute(owner.cls, name)
    if type(data) is Property:
        if data.setter is None:
            raise m.error("AttributeError", f"property '{name}' has no setter")
        m.call(data.setter, [owner, value], {}, frame)
        return
    if type(data) is Instance:
        setter = class_attribute(data.cls, "__set__")
        if setter is not MISSING:
            m.call(bound(m, setter, data, data.cls, frame), [owner, value], {}, frame)
            return
    if name == "__class__" and type(value) is Class:
        _require_layout(m, m.types["module"] not in value.mro)
        owner.cls = value
        return
    if name == "__dict__" and type(value) is dict:
        owner.ns = value
        return
    if data is MISSING and "__slots__" in owner.cls.ns and _has_slots_only(m, owner.cls):
        raise m.error("AttributeError", f"'{owner.cls.name}' object has no attribute '{name}'", name=name, obj=owner)
    m.bind(owner.ns, name, value)


def _has_slots_only(m: Machine, cls: Class) -> bool:
    """3.3.2.4 Whether objects of a class have no ``__dict__``: each of its classes has slots, and none of that name."""
    return all(
        base is m.types["object"] or (not base.is_open and _has_slots(base.ns.get("__slots__"))) for base in cls.mro
    )


def _has_slots(given: Value) -> bool:
    names = (given,) if type(given) is str else given
    return isinstance(names, (tuple, list, dict, set, frozenset)) and "__dict__" not in names


def delete(m: Machine, owner: Value, name: str, frame: Frame) -> None:
    """``del owner.name``."""
    if type(owner) is Instance:
        data = class_attribute(owner.cls, name)
        if type(data) is Property and data.deleter is not None:
            m.call(data.deleter, [owner], {}, frame)
            return
        hook = class_attribute(owner.cls, "__delattr__")
        if type(hook) is Function and frame.function is not hook:
            m.call(hook, [owner, name], {}, frame)
            return
    namespace = getattr(owner, "ns", None)
    if namespace is None:
        return
    if name in namespace:
        if namespace[name] is m.family.children is not None:
            m.forgotten(frame)
        m.unbind(namespace, name)
        m.forget_lookups()
    elif not getattr(owner, "is_open", False):
        raise m.error("AttributeError", name, name=name, obj=owner)
