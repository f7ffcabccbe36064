"""The page that documents all rules, and the table of them: ``python -m patchlint.rules.document``.

It writes ``docs/rules.md`` and ``docs/severities.md``, and in ``README.md`` what stands between the two marks, below
the folder it is run in.
"""

from __future__ import annotations

import re
from pathlib import Path

from patchlint.knowledge.harm import table as harms
from patchlint.rules import RULES
from patchlint.rules.rule import Rule

_HEADING = re.compile(r"^(#+ )", re.MULTILINE)

_BEGIN = "<!-- rules: written by `python -m patchlint.rules.document` -->"
_END = "<!-- end of rules -->"

_INTRODUCTION = """\
# Rules

<!-- Generated from the docstrings in src/patchlint/rules by `python -m patchlint.rules.document`. -->

`PAT1xx` are stale references, `PAT2xx` the patch call itself, `PAT3xx` what is started before a fork, `PAT9xx` what
could not be analysed. Errors and warnings make patchlint end with status 1, notes do not.
"""

_SEVERITIES = """\
# How bad a stale name is

<!-- Generated from src/patchlint/knowledge/data/harm.toml by `python -m patchlint.rules.document`. -->

Each row was seen: the name was captured, the library patched, and what was captured was used while a greenlet ticked
(`tools/measure_harm.py`), with gevent 22.10.2 on Python 3.8, gevent 26.9.0 on 3.11, 3.12 and 3.13, and eventlet 0.41.3
on 3.11 and 3.13. The first row that fits answers. An error fails or never returns; a warning blocks other greenlets or
mixes them up; a note did no harm. Origins are spelled as the library's own table spells them.

| what is stale | as | under | severity | what happens | what was seen |
| --- | --- | --- | --- | --- | --- |"""


def page() -> str:
    """The whole page, in Markdown."""
    return "\n".join([_INTRODUCTION, table(), *(_section(rule) for rule in RULES)])


def table(document: str = "") -> str:
    """A line for each rule, with a link to its section in ``document``, a path."""
    return "\n".join(["| code | name | |", "| --- | --- | --- |", *(_row(rule, document) for rule in RULES)])


def severities() -> str:
    """The page that says how bad each stale name is, in Markdown."""
    rows = ("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in harms())
    return "\n".join([_SEVERITIES, *rows, ""])


def with_table(readme: str) -> str:
    """A README's text with its table brought up to date."""
    before, _, rest = readme.partition(_BEGIN)
    return f"{before}{_BEGIN}\n{table('docs/rules.md')}\n{_END}{rest.partition(_END)[2]}" if rest else readme


def _row(rule: Rule, document: str) -> str:
    return f"| [{rule.code}]({document}#{rule.code.lower()}-{rule.name}) | {rule.name} | {rule.summary} |"


def _section(rule: Rule) -> str:
    return f"\n## {rule.code} {rule.name}\n\n{_lower(rule.doc)}\n"


def _lower(text: str) -> str:
    """The same text with its headings one level down; code is left alone."""
    parts = text.split("```")
    return "```".join(part if index % 2 else _HEADING.sub(r"#\1", part) for index, part in enumerate(parts))


def main() -> None:
    """Write both."""
    Path("docs/rules.md").write_text(page(), "utf-8")
    Path("docs/severities.md").write_text(severities(), "utf-8")
    readme = Path("README.md")
    readme.write_text(with_table(readme.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
