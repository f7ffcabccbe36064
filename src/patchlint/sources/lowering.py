"""Lower Python source to operations.

Function bodies are left out: most of a closure's lines are bodies that import time never runs.
``lower_function`` lowers one from its own lines when it is called.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from patchlint.model import operations as op
from patchlint.model.errors import SourceError
from patchlint.model.names import mangled
from patchlint.model.operations import Node, Summary
from patchlint.sources import newer_syntax
from patchlint.sources.skeleton import IS_POSSIBLE, skeleton

NOT_PARSED: Final = "cannot be parsed"
"""How the reason begins where the parser gave up without finding an error."""

_INT_LIMIT = 2**63
_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.BitAnd: "&",
    ast.MatMult: "@",
    ast.UAdd: "+",
    ast.USub: "-",
    ast.Not: "not",
    ast.Invert: "~",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}


def lower(text: str, path: str, *, bodies_checked: bool = True) -> Summary:
    """Lower a whole file.  Raises SourceError where it does not parse.

    Without ``bodies_checked`` a syntax error in the body of a function may go unseen, which is three times as fast.
    """
    tree = (None if bodies_checked else _parse_without_bodies(text, path)) or parse(text, path)
    lowering = Lowering("")
    lowering.lazy_annotations = _has_future_annotations(tree)
    try:
        body = lowering.block(tree.body)
    except RecursionError as error:
        raise SourceError(path, 0, f"{NOT_PARSED}: {error}") from None
    return Summary(body, ast.get_docstring(tree, clean=False), lowering.lazy_annotations)


def _parse_without_bodies(text: str, path: str) -> ast.Module | None:
    short = skeleton(text) if IS_POSSIBLE else None
    try:
        return None if short is None else parse(short, path)
    except SourceError:
        return None


def lower_expression(text: str) -> Node:
    """Lower one expression.  Raises SyntaxError."""
    return Lowering("").expression(ast.parse(text, mode="eval").body)


def lower_function(lines: list[str], function: Node, lazy_annotations: bool) -> Node:
    """Lower the body of a function from its file's lines; answers what ``F_BODY`` holds."""
    start, end = function[op.F_LINE], function[op.F_END]
    source = "".join(lines[start - 1 : end])
    indented = source[:1] in " \t\f"
    # Empty lines in front put every line into its place.
    shift = start - 2 if indented else start - 1
    before = "\n" * shift + ("if 1:\n" if indented else "")
    tree = newer_syntax.parse(before + source)
    definition: Any = tree.body[0].body[0] if indented else tree.body[0]  # type: ignore[attr-defined]
    lowering = Lowering(function[op.F_OWNER])
    lowering.lazy_annotations = lazy_annotations
    with lowering.type_parameters(definition):
        return lowering.body_of(definition)


def parse(text: str, path: str) -> ast.Module:
    """Parse source, with every reason for which it may not parse turned into a SourceError."""
    try:
        return newer_syntax.parse(text, path)
    except SyntaxError as error:
        raise SourceError(path, error.lineno or 0, f"syntax error: {error.msg}") from None
    except ValueError as error:
        raise SourceError(path, 0, f"syntax error: {error}") from None
    except (RecursionError, MemoryError):
        raise SourceError(path, 0, f"{NOT_PARSED}: it is nested too deeply") from None


def _has_future_annotations(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(alias.name == "annotations" for alias in node.names)
        for node in tree.body
    )


class Lowering:
    """Turns syntax trees into nodes; ``owner`` is the class whose private names are mangled."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.lazy_annotations = False
        self.type_names: frozenset[str] = frozenset()
        self.depth = 0

    # Helpers --------------------------------------------------------------------------------
    def mangle(self, name: str) -> str:
        """Reference 6.2.1, private name mangling."""
        return mangled(self.owner, name)

    def block(self, statements: Iterable[ast.stmt]) -> list[Node]:
        nodes = []
        for statement in statements:
            handler = _STATEMENTS.get(type(statement))
            node = None if handler is None else handler(self, statement)
            if node is not None:
                nodes.append(node)
        return nodes

    def expression(self, node: ast.expr) -> Node:
        return _EXPRESSIONS[type(node)](self, node)

    def optional(self, node: ast.expr | None) -> Node | None:
        return None if node is None else _EXPRESSIONS[type(node)](self, node)

    def expressions(self, nodes: Iterable[ast.expr]) -> list[Node]:
        return [_EXPRESSIONS[type(node)](self, node) for node in nodes]

    @contextmanager
    def type_parameters(self, node: ast.AST) -> Iterator[None]:
        """8.10 The names of a definition's type parameters, which nothing but it can see."""
        outer = self.type_names
        self.type_names |= {one.name for one in getattr(node, "type_params", ())}
        yield
        self.type_names = outer

    # Functions ------------------------------------------------------------------------------
    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, name: str) -> Node:
        arguments = node.args
        positional = [self.mangle(a.arg) for a in (*arguments.posonlyargs, *arguments.args)]
        is_lambda = isinstance(node, ast.Lambda)
        return [
            name,
            node.lineno,
            node.end_lineno,
            positional,
            len(arguments.posonlyargs),
            arguments.vararg and self.mangle(arguments.vararg.arg),
            [self.mangle(a.arg) for a in arguments.kwonlyargs],
            arguments.kwarg and self.mangle(arguments.kwarg.arg),
            self.expressions(arguments.defaults),
            [
                [self.mangle(a.arg), self.expression(default)]
                for a, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
                if default is not None
            ],
            [] if isinstance(node, ast.Lambda) else self.signature_annotations(node),
            isinstance(node, ast.AsyncFunctionDef),
            self.owner,
            self.body_of(node) if is_lambda else None,
        ]

    def signature_annotations(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[Node]:
        if self.lazy_annotations:
            return []
        arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
        annotations = [a.annotation for a in every if a.annotation is not None]
        if node.returns is not None:
            annotations.append(node.returns)
        return [touched for annotation in annotations for touched in self.touched(annotation)]

    def touched(self, annotation: ast.expr) -> list[Node]:
        """The attribute accesses that evaluating an annotation makes: only they can run code."""
        if isinstance(annotation, (ast.Name, ast.Constant)):
            return []
        if isinstance(annotation, (ast.Attribute, ast.Call)):
            return [self.expression(annotation)]
        return [
            found
            for child in ast.iter_child_nodes(annotation)
            if isinstance(child, ast.expr)
            for found in self.touched(child)
        ]

    def body_of(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> Node:
        scope = Scope(node)
        if isinstance(node, ast.Lambda):
            statements = [[op.RETURN, node.lineno, self.expression(node.body)]]
        else:
            self.depth += 1
            statements = self.block(node.body)
            self.depth -= 1
        mangled = [sorted(self.mangle(n) for n in names) for names in (scope.stored, scope.globals, scope.nonlocals)]
        has_doc = not isinstance(node, ast.Lambda) and ast.get_docstring(node, clean=False) is not None
        return [statements, *mangled, scope.is_generator, has_doc]


class Scope:
    """What a function's or a class's body binds: reference 4.2.1 and 7.12, without entering nested scopes."""

    def __init__(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda) -> None:
        self.stored: set[str] = set()
        self.globals: set[str] = set()
        self.nonlocals: set[str] = set()
        self.is_generator = False
        for statement in node.body if not isinstance(node, ast.Lambda) else [node.body]:
            self.visit(statement)
        self.stored -= self.globals | self.nonlocals

    def visit(self, node: ast.AST) -> None:
        visitor = _BINDERS.get(type(node))
        if visitor is not None:
            visitor(self, node)
        else:
            self.visit_children(node)

    def visit_children(self, node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            self.visit(child)

    def visit_name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Load):
            self.stored.add(node.id)

    def visit_definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        self.stored.add(node.name)
        for outside in _evaluated_outside(node):
            self.visit(outside)

    def visit_lambda(self, node: ast.Lambda) -> None:
        for default in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(default)

    def visit_yield(self, node: ast.Yield | ast.YieldFrom) -> None:
        self.is_generator = True
        self.visit_children(node)

    def visit_import(self, node: ast.Import | ast.ImportFrom) -> None:
        self.stored.update(a.asname or a.name.partition(".")[0] for a in node.names)

    def visit_named(self, node: ast.ExceptHandler | ast.MatchAs | ast.MatchStar) -> None:
        if node.name:
            self.stored.add(node.name)
        self.visit_children(node)

    def visit_mapping(self, node: ast.MatchMapping) -> None:
        if node.rest:
            self.stored.add(node.rest)
        self.visit_children(node)

    def visit_comprehension(self, node: ast.AST) -> None:
        """Targets of a comprehension are its own; a walrus inside binds in this scope."""
        for inner in ast.walk(node):
            if isinstance(inner, ast.NamedExpr):
                self.visit(inner.target)


_BINDERS: dict[type[ast.AST], Callable[[Scope, Any], None]] = {
    ast.Name: Scope.visit_name,
    ast.FunctionDef: Scope.visit_definition,
    ast.AsyncFunctionDef: Scope.visit_definition,
    ast.ClassDef: Scope.visit_definition,
    ast.Lambda: Scope.visit_lambda,
    ast.Yield: Scope.visit_yield,
    ast.YieldFrom: Scope.visit_yield,
    ast.Global: lambda scope, node: scope.globals.update(node.names),
    ast.Nonlocal: lambda scope, node: scope.nonlocals.update(node.names),
    ast.Import: Scope.visit_import,
    ast.ImportFrom: Scope.visit_import,
    ast.ExceptHandler: Scope.visit_named,
    ast.MatchAs: Scope.visit_named,
    ast.MatchStar: Scope.visit_named,
    ast.MatchMapping: Scope.visit_mapping,
    ast.ListComp: Scope.visit_comprehension,
    ast.SetComp: Scope.visit_comprehension,
    ast.DictComp: Scope.visit_comprehension,
    ast.GeneratorExp: Scope.visit_comprehension,
}


def _evaluated_outside(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> list[ast.expr]:
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *(k.value for k in node.keywords)]
    return [*node.decorator_list, *node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]


# Expressions ------------------------------------------------------------------------------------
def _constant(lowering: Lowering, node: ast.Constant) -> Node:
    value = node.value
    if type(value) is str:
        if value.isascii() or not _SURROGATE.search(value):
            return [op.CONST, value]
        return [op.SPECIAL, "str", value.encode("utf-16", "surrogatepass")]
    if value is Ellipsis:
        return [op.SPECIAL, "ellipsis", ""]
    if isinstance(value, complex):
        return [op.SPECIAL, "complex", repr(value)]
    if isinstance(value, int) and not -_INT_LIMIT <= value < _INT_LIMIT:
        return [op.SPECIAL, "int", hex(value)]
    return [op.CONST, value]


_SURROGATE = re.compile("[\ud800-\udfff]")


def _name(lowering: Lowering, node: ast.Name) -> Node:
    if node.id in lowering.type_names:
        return [op.SPECIAL, "type parameter", ""]
    return [op.NAME, lowering.mangle(node.id)]


def _attribute(lowering: Lowering, node: ast.Attribute) -> Node:
    return [op.ATTRIBUTE, lowering.expression(node.value), lowering.mangle(node.attr)]


def _call(lowering: Lowering, node: ast.Call) -> Node:
    return [
        op.CALL,
        node.lineno,
        lowering.expression(node.func),
        lowering.expressions(node.args),
        [[k.arg, lowering.expression(k.value)] for k in node.keywords],
    ]


def _comprehension(
    kind: int,
) -> Callable[[Lowering, Any], Node]:
    def lower_comprehension(lowering: Lowering, node: Any) -> Node:
        element = node.key if kind == op.DICT_COMPREHENSION else node.elt
        clauses = [
            [lowering.expression(g.target), lowering.expression(g.iter), lowering.expressions(g.ifs)]
            for g in node.generators
        ]
        value = lowering.expression(node.value) if kind == op.DICT_COMPREHENSION else None
        return [op.COMPREHENSION, kind, lowering.expression(element), value, clauses, node.lineno]

    return lower_comprehension


def _dict(lowering: Lowering, node: ast.Dict) -> Node:
    return [
        op.DICT,
        [[lowering.optional(k), lowering.expression(v)] for k, v in zip(node.keys, node.values, strict=True)],
    ]


_EXPRESSIONS: dict[type[ast.AST], Callable[[Lowering, Any], Node]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.BinOp: lambda s, n: [op.BINARY, _OPERATORS[type(n.op)], s.expression(n.left), s.expression(n.right)],
    ast.UnaryOp: lambda s, n: [op.UNARY, _OPERATORS[type(n.op)], s.expression(n.operand)],
    ast.BoolOp: lambda s, n: [op.BOOLEAN, isinstance(n.op, ast.And), s.expressions(n.values)],
    ast.Compare: lambda s, n: [
        op.COMPARE,
        s.expression(n.left),
        [[_OPERATORS[type(o)], s.expression(c)] for o, c in zip(n.ops, n.comparators, strict=True)],
    ],
    ast.IfExp: lambda s, n: [op.CONDITIONAL, s.expression(n.test), s.expression(n.body), s.expression(n.orelse)],
    ast.Subscript: lambda s, n: [op.SUBSCRIPT, s.expression(n.value), s.expression(n.slice)],
    ast.Slice: lambda s, n: [op.SLICE, s.optional(n.lower), s.optional(n.upper), s.optional(n.step)],
    ast.Tuple: lambda s, n: [op.TUPLE, s.expressions(n.elts)],
    ast.List: lambda s, n: [op.LIST, s.expressions(n.elts)],
    ast.Set: lambda s, n: [op.SET, s.expressions(n.elts)],
    ast.Dict: _dict,
    ast.Lambda: lambda s, n: [op.LAMBDA, s.function(n, "<lambda>")],
    ast.ListComp: _comprehension(op.LIST_COMPREHENSION),
    ast.SetComp: _comprehension(op.SET_COMPREHENSION),
    ast.DictComp: _comprehension(op.DICT_COMPREHENSION),
    ast.GeneratorExp: _comprehension(op.GENERATOR_EXPRESSION),
    ast.JoinedStr: lambda s, n: [op.JOINED, s.expressions(n.values)],
    ast.FormattedValue: lambda s, n: [op.FORMATTED, s.expression(n.value), n.conversion, s.optional(n.format_spec)],
    ast.NamedExpr: lambda s, n: [op.WALRUS, s.mangle(n.target.id), s.expression(n.value)],
    ast.Starred: lambda s, n: [op.STARRED, s.expression(n.value)],
    ast.Await: lambda s, n: [op.AWAIT, s.expression(n.value)],
    ast.Yield: lambda s, n: [op.YIELD, s.optional(n.value)],
    ast.YieldFrom: lambda s, n: [op.YIELD_FROM, s.expression(n.value)],
}


# Statements -------------------------------------------------------------------------------------
def _expression(lowering: Lowering, node: ast.Expr) -> Node | None:
    if isinstance(node.value, ast.Constant):
        return None
    return [op.EXPRESSION, node.lineno, lowering.expression(node.value)]


def _annotated(lowering: Lowering, node: ast.AnnAssign) -> Node:
    annotation = node.annotation
    if lowering.lazy_annotations:  # PEP 563
        lowered = [op.CONST, annotation.id if isinstance(annotation, ast.Name) else ast.unparse(annotation)]
    else:
        lowered = lowering.expression(annotation)
    return [op.ANNOTATE, node.lineno, lowering.expression(node.target), lowering.optional(node.value), lowered]


def _function(lowering: Lowering, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Node:
    if getattr(node, "type_params", ()):
        with lowering.type_parameters(node):
            function = lowering.function(node, node.name)
    else:
        function = lowering.function(node, node.name)
    return [op.FUNCTION, node.lineno, function, lowering.expressions(node.decorator_list), lowering.mangle(node.name)]


def _class(lowering: Lowering, node: ast.ClassDef) -> Node:
    decorators = lowering.expressions(node.decorator_list)
    with lowering.type_parameters(node):
        bases = lowering.expressions(node.bases)
        keywords = [[k.arg, lowering.expression(k.value)] for k in node.keywords]
        outer, lowering.owner = lowering.owner, node.name
        body = lowering.block(node.body)
        names = sorted(lowering.mangle(name) for name in Scope(node).stored) if lowering.depth else []
        lowering.owner = outer
    doc = ast.get_docstring(node, clean=False)
    doc = doc if doc is None or not _SURROGATE.search(doc) else ""
    return [op.CLASS, node.lineno, lowering.mangle(node.name), decorators, bases, keywords, body, doc, names]


def _aliases(lowering: Lowering, names: list[ast.alias]) -> list[Node]:
    return [[a.name, a.asname and lowering.mangle(a.asname)] for a in names]


def _try(lowering: Lowering, node: ast.Try) -> Node:
    handlers = [
        [lowering.optional(h.type), h.name and lowering.mangle(h.name), lowering.block(h.body), h.lineno]
        for h in node.handlers
    ]
    return [
        op.TRY,
        node.lineno,
        lowering.block(node.body),
        handlers,
        lowering.block(node.orelse),
        lowering.block(node.finalbody),
    ]


def _for(lowering: Lowering, node: ast.For) -> Node:
    target, iterable = lowering.expression(node.target), lowering.expression(node.iter)
    return [op.FOR, node.lineno, target, iterable, lowering.block(node.body), lowering.block(node.orelse)]


def _with(lowering: Lowering, node: ast.With) -> Node:
    items = [[lowering.expression(i.context_expr), lowering.optional(i.optional_vars)] for i in node.items]
    return [op.WITH, node.lineno, items, lowering.block(node.body)]


def _match(lowering: Lowering, node: ast.Match) -> Node:
    cases = [[_pattern(lowering, c.pattern), lowering.optional(c.guard), lowering.block(c.body)] for c in node.cases]
    return [op.MATCH, node.lineno, lowering.expression(node.subject), cases]


def _pattern(lowering: Lowering, node: ast.pattern) -> Node:
    """8.6.4 Patterns; ``machine/patterns.py`` says how each is kept."""
    if isinstance(node, ast.MatchValue):
        return ["value", lowering.expression(node.value)]
    if isinstance(node, ast.MatchSingleton):
        return ["singleton", node.value]
    if isinstance(node, ast.MatchOr):
        return ["or", [_pattern(lowering, p) for p in node.patterns]]
    if isinstance(node, ast.MatchStar):
        return ["as", None, node.name and lowering.mangle(node.name)]
    if isinstance(node, ast.MatchSequence):
        stars = [index for index, inner in enumerate(node.patterns) if isinstance(inner, ast.MatchStar)]
        return ["sequence", [_pattern(lowering, p) for p in node.patterns], stars[0] if stars else -1]
    if isinstance(node, ast.MatchMapping):
        entries = [
            [lowering.expression(key), _pattern(lowering, p)] for key, p in zip(node.keys, node.patterns, strict=True)
        ]
        return ["mapping", entries, node.rest and lowering.mangle(node.rest)]
    if isinstance(node, ast.MatchClass):
        keywords = [
            [lowering.mangle(name), _pattern(lowering, p)]
            for name, p in zip(node.kwd_attrs, node.kwd_patterns, strict=True)
        ]
        return ["class", lowering.expression(node.cls), [_pattern(lowering, p) for p in node.patterns], keywords]
    return _capture(lowering, node)


def _capture(lowering: Lowering, node: Any) -> Node:
    """``pattern as name``, ``name`` or ``_``."""
    inner = None if node.pattern is None else _pattern(lowering, node.pattern)
    return ["as", inner, node.name and lowering.mangle(node.name)]


_STATEMENTS: dict[type[ast.AST], Callable[[Lowering, Any], Node | None]] = {
    ast.Expr: _expression,
    ast.Assign: lambda s, n: [op.ASSIGN, n.lineno, s.expressions(n.targets), s.expression(n.value)],
    ast.AugAssign: lambda s, n: [
        op.AUGMENT,
        n.lineno,
        _OPERATORS[type(n.op)],
        s.expression(n.target),
        s.expression(n.value),
    ],
    ast.AnnAssign: _annotated,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Import: lambda s, n: [op.IMPORT, n.lineno, _aliases(s, n.names)],
    ast.ImportFrom: lambda s, n: [op.IMPORT_FROM, n.lineno, n.module or "", n.level, _aliases(s, n.names)],
    ast.If: lambda s, n: [op.IF, n.lineno, s.expression(n.test), s.block(n.body), s.block(n.orelse)],
    ast.For: _for,
    ast.While: lambda s, n: [op.WHILE, n.lineno, s.expression(n.test), s.block(n.body), s.block(n.orelse)],
    ast.Try: _try,
    ast.With: _with,
    ast.Raise: lambda s, n: [op.RAISE, n.lineno, s.optional(n.exc), s.optional(n.cause)],
    ast.Return: lambda s, n: [op.RETURN, n.lineno, s.optional(n.value)],
    ast.Delete: lambda s, n: [op.DELETE, n.lineno, s.expressions(n.targets)],
    ast.Global: lambda s, n: [op.GLOBAL, n.lineno, [s.mangle(name) for name in n.names]],
    ast.Assert: lambda s, n: [op.ASSERT, n.lineno, s.expression(n.test)],
    ast.Break: lambda s, n: [op.BREAK, n.lineno],
    ast.Continue: lambda s, n: [op.CONTINUE, n.lineno],
    ast.Match: _match,
    # At import time an asynchronous loop or manager only runs inside a coroutine that is awaited.
    ast.AsyncFor: _for,
    ast.AsyncWith: _with,
}
if hasattr(ast, "TryStar"):
    _STATEMENTS[ast.TryStar] = lambda s, n: [op.TRY_STAR, *_try(s, n)[1:]]
if hasattr(ast, "TypeAlias"):
    _STATEMENTS[ast.TypeAlias] = lambda s, n: [
        op.ASSIGN,
        n.lineno,
        [s.expression(n.name)],
        [op.SPECIAL, "type alias", ""],
    ]
_EXPRESSIONS[newer_syntax.TypeAliasValue] = lambda s, n: [op.SPECIAL, "type alias", ""]
for _kind in ("TemplateStr", "Interpolation"):
    if hasattr(ast, _kind):
        _EXPRESSIONS[getattr(ast, _kind)] = lambda s, n: [op.SPECIAL, "template", ""]
