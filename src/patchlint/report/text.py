"""``check --format text``: for a person, at a terminal whose places are links."""

from __future__ import annotations

import linecache
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Final

from patchlint.model.events import Capture
from patchlint.model.finding import Finding, Link, OpaqueNote, Severity
from patchlint.model.location import Location
from patchlint.model.plan import Entrypoint
from patchlint.model.proposal import MENDED, Proved, Rejected
from patchlint.report.look import Look
from patchlint.report.names import counted, entrypoint_name, place, shown_path
from patchlint.report.opaque import EXTENSION, by_kind, named
from patchlint.report.result import Result

STALE_SHOWN = 8
"""Stale names of one finding, before the rest becomes a number."""

LINKS_SHOWN = 16
PLACES_SHOWN = 3
ENTRYPOINTS_SHOWN = 10
_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class Page:
    """What every part of the report needs: the result and the look."""

    result: Result
    look: Look

    def at(self, location: Location | None) -> str:
        """A place, dimmed, ``""`` where there is none."""
        return "" if location is None else self.look.paint("dim", place(location, self.result.folder))


def render(result: Result, look: Look) -> str:
    """The findings, then what was checked, then the sum of it."""
    page = Page(result, look)
    merged = _merged(result.findings)
    if look.quiet:
        return "\n".join(_headline(page, finding) for finding, _ in merged)
    blocks = ["\n".join(_finding(page, finding, entrypoints)) for finding, entrypoints in merged]
    blocks.append(
        "\n".join((*_possible(merged), *_opaque(page), *_remarks(page), *_checked(page), _python(page), _summary(page)))
    )
    return "\n\n".join(blocks)


def _merged(findings: Sequence[Finding]) -> list[tuple[Finding, list[Entrypoint]]]:
    """Findings that several entrypoints share are told once, with the first one's story."""
    merged: dict[tuple[object, ...], tuple[Finding, list[Entrypoint]]] = {}
    for finding in findings:
        names = tuple((capture.kind, capture.module, capture.name, capture.origin) for capture in finding.stale)
        key = (finding.code, finding.severity, finding.location, finding.message, names)
        merged.setdefault(key, (finding, []))[1].append(finding.entrypoint)
    return list(merged.values())


def _finding(page: Page, finding: Finding, entrypoints: Sequence[Entrypoint]) -> Iterator[str]:
    yield _headline(page, finding)
    yield from _source(finding.location)
    if len(page.result.entrypoints) > 1:
        yield f"  Started as: {', '.join(_started_as(page, one) for one in entrypoints)}"
    yield from _chain(page, finding.chain)
    yield from _patch(page, finding)
    yield from _stale(page, finding.stale)
    if finding.proposals:
        yield from _proposals(page, finding.proposals)
    elif finding.help:
        yield "  The way out:"
        yield from (f"    {line}" for line in finding.help.strip().splitlines())


def _proposals(page: Page, proposals: Sequence[Proved | Rejected]) -> Iterator[str]:
    """What was played: what mends it, and what would cause the next problem."""
    yield "  The way out, as played:"
    for one in proposals:
        proposal = one.proposal
        place = " and ".join(shown_path(path, page.result.folder) for path in proposal.places)
        if isinstance(one, Proved):
            manner = "" if proposal.safety == "safe" else " (unsafe)"
            yield f"    {page.look.paint('bold', proposal.title)} in {place}{manner}: {proposal.why}"
            yield from (f"      leaves {_relative(page, note)}" for note in one.leaves)
        else:
            yield f"    rejected: {proposal.title} in {place}"
            yield from (f"      {_relative(page, told)}" for told in (one.story or one.causes)[:MOST_CAUSES])
            if rest := len(one.causes) - MOST_CAUSES:
                yield from [f"      and {counted(rest, 'more finding')}"] if rest > 0 else ()


MOST_CAUSES = 4


def _relative(page: Page, text: str) -> str:
    """Paths of the folder, as the rest of the report has them."""
    return text.replace(page.result.folder.rstrip("/") + "/", "")


def _started_as(page: Page, entrypoint: Entrypoint) -> str:
    """A command that was found is told with its place: there may be several alike."""
    name = entrypoint_name(entrypoint, page.result.folder)
    return f"{name} ({page.at(entrypoint.origin)})" if entrypoint.found else name


def _headline(page: Page, finding: Finding) -> str:
    location = finding.location
    where = shown_path(location.path, page.result.folder)
    if location.line:
        where = f"{where}:{location.line}:{location.column}"
    severity = finding.severity if finding.certainty == "certain" else f"{finding.severity} (possible)"
    paint = page.look.paint
    return (
        f"{paint('bold', where)}: {paint('code', finding.code)} {paint(finding.severity, severity)}: {finding.message}"
    )


def _source(location: Location) -> Iterator[str]:
    if line := _line(location):
        yield f"  {location.line:>5} | {line}"


def _line(location: Location) -> str:
    return linecache.getline(location.path, location.line).strip() if location.line else ""


def _as_written(link: Link) -> Link:
    """The end of a story is a line of code, and known best by its own words: not ``_thread._local`` for ``local``."""
    name, bound, _ = link.what.partition(" = ")
    written = _line(link.location) if bound and link.location is not None else ""
    return replace(link, what=written) if name.rpartition(".")[2] in written else link


def _chain(page: Page, chain: Sequence[Link]) -> Iterator[str]:
    if not chain:
        return
    yield "  How it comes about:"
    steps = [(link, "") for link in chain] if page.look.verbose else list(_shortened(chain))
    for depth, (link, instead) in enumerate(steps):
        story = instead or _link(page, _as_written(link) if depth == len(steps) - 1 else link)
        yield f"    {_indent(depth)}{story}"


def _shortened(chain: Sequence[Link]) -> Iterator[tuple[Link, str]]:
    """The links to show, those left out as one with the words that stand for it."""
    inner = sum(link.inner for link in chain)
    outer = [link for link in chain if not link.inner]
    hidden = max(0, len(outer) - LINKS_SHOWN)
    for depth, link in enumerate(chain):
        if link.inner:
            if not chain[depth + 1].inner:
                yield link, _left_out(inner, "of the launcher's own")
        elif not (hidden and LINKS_SHOWN // 2 <= outer.index(link) < LINKS_SHOWN // 2 + hidden):
            yield link, ""
        elif outer.index(link) == LINKS_SHOWN // 2:
            yield link, _left_out(hidden)


def _left_out(count: int, whose: str = "") -> str:
    steps = f"{counted(count, 'step')} {whose}".rstrip()
    return f"... {steps} left out (--verbose shows them)"


def _indent(depth: int) -> str:
    return "  " * min(depth, _DEEPEST)


def _link(page: Page, link: Link) -> str:
    return link.what if link.location is None else f"{page.at(link.location)}: {link.what}"


def _patch(page: Page, finding: Finding) -> Iterator[str]:
    if finding.patch is not None:
        call = page.look.paint("patch", f"{finding.patch.call}()")
        where = f", at {page.at(finding.patch.location)}" if finding.patch.location else ""
        yield f"  The patch comes: {call} in process {finding.patch.process!r}{where}"


def _stale(page: Page, stale: Sequence[Capture]) -> Iterator[str]:
    """The names by their origin, in the order in which the rule gives them: worst first."""
    if not stale:
        return
    shown = stale if page.look.verbose else stale[:STALE_SHOWN]
    yield f"  Stale by then ({counted(len(stale), 'name')}):"
    for origin in dict.fromkeys(capture.origin for capture in shown):
        yield f"    {page.look.paint('bold', origin)}"
        yield from (_capture(page, capture) for capture in shown if capture.origin == origin)
    if rest := len(stale) - len(shown):
        yield f"    ... and {rest:,} more (--verbose shows them)"


def _capture(page: Page, capture: Capture) -> str:
    where = f"  {page.at(Location(capture.path, capture.line))}" if capture.path else ""
    doubt = "" if capture.certainty == "certain" else ", possible"
    return f"      {capture.module}.{capture.name} ({capture.kind}{doubt}){where}"


def _possible(merged: Sequence[tuple[Finding, Sequence[Entrypoint]]]) -> Iterator[str]:
    if any(finding.certainty == "possible" for finding, _ in merged):
        yield "Possible: on a way that was not decided without running the program, or by a value that was inferred."


def _opaque(page: Page) -> Iterator[str]:
    """A line for each kind of thing; with ``verbose`` each thing, and what it could hide."""
    kinds = list(by_kind(page.result.opaque))
    if not kinds:
        return
    verbose = page.look.verbose
    yield "Not seen into:" if verbose else "Not seen into (--verbose tells what that could hide):"
    for kind, notes in kinds:
        if not verbose:
            yield f"  {named(kind, notes)}: {_places(page, notes)}"
            continue
        yield f"  {named(kind, notes)}, which could hide {kind.hides}:"
        yield from (f"    {_in_full(page, note)}" for note in notes)


def _places(page: Page, notes: Sequence[OpaqueNote]) -> str:
    """Where the first few things are, those in the reader's own code first."""
    first = dict.fromkeys(_place(page, note) for note in sorted(notes, key=partial(_is_far, page)))
    rest = len(first) - PLACES_SHOWN
    shown = ", ".join(islice(first, PLACES_SHOWN))
    return f"{shown} and {rest} more" if rest > 0 else shown


def _in_full(page: Page, note: OpaqueNote) -> str:
    return note.reason if note.what == EXTENSION else f"{_place(page, note)}: {note.reason}"


def _place(page: Page, note: OpaqueNote) -> str:
    if note.what == EXTENSION:
        return note.reason.partition(".")[0]
    if note.location is None:
        return entrypoint_name(note.entrypoint, page.result.folder)
    where = place(note.location, page.result.folder)
    return page.look.paint("dim", where if page.look.verbose else re.sub(r".*/(site|dist)-packages/", "", where))


def _is_far(page: Page, note: OpaqueNote) -> bool:
    """Whether a thing is outside of the folder that is checked, or in a library that is installed there."""
    path = "" if note.location is None else shown_path(note.location.path, page.result.folder)
    return path.startswith(os.sep) or "site-packages" in path


def _remarks(page: Page) -> Iterable[str]:
    return page.result.remarks


def _checked(page: Page) -> Iterator[str]:
    entrypoints = page.result.entrypoints
    shown = entrypoints if page.look.verbose else entrypoints[:ENTRYPOINTS_SHOWN]
    for entrypoint in shown:
        reason = f" ({entrypoint.reason})" if entrypoint.reason else ""
        yield f"Checked {_started_as(page, entrypoint)}{reason}"
    if rest := len(entrypoints) - len(shown):
        yield f"... and {counted(rest, 'more entrypoint')} (--verbose lists them)"


def _python(page: Page) -> str:
    python = page.result.python
    if python is None:
        return "No Python environment was read."
    return f"Python {python.version} of {shown_path(python.executable, page.result.folder)} ({python.chosen_because})"


def _summary(page: Page) -> str:
    result = page.result
    merged = [finding for finding, _ in _merged(result.findings)]
    found = [_count(page, severity, merged) for severity in ("error", "warning", "note")]
    found = [words for words in found if words]
    if result.problems:
        found.append(page.look.paint("error", f"{counted(len(result.problems), 'input')} not analysed"))
    verdict = ", ".join(found) if found else "Nothing found"
    size = f"{counted(len(result.entrypoints), 'entrypoint')}, {counted(result.modules, 'module')}"
    may_be_mended = any(one.code in MENDED for one in merged if one.severity != "note")
    what = MORE if any(one.proposals for one in merged) else HOW
    more = what if may_be_mended and not result.proposed else ""
    return f"{verdict}: {size}, {result.seconds:.2f} s{more}"


HOW: Final = "; --proposals plays what would mend it"
MORE: Final = "; --proposals plays what else may mend it"


def _count(page: Page, severity: Severity, findings: Sequence[Finding]) -> str:
    """``3 errors (1 possible)``, ``""`` for none."""
    certainties = Counter(finding.certainty for finding in findings if finding.severity == severity)
    if not certainties:
        return ""
    words = page.look.paint(severity, counted(certainties.total(), severity))
    return f"{words} ({certainties['possible']} possible)" if certainties["possible"] else words
