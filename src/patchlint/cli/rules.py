"""``patchlint rules``."""

from __future__ import annotations

import click


@click.command()
def rules() -> None:
    """List the rules."""
    from patchlint.rules import RULES

    width = max((len(rule.name) for rule in RULES), default=0)
    for rule in RULES:
        click.echo(f"{rule.code}  {rule.name:<{width}}  {rule.summary}")
