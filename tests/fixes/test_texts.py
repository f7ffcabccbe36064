"""Where a first statement goes, and what edits make of a text."""

from __future__ import annotations

import ast

import pytest

from patchlint.fixes.texts import changed, collide, edited, first_line, moved
from patchlint.model.proposal import Edit, Proposal, Source


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("import os\n", 1),
        ("", 1),
        ("#!/usr/bin/env python\n# coding: utf-8\n\nimport os\n", 3),
        ('"""Doc."""\nimport os\n', 2),
        ('#!/bin/python\n"""Doc\n\nlong."""\n\nfrom __future__ import annotations\nimport os\n', 7),
        ("from __future__ import (\n    annotations,\n)\nx = 1\n", 4),
        ("x = 1\nfrom os import path\n", 1),
        ('"""Doc."""; import os\n', 0),
    ],
)
def test_the_first_line(text: str, line: int) -> None:
    assert first_line(text, ast.parse(text)) == line


def test_edits_are_carried_out_together() -> None:
    edits = (Edit("a", 1, 1, "new\n"), Edit("a", 2, 3, ""), Edit("a", 4, 5, "four\n4b\n"))
    assert edited("1\n2\n3\n4\n5\n", edits) == "new\n1\n3\nfour\n4b\n5\n"
    assert [moved(line, edits) for line in (1, 2, 3, 4, 5)] == [2, 0, 3, 0, 6]


def test_a_file_without_a_last_line_break() -> None:
    assert edited('"""Doc."""', (Edit("a", 2, 2, "x\n"),)) == '"""Doc."""\nx\n'


def test_only_a_newline_ends_a_line() -> None:
    assert edited("a = 'x\x0cy\u2028z'\nb\nc\n", (Edit("a", 2, 3, ""),)) == "a = 'x\x0cy\u2028z'\nc\n"


def change(*edits: Edit, text: str = "a\nb\nc\n") -> Proposal:
    return Proposal("p", "why", "safe", edits, tuple(Source(edit.path, text) for edit in edits))


def test_changes_of_two_files_and_two_of_one() -> None:
    one, two = change(Edit("/f", 1, 1, "x\n")), change(Edit("/f", 3, 4, ""))
    other = change(Edit("/g", 1, 2, "y\n"))
    assert changed((two, one, other)) == {"/f": "x\na\nb\n", "/g": "y\nb\nc\n"}


def test_changes_collide_where_they_touch_the_same_lines() -> None:
    one = change(Edit("/f", 1, 3, ""))
    assert collide(one, change(Edit("/f", 2, 2, "x\n")))
    assert collide(change(Edit("/f", 1, 1, "x\n")), change(Edit("/f", 1, 1, "y\n")))
    assert not collide(one, change(Edit("/f", 3, 4, "")))
    assert not collide(one, change(Edit("/g", 1, 3, "")))
