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


def verdict(proposal: Proposal, finding: Finding, played: Played) -> Proved | Rejected:
    """Proved where the finding is gone, or only a note, and nothing else is worse than it was."""
    before = _worst(played.before, proposal)
    after = _worst(played.after, None)
    worse = [one for one in played.after if _is_worse(one, before)]
    if worse:
        return Rejected(proposal, tuple(dict.fromkeys(_told(one) for one in worse)))
    key = _key(finding, proposal)
    remains = key is not None and _RANK[after.get(key, "note")] >= _RANK[finding.severity]
    if remains:
        return Rejected(proposal, (f"the finding remains: {_told(finding)}",))
    notes = [one for one in played.after if one.severity == "note" and _key(one, None) not in before]
    return Proved(proposal, tuple(dict.fromkeys(_told(one) for one in notes)))


def _is_worse(finding: Finding, before: dict[Key, str]) -> bool:
    key = _key(finding, None)
    return _RANK[finding.severity] > _RANK.get(before.get(key, "") if key else "", 0)


def _worst(findings: Sequence[Finding], proposal: Proposal | None) -> dict[Key, str]:
    """The severity at each place, in terms of the text after the change."""
    worst: dict[Key, str] = {}
    for finding in findings:
        key = _key(finding, proposal)
        if key is not None and _RANK[finding.severity] >= _RANK[worst.get(key, "note")]:
            worst[key] = finding.severity
    return worst


def _key(finding: Finding, proposal: Proposal | None) -> Key | None:
    path, line = finding.location.path, finding.location.line
    if proposal is not None and path == proposal.path:
        line = moved(line, proposal.edits)
        if line == 0:
            return None
    return finding.code, path, line, finding.entrypoint


def _told(finding: Finding) -> str:
    place = f"{finding.location.path}:{finding.location.line}: " if finding.location.line else ""
    return f"{place}{finding.message} ({finding.code})"
