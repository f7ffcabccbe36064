"""The whole tool in one screen: entrypoints, a plan for each, its timeline, and what the rules say of it."""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from patchlint import discovery
from patchlint.cache import cache_folder, prepare_cache
from patchlint.clock import STOPPED, Clock, Part
from patchlint.config import DEFAULTS, Settings
from patchlint.environment import Target, find_python, inspect_target
from patchlint.launchers import HANDOVERS, start
from patchlint.machine import Facts, World
from patchlint.model.errors import FileError, PatchlintError, SourceError, UsageError
from patchlint.model.events import ModuleExecuted, Opaque, Started
from patchlint.model.finding import Finding, OpaqueNote
from patchlint.model.location import Location
from patchlint.model.plan import Entrypoint
from patchlint.model.timeline import Timeline
from patchlint.report import Problem, Python, Result, shown_path
from patchlint.rules import RULES, Rule
from patchlint.sources.finder import Finder
from patchlint.sources.reader import Reader, Uses
from patchlint.sources.store import Store
from patchlint.sources.timed import TimedReader


def check(
    paths: Sequence[str] = (),
    command: Sequence[str] = (),
    settings: Settings = DEFAULTS,
    cwd: str | None = None,
    environ: Mapping[str, str] = os.environ,
    played: Callable[[Mapping[str, Uses]], None] = lambda sources: None,
    clock: Clock = STOPPED,
) -> Result:
    """Find what is started, play its start-up, and ask every rule about it.

    ``paths`` are files, folders or ``module:object``, ``command`` a launch command in words.
    What cannot be analysed is in the result's ``problems``, beside all that could be.  ``played`` is told what
    is made of each source file, in a mapping that grows with the play; a ``clock`` that runs says where the time went.
    Raises UsageError for an unknown rule, EnvironmentProblem where no Python can be read.
    """
    with examine(paths, command, settings, cwd, environ, played, clock) as examined:
        return examined.result


@dataclass(frozen=True, slots=True)
class Examined:
    """What came of a run, with all that is needed to play its entrypoints again: each has its study."""

    result: Result
    studies: tuple[Study, ...]
    world: World
    reader: Reader
    rules: tuple[Rule, ...]


@contextmanager
def examine(
    paths: Sequence[str] = (),
    command: Sequence[str] = (),
    settings: Settings = DEFAULTS,
    cwd: str | None = None,
    environ: Mapping[str, str] = os.environ,
    played: Callable[[Mapping[str, Uses]], None] = lambda sources: None,
    clock: Clock = STOPPED,
) -> Iterator[Examined]:
    """As ``check``, and what it was made of, to be gone on with.  Raises as ``check`` does."""
    started = time.perf_counter()
    folder = cwd or os.getcwd()
    rules = chosen_rules(settings)
    with clock.part(Part.PROGRAMS):
        found = discovery.discover(paths, command, settings, folder)
    with clock.part(Part.ENVIRONMENT):
        cache, complaint = usable_cache(settings, environ)
        world, reader = look_around(start_of(paths, folder), settings, environ, cache, clock)
    reader.passed_by(found.passed_by)
    played(reader.uses)
    with closing(reader):
        studies = tuple(study(entrypoint, world, rules, clock) for entrypoint in found.entrypoints)
        unparsed = tuple(_unparsed(found, reader))
        bare = Result(
            folder,
            _python(world.target),
            found.entrypoints,
            problems=(*problems_of(settings), *_of_search(found, settings)),
            remarks=(*complaint, *found.remarks),
        )
        result = _summed_up(bare, studies)
        problems = tuple(dict.fromkeys((*result.problems, *unparsed)))
        result = replace(result, problems=problems, seconds=time.perf_counter() - started)
        yield Examined(result, studies, world, reader, rules)


def _summed_up(bare: Result, studies: Sequence[Study]) -> Result:
    """The result with all that the studies say."""
    unchecked = tuple(problem for one in studies for problem in one.unchecked)
    is_blind = not any(one.modules for one in studies)  # then silence would say nothing
    problems = (problem for one in studies for problem in one.problems)
    told = dict.fromkeys(_told(one, bare.folder) for one in unchecked)
    return replace(
        bare,
        findings=tuple(sorted((finding for one in studies for finding in one.findings), key=_reading_order)),
        opaque=tuple(note for one in studies for note in one.opaque),
        problems=(*bare.problems, *problems, *(unchecked if is_blind else ())),
        remarks=(*bare.remarks, *(() if is_blind else told)),
        modules=len(frozenset().union(*(one.modules for one in studies))),
    )


def timeline(
    path: str | None = None,
    command: Sequence[str] = (),
    settings: Settings = DEFAULTS,
    cwd: str | None = None,
    environ: Mapping[str, str] = os.environ,
    played: Callable[[Mapping[str, Uses]], None] = lambda sources: None,
    clock: Clock = STOPPED,
) -> Timeline:
    """Play the start-up of one entrypoint; ``played`` and ``clock`` as in ``check``.

    Raises PatchlintError where that cannot be done.
    """
    folder = cwd or os.getcwd()
    with clock.part(Part.PROGRAMS):
        entrypoint = discovery.one(path, command, settings, folder)
    with clock.part(Part.ENVIRONMENT):
        cache, _ = usable_cache(settings, environ)
        world, reader = look_around(start_of([path] if path else [], folder), settings, environ, cache, clock)
    played(reader.uses)
    with closing(reader):
        return _played(entrypoint, world, clock)


def _played(entrypoint: Entrypoint, world: World, clock: Clock) -> Timeline:
    with clock.part(Part.PLAY):
        line = start(entrypoint, world)
    clock.count(Part.PLAY, "steps", line.steps)
    return line


def chosen_rules(settings: Settings) -> tuple[Rule, ...]:
    """The rules that are asked.  Raises UsageError for a code that no rule has."""
    settings.require_known([rule.code for rule in RULES])
    return tuple(rule for rule in RULES if settings.wants(rule.code))


def usable_cache(settings: Settings, environ: Mapping[str, str]) -> tuple[Path | None, tuple[str, ...]]:
    """Where to keep what was read, if anywhere, and a remark where that cannot be."""
    if not settings.cache:
        return None, ()
    folder = cache_folder(environ)
    why_not = prepare_cache(folder)
    if why_not is None:
        return folder, ()
    return None, (f"{folder}: cannot be used as a cache ({why_not}); going on without one",)


def look_around(
    start: Path, settings: Settings, environ: Mapping[str, str], cache: Path | None, clock: Clock = STOPPED
) -> tuple[World, Reader]:
    """All that a play depends on: the target interpreter, its files, and what is known of libraries.

    The reader is the world's, to be closed when the plays are over.
    """
    given = settings.python if "python" in settings.given else None
    configured = None if given else settings.python
    environ = _own(environ)
    target = inspect_target(*find_python(given, configured, start, environ), environ, cache)
    finder, store = Finder(target), Store.open(cache)
    roots = target.library_roots
    reader = TimedReader(clock, store, roots) if clock.runs else Reader(store=store, libraries=roots)
    return World(target, finder, reader, Facts(target, finder, store), handovers=HANDOVERS), reader


@dataclass(frozen=True, slots=True)
class Study:
    """What came of one entrypoint; ``unchecked`` is a command in the tree that cannot be played here.

    ``first`` is the first file of the program's own that it executes, ``""`` where there is none; ``asked`` are
    the files that were asked for, ``started`` how many threads, schedulers and processes of each kind are started.
    """

    findings: tuple[Finding, ...] = ()
    opaque: tuple[OpaqueNote, ...] = ()
    problems: tuple[Problem, ...] = ()
    modules: frozenset[tuple[str, str | None]] = frozenset()
    unchecked: tuple[Problem, ...] = ()
    first: str = ""
    asked: frozenset[str] = frozenset()
    started: Mapping[str, int] = field(default_factory=dict)


def study(entrypoint: Entrypoint, world: World, rules: Sequence[Rule], clock: Clock = STOPPED) -> Study:
    """Play an entrypoint and ask the rules; an error is this entrypoint's alone."""
    world.reader.asked = set()
    return replace(_studied(entrypoint, world, rules, clock), asked=frozenset(world.reader.asked))


def _studied(entrypoint: Entrypoint, world: World, rules: Sequence[Rule], clock: Clock) -> Study:
    try:
        line = _played(entrypoint, world, clock)
        executed = [event for event in line.events if isinstance(event, ModuleExecuted)]
        with clock.part(Part.RULES):
            findings = tuple(finding for rule in rules for finding in rule.check(line))
        return Study(
            findings,
            tuple(_not_seen_into(line, world.target)),
            _unreadable(line),
            frozenset((event.module, event.path) for event in executed),
            first=next((event.path for event in executed if event.path and line.is_first_party(event.path)), ""),
            started=_started(line),
        )
    except UsageError as error:
        if entrypoint.found and entrypoint.origin is not None:  # what runs elsewhere need not be installed here
            origin = entrypoint.origin
            return Study(unchecked=(Problem(origin.path, origin.line, f"not checked: {error}"),))
        return Study(problems=(_problem(error),))
    except PatchlintError as error:
        return Study(problems=(_problem(error),))
    except Exception as error:  # noqa: BLE001  (a bug of ours in one program must not hide what the others have)
        what = f"patchlint failed on it, please report this: {type(error).__name__}: {error}"
        return Study(problems=(Problem(entrypoint.spec, 0, what, traceback.format_exc()),))


def _started(line: Timeline) -> Mapping[str, int]:
    """How many objects of each class are started, in whichever process."""
    events = (event for event in line.events if isinstance(event, Started) and event.stage == "started")
    return Counter(subject for subject, _ in {(event.subject, event.identity) for event in events})


def _told(problem: Problem, folder: str) -> str:
    return f"{shown_path(problem.path, folder)}:{problem.line}: {problem.message}"


def _not_seen_into(line: Timeline, target: Target) -> Iterator[OpaqueNote]:
    """What the machine says that it could not follow, and the compiled modules that are not the interpreter's own."""
    library = os.path.join(target.stdlib, "")
    for event in line.events:
        if isinstance(event, Opaque):
            yield OpaqueNote(event.what, event.reason, line.entrypoint, event.location)
        elif isinstance(event, ModuleExecuted) and event.kind == "extension" and event.path is not None:
            if not event.path.startswith(library) or "site-packages" in event.path:
                yield OpaqueNote("extension module", event.module, line.entrypoint, Location(event.path, 0))


def _reading_order(finding: Finding) -> tuple[str, int, int, str, str]:
    location = finding.location
    return location.path, location.line, location.column, finding.code, finding.entrypoint.spec


def start_of(paths: Sequence[str], folder: str) -> Path:
    """Where the search for a configuration and an environment begins: beside the first path."""
    first = Path(folder, *paths[:1])
    return first if first.is_dir() else first.parent if first.exists() else Path(folder)


def _own(environ: Mapping[str, str]) -> Mapping[str, str]:
    """pre-commit names its own environment for us in VIRTUAL_ENV, which is not the program's."""
    if "PRE_COMMIT" in environ and environ.get("VIRTUAL_ENV") == sys.prefix:
        return {name: value for name, value in environ.items() if name != "VIRTUAL_ENV"}
    return environ


def _python(target: Target) -> Python:
    version = ".".join(map(str, target.version))
    return Python(target.executable or target.prefix, version, target.platform, target.chosen_because)


def problems_of(settings: Settings) -> tuple[Problem, ...]:
    """What is wrong with a configuration file that was set aside."""
    error = settings.problem
    return () if error is None else (Problem(error.path, error.line, f"{error.reason} (the file is set aside)"),)


def _of_search(found: discovery.Discovery, settings: Settings) -> tuple[Problem, ...]:
    """A broken ``pyproject.toml`` that the settings have told of already is not told of again."""
    return tuple(_problem(error) for error in found.problems if str(error) != str(settings.problem))


def _unreadable(line: Timeline) -> tuple[Problem, ...]:
    """The files of the program's own that it imports, and that could not be read or parsed."""
    return tuple(
        Problem(place.path, place.line, reason) for place, reason in line.unreadable if line.is_first_party(place.path)
    )


def _unparsed(found: discovery.Discovery, reader: Reader) -> Iterator[Problem]:
    """The files of a searched folder that could not be read or parsed, although nobody may import them."""
    told = {error.path for error in found.problems if isinstance(error, FileError)}
    for path in found.searched:
        try:
            if path not in told:
                reader.require_syntax(path)
        except SourceError as error:
            yield _problem(error)


def _problem(error: PatchlintError) -> Problem:
    if isinstance(error, FileError):
        return Problem(error.path, error.line, error.reason)
    return Problem("", 0, str(error))
