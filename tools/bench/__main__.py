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
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import environments
import growth
from measuring import Contender, side_by_side

ROOT = Path(__file__).resolve().parent.parent.parent
PATCHLINT = str(Path(sys.executable).parent / "patchlint")
PARSE = "import ast,sys\nfor line in open(sys.argv[1]): ast.parse(open(line[:-1],'rb').read())"


@dataclass
class Program:
    """One that is measured: its folder, its file, what imports it without serving, its environment."""

    name: str
    folder: Path
    file: str
    imports: str
    env: Path


def main() -> int:
    """Build, measure, write."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--folder", type=Path, default=ROOT / ".bench", help="where environments and programs are built"
    )
    parser.add_argument("--no-peers", action="store_true", help="only patchlint, Python and the parser")
    parser.add_argument("--growth", default="1000,3000,10000,50000", help="sizes of the synthetic programs, or nothing")
    parser.add_argument("--write", type=Path, default=ROOT / "docs" / "benchmarks.md")
    given = parser.parse_args()
    page = [HEAD.format(machine=machine(), rounds=given.rounds)]
    for program in programs(given.folder):
        page += section(program, given)
        print("\n".join(page[-1:]), flush=True)
    if given.growth:
        page += grown(given)
        print(page[-1])
    given.write.write_text("\n".join(page), "utf-8")
    return 0


HEAD = """# Benchmarks

Written by `make bench`; measured on {machine}.

Each row is a whole process, the interpreter's start included: the median of {rounds} rounds, in which all took their
turns. The ratio is to the first row of its table, by the wall clock, which depends on what else a machine does;
processor seconds do so less.
"""


def machine() -> str:
    """The machine, as far as it matters."""
    model = next((r.partition(":")[2].strip() for r in _lines("/proc/cpuinfo") if r.startswith("model name")), "")
    load = os.getloadavg()[0]
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores of {model or platform.machine()}, Python {platform.python_version()}, load {load:.1f}"


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text("utf-8").splitlines()
    except OSError:
        return []


def programs(folder: Path) -> Iterator[Program]:
    """The blog of the fixtures, and one with about a thousand modules."""
    blog = folder / "blog"
    shutil.copytree(ROOT / "tests" / "fixtures" / "blog", blog, dirs_exist_ok=True)
    imports = "import gunicorn.app.base, app, gunicorn.arbiter, gunicorn.workers.ggevent; app.create_app('x')"
    yield Program("blog", blog, "run.py", imports, environments.environment(folder / "env-blog", environments.BLOG))
    large = environments.write(folder / "large", run=environments.LARGE_PROGRAM, helper="VALUE = 1\n")
    (large / "run.py").write_text("import helper\n" + environments.LARGE_PROGRAM, "utf-8")
    env = environments.environment(folder / "env-large", environments.LARGE)
    yield Program("large", large, "run.py", "import run; from gevent import monkey; monkey.patch_all()", env)


def section(program: Program, given: argparse.Namespace) -> list[str]:
    """One program's table."""
    rows = environments.closure(PATCHLINT, program.folder, program.file, program.env)
    contenders = list(own(program, given.folder, rows))
    if not given.no_peers:
        contenders += peers(program, given.folder, rows)
    side_by_side(contenders, given.rounds)
    base = contenders[0].wall
    table = [f"| {program.name} | wall | processor | ratio | peak |", "| --- | ---: | ---: | ---: | ---: |"]
    table += [
        f"| {c.name} | {c.failure} | | | |"
        if c.failure
        else f"| {c.name} | {c.wall:.2f} s | {c.processor:.2f} s | {c.wall / base:.2f} | {c.peak:.0f} MB |"
        for c in contenders
    ]
    return [f"## {program.name}: {len(rows):,} source files\n", "\n".join(table) + "\n"]


def own(program: Program, folder: Path, rows: list[tuple[str, str]]) -> Iterator[Contender]:
    """Python, the parser, and patchlint in its four settings."""
    cwd, python = str(program.folder), str(program.env / "bin" / "python")
    listing = folder / f"{program.name}.files"
    listing.write_text("".join(f"{path}\n" for _, path in rows), "utf-8")
    nowhere = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": str(folder / "nowhere")}
    bytecode = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / f"pyc-{program.name}")}
    yield Contender("Python imports it", [python, "-W", "ignore", "-c", program.imports], cwd, bytecode)
    yield Contender("Python imports it, no .pyc", [python, "-W", "ignore", "-c", program.imports], cwd, nowhere)
    yield Contender("ast.parse of the same files", [sys.executable, "-W", "ignore", "-c", PARSE, str(listing)], cwd)
    cache = folder / f"cache-{program.name}"
    words = [PATCHLINT, program.file, "--python", str(program.env)]
    place = {"PATCHLINT_CACHE_DIR": str(cache), "PYTHONDONTWRITEBYTECODE": ""}

    def cold() -> None:
        shutil.rmtree(cache, ignore_errors=True)

    changed = program.folder / ("app.py" if program.name == "blog" else "helper.py")

    def comment() -> None:
        changed.write_text(changed.read_text("utf-8") + "# one more line\n", "utf-8")

    def code() -> None:
        text = changed.read_text("utf-8")
        changed.write_text(f"{text}NUMBER_{len(text)} = {len(text)}\n", "utf-8")

    yield Contender("patchlint, cold", words, cwd, place, cold, (0, 1))
    yield Contender("patchlint, a comment added", words, cwd, place, comment, (0, 1))
    yield Contender("patchlint, a statement added", words, cwd, place, code, (0, 1))
    yield Contender("patchlint, warm", words, cwd, place, statuses=(0, 1))


def peers(program: Program, folder: Path, rows: list[tuple[str, str]]) -> Iterator[Contender]:
    """Other tools on the same files; those that follow imports themselves start from the program."""
    bin_, cwd = environments.environment(folder / "env-peers", environments.PEERS) / "bin", str(program.folder)
    tree = str(environments.copy_of(rows, folder / f"tree-{program.name}"))
    site = next((program.env / "lib").glob("python*")) / "site-packages"
    if (lifeguard := environments.lifeguard(folder / "env-lifeguard")) is not None:
        yield Contender("Lifeguard (run-tree)", [str(lifeguard), "run-tree", tree, os.devnull], cwd)
    yield Contender("ruff analyze graph", [str(bin_ / "ruff"), "analyze", "graph", "--preview", tree], cwd)
    one = ["--disable=all", "--enable=cyclic-import", "--persistent=n", program.file]
    yield Contender(
        "pylint (one checker)", [str(bin_ / "pylint"), *one], cwd, {"PYTHONPATH": str(site)}, statuses=(*range(32),)
    )
    mypy = [str(bin_ / "mypy"), "--python-executable", str(program.env / "bin" / "python"), "--cache-dir", os.devnull]
    yield Contender("mypy", [*mypy, program.file], cwd, statuses=(0, 1))
    pydeps = [str(bin_ / "pydeps"), "--no-output", "--max-bacon=0", program.file]
    yield Contender("pydeps", pydeps, cwd, {"PYTHONPATH": str(site)})
    if program.name == "large":
        command = "import grimp; grimp.build_graph('django', include_external_packages=True, cache_dir=None)"
        yield Contender("grimp (django alone)", [str(program.env / "bin" / "python"), "-c", command], cwd)


def figures(contender: Contender) -> str:
    """The figures of a row in the table of growth."""
    if contender.failure:
        return f"{contender.failure} | | "
    return f"{contender.wall:.1f} s | {contender.processor:.1f} s | {contender.peak:.0f} MB"


def grown(given: argparse.Namespace) -> list[str]:
    """The growth on synthetic programs."""
    series: dict[str, list[tuple[int, float]]] = {shape: [] for shape in growth.SHAPES}
    rows = []
    for size in map(int, given.growth.split(",")):
        for shape, points in series.items():
            folder = given.folder / "growth" / f"{shape}-{size}"
            if not folder.exists():
                growth.write(folder, shape, size)
            contender = Contender(shape, [PATCHLINT, "run.py", "--no-cache"], str(folder), statuses=(0, 1))
            contender.run()
            points.append((size, contender.processor))
            rows.append(f"| {shape} | {size:,} | {figures(contender)} |")
    picture = given.write.with_name("growth.svg")
    picture.write_text(growth.plot(series), "utf-8")
    head = "| shape | modules | wall | processor | peak |\n| --- | ---: | ---: | ---: | ---: |\n"
    return [
        f"## Growth\n\n![Seconds over modules, both logarithmic]({picture.name})\n",
        "Without a cache; the plot shows processor seconds.\n",
        head + "\n".join(rows) + "\n",
    ]


if __name__ == "__main__":
    sys.exit(main())
