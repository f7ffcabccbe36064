"""Rules: questions put to a timeline.

Each module with a ``RULE`` is one rule: its docstring is its documentation, its ``check`` the question. ``RULES``
names them all; a test holds every module of the package to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from patchlint.model.finding import Finding
from patchlint.model.timeline import Timeline
from patchlint.rules import (
    conditional_patch,
    connection_before_fork,
    executor_before_patch,
    missing_hook,
    missing_patch,
    not_analysed,
    partial_patch,
    patch_after_threads,
    patch_off_main_thread,
    patch_too_late,
    process_before_fork,
    removed_name,
    repeated_patch,
    scheduler_before_fork,
    scheduler_created_before_fork,
    scheduler_in_every_worker,
    signal_without_os,
    stale_reference,
    thread_before_fork,
    two_libraries,
)
from patchlint.rules.rule import Rule

__all__ = ["RULES", "Rule", "check"]

RULES: Final[tuple[Rule, ...]] = (
    stale_reference.RULE,
    executor_before_patch.RULE,
    patch_too_late.RULE,
    partial_patch.RULE,
    patch_off_main_thread.RULE,
    patch_after_threads.RULE,
    conditional_patch.RULE,
    repeated_patch.RULE,
    two_libraries.RULE,
    missing_patch.RULE,
    signal_without_os.RULE,
    removed_name.RULE,
    missing_hook.RULE,
    scheduler_before_fork.RULE,
    scheduler_in_every_worker.RULE,
    scheduler_created_before_fork.RULE,
    thread_before_fork.RULE,
    process_before_fork.RULE,
    connection_before_fork.RULE,
    not_analysed.RULE,
)


def check(timeline: Timeline) -> Iterator[Finding]:
    """What all rules have to say about a timeline, in the order of their codes."""
    for rule in RULES:
        yield from rule.check(timeline)
