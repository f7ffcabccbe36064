"""Threads, schedulers and processes: their creation and start are events, what a thread runs is played.

Which calls start what is a table (``knowledge/starters.py``); here its calls are recognised.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from patchlint.knowledge.starters import IMPORT, Starter, starters
from patchlint.machine import alone, children, greenlets
from patchlint.machine.frames import EndOfPlay, Frame, OutOfBudget, Raised
from patchlint.machine.values import MISSING, Class, Function, Instance, Module, Native, Unknown, Value
from patchlint.model.events import Forgotten, Started
from patchlint.model.location import Trail

if TYPE_CHECKING:
    from patchlint.machine.core import Machine

Arguments = list[Value]
Keywords = dict[str, Value]

_NUMBER = re.compile(r"#\d+")
"""What tells two greenlets of one path apart."""

_EXECUTOR = "concurrent.futures.thread.ThreadPoolExecutor"
"""Whose tasks are played."""

THREAD_BUDGET = 4000
"""Operations of a thread's target that are played: enough to patch, to import, to start another."""


def install(m: Machine) -> None:
    """Recognise the methods and functions of the table when they are called."""
    table = starters()
    names = {method for starter in table.by_name.values() for method in starter.stages}
    names |= {call.rpartition(".")[2] for call, (_, method) in table.by_call.items() if not method}
    for name in names - {"", "__init__", IMPORT}:
        m.intercepts.setdefault(name, called)


def starter_of(m: Machine, cls: Class) -> Starter | None:
    """What the table has on a class, or on one that it derives from."""
    key = id(cls)
    if key not in m.watched:
        m.watched[key] = starters().find(f"{base.module}.{base.qualname}" for base in cls.mro)
        m.kept.append(cls)
    found: Starter | None = m.watched[key]
    return found


def made(m: Machine, starter: Starter, value: Value, keywords: Keywords, frame: Frame) -> None:
    """An instance of a class of the table was made."""
    stage = starter.stage("__init__", keywords)
    if stage is not None and type(value) is Instance:
        tell(m, starter, stage, f"{value.cls.module}.{value.cls.qualname}", value, frame)


def connected(m: Machine, starter: Starter, cls: Class, keywords: Keywords, frame: Frame) -> Value:
    """A class whose instances are connections: nobody answers, so what it does further is not known."""
    return _answer(m, starter, starter.stage("__init__", keywords), f"{cls.module}.{cls.qualname}", frame)


def _answer(m: Machine, starter: Starter, stage: Any, subject: str, frame: Frame) -> Unknown:
    """What a call of the table answers, which is told as what it made."""
    result = Unknown(f"{starter.name}()")
    m.family.running[id(result)] = starter, result
    tell(m, starter, stage, subject, result, frame)
    return result


def tell(m: Machine, starter: Starter, stage: Any, subject: str, value: Value, frame: Frame) -> None:
    """Record the event, unless it happens inside of another one's start."""
    if m.starting or frame.location is None or (starter.own and not m.is_first_party(frame.path)):
        return
    is_patched = starter.what in ("thread", "scheduler") and not starter.native and "threading" in m.patched_modules
    m.recorder.add(
        Started(
            starter.what,
            stage,
            m.recorder.process,
            subject,
            frame.location,
            starter.green or is_patched,
            m.recorder.certainty(),
            frame.trail,
            m.recorder.number_of(value),
            starter.repairs_itself,
            alone.is_alone(frame),
        )
    )


def called(m: Machine, function: Function, arguments: Arguments, keywords: Keywords, frame: Frame) -> Value:
    """A function whose name is in the table was called; MISSING where it is to be followed as usual."""
    owner = arguments[0] if arguments else None
    if type(owner) is Instance:
        starter = starter_of(m, owner.cls)
        if starter is not None and (function.name in starter.stages or _is_thread_s(function)):
            return _method(m, starter, function, owner, arguments, keywords, frame)
    entry = starters().by_call.get(f"{function.module.name}.{function.qualname}")
    if entry is not None and entry[1] == "" and entry[0].stage("", keywords) is not None:
        result = _answer(m, entry[0], entry[0].stage("", keywords), entry[0].name, frame)
        if entry[0].name == greenlets.SPAWN and "after" not in function.name and arguments and not m.possible:
            greenlets.spawned(m, arguments[0], tuple(arguments[1:]), keywords, frame)
        return result
    return MISSING


def unknown_call(m: Machine, function: Unknown, frame: Frame, result: Value) -> None:
    """A class or method of the table that is compiled, so that only its name is known."""
    entry = starters().by_call.get(_NUMBER.sub("", function.path).replace("()", "").replace(":", "."))
    if entry is not None:
        stage = entry[0].stage(entry[1])
        if entry[1].startswith("start") and type(function.owner) is Unknown:  # a method of what was made before
            result = function.owner
        if stage == "started":
            m.family.running[id(result)] = entry[0], result
        if stage is not None and not (stage == "ended" and id(function.owner) in m.family.running):
            tell(m, entry[0], stage, entry[0].name, result, frame)


def waited(m: Machine, function: Unknown, arguments: Arguments, keywords: Keywords, frame: Frame) -> None:
    """``greenlet.join()``, ``gevent.joinall(greenlets)``: what compiled code started has ended then."""
    name = function.path.rpartition(".")[2]
    if not m.family.running or keywords.get("timeout") is not None:
        return
    if name in ("joinall", "killall"):
        ended = m.iterate(arguments[0], frame) if arguments else None
    else:
        ended = [function.owner]
    for one in ended or ():
        starter, value = m.family.running.get(id(one), (None, None))
        if starter is not None and (name in ("joinall", "killall") or starter.stages.get(name) == "ended"):
            tell(m, starter, "ended", starter.name, value, frame)


def _method(
    m: Machine,
    starter: Starter,
    function: Function,
    owner: Instance,
    arguments: Arguments,
    keywords: Keywords,
    frame: Frame,
) -> Value:
    if starter.name == _EXECUTOR and function.name == "submit":
        return _submit(m, starter, function, owner, arguments, keywords, frame)
    stage = starter.stage(function.name, keywords)
    is_process = starter.name == "multiprocessing.process.BaseProcess"
    if m.starting and is_process and stage == "started":  # a pool's own: told with the pool
        return remember(m, owner)
    if stage is None and function.name in starter.only_if and not m.starting:  # what starts does nothing that counts
        return _quietly(m, function, arguments, keywords, frame)
    if stage is None or m.starting:
        return _as_thread(m, function, owner)
    tell(m, starter, stage, f"{owner.cls.module}.{owner.cls.qualname}", owner, frame)
    if stage == "ended":  # whoever waits for it goes on
        return None
    if starter.what == "connection":  # nobody answers
        return Unknown(f"{starter.name}.{function.name}()")
    if starter.name in ("threading.Thread", "threading.Timer"):
        return _start_thread(m, owner, frame)
    if is_process:
        return children.start(m, owner, frame)
    if function.module.name.partition(".")[0] == frame.module.name.partition(".")[0]:
        return MISSING  # a library that runs by itself: what its threads do is the program
    return _quietly(m, function, arguments, keywords, frame)


def _as_thread(m: Machine, function: Function, owner: Instance) -> Value:
    """A thread whose start is told as something else's: an observer's, a pool's.  What it runs is not played."""
    return _mark_started(owner, m.thread + 1) if _is_thread_s(function) else MISSING


def _is_thread_s(function: Function) -> bool:
    return function.module.name == "threading" and function.qualname in ("Thread.start", "Thread.join")


def _submit(
    m: Machine,
    starter: Starter,
    function: Function,
    owner: Instance,
    arguments: Arguments,
    keywords: Keywords,
    frame: Frame,
) -> Value:
    """``ThreadPoolExecutor.submit``: the task is played, and its future has the result."""
    tell(m, starter, "started", f"{owner.cls.module}.{owner.cls.qualname}", owner, frame)
    future = _quietly(m, function, arguments, keywords, frame)
    if len(arguments) < 2:
        return future
    saved, m.starting = m.starting, 0
    try:
        result = _in_thread(m, frame, lambda inner: m.call(arguments[1], arguments[2:], keywords, inner))
        m.call(m.getattr(future, "set_result", frame), [result], {}, frame)
    except Raised as raised:
        m.call(m.getattr(future, "set_exception", frame), [raised.value], {}, frame)
    finally:
        m.starting = saved
    return future


def _in_thread(m: Machine, frame: Frame, action: Callable[[Frame], Value]) -> Value:
    """Play what a thread runs, as something that the starting line led to.  Raises Raised."""
    inner = Frame(frame.module, {}, frame, "thread")
    inner.path, inner.line = frame.path, frame.line
    inner.trail_ = Trail(frame.trail, frame.location, "thread", by="thread")
    saved = m.remaining
    m.remaining = min(saved, THREAD_BUDGET)
    try:
        return action(inner)
    except (OutOfBudget, EndOfPlay):
        return Unknown("what a thread returns")
    finally:
        m.remaining = saved


def _quietly(m: Machine, function: Function, arguments: Arguments, keywords: Keywords, frame: Frame) -> Value:
    """Follow a start; the threads inside of it are not told again."""
    m.starting += 1
    try:
        return m.follow(function, arguments, keywords, frame)
    finally:
        m.starting -= 1


def _start_thread(m: Machine, owner: Instance, frame: Frame) -> None:
    """Play what the thread runs, as something that the starting line led to."""
    saved, m.thread = m.thread, m.thread + 1
    active = _active_threads(m)
    active[m.thread] = owner
    _mark_started(owner, m.thread)
    try:
        with suppress(Raised):
            _in_thread(m, frame, lambda inner: m.call(m.getattr(owner, "run", inner), [], {}, inner))
    finally:
        active.pop(m.thread, None)
        m.thread = saved


def _mark_started(owner: Instance, number: int) -> None:
    """What a thread's first steps set."""
    flag = owner.ns.get("_started")
    if type(flag) is Instance:
        flag.ns["_flag"] = True
    owner.ns.update(_ident=number, _is_stopped=False, _native_id=number, _tstate_lock=Unknown("lock"))


def _active_threads(m: Machine) -> dict[int, Value]:
    """``threading._active``, where ``current_thread()`` looks up who calls it."""
    module = m.modules.get("threading")
    found: Value = module.ns.get("_active") if type(module) is Module else None
    return found if type(found) is dict else {}


def remember(m: Machine, owner: Instance) -> None:
    """A process was started: its parent has it among its children."""
    owner.ns.update(_popen=Unknown("popen"), _sentinel=Unknown("sentinel"))
    if m.family.children is not None:
        m.family.children.add(owner)


def imported(m: Machine, module: Module, frame: Frame) -> None:
    """A module whose import starts something."""
    starter = starters().imports.get(module.name)
    if starter is not None:
        tell(m, starter, starter.stages[IMPORT], module.name, module, frame)


# What hides an inherited process --------------------------------------------------------------------------
def processes(m: Machine, module: Module) -> None:
    """``multiprocessing.process``: its set of children is watched."""
    children = module.ns.get("_children")
    m.family.children = children if isinstance(children, set) else None


def forgotten(m: Machine, subject: str, frame: Frame) -> None:
    """A process drops what it inherited."""
    m.recorder.add(Forgotten(m.recorder.process, subject, frame.location, m.recorder.certainty(), frame.trail))


def unregister() -> Native:
    """``atexit.unregister``."""

    def call(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> None:
        value = arguments[0] if arguments else None
        if type(value) is Function and value.name == "_exit_function" and value.module.name == "multiprocessing.util":
            forgotten(m, "multiprocessing.util._exit_function", frame)

    return Native("unregister", call, "atexit")
