"""The ``builtins`` module: its types, its exceptions and its functions."""

from __future__ import annotations

import ast as host_ast
import builtins as host_builtins
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from patchlint.machine import complaints, hosts, imports, operators
from patchlint.machine.frames import Frame
from patchlint.machine.values import (
    CONSTANTS,
    GAP,
    HOST_TYPES,
    MISSING,
    Alias,
    Choice,
    Class,
    ClassMethod,
    Function,
    Generator,
    HostMethod,
    Instance,
    Method,
    Module,
    Native,
    Partial,
    Property,
    StaticMethod,
    Super,
    Unknown,
    Value,
    VersionInfo,
    has_gap,
    may_hide,
)

if TYPE_CHECKING:
    from patchlint.machine.core import Machine

Arguments = list[Value]
Keywords = dict[str, Value]

_HOST_CLASSES: tuple[type, ...] = (
    object,
    int,
    float,
    complex,
    str,
    bytes,
    bytearray,
    tuple,
    list,
    dict,
    set,
    frozenset,
) + (range, slice, memoryview)
_NEWER_EXCEPTIONS = {
    "BaseExceptionGroup": (3, 11),
    "ExceptionGroup": (3, 11),
    "EncodingWarning": (3, 10),
    "PythonFinalizationError": (3, 13),
    "_IncompleteInputError": (3, 13),
}


def install(m: Machine) -> None:
    """Fill the builtins namespace and the table of types."""
    _install_types(m)
    _install_exceptions(m)
    for name, function in _FUNCTIONS.items():
        m.builtins[name] = Native(name, function)
    m.native_import = m.builtins["__import__"]
    m.builtins.update({"None": None, "True": True, "False": False, "Ellipsis": ..., "NotImplemented": NotImplemented})
    m.builtins["__debug__"] = True
    m.builtins["__name__"] = "builtins"


def new_type(m: Machine, name: str, module: str, *bases: Class, host: type | None = None) -> Class:
    """A class that the interpreter itself has."""
    cls = Class(name, module, bases or ((m.types["object"],) if "object" in m.types else ()))
    line = [cls]
    for base in cls.bases:
        line.extend(c for c in base.mro if c not in line)
    if "object" in m.types and m.types["object"] not in line:
        line.append(m.types["object"])
    elif "object" in m.types and line[-1] is not m.types["object"]:
        line.remove(m.types["object"])
        line.append(m.types["object"])
    cls.mro = tuple(line)
    cls.host = host
    cls.metaclass = m.types.get("type")
    m.types[name] = cls
    return cls


def _install_types(m: Machine) -> None:
    for host in _HOST_CLASSES:
        cls = new_type(m, host.__name__, "builtins", host=host)
        m.builtins[host.__name__] = cls
        m.host_classes[host] = cls
    m.builtins["bool"] = m.host_classes[bool] = new_type(m, "bool", "builtins", m.types["int"], host=bool)
    m.builtins["type"] = new_type(m, "type", "builtins")
    for cls in m.types.values():
        cls.metaclass = m.types["type"]
    for host, name in ((type(None), "NoneType"), (type(...), "ellipsis"), (type(NotImplemented), "NotImplementedType")):
        m.host_classes[host] = new_type(m, name, "builtins", host=host)
    for host, name in (
        (type({}.keys()), "dict_keys"),
        (type({}.values()), "dict_values"),
        (type({}.items()), "dict_items"),
    ):
        m.host_classes[host] = new_type(m, name, "builtins", host=host)
    m.host_classes[VersionInfo] = new_type(m, "version_info", "sys", m.types["tuple"])
    for name in ("function", "method", "builtin_function_or_method", "module", "property", "staticmethod"):
        new_type(m, name, "builtins")
    for name in ("classmethod", "code", "generator", "coroutine", "GenericAlias", "UnionType", "mappingproxy", "super"):
        new_type(m, name, "builtins")
    new_type(m, "partial", "functools")
    for name in ("function", "method", "builtin_function_or_method", "code", "generator", "coroutine", "partial"):
        m.types[name].is_open = True
    for name in ("property", "GenericAlias", "UnionType"):
        m.types[name].is_open = True
    new_type(m, "Loader", "importlib._bootstrap_external")
    new_type(m, "ModuleSpec", "importlib._bootstrap")
    m.host_classes.update(
        {Module: m.types["module"], Generator: m.types["generator"], HostMethod: m.types["builtin_function_or_method"]}
    )
    m.types["object"].ns["__new__"] = StaticMethod(Native("__new__", _object_new))
    m.types["object"].ns["__init_subclass__"] = ClassMethod(Native("__init_subclass__", lambda m, f, a, k: None))
    m.types["type"].ns["__new__"] = StaticMethod(Native("__new__", _type_new))
    m.types["type"].ns["__init__"] = Native("__init__", lambda m, f, a, k: None, binds=True)
    m.types["type"].ns["__prepare__"] = ClassMethod(Native("__prepare__", lambda m, f, a, k: {}))
    m.types["type"].ns["__call__"] = Native("__call__", _type_call, binds=True)
    m.types["type"].ns["__instancecheck__"] = Native("__instancecheck__", _instance_check, binds=True)
    m.types["type"].ns["__subclasscheck__"] = Native("__subclasscheck__", _subclass_check, binds=True)
    for host in _HOST_CLASSES[1:]:
        if "__new__" not in m.types[host.__name__].ns:
            m.types[host.__name__].ns["__new__"] = StaticMethod(Native("__new__", _object_new))
    m.types["type"].construct = _call_type
    _install_wrappers(m)


def _identity(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    """``id(x)``: two values that are not known may be the same object (eventlet's ``get_ident``)."""
    return Unknown("id()") if type(arguments[0]) in (Unknown, Choice) else id(arguments[0])


def _instance_check(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    return m.truth(m.is_subclass(m.class_of(arguments[1]), arguments[0], frame), frame)


def _subclass_check(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    return type(arguments[1]) is Class and arguments[0] in arguments[1].mro


def _install_wrappers(m: Machine) -> None:
    def wrapper(kind: Callable[[Value], Value]) -> Callable[..., Value]:
        def construct(m: Machine, cls: Class, arguments: Arguments, keywords: Keywords, frame: Frame) -> Value:
            if cls is not m.types["staticmethod"] and cls is not m.types["classmethod"]:
                return kind(arguments[0])
            return kind(arguments[0])

        return construct

    m.types["staticmethod"].construct = wrapper(StaticMethod)
    m.types["classmethod"].construct = wrapper(ClassMethod)
    m.types["property"].construct = _make_property
    m.types["super"].construct = _make_super
    m.types["method"].construct = lambda m, c, a, k, f: Method(a[0], a[1])
    m.types["module"].construct = _make_module
    m.types["module"].ns["__init__"] = Native("__init__", _module_init, binds=True)
    m.types["GenericAlias"].construct = lambda m, c, a, k, f: Alias(a[0], a[1])
    m.types["mappingproxy"].construct = lambda m, c, a, k, f: a[0]
    m.types["function"].construct = _make_function
    m.types["code"].construct = lambda m, c, a, k, f: Unknown("code")
    m.types["ModuleSpec"].construct = _make_spec
    for name in ("staticmethod", "classmethod", "property", "super"):
        m.builtins[name] = m.types[name]


def _make_property(m: Machine, cls: Class, arguments: Arguments, keywords: Keywords, frame: Frame) -> Value:
    parts = [keywords.get("fget"), keywords.get("fset"), keywords.get("fdel")]
    for index, value in enumerate(arguments[:3]):
        parts[index] = value
    if cls is not m.types["property"]:
        made = Instance(cls)
        made.ns.update(fget=parts[0], fset=parts[1], fdel=parts[2])
        if m.class_attribute(cls, "__init__") is not MISSING or m.class_attribute(cls, "__get__") is not MISSING:
            m.call(m.find(made, "__init__", frame, Native("", lambda *_: None)), arguments, keywords, frame)
            if m.class_attribute(cls, "__get__") is not MISSING:
                return made
    return Property(*parts)


def _make_super(m: Machine, cls: Class, arguments: Arguments, keywords: Keywords, frame: Frame) -> Value:
    if len(arguments) >= 2:
        return Super(arguments[0], arguments[1]) if type(arguments[0]) is Class else Unknown("super")
    holder: Frame | None = frame
    while holder is not None and (holder.cell is None or type(holder.function) is not Function):
        holder = holder.caller if type(holder.function) is list else None
    if holder is None or not holder.cell or type(holder.cell[0]) is not Class:
        return Unknown("super")
    positional = holder.function.node[3]
    owner = holder.locals.get(positional[0], MISSING) if positional else MISSING
    if owner is MISSING and holder.function.node[5]:
        rest = holder.locals.get(holder.function.node[5])
        owner = rest[0] if rest else MISSING
    if type(owner) is Choice:
        known = [o for o in owner.options if type(o) in (Instance, Class, Module)]
        owner = known[0] if known else owner
    return Super(holder.cell[0], owner) if type(owner) in (Instance, Class, Module) else Unknown("super")


def _make_module(m: Machine, cls: Class, arguments: Arguments, keywords: Keywords, frame: Frame) -> Value:
    name = arguments[0] if arguments else keywords.get("name", "")
    if cls is not m.types["module"]:
        made = Instance(cls)
        if cls.disguises:
            m.disguised.append(made)
        m.call(m.class_attribute(cls, "__init__"), [made, *arguments], keywords, frame)
        return made
    module = Module(name if type(name) is str else "")
    module.ns.update({"__name__": name, "__doc__": arguments[1] if len(arguments) > 1 else None})
    module.ns.update({"__package__": None, "__loader__": None, "__spec__": None})
    return module


def _module_init(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> None:
    """``ModuleType.__init__``, for objects of a class that derives from it."""
    owner = arguments[0]
    if type(owner) is Instance:
        owner.ns["__name__"] = arguments[1] if len(arguments) > 1 else keywords.get("name")
        owner.ns.setdefault("__doc__", arguments[2] if len(arguments) > 2 else keywords.get("doc"))
        for name in ("__package__", "__loader__", "__spec__"):
            owner.ns.setdefault(name, None)


def _make_function(m: Machine, cls: Class, arguments: Arguments, keywords: Keywords, frame: Frame) -> Value:
    return Unknown("function")


def _make_spec(m: Machine, cls: Class, arguments: Arguments, keywords: Keywords, frame: Frame) -> Value:
    spec = Instance(cls, None)
    name = arguments[0] if arguments else keywords.get("name")
    loader = arguments[1] if len(arguments) > 1 else keywords.get("loader")
    is_package = keywords.get("is_package")
    spec.ns.update(
        name=name,
        loader=loader,
        origin=keywords.get("origin"),
        submodule_search_locations=[] if is_package is True else None,
        parent=name if is_package is True else str(name).rpartition(".")[0],
        has_location=False,
        loader_state=keywords.get("loader_state"),
        cached=None,
    )
    return spec


def _object_new(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    from patchlint.machine.classes import new_object

    if not arguments or type(arguments[0]) is not Class:
        return Unknown("__new__")
    return new_object(m, arguments[0], arguments[1:], keywords, frame)


def _type_new(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    from patchlint.machine.classes import new_object

    if not arguments or type(arguments[0]) is not Class:
        return Unknown("type.__new__")
    return new_object(m, arguments[0], arguments[1:], keywords, frame)


def _type_call(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    if type(arguments[0]) is not Class:
        return Unknown("type.__call__")
    return m.instantiate(arguments[0], arguments[1:], keywords, frame)


def _call_type(m: Machine, cls: Class, arguments: Arguments, keywords: Keywords, frame: Frame) -> Value:
    """``type(value)``, or ``type(name, bases, namespace)``, whose metaclass the bases may decide."""
    from patchlint.machine.classes import create, metaclass_of, new_object, resolve_bases

    if len(arguments) == 1:
        return m.class_of(arguments[0])
    if cls is m.types["type"] and len(arguments) == 3:
        bases, _ = resolve_bases(m, list(m.iterate(arguments[1], frame) or ()), frame)
        meta = metaclass_of(m, bases, None)
        if meta is not m.types["type"]:
            return create(m, meta, arguments[0], bases, m.mapping_items(arguments[2], frame), keywords, frame)
    return new_object(m, cls, arguments, keywords, frame)


def _install_exceptions(m: Machine) -> None:
    for name, host in vars(host_builtins).items():
        if isinstance(host, type) and issubclass(host, BaseException) and name == host.__name__:
            if m.version >= _NEWER_EXCEPTIONS.get(name, (0,)):
                m.builtins[name] = _exception(m, host)
    for alias in ("EnvironmentError", "IOError"):
        m.builtins[alias] = m.types["OSError"]


def _exception(m: Machine, host: type[BaseException]) -> Class:
    known = m.types.get(host.__name__)
    if known is not None:
        return known
    bases = [_exception(m, base) for base in host.__bases__ if issubclass(base, BaseException)]
    cls = new_type(m, host.__name__, "builtins", *bases)
    if host is BaseException:
        cls.ns.update(__cause__=None, __context__=None, __traceback__=Unknown("traceback"), __suppress_context__=False)
        cls.ns["__init__"] = Native("__init__", _exception_init, binds=True)
        cls.ns["with_traceback"] = Native("with_traceback", lambda m, f, a, k: a[0], binds=True)
        cls.ns["add_note"] = Native("add_note", _add_note, binds=True)
    if host is ImportError:
        cls.ns.update(name=None, path=None, msg=None)
    if host is OSError:
        cls.ns.update(errno=None, strerror=None, filename=None)
    if host is SystemExit:
        cls.ns["code"] = None
    if host is StopIteration:
        cls.ns["value"] = None
    return cls


def _add_note(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> None:
    if type(arguments[0]) is Instance:
        arguments[0].ns.setdefault("__notes__", []).append(arguments[1])


def _exception_init(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> None:
    value = arguments[0]
    if type(value) is not Instance:
        return
    value.ns["args"] = tuple(arguments[1:])
    value.ns.update({key: item for key, item in keywords.items() if key in ("name", "path", "obj")})
    if m.types["ImportError"] in value.cls.mro and len(arguments) > 1:
        value.ns["msg"] = arguments[1]
    if any(base.name == "BaseExceptionGroup" for base in value.cls.mro) and len(arguments) > 2:
        value.ns.update(message=arguments[1], exceptions=tuple(m.iterate(arguments[2], frame) or ()))
    if m.types["SystemExit"] in value.cls.mro and len(arguments) > 1:
        value.ns["code"] = arguments[1]
    if m.types["OSError"] in value.cls.mro and len(arguments) > 2:
        value.ns.update(errno=arguments[1], strerror=arguments[2])


# Functions ----------------------------------------------------------------------------------------------
def _isinstance(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    verdict = m.is_instance(arguments[0], arguments[1], frame)
    return Unknown("isinstance()") if verdict is None else verdict


def _issubclass(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    verdict = m.is_subclass(arguments[0], arguments[1], frame)
    return Unknown("issubclass()") if verdict is None else verdict


def _hasattr(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    owner, name = arguments
    if type(name) is not str:
        return Unknown("hasattr()")
    value = m.find(owner, name, frame)
    if value is MISSING:
        return False
    if type(value) is Unknown and type(owner) in (Unknown, Choice):
        return Unknown("hasattr()")
    if type(value) is Unknown and type(owner) in (Class, Instance) and value.path.endswith("." + name):
        return Unknown("hasattr()")
    if type(owner) is Module and type(value) is Unknown and name not in owner.ns and owner.kind == "extension":
        return m.extension_has(owner, name)
    return True


def _getattr(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    owner, name = arguments[:2]
    if type(name) is Choice and all(type(option) is str for option in name.options):
        from patchlint.machine.branches import each

        return each(m, name.options, lambda option: _getattr(m, frame, [owner, option, *arguments[2:]], {}))
    if type(name) is Instance and type(name.payload) is str:
        name = name.payload
    if type(name) is not str:
        return Unknown("getattr()")
    if len(arguments) < 3:
        return m.getattr(owner, name, frame)
    return m.find(owner, name, frame, arguments[2])


def _setattr(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> None:
    owner, name = arguments[:2]
    if type(name) is Instance and type(name.payload) is str:
        name = name.payload
    if type(name) is str:
        m.setattr(owner, name, arguments[2], frame)
    elif type(owner) in (Module, Class):
        owner.is_open = True


def _delattr(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> None:
    if type(arguments[1]) is str:
        m.delattr(arguments[0], arguments[1], frame)


def _callable(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    value = arguments[0]
    if type(value) in (Unknown, Choice):
        return Unknown("callable()")
    if type(value) is Instance:
        if m.class_attribute(value.cls, "__call__") is not MISSING:
            return True
        return Unknown("callable()") if any(_may_be_called(m, base) for base in value.cls.mro) else False
    kinds = (Function, Method, Native, HostMethod, Class, Partial, Alias)
    return type(value) in kinds or (type(value) is StaticMethod and m.version >= (3, 10))


_CALLED = frozenset(
    (
        "PyCFuncPtr",
        "CFuncPtr",
        "Encoder",
        "Scanner",
        "weakref",
        "ReferenceType",
        "weakcallableproxy",
        "CallableProxyType",
    )
    + ("_lru_cache_wrapper", "partial", "attrgetter", "itemgetter", "methodcaller", "Connection")
)
"""Classes of the standard library's C modules whose objects can be called (CPython 3.7 to 3.13, all of them asked)."""


def _may_be_called(m: Machine, cls: Class) -> bool:
    """Whether a class may define ``__call__`` where the machine does not see it."""
    if not may_hide(cls, "__call__"):
        return False
    return cls.name in _CALLED or not m.is_known_extension(cls.module)


def _len(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    value = arguments[0]
    if type(value) is Instance:
        method = m.class_attribute(value.cls, "__len__")
        if method is not MISSING:
            return m.call(m.bound(method, value, value.cls, frame), [], {}, frame)
        value = value.payload
    if type(value) in HOST_TYPES:
        if isinstance(value, (list, tuple)) and has_gap(value):
            return Unknown("len()")
        return hosts.run_host(m, lambda: len(value), (value,))
    if type(value) is Class and value.metaclass is not None:
        method = m.class_attribute(value.metaclass, "__len__")
        if method is not MISSING:
            return m.call(m.bound(method, value, value.metaclass, frame), [], {}, frame)
    return Unknown("len()")


def _iter(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    value = arguments[0]
    if len(arguments) > 1:
        return Unknown("iter()")
    if type(value) is Generator:
        return value
    if type(value) is Instance and m.class_attribute(value.cls, "__iter__") is not MISSING:
        return m.call(m.getattr(value, "__iter__", frame), [], {}, frame)
    items = m.iterate_lazily(value, frame)
    return Unknown("iter()") if items is None else Generator(iter(items))


def _next(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    return m.next(arguments[0], arguments[1] if len(arguments) > 1 else MISSING, frame)


def _lazy(m: Machine, frame: Frame, values: Arguments) -> list[Any] | None:
    every = [m.iterate_lazily(value, frame) for value in values]
    return None if any(items is None for items in every) else every


def _enumerate(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    items = m.iterate_lazily(arguments[0], frame)
    start = arguments[1] if len(arguments) > 1 else keywords.get("start", 0)
    if items is None or type(start) is not int:
        return Unknown("enumerate()")
    return Generator(enumerate(items, start))


def _zip(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    every = _lazy(m, frame, arguments)
    return Unknown("zip()") if every is None else Generator(iter(zip(*every)))  # noqa: B905


def _map(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    every = _lazy(m, frame, arguments[1:])
    if every is None:
        return Unknown("map()")
    return Generator(m.call(arguments[0], list(items), {}, frame) for items in zip(*every))  # noqa: B905


def _filter(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    items = m.iterate_lazily(arguments[1], frame)
    if items is None:
        return Unknown("filter()")
    test = arguments[0]

    def keeps(item: Value) -> bool:
        verdict = item if test is None else m.call(test, [item], {}, frame)
        return m.truth(verdict, frame) is not False

    return Generator(item for item in items if keeps(item))


def _sorted(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    items = m.iterate(arguments[0], frame)
    if items is None:
        return Unknown("sorted()")
    return m.sorted(items, keywords.get("key"), keywords.get("reverse", False), frame)


def _reversed(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    items = m.iterate(arguments[0], frame)
    return Unknown("reversed()") if items is None else Generator(iter(items[::-1]))


def _extreme(name: str) -> Callable[..., Value]:
    function = max if name == "max" else min

    def call(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
        items = m.iterate(arguments[0], frame) if len(arguments) == 1 else list(arguments)
        if items is None:
            return Unknown(f"{name}()")
        if not items and "default" in keywords:
            return keywords["default"]
        key = keywords.get("key")
        keys = items if key is None else [m.call(key, [item], {}, frame) for item in items]
        if any(type(item) not in HOST_TYPES for item in keys) or not items:
            return Unknown(f"{name}()")
        return hosts.run_host(m, lambda: items[keys.index(function(keys))])

    return call


def _any_all(wanted: bool) -> Callable[..., Value]:
    def call(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
        items = m.iterate_lazily(arguments[0], frame)
        if items is None:
            return Unknown("any()")
        unsure = False
        for item in items:
            verdict = m.truth(item, frame)
            if verdict is wanted:
                return wanted
            unsure = unsure or verdict is None
        return Unknown("any()") if unsure else not wanted

    return call


def _sum(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    items = m.iterate(arguments[0], frame)
    if items is None:
        return Unknown("sum()")
    total = arguments[1] if len(arguments) > 1 else keywords.get("start", 0)
    for item in items:
        total = m.binary("+", total, item, frame)
    return total


def pure(function: Callable[..., Any]) -> Callable[..., Value]:
    """A function of constants."""

    def call(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
        plain = [a.payload if type(a) is Instance and a.payload is not MISSING else a for a in arguments]
        if any(type(a) not in HOST_TYPES for a in plain) or any(type(a) not in HOST_TYPES for a in keywords.values()):
            return Unknown(f"{function.__name__}()")
        if function is pow and operators._too_large("**", plain[0], plain[1]):
            return Unknown("pow()")
        return hosts.run_host(m, lambda: function(*plain, **keywords), plain)

    return call


def _hash(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    value = arguments[0]
    if type(value) in (list, dict, set, bytearray):
        raise m.error("TypeError", f"unhashable type: '{type(value).__name__}'")
    return hash_of(m, value)


def hash_of(m: Machine, value: Value) -> Value:
    """``hash(value)``: by identity, and so any but always the same, where the program does not decide it."""
    parts = value if type(value) in (tuple, frozenset) else ()
    if type(value) in (Unknown, Choice) or any(type(hash_of(m, item)) is Unknown for item in parts):
        return Unknown("hash()")
    return hosts.run_host(m, lambda: hash(value), (value,))


def _repr(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    return m.repr(arguments[0], frame)


def _format(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    form = arguments[1] if len(arguments) > 1 else ""
    if all(type(a) in CONSTANTS for a in arguments) and not (type(form) is str and hosts.is_wide(f"{{:{form}")):
        return hosts.run_host(m, lambda: format(*arguments), arguments)
    return Unknown("format()")


def _globals(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    return frame.globals


def _locals(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    return frame.visible_locals(m.version)


def _vars(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    return _locals(m, frame, [], {}) if not arguments else m.getattr(arguments[0], "__dict__", frame)


def _dir(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    if not arguments:
        return _sorted_names(frame.locals, frame.module.is_open)
    owner = arguments[0]
    cls = m.class_of(owner)
    own = m.class_attribute(cls, "__dir__") if type(cls) is Class else MISSING
    if type(own) is Function:
        return m.call(own, [owner], {}, frame)
    if type(owner) is Module:
        hook = owner.ns.get("__dir__")
        if type(hook) is Function:
            return m.call(hook, [], {}, frame)
        return _sorted_names(owner.ns, owner.is_open)
    if type(owner) in (Class, Instance):
        cls = owner if type(owner) is Class else owner.cls
        names = {key for base in cls.mro for key in base.ns}
        names.update(owner.ns)
        return _sorted_names(names)
    if type(owner) in HOST_TYPES:
        return dir(owner)
    return Unknown("dir()")


def _sorted_names(names: Iterable[Any], is_open: bool = False) -> list[Value]:
    known: list[Value] = sorted(name for name in names if type(name) is str)
    return [*known, GAP] if is_open else known


def _import(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    name = arguments[0] if arguments else keywords.get("name")
    fromlist = arguments[3] if len(arguments) > 3 else keywords.get("fromlist", ())
    level = arguments[4] if len(arguments) > 4 else keywords.get("level", 0)
    if type(name) is not str or type(level) is not int:
        m.recorder.opaque("import", "the module's name is computed", frame)
        return Unknown("__import__()")
    scope = arguments[1] if len(arguments) > 1 else keywords.get("globals")
    if level and type(scope) is dict:
        outer, frame = frame, Frame(frame.module, frame.locals, frame, "__import__")
        frame.globals, frame.line = scope, outer.line
    names = m.iterate(fromlist, frame) if fromlist is not None else None
    full = imports.resolve(m, name, level, frame) if level else name
    with m.nesting.deeper(m.nesting.frames.builtin):
        module = imports.import_absolute(m, full, frame)
    if names:
        imports.handle_from_list(m, module, names, frame)
        return module
    behind = len(name) - len(name.partition(".")[0])
    top = full[: len(full) - behind]
    return imports.loaded(m, top) if level else imports.import_absolute(m, top, frame)


def _open(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    return m.open_file(arguments, keywords, frame)


def _exec(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    return m.execute_text(arguments, frame, expression=False)


def _eval(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    return m.execute_text(arguments, frame, expression=True)


def _compile(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    given = dict(zip(("source", "filename", "mode", "flags"), arguments, strict=False)) | keywords
    flags = given.get("flags", 0)
    if type(flags) is not int or flags & ONLY_SYNTAX_TREE:
        return syntax_tree(m, given.get("source"), given.get("mode", "exec"))
    code = Instance(m.types["code"])
    code.ns.update(source=given.get("source"), mode=given.get("mode", "exec"), co_filename=given.get("filename"))
    return code


ONLY_SYNTAX_TREE = 0x400
"""``ast.PyCF_ONLY_AST``."""


def syntax_tree(m: Machine, source: Value, mode: Value) -> Value:
    """What ``ast.parse`` gives, made of the host's own tree."""
    if type(source) is bytes:
        source = source.decode("utf-8", "replace")
    home = m.modules.get("_ast")
    if type(source) is not str or type(home) is not Module or mode not in ("exec", "eval", "single"):
        return Unknown("ast")
    try:
        return _tree_node(home.ns, host_ast.parse(source, mode=mode))
    except (SyntaxError, ValueError, RecursionError):
        raise m.error("SyntaxError", "invalid syntax") from None


def tree_classes(m: Machine, module: Module) -> None:
    """``_ast``: node classes know their fields and take them as arguments."""
    for name, cls in module.ns.items():
        host = getattr(host_ast, name, None)
        if type(cls) is Class and isinstance(host, type) and issubclass(host, host_ast.AST):
            cls.ns.update(_fields=host._fields, _attributes=host._attributes)
            cls.ns["__init__"] = Native("__init__", _tree_init, binds=True)


def _tree_init(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> None:
    owner = arguments[0]
    if type(owner) is Instance:
        fields = m.class_attribute(owner.cls, "_fields")
        owner.ns.update(zip(fields if type(fields) is tuple else (), arguments[1:], strict=False))
        owner.ns.update(keywords)


def _tree_node(classes: dict[str, Value], node: Any) -> Value:
    if isinstance(node, list):
        return [_tree_node(classes, item) for item in node]
    if not isinstance(node, host_ast.AST):
        return node
    cls = classes.get(type(node).__name__)
    if type(cls) is not Class:
        return Unknown("ast")
    made = Instance(cls)
    for name in (*node._fields, *node._attributes):
        made.ns[name] = _tree_node(classes, getattr(node, name, None))
    return made


def _exit(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    raise m.error("SystemExit", *arguments)


def _nothing(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> None:
    return None


def _unknown_result(name: str) -> Callable[..., Value]:
    return lambda m, frame, arguments, keywords: Unknown(f"{name}()")


def _build_class(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    return Unknown("__build_class__()")


_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "isinstance": _isinstance,
    "issubclass": _issubclass,
    "hasattr": _hasattr,
    "getattr": _getattr,
    "setattr": _setattr,
    "delattr": _delattr,
    "callable": _callable,
    "len": _len,
    "iter": _iter,
    "next": _next,
    "aiter": _unknown_result("aiter"),
    "anext": _unknown_result("anext"),
    "enumerate": _enumerate,
    "zip": _zip,
    "map": _map,
    "filter": _filter,
    "sorted": _sorted,
    "reversed": _reversed,
    "max": _extreme("max"),
    "min": _extreme("min"),
    "any": _any_all(True),
    "all": _any_all(False),
    "sum": _sum,
    "abs": pure(abs),
    "divmod": pure(divmod),
    "pow": pure(pow),
    "round": pure(round),
    "chr": pure(chr),
    "ord": pure(ord),
    "hex": pure(hex),
    "oct": pure(oct),
    "bin": pure(bin),
    "ascii": _repr,
    "hash": _hash,
    "id": _identity,
    "repr": _repr,
    "format": _format,
    "print": complaints.print_,
    "input": _unknown_result("input"),
    "breakpoint": _nothing,
    "globals": _globals,
    "locals": _locals,
    "vars": _vars,
    "dir": _dir,
    "open": _open,
    "exec": _exec,
    "eval": _eval,
    "compile": _compile,
    "__import__": _import,
    "__build_class__": _build_class,
    "exit": _exit,
    "quit": _exit,
    "help": _nothing,
    "copyright": _nothing,
    "credits": _nothing,
    "license": _nothing,
}
