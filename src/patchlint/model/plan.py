"""Entrypoints, and the steps that a launcher makes of them."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from patchlint.model.location import Location


@dataclass(frozen=True, slots=True)
class Execution:
    """A command that takes a program's place: its words, and the variables of its environment that are known."""

    argv: tuple[str, ...]
    environ: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Entrypoint:
    """What a person starts.

    ``kind``: ``file`` (``spec`` is its path), ``module`` (``python -m spec``), ``object``
    (``pkg.wsgi:app``), ``package`` (``import spec``), ``command`` (``argv`` is the command).
    ``cwd`` is the folder it is started in; ``origin`` where it was found (a Procfile's line);
    ``reason`` why it was chosen, in words; ``found`` tells that nobody named it.  ``environ`` are the
    variables that are set where it was found (a Dockerfile's ``ENV``); ``is_cut`` tells that words of the command
    were not known, and left out.
    """

    kind: Literal["file", "module", "object", "package", "command"]
    spec: str
    cwd: str
    argv: tuple[str, ...] = ()
    origin: Location | None = None
    reason: str = ""
    found: bool = False
    environ: tuple[tuple[str, str], ...] = ()
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class RunFile:
    """Execute a file under a module name; ``namespace`` True gives its globals to later steps."""

    path: str
    name: str = "__main__"
    argv: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunText:
    """``python -c text``."""

    text: str
    argv: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunModule:
    """``python -m name``."""

    name: str
    argv: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportModule:
    """Import a module; ``own`` True when the launcher does so for itself, not for the user.

    ``required`` False: where it cannot be found, that is told and no more.
    """

    name: str
    own: bool = False
    location: Location | None = None
    required: bool = True


@dataclass(frozen=True, slots=True)
class LoadObject:
    """Import ``module`` and evaluate ``expression`` in it (``app``, ``create_app()``, ``a.b``)."""

    module: str
    expression: str
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class CallObject:
    """Call a value that an earlier step gave (a hook, a method), with opaque arguments."""

    target: Any
    arguments: tuple[Any, ...] = ()
    what: str = ""
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class GetAttribute:
    """Read an attribute of a value that an earlier step gave; answers None where it has none."""

    target: Any
    name: str


@dataclass(frozen=True, slots=True)
class ApplyPatch:
    """The launcher patches, at ``location`` in its own source."""

    library: str
    call: str
    arguments: tuple[tuple[str, Any], ...] = ()
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class ForkStep:
    """The launcher forks ``count`` children; later steps run in ``child``."""

    child: str = "worker"
    count: int | None = None
    launcher: str | None = None
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class ForkAside:
    """The launcher forks a child that goes a way of its own; answers True in the play that follows the child."""

    child: str
    launcher: str
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class InsertPath:
    """``sys.path.insert(0, path)``."""

    path: str


@dataclass(frozen=True, slots=True)
class SetEnvironment:
    """``os.environ[name] = value``."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class SetArguments:
    """``sys.argv = [...]``."""

    argv: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProvideModule:
    """A module that a launcher written in C brings; answers it.  What is in it is not known."""

    name: str


@dataclass(frozen=True, slots=True)
class Serve:
    """A server or worker pool of a patching library takes over: ``what`` in words, ``location`` where it is chosen."""

    library: str
    what: str
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Unclear:
    """The launcher's configuration says something that cannot be known statically."""

    what: str
    reason: str
    location: Location | None = None


Step: TypeAlias = (
    RunFile
    | RunText
    | RunModule
    | ImportModule
    | LoadObject
    | CallObject
    | GetAttribute
    | ApplyPatch
    | ForkStep
    | ForkAside
    | InsertPath
    | SetEnvironment
    | SetArguments
    | ProvideModule
    | Serve
    | Unclear
)

Plan: TypeAlias = Generator[Step, Any, None]
"""Steps in order.  Each ``yield`` answers with the step's value: a module, an object, a constant.

Constants of the target program are constants here (str, int, bool, None, tuple, list, dict);
what the machine does not know is a value whose truth must not be asked: use ``is_known``.
"""

Handover: TypeAlias = Callable[[Any, tuple[Any, ...]], Plan]
"""What a library function that never returns does next: given ``self`` and the arguments."""
