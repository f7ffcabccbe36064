"""Versions as tuples of numbers, as far as tables of knowledge need them."""

from __future__ import annotations

import re
from typing import TypeAlias

Release: TypeAlias = tuple[int, ...]
Python: TypeAlias = tuple[int, int]
"""Major and minor version of the target interpreter."""


def release(version: str) -> Release:
    """The release numbers of a version: ``24.11.1.post2`` is ``(24, 11, 1)``; empty where there are none."""
    match = re.match(r"\s*v?(?:\d+!)?(\d+(?:\.\d+)*)", version)
    return tuple(int(part) for part in match[1].split(".")) if match else ()


def python_version(text: str) -> Python:
    """``"3.11"`` as ``(3, 11)``."""
    major, minor = text.split(".")
    return int(major), int(minor)


def matches(specifier: str, version: Release) -> bool:
    """Whether a release satisfies ``>=22.10,<25``; an empty specifier is satisfied by every release.

    Raises ValueError for an operator other than ``>= <= > < == !=``.
    """
    return all(_holds(part.strip(), version) for part in specifier.split(",") if part.strip())


def _holds(clause: str, version: Release) -> bool:
    match = re.fullmatch(r"(>=|<=|>|<|==|!=)\s*(\d+(?:\.\d+)*)", clause)
    if match is None:
        raise ValueError(f"not a version clause: {clause!r}")
    wanted = release(match[2])
    length = max(len(wanted), len(version))
    left, right = _padded(version, length), _padded(wanted, length)
    sign = match[1]
    if sign in ("==", "!="):
        return (left == right) is (sign == "==")
    if left == right:
        return sign.endswith("=")
    return (left > right) is sign.startswith(">")


def _padded(version: Release, length: int) -> Release:
    return version + (0,) * (length - len(version))
