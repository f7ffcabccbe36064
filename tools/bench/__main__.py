"""``make bench``: patchlint beside Python, the parser and other tools, as whole processes.

Builds its environments in ``.bench``, runs everything in turn for several rounds, prints medians and ratios, and
writes them to ``docs/benchmarks.md`` with the machine that they were measured on.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import environments
import growth
import results
import targets
from measuring import Contender, side_by_side
from peers import peers
from programs import ROOT, Program, programs

PATCHLINT = str(Path(sys.executable).parent / "patchlint")
STAGES = ("blog", "large", "huge", "growth")
PARSE = "import ast,sys\nfor line in open(sys.argv[1]): ast.parse(open(line[:-1],'rb').read())"


def main() -> int:
    """Build, measure, write."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--folder", type=Path, default=ROOT / ".bench", help="where environments and programs are built"
    )
    parser.add_argument("--no-peers", action="store_true", help="only patchlint, Python and the parser")
    parser.add_argument("--stages", default=",".join(STAGES), help="what to measure now; the rest is kept")
    parser.add_argument("--sizes", default="1000,3000,10000,50000", help="of the synthetic programs of the growth")
    parser.add_argument("--write", type=Path, default=ROOT / "docs" / "benchmarks.md")
    given = parser.parse_args()
    wanted = given.stages.split(",")
    for program in programs(given.folder, wanted):
        _stage(given, program.name, partial(measured, program, given))
    if "growth" in wanted:
        sizes = list(map(int, given.sizes.split(",")))
        _stage(given, "growth", lambda: (0, growth.measured(PATCHLINT, given.folder, sizes)))
    return 0


def _stage(given: argparse.Namespace, name: str, measure: Callable[[], tuple[int, list[Contender]]]) -> None:
    """Measure a stage, keep it, and write the page anew: a run that is ended early has told what it saw."""
    before = results.load()
    files, contenders = measure()
    results.keep(results.Stage(name, files, contenders, [before, results.load()]), given.folder / "results")
    found = (results.kept(given.folder / "results", one) for one in STAGES)
    stages = {stage.name: stage for stage in found if stage is not None}
    given.write.write_text(page(stages, given), "utf-8")
    print(given.write.read_text("utf-8"), flush=True)


def page(stages: dict[str, results.Stage], given: argparse.Namespace) -> str:
    """The page; the plot is written beside it."""
    load = "; ".join(f"{s.name} {min(s.load):.1f} to {max(s.load):.1f}" for s in stages.values())
    parts = [HEAD.format(machine=machine(), load=load)]
    if missing := [name for name in STAGES if name not in stages]:
        parts.append(f"Not measured yet: {', '.join(missing)}.\n")
    grown = stages.pop("growth", None)
    series = growth.series(grown.contenders) if grown is not None else {}
    parts.append(targets.table(stages, growth.exponents(series)))
    parts += [section(stage) for stage in stages.values()]
    if grown is not None:
        picture = given.write.with_name("growth.svg")
        picture.write_text(growth.plot(series), "utf-8")
        parts.append(growth.words(grown.contenders, picture.name))
    return "\n".join([*parts, OTHERS])


HEAD = """# Benchmarks

Written by `make bench`; measured on {machine}. The load of the machine, before
and after each part: {load}. Where it is well above the number of cores, each process waited for most of the time, and
only the processor seconds can be compared.

Each row is a whole process, the interpreter's start included: the median of some rounds, in which all took their turns;
slow tools took only one. The ratio is to the first row of its table, by the wall clock, which depends on what else a
machine does; processor seconds do so less.

## Targets

By the wall clock, in the median.
"""

OTHERS = """## How the others are run

- **Lifeguard and ruff** are given the closure as one tree. Neither keeps anything between such runs. Lifeguard's
  map-reduce commands do, for a build system: `analyze-binary` over what it kept of the tree as one library is its
  warm row.
- **pylint** checks the same tree with the one checker that asks for imports (`cyclic-import`). It keeps nothing,
  and is only run on the smallest program.
- **mypy** starts from the program and follows imports into what has no types (`--follow-untyped-imports`).
- **pydeps** starts from the program, without a limit of its depth. It keeps nothing.
- **grimp** makes the graph of all packages of the closure, whole as it takes them; it does not start from a program,
  and single modules are nothing that it takes.
- None of them says what runs in which order, or what a patch comes too late for: these are the costs of reading the
  same files.
"""


def machine() -> str:
    """The machine, as far as it matters."""
    model = next((r.partition(":")[2].strip() for r in _lines("/proc/cpuinfo") if r.startswith("model name")), "")
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores of {model or platform.machine()}, Python {platform.python_version()}"


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text("utf-8").splitlines()
    except OSError:
        return []


def measured(program: Program, given: argparse.Namespace) -> tuple[int, list[Contender]]:
    """How many files its closure has, and all contenders, measured."""
    rows = environments.closure(PATCHLINT, program.folder, program.file, program.env)
    contenders = list(own(program, given.folder, rows))
    if not given.no_peers:
        contenders += peers(program, given.folder, rows)
    side_by_side(contenders, min(given.rounds, program.rounds))
    return len(rows), [one for one in contenders if one.times]


def section(stage: results.Stage) -> str:
    """One program's table."""
    base = stage.contenders[0].wall
    head = [f"| {stage.name} | wall | processor | ratio | peak |", "| --- | ---: | ---: | ---: | ---: |"]
    table = [
        f"| {c.name} | {c.failure} | | | |"
        if c.failure
        else f"| {c.name} | {c.wall:.2f} s | {c.processor:.2f} s | {c.wall / base:.2f} | {c.peak:.0f} MB |"
        for c in stage.contenders
    ]
    return "\n".join([f"## {stage.name}: {stage.files:,} source files, {stage.rounds} rounds\n", *head, *table]) + "\n"


def own(program: Program, folder: Path, rows: list[tuple[str, str]]) -> Iterator[Contender]:
    """Python, the parser, and patchlint in its settings."""
    cwd, python = str(program.folder), str(program.env / "bin" / "python")
    listing = folder / f"{program.name}.files"
    listing.write_text("".join(f"{path}\n" for _, path in rows), "utf-8")
    nowhere = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": str(folder / "nowhere")}
    bytecode = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / f"pyc-{program.name}")}
    yield Contender(targets.PYTHON, [python, "-W", "ignore", "-c", program.imports], cwd, bytecode, warms_up=True)
    yield Contender(targets.PLAIN, [python, "-W", "ignore", "-c", program.imports], cwd, nowhere)
    yield Contender(targets.PARSE, [sys.executable, "-W", "ignore", "-c", PARSE, str(listing)], cwd)
    cache = folder / f"cache-{program.name}"
    words = [PATCHLINT, program.file, "--python", str(program.env)]
    place = {"PATCHLINT_CACHE_DIR": str(cache), "PYTHONDONTWRITEBYTECODE": ""}
    changed = program.folder / program.changed

    def cold() -> None:
        shutil.rmtree(cache, ignore_errors=True)

    def comment() -> None:
        changed.write_text(changed.read_text("utf-8") + "# one more line\n", "utf-8")

    def code() -> None:
        text = changed.read_text("utf-8")
        changed.write_text(f"{text}NUMBER_{len(text)} = {len(text)}\n", "utf-8")

    yield Contender(targets.COLD, words, cwd, place, cold, (0, 1))
    yield Contender(targets.COMMENT, words, cwd, place, comment, (0, 1))
    yield Contender(targets.STATEMENT, words, cwd, place, code, (0, 1))
    yield Contender(targets.WARM, words, cwd, place, statuses=(0, 1))


if __name__ == "__main__":
    sys.exit(main())
