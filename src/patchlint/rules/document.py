"""The page that documents all rules: ``python -m patchlint.rules.document > docs/rules.md``."""

from __future__ import annotations

import re
import sys

from patchlint.rules import RULES
from patchlint.rules.rule import Rule

_HEADING = re.compile(r"^(#+ )", re.MULTILINE)

_INTRODUCTION = """\
# Rules

<!-- Generated from the docstrings in src/patchlint/rules by `python -m patchlint.rules.document`. -->

`PAT1xx` are stale references, `PAT2xx` the patch call itself, `PAT3xx` what is started before a fork, `PAT9xx` what
could not be analysed. Errors and warnings make patchlint end with status 1, notes do not.
"""


def page() -> str:
    """The whole page, in Markdown."""
    table = "\n".join(["| code | name | |", "| --- | --- | --- |", *(_row(rule) for rule in RULES)])
    return "\n".join([_INTRODUCTION, table, *(_section(rule) for rule in RULES)])


def _row(rule: Rule) -> str:
    return f"| [{rule.code}](#{rule.code.lower()}-{rule.name}) | {rule.name} | {rule.summary} |"


def _section(rule: Rule) -> str:
    return f"\n## {rule.code} {rule.name}\n\n{_lower(rule.doc)}\n"


def _lower(text: str) -> str:
    """The same text with its headings one level down; code is left alone."""
    parts = text.split("```")
    return "```".join(part if index % 2 else _HEADING.sub(r"#\1", part) for index, part in enumerate(parts))


if __name__ == "__main__":
    sys.stdout.write(page())
