"""``importlib``, ``pkgutil`` and ``importlib.metadata``."""

from __future__ import annotations

import os
from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from patchlint.machine import imports
from patchlint.machine.frames import Frame, Raised
from patchlint.machine.natives import entry_points
from patchlint.machine.natives.builtins import new_type
from patchlint.machine.values import (
    MISSING,
    Choice,
    Class,
    Generator,
    Instance,
    Module,
    Native,
    Property,
    StaticMethod,
    Unknown,
    Value,
)
from patchlint.model.names import absolute
from patchlint.sources.finder import read

if TYPE_CHECKING:
    from patchlint.machine.core import Machine

Arguments = list[Value]
Keywords = dict[str, Value]


def bootstrap(m: Machine, module: Module) -> None:
    """``_frozen_importlib``."""
    for name in ("ModuleSpec",):
        module.ns[name] = m.types[name]
    for name in ("BuiltinImporter", "FrozenImporter"):
        module.ns[name] = loader_class(m, name)
    module.ns["__import__"] = m.native_import
    module.ns["_init_module_attrs"] = Native("_init_module_attrs", _init_module_attrs, "importlib._bootstrap")
    module.ns["module_from_spec"] = Native("module_from_spec", _module_from_spec, "importlib._bootstrap")
    module.ns["spec_from_loader"] = Native("spec_from_loader", _spec_from_loader, "importlib._bootstrap")
    for name in ("_load", "_exec", "_find_spec", "_resolve_name", "_call_with_frames_removed", "_lock_unlock_module"):
        module.ns[name] = Native(name, lambda m, f, a, k: Unknown("importlib"), "importlib._bootstrap")
    module.ns["_gcd_import"] = Native("_gcd_import", _import_module, "importlib._bootstrap")
    module.is_open = True


def bootstrap_external(m: Machine, module: Module) -> None:
    """``_frozen_importlib_external``."""
    names = ("WindowsRegistryFinder", "FileFinder", "SourceFileLoader", "SourcelessFileLoader", "ExtensionFileLoader")
    for name in (*names, "SourceLoader", "FileLoader", "_LoaderBasics", "NamespaceLoader", "AppleFrameworkLoader"):
        module.ns[name] = loader_class(m, name)
    module.ns["PathFinder"] = m.path_finder
    module.ns["_NamespacePath"] = m.types["list"]
    module.ns["SOURCE_SUFFIXES"] = [".py"]
    module.ns["BYTECODE_SUFFIXES"] = [".pyc"]
    module.ns["DEBUG_BYTECODE_SUFFIXES"] = module.ns["OPTIMIZED_BYTECODE_SUFFIXES"] = [".pyc"]
    module.ns["EXTENSION_SUFFIXES"] = list(m.world.target.extension_suffixes)
    module.ns["MAGIC_NUMBER"] = b"\xa7\r\r\n"
    module.ns["spec_from_file_location"] = Native("spec_from_file_location", _spec_from_file, "importlib.util")
    module.ns["path_sep"] = "/"
    module.ns["path_separators"] = "/"
    module.is_open = True


LOADERS = {
    "source": "SourceFileLoader",
    "extension": "ExtensionFileLoader",
    "builtin": "BuiltinImporter",
    "frozen": "FrozenImporter",
    "namespace": "NamespaceLoader",
}
"""The loader's class for each kind of module."""


def loader_class(m: Machine, name: str) -> Class:
    """A loader's class of ``importlib``."""
    cls = m.types.get(name)
    if cls is None:
        cls = new_type(m, name, "importlib._bootstrap_external", m.types["Loader"])
        cls.is_open = True
        cls.ns["__init__"] = Native("__init__", _loader_init, binds=True)
        cls.ns["create_module"] = Native("create_module", lambda m, f, a, k: None, binds=True)
        cls.ns["exec_module"] = Native("exec_module", _loader_execute, binds=True)
        cls.ns["load_module"] = Native("load_module", _loader_load, binds=True)
        cls.ns["is_package"] = Native("is_package", _loader_is_package, binds=True)
        if name.endswith("FileLoader"):
            cls.ns["get_filename"] = Native("get_filename", _loader_filename, binds=True)
    return cls


def _loader_init(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> None:
    owner = arguments[0]
    if type(owner) is Instance:
        owner.ns["name"] = arguments[1] if len(arguments) > 1 else keywords.get("fullname")
        owner.ns["path"] = arguments[2] if len(arguments) > 2 else keywords.get("path")


def _loader_is_package(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    """``importlib.abc.InspectLoader.is_package``: whether the module is a package."""
    path = _loader_filename(m, frame, arguments, keywords)
    found = arguments[0].payload if type(arguments[0]) is Instance else MISSING
    if hasattr(found, "is_package"):
        return bool(found.is_package)
    return os.path.basename(path).startswith("__init__.") if type(path) is str else Unknown("is_package()")


def _loader_filename(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    """``importlib.abc.ExecutionLoader.get_filename``."""
    owner = arguments[0]
    return owner.ns.get("path", Unknown("path")) if type(owner) is Instance else Unknown("path")


def _loader_execute(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> None:
    owner, module = arguments[0], arguments[1]
    path = owner.ns.get("path") if type(owner) is Instance else None
    if type(module) is Module and type(path) is str and path.endswith(".py"):
        try:
            if not m.world.reader.stands_in(path):
                read(path)
        except OSError:
            raise m.error("FileNotFoundError", 2, "No such file or directory", errno=2, filename=path) from None
        module.file = path
        module.ns["__file__"] = path
        trail = m.recorder.module(module, frame, f"execute {module.name}")
        record = module.record
        try:
            imports.execute_file(m, module, path, trail)
        except Raised:
            record.failed = True
            raise
    elif type(module) is Module:
        _execute_compiled(m, owner, module, frame)


def _execute_compiled(m: Machine, loader: Value, module: Module, frame: Frame) -> None:
    """What a loader of ``importlib`` knows to be in C is filled as by an import; of another, nothing is known."""
    found: Any = loader.payload if type(loader) is Instance else MISSING
    kind: Any = getattr(found, "kind", "")
    if kind not in ("extension", "builtin", "frozen"):
        module.is_open = module.is_open or kind != "namespace"
        return
    module.file, module.kind, module.is_open = found.path, kind, True
    record = m.record_module(module, frame)
    imports.execute_module(m, module, found, frame, record)


def _loader_load(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    owner = arguments[0]
    name = arguments[1] if len(arguments) > 1 else owner.ns.get("name")
    if type(name) is not str:
        return Unknown("load_module()")
    module = Module(name)
    module.ns.update({"__name__": name, "__package__": name.rpartition(".")[0]})
    m.modules[name] = module
    _loader_execute(m, frame, [owner, module], {})
    return m.modules.get(name, module)


# importlib ------------------------------------------------------------------------------------------------
def importlib(m: Machine, module: Module) -> None:
    """``import_module`` and its like."""
    module.ns["import_module"] = Native("import_module", _import_module, "importlib")
    module.ns["__import__"] = m.native_import
    module.ns["invalidate_caches"] = Native("invalidate_caches", lambda m, f, a, k: None, "importlib")
    module.ns["reload"] = Native("reload", _reload, "importlib")


def _import_module(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    name = arguments[0] if arguments else keywords.get("name")
    package = arguments[1] if len(arguments) > 1 else keywords.get("package")
    if type(name) is Choice and all(type(option) is str for option in name.options):
        from patchlint.machine.branches import each

        return each(m, name.options, lambda option: _import_module(m, frame, [option, package], {}))
    if type(name) is Instance and type(name.payload) is str:
        name = name.payload
    if type(name) is not str:
        m.recorder.opaque("import", "the module's name is computed", frame)
        return Unknown("import_module()")
    if name.startswith("."):
        if package is None or package == "":
            text = f"the 'package' argument is required to perform a relative import for {name!r}"
            raise m.error("TypeError", text)
        if type(package) is not str:
            return Unknown("import_module()")
        level = len(name) - len(name.lstrip("."))
        try:
            name = absolute(package, level, name[level:])
        except ValueError as error:
            raise m.error("ImportError", str(error)) from None
    with m.nesting.deeper(m.nesting.frames.function):
        return imports.import_absolute(m, name, frame, by_function=True)


def _reload(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    """``importlib.reload``: find the module anew, and execute it in the namespace that it has."""
    given = arguments[0]
    if type(given) is Unknown:
        return given
    if type(given) is not Module:
        raise m.error("TypeError", "reload() argument must be a module")
    module: Module = given
    spec = m.find(module, "__spec__", frame, None)
    name = m.find(module if spec is None else spec, "__name__" if spec is None else "name", frame, module.name)
    if m.modules.get(name) is not module:
        raise m.error("ImportError", f"module {name} not in sys.modules", name=name)
    if name in m.reloading:
        return m.reloading[name]
    m.reloading[name] = module
    try:
        _execute_again(m, module, name, frame)
    finally:
        del m.reloading[name]
    return imports.loaded(m, name)


def _execute_again(m: Machine, module: Module, name: str, frame: Frame) -> None:
    parent = name.rpartition(".")[0]
    if parent and parent not in m.modules:
        raise m.error("ImportError", f"parent {parent!r} not in sys.modules", name=parent)
    if parent:
        m.getattr(m.modules[parent], "__path__", frame)
    found = m.locate(name, imports.path_of(m, m.modules[parent], frame) if parent else None, frame)
    if found is None:
        raise m.error("ModuleNotFoundError", f"spec not found for the module {name!r}", name=name)
    imports.describe(m, module, found)
    trail = m.recorder.module(module, frame, f"reload {name}")
    record = module.record
    try:
        imports.execute_module(m, module, found, frame, trail)
    except Raised:
        record.failed = True
        imports.loaded(m, name)
        raise


def util(m: Machine, module: Module) -> None:
    """``importlib.util``."""
    module.ns["find_spec"] = Native("find_spec", _find_spec, "importlib.util")
    module.ns["module_from_spec"] = Native("module_from_spec", _module_from_spec, "importlib.util")
    module.ns["spec_from_loader"] = Native("spec_from_loader", _spec_from_loader, "importlib.util")
    module.ns["spec_from_file_location"] = Native("spec_from_file_location", _spec_from_file, "importlib.util")
    module.ns["resolve_name"] = Native("resolve_name", _resolve_name, "importlib.util")
    module.ns["cache_from_source"] = Native("cache_from_source", lambda m, f, a, k: Unknown("path"), "importlib.util")
    lazy = loader_class(m, "LazyLoader")
    lazy.ns["__init__"] = Native("__init__", _lazy_init, binds=True)
    lazy.ns["exec_module"] = Native("exec_module", _lazy_execute, binds=True)
    lazy.ns["factory"] = StaticMethod(Native("factory", lambda m, f, a, k: Unknown("factory")))
    module.ns["LazyLoader"] = lazy


def _lazy_init(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> None:
    arguments[0].ns["loader"] = arguments[1]


def _lazy_execute(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> None:
    """The module executes when its first attribute is read: PEP 562 describes the same by hand."""
    owner, module = arguments[0], arguments[1]
    if type(module) is not Module:
        return
    found = module.ns.get("__spec__")
    where = found.payload if type(found) is Instance else None

    def first(m: Machine, frame: Frame, given: Arguments, ignored: Keywords) -> Value:
        module.ns.pop("__getattr__", None)
        if where is not None and where is not MISSING:
            record = m.record_module(module, frame)
            imports.execute_module(m, module, where, frame, record)
        else:
            loader = owner.ns.get("loader")
            m.call(m.getattr(loader, "exec_module", frame), [module], {}, frame)
        return m.getattr(module, given[0], frame)

    module.ns["__getattr__"] = Native("__getattr__", first)


def _find_spec(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    name = arguments[0] if arguments else keywords.get("name")
    package = arguments[1] if len(arguments) > 1 else keywords.get("package")
    if type(name) is not str:
        return Unknown("find_spec()")
    if name.startswith(".") and type(package) is str:
        level = len(name) - len(name.lstrip("."))
        name = absolute(package, level, name[level:])
    known = m.modules.get(name, MISSING)
    if known is not MISSING:
        spec = None if known is None else m.find(known, "__spec__", frame, None)
        if known is not None and spec is None:
            raise m.error("ValueError", f"{name}.__spec__ is None")
        return spec
    parent = name.rpartition(".")[0]
    path: Value = None
    if parent:
        module = imports.import_absolute(m, parent, frame)
        path = m.find(module, "__path__", frame)
        if path is MISSING:
            raise m.error("ModuleNotFoundError", f"__path__ attribute not found on {parent!r}", name=name)
        path = imports.path_of(m, module, frame)
    found = m.locate(name, path, frame)
    return None if found is None else m.make_spec(found)


def path_finder_spec() -> StaticMethod:
    """``PathFinder.find_spec(fullname, path=None)``: what a ``.pth`` file of a namespace package asks."""

    def find_spec(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
        name = arguments[0] if arguments else keywords.get("fullname")
        path = arguments[1] if len(arguments) > 1 else keywords.get("path")
        if type(name) is not str or type(path) not in (list, tuple, type(None)):
            return Unknown("find_spec()")
        found = m.locate(name, path, frame)
        return None if found is None else m.make_spec(found)

    return StaticMethod(Native("find_spec", find_spec, "importlib._bootstrap_external"))


def _module_from_spec(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    spec = arguments[0]
    if type(spec) is not Instance:
        return Unknown("module_from_spec()")
    if spec.payload is not None and hasattr(spec.payload, "kind"):
        module = imports.create_module(m, spec.payload)
        module.ns["__spec__"] = spec
        module.ns["__loader__"] = spec.ns.get("loader")
        return module
    name = spec.ns.get("name")
    return m.new_module(name if type(name) is str else "", spec, frame)


def _init_module_attrs(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    """5.4.5 Import-related attributes from a spec, as ``importlib._bootstrap`` sets those that are missing.

    A spec without a loader that has a path is a namespace package's, which gets its loader here.
    """
    spec, module = arguments[:2]
    may_override = m.truth(keywords.get("override", False), frame) is not False
    search, loader = (m.find(spec, name, frame, None) for name in ("submodule_search_locations", "loader"))
    values = {"__name__": m.find(spec, "name", frame, None)}
    if loader is None and search is not None:
        loader = Instance(loader_class(m, "NamespaceLoader"), None)
        loader.ns["_path"] = search
        m.setattr(spec, "loader", loader, frame)
        values["__file__"] = None
    values.update(__loader__=loader, __package__=m.find(spec, "parent", frame, None))
    if search is not None:
        values["__path__"] = search
    if m.find(spec, "has_location", frame, False) is True:
        values["__file__"] = m.find(spec, "origin", frame, None)
    for name, value in values.items():
        if may_override or m.find(module, name, frame, None) is None:
            m.setattr(module, name, value, frame)
    m.setattr(module, "__spec__", spec, frame)
    return module


def _spec_from_loader(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    return m.call(m.types["ModuleSpec"], arguments, keywords, frame)


def _spec_from_file(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    name = arguments[0] if arguments else keywords.get("name")
    path = arguments[1] if len(arguments) > 1 else keywords.get("location")
    if type(path) is Instance:
        path = m.call(m.modules["os"].ns["fspath"], [path], {}, frame)
    if type(name) is not str or type(path) is not str:
        return Unknown("spec_from_file_location()")
    search = keywords.get("submodule_search_locations")
    locations = tuple(s for s in m.iterate(search, frame) or () if type(s) is str) if search else ()
    kind = "source" if path.endswith(".py") else "extension"
    found = SimpleNamespace(name=name, kind=kind, path=path, is_package=bool(locations), search=locations)
    spec = m.make_spec(found)
    if keywords.get("loader") is not None:
        spec.ns["loader"] = keywords["loader"]
    else:
        loader = Instance(loader_class(m, "SourceFileLoader"), found)
        loader.ns.update(name=name, path=path)
        spec.ns["loader"] = loader
    return spec


def _resolve_name(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    name, package = arguments[:2]
    if type(name) is not str or type(package) is not str:
        return Unknown("resolve_name()")
    level = len(name) - len(name.lstrip("."))
    return absolute(package, level, name[level:]) if level else name


# pkgutil --------------------------------------------------------------------------------------------------
def pkgutil(m: Machine, module: Module) -> None:
    """Functions that list a package's modules."""
    module.ns["iter_modules"] = Native("iter_modules", _iter_modules, "pkgutil")
    module.ns["walk_packages"] = Native("walk_packages", _walk_packages, "pkgutil")
    module.ns["extend_path"] = Native("extend_path", _extend_path, "pkgutil")
    module.ns["get_data"] = Native("get_data", lambda m, f, a, k: Unknown("get_data()"), "pkgutil")
    module.ns["find_loader"] = Native("find_loader", _find_loader, "pkgutil")
    module.ns["resolve_name"] = Native("resolve_name", _resolve_object, "pkgutil")


def _find_loader(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    spec = _find_spec(m, frame, arguments, {})
    return spec.ns.get("loader") if type(spec) is Instance else spec


def _resolve_object(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    name = arguments[0]
    if type(name) is not str:
        return Unknown("resolve_name()")
    module_name, _, rest = name.partition(":")
    value = imports.import_absolute(m, module_name, frame)
    for part in filter(None, rest.split(".")):
        value = m.getattr(value, part, frame)
    return value


def _info(m: Machine, name: str, is_package: bool, path: str) -> Value:
    found = m.types.get("ModuleInfo")
    if found is None:
        from patchlint.machine.natives.records import make_tuple

        found = m.types["ModuleInfo"] = make_tuple(m, "ModuleInfo", "pkgutil", ["module_finder", "name", "ispkg"], {})
    finder = Instance(loader_class(m, "FileFinder"))
    finder.ns["path"] = path
    return Instance(found, (finder, name, is_package))


def _entries(m: Machine, frame: Frame, path: Value) -> list[str] | None:
    if path is None:
        return [entry for entry in m.sys_path if type(entry) is str]
    items = m.iterate(path, frame)
    if items is None:
        return None
    entries = [item if type(item) is str else m.text(item, frame) for item in items]
    return [entry for entry in entries if type(entry) is str]


def _iter_modules(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    path = arguments[0] if arguments else keywords.get("path")
    prefix = arguments[1] if len(arguments) > 1 else keywords.get("prefix", "")
    entries = _entries(m, frame, path)
    if entries is None or type(prefix) is not str or path is None:
        return Unknown("iter_modules()")
    if any(os.path.isdir(entry) for entry in entries):
        imports.import_absolute(m, "inspect", frame)  # as pkgutil does before it lists a folder
    return Generator(iter([_info(m, prefix + n, p, e) for e in entries for n, p in m.world.finder.iter_modules([e])]))


def _walk_packages(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    path = arguments[0] if arguments else keywords.get("path")
    prefix = arguments[1] if len(arguments) > 1 else keywords.get("prefix", "")
    entries = _entries(m, frame, path)
    if entries is None or type(prefix) is not str or path is None:
        return Unknown("walk_packages()")

    def walk(folders: list[str], start: str) -> Any:
        for folder in folders:
            for name, is_package in m.world.finder.iter_modules([folder]):
                yield _info(m, start + name, is_package, folder)
                if is_package:
                    try:
                        imports.import_absolute(m, start + name, frame)
                    except Raised:
                        continue
                    package = m.modules.get(start + name)
                    inner = m.find(package, "__path__", frame, [])
                    yield from walk(_entries(m, frame, inner) or [], f"{start}{name}.")

    return Generator(walk(entries, prefix))


def _extend_path(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    """``pkgutil.extend_path``: the portions of a package that lie on ``sys.path``, or on its parent's path."""
    path, name = arguments[:2]
    if type(path) is not list or type(name) is not str:
        return path
    parent = name.rpartition(".")[0]
    if parent and parent not in m.modules:
        return path
    searched = m.find(m.modules[parent], "__path__", frame, []) if parent else m.sys_path
    result = list(path)
    for entry in m.iterate(searched, frame) or ():
        if type(entry) is str:
            found = m.world.finder.find_in(name, [entry or m.world.cwd])
            result += [portion for portion in (found.search if found is not None else ()) if portion not in result]
    return result


# importlib.metadata ---------------------------------------------------------------------------------------
def metadata(m: Machine, module: Module) -> None:
    """What installed distributions say of themselves."""
    missing = module.ns.get("PackageNotFoundError")
    module.ns["version"] = Native("version", _version(missing), "importlib.metadata")
    module.ns["entry_points"] = Native("entry_points", entry_points.entry_points, "importlib.metadata")
    module.ns["distribution"] = Native("distribution", _distribution(missing), "importlib.metadata")
    module.ns["metadata"] = Native("metadata", _metadata(missing), "importlib.metadata")
    module.ns["requires"] = module.ns["files"] = Native("requires", _distribution(missing), "importlib.metadata")
    module.ns["distributions"] = Native("distributions", lambda m, f, a, k: Unknown("distributions()"))
    module.ns["packages_distributions"] = Native("packages_distributions", lambda m, f, a, k: Unknown("mapping"))


def _not_found(m: Machine, cls: Value, name: Value, frame: Frame) -> Raised:
    if type(cls) is Class:
        return Raised(m.call(cls, [name], {}, frame))
    return m.error("ModuleNotFoundError", f"No package metadata was found for {name}", name=name)


def _version(missing: Value) -> Callable[..., Value]:
    def version(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
        name = arguments[0] if arguments else keywords.get("distribution_name")
        if type(name) is not str:
            return Unknown("version()")
        found = m.world.knowledge.distribution_version(name)
        if found is None:
            raise _not_found(m, missing, name, frame)
        _parse_metadata(m, frame)
        return found

    return version


def _parse_metadata(m: Machine, frame: Frame) -> None:
    """A distribution's fields are read like the headers of a message, for which ``email`` loads more when asked."""
    if m.version >= (3, 13) and "importlib.metadata" in m.modules:
        imports.import_absolute(m, "importlib.metadata._adapters", frame)
    imports.import_absolute(m, "email.parser", frame)
    imports.import_absolute(m, "email.message", frame)


def _read_metadata(field: str) -> Property:
    def read(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
        _parse_metadata(m, frame)
        owner = arguments[0]
        return owner.ns[f"_{field}"] if type(owner) is Instance else Unknown(field)

    return Property(Native(field, read, "importlib.metadata"))


def _distribution_type(m: Machine) -> Class:
    cls = new_type(m, "Distribution", "importlib.metadata")
    cls.is_open = True
    for field in ("version", "name", "metadata"):
        cls.ns[field] = _read_metadata(field)
    cls.ns["entry_points"] = Property(Native("entry_points", _own_entry_points, "importlib.metadata"))
    return cls


def _own_entry_points(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    name = arguments[0].ns.get("_name")
    return entry_points.chosen(m, {}, name) if type(name) is str else Unknown("entry_points")


def _distribution(missing: Value) -> Callable[..., Value]:
    def distribution(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
        name = arguments[0] if arguments else keywords.get("distribution_name")
        if type(name) is not str:
            return Unknown("distribution()")
        found = m.world.knowledge.distribution_version(name)
        if found is None:
            raise _not_found(m, missing, name, frame)
        made = Instance(m.types.get("Distribution") or _distribution_type(m))
        made.ns.update(_version=found, _name=name, _metadata=Unknown("metadata"))
        return made

    return distribution


def _metadata(missing: Value) -> Callable[..., Value]:
    def metadata(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
        _version(missing)(m, frame, arguments, keywords)
        return Unknown("metadata()")

    return metadata


# importlib.resources --------------------------------------------------------------------------------------
def resources(m: Machine, module: Module) -> None:
    """Resources are files beside a package's ``__init__``."""
    module.ns["files"] = Native("files", _files, "importlib.resources")
    module.ns["as_file"] = Native("as_file", _as_file, "importlib.resources")
    module.ns["path"] = Native("path", _resource_path, "importlib.resources")
    for name in ("read_text", "open_text", "read_binary", "open_binary", "contents", "is_resource"):
        module.ns[name] = Native(name, lambda m, f, a, k: Unknown("resource"), "importlib.resources")


def _files(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    package = next(iter([*arguments, *keywords.values()]), frame.globals.get("__name__"))
    module = imports.import_absolute(m, package, frame) if type(package) is str else package
    entries = m.iterate(m.find(module, "__path__", frame, []), frame) if type(module) is Module else None
    if m.version >= (3, 13):
        imports.import_absolute(m, "importlib.resources._adapters", frame)
    if m.version >= (3, 10):
        imports.import_absolute(m, "importlib.readers", frame)
    pathlib = m.modules.get("pathlib")
    if not entries or type(entries[0]) is not str or type(pathlib) is not Module:
        return Unknown("files()")
    return m.call(pathlib.ns["Path"], [entries[0]], {}, frame)


def _as_file(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    made = Instance(m.types.get("resource") or _resource_type(m))
    made.ns[" path"] = arguments[0]
    return made


def _resource_type(m: Machine) -> Class:
    cls = new_type(m, "resource", "importlib.resources")
    cls.ns["__enter__"] = Native("__enter__", lambda m, f, a, k: a[0].ns[" path"], binds=True)
    cls.ns["__exit__"] = Native("__exit__", lambda m, f, a, k: None, binds=True)
    return cls


def _resource_path(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    root = _files(m, frame, arguments[:1], {})
    inner = m.call(m.getattr(root, "joinpath", frame), list(arguments[1:2]), {}, frame)
    return _as_file(m, frame, [inner], {})
