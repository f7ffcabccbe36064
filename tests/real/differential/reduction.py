"""Makes a program that fails smaller, as long as it still fails in the same way."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

Program = dict[str, str]
Failure = frozenset[str]

_BLOCKS = ("body", "orelse", "finalbody", "handlers")
_OPTIONAL = ("decorator_list", "bases", "keywords")


def reduced(program: Program, failure_of: Callable[[Program], Failure], tries: int = 600) -> Program:
    """A smaller program with one failure of the program's in common; empty failures mean that none is left."""
    wanted = failure_of(program)
    left = tries
    found = True
    while found and left > 0:
        found = False
        for smaller in _smaller(program):
            left -= 1
            if left < 0:
                break
            if failure_of(smaller) & wanted:
                program, found = smaller, True
                break
    return program


def _smaller(program: Program) -> Iterator[Program]:
    """Programs without a file, without a statement, or with a block in place of its statement."""
    for name in program:
        if name != "driver":
            yield {key: text for key, text in program.items() if key != name}
    for name, text in program.items():
        for smaller in _texts(text):
            if smaller or name != "driver":
                yield {**program, name: smaller}


def _texts(text: str) -> Iterator[str]:
    """Smaller texts, those that lack much first."""
    blocks = len(list(_lists(ast.parse(text))))
    for place in range(blocks):
        length = len(list(_lists(ast.parse(text)))[place][1])
        for index in range(length):
            for edit in (_drop, _lift):
                tree = ast.parse(text)
                field, items = list(_lists(tree))[place]
                if edit(field, items, index) and (done := _written(tree)) is not None:
                    yield done


def _lists(tree: ast.AST) -> Iterator[tuple[str, list[ast.AST]]]:
    """The lists of a tree's nodes that may be made shorter, the outer ones first."""
    for node in ast.walk(tree):
        for field in (*_BLOCKS, *_OPTIONAL):
            items = getattr(node, field, None)
            if isinstance(items, list):
                yield field, items


def _drop(field: str, items: list[ast.AST], index: int) -> bool:
    gone = items.pop(index)
    if field == "body" and not items and not isinstance(gone, ast.Pass):
        items.append(ast.Pass())
        return True
    return not isinstance(gone, ast.Pass) or bool(items)


def _lift(field: str, items: list[ast.AST], index: int) -> bool:
    """Put a compound statement's block in its place."""
    node = items[index]
    inner = getattr(node, "body", None)
    if field not in _BLOCKS or not isinstance(inner, list) or isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return False
    items[index : index + 1] = inner
    return not isinstance(node, ast.ExceptHandler)


def _written(tree: ast.AST) -> str | None:
    """A tree as text, None where it is none any more."""
    try:
        text = ast.unparse(tree)
        compile(text, "reduced", "exec")
    except (SyntaxError, ValueError, IndexError):
        return None
    return f"{text}\n" if text else ""
