"""``patchlint rule``."""

from __future__ import annotations

import click

from patchlint.config import did_you_mean
from patchlint.model.errors import UsageError


@click.command()
@click.argument("code")
def rule(code: str) -> None:
    """Explain the rule CODE."""
    from patchlint.rules import RULES

    known = {name: rule for rule in RULES for name in (rule.code, rule.name)}
    found = known.get(code.upper()) or known.get(code)
    if found is None:
        near = did_you_mean(code.upper(), list(known)) or did_you_mean(code.lower(), list(known))
        raise UsageError(f"no rule {code!r}{near}; `patchlint rules` lists them")
    click.echo(f"{found.code} {found.name}\n\n{found.doc}")
