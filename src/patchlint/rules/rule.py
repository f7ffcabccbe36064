"""What a rule is."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from patchlint.model.finding import Finding
from patchlint.model.timeline import Timeline

Check: TypeAlias = Callable[[Timeline], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A question put to a timeline.

    ``code`` is ``PAT`` and three digits, ``name`` the same in words (``stale-reference``), ``doc`` the
    documentation in Markdown: the docstring of the rule's module.
    """

    code: str
    name: str
    doc: str
    check: Check

    @classmethod
    def of(cls, code: str, name: str, docstring: str | None, check: Check) -> Rule:
        """A rule whose documentation is its module's docstring."""
        return cls(code, name, inspect.cleandoc(docstring or ""), check)

    @property
    def summary(self) -> str:
        """The first line of the documentation: what is wrong, in one sentence."""
        return self.doc.partition("\n")[0]
