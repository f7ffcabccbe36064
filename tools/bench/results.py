"""What was measured, stage by stage, so that one stage can be measured again and the page still tells of all."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from measuring import Contender


@dataclass
class Stage:
    """One program's contenders, or the growth's: ``files`` of the program, the ``load`` before and after."""

    name: str
    files: int
    contenders: list[Contender]
    load: list[float] = field(default_factory=list)
    rounds: int = 1

    def by_name(self) -> dict[str, Contender]:
        """The contenders."""
        return {one.name: one for one in self.contenders}


def keep(stage: Stage, folder: Path) -> None:
    """Keep a stage's medians, in place of what an earlier run had."""
    rows = [{"name": c.name, "times": c.times and [(c.wall, c.processor)], "peak": c.peak} for c in stage.contenders]
    rows = [{**row, "failure": c.failure} for row, c in zip(rows, stage.contenders, strict=True)]
    rounds = max(len(one.times) for one in stage.contenders)
    folder.mkdir(parents=True, exist_ok=True)
    kept = {"name": stage.name, "files": stage.files, "load": stage.load, "rounds": rounds, "contenders": rows}
    (folder / f"{stage.name}.json").write_text(json.dumps(kept), "utf-8")


def kept(folder: Path, name: str) -> Stage | None:
    """A stage that was kept, None where there is none."""
    path = folder / f"{name}.json"
    if not path.exists():
        return None
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    rows = [
        Contender(
            row["name"], [], "", times=[(w, p) for w, p in row["times"]], peak=row["peak"], failure=row["failure"]
        )
        for row in found["contenders"]
    ]
    return Stage(name, found["files"], rows, found["load"], found.get("rounds", 3))


def load() -> float:
    """What else the machine does."""
    return os.getloadavg()[0]
