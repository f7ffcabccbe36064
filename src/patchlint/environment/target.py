"""What is known of the interpreter that would run the program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeAlias

StartupLine: TypeAlias = tuple[str, int, str]
"""File, 1-based line, text."""


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


def _no_namespaces() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Target:
    """A Python interpreter and its environment, as its own start-up would find them.

    ``search_path`` is ``sys.path`` after ``site`` has run, without the first entry (the script's
    folder or the working directory).  ``site_packages`` are the folders that ``site`` has read
    ``.pth`` files from.  ``pth_lines`` are the ``import`` lines of those files and ``start_lines``
    the ``package.module:callable`` lines of ``.start`` files (PEP 829), both in the order in which
    they run; a line that ``site`` runs twice is there once.  ``library_roots`` are the folders
    whose code is not the reader's own.

    ``editable`` maps the modules that an editable install's finder serves to their folders (or
    files); ``editable_namespaces`` maps the placeholder that such a finder leaves on the search
    path to the namespace packages it serves there.  ``sitecustomize`` and ``usercustomize`` are
    the files that ``site`` imports last, None where there is none.
    """

    executable: str | None
    version: tuple[int, int, int]
    platform: str
    prefix: str
    base_prefix: str
    stdlib: str
    lib_dynload: str | None
    builtin_names: frozenset[str]
    extension_suffixes: tuple[str, ...]
    search_path: tuple[str, ...]
    site_packages: tuple[str, ...] = ()
    library_roots: tuple[str, ...] = ()
    pth_lines: tuple[StartupLine, ...] = ()
    start_lines: tuple[StartupLine, ...] = ()
    editable: Mapping[str, str] = field(default_factory=_nothing, hash=False)
    editable_namespaces: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=_no_namespaces, hash=False)
    sitecustomize: str | None = None
    usercustomize: str | None = None
    chosen_because: str = ""
    implementation: Literal["cpython"] = "cpython"
