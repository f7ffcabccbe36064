"""Times whole processes, side by side."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

TOO_LONG = 300.0
"""Seconds after which a run is given up."""


@dataclass
class Contender:
    """A command that is timed.  ``prepare`` runs before each time and is not timed.

    ``times`` are [wall, processor] seconds of each round, ``peak`` the most memory that a round took, in MB.  It is not
    run more often than ``most``, and once before the first round where it ``warms_up``; ``said`` is the last line that
    it wrote to standard error.
    """

    name: str
    command: Sequence[str]
    cwd: str
    environ: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[], object] = lambda: None
    statuses: tuple[int, ...] = (0,)
    most: int = 1000
    warms_up: bool = False
    times: list[tuple[float, float]] = field(default_factory=list)
    peak: float = 0.0
    failure: str = ""
    said: str = ""

    @property
    def wall(self) -> float:
        """Seconds, in the median."""
        return statistics.median(wall for wall, _ in self.times)

    @property
    def processor(self) -> float:
        """Seconds of all processors, in the median."""
        return statistics.median(processor for _, processor in self.times)

    def run(self) -> None:
        """Once; what fails is not run again."""
        self.prepare()
        started = time.perf_counter()
        with tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(
                self.command,
                cwd=self.cwd,
                env={**os.environ, **self.environ},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )
            late = threading.Timer(TOO_LONG, process.kill)
            late.start()
            _, status, usage = os.wait4(process.pid, 0)
            late.cancel()
            wall = time.perf_counter() - started
            errors.seek(0)
            self.said = errors.read().decode("utf-8", "replace").strip().rpartition("\n")[2]
        process.returncode = os.waitstatus_to_exitcode(status)
        self.peak = max(self.peak, usage.ru_maxrss / 1024)
        if process.returncode not in self.statuses:
            ended = f"ended with {process.returncode}: {self.said[:80]}"
            self.failure = (
                ended if wall < TOO_LONG else f"not done in {wall:.0f} s, {usage.ru_utime:.0f} s of the processor"
            )
        self.times.append((wall, usage.ru_utime + usage.ru_stime))


def side_by_side(contenders: Sequence[Contender], rounds: int) -> None:
    """Every contender once in each round, so that what else the machine does hits all alike."""
    for contender in contenders:
        if contender.warms_up:
            contender.run()
            contender.times.clear()
    for _ in range(rounds):
        for contender in contenders:
            if not contender.failure and len(contender.times) < contender.most:
                contender.run()
