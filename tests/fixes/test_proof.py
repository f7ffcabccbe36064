"""What makes a proposal proved, and what makes it rejected."""

from __future__ import annotations

from dataclasses import replace

from patchlint.fixes.proof import Played, verdict
from patchlint.model.finding import Finding
from patchlint.model.location import Location
from patchlint.model.plan import Entrypoint
from patchlint.model.proposal import Edit, Proposal, Proved, Rejected

RUN = Entrypoint("file", "/srv/run.py", "/srv")
STALE = Finding("PAT101", "error", "certain", "stale", RUN, Location("/srv/run.py", 4))
TWICE = Finding("PAT301", "warning", "certain", "once in the master", RUN, Location("/srv/app.py", 9))
PROPOSAL = Proposal("p", "why", "safe", "/srv/run.py", (Edit("/srv/run.py", 1, 1, "a\nb\n"),))


def judged(*after: Finding) -> Proved | Rejected:
    return verdict(PROPOSAL, STALE, Played((STALE, TWICE), after))


def test_gone() -> None:
    assert judged(TWICE) == Proved(PROPOSAL)


def test_it_is_the_same_finding_two_lines_on() -> None:
    there = replace(STALE, location=Location("/srv/run.py", 6))
    assert judged(there, TWICE) == Rejected(PROPOSAL, ("the finding remains: /srv/run.py:4: stale (PAT101)",))


def test_only_a_note_is_left() -> None:
    note = replace(STALE, severity="note", location=Location("/srv/run.py", 6), message="harmless")
    assert judged(note, TWICE) == Proved(PROPOSAL)


def test_a_new_note_is_told() -> None:
    note = Finding("PAT202", "note", "certain", "a part", RUN, Location("/srv/run.py", 2))
    assert judged(TWICE, note) == Proved(PROPOSAL, ("/srv/run.py:2: a part (PAT202)",))


def test_the_next_problem() -> None:
    worse = replace(TWICE, severity="error", message="each job runs 3 times")
    assert judged(worse) == Rejected(PROPOSAL, ("/srv/app.py:9: each job runs 3 times (PAT301)",))


def test_a_new_warning() -> None:
    new = Finding("PAT204", "warning", "certain", "late", RUN, Location("/srv/app.py", 2))
    assert isinstance(judged(TWICE, new), Rejected)
