"""Changes to how a program is launched: an option of the server's left out, or given, where the command stands."""

from __future__ import annotations

import ast
import os
import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from patchlint.fixes import texts
from patchlint.fixes.hooks import configuration
from patchlint.fixes.texts import Read
from patchlint.model.finding import Finding
from patchlint.model.location import LAUNCH
from patchlint.model.plan import Entrypoint
from patchlint.model.proposal import Edit, Proposal, Source

_BY_LAUNCH: Final = ("PAT101", "PAT201", "PAT204", "PAT301", "PAT304", "PAT305")
"""Rules whose findings may be gone where each worker loads the program by itself, or where the server patches early."""

_PRELOAD: Final = "--preload"
_LAZY: Final = "lazy-apps"
_EARLY: Final = "gevent-early-monkey-patch"


def launches(finding: Finding, own: Iterable[str], read: Read) -> Iterator[Proposal]:
    """Changes to the command that starts the program, to the configuration that it reads, or to the program's options.

    ``own`` are the program's files.
    """
    entrypoint = finding.entrypoint
    if finding.code == "PAT208" and any(os.path.basename(word) == "celery" for word in entrypoint.argv[:1]):
        yield from _pool(finding, read)
    if finding.code not in _BY_LAUNCH:
        return
    yield from _in_program(own, read)
    if entrypoint.kind != "command" or not entrypoint.argv:
        return
    if _PRELOAD in entrypoint.argv:
        yield _without_preload(entrypoint, read)
    yield from _configured(entrypoint, read)
    if os.path.basename(entrypoint.argv[0]) == "uwsgi":
        patches = finding.patch is not None
        why = "gevent patches before the application is loaded"
        yield from _given(entrypoint, _EARLY, why, read) if patches else ()
        yield from _given(entrypoint, _LAZY, "each worker loads the application, after the fork", read)


_POOL: Final = re.compile(r"-P(gevent|eventlet)")
_CHOSEN: Final = re.compile(r"\b(gevent|eventlet)\b")


def _pool(finding: Finding, read: Read) -> Iterator[Proposal]:
    """celery patches where the pool's name is a word of its own behind ``-P``, and nowhere else."""
    entrypoint = finding.entrypoint
    words = list(entrypoint.argv)
    glued = next((number for number, word in enumerate(words) if _POOL.fullmatch(word)), None)
    if glued is not None:
        name = words[glued][2:]
        words[glued : glued + 1] = ["-P", name]
    else:
        text = read(finding.location.path) if finding.location.line else None
        found = _CHOSEN.search(texts.lines_of(text)[finding.location.line - 1]) if text else None
        if found is None or words.count("worker") != 1:
            return
        name = found[1]
        words[(at := words.index("worker") + 1) : at] = ["-P", name]
    edits, sources = _edited(entrypoint, read, lambda line: _with_pool(line, name))
    title = f"`-P {name}`: `{shlex.join(words)}`"
    why = f"celery patches for a pool that is chosen so, before it imports anything; {name}'s pool needs that"
    yield Proposal(title, why, "unsafe", edits, sources, f"`-P {name}`", entrypoint, tuple(words))


def _with_pool(line: str, name: str) -> str | None:
    """The option in its own two words, in the manner of the line: a shell's, or a list of quoted words."""
    after, count = re.subn(rf"(?<=[ \t])-P{name}(?![\w-])", f"-P {name}", line)
    if not count:
        after, count = re.subn(rf"""(["'])-P{name}\1""", rf"\1-P\1, \1{name}\1", line)
    if not count:
        after, count = re.subn(r"(\bcelery\b[^;&|]*[ \t]worker)(?=\s)", rf"\1 -P {name}", line)
    return after if count == 1 else None


def _without_preload(entrypoint: Entrypoint, read: Read) -> Proposal:
    command = tuple(word for word in entrypoint.argv if word != _PRELOAD)
    title = f"`{_PRELOAD}` left out: `{shlex.join(command)}`"
    edits, sources = _edited(entrypoint, read, _dropped)
    return Proposal(title, _LATER_WHY, "unsafe", edits, sources, f"Leaving out `{_PRELOAD}`", entrypoint, command)


def _given(entrypoint: Entrypoint, option: str, why: str, read: Read) -> Iterator[Proposal]:
    """A flag of uWSGI's, on its command line or in the section of its configuration file."""
    if any(word.removeprefix("--").startswith(option) for word in entrypoint.argv):
        return
    command = (entrypoint.argv[0], f"--{option}", *entrypoint.argv[1:])
    edits, sources = _edited(entrypoint, read, lambda line: _inserted(line, option))
    if not edits:
        edits, sources = _in_section(entrypoint, read, option)
    is_file = any(one.path.endswith((".ini", *_SECTIONS)) for one in sources)
    if is_file and any(option in one.text for one in sources):
        return
    if is_file:  # which is played as it is written
        yield Proposal(f"`{option} = true`", why, "unsafe", edits, sources, f"`{option}`")
        return
    title = f"`--{option}`: `{shlex.join(command)}`"
    yield Proposal(title, why, "unsafe", edits, sources, f"`{option}`", entrypoint, command)


def _edited(
    entrypoint: Entrypoint, read: Read, change: Callable[[str], str | None]
) -> tuple[tuple[Edit, ...], tuple[Source, ...]]:
    """The one line, of those that the command stands in, that a change fits; no edit where there is none."""
    place = entrypoint.origin
    text = read(place.path) if place is not None and place != LAUNCH and place.line else None
    if place is None or text is None:
        return (), ()
    lines = texts.lines_of(text)
    last = place.line
    while last < len(lines) and (lines[last - 1].rstrip().endswith("\\") or place.path.endswith(".ini")):
        last += 1
    changed = ((number, change(lines[number - 1])) for number in range(place.line, last + 1) if number <= len(lines))
    found = [Edit(place.path, number, number + 1, line) for number, line in changed if line is not None]
    return (tuple(found), (Source(place.path, text),)) if len(found) == 1 else ((), ())


_DROPPED: Final = re.compile(r"""\s*(["'])--preload\1\s*,|,\s*(["'])--preload\2|[ \t]--preload(?![\w-])""")


def _dropped(line: str) -> str | None:
    after, count = _DROPPED.subn("", line)
    return after if count == 1 else None


def _inserted(line: str, option: str) -> str | None:
    if line.strip() == "[uwsgi]":
        return f"{line.rstrip()}\n{option} = true\n"
    after, count = re.subn(r"(?<![\w./-])((?:[\w./-]*/)?uwsgi)(?=[ \t])", rf"\1 --{option}", line)
    return after if count == 1 else None


_SECTIONS: Final = {
    ".yaml": (r"uwsgi:\s*(#.*)?\n", "{name}: true\n"),
    ".yml": (r"uwsgi:\s*(#.*)?\n", "{name}: true\n"),
    ".json": (r'(.*[{\s])?"uwsgi"\s*:\s*\{', '"{name}": true,'),
    ".xml": (r"(.*>)?\s*<uwsgi[^>]*>", "<{name}/>"),
}
"""How uWSGI's section begins in each other kind of file, and how a flag is written at its top."""


def _in_section(entrypoint: Entrypoint, read: Read, option: str) -> tuple[tuple[Edit, ...], tuple[Source, ...]]:
    """A flag at the top of uWSGI's section, as far from the margin as what it comes before."""
    place = entrypoint.origin
    ending = os.path.splitext(place.path)[1] if place is not None else ""
    text = read(place.path) if place is not None and ending in _SECTIONS else None
    if place is None or text is None:
        return (), ()
    head, flag = _SECTIONS[ending]
    lines = texts.lines_of(text)
    line, following = (*lines[place.line - 1 :], "")[:2]
    begins = re.match(head, line)
    if begins is None:
        return (), ()
    written, rest = flag.format(name=option), line[begins.end() :]
    if rest.strip():
        written = f"{begins[0]}{written}{'' if rest.startswith((' ', '<')) else ' '}{rest}"
    else:
        margin = following[: len(following) - len(following.lstrip())]
        written = f"{begins[0].rstrip()}\n{margin}{written.rstrip()}\n"
    return (Edit(place.path, place.line, place.line + 1, written),), (Source(place.path, text),)


def _in_program(own: Iterable[str], read: Read) -> Iterator[Proposal]:
    """``preload_app`` among the options of a program that runs gunicorn itself."""
    for path in own:
        text = read(path)
        tree = texts.parsed(text) if text is not None and "preload_app" in text else None
        if text is None or tree is None:
            continue
        for value in _preloading(tree):
            line = texts.lines_of(text)[value.lineno - 1]
            if line.count("True") == 1:
                edit = Edit(path, value.lineno, value.lineno + 1, line.replace("True", "False"))
                yield Proposal(_LATER, _LATER_WHY, "unsafe", (edit,), (Source(path, text),), _LATER)


def _preloading(tree: ast.Module) -> Iterator[ast.Constant]:
    """The ``True`` that ``preload_app`` is given: in a mapping, in a call that sets it, or by its name."""
    for node in ast.walk(tree):
        pairs: list[tuple[object, ast.expr]] = []
        if isinstance(node, ast.Dict):
            pairs = [(getattr(key, "value", None), value) for key, value in zip(node.keys, node.values, strict=True)]
        elif isinstance(node, ast.Call):
            pairs = [(word.arg, word.value) for word in node.keywords]
            if len(node.args) == 2:
                pairs.append((getattr(node.args[0], "value", None), node.args[1]))
        for name, value in pairs:
            if name == "preload_app" and isinstance(value, ast.Constant) and value.value is True:
                yield value


_LATER: Final = "`preload_app = False`"
_LATER_WHY: Final = "each worker loads the application by itself, after the fork"


def _configured(entrypoint: Entrypoint, read: Read) -> Iterator[Proposal]:
    """``preload_app = True`` of the configuration file that gunicorn is given, or finds."""
    path = configuration(entrypoint)
    text = read(path) if path else None
    tree = texts.parsed(text) if text else None
    if text is None or tree is None:
        return
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node) == "preload_app = True":
            line = texts.lines_of(text)[node.lineno - 1]
            if texts.statement_at(tree, node.lineno) is node and line.count("True") == 1:
                edit = Edit(path, node.lineno, node.lineno + 1, line.replace("True", "False"))
                yield Proposal(_LATER, _LATER_WHY, "unsafe", (edit,), (Source(path, text),), _LATER)
