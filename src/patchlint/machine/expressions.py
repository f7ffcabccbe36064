"""Expressions: one function per operation, each evaluating a node in a frame.

Section numbers are those of the Python language reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patchlint.machine import hosts, inferring
from patchlint.machine.frames import NOTHING, Frame, Raised
from patchlint.machine.values import (
    GAP,
    MISSING,
    Alias,
    Coroutine,
    Function,
    Generator,
    Unknown,
    Value,
    join,
)
from patchlint.model import operations as op
from patchlint.model.operations import Node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchlint.machine.core import Machine


def evaluate(m: Machine, node: Node, frame: Frame) -> Value:
    """Evaluate an expression."""
    return EXPRESSIONS[node[0]](m, node, frame)


def constant(m: Machine, node: Node, frame: Frame) -> Value:
    """6.2.2 Literals."""
    return node[1]


def special(m: Machine, node: Node, frame: Frame) -> Value:
    """Literals that the cache's format cannot hold."""
    kind, text = node[1], node[2]
    if kind == "ellipsis":
        return ...
    if kind == "complex":
        return complex(text)
    if kind == "int":
        return int(text, 16)
    if kind == "str":
        return text.decode("utf-16", "surrogatepass")
    return Unknown(kind)


def name(m: Machine, node: Node, frame: Frame) -> Value:
    """4.2.2 Resolution of names, the innermost scope first."""
    value = frame.locals.get(node[1], MISSING)
    if value is not MISSING:
        return value
    return outer_name(m, node[1], frame)


def outer_name(m: Machine, key: str, frame: Frame) -> Value:
    """A name that the innermost scope does not bind (yet); one that a class body binds is global until then."""
    is_own = key in frame.names and key not in frame.outer_names
    if is_own and frame.function is not None:
        if m.possible or frame.doubtful_exit:
            return Unknown(key)
        raise m.error("UnboundLocalError", f"cannot access local variable '{key}'")
    for enclosing in () if is_own or key in frame.outer_names else frame.closure:
        if key in enclosing.outer_names:
            break
        value = enclosing.locals.get(key, MISSING)
        if value is not MISSING:
            return value
        if key in enclosing.names and not (m.possible or enclosing.doubtful_exit):
            raise m.error("NameError", f"cannot access free variable '{key}'", name=key)
    value = frame.globals.get(key, MISSING)
    if value is not MISSING:
        return value
    value = m.builtins.get(key, MISSING)
    if value is not MISSING:
        return value
    if key == "__class__" and frame.cell is not None and frame.cell:
        return frame.cell[0]
    if frame.module.is_open:
        return Unknown(f"{frame.module.name}.{key}")
    raise m.error("NameError", f"name '{key}' is not defined", name=key)


def attribute(m: Machine, node: Node, frame: Frame) -> Value:
    """6.3.1 Attribute references."""
    inner = node[1]
    owner = EXPRESSIONS[inner[0]](m, inner, frame)
    try:
        value = m.getattr(owner, node[2], frame)
    except Raised as raised:
        return inferring.missing(m, node, owner, raised, frame)
    return inferring.attribute(m, node, value, frame) if type(owner) is Unknown and type(value) is Unknown else value


def call(m: Machine, node: Node, frame: Frame) -> Value:
    """6.3.4 Calls: the function, then the arguments from left to right."""
    _, line, function_node, argument_nodes, keyword_nodes = node
    frame.line = line
    function = EXPRESSIONS[function_node[0]](m, function_node, frame)
    if type(function) is Unknown and function.like is MISSING:
        function = inferring.function(m, function_node, function, frame)
    arguments: list[Value] = []
    for item in argument_nodes:
        if item[0] == op.STARRED:
            spread = m.iterate(evaluate(m, item[1], frame), frame)
            arguments.extend((Unknown("*"),) if spread is None else spread)
        else:
            arguments.append(EXPRESSIONS[item[0]](m, item, frame))
    keywords: dict[str, Value] = {}
    for key, item in keyword_nodes:
        value = EXPRESSIONS[item[0]](m, item, frame)
        if key is not None:
            keywords[key] = value
        else:
            keywords.update(m.mapping_items(value, frame))
    frame.line = line
    frame.asked = function_node
    value = m.call(function, arguments, keywords, frame)
    frame.asked = NOTHING
    return inferring.result(m, function, value, frame) if type(value) is Unknown else value


def binary(m: Machine, node: Node, frame: Frame) -> Value:
    """6.5 to 6.9 Binary operations."""
    _, operator, left, right = node
    return m.binary(operator, EXPRESSIONS[left[0]](m, left, frame), EXPRESSIONS[right[0]](m, right, frame), frame)


def unary(m: Machine, node: Node, frame: Frame) -> Value:
    """6.6 Unary operations."""
    return m.unary(node[1], evaluate(m, node[2], frame), frame)


def boolean(m: Machine, node: Node, frame: Frame) -> Value:
    """6.11 Boolean operations: the first value that decides, else the last."""
    _, is_and, nodes = node
    last = len(nodes) - 1
    for index, item in enumerate(nodes):
        value = EXPRESSIONS[item[0]](m, item, frame)
        if index == last:
            return value
        truth = m.truth(value, frame)
        if truth is None:
            return _undecided(m, is_and, nodes[index + 1 :], value, frame)
        if truth is not is_and:
            return value
    return None


def _undecided(m: Machine, is_and: bool, nodes: list[Node], value: Value, frame: Frame) -> Value:
    """The rest of a boolean operation whose first value may or may not decide it."""
    m.possible += 1
    try:
        rest = boolean(m, [op.BOOLEAN, is_and, nodes], frame)
    except Raised:
        return value
    finally:
        m.possible -= 1
    decides = m.truth(rest, frame) is (not is_and)
    return rest if decides else join(value, rest)


def compare(m: Machine, node: Node, frame: Frame) -> Value:
    """6.10 Comparisons, chained ones from left to right."""
    left = evaluate(m, node[1], frame)
    result: Value = True
    for operator, right_node in node[2]:
        right = EXPRESSIONS[right_node[0]](m, right_node, frame)
        result = m.compare(operator, left, right, frame)
        if result is False:
            return False
        left = right
    return result


def conditional(m: Machine, node: Node, frame: Frame) -> Value:
    """6.13 Conditional expressions."""
    _, test, body, orelse = node
    truth = m.truth(evaluate(m, test, frame), frame)
    if truth is not None:
        return evaluate(m, body if truth else orelse, frame)
    return m.either(lambda: evaluate(m, body, frame), lambda: evaluate(m, orelse, frame))


def subscript(m: Machine, node: Node, frame: Frame) -> Value:
    """6.3.2 Subscriptions."""
    owner = evaluate(m, node[1], frame)
    value = m.getitem(owner, evaluate(m, node[2], frame), frame)
    return inferring.item(m, owner, node, value, frame) if type(value) is Unknown else value


def slice_(m: Machine, node: Node, frame: Frame) -> Value:
    """6.3.3 Slicings."""
    parts = [None if part is None else evaluate(m, part, frame) for part in node[1:4]]
    if any(part is not None and type(part) is not int for part in parts):
        return Unknown("slice")
    return slice(*parts)


def items(m: Machine, nodes: list[Node], frame: Frame) -> list[Value]:
    """The values of a display, starred ones spread."""
    values: list[Value] = []
    for item in nodes:
        if item[0] == op.STARRED:
            spread = m.iterate(evaluate(m, item[1], frame), frame)
            values.extend((Unknown("*"),) if spread is None else spread)
        else:
            values.append(EXPRESSIONS[item[0]](m, item, frame))
    return values


def tuple_(m: Machine, node: Node, frame: Frame) -> Value:
    """6.2.3 Parenthesized forms."""
    return tuple(items(m, node[1], frame))


def list_(m: Machine, node: Node, frame: Frame) -> Value:
    """6.2.5 List displays."""
    return items(m, node[1], frame)


def set_(m: Machine, node: Node, frame: Frame) -> Value:
    """6.2.6 Set displays."""
    values = items(m, node[1], frame)
    return {value for value in values if m.hashable(value)}


def dict_(m: Machine, node: Node, frame: Frame) -> Value:
    """6.2.7 Dictionary displays."""
    result: dict[Value, Value] = {}
    for key_node, value_node in node[1]:
        if key_node is None:
            result.update(m.mapping_items(evaluate(m, value_node, frame), frame))
            continue
        key = EXPRESSIONS[key_node[0]](m, key_node, frame)
        value = EXPRESSIONS[value_node[0]](m, value_node, frame)
        if m.hashable(key):
            result[key] = value
    return result


def lambda_(m: Machine, node: Node, frame: Frame) -> Value:
    """6.14 Lambdas."""
    return make_function(m, node[1], frame)


def make_function(m: Machine, node: Node, frame: Frame) -> Value:
    """8.7 Function definitions: defaults are evaluated now, from left to right."""
    if frame.module.is_c:
        return Unknown(f"{frame.module.name}.{node[op.F_NAME]}")
    function = Function(node, frame.module, node[op.F_NAME])
    if node[op.F_DEFAULTS]:
        function.defaults = tuple([EXPRESSIONS[d[0]](m, d, frame) for d in node[op.F_DEFAULTS]])
    for key, default in node[op.F_KEYWORD_DEFAULTS]:
        function.keyword_defaults[key] = evaluate(m, default, frame)
    for annotation in node[op.F_ANNOTATIONS]:
        evaluate(m, annotation, frame)
    if frame.function is not None:
        function.closure = (frame, *frame.closure)
        function.qualname = f"{frame.qualname}.<locals>.{function.name}"
    else:
        function.closure = frame.closure
        function.qualname = f"{frame.qualname}.{function.name}" if frame.qualname else function.name
    function.cell = frame.cell
    if frame.globals is not frame.module.ns or frame.locals is frame.globals:
        function.module_name = frame.globals.get("__name__")
    return function


def comprehension(m: Machine, node: Node, frame: Frame) -> Value:
    """6.2.4 Displays: a scope of its own, the first iterable evaluated outside of it.

    A class body's names are visible here, although CPython shows them to the first iterable only:
    reading them elsewhere is a NameError, which a program that runs does not have.
    """
    _, kind, element, value, clauses, line = node
    inner = Frame(frame.module, {}, frame, "")
    inner.globals = frame.globals
    inner.function = node
    inner.qualname = frame.qualname
    inner.cell = frame.cell
    inner.trail_ = frame.trail_
    inner.line = line
    inner.closure = (frame, *frame.closure) if frame.function is not None else frame.closure
    if frame.function is None and frame.locals is not frame.globals:
        inner.closure = (frame, *frame.closure)
    first = m.iterate_lazily(evaluate(m, clauses[0][1], frame), frame)
    produced = _produce(m, inner, element, value, clauses, 0, first)
    if kind == op.GENERATOR_EXPRESSION:
        return Generator(produced)
    if kind == op.LIST_COMPREHENSION:
        return list(produced)
    if kind == op.SET_COMPREHENSION:
        return {item for item in produced if m.hashable(item)}
    return {key: item for key, item in produced if m.hashable(key)}


def _produce(
    m: Machine, frame: Frame, element: Node, value: Node | None, clauses: list[Any], depth: int, iterable: Any
) -> Iterator[Value]:
    target, iterable_node, conditions = clauses[depth]
    if iterable is None:
        iterable = m.iterate_lazily(evaluate(m, iterable_node, frame), frame)
    unknown = iterable is None
    for item in (Unknown("item"),) if unknown else iterable:
        m.spend()
        m.assign(target, item, frame)
        if unknown:
            m.possible += 1
        try:
            verdict = _verdict(m, conditions, frame)
            if verdict is False:
                continue
            if depth + 1 < len(clauses):
                yield from _produce(m, frame, element, value, clauses, depth + 1, None)
                continue
            made = _element(m, element, value, frame, verdict)
            if made is not MISSING:
                yield made if not unknown or value is not None else Unknown(GAP.path, made)
        finally:
            if unknown:
                m.possible -= 1


def _verdict(m: Machine, conditions: list[Node], frame: Frame) -> bool | None:
    """Whether an item passes a comprehension's conditions."""
    sure: bool | None = True
    for condition in conditions:
        truth = m.truth(evaluate(m, condition, frame), frame)
        if truth is False:
            return False
        sure = None if truth is None else sure
    return sure


def _element(m: Machine, element: Node, value: Node | None, frame: Frame, verdict: bool | None) -> Value:
    """An element; MISSING where it cannot be made of an item that may not have passed."""
    if verdict is not None:
        made = evaluate(m, element, frame)
        return made if value is None else (made, evaluate(m, value, frame))
    m.possible += 1
    try:
        made = evaluate(m, element, frame)
        return made if value is None else (made, evaluate(m, value, frame))
    except Raised:
        return MISSING
    finally:
        m.possible -= 1


def joined(m: Machine, node: Node, frame: Frame) -> Value:
    """2.4.3 Formatted string literals."""
    parts = [evaluate(m, part, frame) for part in node[1]]
    if all(type(part) is str for part in parts):
        return "".join(parts)
    return Unknown("str")


def formatted(m: Machine, node: Node, frame: Frame) -> Value:
    """2.4.3 One replacement field."""
    _, value_node, conversion, specification = node
    value = evaluate(m, value_node, frame)
    form = "" if specification is None else evaluate(m, specification, frame)
    if type(form) is not str:
        return Unknown("str")
    if conversion in (114, 97):
        value = m.repr(value, frame)
    elif conversion == 115 or not isinstance(value, (str, int, float, complex)):
        value = m.text(value, frame)
    if not isinstance(value, (str, int, float, complex)):
        return Unknown("str")
    try:
        return Unknown("str") if hosts.is_wide(f"{{:{form}") else format(value, form)
    except (ValueError, TypeError):
        return Unknown("str")


def walrus(m: Machine, node: Node, frame: Frame) -> Value:
    """6.12 Assignment expressions; in a comprehension they bind in the function around it."""
    value = evaluate(m, node[2], frame)
    target = frame
    while target.function is not None and type(target.function) is list and target.caller is not None:
        target = target.caller
    m.store(node[1], value, target)
    return value


def starred(m: Machine, node: Node, frame: Frame) -> Value:
    """A star outside of a display or call: in a subscript."""
    return Alias(evaluate(m, node[1], frame), ())


def await_(m: Machine, node: Node, frame: Frame) -> Value:
    """6.4 Await: the coroutine's body runs here."""
    return m.run_coroutine(evaluate(m, node[1], frame), frame)


def yield_(m: Machine, node: Node, frame: Frame) -> Value:
    """6.2.9 A yield inside a larger expression: what is sent to it is not known."""
    if node[1] is not None:
        evaluate(m, node[1], frame)
    return Unknown("yield")


def yield_from(m: Machine, node: Node, frame: Frame) -> Value:
    """6.2.9 ``yield from`` inside a larger expression."""
    source = evaluate(m, node[1], frame)
    if type(source) is Coroutine:
        return m.run_coroutine(source, frame)
    for _ in m.iterate(source, frame) or ():
        pass
    return source.result if type(source) is Generator else Unknown("yield from")


EXPRESSIONS: tuple[Any, ...] = (
    constant,
    special,
    name,
    attribute,
    call,
    binary,
    unary,
    boolean,
    compare,
    conditional,
    subscript,
    slice_,
    tuple_,
    list_,
    set_,
    dict_,
    lambda_,
    comprehension,
    joined,
    formatted,
    walrus,
    starred,
    await_,
    yield_,
    yield_from,
)
