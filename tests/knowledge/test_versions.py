"""Versions as tables of knowledge compare them."""

from __future__ import annotations

import pytest

from patchlint.knowledge.versions import matches, python_version, release


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("24.11.1", (24, 11, 1)),
        ("25.9.0.post1", (25, 9, 0)),
        ("1!2.0", (2, 0)),
        ("26.9rc1", (26, 9)),
        ("", ()),
        ("main", ()),
    ],
)
def test_release(text: str, numbers: tuple[int, ...]) -> None:
    assert release(text) == numbers


@pytest.mark.parametrize(
    ("specifier", "version", "expected"),
    [
        ("", (1,), True),
        (">=24.11", (24, 11), True),
        (">=24.11", (24, 11, 1), True),
        (">=24.11", (24, 2, 1), False),
        ("<20.6", (20, 6, 0), False),
        (">=22.10,<25", (25,), False),
        (">=22.10, <25", (24, 99), True),
        ("==3.13", (3, 13), True),
        ("!=3.13", (3, 13, 0), False),
        ("<=3.12", (3, 12), True),
        (">3.12", (3, 12), False),
    ],
)
def test_matches(specifier: str, version: tuple[int, ...], expected: bool) -> None:
    assert matches(specifier, version) is expected


def test_what_is_no_specifier_is_an_error() -> None:
    with pytest.raises(ValueError, match="not a version clause"):
        matches("~=3.1", (3, 1))


def test_python_version() -> None:
    assert python_version("3.11") == (3, 11)
