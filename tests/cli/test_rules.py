"""``patchlint rule`` and ``patchlint rules`` over the real rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from patchlint.rules import RULES, Rule

if TYPE_CHECKING:
    from conftest import Outcome

    Run = Callable[..., Outcome]


def test_the_list_has_a_line_for_each_rule(run: Run) -> None:
    lines = run("rules").out.splitlines()
    assert [line.split()[0] for line in lines] == [rule.code for rule in RULES]
    assert all(line.endswith(rule.summary) for line, rule in zip(lines, RULES, strict=True))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_each_rule_explains_itself_under_its_code_and_its_name(run: Run, rule: Rule) -> None:
    expected = f"{rule.code} {rule.name}\n\n{rule.doc}\n"
    assert run("rule", rule.code).out == run("rule", rule.code.lower()).out == run("rule", rule.name).out == expected


@pytest.mark.parametrize(("code", "near"), [("PAT1O1", "PAT101"), ("stale-referenc", "stale-reference")])
def test_an_unknown_rule_is_one_line_with_the_nearest(run: Run, code: str, near: str) -> None:
    done = run("rule", code)
    assert done.status == 2
    assert done.err == f"patchlint: error: no rule {code!r} (did you mean {near!r}?); `patchlint rules` lists them\n"
