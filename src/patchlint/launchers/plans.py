"""Which launcher turns an entrypoint into steps."""

from __future__ import annotations

from patchlint.environment import Target
from patchlint.launchers import command, python
from patchlint.launchers.uwsgi_options import Text, text_of
from patchlint.model.plan import Entrypoint, Plan


def plan_for(entrypoint: Entrypoint, target: Target, text: Text = text_of) -> Plan:
    """The steps that starting an entrypoint takes.  Raises UsageError for a command that is not understood."""
    if entrypoint.kind == "command":
        return command.plan(entrypoint, target, text)
    return python.plan(entrypoint)
