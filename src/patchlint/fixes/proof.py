"""Whether a proposal does what it is for: the changed program's findings are held against those before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from patchlint.fixes.texts import moved
from patchlint.model.finding import Finding
from patchlint.model.plan import Entrypoint
from patchlint.model.proposal import Proposal, Proved, Rejected

Key: TypeAlias = tuple[str, str, int, Entrypoint]
"""Code, path, line of the text after the change, and what is started."""

_RANK: Final = {"note": 0, "warning": 1, "error": 2}


@dataclass(frozen=True, slots=True)
class Played:
    """The findings of every entrypoint, before and after a change."""

    before: Sequence[Finding]
    after: Sequence[Finding]


def verdict(proposal: Proposal, finding: Finding, played: Played, beside: Sequence[Proposal] = ()) -> Proved | Rejected:
    """Proved where the finding is gone, or only a note, and nothing else is worse than it was.

    ``beside`` are changes that were carried out with it.
    """
    changes = (*beside, proposal)
    before = _worst(played.before, changes)
    place = _key(finding, changes)
    worse = [one for one in played.after if _is_worse(one, before) or _is_akin(one, place, before)]
    if worse:
        told = {_told(one): _sentence(proposal, one) for one in worse}
        return Rejected(proposal, tuple(told), tuple(told.values()))
    if is_there(finding, changes, played.after):
        return Rejected(
            proposal, (f"the finding remains: {_told(finding)}",), (f"{_subject(proposal)} would leave it as it is",)
        )
    notes = [one for one in played.after if one.severity == "note" and _key(one, ()) not in before]
    return Proved(proposal, tuple(dict.fromkeys(_told(one) for one in notes)))


def is_there(finding: Finding, changes: Sequence[Proposal], after: Sequence[Finding]) -> bool:
    """Whether a finding is still as bad after changes."""
    key = _key(finding, changes)
    return key is not None and _RANK[_worst(after, ()).get(key, "note")] >= _RANK[finding.severity]


def _is_worse(finding: Finding, before: dict[Key, str]) -> bool:
    key = _key(finding, ())
    return _RANK[finding.severity] > _RANK.get(before.get(key, "") if key else "", 0)


def _is_akin(finding: Finding, place: Key | None, before: dict[Key, str]) -> bool:
    """Whether something new is said of the very line that was to be mended: its next problem, if only as a note."""
    key = _key(finding, ())
    if key is None or place is None or key in before or not key[2]:
        return False
    return key[0] != place[0] and key[0][:-2] == place[0][:-2] and key[1:] == place[1:]


def _worst(findings: Sequence[Finding], changes: Sequence[Proposal]) -> dict[Key, str]:
    """The severity at each place, in terms of the text after the change."""
    worst: dict[Key, str] = {}
    for finding in findings:
        key = _key(finding, changes)
        if key is not None and _RANK[finding.severity] >= _RANK[worst.get(key, "note")]:
            worst[key] = finding.severity
    return worst


def _key(finding: Finding, changes: Sequence[Proposal]) -> Key | None:
    path, line = finding.location.path, finding.location.line
    edits = [edit for change in changes for edit in change.edits if edit.path == path]
    if edits and line:
        line = moved(line, edits)
        if line == 0:
            return None
    return finding.code, path, line, finding.entrypoint


def _told(finding: Finding) -> str:
    place = f"{finding.location.path}:{finding.location.line}: " if finding.location.line else ""
    return f"{place}{finding.message} ({finding.code})"


def _sentence(proposal: Proposal, finding: Finding) -> str:
    """What would come of a change: "`monkey.patch_all()` here would make app.py:41 run each job 3 times (PAT301)"."""
    place = f"{finding.location.path}:{finding.location.line}"
    if finding.does and finding.location.line:
        return f"{_subject(proposal)} would make {place} {finding.does} ({finding.code})"
    return f"{_subject(proposal)} would cause {_told(finding)}"


def _subject(proposal: Proposal) -> str:
    return proposal.subject or proposal.title
