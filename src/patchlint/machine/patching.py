"""What a patch call does: it imports, replaces attributes, and leaves captures stale."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from patchlint.machine import captures, imports
from patchlint.machine.frames import Frame, OutOfBudget, Raised
from patchlint.machine.values import HOST_TYPES, MISSING, Class, Function, Module, Native, Unknown, Value
from patchlint.model.events import Patch
from patchlint.model.location import Location

if TYPE_CHECKING:
    from patchlint.machine.core import Machine

_OWNERS = (
    "gevent",
    "greenlet",
    "_socket",
    "_ssl",
    "_thread",
    "_queue",
    "_posixsubprocess",
    "_signal",
    "posix",
    "select",
)
"""Modules whose references to the originals are not captures: the library's own, and those in C
that the originals come from."""


def apply(
    m: Machine,
    library: str,
    call: str,
    arguments: Mapping[str, Value],
    frame: Frame,
    location: Location | None = None,
    by_launcher: bool = False,
) -> None:
    """Play one call of a patching library: its imports, what it replaces, and what that leaves stale."""
    version = m.world.knowledge.distribution_version(library) or ""
    known = {key: value if type(value) in HOST_TYPES else Unknown(key) for key, value in arguments.items()}
    replacement = m.world.knowledge.replacement(library, version, m.version[:2], call, known)
    for name in replacement.first:
        _import(m, name, frame)
    originals: dict[int, str] = {}
    targets: list[_Target] = []
    for patch in replacement.modules:
        found = _targets(m, patch, frame)
        _note_originals(m, found, originals)
        targets += found
        m.patched_modules.add(patch.module)
        if m.possible == 0:
            _replace(m, library, found)
            if library == "gevent" and patch.module == "threading" and _searches(patch.replaced, known):
                _look_at_all_objects(m, frame)
    if m.possible == 0:
        _repair(m, library, replacement)
    stale = captures.find(m, originals, (*_OWNERS, library), frozenset(m.patched_modules))
    m.recorder.add(
        Patch(
            m.recorder.process,
            library,
            version,
            call,
            tuple((key, _shown(value)) for key, value in arguments.items()),
            location or frame.location,
            tuple(f"{t.module.name}.{t.name}" for t in targets if not t.removed),
            tuple(stale),
            m.recorder.certainty(),
            frame.trail,
            by_launcher,
            tuple(f"{t.module.name}.{t.name}" for t in targets if t.removed),
        )
    )


@dataclass(frozen=True, slots=True)
class _Target:
    """One attribute that a call replaces or removes, and what it holds until then."""

    module: Module
    name: str
    value: Value
    removed: bool


def _targets(m: Machine, patch: Any, frame: Frame) -> list[_Target]:
    """What one module's patch changes; a module that nobody imported may be left alone."""
    if patch.if_loaded and patch.module not in m.modules:
        return []
    for name in patch.imports:
        _import(m, name, frame)
    module = _import(m, patch.module, frame)
    if type(module) is not Module:
        return []
    wanted = [(name, False) for name in patch.replaced] + [(name, True) for name in patch.removed]
    found = ((name, module.ns.get(name, MISSING), removed) for name, removed in wanted)
    return [
        _Target(module, name, value, removed)
        for name, value, removed in found
        if value is not MISSING and (id(value), name) not in m.patched_values
    ]


def _note_originals(m: Machine, targets: list[_Target], originals: dict[int, str]) -> None:
    """What is looked for among captures, by identity; the first name under which it is saved counts."""
    for target in targets:
        if type(target.value) not in HOST_TYPES and type(target.value) not in (Module, Unknown):
            originals.setdefault(id(target.value), f"{target.module.name}.{target.name}")
            m.kept.append(target.value)


def _searches(replaced: tuple[str, ...], arguments: Mapping[str, Value]) -> bool:
    """Whether locks that exist already are looked for: ``patch_thread(threading=True, existing_locks=True)``."""
    return "Lock" in replaced and arguments.get("existing_locks", arguments.get("existing", True)) is not False


def _look_at_all_objects(m: Machine, frame: Frame) -> None:
    """gevent looks for locks among all objects: ``isinstance`` asks each for its ``__class__``.

    An object that stands for another one, and loads it when it is first used, is made to do so.
    Source: ``gevent/monkey/_patch_thread_common.py``, ``_patch_existing_locks``.
    """
    modules = [module for module in m.modules.values() if type(module) is Module]
    saved = m.remaining
    for value in (*m.disguised, *modules):
        m.remaining = m.budget
        try:
            m.find(value, "__class__", frame)
        except (Raised, OutOfBudget):
            continue
    m.remaining = saved


def _repair(m: Machine, library: str, replacement: Any) -> None:
    """gevent puts a lock of its own where ``concurrent.futures`` keeps one for its fork handlers.

    Source: ``gevent/monkey/_patch_thread_common.py``, ``_patch_global_shutdown_lock``, since 26.8.
    """
    module = m.modules.get("concurrent.futures.thread")
    if type(module) is Module and "concurrent.futures.thread" in replacement.imports:
        module.ns["_global_shutdown_lock"] = Unknown(f"{library} lock")


def _shown(value: Value) -> str:
    return repr(value) if type(value) in HOST_TYPES else "?"


def _import(m: Machine, name: str, frame: Frame) -> Value:
    known = m.modules.get(name)
    if known is not None:
        return known
    try:
        return imports.import_absolute(m, name, frame)
    except Raised:
        return None


def _replace(m: Machine, library: str, targets: list[_Target]) -> None:
    """Put in place what the library puts there."""
    for target in targets:
        if target.removed:
            target.module.ns.pop(target.name, None)
            continue
        new = _replacement(m, library, target.module.name, target.name, target.value)
        target.module.ns[target.name] = new
        m.patched_values.add((id(new), target.name))
        m.kept.append(new)


_HOMES = {"_thread": "thread", "threading": "threading", "_threading_local": "local", "socket": "socket"}


def _replacement(m: Machine, library: str, module: str, name: str, value: Value) -> Value:
    home = m.modules.get(f"{library}.{_HOMES.get(module, module)}")
    own = home.ns.get(name, MISSING) if type(home) is Module else MISSING
    if type(own) in (Class, Function) and own is not value:
        return own
    if type(value) is Class:
        made = Class(value.name, library, (m.types["object"],))
        made.mro = (made, m.types["object"])
        made.metaclass = m.types["type"]
        made.is_open = True
        return made
    if type(value) in (Function, Native):
        return Native(name, lambda m, frame, arguments, keywords: Unknown(f"{module}.{name}()"), library)
    return Unknown(f"{library} {module}.{name}") if type(value) not in HOST_TYPES else value


_LAUNCHERS = frozenset(("gunicorn", "celery", "nameko", "dramatiq", "chaussette"))
"""Packages that patch because their user asked them to; any other library's call is like the program's own."""


# Calls in the program ---------------------------------------------------------------------------------
def gevent_call(
    m: Machine, function: Function, arguments: list[Value], keywords: dict[str, Value], frame: Frame
) -> Any:
    """A function of ``gevent.monkey`` called by the program; MISSING for a namesake of another library."""
    if not function.module.name.startswith("gevent.monkey"):
        return MISSING
    return _called(m, "gevent", f"gevent.monkey.{function.name}", function, arguments, keywords, frame)


def eventlet_call(
    m: Machine, function: Function, arguments: list[Value], keywords: dict[str, Value], frame: Frame
) -> Any:
    """``eventlet.monkey_patch``."""
    if not function.module.name.startswith("eventlet"):
        return MISSING
    return _called(m, "eventlet", "eventlet.monkey_patch", function, arguments, keywords, frame)


def green_ident(
    m: Machine, function: Function, arguments: list[Value], keywords: dict[str, Value], frame: Frame
) -> Any:
    """``get_ident`` of a patching library: the main greenlet's, which is not the main thread's."""
    return _MAIN_GREENLET if function.module.name.partition(".")[0] in ("gevent", "eventlet") else MISSING


_MAIN_GREENLET = 2


def _called(
    m: Machine,
    library: str,
    call: str,
    function: Function,
    arguments: list[Value],
    keywords: dict[str, Value],
    frame: Frame,
) -> Value:
    names = function.node[3]
    given = dict(zip(names, arguments, strict=False))
    given.update({key: value for key, value in keywords.items() if key != "**"})
    apply(m, library, call, given, frame, by_launcher=frame.module.name.partition(".")[0] in _LAUNCHERS)
    return None


GEVENT_FUNCTIONS = tuple(
    f"patch_{part}"
    for part in ("all", "os", "time", "thread", "socket", "dns", "select", "selectors", "ssl", "subprocess")
    + ("builtins", "signal", "queue", "sys", "contextvars")
)
"""The functions of ``gevent.monkey`` that patch."""


# A library that is not installed where we look --------------------------------------------------------
def stand_in(m: Machine, module: Module) -> None:
    """Give a module of a patching library that cannot be found its patch functions: what they do is in our tables."""
    for path in m.world.knowledge.patch_calls(module.name.partition(".")[0]):
        owner, _, name = path.rpartition(".")
        if owner == module.name:
            module.ns[name] = Native(name, functools.partial(_stand_in_called, path), module.name)


def _stand_in_called(call: str, m: Machine, frame: Frame, arguments: list[Value], keywords: dict[str, Value]) -> Value:
    """The order of the parameters is not known here, so what stands at a place is any of the keywords."""
    given = {**keywords, "**": Unknown("arguments")} if arguments else keywords
    apply(m, call.partition(".")[0], call, given, frame)
    return None
