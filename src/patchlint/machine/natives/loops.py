"""asyncio's event loops: what they run is played here and now, on a loop that says that it is running."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from patchlint.machine import imports
from patchlint.machine.frames import Frame, Raised
from patchlint.machine.values import Class, Coroutine, Instance, Module, Native, Unknown, Value

if TYPE_CHECKING:
    from patchlint.machine.core import Machine

Arguments = list[Value]
Keywords = dict[str, Value]


def runners(m: Machine, module: Module) -> None:
    """``asyncio.run`` makes a loop of its own, and ends what that started."""
    module.ns["run"] = Native("run", _run_alone, "asyncio.runners")


def events(m: Machine, module: Module) -> None:
    """Which loop is running."""
    module.ns["_get_running_loop"] = Native("_get_running_loop", _running, "asyncio.events")
    module.ns["get_running_loop"] = Native("get_running_loop", _running_or_error, "asyncio.events")


def adjust_runner(m: Machine, cls: Class) -> None:
    """``asyncio.Runner``: as ``asyncio.run``."""
    cls.ns["run"] = Native("run", _run_by_runner, "asyncio.runners", binds=True)
    for name in ("_lazy_init", "close"):
        cls.ns[name] = Native(name, _nothing, "asyncio.runners", binds=True)


def adjust_loop(m: Machine, cls: Class) -> None:
    """A loop that runs until a coroutine is complete runs it here and now; one that runs forever has started."""
    for name, call in (
        ("run_until_complete", _run_by_loop),
        ("run_forever", _nothing),
        ("run_in_executor", _run_in_executor),
        ("call_soon_threadsafe", _call_soon),
    ):
        cls.ns[name] = Native(name, call, "asyncio.base_events", binds=True)


def _nothing(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> None:
    return None


def _running(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    return m.running_loop


def _running_or_error(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    if m.running_loop is None:
        raise m.error("RuntimeError", "no running event loop")
    return m.running_loop


def _run_alone(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    loop = _plain_loop(m, frame)
    try:
        return _run_on(m, loop, arguments[0] if arguments else None)
    finally:
        _shut_down(m, loop, frame)


def _run_by_runner(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    return _run_alone(m, frame, arguments[1:], keywords)


def _run_by_loop(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    return _run_on(m, arguments[0], arguments[1] if len(arguments) > 1 else None)


def _run_on(m: Machine, loop: Value, main: Value) -> Value:
    return _on(m, loop, main.run) if type(main) is Coroutine else Unknown("run()")


def _on(m: Machine, loop: Value, action: Callable[[], Value]) -> Value:
    saved, m.running_loop = m.running_loop, loop
    try:
        return action()
    finally:
        m.running_loop = saved


def _plain_loop(m: Machine, frame: Frame) -> Value:
    """A loop without the selector and the sockets that a real one opens: they are closed again when it has run."""
    base = _class_in(m, "asyncio.base_events", "BaseEventLoop")
    cls = _class_in(m, "asyncio.unix_events", "SelectorEventLoop") or base
    if base is None or cls is None:
        return Unknown("loop")
    loop = Instance(cls)
    with suppress(Raised):
        m.call(m.bound(base.ns["__init__"], loop, base, frame), [], {}, frame)
    return loop


def _class_in(m: Machine, module: str, name: str) -> Class | None:
    found = m.modules.get(module)
    cls: Value = found.ns.get(name) if type(found) is Module else None
    return cls if type(cls) is Class else None


def _shut_down(m: Machine, loop: Value, frame: Frame) -> None:
    """``loop.shutdown_default_executor()``, which both runners await."""
    executor = loop.ns.get("_default_executor") if type(loop) is Instance else None
    if type(executor) is Instance:
        with suppress(Raised):
            m.call(m.getattr(executor, "shutdown", frame), [], {}, frame)


def _run_in_executor(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    """The executor is the given one, or the loop's own, which is made when it is first needed."""
    loop, executor, *task = [*arguments, *keywords.values()]
    if executor is None:
        executor = _default_executor(m, loop, frame)
    m.call(m.getattr(executor, "submit", frame), task, {}, frame)
    return Unknown("run_in_executor()")


def _call_soon(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    """What another thread has the loop call: it is called now."""
    if len(arguments) > 1:
        _on(m, arguments[0], lambda: m.call(arguments[1], arguments[2:], {}, frame))
    return Unknown("call_soon_threadsafe()")


def _default_executor(m: Machine, loop: Instance, frame: Frame) -> Value:
    executor = loop.ns.get("_default_executor")
    if executor is None:
        futures = imports.import_absolute(m, "concurrent.futures.thread", frame)
        executor = m.call(m.getattr(futures, "ThreadPoolExecutor", frame), [], {}, frame)
        m.bind(loop.ns, "_default_executor", executor)
    return executor
