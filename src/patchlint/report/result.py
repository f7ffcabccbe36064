"""What a run has to say, before it is put into any form."""

from __future__ import annotations

from dataclasses import dataclass

from patchlint.model.finding import Finding, OpaqueNote
from patchlint.model.plan import Entrypoint


@dataclass(frozen=True, slots=True)
class Python:
    """The Python environment that the program was read against, and why that one."""

    executable: str
    version: str
    platform: str
    chosen_because: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something asked for that could not be analysed.

    ``path`` is a file, or whatever else was asked for; ``line`` is 0 where there is none.
    ``detail`` is the traceback of an error of our own.
    """

    path: str
    line: int
    message: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """A whole run.

    ``folder`` is the one that paths are shown relative to; ``remarks`` say how the entrypoints
    were chosen; ``modules`` counts the modules on all the timelines, each once; ``seconds`` is
    the time that it took; ``proposed`` whether changes were played that might mend the findings.
    """

    folder: str
    python: Python | None
    entrypoints: tuple[Entrypoint, ...]
    findings: tuple[Finding, ...] = ()
    opaque: tuple[OpaqueNote, ...] = ()
    problems: tuple[Problem, ...] = ()
    remarks: tuple[str, ...] = ()
    modules: int = 0
    seconds: float = 0.0
    proposed: bool = False

    @property
    def exit_status(self) -> int:
        """0 clean, 1 for a warning or an error, 2 where something could not be analysed; notes do not count."""
        if self.problems:
            return 2
        return int(any(finding.severity != "note" for finding in self.findings))
