"""What a patch call does: it imports, replaces attributes, and leaves captures stale."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from patchlint.machine import captures, imports
from patchlint.machine.frames import Frame, Raised
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
    """Play one call of a patching library."""
    version = m.world.knowledge.distribution_version(library) or ""
    known = {key: value for key, value in arguments.items() if type(value) in HOST_TYPES}
    replacement = m.world.knowledge.replacement(library, version, m.version[:2], call, known)
    for name in replacement.imports:
        _import(m, name, frame)
    originals: dict[int, str] = {}
    keep: list[Value] = []
    replaced: list[str] = []
    pending: list[tuple[Module, str, Value, bool]] = []
    for patch in replacement.modules:
        module = m.modules.get(patch.module)
        if type(module) is not Module:
            module = _import(m, patch.module, frame)
        if type(module) is not Module:
            continue
        for name in (*patch.replaced, *patch.removed):
            value = module.ns.get(name, MISSING)
            if value is MISSING or (id(value), name) in m.patched_values:
                continue
            replaced.append(f"{patch.module}.{name}")
            pending.append((module, name, value, name in patch.removed))
            if type(value) not in HOST_TYPES and type(value) not in (Module, Unknown):
                originals.setdefault(id(value), f"{patch.module}.{name}")
                keep.append(value)
    m.patched_modules.update(patch.module for patch in replacement.modules)
    m.originals.update({key: value for key, value in originals.items() if key not in m.originals})
    m.kept.extend(keep)
    skipped = (*_OWNERS, library)
    stale = captures.find(m, originals, skipped, frozenset(m.patched_modules))
    if m.possible == 0:
        _replace(m, library, pending)
    m.recorder.patch(
        Patch(
            m.recorder.process,
            library,
            version,
            call,
            tuple((key, _shown(value)) for key, value in arguments.items()),
            location or frame.location,
            tuple(replaced),
            tuple(stale),
            m.recorder.certainty(),
            frame.trail,
            by_launcher,
        )
    )


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


def _replace(m: Machine, library: str, pending: list[tuple[Module, str, Value, bool]]) -> None:
    """Put in place what the library puts there."""
    for module, name, value, removed in pending:
        if removed:
            module.ns.pop(name, None)
            continue
        new = _replacement(m, library, module.name, name, value)
        module.ns[name] = new
        m.patched_values.add((id(new), name))
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
    apply(m, library, call, given, frame, by_launcher=not m.is_first_party(frame.path))
    return None


GEVENT_FUNCTIONS = tuple(
    f"patch_{part}"
    for part in ("all", "os", "time", "thread", "socket", "dns", "select", "selectors", "ssl", "subprocess")
    + ("builtins", "signal", "queue", "sys", "contextvars")
)
"""The functions of ``gevent.monkey`` that patch."""
