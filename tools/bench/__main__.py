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
from collections.abc import Iterator, Sequence
from pathlib import Path

import environments
import growth
import targets
from measuring import Contender, side_by_side
from peers import peers
from programs import ROOT, Program, programs

PATCHLINT = str(Path(sys.executable).parent / "patchlint")
PARSE = "import ast,sys\nfor line in open(sys.argv[1]): ast.parse(open(line[:-1],'rb').read())"


def main() -> int:
    """Build, measure, write."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--folder", type=Path, default=ROOT / ".bench", help="where environments and programs are built"
    )
    parser.add_argument("--no-peers", action="store_true", help="only patchlint, Python and the parser")
    parser.add_argument("--programs", default="blog,large,huge", help="which of them")
    parser.add_argument("--growth", default="1000,3000,10000,50000", help="sizes of the synthetic programs, or nothing")
    parser.add_argument("--write", type=Path, default=ROOT / "docs" / "benchmarks.md")
    given = parser.parse_args()
    loads = [os.getloadavg()[0]]
    sections, everything, modules = [], {}, {}
    for program in programs(given.folder):
        if program.name in given.programs.split(","):
            rows = environments.closure(PATCHLINT, program.folder, program.file, program.env)
            modules[program.name] = len(rows)
            contenders = measured(program, given, rows)
            everything[program.name] = {one.name: one for one in contenders}
            sections.append(section(program, contenders, len(rows)))
            print(sections[-1], flush=True)
            loads.append(os.getloadavg()[0])
    series, table = growth.measured(PATCHLINT, given) if given.growth else ({}, "")
    loads.append(os.getloadavg()[0])
    verdicts = targets.table(everything, modules, {shape: growth.exponent(row) for shape, row in series.items()})
    print(verdicts)
    load = f"{min(loads):.1f} to {max(loads):.1f}"
    head = HEAD.format(machine=machine(), load=load, rounds=given.rounds)
    page = [head, "## Targets\n", "By the wall clock, in the median.\n", verdicts, *sections, table, LEFT_OUT]
    given.write.write_text("\n".join(page), "utf-8")
    return 0


HEAD = """# Benchmarks

Written by `make bench`; measured on {machine}. What else the machine did meanwhile: a load of {load}.

Each row is a whole process, the interpreter's start included: the median of {rounds} rounds, in which all took their
turns; slow tools took fewer, and the largest program a single one. The ratio is to the first row of its table, by the wall clock, which depends on what
else a machine does; processor seconds do so less.
"""

LEFT_OUT = """## How the others are run

- **Lifeguard and ruff** are given the closure as one tree. Neither keeps anything between such runs. Lifeguard's
  map-reduce commands do, for a build system: `analyze-binary` over what it kept of the tree as one library is its
  warm row.
- **pylint** checks the same tree with the one checker that asks for imports (`cyclic-import`). It keeps nothing.
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


def measured(program: Program, given: argparse.Namespace, rows: list[tuple[str, str]]) -> Sequence[Contender]:
    """All contenders for one program, measured."""
    contenders = list(own(program, given.folder, rows))
    if not given.no_peers:
        contenders += peers(program, given.folder, rows)
    side_by_side(contenders, min(given.rounds, program.rounds))
    return [one for one in contenders if one.times]


def section(program: Program, contenders: Sequence[Contender], files: int) -> str:
    """One program's table."""
    base = contenders[0].wall
    head = [f"| {program.name} | wall | processor | ratio | peak |", "| --- | ---: | ---: | ---: | ---: |"]
    table = [
        f"| {c.name} | {c.failure} | | | |"
        if c.failure
        else f"| {c.name} | {c.wall:.2f} s | {c.processor:.2f} s | {c.wall / base:.2f} | {c.peak:.0f} MB |"
        for c in contenders
    ]
    return "\n".join([f"## {program.name}: {files:,} source files\n", *head, *table]) + "\n"


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
