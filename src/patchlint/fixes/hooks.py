"""Where gunicorn is told what to call in each of its workers: its configuration file, or the program's own options."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from patchlint.fixes import texts
from patchlint.fixes.texts import Read
from patchlint.model.plan import Entrypoint
from patchlint.model.proposal import Edit, Source

NAME: Final = "post_worker_init"
"""Called in a worker when it has loaded the application and patched."""

_CONFIGURATION: Final = "gunicorn.conf.py"
_SETTINGS: Final = frozenset(("worker_class", "workers", "bind", "threads", "timeout", "preload_app", "loglevel"))
"""Settings of gunicorn's that programs give it, by which their options are known."""


@dataclass(frozen=True, slots=True)
class Hook:
    """A place for a hook: ``edits`` put the lines of a function's body there, which may use ``worker``."""

    source: Source
    edits: Callable[[Sequence[str]], tuple[Edit, ...]]


def hooks(entrypoint: Entrypoint, own: Mapping[str, str], read: Read) -> Iterator[Hook]:
    """The places that an entrypoint has for a hook; ``own`` are the program's modules by their files."""
    if entrypoint.kind == "command":
        yield from _in_configuration(entrypoint, read)
    for path in own:
        text = read(path)
        tree = texts.parsed(text) if text is not None and "gunicorn" in text else None
        if text is not None and tree is not None:
            yield from _in_options(Source(path, text), tree)


def configuration(entrypoint: Entrypoint) -> str:
    """The Python file that a gunicorn command is configured by, whether there is one or not; ``""`` for none."""
    words = entrypoint.argv
    name = _CONFIGURATION
    for word, following in zip(words, (*words[1:], ""), strict=True):
        if word in ("-c", "--config"):
            name = following
        elif word.startswith("--config="):
            name = word.partition("=")[2]
    is_gunicorn = any(os.path.basename(word) == "gunicorn" for word in words)
    return os.path.normpath(os.path.join(entrypoint.cwd, name)) if is_gunicorn and name.endswith(".py") else ""


def _in_configuration(entrypoint: Entrypoint, read: Read) -> Iterator[Hook]:
    path = configuration(entrypoint)
    text = read(path) if path else None
    if text is None:
        if path and os.path.basename(path) == _CONFIGURATION and not os.path.lexists(path):
            yield Hook(Source(path, "", is_new=True), lambda body: (Edit(path, 1, 1, _function(body)),))
        return
    tree = texts.parsed(text)
    if tree is None:
        return
    source = Source(path, text)
    present = _bound(tree, NAME)
    if isinstance(present, ast.FunctionDef):
        yield from _extended(source, present)
    elif present is None:
        end = len(texts.lines_of(text)) + 1
        lead = "\n\n" if text.strip() else ""
        yield Hook(source, lambda body: (Edit(path, end, end, lead + _function(body)),))


def _in_options(source: Source, tree: ast.Module) -> Iterator[Hook]:
    """The first mapping of settings, or the first call that sets one, in a program that runs gunicorn itself."""
    for statement in tree.body:
        for node in ast.walk(statement):
            keys = _keys(node)
            if not _SETTINGS.intersection(keys):
                continue
            if NAME in keys:
                named = keys[NAME]
                present = _bound(tree, named.id) if isinstance(named, ast.Name) else None
                yield from _extended(source, present) if isinstance(present, ast.FunctionDef) else ()
            elif _bound(tree, NAME) is None:
                yield from _added(source, statement, node)
            return


def _keys(node: ast.AST) -> dict[str, ast.expr]:
    """The settings that a node gives, with their values: a dictionary, ``dict(...)``, ``cfg.set(name, value)``."""
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return {key.value: value for key, value in pairs if isinstance(key, ast.Constant) and type(key.value) is str}
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
        return {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    if isinstance(node, ast.Expr) and _sets(node.value):
        call = node.value
        name = call.args[0] if isinstance(call, ast.Call) else None
        return {name.value: node.value} if isinstance(name, ast.Constant) and type(name.value) is str else {}
    return {}


def _sets(call: ast.expr) -> bool:
    """``self.cfg.set("workers", 2)``."""
    if not isinstance(call, ast.Call) or len(call.args) != 2 or not isinstance(call.func, ast.Attribute):
        return False
    return call.func.attr == "set" and ast.unparse(call.func.value).endswith("cfg")


def _added(source: Source, statement: ast.stmt, node: ast.AST) -> Iterator[Hook]:
    """A function before the statement that the settings stand in, and its name among them."""
    lines = texts.lines_of(source.text)
    line = texts.begins(statement)
    entry = _entry(source, lines, node)
    if entry is None or entry.line < line:
        return
    before = "".join(lines[: line - 1])
    lead = "" if not before or before.endswith("\n\n\n") else "\n" if before.endswith("\n\n") else "\n\n"

    def edits(body: Sequence[str]) -> tuple[Edit, ...]:
        return Edit(source.path, line, line, f"{lead}{_function(body)}\n\n"), entry

    if entry.line > line or entry.end == entry.line:
        yield Hook(source, edits)
    else:  # one line for both

        def at_once(body: Sequence[str]) -> tuple[Edit, ...]:
            return (Edit(source.path, line, entry.end, f"{lead}{_function(body)}\n\n{entry.text}"),)

        yield Hook(source, at_once)


def _entry(source: Source, lines: Sequence[str], node: ast.AST) -> Edit | None:
    """The name of the hook, before the first of the settings."""
    if isinstance(node, ast.Expr):
        indent = lines[node.lineno - 1][: node.col_offset]
        call = node.value
        if indent.strip() or not isinstance(call, ast.Call):
            return None
        return Edit(source.path, node.lineno, node.lineno, f'{indent}{ast.unparse(call.func)}("{NAME}", {NAME})\n')
    first: ast.AST | None = None
    if isinstance(node, ast.Dict) and node.keys:
        first, entry = node.keys[0], f'"{NAME}": {NAME},'
    elif isinstance(node, ast.Call) and node.keywords and not node.args:
        first, entry = node.keywords[0], f"{NAME}={NAME},"
    if not isinstance(first, (ast.expr, ast.keyword)):
        return None
    line = lines[first.lineno - 1]
    head = line.encode()[: first.col_offset].decode()
    between = f"\n{head}" if not head.strip() else " "
    return Edit(source.path, first.lineno, first.lineno + 1, f"{head}{entry}{between}{line[len(head) :]}")


def _extended(source: Source, function: ast.FunctionDef) -> Iterator[Hook]:
    """At the end of a hook that is there."""
    first, last = function.body[0], function.body[-1]
    indent = texts.lines_of(source.text)[first.lineno - 1][: first.col_offset]
    if not function.args.args or first.lineno == function.lineno or indent.strip():
        return
    end = (last.end_lineno or last.lineno) + 1
    name = function.args.args[-1].arg  # the worker comes last in all hooks that are given one

    def edits(body: Sequence[str]) -> tuple[Edit, ...]:
        ours = [one.replace("worker.age", f"{name}.age") for one in body]
        return (Edit(source.path, end, end, "".join(f"{indent}{one}".rstrip() + "\n" for one in ours)),)

    yield Hook(source, edits)


def _function(body: Sequence[str]) -> str:
    return f"def {NAME}(worker):\n" + "".join(f"    {line}".rstrip() + "\n" for line in body)


def _bound(tree: ast.Module, name: str) -> ast.stmt | None:
    """The statement of a module itself that binds a name."""
    for statement in tree.body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and statement.name == name:
            return statement
        if isinstance(statement, (ast.Assign, ast.AnnAssign, ast.Import, ast.ImportFrom)):
            if any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(statement)):
                return statement
            if any(isinstance(node, ast.alias) and (node.asname or node.name) == name for node in ast.walk(statement)):
                return statement
    return None
