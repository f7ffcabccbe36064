"""Replays from files what the standard library's ``site`` does at start-up, without running a line of it.

The sentences about versions are from CPython's Lib/site.py: 3.7 to 3.13 as released, 3.15 as of PEP 829.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from patchlint.environment.editable import EditableFinder, finder_of
from patchlint.environment.probe import Answer, pyvenv_cfg
from patchlint.environment.target import StartupLine

_IMPORTS: Final = ("import ", "import\t")
_NEWLINE: Final = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Edition:
    """In what the ``site`` of this interpreter differs from others.

    Said by its own source where that can be read, because bug-fix releases and distributions change
    it: ``debian`` looks in dist-packages; ``skips_hidden`` passes over ``.name.pth``; ``decodes_bom``
    reads ``.pth`` files as UTF-8 with or without a byte order mark, and ends lines where
    ``str.splitlines`` does; ``start_files`` knows ``.start`` files, and runs ``import`` lines last.
    """

    debian: bool
    skips_hidden: bool
    decodes_bom: bool
    start_files: bool


def edition_of(stdlib: str, version: tuple[int, int, int]) -> Edition:
    """Which ``site`` the interpreter has."""
    try:
        with open(os.path.join(stdlib, "site.py"), encoding="utf-8", errors="replace") as file:
            source = file.read()
    except OSError:
        return Edition(False, version >= (3, 13), version >= (3, 13), version >= (3, 15))
    return Edition(
        debian='"dist-packages"' in source,
        skips_hidden='startswith(".")' in source,
        decodes_bom="utf-8-sig" in source,
        start_files='".start"' in source,
    )


@dataclass(slots=True)
class Startup:
    """What ``site`` has made so far: ``path`` is ``sys.path``, the lines are those to run, in order."""

    edition: Edition
    path: list[str] = field(default_factory=list)
    site_packages: list[str] = field(default_factory=list)
    pth_lines: list[StartupLine] = field(default_factory=list)
    start_lines: list[StartupLine] = field(default_factory=list)
    finders: list[EditableFinder] = field(default_factory=list)
    user_site: bool = False

    def add_path(self, folder: str) -> None:
        """Append a folder unless it is there."""
        if folder not in self.path:
            self.path.append(folder)

    def add_site(self, folder: str) -> None:
        """``site.addsitedir``: the folder itself, then what its startup files say, sorted by name."""
        folder = os.path.abspath(folder)
        self.add_path(folder)
        if folder in self.site_packages:
            return
        self.site_packages.append(folder)
        for name in self._startup_files(folder, ".pth"):
            self._read_pth(folder, name)
        if self.edition.start_files:
            for name in self._startup_files(folder, ".start"):
                self._read_start(os.path.join(folder, name))

    def finish(self) -> None:
        """Where there are ``.start`` files, code runs after all paths are known; a ``.start`` silences its ``.pth``."""
        if self.edition.start_files:
            self.pth_lines = [line for line in self.pth_lines if not self._is_silenced(line[0])]
            for _, _, text in self.pth_lines:
                self._install(text)

    def _startup_files(self, folder: str, suffix: str) -> list[str]:
        try:
            names = os.listdir(folder)
        except OSError:
            return []
        hidden = "." if self.edition.skips_hidden else "\0"
        return sorted(name for name in names if name.endswith(suffix) and not name.startswith(hidden))

    def _read_pth(self, folder: str, name: str) -> None:
        file = os.path.join(folder, name)
        for number, line in _lines(file, self.edition):
            whole = line.strip() if self.edition.start_files else line
            text = whole.rstrip()
            if not text or text.startswith("#"):
                continue
            if whole.startswith(_IMPORTS):
                self._found_import((file, number, text))
            elif os.path.exists(entry := os.path.abspath(os.path.join(folder, text))):
                self.add_path(entry)

    def _found_import(self, line: StartupLine) -> None:
        self.pth_lines.append(line)
        if not self.edition.start_files:
            self._install(line[2])

    def _install(self, line: str) -> None:
        """An editable install's finder; one for namespaces puts a placeholder on the search path."""
        if finder := finder_of(line, self.path):
            self.finders.append(finder)
            if finder.placeholder:
                self.add_path(finder.placeholder)

    def _read_start(self, file: str) -> None:
        stripped = ((number, line.strip()) for number, line in _lines(file, self.edition))
        self.start_lines += [(file, number, text) for number, text in stripped if text and not text.startswith("#")]

    def _is_silenced(self, pth: str) -> bool:
        return os.path.isfile(pth.removesuffix(".pth") + ".start")


def replay(answer: Answer, stdlib: str, environ: Mapping[str, str], cwd: str) -> Startup:
    """``sys.path`` and what else comes of ``site`` when the interpreter starts with this environment."""
    startup = Startup(edition_of(stdlib, answer.version))
    for entry in (*_python_path(environ), *answer.paths):
        startup.add_path(os.path.normpath(os.path.join(cwd, entry)))
    config = pyvenv_cfg(answer.executable)
    if config:
        for folder in _site_folders(answer, (prefix_of(answer),), startup.edition):
            startup.add_site(folder)
    is_open = config is None or _has_system_site(config)
    if is_open and not environ.get("PYTHONNOUSERSITE"):
        startup.user_site = True
        if os.path.isdir(folder := _user_site(answer, environ)):
            startup.add_site(folder)
    if is_open:
        for folder in _site_folders(answer, (answer.base_prefix, answer.base_exec_prefix), startup.edition):
            startup.add_site(folder)
    startup.finish()
    return startup


def prefix_of(answer: Answer) -> str:
    """``sys.prefix`` after ``site``: in a virtual environment, the folder above the interpreter's."""
    executable = os.path.abspath(answer.executable)
    return os.path.dirname(os.path.dirname(executable)) if pyvenv_cfg(executable) else answer.prefix


def _python_path(environ: Mapping[str, str]) -> list[str]:
    """An empty variable is none, an empty entry in it the working directory."""
    value = environ.get("PYTHONPATH")
    return value.split(os.pathsep) if value else []


def _has_system_site(config: str) -> bool:
    """``include-system-site-packages`` of a pyvenv.cfg; the last line counts, and no line is a yes."""
    with open(config, encoding="utf-8", errors="replace") as file:
        pairs = [line.partition("=") for line in file if "=" in line]
    values = [value for key, _, value in pairs if key.strip().lower() == "include-system-site-packages"]
    return not values or values[-1].strip().lower() == "true"


def _site_folders(answer: Answer, prefixes: tuple[str, ...], edition: Edition) -> list[str]:
    """``site.getsitepackages``: those that exist, in order."""
    found = (folder for prefix in dict.fromkeys(prefixes) if prefix for folder in _below(answer, prefix, edition))
    return [folder for folder in dict.fromkeys(found) if os.path.isdir(folder)]


def _below(answer: Answer, prefix: str, edition: Edition) -> Iterator[str]:
    threads = "t" if "t" in answer.abiflags else ""
    python = f"python{answer.version[0]}.{answer.version[1]}{threads}"
    if edition.debian:
        if pyvenv_cfg(answer.executable):
            yield os.path.join(prefix, "lib", python, "site-packages")
        yield os.path.join(prefix, "local/lib", python, "dist-packages")
        yield os.path.join(prefix, "lib", "python3", "dist-packages")
    last = "dist-packages" if edition.debian else "site-packages"
    for library in dict.fromkeys((answer.platlibdir, "lib")):
        yield os.path.join(prefix, library, python, last)


def _user_site(answer: Answer, environ: Mapping[str, str]) -> str:
    """``site.getusersitepackages``."""
    version = f"{answer.version[0]}.{answer.version[1]}"
    home = environ.get("HOME") or os.path.expanduser("~")
    base = environ.get("PYTHONUSERBASE")
    if answer.platform == "darwin" and answer.framework:
        return f"{base or os.path.join(home, 'Library', answer.framework, version)}/lib/python/site-packages"
    threads = "t" if "t" in answer.abiflags else ""
    return f"{base or os.path.join(home, '.local')}/lib/python{version}{threads}/site-packages"


def _lines(file: str, edition: Edition) -> Iterator[tuple[int, str]]:
    """A startup file's lines, numbered from 1; none where it cannot be read.

    Older editions read in the locale's encoding, for which UTF-8 is taken: a byte order mark then
    stays in front of the first line and spoils it.
    """
    try:
        with open(file, "rb") as stream:
            content = stream.read()
    except OSError:
        return
    if edition.decodes_bom:
        lines = content.decode("utf-8-sig", "surrogateescape").splitlines()
    else:
        lines = _NEWLINE.split(content.decode("utf-8", "surrogateescape"))
    yield from enumerate(lines, 1)
