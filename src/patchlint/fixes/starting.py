"""What is started before the fork, started by the server's hook in a worker instead."""

from __future__ import annotations

import ast
import os
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from patchlint.fixes import texts
from patchlint.fixes.hooks import NAME, hooks
from patchlint.fixes.texts import Read
from patchlint.model.finding import Finding
from patchlint.model.proposal import Edit, Proposal, Source

_ONCE: Final = {"PAT301": True, "PAT304": False}
"""Rules about what belongs behind the fork, and whether into one of the workers only."""
_PROCESS: Final = "PAT305"

_FUNCTION: Final = "start_in_worker"
_LIST: Final = "at_worker_start"
_FORGET: Final = (
    "import atexit",
    "from multiprocessing.util import _exit_function",
    "",
    "atexit.unregister(_exit_function)  # what the master has started is not the worker's to join",
)


def starts(finding: Finding, own: Mapping[str, str], read: Read) -> Iterator[Proposal]:
    """The start at the finding's line, in a hook; ``own`` are the names of the program's modules by their files."""
    if finding.code == _PROCESS:
        yield from _forgotten(finding, own, read)
    source, tree = _source(finding, read)
    if finding.code not in _ONCE or source is None or tree is None:
        return
    start = _start(tree, source, finding.location.line)
    if start is None:
        return
    is_once = _ONCE[finding.code]
    where = _where(is_once)
    if finding.entrypoint.argv and os.path.basename(finding.entrypoint.argv[0]) == "uwsgi":
        yield _postfork(start, source, is_once)
        return
    taken = _taken_out(start, source)
    for hook in hooks(finding.entrypoint, own, read):
        module = own.get(source.path, "")
        is_here = hook.source.path == source.path
        if not is_here and module in ("", "__main__"):
            continue
        body = _body(taken, "" if is_here else module, is_once)
        known = f"for start in {_LIST}" in hook.source.text and taken.is_listed_already
        edits = (*taken.edits, *(() if known else hook.edits(body)))
        sources = (source,) if is_here or known else (source, hook.source)
        why = f"{where}; the worker that takes its place would not start it again" if is_once else where
        title = f"`{taken.what}` moved into gunicorn's `{NAME}`"
        yield Proposal(title, why, "unsafe", edits, sources, moves=True)


def _source(finding: Finding, read: Read) -> tuple[Source | None, ast.Module | None]:
    path = finding.location.path
    text = read(path) if finding.location.line else None
    return (None, None) if text is None else (Source(path, text), texts.parsed(text))


@dataclass(frozen=True, slots=True)
class _Start:
    """A statement that starts something: ``call`` as it is written, ``outer`` what it is part of in the module."""

    statement: ast.Expr
    outer: ast.stmt
    call: str
    indent: str

    @property
    def lines(self) -> tuple[int, int]:
        """Its first line, and the one behind its last."""
        return self.statement.lineno, (self.statement.end_lineno or self.statement.lineno) + 1

    @property
    def short(self) -> str:
        """What it says, on one line."""
        text = ast.unparse(self.statement)
        return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


_LONGEST: Final = 60


def _start(tree: ast.Module, source: Source, line: int) -> _Start | None:
    """The innermost call that is a statement by itself at a line, if it has its lines to itself."""
    for outer in tree.body:
        found = [
            node
            for node in ast.walk(outer)
            if isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Call)
            and node.lineno <= line <= (node.end_lineno or node.lineno)
        ]
        if found:
            return _alone(max(found, key=lambda node: node.col_offset), outer, source)
    return None


def _alone(statement: ast.Expr, outer: ast.stmt, source: Source) -> _Start | None:
    end = statement.end_lineno or statement.lineno
    lines = texts.lines_of(source.text)[statement.lineno - 1 : end]
    call = ast.get_source_segment(source.text, statement) or ""
    indent = lines[0][: len(lines[0]) - len(lines[0].lstrip())]
    rest = lines[-1].rstrip().rpartition(call.rpartition("\n")[2])[2].strip()
    is_plain = lines[0].lstrip().startswith(call.partition("\n")[0]) and (not rest or rest.startswith("#"))
    is_text_inside = any(
        isinstance(node, (ast.Constant, ast.JoinedStr)) and node.lineno != node.end_lineno
        for node in ast.walk(statement)
    )
    return _Start(statement, outer, call, indent) if is_plain and not is_text_inside else None


@dataclass(frozen=True, slots=True)
class _Taken:
    """A start that waits for its hook: under ``name``, a function or a list of them."""

    what: str
    name: str
    edits: tuple[Edit, ...]
    is_listed_already: bool = False


def _taken_out(start: _Start, source: Source) -> _Taken:
    """A statement of the module itself becomes a function; what is deeper is kept in a list, as it knows locals."""
    line, end = start.lines
    if start.statement is start.outer:
        name = _free(source.text, _FUNCTION)
        text = f"def {name}():\n" + textwrap.indent(start.call, "    ") + "\n"
        return _Taken(start.short, name, (Edit(source.path, line, end, _spaced(text, source, line, end)),))
    call = start.statement.value
    is_bound = (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and not (call.args or call.keywords)
    )
    waiting = start.call.rpartition("(")[0] if is_bound else f"lambda: {start.call}"
    replaced = Edit(source.path, line, end, f"{start.indent}{_LIST}.append({waiting})\n")
    if f"{_LIST} = []" in source.text:
        return _Taken(start.short, _LIST, (replaced,), is_listed_already=True)
    outer = texts.begins(start.outer)
    return _Taken(
        start.short,
        _LIST,
        (Edit(source.path, outer, outer, _spaced(f"{_LIST} = []\n", source, outer, outer)), replaced),
    )


def _body(taken: _Taken, module: str, is_once: bool) -> list[str]:
    """What the hook does; ``module`` is ``""`` where the start is in the same file."""
    lines = [f"from {module} import {taken.name}", ""] if module else []
    if taken.name == _LIST:
        lines += [f"for start in {_LIST}:", "    start()"]
    else:
        lines += [f"{taken.name}()"]
    return ["if worker.age == 1:", *(f"    {line}" for line in lines)] if is_once else lines


def _postfork(start: _Start, source: Source, is_once: bool) -> Proposal:
    """uWSGI calls what ``@postfork`` decorates, in each worker."""
    line, end = start.lines
    name = _free(source.text, _FUNCTION)
    body = textwrap.indent(start.call, "    ")
    imports = "from uwsgidecorators import postfork\n"
    if is_once:
        imports = f"import uwsgi\n{imports}"
        body = "    if uwsgi.worker_id() == 1:\n" + textwrap.indent(body, "    ")
    text = textwrap.indent(f"{imports}\n\n@postfork\ndef {name}():\n{body}\n", start.indent)
    edit = Edit(source.path, line, end, _spaced(text, source, line, end) if not start.indent else text)
    why = f"{_where(is_once)}; the module cannot be imported outside of uWSGI any more"
    return Proposal(f"`{start.short}` moved into uWSGI's `@postfork`", why, "unsafe", (edit,), (source,), moves=True)


def _where(is_once: bool) -> str:
    return f"it runs in {'one worker only' if is_once else 'each worker'}, after the fork"


def _forgotten(finding: Finding, own: Mapping[str, str], read: Read) -> Iterator[Proposal]:
    """The workers do not join, and do not end, the process that they inherit."""
    for hook in hooks(finding.entrypoint, own, read):
        title = f"`atexit.unregister(_exit_function)` in gunicorn's `{NAME}`"
        why = "the workers leave the master's process alone when they end"
        yield Proposal(title, why, "unsafe", hook.edits(_FORGET), (hook.source,))


def _free(text: str, name: str) -> str:
    """A name that a text does not have."""
    number = 1
    free = name
    while free in text:
        number += 1
        free = f"{name}_{number}"
    return free


def _spaced(text: str, source: Source, line: int, end: int) -> str:
    """A definition with two empty lines on each side."""
    lines = texts.lines_of(source.text)
    before = sum(1 for _ in _empty(reversed(lines[: line - 1])))
    after = sum(1 for _ in _empty(iter(lines[end - 1 :])))
    lead = "\n" * (2 - min(before, 2)) if line > 1 + before else ""
    tail = "\n" * (2 - min(after, 2)) if len(lines) >= end + after else ""
    return lead + text + tail


def _empty(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if line.strip():
            return
        yield line
