"""Other tools on the same program, each in the setting that comes nearest to the same job."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import environments
from measuring import Contender
from programs import Program

PEERS = ("ruff", "pylint", "mypy", "pydeps")
GRIMP = """\
import grimp, sys
print(grimp.build_graph(*sys.argv[2:], include_external_packages=True, cache_dir=sys.argv[1]))
"""


def peers(program: Program, folder: Path, rows: list[tuple[str, str]]) -> Iterator[Contender]:
    """Those that take a folder are given the closure as one tree; those that follow imports start from the program."""
    tree = environments.copy_of(rows, folder / f"tree-{program.name}")
    bin_ = environments.environment(folder / "env-peers", PEERS) / "bin"
    yield from _lifeguard(program, folder, tree)
    yield Contender("ruff analyze graph", [str(bin_ / "ruff"), "analyze", "graph", "--preview", str(tree)], str(tree))
    yield from _grimp(program, folder, rows)
    if len(rows) < 1000:
        yield from _pylint(program, tree, bin_)
    yield from _mypy(program, folder, bin_)
    site = next((program.env / "lib").glob("python*")) / "site-packages"
    pydeps = [str(bin_ / "pydeps"), "--no-output", "--max-bacon=0", "--no-config", program.file]
    yield Contender("pydeps", pydeps, str(program.folder), {"PYTHONPATH": str(site)}, most=program.slow)


def _lifeguard(program: Program, folder: Path, tree: Path) -> Iterator[Contender]:
    """``run-tree`` is the whole of it; its map-reduce commands keep a cache of what they are given as one library."""
    found = environments.lifeguard(folder / "env-lifeguard")
    if found is None:
        return
    at = folder / f"lifeguard-{program.name}"
    at.mkdir(exist_ok=True)
    lifeguard, cwd = str(found), str(tree)
    yield Contender("Lifeguard, cold (run-tree)", [lifeguard, "run-tree", str(tree), os.devnull], cwd)
    environments.quietly([lifeguard, "gen-source-db", str(tree), str(at / "db.json")], cwd)
    environments.quietly([lifeguard, "analyze-library", str(at / "db.json"), str(at / "cache")], cwd)
    (at / "manifest").write_text(f"{at / 'cache'}\n", "utf-8")
    words = [lifeguard, "analyze-binary", "--cache-manifest", str(at / "manifest"), os.devnull]
    yield Contender("Lifeguard, warm (analyze-binary)", words, cwd)


def _grimp(program: Program, folder: Path, rows: list[tuple[str, str]]) -> Iterator[Contender]:
    """The graph of all packages of the closure, whole as it takes them; single modules are nothing that it takes."""
    packages = {module.partition(".")[0] for module, path in rows if path.startswith(str(program.env))}
    site = next((program.env / "lib").glob("python*")) / "site-packages"
    chosen = sorted(name for name in packages if (site / name / "__init__.py").is_file())
    cache = folder / f"grimp-{program.name}"
    words = [str(program.env / "bin" / "python"), "-c", GRIMP, str(cache), *chosen]

    def cold() -> None:
        shutil.rmtree(cache, ignore_errors=True)

    yield Contender("grimp, cold", words, str(folder), prepare=cold, most=program.slow)
    yield Contender("grimp, warm", words, str(folder), most=program.slow)


def _pylint(program: Program, tree: Path, bin_: Path) -> Iterator[Contender]:
    """One checker that asks for imports; it has no cache of what it parsed, and takes minutes."""
    words = [str(bin_ / "pylint"), "--disable=all", "--enable=cyclic-import", "--persistent=n", "--recursive=y"]
    anything = tuple(range(32))
    yield Contender("pylint (one checker)", [*words, str(tree)], str(tree), statuses=anything, most=program.slow)


def _mypy(program: Program, folder: Path, bin_: Path) -> Iterator[Contender]:
    """Following imports into what has no types, as the others do."""
    cache = folder / f"mypy-{program.name}"
    words = [str(bin_ / "mypy"), "--python-executable", str(program.env / "bin" / "python"), "--follow-untyped-imports"]
    words += ["--cache-dir", str(cache), program.file]

    def cold() -> None:
        shutil.rmtree(cache, ignore_errors=True)

    cwd = str(program.folder)
    yield Contender("mypy, cold", words, cwd, prepare=cold, statuses=(0, 1), most=program.slow)
    yield Contender("mypy, warm", words, cwd, statuses=(0, 1), most=program.slow)
