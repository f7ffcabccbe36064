"""Which changes may mend a finding, the smallest first; whether one does is not decided here."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from typing import Final

from patchlint.fixes import markers, texts
from patchlint.fixes.markers import Marks
from patchlint.model.finding import Finding
from patchlint.model.proposal import Edit, Proposal, Safety, Source

_MENDED: Final = ("PAT101", "PAT201", "PAT202", "PAT204", "PAT208", "PAT301")
"""Rules whose findings an earlier, or a smaller, patch may mend."""

_WHOLE: Final = {"gevent": ("from gevent import monkey", "monkey.patch_all()")} | {
    "eventlet": ("import eventlet", "eventlet.monkey_patch()")
}
_TLS: Final = ("from gevent import monkey", "monkey.patch_ssl()")


def candidates(
    finding: Finding,
    library: str,
    first: str,
    text: str,
    marks: Marks = Marks(),  # noqa: B008  (it is frozen)
) -> Iterator[Proposal]:
    """Changes to ``first``, the first file of the program that is executed, whose source is ``text``.

    ``library`` is the one that patches; ``marks`` are those that the project's formatters need.
    """
    if finding.code not in _MENDED or library not in _WHOLE:
        return
    tree = texts.parsed(text)
    if tree is None:
        return
    present = _patch(tree)
    if present is not None:
        yield from _moved(first, text, tree, present, marks)
        if finding.code == "PAT301" and library == "gevent":
            yield from _narrowed(first, text, tree, present)
        return
    if not texts.first_line(text, tree):
        return
    if library == "gevent" and any(capture.origin.startswith("ssl.") for capture in finding.stale):
        why = "TLS is patched before anybody takes it, and threads stay real"
        yield _inserted(first, text, tree, _TLS, ("safe", why), marks)
    patches_itself = finding.patch is not None and finding.patch.process == "main"
    why = "everything is patched before anybody takes it"
    yield _inserted(first, text, tree, _WHOLE[library], ("safe" if patches_itself else "unsafe", why), marks)


def _inserted(
    path: str, text: str, tree: ast.Module, statements: tuple[str, str], manner: tuple[Safety, str], marks: Marks
) -> Proposal:
    edits = _at_the_top(path, text, tree, f"{statements[0]}\n\n{statements[1]}\n", (), marks)
    safety, why = manner
    return Proposal(
        f"`{statements[1]}` at the top", why, safety, edits, (Source(path, text),), f"`{statements[1]}` here"
    )


def _at_the_top(
    path: str, text: str, tree: ast.Module, block: str, apart: Collection[ast.stmt], marks: Marks
) -> tuple[Edit, ...]:
    """A block before everything else, with the marks that keep it there; ``apart`` are statements that go away."""
    line = texts.first_line(text, tree)
    lead = "\n" if line > 1 and _line(text, line - 1).strip() else ""
    after = "\n" if _line(text, line).strip() else ""
    late = markers.allowed(path, text, tree, line, apart) if marks.allows else ()
    split = markers.SPLIT if marks.splits else ""
    return Edit(path, line, line, lead + block + split + after), *late


def _patch(tree: ast.Module) -> ast.Expr | None:
    """The statement of a module itself that patches."""
    for statement in tree.body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            called = ast.unparse(statement.value.func)
            if called.rpartition(".")[2] in ("patch_all", "monkey_patch"):
                return statement
    return None


def _moved(path: str, text: str, tree: ast.Module, patch: ast.Expr, marks: Marks) -> Iterator[Proposal]:
    """The patch call, with the import that it needs, before everything else."""
    line = texts.first_line(text, tree)
    name = ast.unparse(patch.value.func).partition(".")[0] if isinstance(patch.value, ast.Call) else ""
    needed = next((one for one in tree.body if _binds(one, name)), None)
    if needed is None or not line:
        return
    beside = [one for one in tree.body if one.lineno == patch.lineno]
    gone: list[ast.stmt] = [patch]
    if beside == [needed, patch]:  # `from gevent import monkey; monkey.patch_all()`, which moves as it is
        block = _written(text, patch)
    elif all(texts.statement_at(tree, one.lineno) is one for one in (patch, needed)):
        block = f"{markers.unmarked(_written(text, needed))}\n{_written(text, patch)}"
        gone += [needed] if texts.names_used(tree, name) == 1 else []
    else:
        return
    edits = [texts.removed(path, text, one) for one in gone]
    if not any(line <= one.lineno < patch.lineno and one is not needed for one in tree.body):
        return  # nothing comes before it
    edits += _at_the_top(path, text, tree, block, gone, marks)
    title = f"`{ast.unparse(patch)}` moved to the top"
    why, subject = "it comes before whatever takes a name", f"`{ast.unparse(patch)}` there"
    yield Proposal(title, why, "safe", tuple(edits), (Source(path, text),), subject)


def _narrowed(path: str, text: str, tree: ast.Module, patch: ast.Expr) -> Iterator[Proposal]:
    """Only TLS is patched here: threads stay real, and do not go on in the children of a fork."""
    whole = ast.get_source_segment(text, patch.value) or ""
    base = whole.partition("(")[0].rpartition(".")[0]
    if not base or texts.statement_at(tree, patch.lineno) is not patch:
        return
    narrow = f"{base}.patch_ssl()"
    edit = Edit(
        path, patch.lineno, (patch.end_lineno or patch.lineno) + 1, _written(text, patch).replace(whole, narrow)
    )
    title = f"`{narrow}` instead of `{whole}`"
    yield Proposal(title, "threads stay real before the fork", "unsafe", (edit,), (Source(path, text),))


def _binds(statement: ast.stmt, name: str) -> bool:
    if not isinstance(statement, (ast.Import, ast.ImportFrom)) or len(statement.names) != 1:
        return False
    alias = statement.names[0]
    return (alias.asname or alias.name.partition(".")[0]) == name


def _line(text: str, number: int) -> str:
    lines = texts.lines_of(text)
    return lines[number - 1] if 0 < number <= len(lines) else ""


def _written(text: str, statement: ast.stmt) -> str:
    """A statement's own lines, with the comments that stand behind it."""
    lines = texts.lines_of(text)[statement.lineno - 1 : statement.end_lineno]
    return "".join(lines).rstrip("\n") + "\n"
