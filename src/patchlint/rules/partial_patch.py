"""Only a part of the standard library is patched.

## What it does
Looks at what all patch calls of a process replace together, and says what is missing: after a single
`patch_socket()`, after `patch_all(ssl=False)`, or where a script patches one module and the server's worker
patches the rest after the fork.

## Why is this bad
The parts belong together. Sockets patched without `ssl` make every TLS connection fail with a `TypeError`:
that is an error where the program imports a client that speaks TLS. Everything else is a note: what is left out
for good can be meant (`thread=False` under a debugger), and what is imported before a worker patches the rest is
told of by itself (PAT101).

## Example
```python
from gevent import monkey

monkey.patch_socket()

from urllib.request import urlopen

urlopen("https://example.org")  # TypeError
```

## Use instead
```python
from gevent import monkey

monkey.patch_all()
```

## When it is fine
`monkey.patch_ssl()` as the first statement of a gunicorn master whose workers patch the rest is a known way to
keep a scheduler's real thread in the master.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from patchlint.model.events import ModuleExecuted, Patch, Process
from patchlint.model.finding import Finding, Severity
from patchlint.model.location import Location
from patchlint.model.timeline import Timeline
from patchlint.rules import blame, processes, story
from patchlint.rules.blame import Blame
from patchlint.rules.rule import Rule

PARTS: Final = {
    "gevent": ("socket", "ssl", "threading", "time", "select", "subprocess", "os"),
    "eventlet": ("socket", "threading", "time", "select", "os"),
}
"""The modules that a whole patch replaces something in, whatever the version."""

TLS_CLIENTS: Final = frozenset(
    {
        *(
            "http.client",
            "ftplib",
            "smtplib",
            "imaplib",
            "poplib",
            "nntplib",
            "asyncio.sslproto",
            "urllib3",
            "httpcore",
        ),
        *("aiohttp", "websocket", "pymongo", "redis", "pika", "amqp", "ldap3", "kafka"),
    }
)
"""Modules that wrap sockets in TLS; most other clients stand on one of them."""


def check(timeline: Timeline) -> Iterator[Finding]:
    """One finding for each process whose own patches leave something out, at the first of them."""
    told: set[Process] = set()
    for patch in processes.patches(timeline):
        location = _place(timeline, patch)
        if location is None or patch.library not in PARTS or told.intersection(_lineage(timeline, patch)):
            continue
        told.add(patch.process)
        missing = _missing(timeline, patch, patch.process)
        if not missing:
            continue
        later = _completed_by(timeline, patch)
        yield Finding(
            code=RULE.code,
            severity=_severity(timeline, patch, missing, later),
            certainty=patch.certainty,
            message=_message(timeline, patch, missing, later),
            entrypoint=timeline.entrypoint,
            location=location,
            chain=story.chain(timeline, patch.trail, story.patch_link(patch)),
            patch=story.reference(patch),
            help=f"Patch everything here with {_whole(patch)}, unless only a part is meant.",
        )


def _place(timeline: Timeline, patch: Patch) -> Location | None:
    """The call, or the command where its options choose the parts (``python -m gevent.monkey --no-ssl``)."""
    if patch.by_launcher and patch.arguments:
        return blame.launch_place(timeline)
    return blame.of_patch(timeline, patch)


def _lineage(timeline: Timeline, patch: Patch) -> tuple[Process, ...]:
    return processes.lineage(timeline, patch.process)


def _missing(timeline: Timeline, patch: Patch, process: Process) -> tuple[str, ...]:
    """What the library's patches in a process and in those it came from leave out."""
    line = processes.lineage(timeline, process)
    replaced = {
        name.partition(".")[0]
        for other in processes.patches(timeline)
        if other.library == patch.library and other.process in line
        for name in other.replaced
        if (patch.library, name) != ("eventlet", "threading.RLock")  # which any call of eventlet's replaces
    }
    replaced |= {"threading"} if "_thread" in replaced else set()
    return tuple(part for part in PARTS[patch.library] if part not in replaced)


def _completed_by(timeline: Timeline, patch: Patch) -> Patch | None:
    """The patch that completes this one in a process forked from its own."""
    for other in processes.patches(timeline):
        if (
            other.library == patch.library
            and other.process != patch.process
            and patch.process in processes.lineage(timeline, other.process)
            and not _missing(timeline, patch, other.process)
        ):
            return other
    return None


def _severity(timeline: Timeline, patch: Patch, missing: tuple[str, ...], later: Patch | None) -> Severity:
    if not _is_written_here(timeline, patch) or later is not None:  # what it leaves stale is told by itself
        return "note"
    return "error" if _breaks_tls(missing) and _speaks_tls(timeline, patch) else "note"


def _is_written_here(timeline: Timeline, patch: Patch) -> bool:
    if patch.by_launcher:
        return bool(patch.arguments)
    return patch.location is not None and timeline.is_first_party(patch.location.path)


def _breaks_tls(missing: tuple[str, ...]) -> bool:
    """gevent 26.9 on 3.11: a patched socket in an unpatched ``ssl`` raises; the other way round works."""
    return "ssl" in missing and "socket" not in missing


def _speaks_tls(timeline: Timeline, patch: Patch) -> bool:
    judge = Blame.on(timeline, {patch.library})
    return any(
        isinstance(event, ModuleExecuted) and event.module in TLS_CLIENTS and not judge.is_own_account(event.trail)
        for event in timeline.events
    )


def _message(timeline: Timeline, patch: Patch, missing: tuple[str, ...], later: Patch | None) -> str:
    parts = story.listing(missing, len(missing))
    if later is not None:
        return (
            f"only a part is patched here: {parts} not before {story.short(later.call)}() in the {later.process} "
            f"process, after everything that the {patch.process} process imports"
        )
    if _breaks_tls(missing) and _speaks_tls(timeline, patch):
        return f"sockets are patched and ssl is not: every TLS connection ends in a TypeError (not patched: {parts})"
    stays = "stays as it is" if len(missing) == 1 else "stay as they are"
    return f"only a part is patched: {parts} {stays}"


def _whole(patch: Patch) -> str:
    return "monkey.patch_all()" if patch.library == "gevent" else "eventlet.monkey_patch()"


RULE = Rule.of("PAT202", "partial-patch", __doc__, check)
