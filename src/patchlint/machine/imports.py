"""The import system: reference 5, and ``importlib._bootstrap`` where that is silent."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from patchlint.machine.frames import Frame, OutOfBudget, Raised
from patchlint.machine.values import (
    GAP,
    MISSING,
    Choice,
    Class,
    Function,
    Instance,
    Module,
    Native,
    OpaqueCall,
    Unknown,
    Value,
    has_unknown_key,
)
from patchlint.model import operations as op
from patchlint.model.errors import SourceError
from patchlint.model.names import absolute, parent_of
from patchlint.model.operations import Node

if TYPE_CHECKING:
    from patchlint.machine.core import Machine
    from patchlint.model.events import ModuleKind
    from patchlint.sources.finder import Found


# Statements -------------------------------------------------------------------------------------------
def import_statement(m: Machine, node: Node, frame: Frame) -> None:
    """7.11 ``import a.b`` binds ``a``; ``import a.b as c`` binds ``a.b``."""
    if m.possible and unlikely(m, node, frame):
        for name, alias in node[2]:
            m.store(alias or name.partition(".")[0], Unknown(name), frame)
        return
    for name, alias in node[2]:
        top = import_name(m, name, 0, True, frame)
        if alias is None:
            m.store(name.partition(".")[0], top, frame)
            continue
        value = top
        for part in name.split(".")[1:]:
            value = imported_attribute(m, value, part, frame)
        m.store(alias, value, frame)


def unlikely(m: Machine, node: Node, frame: Frame) -> bool:
    """Whether an import is on a way that a library's function is not expected to take.

    An import inside a library's function, behind a test that cannot be decided, is there to be late:
    it is for a platform, an option or a type that this program may never meet.  It is told as opaque,
    not played, unless the module is there already.
    """
    if frame.function is None or m.is_first_party(frame.path):
        return False
    names = [name for name, _ in node[2]] if node[0] == op.IMPORT else [node[2]]
    try:
        full = [resolve(m, name, node[3], frame) if node[0] == op.IMPORT_FROM and node[3] else name for name in names]
    except Raised:
        return False
    return any(name not in m.modules for name in full)


def import_from_statement(m: Machine, node: Node, frame: Frame) -> None:
    """7.11 The from form: attributes first, then submodules."""
    _, _, name, level, aliases = node
    if m.possible and unlikely(m, node, frame):
        for attribute, alias in aliases:
            m.store(alias or attribute, Unknown(f"{name}.{attribute}"), frame)
        return
    module = import_name(m, name, level, False, frame)
    handle_from_list(m, module, [attribute for attribute, _ in aliases], frame)
    if aliases[0][0] == "*":
        import_star(m, module, frame)
        return
    for attribute, alias in aliases:
        value = imported_attribute(m, module, attribute, frame)
        _note_the_same(value, frame.locals.get(alias or attribute))
        m.store(alias or attribute, value, frame)


def handle_from_list(m: Machine, module: Value, names: list[Value], frame: Frame) -> None:
    """``_handle_fromlist``: names that a package does not have may be submodules, which are imported first."""
    if m.find(module, "__path__", frame) is MISSING:
        return
    for name in names:
        if name == "*":
            listed = m.find(module, "__all__", frame)
            every = () if listed is MISSING else m.iterate(listed, frame) or ()
            handle_from_list(m, module, [each for each in every if each != "*"], frame)
        elif type(name) is str and not _has(m, module, name, frame):
            _import_listed(m, module, name, frame)


def _has(m: Machine, module: Value, name: str, frame: Frame) -> bool:
    """Whether a package surely has an attribute; where its attributes are not all known, a submodule may be meant."""
    value = m.find(module, name, frame)
    return value is not MISSING and not (type(value) is Unknown and type(module) is Module and module.is_open)


def _import_listed(m: Machine, package: Value, name: str, frame: Frame) -> None:
    """Import a submodule if there is one, as ``import package.submodule`` would: its top package has to be there."""
    own = m.find(package, "__name__", frame)
    if type(own) is not str:
        return
    full = f"{own}.{name}"
    try:
        with m.nesting.deeper(m.nesting.frames.listed):
            import_absolute(m, full, frame)
            import_absolute(m, full.partition(".")[0], frame)
    except Raised as raised:
        is_absent = m.is_error(raised, "ModuleNotFoundError") and m.error_name(raised) == full
        if not is_absent or m.modules.get(full, MISSING) is None:
            raise


def imported_attribute(m: Machine, module: Value, name: str, frame: Frame) -> Value:
    """``from module import name``: an attribute, else what ``sys.modules`` has of that name, in a cycle of imports."""
    value = m.find(module, name, frame)
    if value is MISSING:
        own = m.find(module, "__name__", frame)
        value = m.modules.get(f"{own}.{name}", MISSING) if type(own) is str else MISSING
    if value is MISSING:
        raise _no_such_name(m, module, name, frame)
    return value


def _no_such_name(m: Machine, module: Value, name: str, frame: Frame) -> Raised:
    """What the statement raises: in ``name`` and ``path`` it has the module's, not the name that is missing."""
    own, path = (m.find(module, asked, frame, None) for asked in ("__name__", "__file__"))
    place = path if type(path) is str else "unknown location"
    known = own if type(own) is str else "<unknown module name>"
    text = f"cannot import name '{name}' from '{known}' ({place})"
    if type(module) is Module and module.executing:
        text = (
            f"cannot import name '{name}' from partially initialized module '{known}' "
            f"(most likely due to a circular import) ({place})"
        )
    more = {"name_from": name} if m.version >= (3, 12) else {}
    return m.error("ImportError", text, name=own, path=path, **more)


def import_star(m: Machine, module: Value, frame: Frame) -> None:
    """7.11 ``from module import *``: the names of ``__all__``, else the public ones."""
    if type(module) is not Module:
        _star_of_object(m, module, frame)
        return
    listed = m.find(module, "__all__", frame)
    names = None if listed is MISSING else m.iterate(listed, frame)
    if names is None:
        names = [name for name in list(module.ns) if type(name) is str and not name.startswith("_")]
        if module.is_open and (listed is not MISSING or module.kind != "extension"):
            _may_hold_more(frame)
    is_foreign = module.is_open and module.kind == "extension" and not m.is_known_extension(module.name)
    if is_foreign or has_unknown_key(module.ns) or any(type(name) is not str for name in names):
        _may_hold_more(frame)
    for name in names:
        if type(name) is str:
            value = m.getattr(module, name, frame)
            _note_the_same(value, frame.locals.get(name))
            m.store(name, value, frame)


def _note_the_same(value: Value, before: Value) -> None:
    """A function in C is bound where one in Python was: it does the same, faster.

    ``bisect``, ``heapq``, ``statistics`` and others define their functions before they import those in C over them.
    """
    if type(value) is Native and type(value.call) is OpaqueCall and type(before) is Function:
        value.call.same = value.call.same or before


def _star_of_object(m: Machine, value: Value, frame: Frame) -> None:
    """The star form where ``sys.modules`` holds something that is no module."""
    listed = m.find(value, "__all__", frame)
    names = m.find(value, "__dict__", frame) if listed is MISSING else listed
    if names is MISSING:
        raise m.error("ImportError", "from-import-* object has no __dict__ and no __all__")
    items = m.iterate(names, frame)
    if items is None or any(type(name) is not str for name in items):
        _may_hold_more(frame)
    for name in items or ():
        if type(name) is str and not (listed is MISSING and name.startswith("_")):
            m.store(name, m.getattr(value, name, frame), frame)


def _may_hold_more(frame: Frame) -> None:
    """Names that are not known were bound: the namespace says so wherever it is copied to."""
    frame.module.is_open = True
    namespace: dict[Any, Value] = frame.globals
    namespace.setdefault(GAP, GAP)


# The algorithm ------------------------------------------------------------------------------------------
def import_name(m: Machine, name: str, level: int, want_top: bool, frame: Frame) -> Value:
    """``__import__``: answers the top package for ``import a.b``, the module itself for the from form."""
    if frame.module.kind == "extension" and name.partition(".")[0] == "cython":
        return _directives(frame.module)
    hook = m.builtins.get("__import__")
    if hook is not m.native_import and hook is not None:
        return m.call(hook, [name, frame.globals, frame.locals, () if want_top else ("x",), level], {}, frame)
    if level:
        name = resolve(m, name, level, frame)
    module = import_absolute(m, name, frame)
    return import_absolute(m, name.partition(".")[0], frame) if want_top and "." in name else module


def _directives(importer: Module) -> Module:
    """What compiled source imports ``cython`` for: directives to the compiler, which leave nothing behind.

    Functions of such a source compute with the types of C.
    """
    importer.is_c = True
    made = Module("cython", is_open=True)
    made.ns.update({"__name__": "cython", "compiled": True})
    return made


def resolve(m: Machine, name: str, level: int, frame: Frame) -> str:
    """5.7 Package relative imports."""
    package = package_of(frame)
    try:
        return absolute(package, level, name)
    except ValueError as error:
        raise m.error("ImportError", str(error)) from None


def package_of(frame: Frame) -> str:
    """5.4.5 ``__package__`` and what stands in for it."""
    package = frame.globals.get("__package__")
    if type(package) is str:
        return package
    name = frame.globals.get("__name__")
    if type(name) is not str:
        return ""
    return name if "__path__" in frame.globals else parent_of(name)


def import_absolute(m: Machine, name: str, frame: Frame, by_function: bool = False) -> Value:
    """5.3 The module cache first, then the parent, then the finders.

    A statement imports parents by ``__import__``, which answers their top package, and so looks for that one again;
    ``by_function`` is ``importlib.import_module``, which does not.
    """
    known = m.modules.get(name, MISSING)
    if known is not MISSING:
        if known is None:
            raise m.error("ModuleNotFoundError", f"import of {name} halted; None in sys.modules", name=name)
        m.imported_again(known, frame)
        return known
    parent_name = parent_of(name)
    if not parent_name:
        return find_and_load(m, name, None, frame)
    is_new = parent_name not in m.modules
    with m.nesting.deeper(m.nesting.frames.parent):
        parent = import_absolute(m, parent_name, frame, by_function)
    m.imported_again(parent, frame)
    top, _, rest = parent_name.partition(".")
    if rest and is_new and not by_function and type(m.modules.get(top)) is not Module:
        import_absolute(m, top, frame)
    if name in m.modules:
        return m.modules[name]
    path = path_of(m, m.modules[parent_name], frame)
    if path is MISSING and _may_be_made_in_c(m, m.modules[parent_name], name):
        return open_module(m, name, "extension", m.modules[parent_name].file)
    if path is MISSING:
        raise m.error("ModuleNotFoundError", f"No module named '{name}'; '{parent_name}' is not a package", name=name)
    module = find_and_load(m, name, path, frame)
    _bind_in_parent(m, parent_name, name.rpartition(".")[2], module, frame)
    return module


def _may_be_made_in_c(m: Machine, parent: Value, name: str) -> bool:
    """Whether an extension module may have put another one into ``sys.modules``: its file has its name."""
    is_open = type(parent) is Module and parent.kind == "extension" and parent.is_open
    shown = (name, f"PyInit_{name.rpartition('.')[2]}")
    return is_open and any(m.world.knowledge.mentions(parent.file, one) for one in shown)


def path_of(m: Machine, package: Value, frame: Frame) -> Value:
    """5.2.2 ``__path__``; that of a namespace package follows the path that its portions were found on."""
    path = m.find(package, "__path__", frame)
    if type(package) is not Module or package.kind != "namespace" or type(path) is not list:
        return path
    parent = parent_of(package.name)
    if parent and parent not in m.modules:
        raise m.error("KeyError", parent)
    above = path_of(m, m.modules[parent], frame) if parent else None
    if above is MISSING:
        raise m.error("AttributeError", f"{parent} has no attribute '__path__'")
    found = m.locate(package.name, above, frame)
    if found is not None and found.kind == "namespace":
        path[:] = found.search
    return path


def _bind_in_parent(m: Machine, parent_name: str, child: str, module: Value, frame: Frame) -> None:
    """5.4.2 A submodule becomes an attribute of what is its parent by now."""
    parent = m.modules.get(parent_name, MISSING)
    if type(parent) is Module:
        parent.ns[child] = module
    elif parent is MISSING:
        raise m.error("KeyError", parent_name)
    else:
        try:
            m.setattr(parent, child, module, frame)
        except Raised as raised:
            if not m.is_error(raised, "AttributeError"):
                raise


def find_and_load(m: Machine, name: str, path: Value, frame: Frame) -> Value:
    """5.3.1 Ask the program's own finders and the path, in the order of ``sys.meta_path``."""
    if m.nesting.is_full(m.depth):
        raise m.error("RecursionError", "maximum recursion depth exceeded")
    for finder in list(m.meta_path):
        if type(finder) in (Instance, Class) and finder not in m.own_finders:
            module = custom_load(m, finder, name, path, frame)
            if module is not MISSING:
                return module
        elif finder is m.path_finder:
            found = m.locate(name, path, frame)
            if found is not None:
                return load(m, found, frame)
    if m.path_finder not in m.meta_path:
        found = m.locate(name, path, frame)
        if found is not None:
            return load(m, found, frame)
    if name.partition(".")[0] in m.world.assumed:
        return assume(m, name, frame)
    m.missing.append((name, frame))
    raise m.error("ModuleNotFoundError", f"No module named '{name}'", name=name)


def assume(m: Machine, name: str, frame: Frame) -> Module:
    """A module that is not installed where we look, and must be where the program runs."""
    module = open_module(m, name)
    module.ns["__path__"] = []
    if name in m.stand_ins:
        m.stand_ins[name](m, module)
    if "." not in name:
        m.recorder.opaque("module", f"{name} cannot be found, and is taken for installed", frame)
    return module


def open_module(m: Machine, name: str, kind: ModuleKind = "source", file: str | None = None) -> Module:
    """A module of which nothing but the name is known."""
    module = m.modules[name] = Module(name, file, kind=kind)
    module.ns.update({"__name__": name, "__spec__": Unknown("__spec__")})
    module.is_open = True
    return module


def custom_load(m: Machine, finder: Value, name: str, path: Value, frame: Frame) -> Value:
    """5.3.4 A finder of the program: ``find_spec`` and the loader it names, else ``find_module``.

    Where it cannot be decided whether the finder answers, the next one is asked.
    """
    method = m.find(finder, "find_spec", frame)
    if method is not MISSING:
        spec = m.call(method, [name, path, None], {}, frame)
        if spec is None or type(spec) in (Unknown, Choice):
            return MISSING
        return load_spec(m, spec, name, frame)
    method = m.find(finder, "find_module", frame)
    if method is MISSING or m.version >= (3, 12):
        return MISSING
    loader = m.call(method, [name, path], {}, frame)
    if loader is None or type(loader) in (Unknown, Choice):
        return MISSING
    module = m.call(m.getattr(loader, "load_module", frame), [name], {}, frame)
    return m.modules.get(name, module)


def load_spec(m: Machine, spec: Value, name: str, frame: Frame) -> Value:
    """5.4 Loading, by a loader of the program; one that is not known is taken to load what was found."""
    loader = m.find(spec, "loader", frame, None)
    found: Any = getattr(spec, "payload", MISSING)
    if hasattr(found, "kind") and (_is_importlibs(loader) or type(m.find(loader, "exec_module", frame)) is Unknown):
        return load(m, found, frame)
    if loader is None or loader is MISSING:
        if m.find(spec, "submodule_search_locations", frame, None) is None:
            raise m.error("ImportError", "missing loader", name=name)
        m.modules[name] = m.new_module(name, spec, frame)
        return m.modules[name]
    create = m.find(loader, "create_module", frame)
    module = None if create is MISSING else m.call(create, [spec], {}, frame)
    if module is None or type(module) is Unknown:
        module = m.new_module(name, spec, frame)
    m.modules[name] = module
    execute = m.find(loader, "exec_module", frame)
    m.setattr(spec, "_initializing", True, frame)
    try:
        if execute is not MISSING:
            m.call(execute, [module], {}, frame)
        else:
            m.call(m.getattr(loader, "load_module", frame), [name], {}, frame)
    except Raised:
        m.modules.pop(name, None)
        raise
    finally:
        m.setattr(spec, "_initializing", False, frame)
    return m.modules.get(name, module)


def _is_importlibs(loader: Value) -> bool:
    return type(loader) is not Instance or loader.cls.module.startswith("importlib")


def load(m: Machine, found: Found, frame: Frame) -> Value:
    """5.4 Create the module, enter it in the cache, execute it, and take it out again if that raises."""
    module = create_module(m, found)
    m.modules[found.name] = module
    trail = m.record_module(module, frame)
    record = module.record
    spec = module.ns["__spec__"]
    spec.ns["_initializing"] = True
    try:
        execute_module(m, module, found, frame, trail)
    except Raised:
        m.modules.pop(found.name, None)
        record.failed = True
        raise
    finally:
        spec.ns["_initializing"] = False
    return loaded(m, found.name)


def loaded(m: Machine, name: str) -> Value:
    """5.4 What an import answers is what ``sys.modules`` has then, not what was executed."""
    if name not in m.modules:
        raise m.error("KeyError", name)
    return m.modules[name]


def create_module(m: Machine, found: Found) -> Module:
    """5.4.5 Import-related module attributes."""
    module = Module(found.name, found.path, found.kind, is_open=found.kind in ("extension", "builtin"))
    describe(m, module, found)
    return module


def describe(m: Machine, module: Module, found: Any) -> None:
    """5.4.5 Set the import-related attributes."""
    ns = module.ns
    module.file, module.kind = found.path, found.kind
    ns["__name__"] = found.name
    ns["__doc__"] = None
    ns["__package__"] = found.name if found.is_package else parent_of(found.name)
    spec = m.make_spec(found)
    ns["__loader__"] = spec.ns["loader"]
    ns["__spec__"] = spec
    if found.path is not None:
        ns["__file__"] = found.path
        if found.kind == "source":
            ns["__cached__"] = None
    if found.is_package:
        ns["__path__"] = list(found.search) if found.search else [os.path.dirname(found.path or "")]


def execute_module(m: Machine, module: Module, found: Found, frame: Frame, record: Any) -> None:
    """Execute what a module consists of: its source, or what is known of its C code."""
    if found.kind == "namespace":
        return
    if found.kind in ("extension", "builtin") or (found.path is None and found.kind == "frozen"):
        m.execute_extension(module, record)
        return
    execute_file(m, module, str(found.path), record)


def execute_file(m: Machine, module: Module, path: str, record: Any) -> None:
    """Execute a source file, and put in what the machine knows better of the standard library."""
    native = m.native_modules.get(module.name) if m.in_stdlib(path) else None
    execute_source(m, module, path, record)
    if native is not None:
        native(m, module)


def execute_source(m: Machine, module: Module, path: str, record: Any) -> None:
    """Execute a source file in a module's namespace, into which ``exec`` puts the built-in names."""
    module.ns.setdefault("__builtins__", m.builtins)
    try:
        summary = m.summary(path)
    except SourceError as error:
        m.unreadable(error, record)
        if "syntax error" in error.reason:
            raise m.error("SyntaxError", error.reason) from None
        module.is_open = True
        return
    if summary is None:
        module.is_open = True
        return
    module.ns["__doc__"] = summary.doc
    module.lazy_annotations = summary.lazy_annotations
    module.executing = True
    inner = Frame(module, module.ns, None, module.name)
    inner.path = path
    inner.lines = module.lines
    inner.trail_ = record
    run_statements(m, summary.body, inner)
    module.executing = False


def run_statements(m: Machine, body: list[Node], frame: Frame) -> None:
    """Execute a module's statements, each with a budget and call depth of its own."""
    from patchlint.machine.statements import STATEMENTS

    budget = m.budget * 8 if m.is_first_party(frame.path) else m.budget
    saved = m.remaining, m.depth, m.journal, m.forks, m.cuts.allowance, m.cuts.is_done, m.active
    nesting = m.nesting
    frames = m.depth + (nesting.frames.load if nesting.modules else 1)
    m.depth, m.journal, m.active = 0, None, {}
    nesting.modules += 1
    nesting.beneath += frames
    try:
        for node in body:
            m.steps += 1
            m.remaining = m.cuts.allowance = budget
            m.cuts.is_done = False
            m.forks = 0
            frame.line = node[1]
            try:
                STATEMENTS[node[0]](m, node, frame)
            except (OutOfBudget, RecursionError):
                m.gave_up(frame, node)
            except Raised as raised:
                raised.place = raised.place or frame.location
                if m.possible or m.is_caught(raised):
                    raise
                m.survive(raised, frame, node)
            except (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
                m.failed_on(error, frame, node)
    finally:
        nesting.modules -= 1
        nesting.beneath -= frames
        m.remaining, m.depth, m.journal, m.forks, m.cuts.allowance, m.cuts.is_done, m.active = saved
