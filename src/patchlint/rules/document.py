"""The page that documents all rules, and the table of them: ``python -m patchlint.rules.document``.

It writes ``docs/rules.md``, and in ``README.md`` what stands between the two marks, below the folder it is run in.
"""

from __future__ import annotations

import re
from pathlib import Path

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


def page() -> str:
    """The whole page, in Markdown."""
    return "\n".join([_INTRODUCTION, table(), *(_section(rule) for rule in RULES)])


def table(document: str = "") -> str:
    """A line for each rule, with a link to its section in ``document``, a path."""
    return "\n".join(["| code | name | |", "| --- | --- | --- |", *(_row(rule, document) for rule in RULES)])


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
    readme = Path("README.md")
    readme.write_text(with_table(readme.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
