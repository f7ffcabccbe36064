"""An interpreter, asked and read: the target."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from patchlint.environment.choose import locate
from patchlint.environment.editable import EditableFinder
from patchlint.environment.probe import SECONDS, Answer, ask
from patchlint.environment.replay import Startup, prefix_of, replay
from patchlint.environment.target import Target


def inspect_target(
    python: str,
    why: str,
    environ: Mapping[str, str] = os.environ,
    cache: Path | None = None,
    cwd: str | None = None,
    seconds: float = SECONDS,
) -> Target:
    """The interpreter at a path (or in an environment's folder, or of that name), and its search path.

    ``environ`` is the environment that the program would be started in: ``PYTHONPATH``,
    ``PYTHONUSERBASE`` and ``PYTHONNOUSERSITE`` count; relative entries are relative to ``cwd``.
    ``cache`` is a folder for what the interpreter has answered, ``seconds`` how long it may take.
    Raises EnvironmentProblem.
    """
    answer = ask(locate(python, environ), environ, cache, seconds)
    stdlib = _stdlib(answer)
    startup = replay(answer, stdlib, environ, cwd or os.getcwd())
    lib_dynload = next((path for path in answer.paths if os.path.basename(path) == "lib-dynload"), None)
    return Target(
        executable=answer.executable,
        version=answer.version,
        platform=answer.platform,
        prefix=prefix_of(answer),
        base_prefix=answer.base_prefix,
        stdlib=stdlib,
        lib_dynload=lib_dynload,
        builtin_names=frozenset(answer.builtin_names),
        extension_suffixes=answer.extension_suffixes,
        search_path=tuple(startup.path),
        site_packages=tuple(startup.site_packages),
        library_roots=_library_roots(stdlib, answer, startup),
        pth_lines=tuple(startup.pth_lines),
        start_lines=tuple(startup.start_lines),
        editable=_mapping(startup.finders),
        editable_namespaces=_namespaces(startup.finders),
        sitecustomize=_file_of("sitecustomize", startup.path, answer),
        usercustomize=_file_of("usercustomize", startup.path, answer) if startup.user_site else None,
        chosen_because=why,
    )


def _stdlib(answer: Answer) -> str:
    """The folder of ``os.py``; without one (a zipped library), the folder where it usually is."""
    name = f"python{answer.version[0]}.{answer.version[1]}"
    usual = os.path.join(answer.base_prefix, answer.platlibdir, name)
    return next((path for path in answer.paths if os.path.isfile(os.path.join(path, "os.py"))), usual)


def _library_roots(stdlib: str, answer: Answer, startup: Startup) -> tuple[str, ...]:
    """What the interpreter came with, and the site folders; no folder inside another."""
    candidates = dict.fromkeys((stdlib, *filter(os.path.exists, answer.paths), *startup.site_packages))
    return tuple(
        path for path in candidates if not any(path.startswith(other + os.sep) for other in candidates if other != path)
    )


def _mapping(finders: Sequence[EditableFinder]) -> Mapping[str, str]:
    """All finders' modules: the one that was installed first is asked first."""
    return MappingProxyType({name: path for finder in reversed(finders) for name, path in finder.mapping.items()})


def _namespaces(finders: Sequence[EditableFinder]) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    return MappingProxyType(
        {finder.placeholder: MappingProxyType(dict(finder.namespaces)) for finder in finders if finder.placeholder}
    )


def _file_of(name: str, path: Sequence[str], answer: Answer) -> str | None:
    """The file of a top-level module, found as an import would, zip archives apart."""
    suffixes = (*answer.extension_suffixes, ".py", ".pyc")
    for folder in path:
        for stem in (os.path.join(folder, name, "__init__"), os.path.join(folder, name)):
            for suffix in suffixes:
                if os.path.isfile(stem + suffix):
                    return stem + suffix
    return None
