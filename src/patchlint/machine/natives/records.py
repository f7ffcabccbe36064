"""``enum``, ``dataclasses``, ``collections.namedtuple`` and ``typing``: classes made from declarations."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from patchlint.machine import keys, typeforms
from patchlint.machine.attributes import raw_set
from patchlint.machine.frames import Frame, Raised
from patchlint.machine.natives.builtins import hash_of, new_type
from patchlint.machine.operators import compare
from patchlint.machine.values import (
    HOST_TYPES,
    MISSING,
    Alias,
    Choice,
    Class,
    ClassMethod,
    Function,
    Generator,
    Instance,
    Method,
    Module,
    Native,
    Property,
    StaticMethod,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from patchlint.machine.core import Machine

Arguments = list[Value]
Keywords = dict[str, Value]


# enum ---------------------------------------------------------------------------------------------------
def adjust_meta(m: Machine, meta: Class) -> None:
    """``EnumType``: making a class needs nothing of it, members are found here."""
    for name in ("__new__", "__prepare__", "__setattr__", "__delattr__", "__init__", "__bool__", "__getattr__"):
        meta.ns.pop(name, None)
    hooks: dict[str, Callable[..., Value]] = {
        "__call__": _enum_call,
        "__iter__": lambda m, f, a, k: Generator(iter(list(members_of(a[0]).values()))),
        "__len__": lambda m, f, a, k: len(members_of(a[0])),
        "__getitem__": _enum_item,
        "__contains__": _enum_contains,
        "__reversed__": lambda m, f, a, k: Generator(iter(list(members_of(a[0]).values())[::-1])),
    }
    for name, hook in hooks.items():
        meta.ns[name] = Native(name, hook, "enum", binds=True)
    if "_EnumDict" in m.types:
        meta.ns["__prepare__"] = StaticMethod(Native("__prepare__", _prepare, "enum"))
    meta.ns["__members__"] = Property(Native("__members__", lambda m, f, a, k: a[0].ns.get("_member_map_", {}), "enum"))
    m.class_finishers["enum"] = finish_enum


def adjust_namespace(m: Machine, cls: Class) -> None:
    """``_EnumDict``, the namespace of an enumeration's body: it knows the names of the members."""
    m.types["_EnumDict"] = cls
    cls.ns["_member_names"] = Property(Native("_member_names", _names_in_body, "enum"))


def _names_in_body(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    body = arguments[0].payload
    named = [(name, value) for name, value in body.items() if type(name) is str]
    return [name for name, value in named if not name.startswith("_") and not _is_descriptor(m, value)]


def _prepare(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    namespace = Instance(m.types["_EnumDict"])
    namespace.payload = {}
    return namespace


def adjust_enum(m: Machine, cls: Class) -> None:
    """``Enum``: its subclasses are enumerations."""
    cls.special = "enum"
    for name in ("__new__", "__init__", "__init_subclass__", "__call__", "__set_name__"):
        cls.ns.pop(name, None)
    for name in ("name", "value"):
        cls.ns[name] = Property(Native(name, _member_field(f"_{name}_"), "enum"))


def adjust_auto(m: Machine, cls: Class) -> None:
    """``auto``: remembered, to know its instances."""
    m.types["auto"] = cls


def simple_enum(m: Machine, function: Function, arguments: Arguments, keywords: Keywords, frame: Frame) -> Value:
    """``enum._simple_enum``: a decorator that makes an enumeration of a plain class."""
    from patchlint.machine.classes import make

    if function.module.name != "enum":
        return MISSING
    base = arguments[0] if arguments else keywords.get("etype")

    def convert(m: Machine, frame: Frame, given: Arguments, ignored: Keywords) -> Value:
        plain = given[0]
        if type(base) is not Class or type(plain) is not Class:
            return plain
        namespace = {key: value for key, value in plain.ns.items() if key not in ("__dict__", "__weakref__")}
        return make(m, base.metaclass or m.types["type"], plain.name, (base,), namespace, {}, frame)

    return Native("convert_class", convert, "enum")


def enum(m: Machine, module: Module) -> None:
    """Decorators that check or spread members."""
    module.ns["unique"] = Native("unique", lambda m, f, a, k: a[0], "enum")
    if "global_enum" in module.ns:
        module.ns["global_enum"] = Native("global_enum", _global_enum, "enum")
    if "verify" in module.ns:
        module.ns["verify"] = Native("verify", lambda m, f, a, k: Native("verify", lambda m, f, a, k: a[0]))
    for name in ("member", "nonmember"):
        if name in module.ns:
            module.ns[name] = Native(name, lambda m, f, a, k: a[0] if a else Unknown("enum"))


def _global_enum(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    cls = arguments[0]
    home = m.modules.get(cls.module) if type(cls) is Class else None
    if type(home) is Module:
        home.ns.update(cls.ns.get("_member_map_", {}))
    return cls


def members_of(cls: Class) -> dict[str, Value]:
    """Name to member, without aliases."""
    every = cls.ns.get("_member_map_", {}).items()
    return {name: one for name, one in every if type(one) is not Instance or one.ns.get("_name_") == name}


def _member_field(key: str) -> Callable[..., Value]:
    return lambda m, frame, arguments, keywords: (
        arguments[0].ns.get(key, Unknown(key)) if type(arguments[0]) is Instance else Unknown(key)
    )


def finish_enum(m: Machine, cls: Class, frame: Frame) -> None:
    """Turn the plain attributes of an enumeration's body into members."""
    mapping: dict[str, Value] = {}
    cls.ns["_member_map_"] = mapping  # a member's __new__ may count those before it
    ignored = cls.ns.get("_ignore_")
    skip = set(ignored.replace(",", " ").split()) if type(ignored) is str else set(ignored or ())
    last: list[Value] = []
    members = list(cls.ns.items())
    cls.ns["_member_map_"] = mapping  # a member's own __new__ may ask how many there are
    for name, value in members:
        if type(name) is not str:
            cls.is_open = True
            continue
        if name.startswith("_") or name in skip or _is_descriptor(m, value):
            continue
        value = _automatic(m, cls, name, value, last, frame)
        last.append(value)
        member = _with_value(mapping, value) or _make_member(m, cls, name, value, frame)
        member = _with_value(mapping, member.ns.get("_value_")) or member
        mapping[name] = member
        cls.ns[name] = member
    for name in ("_use_args_", "_member_type_", "_value_repr_", "_boundary_", "_flag_mask_", "_singles_mask_"):
        cls.ns.setdefault(name, Unknown(name))
    cls.ns["_member_names_"] = [name for name, member in mapping.items() if member.ns.get("_name_") == name]
    by_value: dict[Value, Value] = {}
    for member in mapping.values():
        if m.hashable(member.ns.get("_value_")):
            by_value.setdefault(member.ns.get("_value_"), member)
    cls.ns["_value2member_map_"] = by_value


def _with_value(mapping: dict[str, Value], value: Value) -> Instance | None:
    """The member that has a value, of which another with the same value is an alias."""
    return next((member for member in mapping.values() if _same_value(member.ns.get("_value_"), value)), None)


def _same_value(one: Value, other: Value) -> bool:
    return type(one) is type(other) and type(one) in HOST_TYPES and one == other


def _is_descriptor(m: Machine, value: Value) -> bool:
    if type(value) is Instance:
        return m.class_attribute(value.cls, "__get__") is not MISSING
    return type(value) in (Function, Property, StaticMethod, ClassMethod, Native, Method)


def _automatic(m: Machine, cls: Class, name: str, value: Value, last: list[Value], frame: Frame) -> Value:
    if type(value) is not Instance or value.cls is not m.types.get("auto"):
        return value
    hook = m.class_attribute(cls, "_generate_next_value_")
    function = hook.function if type(hook) is StaticMethod else hook
    if type(function) is Function:
        return m.call(function, [name, 1, len(last), list(last)], {}, frame)
    return len(last) + 1


def _make_member(m: Machine, cls: Class, name: str, value: Value, frame: Frame) -> Instance:
    arguments = list(value) if type(value) is tuple else [value]
    maker = m.class_attribute(cls, "__new__")
    maker = maker.function if type(maker) is StaticMethod else maker
    made = m.call(maker, [cls, *arguments], {}, frame) if type(maker) is Function else MISSING
    member = made if type(made) is Instance else Instance(cls)
    host = next((base.host for base in cls.mro if base.host not in (None, object)), None)
    if member.payload is MISSING and host is not None:
        member.payload = value
    member.ns.setdefault("_value_", value)
    member.ns["_name_"] = name
    hook = m.class_attribute(cls, "__init__")
    if type(hook) is Function:
        m.call(hook, [member, *arguments], {}, frame)
    return member


def _enum_call(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    cls, rest = arguments[0], arguments[1:]
    if type(cls) is not Class:
        return Unknown("enum()")
    if not cls.ns.get("_member_map_") and rest and (len(rest) > 1 or "names" in keywords):
        return _functional(m, cls, rest, keywords, frame)
    value = rest[0] if rest else keywords.get("value")
    for member in cls.ns.get("_member_map_", {}).values():
        if member is value or _same_value(member.ns.get("_value_"), value):
            return member
    if type(value) in (Unknown, Choice):
        return Unknown("enum member")
    hook = m.class_attribute(cls, "_missing_")
    if type(hook) is ClassMethod and type(hook.function) is Function and hook.function.module.name != "enum":
        found = m.call(hook.function, [cls, value], {}, frame)
        if found is not None:
            return found
    flags = any(base.name == "Flag" and base.module == "enum" for base in cls.mro)
    if flags or type(value) not in HOST_TYPES:
        made = Instance(cls, value if type(value) is int else MISSING)
        made.ns.update(_value_=value, _name_=None)
        return made
    raise m.error("ValueError", f"{value!r} is not a valid {cls.name}")


def _functional(m: Machine, base: Class, rest: Arguments, keywords: Keywords, frame: Frame) -> Value:
    from patchlint.machine.classes import make

    names = rest[1] if len(rest) > 1 else keywords["names"]
    if type(names) is str:
        names = names.replace(",", " ").split()
    items = m.iterate(names, frame) if type(names) is not dict else list(names.items())
    start = keywords.get("start", 1)
    namespace: dict[str, Value] = {"__module__": keywords.get("module", frame.globals.get("__name__"))}
    for index, item in enumerate(items or ()):
        if type(item) is str:
            namespace[item] = start + index if type(start) is int else index
        else:
            pair = m.iterate(item, frame)
            if pair is not None and len(pair) == 2 and type(pair[0]) is str:
                namespace[pair[0]] = pair[1]
    extra = keywords.get("type")
    bases = (extra, base) if type(extra) is Class else (base,)
    return make(m, base.metaclass or m.types["type"], str(rest[0]), bases, namespace, {}, frame)


def _enum_item(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    cls, name = arguments
    if type(name) is not str:
        return Unknown("enum member")
    member = cls.ns.get("_member_map_", {}).get(name, MISSING)
    if member is MISSING:
        raise m.error("KeyError", name)
    return member


def _enum_contains(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    members = arguments[0].ns.get("_member_map_", {}).values()
    return any(member is arguments[1] or _same_value(member.ns.get("_value_"), arguments[1]) for member in members)


# dataclasses --------------------------------------------------------------------------------------------
def dataclasses(m: Machine, module: Module) -> None:
    """``dataclass`` without the source text that the original compiles."""
    field = module.ns.get("Field")
    if type(field) is Class:
        m.types["Field"] = field
    m.absent = module.ns.get("MISSING", MISSING)
    module.ns["dataclass"] = Native("dataclass", _dataclass, "dataclasses")
    module.ns["field"] = Native("field", lambda m, f, a, k: _field(m, field, k), "dataclasses")
    module.ns["fields"] = Native("fields", _fields, "dataclasses")
    module.ns["is_dataclass"] = Native("is_dataclass", _is_dataclass, "dataclasses")
    module.ns["replace"] = Native("replace", _replace, "dataclasses")
    module.ns["make_dataclass"] = Native("make_dataclass", lambda m, f, a, k: Unknown("dataclass"), "dataclasses")


def _field(m: Machine, cls: Value, keywords: Keywords) -> Value:
    if type(cls) is not Class:
        return Unknown("field()")
    made = Instance(cls)
    made.ns.update({"default": m.absent, "default_factory": m.absent, "init": True, "kw_only": False, "metadata": {}})
    made.ns.update({"repr": True, "hash": None, "compare": True, "name": None, "type": None})
    made.ns.update(keywords)
    return made


def _dataclass(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    if arguments and type(arguments[0]) is Class:
        return _make_dataclass(m, arguments[0], keywords)
    return Native("dataclass", lambda m, f, a, k: _make_dataclass(m, a[0], keywords), "dataclasses")


def _make_dataclass(m: Machine, cls: Value, options: Keywords) -> Value:
    if type(cls) is not Class:
        return cls
    if m.modules.get(cls.module, MISSING) is None:
        raise m.error("AttributeError", "'NoneType' object has no attribute '__dict__'", name="__dict__", obj=None)
    fields: dict[str, Value] = {}
    for base in reversed(cls.mro[1:]):
        fields.update(base.ns.get("__dataclass_fields__", {}))
    for name, annotation in cls.ns.get("__annotations__", {}).items():
        if _is_class_variable(annotation):
            continue
        fields[name] = _declared(m, cls, name, annotation)
        fields[name].ns["initial"] = _is_initial(annotation)
    cls.ns["__dataclass_fields__"] = fields
    cls.ns["__dataclass_params__"] = Unknown("params")
    if options.get("init", True) is not False and "__init__" not in cls.ns:
        made = Native("__init__", _dataclass_init(fields), cls.module, binds=True)
        made.defaults = {
            name: default for name, field in fields.items() if (default := _shown_default(m, field)) is not MISSING
        }
        cls.ns["__init__"] = made
    cls.ns.setdefault("__match_args__", tuple(fields))
    _make_comparable(m, cls, fields, options)
    if options.get("frozen") is True:
        cls.ns.setdefault("__setattr__", Native("__setattr__", _frozen(cls, fields), cls.module, binds=True))
    return cls


def _frozen(cls: Class, fields: dict[str, Value]) -> Callable[..., Value]:
    """``__setattr__`` of a frozen data class: the fields, and of its own objects all names, stay as they are."""

    def refuse(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> None:
        owner, name, value = arguments[:3]
        error = m.modules["dataclasses"].ns.get("FrozenInstanceError")
        if (owner.cls is cls or name in fields) and type(error) is Class:
            raise Raised(m.call(error, [f"cannot assign to field {name!r}"], {}, frame), frame.trail)
        raw_set(m, owner, name, value, frame)

    return refuse


def _make_comparable(m: Machine, cls: Class, fields: dict[str, Value], options: Keywords) -> None:
    """``eq`` and ``frozen``: objects are equal, and the same key, where their fields are."""
    compared = [name for name, field in fields.items() if _counts(field, "compare")]
    is_equal = options.get("eq", True) is not False
    if is_equal:
        cls.ns.setdefault("__eq__", Native("__eq__", _equal_fields(compared), cls.module, binds=True))
    if options.get("unsafe_hash") is True or (is_equal and options.get("frozen") is True):
        cls.ns.setdefault("__hash__", Native("__hash__", _hashed_fields(compared), cls.module, binds=True))
    keys.note(m, cls)


def _replace(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    """``dataclasses.replace``: the class is called again, with what its fields hold."""
    given = arguments[0]
    fields = m.class_attribute(given.cls, "__dataclass_fields__") if type(given) is Instance else MISSING
    if type(given) is not Instance or type(fields) is not dict:
        return Unknown("replace()")
    kept = {name: m.find(given, name, frame, Unknown(name)) for name, field in fields.items() if _counts(field, "init")}
    return m.call(given.cls, [], kept | keywords, frame)


def _counts(field: Value, option: str) -> bool:
    return type(field) is not Instance or (
        field.ns.get(option, True) is not False and field.ns.get("initial") is not True
    )


def _equal_fields(names: list[str]) -> Callable[..., Value]:
    def call(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
        left, right = arguments[:2]
        if type(left) is not Instance or type(right) is not Instance or left.cls is not right.cls:
            return NotImplemented
        mine, theirs = (tuple(m.find(one, name, frame, MISSING) for name in names) for one in (left, right))
        return compare(m, "==", mine, theirs, frame)

    return call


def _hashed_fields(names: list[str]) -> Callable[..., Value]:
    def call(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
        return hash_of(m, tuple(m.find(arguments[0], name, frame, MISSING) for name in names))

    return call


def _is_class_variable(annotation: Value) -> bool:
    if type(annotation) is str:
        return "ClassVar" in annotation
    origin = annotation.origin if type(annotation) is Alias else annotation
    return type(origin) is Class and origin.name in ("ClassVar", "KW_ONLY")


def _is_initial(annotation: Value) -> bool:
    """Whether a field is an ``InitVar``: handed to ``__post_init__``, and not kept."""
    if type(annotation) is str:
        return "InitVar" in annotation
    origin = annotation.origin if type(annotation) is Alias else annotation
    cls = origin.cls if type(origin) is Instance else origin
    return type(cls) is Class and cls.name == "InitVar"


def _declared(m: Machine, cls: Class, name: str, annotation: Value) -> Instance:
    default = cls.ns.get(name, m.absent)
    if type(default) is Instance and default.cls.name == "Field":
        if default.ns.get("default", m.absent) is not m.absent:
            cls.ns[name] = default.ns["default"]
        else:
            cls.ns.pop(name, None)
        default.ns.update({"name": name, "type": annotation})
        return default
    made = Instance(m.types.get("Field", m.types["object"]))
    made.ns.update({"type": annotation, "repr": True, "hash": None, "compare": True, "metadata": {}})
    made.ns.update({"name": name, "default": default, "default_factory": m.absent, "init": True, "kw_only": False})
    return made


def _dataclass_init(fields: dict[str, Value]) -> Callable[..., Value]:
    def initialise(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> None:
        owner, given = arguments[0], list(arguments[1:])
        if type(owner) is not Instance:
            return
        rest = dict(keywords)
        initial: list[Value] = []
        for name, field in fields.items():
            wanted = type(field) is not Instance or field.ns.get("init", True) is not False
            if wanted and name in rest:
                value = rest.pop(name)
            elif wanted and given and not (type(field) is Instance and field.ns.get("kw_only") is True):
                value = given.pop(0)
            else:
                value = _default_of(m, field, name, frame)
            if type(field) is Instance and field.ns.get("initial") is True:
                initial.append(value)
            elif value is not MISSING:
                m.bind(owner.ns, name, value)
        hook = m.class_attribute(owner.cls, "__post_init__")
        if hook is not MISSING:
            m.call(m.bound(hook, owner, owner.cls, frame), initial, {}, frame)

    return initialise


def _default_of(m: Machine, field: Value, name: str, frame: Frame) -> Value:
    if type(field) is not Instance:
        return Unknown(name)
    factory = field.ns.get("default_factory", m.absent)
    if factory is not m.absent:
        return m.call(factory, [], {}, frame)
    default = field.ns.get("default", m.absent)
    if default is m.absent:
        return MISSING if field.ns.get("init") is False else Unknown(name)
    return default


def _shown_default(m: Machine, field: Value) -> Value:
    """The default of a field's parameter in ``__init__``, MISSING where it has none."""
    if type(field) is not Instance or field.ns.get("init", True) is False:
        return MISSING
    default = field.ns.get("default", m.absent)
    return MISSING if default is m.absent else default


def _fields(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    found = m.find(arguments[0], "__dataclass_fields__", frame)
    if type(found) is not dict:
        return Unknown("fields()")
    return tuple(field for field in found.values() if type(field) is not Instance or not field.ns.get("initial"))


def _is_dataclass(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    return m.find(arguments[0], "__dataclass_fields__", frame) is not MISSING


# named tuples -------------------------------------------------------------------------------------------
def collections(m: Machine, module: Module) -> None:
    """``collections.namedtuple`` without the source text that the original evaluates."""
    module.ns["namedtuple"] = Native("namedtuple", _named_tuple, "collections")


def _named_tuple(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    name = arguments[0] if arguments else keywords.get("typename")
    fields = arguments[1] if len(arguments) > 1 else keywords.get("field_names")
    if type(fields) is str:
        fields = fields.replace(",", " ").split()
    names = None if fields is None else m.iterate(fields, frame)
    module = keywords.get("module") or frame.globals.get("__name__", "")
    if type(name) is not str or names is None or not all(type(n) is str for n in names):
        cls = make_tuple(m, name if type(name) is str else "namedtuple", module, [], {})
        cls.is_open = True
        return cls
    defaults = m.iterate(keywords["defaults"], frame) if keywords.get("defaults") is not None else None
    pairs = zip(names[len(names) - len(defaults) :], defaults, strict=False) if defaults else ()
    return make_tuple(m, name, module, names, dict(pairs))


def make_tuple(m: Machine, name: str, module: Value, names: list[str], defaults: dict[str, Value]) -> Class:
    """A named tuple class."""
    cls = Class(name, module if type(module) is str else "", (m.types["tuple"],))
    cls.mro = (cls, *m.types["tuple"].mro)
    cls.metaclass = m.types["type"]
    cls.ns.update({"__module__": module, "_fields": tuple(names), "_field_defaults": defaults, "__slots__": ()})
    cls.ns["__new__"] = StaticMethod(Native("__new__", _tuple_new(names, defaults)))
    cls.ns["_make"] = ClassMethod(Native("_make", lambda m, f, a, k: m.call(a[0], m.iterate(a[1], f) or [], {}, f)))
    cls.ns["_asdict"] = Native("_asdict", lambda m, f, a, k: dict(zip(names, a[0].payload, strict=False)), binds=True)
    cls.ns["_replace"] = Native("_replace", _tuple_replace(names), binds=True)
    for index, field in enumerate(names):
        cls.ns[field] = Property(Native(field, _tuple_field(index)))
    return cls


def _tuple_new(names: list[str], defaults: dict[str, Value]) -> Callable[..., Value]:
    def new(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
        cls, given = arguments[0], arguments[1:]
        if type(cls) is not Class:
            return Unknown("namedtuple")
        rest = names[len(given) :]
        values = [*given, *(keywords.get(name, defaults.get(name, Unknown(name))) for name in rest)]
        return Instance(cls, tuple(values))

    return new


def _tuple_field(index: int) -> Callable[..., Value]:
    def read(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
        payload = getattr(arguments[0], "payload", MISSING)
        return payload[index] if type(payload) is tuple and index < len(payload) else Unknown("field")

    return read


def _tuple_replace(names: list[str]) -> Callable[..., Value]:
    def replace(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
        owner = arguments[0]
        if type(owner) is not Instance or type(owner.payload) is not tuple:
            return Unknown("_replace()")
        values = [keywords.get(n, v) for n, v in zip(names, owner.payload, strict=False)]
        return Instance(owner.cls, tuple(values))

    return replace


# typing -------------------------------------------------------------------------------------------------
def adjust_generic(m: Machine, cls: Class) -> None:
    """``Generic`` and ``Protocol`` without their bookkeeping of parameters."""
    for name in ("__class_getitem__", "__init_subclass__", "__new__", "__init__"):
        cls.ns.pop(name, None)


def adjust_protocol_meta(m: Machine, cls: Class) -> None:
    """The metaclass of protocols without the checks of their members."""
    for name in ("__instancecheck__", "__subclasscheck__", "__new__", "__init__"):
        cls.ns.pop(name, None)


def typing(m: Machine, module: Module) -> None:
    """Type forms as values that can be subscripted, called and derived from, and no more."""
    ns = module.ns
    for name, value in list(ns.items()):
        if type(value) is Instance:
            origin = value.ns.get("__origin__")
            ns[name] = Alias(origin, ()) if type(origin) is Class else typeforms.new_form(m, name)
        elif type(value) is Function and name[:1].isupper():
            ns[name] = typeforms.new_form(m, name)
    for name in ("TypeVar", "ParamSpec", "TypeVarTuple", "ForwardRef", "NewType"):
        if name in ns:
            ns[name] = _type_variable(m, name)
    for value in ns.values():
        if type(value) is Class:
            value.ns.pop("__class_getitem__", None)
    for name in ("NamedTuple", "TypedDict"):
        if name in ns:
            ns[name] = _base(m, name)
    identity = Native("identity", lambda m, f, a, k: a[0], "typing")
    for name in ("final", "runtime_checkable", "no_type_check", "no_type_check_decorator", "overload", "override"):
        if name in ns:
            ns[name] = identity
    ns["cast"] = Native("cast", lambda m, f, a, k: a[1] if len(a) > 1 else k.get("val"), "typing")
    ns["get_type_hints"] = Native("get_type_hints", lambda m, f, a, k: Unknown("hints"), "typing")
    ns["get_origin"] = Native("get_origin", lambda m, f, a, k: _origin(m, a[0]), "typing")
    ns["get_args"] = Native("get_args", _type_arguments, "typing")
    ns["NewType"] = Native("NewType", lambda m, f, a, k: identity, "typing")
    ns["TYPE_CHECKING"] = False
    m.class_finishers["namedtuple"] = _finish_named_tuple


def _origin(m: Machine, value: Value) -> Value:
    """The class that was subscripted; for a form of ``typing``, the form."""
    if type(value) is not Alias:
        return None
    origin = typeforms.origin(m, value)
    return origin if origin is not MISSING else value.origin if typeforms.is_union(value) else None


def _type_arguments(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    if type(arguments[0]) is not Alias:
        return ()
    given = arguments[0].arguments
    return given if type(given) is tuple else (given,)


def _type_variable(m: Machine, name: str) -> Class:
    cls = new_type(m, name, "typing")
    cls.is_open = True
    cls.construct = lambda m, c, a, k, f: _named_variable(c, a, k)
    return cls


def _named_variable(cls: Class, arguments: Arguments, keywords: Keywords) -> Instance:
    made = Instance(cls)
    made.ns["__name__"] = arguments[0] if arguments else keywords.get("name")
    return made


def _base(m: Machine, name: str) -> Class:
    cls = new_type(m, name, "typing", *((m.types["tuple"],) if name == "NamedTuple" else ()))
    if name == "TypedDict":
        cls = new_type(m, name, "typing", m.types["dict"])
    cls.ns["__module__"] = "typing"
    if name == "NamedTuple":
        cls.special = "namedtuple"
        cls.construct = _call_named_tuple
    if name == "TypedDict":
        cls.construct = _call_typed_dict
        cls.ns["__init_subclass__"] = ClassMethod(Native("__init_subclass__", _finish_typed_dict, "typing"))
    m.class_factories[name] = cls
    return cls


def _call_typed_dict(m: Machine, cls: Class, arguments: Arguments, keywords: Keywords, frame: Frame) -> Value:
    """An object of a typed dictionary is a plain one; ``TypedDict("Name", {...})`` makes a class of them."""
    if cls is not m.class_factories["TypedDict"]:
        given = m.mapping_items(arguments[0], frame) if arguments else {}
        return {**given, **keywords}
    name, fields = (*arguments, None)[:2] if arguments else ("", None)
    total = {"total": keywords.pop("total", True)}
    annotations = m.mapping_items(fields, frame) if fields is not None else keywords
    home = {"__module__": frame.globals.get("__name__"), "__annotations__": annotations}
    from patchlint.machine.classes import make

    return make(m, m.types["type"], str(name), (cls,), home, total, frame)


def _finish_typed_dict(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> None:
    """PEP 589, 655: the keys of a typed dictionary, those of its bases before its own."""
    cls = arguments[0]
    cls.construct = _call_typed_dict
    required: dict[Value, bool] = {}
    annotations: dict[Value, Value] = {}
    for base in cls.bases:
        annotations.update(base.ns.get("__annotations__", {}))
        for name, needed in (("__required_keys__", True), ("__optional_keys__", False)):
            required.update(dict.fromkeys(base.ns.get(name, ()), needed))
    for key, annotation in cls.ns.get("__annotations__", {}).items():
        annotations[key] = annotation
        required[key] = _is_required(annotation, keywords.get("total", True) is not False)
    cls.ns.update(
        __annotations__=annotations,
        __required_keys__=frozenset(key for key, needed in required.items() if needed),
        __optional_keys__=frozenset(key for key, needed in required.items() if not needed),
        __total__=keywords.get("total", True),
    )


def _is_required(annotation: Value, total: bool) -> bool:
    while type(annotation) is Alias:
        kind = getattr(annotation.origin, "name", "")
        if kind in ("Required", "NotRequired"):
            return bool(kind == "Required")
        if kind not in ("Annotated", "ReadOnly"):
            break
        given = annotation.arguments
        annotation = given[0] if type(given) is tuple and given else given
    return total


def _call_named_tuple(m: Machine, cls: Class, arguments: Arguments, keywords: Keywords, frame: Frame) -> Value:
    fields = m.iterate(arguments[1], frame) if len(arguments) > 1 else list(keywords.items())
    pairs = [m.iterate(item, frame) for item in fields or ()]
    names = [pair[0] for pair in pairs if pair]
    return make_tuple(m, str(arguments[0]), frame.globals.get("__name__", ""), names, {})


def _finish_named_tuple(m: Machine, cls: Class, frame: Frame) -> None:
    """``class C(NamedTuple)``: fields from the annotations, defaults from the bindings."""
    if "_fields" in cls.ns or any("_fields" in base.ns for base in cls.mro[1:]):
        cls.construct = None
        return
    names = list(cls.ns.get("__annotations__", {}))
    defaults = {name: cls.ns.pop(name) for name in names if name in cls.ns}
    made = make_tuple(m, cls.name, cls.module, names, defaults)
    cls.ns.update({key: value for key, value in made.ns.items() if key not in cls.ns or key in names})
    cls.bases = (m.types["tuple"],)
    cls.mro = (cls, *m.types["tuple"].mro)
    cls.construct = None
    cls.special = ""
