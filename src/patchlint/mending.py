"""What would mend a run's findings: the changes that fit them, each played before it is shown.

Those that are carried out together are played together.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from patchlint import fixes
from patchlint.api import Examined, Study, examine
from patchlint.clock import STOPPED, Clock
from patchlint.config import DEFAULTS, Settings
from patchlint.model.errors import SourceError
from patchlint.model.finding import Finding, OpaqueNote
from patchlint.model.plan import Entrypoint
from patchlint.model.proposal import Proposal, Proved, Rejected
from patchlint.replaying import Commands, Stage, Texts
from patchlint.report import Result
from patchlint.sources.reader import Uses


def propose(
    paths: Sequence[str] = (),
    command: Sequence[str] = (),
    settings: Settings = DEFAULTS,
    cwd: str | None = None,
    environ: Mapping[str, str] = os.environ,
    played: Callable[[Mapping[str, Uses]], None] = lambda sources: None,
    clock: Clock = STOPPED,
) -> Result:
    """As ``check``, and with each warning and error the changes that may mend it, each of them played.

    Raises as ``check`` does.
    """
    started = time.perf_counter()
    with examine(paths, command, settings, cwd, environ, played, clock) as examined:
        return replace(Mender(examined).proposed(), seconds=time.perf_counter() - started)


def propose_in_brief(
    paths: Sequence[str] = (),
    command: Sequence[str] = (),
    settings: Settings = DEFAULTS,
    cwd: str | None = None,
    environ: Mapping[str, str] = os.environ,
    played: Callable[[Mapping[str, Uses]], None] = lambda sources: None,
    clock: Clock = STOPPED,
) -> Result:
    """As ``propose``, for somebody who waits: where there are few findings, and for each until one is proved."""
    started = time.perf_counter()
    with examine(paths, command, settings, cwd, environ, played, clock) as examined:
        if not _are_few(examined.result):
            return examined.result
        return replace(Mender(examined, brief=True).proposed(), seconds=time.perf_counter() - started)


def mend(
    paths: Sequence[str] = (),
    command: Sequence[str] = (),
    settings: Settings = DEFAULTS,
    cwd: str | None = None,
    environ: Mapping[str, str] = os.environ,
    unsafe: bool = False,
) -> tuple[Result, tuple[Proposal, ...]]:
    """As ``propose``, and which of the proposals go together, one at most for each finding.

    ``unsafe`` takes those too that may change what the program does.  Raises as ``check`` does.
    """
    started = time.perf_counter()
    with examine(paths, command, settings, cwd, environ) as examined:
        mender = Mender(examined)
        proposed = mender.proposed()
        together = mender.together(proposed.findings, unsafe)
        return replace(proposed, seconds=time.perf_counter() - started), together


Changes: TypeAlias = tuple[Proposal, ...]
Key: TypeAlias = tuple[tuple[tuple[str, str], ...], tuple[tuple[Entrypoint, tuple[str, ...]], ...]]
"""What changes come to: the text of each file, and the commands that take the place of others."""


@dataclass(slots=True)
class Mender:
    """Finds the changes that fit a finding, and has each of them played once, through every entrypoint."""

    examined: Examined
    brief: bool = False
    stage: Stage = field(init=False)
    unplayed: set[Key] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Nothing is played yet."""
        self.stage = Stage(self.examined)
        if self.brief:
            self.stage.left = MOST_PLAYS_IN_BRIEF

    @property
    def result(self) -> Result:
        """What was found before any change."""
        return self.examined.result

    def proposed(self) -> Result:
        """The result with its proposals, and a remark where there were more than are played."""
        findings = tuple(self.with_proposals(finding) for finding in self.result.findings)
        if self.brief:
            return replace(self.result, findings=findings, proposed=not self.unplayed)
        remarks = (*self.result.remarks, *_told(len(self.unplayed)))
        return replace(self.result, findings=findings, remarks=remarks, proposed=True)

    def together(self, findings: Sequence[Finding], unsafe: bool) -> Changes:
        """The first proved proposal of each finding, as long as all of them, played together, still do.

        A finding that is gone by what was taken before needs none of its own.
        """
        taken: Changes = ()
        after: Sequence[Finding] = self.result.findings
        for finding in findings:
            if not fixes.is_there(finding, taken, after):
                continue
            for proposal in _proved(finding, unsafe):
                beside = self.beside(taken, proposal)
                more = self.joined(beside, proposal, finding)
                if more is not None and (beside == taken or _loud(more) < _loud(after)):
                    taken, after = (*beside, proposal), more
                    break
        return self.needed(taken)

    def beside(self, taken: Changes, proposal: Proposal) -> Changes:
        """Those that a proposal does not collide with: it may do for more than the others, and take their place."""
        return tuple(one for one in taken if not fixes.collide(one, proposal))

    def needed(self, taken: Changes) -> Changes:
        """Without those that the others make superfluous: ``patch_ssl()`` beside ``patch_all()``."""
        for one in taken:
            rest = tuple(other for other in taken if other is not one)
            after = self.after(rest) if rest else None
            if after is not None and _loud(after) <= _loud(self.after(taken) or ()):
                return self.needed(rest)
        return taken

    def joined(self, taken: Changes, proposal: Proposal, finding: Finding) -> tuple[Finding, ...] | None:
        """What is found where a proposal is carried out beside others; None where they do not go together."""
        changes = (*taken, proposal)
        after = self.after(changes)
        if after is None or (any(one.moves for one in changes) and any(self.lost(changes))):
            return None
        whole = fixes.Played(self.result.findings, after)
        is_proved = isinstance(fixes.verdict(proposal, finding, whole, taken), Proved)
        return after if is_proved else None

    def with_proposals(self, finding: Finding) -> Finding:
        """The finding with its proposals: those that are proved first, and among them the smallest."""
        if finding.severity == "note":
            return finding
        options: dict[Key, Proposal] = {}
        for option in self.options(finding):
            options.setdefault(_key((option,)), option)
        verdicts = self.verdicts(sorted(options.values(), key=lambda one: one.safety == "unsafe"), finding)
        return replace(finding, proposals=tuple(sorted(verdicts, key=self.rank)))

    def rank(self, verdict: Proved | Rejected) -> tuple[int, ...]:
        """Proved first, and of those what changes the order only; then what leaves least, then the smallest."""
        if isinstance(verdict, Rejected):
            return (1,)
        proposal = verdict.proposal
        left = _loud(self.after((proposal,)) or ())
        return (0, proposal.safety == "unsafe", left, len(verdict.leaves), len(proposal.places), _size(proposal))

    def verdicts(self, options: Sequence[Proposal], finding: Finding) -> Iterator[Proved | Rejected]:
        """What a play of each option shows; in brief, until one is proved."""
        is_proved = False
        for option in options:
            if self.brief and is_proved:
                self.unplayed.add(_key((option,)))
                continue
            if not self.may_play(option):
                continue
            verdict = self.verdict(option, finding)
            is_proved = is_proved or isinstance(verdict, Proved)
            yield verdict

    def options(self, finding: Finding) -> Iterator[Proposal]:
        """The changes that fit a finding, the smallest first."""
        file = self.first_file(finding.entrypoint)
        text = self.text(file) if file else None
        library = (finding.patch.call if finding.patch else "gevent.").partition(".")[0]
        if text is not None:
            yield from fixes.candidates(finding, library, file, text, fixes.marks_for(file, self.text))
        yield from self.deferred(finding)
        own = self.own(finding.entrypoint)
        yield from fixes.launches(finding, own, self.text)
        yield from fixes.starts(finding, own, self.text)

    def own(self, entrypoint: Entrypoint) -> dict[str, str]:
        """The program's own modules that an entrypoint executes, by their files; what is imported, by that name."""
        every = self.study(entrypoint).modules
        modules = [(path, module) for module, path in every if path and not self.is_library(path)]
        return dict(sorted(modules, key=lambda one: (one[1] != "__main__", one)))

    def is_library(self, path: str) -> bool:
        """Whether a file is of a package that is installed, or of the interpreter."""
        roots = self.examined.world.target.library_roots
        return path.startswith(tuple(os.path.join(root, "") for root in roots))

    def deferred(self, finding: Finding) -> Iterator[Proposal]:
        """The import that a finding is about, moved to where it is used; in the program's own files only."""
        path = finding.location.path
        text = None if self.is_library(path) or not finding.location.line else self.text(path)
        if text is not None:
            yield from fixes.deferred(finding, text)

    def text(self, path: str) -> str | None:
        """A file's text, None where it cannot be read."""
        try:
            return self.examined.reader.text(path)
        except SourceError:
            return None

    def may_play(self, proposal: Proposal) -> bool:
        """Whether there is time for one more; what there was no time for is counted."""
        may = self.stage.is_affordable(*_of((proposal,)))
        if not may:
            self.unplayed.add(_key((proposal,)))
        return may

    def verdict(self, proposal: Proposal, finding: Finding) -> Proved | Rejected:
        """What a play of the changed program shows."""
        after = self.after((proposal,))
        if after is None:
            return Rejected(proposal, ("the changed program could not be played to its end",))
        if proposal.moves and (lost := tuple(self.lost((proposal,)))):
            causes = tuple(f"{one} is not started any more" for one in lost)
            return Rejected(proposal, causes, tuple(f"The change would leave it out: {one}" for one in causes))
        return fixes.verdict(proposal, finding, fixes.Played(self.result.findings, after))

    def lost(self, changes: Changes) -> Iterator[str]:
        """What is started less often after changes, in any of the entrypoints."""
        for before, after in zip(self.examined.studies, self.stage.studies(*_of(changes)), strict=True):
            yield from (one for one, count in before.started.items() if after.started.get(one, 0) < count)

    def after(self, changes: Changes) -> tuple[Finding, ...] | None:
        """The findings after changes; None where the changed program cannot be played to its end, or not any more."""
        texts, commands = _of(changes)
        if not self.stage.is_affordable(texts, commands):
            return None
        studies = self.stage.studies(texts, commands)
        ended = sum(_ends_early(one.opaque) for one in studies)
        if ended > _ends_early(self.result.opaque) or any(one.problems for one in studies):
            return None
        return tuple(finding for one in studies for finding in one.findings)

    def first_file(self, entrypoint: Entrypoint) -> str:
        """The first file of the program's own that an entrypoint executes; ``""`` where there is none."""
        return self.study(entrypoint).first

    def study(self, entrypoint: Entrypoint) -> Study:
        """What came of an entrypoint before any change."""
        return dict(zip(self.result.entrypoints, self.examined.studies, strict=True))[entrypoint]


def _loud(findings: Sequence[Finding]) -> int:
    """How many warnings and errors there are."""
    return sum(finding.severity != "note" for finding in findings)


def _size(proposal: Proposal) -> int:
    """How many lines are taken out and put in."""
    return sum(edit.end - edit.line + edit.text.count("\n") for edit in proposal.edits)


MOST_PLAYS_IN_BRIEF: Final = 6
"""Plays beside those of the program as it is, for somebody who waits."""
FEW: Final = 3
"""Warnings and errors, and entrypoints, that are few."""


def _are_few(result: Result) -> bool:
    loud = {(one.code, one.location) for one in result.findings if one.severity != "note"}
    return len(loud) <= FEW and len(result.entrypoints) <= FEW


def _of(changes: Changes) -> tuple[Texts, Commands]:
    """The texts that changes come to, and the commands."""
    return fixes.changed(changes), {one.started: one.command for one in changes if one.started and one.command}


def _key(changes: Changes) -> Key:
    texts, commands = _of(changes)
    return tuple(sorted(texts.items())), tuple(commands.items())


def _told(left: int) -> Iterator[str]:
    if left:
        were = "change that may mend something was" if left == 1 else "changes that may mend something were"
        yield f"{left} more {were} not played, as that would take too long; fewer entrypoints at a time show the rest"


def _proved(finding: Finding, unsafe: bool) -> Iterator[Proposal]:
    for one in finding.proposals:
        if isinstance(one, Proved) and one.proposal.edits and (unsafe or one.proposal.safety == "safe"):
            yield one.proposal


def _ends_early(notes: Sequence[OpaqueNote]) -> int:
    """How many entrypoints were not played to their end."""
    return sum(note.what == "program" for note in notes)
