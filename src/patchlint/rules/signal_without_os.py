"""Of `os` and `signal`, only one is patched.

## What it does
Looks at what all patch calls of gevent in a process replace together: `signal` without `os`, or `os` without
`signal`.

## Why is this bad
gevent watches for the end of child processes itself, and hands `SIGCHLD` on to the program's own handler. Both
halves are needed. With `os` alone, a handler installed by `signal.signal(SIGCHLD, ...)` takes the place of gevent's,
and the next `subprocess.Popen(...).wait()` hangs. With `signal` alone, gevent warns that handlers may not be called
and that `os.waitpid` may not work. Where only a single function was called (`patch_os()`), it is a note.

## Example
```python
from gevent import monkey

monkey.patch_all(signal=False)
```

## Use instead
```python
from gevent import monkey

monkey.patch_all()
```
"""

from __future__ import annotations

from collections.abc import Iterator

from patchlint.model.events import Patch
from patchlint.model.finding import Finding, Severity
from patchlint.model.timeline import Timeline
from patchlint.rules import blame, processes, story
from patchlint.rules.rule import Rule


def check(timeline: Timeline) -> Iterator[Finding]:
    """At most one finding for each process, at the program's last patch in it."""
    last = {patch.process: patch for patch in processes.patches(timeline) if patch.library == "gevent"}
    for patch in last.values():
        location = blame.of_patch(timeline, patch)
        verdict = _verdict(timeline, patch)
        if location is None or verdict is None:
            continue
        severity, message = verdict
        yield Finding(
            code=RULE.code,
            severity=severity,
            certainty=patch.certainty,
            message=message,
            entrypoint=timeline.entrypoint,
            location=location,
            chain=story.chain(timeline, patch.trail, story.patch_link(patch)),
            patch=story.reference(patch),
            help="Patch both or neither.",
        )


def _verdict(timeline: Timeline, patch: Patch) -> tuple[Severity, str] | None:
    line = processes.lineage(timeline, patch.process)
    modules = {
        name.partition(".")[0]
        for other in processes.patches(timeline)
        if other.library == "gevent" and other.process in line
        for name in other.replaced
    }
    severity: Severity = "warning" if patch.call.endswith("patch_all") else "note"
    if "signal" in modules and "os" not in modules:
        return severity, "signal is patched and os is not: a handler of SIGCHLD and os.waitpid() may not work"
    if "os" in modules and "signal" not in modules:
        return severity, "os is patched and signal is not: a handler of SIGCHLD would take the place of gevent's"
    return None


RULE = Rule.of("PAT209", "signal-without-os", __doc__, check)
