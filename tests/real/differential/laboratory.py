"""Runs programs for real and in the machine, many a second, and compares what came of them."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SOURCES = HERE.parents[2] / "src"
WARM = (
    *(
        f"gevent.{name}"
        for name in ("monkey", "events", "thread", "threading", "local", "lock", "time", "socket", "select")
    ),
    *(f"gevent.{name}" for name in ("selectors", "ssl", "subprocess", "signal", "queue")),
    *("importlib.util", "typing", "contextlib", "pkgutil", "dataclasses", "enum", "types", "abc", "copy", "pickle"),
    *(
        "ssl",
        "socket",
        "select",
        "selectors",
        "subprocess",
        "queue",
        "signal",
        "threading",
        "concurrent.futures.thread",
    ),
    *("tempfile", "importlib.resources", "importlib.metadata", "zope.event", "platform", "_threading_local"),
    *("asyncio", "atexit", "warnings", "json"),
)
"""What both interpreters have imported before they fork: it costs more than the programs do."""

PATCH = "from gevent import monkey\nmonkey.patch_all()\n"


@dataclass(frozen=True)
class Comparison:
    """Reality and prediction of one driver; ``differences`` is empty where they agree.

    ``loose`` is a part of a path: from the first file that has it, the executed files are compared as a set, because
    of an installed extension module only the names of what it imports are known, not their order.
    """

    reality: dict[str, Any]
    prediction: dict[str, Any]
    folder: Path
    loose: str | None = None

    @property
    def differences(self) -> list[str]:
        return [*self._errors(), *self._order(), *self._rows(), *self._doubts()]

    @property
    def kinds(self) -> set[str]:
        return {difference.partition(",")[0].partition(":")[0] for difference in self.differences}

    def _errors(self) -> Iterable[str]:
        for side in ("reality", "prediction"):
            if getattr(self, side)["error"]:
                yield f"{side} failed: {getattr(self, side)['error']}"

    def _order(self) -> Iterable[str]:
        real, said = (self._ordered(answer["executed"]) for answer in (self.reality, self.prediction))
        if real != said:
            place = next(
                (i for i, (a, b) in enumerate(zip(real, said, strict=False)) if a != b), min(len(real), len(said))
            )
            yield f"order of execution, from place {place}: real {real[place:][:8]}, said {said[place:][:8]}"

    def _ordered(self, paths: Sequence[str]) -> list[str]:
        strict = list(itertools.takewhile(lambda path: not self.loose or self.loose not in path, paths))
        return self.shown([*strict, *sorted(paths[len(strict) :])])

    def _rows(self) -> Iterable[str]:
        real, said = ({tuple(row) for row in first(answer["patches"])} for answer in (self.reality, self.prediction))
        yield from (f"stale row missed: {row}" for row in sorted(real - said))
        yield from (f"stale row invented: {row}" for row in sorted(said - real))

    def _doubts(self) -> Iterable[str]:
        yield from (f"only possible: {what}" for what in self.shown(self.prediction["doubtful"]))

    def shown(self, paths: Sequence[str]) -> list[str]:
        return [os.path.realpath(path).replace(f"{self.folder}/", "") for path in paths]


def first(patches: list[Any]) -> list[Any]:
    return patches[0] if patches else []


class Laboratory:
    """A server of each kind for one Python, and a folder that programs are written to."""

    def __init__(self, python: str, folder: Path, warm: Sequence[str] = WARM) -> None:
        self.folder = Path(os.path.realpath(folder))
        self.folder.mkdir(parents=True, exist_ok=True)
        self._numbers = itertools.count(1)
        self._loose = None if warm else f"{os.sep}gevent{os.sep}"
        environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
        environ["PYTHONPATH"] = os.pathsep.join([str(SOURCES), os.environ.get("PYTHONPATH", "")])
        self.prediction = Server([sys.executable, str(HERE / "prediction.py"), python, *warm], environ)
        plain = {key: value for key, value in environ.items() if key != "PYTHONPATH"}
        self.reality = Server([python, str(HERE / "reality.py"), "serve", *warm], plain)

    def compare(self, programs: Sequence[dict[str, str]]) -> Comparison:
        """Run programs in one interpreter, one after the other, then patch; the same in the machine."""
        folder = self.folder / str(next(self._numbers))
        drivers = [write(program, f"pk{number}", folder) for number, program in enumerate(programs)]
        return self.run(folder, "".join(drivers) + PATCH)

    def run(self, folder: Path, driver: str) -> Comparison:
        folder.mkdir(exist_ok=True)
        path = folder / "driver.py"
        path.write_text(driver, "utf-8")
        for server in (self.prediction, self.reality):
            server.ask(path)
        answers = [server.answer(path) for server in (self.reality, self.prediction)]
        comparison = Comparison(answers[0], answers[1], folder, self._loose)
        if not comparison.differences:
            shutil.rmtree(folder)
        return comparison

    def close(self) -> None:
        for server in (self.prediction, self.reality):
            server.close()
        shutil.rmtree(self.folder)


def write(program: dict[str, str], root: str, folder: Path) -> str:
    """Write the files of a program; answers the driver's lines."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in program.items():
        if name != "driver":
            path = folder / name.replace("ROOT", root)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace("ROOT", root), "utf-8")
    return program["driver"].replace("ROOT", root)


class Server:
    """A process that answers for one driver after another."""

    def __init__(self, command: Sequence[str], environ: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self._expect("ready")

    def ask(self, driver: Path) -> None:
        self._process.stdin.write(f"{driver}\t{self._answer_of(driver)}\n")

    def answer(self, driver: Path) -> dict[str, Any]:
        self._expect("done")
        try:
            return json.loads(self._answer_of(driver).read_text("utf-8"))
        except OSError:
            return {"error": "no answer", "executed": [], "patches": [], "doubtful": [], "opaque": []}

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def _answer_of(self, driver: Path) -> Path:
        return driver.with_name(f"{self._process.pid}.json")

    def _expect(self, word: str) -> None:
        line = self._process.stdout.readline()
        if line.strip() != word:
            raise RuntimeError(f"{self._process.args}: {line!r} instead of {word!r}")
