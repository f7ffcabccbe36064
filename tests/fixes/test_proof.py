"""What makes a proposal proved, and what makes it rejected."""

from __future__ import annotations

from dataclasses import replace

from patchlint.fixes.proof import Played, is_there, verdict
from patchlint.model.finding import Finding
from patchlint.model.location import Location
from patchlint.model.plan import Entrypoint
from patchlint.model.proposal import Edit, Proposal, Proved, Rejected

RUN = Entrypoint("file", "/srv/run.py", "/srv")
STALE = Finding("PAT101", "error", "certain", "stale", RUN, Location("/srv/run.py", 4))
TWICE = Finding("PAT301", "warning", "certain", "once in the master", RUN, Location("/srv/app.py", 9))
PROPOSAL = Proposal("p", "why", "safe", (Edit("/srv/run.py", 1, 1, "a\nb\n"),))


def judged(*after: Finding) -> Proved | Rejected:
    return verdict(PROPOSAL, STALE, Played((STALE, TWICE), after))


def test_gone() -> None:
    assert judged(TWICE) == Proved(PROPOSAL)


def test_it_is_the_same_finding_two_lines_on() -> None:
    there = replace(STALE, location=Location("/srv/run.py", 6))
    remains, told = "the finding remains: /srv/run.py:4: stale (PAT101)", "p would leave it as it is"
    assert judged(there, TWICE) == Rejected(PROPOSAL, (remains,), (told,))


def test_only_a_note_is_left() -> None:
    note = replace(STALE, severity="note", location=Location("/srv/run.py", 6), message="harmless")
    assert judged(note, TWICE) == Proved(PROPOSAL)


def test_a_new_note_is_told() -> None:
    note = Finding("PAT202", "note", "certain", "a part", RUN, Location("/srv/run.py", 2))
    assert judged(TWICE, note) == Proved(PROPOSAL, ("/srv/run.py:2: a part (PAT202)",))


def test_the_next_problem() -> None:
    worse = replace(TWICE, severity="error", message="each job runs 3 times")
    cause = "/srv/app.py:9: each job runs 3 times (PAT301)"
    assert judged(worse) == Rejected(PROPOSAL, (cause,), (f"p would cause {cause}",))


def test_the_next_problem_is_told_as_a_sentence() -> None:
    worse = replace(TWICE, severity="error", message="each job runs 3 times", does="run each job 3 times")
    here = replace(PROPOSAL, subject="`monkey.patch_all()` here")
    (told,) = verdict(here, STALE, Played((STALE, TWICE), (worse,))).story
    assert told == "`monkey.patch_all()` here would make /srv/app.py:9 run each job 3 times (PAT301)"


def test_beside_another_change_lines_move_by_both() -> None:
    other = replace(PROPOSAL, edits=(Edit("/srv/run.py", 2, 3, "x\ny\nz\n"),))
    there = replace(STALE, location=Location("/srv/run.py", 8))
    assert is_there(STALE, (other, PROPOSAL), (there,))
    assert not is_there(STALE, (PROPOSAL,), (there,))
    assert isinstance(verdict(PROPOSAL, STALE, Played((STALE,), (there,)), (other,)), Rejected)


def test_a_new_warning() -> None:
    new = Finding("PAT204", "warning", "certain", "late", RUN, Location("/srv/app.py", 2))
    assert isinstance(judged(TWICE, new), Rejected)


def test_the_next_problem_of_the_same_line_is_no_mere_note() -> None:
    """A scheduler whose job ran in the master only, and runs in every worker now."""
    everywhere = replace(TWICE, code="PAT302", severity="note", message="each job runs 2 times")
    rejected = verdict(PROPOSAL, TWICE, Played((TWICE,), (everywhere,)))
    assert rejected == Rejected(
        PROPOSAL,
        ("/srv/app.py:9: each job runs 2 times (PAT302)",),
        ("p would cause /srv/app.py:9: each job runs 2 times (PAT302)",),
    )
    elsewhere = replace(everywhere, location=Location("/srv/app.py", 30))
    assert isinstance(verdict(PROPOSAL, TWICE, Played((TWICE,), (elsewhere,))), Proved)
