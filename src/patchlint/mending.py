"""What would mend a run's findings: the changes that fit them, each played before it is shown.

Those that are carried out together are played together.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from patchlint import fixes
from patchlint.api import Study, check, chosen_rules, look_around, start_of, study, usable_cache
from patchlint.config import DEFAULTS, Settings
from patchlint.launchers import start
from patchlint.machine import World
from patchlint.model.errors import SourceError
from patchlint.model.events import ModuleExecuted
from patchlint.model.finding import Finding, OpaqueNote
from patchlint.model.plan import Entrypoint
from patchlint.model.proposal import Edit, Proposal, Proved, Rejected
from patchlint.report import Result
from patchlint.rules import Rule
from patchlint.sources.reader import Reader


def propose(
    paths: Sequence[str] = (),
    command: Sequence[str] = (),
    settings: Settings = DEFAULTS,
    cwd: str | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Result:
    """As ``check``, and with each warning and error the changes that may mend it, each of them played.

    Raises as ``check`` does.
    """
    folder = cwd or os.getcwd()
    rules = chosen_rules(settings)
    result = check(paths, command, settings, folder, environ)
    cache, _ = usable_cache(settings, environ)
    world, reader = look_around(start_of(paths, folder), settings, environ, cache)
    with closing(reader):
        return Mender(result, world, reader, rules).proposed()


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
    folder = cwd or os.getcwd()
    rules = chosen_rules(settings)
    result = check(paths, command, settings, folder, environ)
    cache, _ = usable_cache(settings, environ)
    world, reader = look_around(start_of(paths, folder), settings, environ, cache)
    with closing(reader):
        mender = Mender(result, world, reader, rules)
        proposed = mender.proposed()
        return proposed, mender.together(proposed.findings, unsafe)


MOST_PLAYED: Final = 16
"""Changes of one run that are played by themselves."""

Changes: TypeAlias = tuple[Proposal, ...]
Key: TypeAlias = tuple[tuple[Edit, ...], tuple[tuple[Entrypoint | None, tuple[str, ...]], ...]]
"""What changes come to: edits, and the commands that take the place of others."""


@dataclass(slots=True)
class Mender:
    """Finds the changes that fit a finding, and plays each of them once, through every entrypoint."""

    result: Result
    world: World
    reader: Reader
    rules: Sequence[Rule]
    first: dict[Entrypoint, str] = field(default_factory=dict)
    played: dict[Key, tuple[Finding, ...] | None] = field(default_factory=dict)
    unplayed: set[Key] = field(default_factory=set)

    def proposed(self) -> Result:
        """The result with its proposals, and a remark where there were more than are played."""
        findings = tuple(self.with_proposals(finding) for finding in self.result.findings)
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
                more = self.joined(taken, proposal, finding)
                if more is not None:
                    taken, after = (*taken, proposal), more
                    break
        return taken

    def joined(self, taken: Changes, proposal: Proposal, finding: Finding) -> tuple[Finding, ...] | None:
        """What is found where a proposal is carried out beside others; None where they do not go together."""
        if any(fixes.collide(one, proposal) for one in taken):
            return None
        after = self.after((*taken, proposal))
        if after is None:
            return None
        whole = fixes.Played(self.result.findings, after)
        is_proved = isinstance(fixes.verdict(proposal, finding, whole, taken), Proved)
        return after if is_proved else None

    def with_proposals(self, finding: Finding) -> Finding:
        """The finding with its proposals: those that are proved first, and among them the smallest."""
        if finding.severity == "note":
            return finding
        file = self.first_file(finding.entrypoint)
        library = (finding.patch.call if finding.patch else "gevent.").partition(".")[0]
        options = list(fixes.candidates(finding, library, file, self.reader.text(file)) if file else ())
        options += [*self.deferred(finding), *fixes.launches(finding, self.text)]
        verdicts = [self.verdict(option, finding) for option in options if self.may_play(option)]
        return replace(finding, proposals=tuple(sorted(verdicts, key=_rank)))

    def deferred(self, finding: Finding) -> Iterator[Proposal]:
        """The import that a finding is about, moved to where it is used; in the program's own files only."""
        path = finding.location.path
        roots = tuple(os.path.join(root, "") for root in self.world.target.library_roots)
        text = None if path.startswith(roots) or not finding.location.line else self.text(path)
        if text is not None:
            yield from fixes.deferred(finding, text)

    def text(self, path: str) -> str | None:
        """A file's text, None where it cannot be read."""
        try:
            return self.reader.text(path)
        except SourceError:
            return None

    def may_play(self, proposal: Proposal) -> bool:
        """Whether there is time for one more; what there was no time for is counted."""
        key = _changes((proposal,))
        may = key in self.played or len(self.played) < MOST_PLAYED
        if not may:
            self.unplayed.add(key)
        return may

    def verdict(self, proposal: Proposal, finding: Finding) -> Proved | Rejected:
        """What a play of the changed program shows."""
        after = self.after((proposal,))
        if after is None:
            return Rejected(proposal, ("the changed program could not be played to its end",))
        return fixes.verdict(proposal, finding, fixes.Played(self.result.findings, after))

    def after(self, changes: Changes) -> tuple[Finding, ...] | None:
        """The findings after changes; each set of them is played once."""
        key = _changes(changes)
        if key not in self.played:
            self.played[key] = self.replayed(changes)
        return self.played[key]

    def replayed(self, changes: Changes) -> tuple[Finding, ...] | None:
        """The findings of the changed program; None where it cannot be played to its end."""
        world = replace(self.world, reader=self.reader.with_overlay(fixes.changed(changes)))
        commands = {one.started: one.command for one in changes if one.command}
        started = [(one, commands.get(one, one.argv)) for one in self.result.entrypoints]
        studies = [_as_before(study(replace(one, argv=argv), world, self.rules), one) for one, argv in started]
        ended = sum(_ends_early(one.opaque) for one in studies)
        if ended > _ends_early(self.result.opaque) or any(one.problems for one in studies):
            return None
        return tuple(finding for one in studies for finding in one.findings)

    def first_file(self, entrypoint: Entrypoint) -> str:
        """The first file of the program's own that an entrypoint executes; ``""`` where there is none."""
        if entrypoint not in self.first:
            line = start(entrypoint, self.world)
            executed = (event.path for event in line.events if isinstance(event, ModuleExecuted) and event.path)
            self.first[entrypoint] = next((path for path in executed if line.is_first_party(path)), "")
        return self.first[entrypoint]


def _rank(verdict: Proved | Rejected) -> tuple[bool, bool]:
    """Proved first, and among them what changes only the order; else as they were made, the smallest first."""
    return isinstance(verdict, Rejected), verdict.proposal.safety == "unsafe"


def _changes(changes: Changes) -> Key:
    edits = tuple(edit for one in changes for edit in one.edits)
    return edits, tuple((one.started, one.command) for one in changes if one.command)


def _as_before(found: Study, entrypoint: Entrypoint) -> Study:
    """Findings under the entrypoint's name before the change, so that they can be held against those before."""
    return replace(found, findings=tuple(replace(one, entrypoint=entrypoint) for one in found.findings))


def _told(left: int) -> Iterator[str]:
    if left:
        were = "change that may mend something was" if left == 1 else "changes that may mend something were"
        yield f"{left} more {were} not played: one run plays {MOST_PLAYED}; fewer entrypoints at a time show the rest"


def _proved(finding: Finding, unsafe: bool) -> Iterator[Proposal]:
    for one in finding.proposals:
        if isinstance(one, Proved) and one.proposal.edits and (unsafe or one.proposal.safety == "safe"):
            yield one.proposal


def _ends_early(notes: Sequence[OpaqueNote]) -> int:
    """How many entrypoints were not played to their end."""
    return sum(note.what == "program" for note in notes)
