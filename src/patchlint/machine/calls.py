"""Calls: which code runs for a callable, and how arguments meet parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patchlint.machine import branches, classes, complaints, greenlets, hosts
from patchlint.machine.frames import Frame, OutOfBudget, Raised
from patchlint.machine.statements import Steps, execute, generate
from patchlint.machine.values import (
    HOST_TYPES,
    MISSING,
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
    Native,
    Partial,
    StaticMethod,
    Unknown,
    Value,
    has_gap,
    join,
)
from patchlint.model import operations as op
from patchlint.model.operations import Node

if TYPE_CHECKING:
    from patchlint.machine.core import Machine

DEPTH = 120
"""How many calls of the program's functions may be under way in one another, imports not counted."""


RECURSION = 3
"""How many times one function may call itself when nobody knows whether it does at all."""


def call(m: Machine, function: Value, arguments: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    """6.3.4 Call a value."""
    handler = _CALLS.get(type(function))
    if handler is not None:
        return handler(m, function, arguments, keywords, frame)
    if type(function) in HOST_TYPES:
        raise m.error("TypeError", f"'{type(function).__name__}' object is not callable")
    return Unknown("call")


def _unknown(m: Machine, function: Unknown, arguments: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    if function.like is not MISSING:
        return call(m, function.like, arguments, keywords, frame)
    result = m.called_unknown(function, arguments, keywords, frame)
    complaints.written(m, function, arguments)
    greenlet = greenlets.unknown_call(m, function, arguments, keywords, frame)
    return result if greenlet is MISSING else greenlet


def _choice(m: Machine, function: Choice, arguments: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    if m.is_first_party(frame.path):
        return _one_of(m, function.options, arguments, keywords, frame)
    return branches.each(m, function.options, lambda option: call(m, option, arguments, keywords, frame))


def _one_of(
    m: Machine, options: tuple[Value, ...], arguments: list[Value], keywords: dict[str, Value], frame: Frame
) -> Value:
    """In the program's own code, what the call of one option leaves behind is not there when it was another."""
    first, *rest = options
    if not rest:
        return call(m, first, arguments, keywords, frame)
    return branches.either(
        m,
        lambda: call(m, first, arguments, keywords, frame),
        lambda: _one_of(m, tuple(rest), arguments, keywords, frame),
    )


def _method(m: Machine, function: Method, arguments: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    inner = function.function
    if type(inner) is Function:
        return run(m, inner, [function.owner, *arguments], keywords, frame)
    return call(m, inner, [function.owner, *arguments], keywords, frame)


def _native(m: Machine, function: Native, arguments: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    try:
        return function.call(m, frame, arguments, keywords)
    except IndexError:
        if arguments:
            raise
        raise m.error("TypeError", f"{function.name}() takes at least 1 argument (0 given)") from None


def _instance(
    m: Machine, function: Instance, arguments: list[Value], keywords: dict[str, Value], frame: Frame
) -> Value:
    method = m.class_attribute(function.cls, "__call__")
    if method is MISSING:
        if function.cls.is_open:
            return Unknown("call")
        raise m.error("TypeError", f"'{function.cls.name}' object is not callable")
    return call(m, m.bound(method, function, function.cls, frame), arguments, keywords, frame)


def _partial(m: Machine, function: Partial, arguments: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    every = [*function.arguments, *arguments]
    return call(m, function.function, every, {**function.keywords, **keywords}, frame)


def _wrapped(m: Machine, function: Value, arguments: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    return call(m, function.function, arguments, keywords, frame)


def _alias(m: Machine, function: Alias, arguments: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    return call(m, function.origin, arguments, keywords, frame)


# Functions of the program ---------------------------------------------------------------------------
def run(m: Machine, function: Function, arguments: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    """Call a function of the program: what is known better than its body tells, else the body."""
    intercepted = m.intercept(function, arguments, keywords, frame)
    return intercepted if intercepted is not MISSING else follow(m, function, arguments, keywords, frame)


def follow(m: Machine, function: Function, arguments: list[Value], keywords: dict[str, Value], frame: Frame) -> Value:
    """8.7 Execute a function's body, whatever else is known of it."""
    node = function.node
    body = node[op.F_BODY] or m.body(function)
    if function.is_open and not _takes(m, function, arguments, keywords):
        return Unknown(f"{function.name}()")
    inner = Frame(function.module, bind(m, function, arguments, keywords), frame, function.name)
    inner.globals = function.module.ns
    inner.closure = function.closure
    inner.names = body[op.B_LOCALS]
    inner.outer_names = body[op.B_GLOBALS]
    inner.nonlocals = body[op.B_NONLOCALS]
    inner.function = function
    inner.qualname = function.qualname
    inner.cell = function.cell
    if m.possible and m.active.get(id(node), 0) >= RECURSION:
        return Unknown("recursion")
    if m.depth == 0:
        return _measured(m, function, body, inner, arguments, keywords)
    return _started(m, function, body, inner)


def _takes(m: Machine, function: Function, arguments: list[Value], keywords: dict[str, Value]) -> bool:
    """Whether a function that stands for what an unknown decorator made of it can be called so: it may be curried."""
    try:
        bind(m, function, arguments, keywords)
    except Raised:
        return False
    return True


def _started(m: Machine, function: Function, body: list[Any], inner: Frame) -> Value:
    """8.7 What calling gives: a generator, a coroutine, or the result."""
    node = function.node
    if body[op.B_GENERATOR]:
        return Generator(_generator(m, body[op.B_STATEMENTS], inner), inner)
    if node[op.F_ASYNC]:
        return Coroutine(lambda: _execute(m, body[op.B_STATEMENTS], inner))
    return _execute(m, body[op.B_STATEMENTS], inner)


def _measured(
    m: Machine, function: Function, body: list[Any], inner: Frame, arguments: list[Value], keywords: dict[str, Value]
) -> Value:
    """A call from a module's own statement.  A function that was long three times and did nothing that a
    timeline tells is not followed again: what it makes is not known."""
    key = id(function.node)
    tired, _ = m.tired.get(key, _NEVER)
    if tired >= PATIENCE:
        is_meta = function.name == "__new__" and len(arguments) >= 4 and type(arguments[0]) is Class
        caller = inner.caller or inner
        return classes.plain(m, arguments, keywords, caller) if is_meta else Unknown(f"{function.name}()")
    steps, entries = m.steps, len(m.recorder.entries)
    result = _started(m, function, body, inner)
    if len(m.recorder.entries) != entries:
        m.tired[key] = -PATIENCE * 4, function.node
    elif m.steps - steps > LONG:
        m.tired[key] = tired + 1, function.node
    return result


_NEVER: tuple[int, Node] = 0, []
PATIENCE = 3
LONG = 2500
"""Operations that make a call a long one."""


def _execute(m: Machine, statements: list[Any], frame: Frame) -> Value:
    key = id(frame.function.node)
    if m.depth > DEPTH or m.cuts.counts.get(key, _NEVER)[0] >= CUTS:
        return Unknown("recursion")
    before = m.remaining
    m.depth += 1
    m.active[key] = m.active.get(key, 0) + 1
    try:
        signal = execute(m, statements, frame)
    except OutOfBudget:
        return _cut(m, frame, before - m.remaining)
    except Raised:
        if frame.maybe is MISSING:
            raise
        return frame.maybe
    finally:
        m.depth -= 1
        m.active[key] -= 1
        m.possible -= frame.doubts
        frame.doubts = 0
    result = None if signal is None else signal.value
    return result if frame.maybe is MISSING else join(frame.maybe, result)


def _cut(m: Machine, frame: Frame, spent: int) -> Value:
    """A call into another package that took half of what a statement may take is not followed to its end.

    The statement goes on, once, with that half again.  Inside of a package a call is not cut: what it left
    half done would be met again.
    """
    if m.cuts.is_done or spent < m.cuts.allowance // 2 or not _is_foreign_call(frame):
        raise OutOfBudget
    key = id(frame.function.node)
    m.cuts.counts[key] = m.cuts.counts.get(key, _NEVER)[0] + 1, frame.function.node
    m.cuts.is_done = True
    m.remaining = m.cuts.allowance // 2
    m.recorder.opaque("call", f"{frame.what}() takes too many operations to follow", frame)
    return Unknown(f"{frame.what}()")


def _is_foreign_call(frame: Frame) -> bool:
    caller = frame.caller
    return caller is not None and caller.module.name.partition(".")[0] != frame.module.name.partition(".")[0]


CUTS = 2
"""How many calls of one function may be cut before it is not called again."""


def _generator(m: Machine, statements: list[Any], frame: Frame) -> Steps:
    try:
        signal = yield from generate(m, statements, frame)
    finally:
        m.possible -= frame.doubts
        frame.doubts = 0
    return None if signal is None else signal.value


def bind(m: Machine, function: Function, arguments: list[Value], keywords: dict[str, Value]) -> dict[str, Value]:
    """6.3.4 Bind arguments to parameters; what is missing because of an unknown star is unknown."""
    node = function.node
    names = node[op.F_POSITIONAL]
    given = len(arguments)
    scope: dict[str, Value] = dict(zip(names, arguments, strict=False))
    has_stars = node[op.F_REST] is not None or node[op.F_KEYWORDS] is not None
    if given == len(names) and not (keywords or has_stars or node[op.F_KEYWORD]):
        return scope
    unsure = has_gap(arguments)
    if given > len(names):
        if node[op.F_REST] is None and not unsure:
            raise m.error(
                "TypeError", f"{function.name}() takes {len(names)} positional arguments but {given} were given"
            )
    if node[op.F_REST] is not None:
        scope[node[op.F_REST]] = tuple(arguments[len(names) :])
    extra: dict[str, Value] = {}
    for key, value in keywords.items():
        if key in node[op.F_KEYWORD] or key in names[node[op.F_POSITIONAL_ONLY] :]:
            if key in scope and not unsure:
                raise m.error("TypeError", f"{function.name}() got multiple values for argument '{key}'")
            scope[key] = value
        elif node[op.F_KEYWORDS] is not None:
            extra[key] = value
        elif not (type(value) is Unknown and value.path == "**"):
            raise m.error("TypeError", f"{function.name}() got an unexpected keyword argument '{key}'")
    if node[op.F_KEYWORDS] is not None:
        scope[node[op.F_KEYWORDS]] = extra
    if keywords:
        unsure = unsure or any(type(v) is Unknown and v.path == "**" for v in keywords.values())
    _fill_defaults(m, function, scope, names, unsure)
    return scope


def _fill_defaults(m: Machine, function: Function, scope: dict[str, Value], names: list[str], unsure: bool) -> None:
    first = len(names) - len(function.defaults)
    for index, key in enumerate(names):
        if key not in scope:
            if index >= first:
                scope[key] = function.defaults[index - first]
            elif unsure:
                scope[key] = Unknown(key)
            else:
                raise m.error("TypeError", f"{function.name}() missing required argument: '{key}'")
    for key in function.node[op.F_KEYWORD]:
        if key not in scope:
            default = function.keyword_defaults.get(key, MISSING)
            if default is MISSING and not unsure:
                raise m.error("TypeError", f"{function.name}() missing required keyword-only argument: '{key}'")
            scope[key] = Unknown(key) if default is MISSING else default


def run_coroutine(m: Machine, value: Value, frame: Frame) -> Value:
    """What awaiting a value gives."""
    return value.run() if type(value) is Coroutine else Unknown("await")


def close_generator(generator: Generator) -> None:
    """Let a generator's ``finally`` blocks run no later than now."""
    try:
        generator.iterator.close()
    except (Raised, AttributeError, RuntimeError, ValueError):
        return


_CALLS: dict[type, Any] = {
    Function: run,
    Method: _method,
    Native: _native,
    HostMethod: hosts.call_method,
    Class: classes.construct,
    Instance: _instance,
    Partial: _partial,
    StaticMethod: _wrapped,
    ClassMethod: _wrapped,
    Alias: _alias,
    Unknown: _unknown,
    Choice: _choice,
}
