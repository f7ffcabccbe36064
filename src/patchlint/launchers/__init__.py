"""Launchers: what is started, turned into ordered steps.

A launcher written in Python needs no model of its own: its console script is played from its own source,
options, configuration, forks and all.  What is here brings the machine to that source as a shell would.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from patchlint.launchers.plans import plan_for
from patchlint.launchers.starting import start
from patchlint.model.plan import Handover

HANDOVERS: Final[Mapping[str, Handover]] = {}
"""Library functions that do not return, by qualified name, and what comes after them."""

__all__ = ["HANDOVERS", "plan_for", "start"]
