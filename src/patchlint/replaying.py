"""Changed programs, played: each entrypoint once for what it gets to see of the changes, and so many times at most."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from patchlint.api import Examined, Study, study
from patchlint.model.plan import Entrypoint

MOST_PLAYS: Final = 32
"""Plays of one run beside those of the program as it is; more where there are more entrypoints than a few."""
EACH: Final = 3
"""Plays for each entrypoint, where that is more."""

Texts: TypeAlias = Mapping[str, str]
"""By path, the text that stands in for a file."""
Commands: TypeAlias = Mapping[Entrypoint, tuple[str, ...]]
"""The commands that take the place of others."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What came of an entrypoint, with the changed texts that it got to see."""

    seen: Texts
    study: Study


@dataclass(slots=True)
class Stage:
    """Plays the entrypoints of a run again; ``left`` is how many plays there is time for.

    An entrypoint that asks for none of the files that are changed is as it was, and one that sees the same
    changes twice is played once.
    """

    examined: Examined
    left: int = 0
    shown: dict[tuple[Entrypoint, tuple[str, ...]], list[Shown]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """What was played already is shown without any change."""
        entrypoints = self.examined.result.entrypoints
        self.left = max(MOST_PLAYS, EACH * len(entrypoints))
        for entrypoint, one in zip(entrypoints, self.examined.studies, strict=True):
            self.shown.setdefault((entrypoint, entrypoint.argv), []).append(Shown({}, one))

    def is_affordable(self, texts: Texts, commands: Commands) -> bool:
        """Whether there is time for the plays that changes need."""
        return sum(self._known(one, argv, texts) is None for one, argv in self._started(commands)) <= self.left

    def studies(self, texts: Texts, commands: Commands) -> tuple[Study, ...]:
        """A study of each entrypoint of the changed program, under the name that it has in the unchanged one."""
        return tuple(
            self._known(one, argv, texts) or self._played(one, argv, texts) for one, argv in self._started(commands)
        )

    def _started(self, commands: Commands) -> Iterator[tuple[Entrypoint, tuple[str, ...]]]:
        for one in self.examined.result.entrypoints:
            yield one, commands.get(one, one.argv)

    def _known(self, entrypoint: Entrypoint, argv: tuple[str, ...], texts: Texts) -> Study | None:
        """The play that would not go differently, since it sees the same; None where there was none."""
        for one in self.shown.get((entrypoint, argv), ()):
            if _seen(texts, one.study) == one.seen:
                return one.study
        return None

    def _played(self, entrypoint: Entrypoint, argv: tuple[str, ...], texts: Texts) -> Study:
        self.left -= 1
        world = replace(self.examined.world, reader=self.examined.reader.with_overlay(texts))
        found = study(replace(entrypoint, argv=argv), world, self.examined.rules)
        found = replace(found, findings=tuple(replace(one, entrypoint=entrypoint) for one in found.findings))
        self.shown.setdefault((entrypoint, argv), []).append(Shown(_seen(texts, found), found))
        return found


def _seen(texts: Texts, one: Study) -> Texts:
    """Of changed texts, those that a play has asked for; a file that is not there yet may have been looked for."""
    return {path: text for path, text in texts.items() if path in one.asked or not os.path.lexists(path)}
