"""Extension modules: their names as known from the standard library, else open; and what they import."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from patchlint.knowledge.compiled import constants
from patchlint.machine import imports
from patchlint.machine.frames import Frame, Raised
from patchlint.machine.values import GAP, Class, Instance, Module, Native, OpaqueCall, Unknown, Value

if TYPE_CHECKING:
    from patchlint.machine.core import Machine


def execute(m: Machine, module: Module, record: Any) -> None:
    """Import what the C code imports, then fill in its names."""
    frame = Frame(module, module.ns, None, module.name)
    frame.trail_ = record
    known = m.world.knowledge.extension(m.version[:2], module.name)
    before = _set_aside(m, module.name)
    if known is None:
        _unknown(m, module, frame, record)
    else:
        for name in known.imports:
            _import_quietly(m, name, frame)
        for name, entry in known.names.items():
            if name not in module.ns:
                module.ns[name] = value_of(m, module.name, name, entry, module.ns)
        module.is_open = False
    native = m.native_extensions.get(module.name)
    if native is not None:
        native(m, module)
    m.extension_objects.update(before)


_RENEWED: Final = {"_thread": (3, 10), "_ssl": (3, 10), "_queue": (3, 10), "select": (3, 9), "_socket": (3, 12)}
"""C modules that gevent patches, and since when they make new classes where they are imported anew (PEP 489)."""


def _set_aside(m: Machine, name: str) -> dict[str, Value]:
    """The classes that a C module made when it was executed before, taken away so that it makes others now."""
    if m.version[:2] < _RENEWED.get(name, (99,)):
        return {}
    mine = [path for path in m.extension_objects if path.startswith(f"{name}.")]
    return {path: m.extension_objects.pop(path) for path in mine}


def _unknown(m: Machine, module: Module, frame: Frame, record: Any) -> None:
    """An installed extension module: its own sources lie beside it, or its shared object names what it imports."""
    sources = m.world.knowledge.compiled_sources(module.file)
    is_whole = sources[:1] and sources[0].endswith(".py")
    names = m.world.knowledge.scanned_imports(module.file, module.name)
    for name in names:
        if name.endswith("__mypyc"):
            _import_quietly(m, name, frame)
    for source in sources:
        module.source, module.is_open = source, not is_whole
        module.is_c = not is_whole
        imports.execute_source(m, module, source, record)
    before: Value = None
    for name in () if is_whole else names:
        if _is_taken_from(before, name):
            continue
        _import_quietly(m, name, frame)
        _open_to_c_code(m, name, module)
        before = m.modules.get(name)
    module.is_open = True
    namespace: dict[Any, Value] = module.ns
    namespace[GAP] = GAP
    namespace.update(constants(module.name))


def _is_taken_from(module: Value, name: str) -> bool:
    """``from module import name``: C code tells it from an ``import name`` only by what the module has."""
    return type(module) is Module and name in module.ns and type(module.ns[name]) not in (Module, Unknown)


def _open_to_c_code(m: Machine, name: str, importer: Module) -> None:
    """C code may put names into the modules of its own package that it imports: numpy's classes of dtypes."""
    found = m.modules.get(name)
    if type(found) is Module and name.partition(".")[0] == importer.name.partition(".")[0]:
        found.is_open = True


def _import_quietly(m: Machine, name: str, frame: Frame) -> None:
    if name in m.modules:
        return
    try:
        imports.import_absolute(m, name, frame)
    except Raised:
        return


def value_of(m: Machine, module: str, name: str, entry: Any, ns: dict[str, Value]) -> Value:
    """The value that stands for one name of an extension module."""
    kind = entry.kind
    if kind == "k":
        return entry.value
    if kind == "s":
        return _same(m, entry.name, ns, f"{module}.{name}")
    if kind == "c":
        return class_of(m, entry.path, entry)
    if kind == "f":
        return Native(name, OpaqueCall(f"{module}.{name}"), module)
    if kind == "m":
        return m.modules.get(entry.name, Unknown(f"{module}.{name}"))
    if entry.type.startswith("builtins."):
        return Unknown(f"{module}.{name}")
    return Instance(class_of(m, entry.type))


def _same(m: Machine, name: str, ns: dict[str, Value], path: str) -> Value:
    if "." not in name:
        return _own_function(ns.get(name, Unknown(path)))
    home, _, attribute = name.rpartition(".")
    module = m.modules.get(home)
    return module.ns.get(attribute, Unknown(path)) if type(module) is Module else Unknown(path)


def _own_function(value: Value) -> Value:
    """Each entry of a C module's table of functions is an object of its own, equal to but not the other one's."""
    return Native(value.name, value.call, value.module, value.binds) if type(value) is Native else value


_NOT_SHOWN = frozenset(
    ("__doc__", "__module__", "__new__", "__init__", "__getattribute__", "__dict__", "__setattr__", "__delattr__")
    + ("__get__", "__set__", "__delete__", "__weakref__", "__del__", "__slots__", "__call__", "__getattr__", "__eq__")
    + ("__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__hash__", "__bool__", "__len__", "__iter__", "__next__")
    + ("__enter__", "__exit__", "__class_getitem__", "__init_subclass__", "__set_name__", "__getitem__")
    + ("__contains__", "__repr__", "__str__")
)
"""Methods that the machine would call: it must find them missing, not unknown."""


_OWN_LOOKUP: Final = frozenset(("_local", "Context", "ProxyType", "CallableProxyType", "ReferenceType", "xmlparser"))
"""Classes whose ``tp_getattro`` is none of CPython's generic ones; many others only name a generic one themselves."""


def _tells_all(path: str, entry: Any) -> bool:
    """Whether instances have no attributes beside the members: C code may look them up, or set them, in its own way."""
    module, _, name = path.rpartition(".")
    looks_up = "__getattribute__" in entry.members and name in _OWN_LOOKUP
    return bool(entry.members) and entry.metaclass is None and module != "_io" and not looks_up


def class_of(m: Machine, path: str, entry: Any = None) -> Class:
    """A class written in C, by its qualified name; the same name gives the same class."""
    known = m.extension_objects.get(path)
    if type(known) is Class:
        return known
    module, _, name = path.rpartition(".")
    if module == "builtins" and name in m.types:
        return m.types[name]
    entry = entry or m.world.knowledge.hidden_class(m.version[:2], path)
    parents = [class_of(m, base) for base in entry.bases] if entry is not None else [m.types["object"]]
    cls = Class(name, module, tuple(parents))
    line = [cls, *(c for parent in parents for c in parent.mro)]
    ordered = [c for c in dict.fromkeys(line) if c is not m.types["object"]]
    cls.mro = (*ordered, m.types["object"])
    cls.metaclass = m.types["type"]
    cls.is_open = m.types["BaseException"] not in cls.mro
    if entry is not None and _tells_all(path, entry):
        cls.members = frozenset(entry.members)
    m.extension_objects[path] = cls
    for member in entry.members if entry is not None else ():
        if member not in _NOT_SHOWN:
            cls.ns[member] = Unknown(f"{path}:{member}")
    return cls


def is_constructed(m: Machine, value: Unknown) -> bool:
    """Whether a value is what calling a class of an extension module gave: a new object, of that class."""
    owner, called, rest = value.path.rpartition("()")
    return bool(called) and not rest and owner.rpartition(".")[2][:1].isupper() and _is_in_c(m, owner)


def is_of_c(m: Machine, value: Unknown) -> bool:
    """Whether a value is an object that C code made: what a class of it gives, or an attribute."""
    return is_constructed(m, value) or _is_in_c(m, value.path)


def _is_in_c(m: Machine, path: str) -> bool:
    package, dot, rest = path.partition(".")
    if not dot or "(" in rest:
        return False
    inside = (module for key, module in m.modules.items() if key == package or key.startswith(f"{package}."))
    return any(type(module) is Module and module.kind == "extension" for module in inside)
