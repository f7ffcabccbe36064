"""A launcher that ends by itself is told, at the command; a program that ends at a line of its own is told there."""

from __future__ import annotations

from patchlint.rules import not_analysed


def test_a_launcher_that_refuses_to_start(program):
    program.opaque("program", "ended with SystemExit: 2", "$STDLIB/argparse.py:2617")
    said = program.says(not_analysed.RULE)
    assert said.startswith("<launch> PAT901 note: the command ended with SystemExit: 2, as it does where it refuses")


def test_a_program_that_ends_at_a_line_of_its_own(program):
    program.opaque("program", "ended with SystemExit: 2", "run.py:3")
    assert program.says(not_analysed.RULE).startswith("run.py:3 PAT901 note: the program ended with SystemExit: 2 here")


def test_a_play_that_took_too_long_is_no_refusal(program):
    program.opaque("program", "takes longer than it is followed", "$STDLIB/argparse.py:2617")
    assert program.says(not_analysed.RULE) == ""
