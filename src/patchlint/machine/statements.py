"""Statements: one function per operation, each executing a node in a frame.

Each answers None when the block goes on, or the signal that ends it.  Section numbers are those of
the Python language reference.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import TYPE_CHECKING, Any, TypeAlias

from patchlint.machine import alone, classes, imports
from patchlint.machine.expressions import EXPRESSIONS, evaluate, make_function
from patchlint.machine.frames import BREAKS, CONTINUES, Frame, OutOfBudget, Raised, Signal, options_of
from patchlint.machine.values import (
    DOUBT,
    GAP,
    MISSING,
    Choice,
    Class,
    Function,
    Instance,
    Unknown,
    Value,
    has_gap,
    is_gap,
    join,
)
from patchlint.model import operations as op
from patchlint.model.operations import Node

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from patchlint.machine.core import Machine

UNKNOWN_ITEM = Unknown("item")

LOOP_LIMIT = 5000
GENERATED_LIMIT = 500
"""Turns of a loop, and of one that feeds another through a generator."""
GUESSED_LIMIT = 20
"""Turns of such a loop in which a generator's way was guessed: a walk through a tree that is not known has no end."""


def execute(m: Machine, block: list[Node], frame: Frame) -> Signal | None:
    """Execute a block's statements in order."""
    for node in block:
        m.steps += 1  # as m.spend() does, which is much called
        m.remaining -= 1
        if m.remaining < 0:
            raise OutOfBudget
        frame.line = node[1]
        signal = STATEMENTS[node[0]](m, node, frame)
        if signal is not None:
            return signal  # type: ignore[no-any-return]
    return None


def expression(m: Machine, node: Node, frame: Frame) -> None:
    """7.1 Expression statements."""
    inner = node[2]
    EXPRESSIONS[inner[0]](m, inner, frame)


def assign(m: Machine, node: Node, frame: Frame) -> None:
    """7.2 Assignment statements: targets from left to right."""
    inner = node[3]
    value = EXPRESSIONS[inner[0]](m, inner, frame)
    if m.recorder.process != "main":
        alone.note(m, node[2], inner, frame)
    for target in node[2]:
        if target[0] == op.NAME:
            m.store(target[1], value, frame)
        else:
            assign_target(m, target, value, frame)


def assign_target(m: Machine, target: Node, value: Value, frame: Frame) -> None:
    """7.2 Assignment to one target."""
    kind = target[0]
    if kind == op.NAME:
        m.store(target[1], value, frame)
    elif kind == op.ATTRIBUTE:
        m.setattr(evaluate(m, target[1], frame), target[2], value, frame)
    elif kind == op.SUBSCRIPT:
        m.setitem(evaluate(m, target[1], frame), evaluate(m, target[2], frame), value, frame)
    elif kind in (op.TUPLE, op.LIST):
        unpack(m, target[1], value, frame)
    elif kind == op.STARRED:
        assign_target(m, target[1], value, frame)


def unpack(m: Machine, targets: list[Node], value: Value, frame: Frame) -> None:
    """7.2 Assignment to a target list, with at most one starred target."""
    items = _columns(m, targets, value, frame) if type(value) is Choice else m.iterate(value, frame)
    if items is None or has_gap(items):
        for target in targets:
            assign_target(m, target, [] if target[0] == op.STARRED else Unknown("unpacked"), frame)
        return
    stars = [index for index, target in enumerate(targets) if target[0] == op.STARRED]
    if not stars:
        if len(items) != len(targets):
            raise m.error("ValueError", f"cannot unpack {len(items)} values into {len(targets)}")
        for target, item in zip(targets, items, strict=True):
            assign_target(m, target, item, frame)
        return
    if len(items) < len(targets) - 1:
        raise m.error("ValueError", "not enough values to unpack")
    star, after = stars[0], len(targets) - stars[0] - 1
    middle = items[star : len(items) - after]
    for target, item in zip(targets, [*items[:star], list(middle), *items[len(items) - after :]], strict=True):
        assign_target(m, target, item, frame)


def _columns(m: Machine, targets: list[Node], value: Choice, frame: Frame) -> list[Value] | None:
    """What each target gets of one of several tuples, of those that fit."""
    rows = [row for option in value.options if type(option) in (tuple, list) for row in [list(option)]]
    fitting = [row for row in rows if len(row) == len(targets)]
    return [reduce(join, column) for column in zip(*fitting, strict=True)] if fitting else None


def augment(m: Machine, node: Node, frame: Frame) -> None:
    """7.2.1 Augmented assignment: in place where the left side can be changed."""
    _, _, operator, target, value_node = node
    kind = target[0]
    if kind == op.ATTRIBUTE:
        owner = evaluate(m, target[1], frame)
        before = m.getattr(owner, target[2], frame)
        m.setattr(owner, target[2], m.in_place(operator, before, evaluate(m, value_node, frame), frame), frame)
    elif kind == op.SUBSCRIPT:
        owner, key = evaluate(m, target[1], frame), evaluate(m, target[2], frame)
        before = m.getitem(owner, key, frame)
        m.setitem(owner, key, m.in_place(operator, before, evaluate(m, value_node, frame), frame), frame)
    else:
        before = evaluate(m, target, frame)
        m.store(target[1], m.in_place(operator, before, evaluate(m, value_node, frame), frame), frame)


def annotate(m: Machine, node: Node, frame: Frame) -> None:
    """7.2.2 Annotated assignment: outside of functions the annotation is evaluated and kept."""
    _, _, target, value_node, annotation_node = node
    if value_node is not None:
        assign_target(m, target, evaluate(m, value_node, frame), frame)
    if frame.function is not None or target[0] != op.NAME:
        return
    annotation = Unknown("annotation") if annotation_node is None else evaluate(m, annotation_node, frame)
    known = frame.locals.get("__annotations__")
    if type(known) is not dict:
        known = {}
        m.bind(frame.locals, "__annotations__", known)
    known[target[1]] = annotation


def function(m: Machine, node: Node, frame: Frame) -> None:
    """8.7 Function definitions: decorators are evaluated before, applied after the definition."""
    _, _, definition, decorator_nodes, name = node
    if not decorator_nodes:
        m.store(name, make_function(m, definition, frame), frame)
        return
    decorators = [evaluate(m, decorator, frame) for decorator in decorator_nodes]
    value: Value = make_function(m, definition, frame)
    m.store(name, decorate(m, decorators, value, frame, node[1]), frame)


def class_(m: Machine, node: Node, frame: Frame) -> None:
    """8.8 Class definitions."""
    decorators = [evaluate(m, decorator, frame) for decorator in node[3]]
    value = classes.build(m, node, frame)
    if decorators:
        value = decorate(m, decorators, value, frame, node[1])
    m.store(node[2], value, frame)


def decorate(m: Machine, decorators: list[Value], value: Value, frame: Frame, line: int) -> Value:
    """Apply decorators, the last one first; one that is not known is taken to answer its argument."""
    for decorator in reversed(decorators):
        frame.line = line
        decorated = m.call(decorator, [value], {}, frame)
        if type(decorated) is Unknown:
            decorated = _taken_for(value) if decorated.like is MISSING else decorated.like
        value = decorated
    return value


def _taken_for(value: Value) -> Value:
    """What stands for the result of a decorator that is not known: its argument, which may have any attribute."""
    if type(value) is Function:
        value.is_open = True
    return value


def if_(m: Machine, node: Node, frame: Frame) -> Signal | None:
    """8.1 The if statement; both blocks are played where the test cannot be decided."""
    if m.recorder.process != "main" and m.asks_for_number(node) and _comes_to_number(m, node[2], frame):
        signal = alone.guarded(frame, lambda: _if(m, node, frame))
        frame.alone = frame.alone or (signal is None and alone.sends_away(node[3]))
        return signal
    return _if(m, node, frame)


def _comes_to_number(m: Machine, test: Node, frame: Frame) -> bool:
    """6.11 Whether a test is not decided before it asks for the worker's number: ``wid > 0 and wid != worker_id()``."""
    if test[0] != op.BOOLEAN:
        return True
    for item in test[2]:
        if m.asks(item):
            return True
        if m.truth(EXPRESSIONS[item[0]](m, item, frame), frame) is (not test[1]):
            return False
    return True


def _if(m: Machine, node: Node, frame: Frame) -> Signal | None:
    test = node[2]
    truth = m.truth(EXPRESSIONS[test[0]](m, test, frame), frame)
    if truth is not None:
        block = node[3] if truth else node[4]
        return execute(m, block, frame) if block else None
    return m.fork_blocks(node[3], node[4], frame)


def for_(m: Machine, node: Node, frame: Frame) -> Signal | None:
    """8.3 The for statement."""
    _, _, target, iterable_node, body, orelse = node
    iterable = m.iterate_lazily(evaluate(m, iterable_node, frame), frame)
    if iterable is None:
        return _unknown_loop(m, target, body, orelse, frame)
    if type(iterable) is list and m.is_first_party(frame.path) and any(item is DOUBT for item in iterable):
        return _doubtful_loop(m, node, iterable, frame)
    return _loop(m, node, iterable, frame)


def _doubtful_loop(m: Machine, node: Node, items: list[Value], frame: Frame) -> Signal | None:
    """A loop over a list whose last items may be absent: what it does with those possibly happens.

    In a library's code it is taken to happen: there a list that may be empty seldom is.
    """
    sure = next(place for place, item in enumerate(items) if item is DOUBT)
    signal = _loop(m, [*node[:5], []], items[:sure], frame)
    if signal is not None:
        return signal
    signal = m.maybe(lambda: _loop(m, [*node[:5], []], items[sure + 1 :], frame), frame)
    return signal or (execute(m, node[5], frame) if node[5] else None)


def _loop(m: Machine, node: Node, iterable: Iterable[Value], frame: Frame) -> Signal | None:
    _, _, target, _, body, orelse = node
    for count, item in enumerate(iterable):
        if count > LOOP_LIMIT:
            break
        if is_gap(item):
            if item is not DOUBT:
                _unknown_loop(m, target, body, [], frame, UNKNOWN_ITEM if item.like is MISSING else item.like)
            continue
        if target[0] == op.NAME:
            m.store(target[1], item, frame)
        else:
            assign_target(m, target, item, frame)
        signal = execute(m, body, frame)
        if signal is not None:
            if signal is BREAKS:
                return None
            if signal is not CONTINUES:
                return signal
    return execute(m, orelse, frame) if orelse else None


def _unknown_loop(
    m: Machine, target: Node, body: list[Node], orelse: list[Node], frame: Frame, item: Value = UNKNOWN_ITEM
) -> Signal | None:
    """A loop over what is not known: its body once, as something that possibly happens."""

    def once() -> Signal | None:
        assign_target(m, target, item, frame)
        signal = execute(m, body, frame)
        return None if signal in (BREAKS, CONTINUES) else signal

    signal = m.maybe(once, frame)
    if signal is not None:
        return signal
    return execute(m, orelse, frame) if orelse else None


def while_(m: Machine, node: Node, frame: Frame) -> Signal | None:
    """8.2 The while statement."""
    _, _, test, body, orelse = node
    frame.doubtful_exit = False
    for _ in range(LOOP_LIMIT):
        truth = m.truth(evaluate(m, test, frame), frame)
        if truth is False:
            return execute(m, orelse, frame) if orelse else None
        if truth is None:
            return m.maybe(lambda: _loop_end(execute(m, body, frame)), frame)
        signal = execute(m, body, frame)
        if signal is not None:
            if signal is BREAKS:
                return None
            if signal is not CONTINUES:
                return signal
        if frame.doubtful_exit:
            return None
    return None


def _loop_end(signal: Signal | None) -> Signal | None:
    return None if signal is BREAKS or signal is CONTINUES else signal


def try_(m: Machine, node: Node, frame: Frame) -> Signal | None:
    """8.4 The try statement."""
    _, _, body, handlers, orelse, final = node
    return finally_(m, final, frame, lambda: _try_handlers(m, body, handlers, orelse, frame))


def finally_(m: Machine, final: list[Node], frame: Frame, action: Callable[[], Signal | None]) -> Signal | None:
    """8.4.4 What is done at the end, however that comes; it may end otherwise."""
    if not final:
        return action()
    try:
        signal = action()
    except Raised as raised:
        try:
            ending = execute(m, final, frame)
        except Raised as fresh:
            chain(fresh, raised)
            raise
        if ending is not None:
            return ending
        raise
    ending = execute(m, final, frame)
    return signal if ending is None else ending


def chain(fresh: Raised, handled: Raised) -> None:
    """8.4.1 What is raised while another exception is handled has that one as its context."""
    value = fresh.value
    if type(value) is Instance and value is not handled.value and value.ns.get("__context__") is None:
        value.ns["__context__"] = handled.value


def _try_handlers(m: Machine, body: list[Node], handlers: list[Any], orelse: list[Node], frame: Frame) -> Signal | None:
    guards = [handler for handler in handlers if not is_broad(handler[0])] if m.world.stubborn else handlers
    m.guards.append((lambda raised: any(catches(m, handler[0], raised.value, frame) for handler in guards), frame.path))
    depth = len(m.guards)
    try:
        signal = execute(m, body, frame)
    except Raised as raised:
        del m.guards[depth - 1 :]
        for handler in handlers:
            if catches(m, handler[0], raised.value, frame):
                # An import in a `try` of its own is optional; the program goes on without it.
                if m.missing and m.missing[-1][1] is frame:
                    m.missing.pop()
                return handle(m, handler, raised, frame)
        raise
    finally:
        del m.guards[depth - 1 :]
    if signal is None and orelse:
        return execute(m, orelse, frame)
    return signal


def is_broad(type_node: Node | None) -> bool:
    """Whether an except clause takes whatever comes: it tells of a failure rather than expecting one."""
    return type_node is None or (type_node[0] == op.NAME and type_node[1] in ("Exception", "BaseException"))


def catches(m: Machine, type_node: Node | None, value: Value, frame: Frame) -> bool:
    """8.4.1 Whether an except clause matches; what is not known is taken to match."""
    if type_node is None:
        return True
    expected = evaluate(m, type_node, frame)
    return any(_matches(m, value, option, frame) for option in options_of(expected))


def _matches(m: Machine, value: Value, expected: Value, frame: Frame) -> bool:
    if type(expected) is tuple:
        return any(_matches(m, value, item, frame) for item in expected)
    if type(value) is Unknown or type(expected) is not Class:
        return True
    return type(value) is not Instance or expected in value.cls.mro


def handle(m: Machine, handler: list[Any], raised: Raised, frame: Frame) -> Signal | None:
    """8.4.1 Execute an except clause; its name is unbound afterwards."""
    _, bound, body, line = handler
    frame.line = line
    outer, frame.handling = frame.handling, raised
    if bound:
        m.store(bound, raised.value, frame)
    try:
        return execute(m, body, frame)
    except Raised as fresh:
        chain(fresh, raised)
        raise
    finally:
        frame.handling = outer
        if bound:
            m.unbind(frame.locals, bound)


def with_(m: Machine, node: Node, frame: Frame) -> Signal | None:
    """8.5 The with statement; several items nest."""
    return _with_items(m, node[2], 0, node[3], frame)


def _with_items(m: Machine, items: list[Any], index: int, body: list[Node], frame: Frame) -> Signal | None:
    if index == len(items):
        return execute(m, body, frame)
    manager_node, target = items[index]
    manager = evaluate(m, manager_node, frame)
    entered = m.enter(manager, frame)
    if target is not None:
        assign_target(m, target, entered, frame)
    m.guards.append((lambda raised: _swallows(m, manager, raised, frame), frame.path))
    depth = len(m.guards)
    try:
        signal = _with_items(m, items, index + 1, body, frame)
    except Raised as raised:
        del m.guards[depth - 1 :]
        if m.leave(manager, raised, frame):
            return None
        raise
    finally:
        del m.guards[depth - 1 :]
    m.leave(manager, None, frame)
    return signal


def _swallows(m: Machine, manager: Value, raised: Raised, frame: Frame) -> bool:
    """Whether a manager is one that lets an exception pass in silence: ``contextlib.suppress``."""
    expected = manager.ns.get("_exceptions") if type(manager) is Instance else None
    return type(expected) is tuple and _matches(m, raised.value, expected, frame)


def raise_(m: Machine, node: Node, frame: Frame) -> None:
    """7.8 The raise statement."""
    if node[2] is None:
        active: Frame | None = frame
        while active is not None:
            if active.handling is not None:
                raise active.handling
            active = active.caller
        raise m.error("RuntimeError", "No active exception to reraise")
    value = evaluate(m, node[2], frame)
    if type(value) is Class:
        value = m.call(value, [], {}, frame)
    if node[3] is not None:
        cause = evaluate(m, node[3], frame)
        if type(value) is Instance:
            made = m.call(cause, [], {}, frame) if type(cause) is Class else cause
            value.ns.update(__cause__=made, __suppress_context__=True)
    raise Raised(value, frame.trail)


def return_(m: Machine, node: Node, frame: Frame) -> Signal:
    """7.6 The return statement."""
    inner = node[2]
    return Signal("return", None if inner is None else EXPRESSIONS[inner[0]](m, inner, frame))


def delete(m: Machine, node: Node, frame: Frame) -> None:
    """7.5 The del statement."""
    for target in node[2]:
        if target[0] == op.NAME:
            delete_name(m, target[1], frame)
        elif target[0] == op.ATTRIBUTE:
            m.delattr(evaluate(m, target[1], frame), target[2], frame)
        elif target[0] == op.SUBSCRIPT:
            m.delitem(evaluate(m, target[1], frame), evaluate(m, target[2], frame), frame)


def delete_name(m: Machine, name: str, frame: Frame) -> None:
    """7.5 A name that is not bound cannot be unbound; where that is not known, it is not asked."""
    scope = m.scope_of(name, frame)
    if name not in scope and not (m.possible or frame.doubtful_exit or frame.module.is_open):
        raise m.error("NameError" if frame.function is None else "UnboundLocalError", f"name '{name}' is not defined")
    m.unbind(scope, name)


def global_(m: Machine, node: Node, frame: Frame) -> None:
    """7.12 The global statement; in functions it was resolved when the body was lowered."""
    if frame.function is None:
        frame.outer_names = frozenset((*frame.outer_names, *node[2]))


def assert_(m: Machine, node: Node, frame: Frame) -> None:
    """7.3 The assert statement; what is not known is taken to hold."""
    if m.truth(evaluate(m, node[2], frame), frame) is False:
        raise m.error("AssertionError", "")


def break_(m: Machine, node: Node, frame: Frame) -> Signal:
    """7.9 The break statement."""
    return BREAKS


def continue_(m: Machine, node: Node, frame: Frame) -> Signal:
    """7.10 The continue statement."""
    return CONTINUES


def match(m: Machine, node: Node, frame: Frame) -> Signal | None:
    """8.6 The match statement."""
    from patchlint.machine import patterns

    return patterns.match(m, node, frame)


def try_star(m: Machine, node: Node, frame: Frame) -> Signal | None:
    """8.4.2 The try statement with ``except*``."""
    from patchlint.machine import groups

    return groups.try_star(m, node, frame)


STATEMENTS: tuple[Any, ...] = (
    expression,
    assign,
    augment,
    annotate,
    function,
    class_,
    imports.import_statement,
    imports.import_from_statement,
    if_,
    for_,
    while_,
    try_,
    with_,
    raise_,
    return_,
    delete,
    global_,
    assert_,
    break_,
    continue_,
    match,
    try_star,
)


# Generators ---------------------------------------------------------------------------------------
Steps: TypeAlias = "Generator[Value, None, Any]"
"""What a generator of the program yields; its return value is the signal that ended the block."""


def generate(m: Machine, block: list[Node], frame: Frame) -> Steps:
    """Execute a generator's block, giving out what it yields where it yields as a statement.

    The host generator's return value is the signal that ended the block.
    """
    for node in block:
        m.spend()
        frame.line = node[1]
        if m.yields(node):
            signal = yield from _GENERATORS.get(node[0], _plain)(m, node, frame)
        else:
            signal = STATEMENTS[node[0]](m, node, frame)
        if signal is not None:
            return signal
    return None


def yields(node: Node) -> bool:
    """Whether a statement has a yield of this function inside."""
    if node[0] == op.EXPRESSION and node[2][0] in (op.YIELD, op.YIELD_FROM):
        return True
    stack = [node]
    while stack:
        item = stack.pop()
        for child in item:
            if type(child) is list and child:
                if child[0] in (op.YIELD, op.YIELD_FROM) and type(child[0]) is int and _is_yield(child):
                    return True
                stack.append(child)
    return False


def _is_yield(node: list[Any]) -> bool:
    """YIELD and YIELD_FROM have two items, and no statement has their numbers."""
    return len(node) == 2 and (node[1] is None or type(node[1]) is list)


def _plain(m: Machine, node: Node, frame: Frame) -> Steps:
    yield from ()
    return STATEMENTS[node[0]](m, node, frame)


def _yielded(m: Machine, node: Node, frame: Frame) -> Steps:
    """The value of a yield expression that is a statement or is assigned."""
    if node[0] == op.YIELD:
        value = None if node[1] is None else evaluate(m, node[1], frame)
        frame.sent = None
        yield value
        return frame.sent
    source = evaluate(m, node[1], frame)
    iterable = m.iterate_lazily(source, frame)
    frame.delegate = getattr(source, "frame", None)
    yield from (Unknown("item"),) if iterable is None else iterable
    frame.delegate = None
    return getattr(source, "result", None)


def _generate_expression(m: Machine, node: Node, frame: Frame) -> Steps:
    if node[2][0] in (op.YIELD, op.YIELD_FROM):
        yield from _yielded(m, node[2], frame)
    else:
        expression(m, node, frame)
    return None


def _generate_assign(m: Machine, node: Node, frame: Frame) -> Steps:
    if node[3][0] in (op.YIELD, op.YIELD_FROM):
        value = yield from _yielded(m, node[3], frame)
        for target in node[2]:
            assign_target(m, target, value, frame)
    else:
        assign(m, node, frame)
    return None


def _generate_if(m: Machine, node: Node, frame: Frame) -> Steps:
    truth = m.truth(evaluate(m, node[2], frame), frame)
    if truth is None:
        # A generator cannot be played twice from here: the side that yields is taken.
        m.guesses += 1
        truth = any(m.yields(inner) for inner in node[3])
    return (yield from generate(m, node[3] if truth else node[4], frame))


def _generate_for(m: Machine, node: Node, frame: Frame) -> Steps:
    _, _, target, iterable_node, body, orelse = node
    iterable = m.iterate_lazily(evaluate(m, iterable_node, frame), frame)
    if iterable is None:
        assign_target(m, target, Unknown("item"), frame)
        for _ in generate(m, body, frame):
            yield GAP
        return None
    for item in iterable:
        assign_target(m, target, item, frame)
        signal = yield from generate(m, body, frame)
        if signal is BREAKS:
            return None
        if signal is not None and signal is not CONTINUES:
            return signal
    return (yield from generate(m, orelse, frame))


def _generate_while(m: Machine, node: Node, frame: Frame) -> Steps:
    guessed = 0
    for _ in range(GENERATED_LIMIT):
        truth = m.truth(evaluate(m, node[2], frame), frame)
        if truth is False:
            return (yield from generate(m, node[4], frame))
        before = m.guesses
        signal = yield from generate(m, node[3], frame)
        guessed += m.guesses != before
        if signal is BREAKS or truth is None or frame.doubtful_exit or guessed > GUESSED_LIMIT:
            return None
        if signal is not None and signal is not CONTINUES:
            return signal
    return None


def _generate_try(m: Machine, node: Node, frame: Frame) -> Steps:
    _, _, body, handlers, orelse, final = node
    signal: Signal | None = None
    try:
        try:
            signal = yield from generate(m, body, frame)
            if signal is None:
                signal = yield from generate(m, orelse, frame)
        except Raised as raised:
            for handler in handlers:
                if catches(m, handler[0], raised.value, frame):
                    frame.handling = raised
                    if handler[1]:
                        m.store(handler[1], raised.value, frame)
                    signal = yield from generate(m, handler[2], frame)
                    break
            else:
                raise
    except GeneratorExit:
        if m.closing:
            execute(m, final, frame)
        raise
    except Raised:
        execute(m, final, frame)
        raise
    ending = yield from generate(m, final, frame)
    return signal if ending is None else ending


def _generate_with(m: Machine, node: Node, frame: Frame) -> Steps:
    managers = []
    for manager_node, target in node[2]:
        manager = evaluate(m, manager_node, frame)
        entered = m.enter(manager, frame)
        if target is not None:
            assign_target(m, target, entered, frame)
        managers.append(manager)
    try:
        signal = yield from generate(m, node[3], frame)
    except Raised as raised:
        if any(m.leave(manager, raised, frame) for manager in reversed(managers)):
            return None
        raise
    for manager in reversed(managers):
        m.leave(manager, None, frame)
    return signal


_GENERATORS: dict[int, Any] = {
    op.EXPRESSION: _generate_expression,
    op.ASSIGN: _generate_assign,
    op.IF: _generate_if,
    op.FOR: _generate_for,
    op.WHILE: _generate_while,
    op.TRY: _generate_try,
    op.WITH: _generate_with,
}
