"""systemd units, and the configuration of supervisord and of circus: files of sections with a command in each."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from patchlint.discovery import syntax
from patchlint.discovery.clues import Clue
from patchlint.discovery.commands import Place, in_shell, project
from patchlint.discovery.tree import Tree
from patchlint.model.errors import SourceError
from patchlint.model.location import Location


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of file calls itself, its command's section and key, its folder and its variables."""

    words: str
    section: re.Pattern[str]
    command: str
    folder: str
    variables: str


_SYSTEMD: Final = Kind(
    "systemd unit", re.compile(r"service$", re.IGNORECASE), "execstart", "workingdirectory", "environment"
)
_SUPERVISOR: Final = Kind("supervisord configuration", re.compile(r"program:"), "command", "directory", "environment")
_CIRCUS: Final = Kind("circus configuration", re.compile(r"watcher:"), "cmd", "working_dir", "env")

_SECTION = re.compile(r"\[([^\]]+)\]")
_SPECIFIER = re.compile(r"%([%a-zA-Z])")
_PREFIXES = "-@:+!"
_SUPERVISOR_VARIABLE = re.compile(r"%\((?:ENV_)?(\w+)\)\d*[sd]")


@dataclass(slots=True)
class Section:
    """A section's keys, lower case, each with the values and lines that it was given."""

    name: str
    keys: dict[str, list[tuple[str, int]]] = field(default_factory=dict)

    def last(self, key: str) -> tuple[str, int] | None:
        """The value that counts, and its line."""
        every = self.keys.get(key)
        return every[-1] if every else None


def find(tree: Tree) -> Iterator[Clue]:
    """The command of each unit, program or watcher."""
    for path in tree.files:
        try:
            kind = _kind(path)
            if kind is not None:
                for section in _sections(path):
                    if isinstance(section, SourceError):
                        yield section
                    else:
                        yield from _started(path, tree.root, kind, section)
        except SourceError as error:
            yield error


def _kind(path: str) -> Kind | None:
    name = os.path.basename(path)
    if name.endswith((".service", ".service.j2")):
        return _SYSTEMD
    if not name.endswith((".conf", ".ini", ".cfg")):
        return None
    content = syntax.read(path)
    if b"[program:" in content:
        return _SUPERVISOR
    return _CIRCUS if b"[watcher:" in content else None


def _sections(path: str) -> Iterator[Section | SourceError]:
    """The sections; what follows a header that is none belongs to no other."""
    current = Section("")
    for number, line in syntax.continued(path):
        stripped = line.strip()
        if match := _SECTION.match(stripped):
            yield current
            current = Section(match[1])
        elif stripped.startswith("["):
            yield current
            current = Section("")
            yield SourceError(path, number, f"{stripped[:40]!r} is no header of a section: end it with ]")
        elif stripped and stripped[0] not in "#;" and "=" in stripped:
            key, _, value = stripped.partition("=")
            current.keys.setdefault(key.strip().lower(), []).append((value.strip(), number))
    yield current


def _started(path: str, top: str, kind: Kind, section: Section) -> Iterator[Clue]:
    given = section.last(kind.command)
    if given is None or not kind.section.match(section.name):
        return
    command, line = given
    if kind is _CIRCUS and (arguments := section.last("args")):
        command = f"{command} {arguments[0]}"
    folder = section.last(kind.folder)
    root = folder[0] if folder else ""
    if kind is _SYSTEMD:
        command, root = (_specified(text, path) for text in (command, root))
    if kind is _SUPERVISOR:
        command, root = (_expanded(text, path, section) for text in (command, root))
    home = os.path.normpath(os.path.join(os.path.dirname(path), root))
    is_here = root and "$" not in root and (not os.path.isabs(root) or home.startswith(os.path.join(top, "")))
    cwd = home if is_here else project(path, top)
    variables = {**_of_files(section, path), **_variables(section, kind)}
    place = Place(Location(path, line), cwd, kind.words, variables, "" if is_here else root)
    yield from in_shell(_without_prefixes(command), place)


def _specified(text: str, path: str) -> str:
    """systemd's specifiers; what is known only where the unit runs (``%i``, ``%h``) is written as a variable."""
    name = os.path.basename(path).removesuffix(".j2")
    known = {"%": "%", "n": name, "N": name.removesuffix(".service"), "p": re.split(r"@|\.service$", name)[0]}
    return _SPECIFIER.sub(lambda match: known.get(match[1], f"${{systemd_{match[1]}}}"), text)


def _of_files(section: Section, path: str) -> dict[str, str]:
    """The variables of ``EnvironmentFile=``, where a file of that name lies beside the unit."""
    found: dict[str, str] = {}
    for name, _ in section.keys.get("environmentfile", ()):
        with suppress(SourceError):
            found |= syntax.assignments(os.path.join(os.path.dirname(path), os.path.basename(name.lstrip("-"))))
    return found


def _without_prefixes(command: str) -> str:
    """systemd's ``-``, ``+``, ...; behind ``@`` the second word is what the program is told that it is called."""
    bare = command.lstrip(_PREFIXES)
    if "@" not in command[: len(command) - len(bare)]:
        return bare
    program, *rest = bare.split(None, 2)
    return " ".join([program, *rest[1:]])


def _expanded(text: str, path: str, section: Section) -> str:
    """supervisord's own variables; one of the environment, and what is not known here, as the shell writes it."""
    known = {
        "here": os.path.dirname(path),
        "program_name": section.name.partition(":")[2].strip(),
        "process_num": "0",
    }
    given = _SUPERVISOR_VARIABLE.sub(lambda match: known.get(match[1], f"${{{match[1]}}}"), text)
    return given.replace("%%", "%")


def _variables(section: Section, kind: Kind) -> dict[str, str]:
    """``A=1 "B=2"`` of systemd, ``A="1",B=2`` of supervisord."""
    found: dict[str, str] = {}
    for text, _ in section.keys.get(kind.variables, ()):
        try:
            words = shlex.split(text.replace(",", " ") if kind is not _SYSTEMD else text)
        except ValueError:
            continue
        found |= dict(word.split("=", 1) for word in words if "=" in word)
    return found
