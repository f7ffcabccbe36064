"""What holds for every rule."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import tomli

import patchlint.rules
from patchlint.rules import RULES, Rule, document

TESTS = Path(__file__).resolve().parent.parent
FIXTURES = TESTS / "fixtures"
DOCS = TESTS.parent / "docs" / "rules.md"
SECTIONS = ("What it does", "Why is this bad", "Example", "Use instead")


def names(rule: Rule) -> str:
    return rule.code


def test_codes_and_names_are_unique_and_in_order():
    codes = [rule.code for rule in RULES]
    assert codes == sorted(set(codes))
    assert all(re.fullmatch(r"PAT[1-39]\d\d", code) for code in codes)
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_every_module_with_a_rule_is_listed():
    (folder,) = patchlint.rules.__path__
    written = {path.stem for path in Path(folder).glob("*.py") if "RULE = Rule.of(" in path.read_text("utf-8")}
    assert written == {rule.name.replace("-", "_") for rule in RULES}


@pytest.mark.parametrize("rule", RULES, ids=names)
class TestEachRule:
    def test_summary_is_one_sentence(self, rule):
        assert rule.summary.endswith(".")
        assert len(rule.summary) < 100

    def test_has_the_sections(self, rule):
        headings = re.findall(r"^## (.+)$", rule.doc, re.MULTILINE)
        assert tuple(heading for heading in headings if heading in SECTIONS) == SECTIONS

    def test_examples_parse(self, rule):
        examples = re.findall(r"```(\w*)\n(.*?)```", rule.doc, re.DOTALL)
        assert examples
        for language, source in examples:
            assert language == "python"
            ast.parse(source)

    def test_has_a_fixture_that_fires(self, rule):
        found = {
            finding["code"]
            for path in FIXTURES.glob("**/expected.toml")
            for check in tomli.loads(path.read_text("utf-8"))["check"]
            for finding in check.get("finding", ())
        }
        assert rule.code in found

    def test_asks_the_timeline_and_nothing_else(self, rule):
        """A rule imports the model and its own room; only ``severities`` goes to the knowledge."""
        path = Path(patchlint.rules.__path__[0], rule.name.replace("-", "_") + ".py")
        imported = {
            node.module
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("patchlint")
        }
        assert all(module.startswith(("patchlint.model", "patchlint.rules")) for module in imported)


def test_the_page_is_up_to_date():
    assert DOCS.read_text("utf-8") == document.page(), "run: python -m patchlint.rules.document"
    assert (DOCS.parent / "severities.md").read_text("utf-8") == document.severities()
    readme = (TESTS.parent / "README.md").read_text("utf-8")
    assert document.table("docs/rules.md") in readme
    assert readme == document.with_table(readme), "run: python -m patchlint.rules.document"
