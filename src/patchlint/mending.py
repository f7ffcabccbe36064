"""What would mend a run's findings: the changes that fit them, each played before it is shown."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Final

from patchlint import fixes
from patchlint.api import check, chosen_rules, look_around, start_of, study, usable_cache
from patchlint.config import DEFAULTS, Settings
from patchlint.launchers import start
from patchlint.machine import World
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
        mender = Mender(result, world, reader, rules)
        return replace(result, findings=tuple(mender.with_proposals(finding) for finding in result.findings))


MOST_PLAYED: Final = 16
"""Changes of one run that are played."""


@dataclass(slots=True)
class Mender:
    """Finds the changes that fit a finding, and plays each of them once, through every entrypoint."""

    result: Result
    world: World
    reader: Reader
    rules: Sequence[Rule]
    first: dict[Entrypoint, str] = field(default_factory=dict)
    played: dict[tuple[Edit, ...], tuple[Finding, ...] | None] = field(default_factory=dict)

    def with_proposals(self, finding: Finding) -> Finding:
        """The finding with its proposals: those that are proved first, and among them the smallest."""
        if finding.severity == "note":
            return finding
        file = self.first_file(finding.entrypoint)
        library = (finding.patch.call if finding.patch else "gevent.").partition(".")[0]
        options = fixes.candidates(finding, library, file, self.reader.text(file)) if file else ()
        verdicts = [self.verdict(option, finding) for option in options if self.may_play(option)]
        return replace(finding, proposals=tuple(sorted(verdicts, key=lambda one: isinstance(one, Rejected))))

    def may_play(self, proposal: Proposal) -> bool:
        """Whether there is time for one more."""
        return proposal.edits in self.played or len(self.played) < MOST_PLAYED

    def verdict(self, proposal: Proposal, finding: Finding) -> Proved | Rejected:
        """What a play of the changed program shows."""
        if proposal.edits not in self.played:
            self.played[proposal.edits] = self.replayed(proposal)
        after = self.played[proposal.edits]
        if after is None:
            return Rejected(proposal, ("the changed program could not be played to its end",))
        return fixes.verdict(proposal, finding, fixes.Played(self.result.findings, after))

    def replayed(self, proposal: Proposal) -> tuple[Finding, ...] | None:
        """The findings of the changed program; None where it cannot be played to its end."""
        text = fixes.edited(proposal.text, proposal.edits)
        world = replace(self.world, reader=self.reader.with_overlay({proposal.path: text}))
        studies = [study(entrypoint, world, self.rules) for entrypoint in self.result.entrypoints]
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


def _ends_early(notes: Sequence[OpaqueNote]) -> int:
    """How many entrypoints were not played to their end."""
    return sum(note.what == "program" for note in notes)
