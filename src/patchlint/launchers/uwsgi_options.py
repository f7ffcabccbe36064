"""uWSGI's options: from its command line and from its configuration files, in order, with places.

Sources: uWSGI's documentation, "Configuring uWSGI"; placeholders and magic variables as it lists them.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from patchlint.launchers.uwsgi_logic import decided
from patchlint.model.errors import SourceError
from patchlint.model.location import Location

_FLAGS: Final = frozenset(
    ("master", "M", "lazy", "lazy-apps", "need-app", "die-on-term", "enable-threads", "vacuum", "strict", "no-orphans")
    + ("gevent-monkey-patch", "gevent-early-monkey-patch", "gevent-wait-for-hub", "single-interpreter", "i", "E", "L")
    + ("py-call-uwsgi-fork-hooks", "py-call-osafterfork", "thunder-lock", "disable-logging", "memory-report", "m")
    + ("auto-procname", "honour-stdin", "ignore-sigpipe", "ignore-write-errors", "disable-write-exception", "N")
    + ("log-master", "no-default-app", "catch-exceptions", "threads-stacksize-auto", "T", "no-threads-wait", "C")
    + ("http-keepalive", "http-auto-chunked", "http-websockets", "manage-script-name", "log-x-forwarded-for", "reaper")
    + (
        "emperor-tyrant",
        "exit-on-reload",
        "skip-atexit",
        "skip-atexit-teardown",
        "wsgi-disable-file-wrapper",
        "no-site",
    )
)
"""Options of the command line that take no value."""

_SHORT: Final = {
    "p": "processes",
    "w": "module",
    "M": "master",
    "H": "home",
    "s": "socket",
    "x": "xml",
    "y": "yaml",
    "j": "json",
}
_ALIASES: Final = {
    "workers": "processes",
    "wsgi": "module",
    "file": "wsgi-file",
    "virtualenv": "home",
    "venv": "home",
    "pyhome": "home",
    "python-path": "pythonpath",
    "pp": "pythonpath",
    "pyimport": "import",
    "spooler-python-import": "spooler-import",
    "spooler-pyimport": "spooler-import",
    "spooler-py-import": "spooler-import",
    "py-import": "import",
    "shared-pyimport": "shared-import",
    "shared-py-import": "shared-import",
}
_FILES: Final = {"ini": ".ini", "yaml": ".yaml", "yml": ".yml", "json": ".json", "js": ".js", "xml": ".xml"}
_DEEPEST: Final = 8
_PLACEHOLDER = re.compile(r"%\(([^)]*)\)|\$\(([^)]*)\)|%([a-zA-Z])|@\(([^)]*)\)")
_SETTERS: Final = frozenset(("set", "set-placeholder", "set-ph"))


@dataclass(frozen=True, slots=True)
class Option:
    """One setting: its usual name, its value ("" for a bare flag), and the file and line that it stands in."""

    name: str
    value: str
    location: Location | None = None

    @property
    def is_on(self) -> bool:
        """Whether a flag is set: ``master``, ``master = true``, ``master = 1``."""
        return self.value.lower() not in ("false", "0", "no", "off")

    @property
    def unclear(self) -> str | None:
        """The part of the value that cannot be known, as in ``$(HOME)/app.py``."""
        found = _PLACEHOLDER.search(self.value)
        return found[0] if found else None


def text_of(path: str) -> str:
    """A configuration file's text.  Raises SourceError."""
    try:
        return Path(path).read_text("utf-8")
    except OSError as error:
        raise SourceError(path, 0, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SourceError(path, 0, "is not UTF-8: save it as UTF-8") from error
    except ValueError as error:
        raise SourceError(path, 0, f"is no path: {error}") from error


Text: TypeAlias = Callable[[str], str]
"""A configuration file's text, by its path; raises SourceError."""


@dataclass(slots=True)
class Options:
    """All options in order.

    ``errors`` are the configuration files that could not be read, ``undecided`` the tests that depend on what is not
    known here.
    """

    found: list[Option] = field(default_factory=list)
    errors: list[SourceError] = field(default_factory=list)
    undecided: list[Option] = field(default_factory=list)
    text: Text = text_of
    environ: Mapping[str, str] = field(default_factory=dict)

    def all(self, name: str) -> list[Option]:
        """Every setting of an option, in order."""
        return [option for option in self.found if option.name == name]

    def last(self, name: str) -> Option | None:
        """The setting that counts."""
        every = self.all(name)
        return every[-1] if every else None

    def value(self, name: str) -> str | None:
        """The value that counts."""
        option = self.last(name)
        return None if option is None else option.value

    def is_on(self, *names: str) -> bool:
        """Whether one of these flags is set."""
        return any(option is not None and option.is_on for option in map(self.last, names))


def read(
    words: Sequence[str], cwd: str, text: Text = text_of, environ: Mapping[str, str] = MappingProxyType({})
) -> Options:
    """The options of a command line, ``words`` without uWSGI's own name; ``text`` reads the files that they name.

    ``environ`` are the variables of the environment that are known.
    """
    options = Options(text=text, environ=environ)
    _add(options, _words(words), cwd, 0)
    return options


def _words(words: Sequence[str]) -> Iterator[Option]:
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-") or word == "-":
            yield _positional(word)
            continue
        name, glued, value = word.lstrip("-").partition("=")
        if not word.startswith("--"):
            name, value = word[1:2], word[2:]
            glued = value
        if not glued and name not in _FLAGS and rest and not rest[0].startswith("-"):
            value = rest.pop(0)
        yield Option(_usual(_SHORT.get(name, name) if not word.startswith("--") else name), value)


def _positional(word: str) -> Option:
    """A configuration file by its ending, else a file or a module to load."""
    for name, ending in _FILES.items():
        if word.partition(":")[0].endswith(ending):
            return Option({"yml": "yaml", "js": "json"}.get(name, name), word)
    return Option("wsgi-file" if word.endswith((".py", ".wsgi")) else "module", word)


def _usual(name: str) -> str:
    name = name.replace("_", "-")
    return _ALIASES.get(name, name)


def _add(options: Options, found: Iterator[Option], cwd: str, depth: int) -> None:
    for option in decided(found, options, options.environ, cwd):
        known = Option(option.name, _resolved(option.value, options, cwd), option.location)
        options.found.append(known)
        if known.name in _SETTERS:
            name, _, value = known.value.partition("=")
            options.found.append(Option(_usual(name), value, known.location))
        name = "ini" if known.name in ("include", "inherit", "config") else known.name
        if name in _FILES and depth < _DEEPEST and known.unclear is None:
            _include(options, name, known, cwd, depth)


def _include(options: Options, kind: str, option: Option, cwd: str, depth: int) -> None:
    file, _, section = option.value.partition(":")
    if not file and option.location is not None:  # another section of the same file
        file = option.location.path
    path = os.path.normpath(os.path.join(cwd, file))
    ending = os.path.splitext(path)[1]
    reader = _READERS.get(ending) or _READERS[_FILES[kind]]
    try:
        _add(options, reader(path, options.text(path), section or "uwsgi"), cwd, depth + 1)
    except SourceError as error:
        options.errors.append(_at(option.location, error))


def _at(place: Location | None, error: SourceError) -> SourceError:
    """A file that cannot be read is a fault of the line that names it."""
    if place is None or error.line or not error.reason.startswith("cannot be read"):
        return error
    return SourceError(place.path, place.line, f"{os.path.basename(error.path)} {error.reason}")


def _resolved(value: str, options: Options, cwd: str) -> str:
    """Placeholders for options that were set earlier, variables, and ``@(file)``; the others stay as they are."""

    def known(match: re.Match[str]) -> str:
        if match[4]:
            with suppress(SourceError):
                return options.text(os.path.join(cwd, match[4])).strip()
        set_ = options.value(match[1]) if match[1] else options.environ.get(match[2]) if match[2] else None
        return set_ if set_ is not None else match[0]

    return _PLACEHOLDER.sub(known, value)


# Configuration files ------------------------------------------------------------------------------
def _magic(path: str, value: str) -> str:
    """Variables that stand for parts of the file's own name."""
    folder, name = os.path.split(path)
    parts = {"p": path, "s": name, "d": folder + os.sep, "n": os.path.splitext(name)[0], "e": name.rpartition(".")[2]}
    parts["c"] = os.path.basename(folder)
    return re.sub(r"%([psdnec])(?![a-zA-Z(])", lambda match: parts[match[1]], value)


def _ini(path: str, text: str, section: str) -> Iterator[Option]:
    inside = False
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith(("#", ";")):
            continue
        if line.startswith("["):
            inside = line.strip("[]").strip() == section
        elif inside:
            name, _, value = (part.strip() for part in line.partition("="))
            yield Option(_usual(name), _magic(path, value), Location(path, number))


def _yaml(path: str, text: str, section: str) -> Iterator[Option]:
    """uWSGI's own reading of YAML: a key a line below ``uwsgi:``, lists not nested."""
    inside, name = False, ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.split(" #")[0].rstrip()
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not raw.startswith((" ", "\t", "-")):
            inside = line.rstrip(":").strip() == section
            continue
        key, colon, value = line.strip().partition(":")
        if inside and line.strip().startswith("- "):
            yield Option(_usual(name), _magic(path, line.strip()[2:].strip("\"'")), Location(path, number))
        elif inside and colon:
            name, value = key.strip(), value.strip().strip("\"'")
            if value:
                yield Option(_usual(name), _magic(path, value), Location(path, number))


def _json(path: str, text: str, section: str) -> Iterator[Option]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SourceError(path, getattr(error, "lineno", 0), f"not valid JSON: {error}") from error
    table = document.get(section) if isinstance(document, dict) else None
    for name, value in table.items() if isinstance(table, dict) else ():
        line = next((n for n, row in enumerate(text.splitlines(), 1) if f'"{name}"' in row), 1)
        for one in value if isinstance(value, list) else [value]:
            yield Option(_usual(name), _magic(path, _plain(one)), Location(path, line))


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _well_formed(path: str, text: str) -> None:
    """uWSGI starts nothing from a document that is not.  Raises SourceError."""
    from xml.parsers.expat import ExpatError, ParserCreate

    try:
        ParserCreate().Parse(text.encode() if "<!ENTITY" not in text else b"<none/>", True)
    except ExpatError as error:
        raise SourceError(path, error.lineno, f"not valid XML: {error}") from error


_ELEMENT = re.compile(r"<([\w-]+)\s*(?:/>|>([^<]*)</\1\s*>)")


def _xml(path: str, text: str, section: str) -> Iterator[Option]:
    """``<uwsgi><module>app</module><master/></uwsgi>``: one level, which needs no parser of all that XML can be."""
    _well_formed(path, text)
    body = re.search(rf"<{re.escape(section)}[^>]*>(.*)</{re.escape(section)}\s*>", text, re.DOTALL)
    if body is None:
        raise SourceError(path, 0, f"has no <{section}> element")
    for match in _ELEMENT.finditer(body[1]):
        line = text.count("\n", 0, body.start(1) + match.start()) + 1
        yield Option(_usual(match[1]), _magic(path, (match[2] or "").strip()), Location(path, line))


_READERS: Final = {
    ".ini": _ini,
    ".yaml": _yaml,
    ".yml": _yaml,
    ".json": _json,
    ".js": _json,
    ".xml": _xml,
}
