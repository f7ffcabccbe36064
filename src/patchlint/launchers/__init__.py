"""Launchers: what is started, turned into ordered steps.

A launcher written in Python needs no model of its own: its console script is played from its own source,
options, configuration, forks and all.  What is here brings the machine to that source as a shell would.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from patchlint.environment import Target
from patchlint.launchers import command, python
from patchlint.model.plan import Entrypoint, Handover, Plan

HANDOVERS: Final[Mapping[str, Handover]] = {}
"""Library functions that do not return, by qualified name, and what comes after them."""


def plan_for(entrypoint: Entrypoint, target: Target) -> Plan:
    """The steps that starting an entrypoint takes.  Raises UsageError for a command that is not understood."""
    if entrypoint.kind == "command":
        return command.plan(entrypoint, target)
    return python.plan(entrypoint)


__all__ = ["HANDOVERS", "plan_for"]
