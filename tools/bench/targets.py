"""The targets, each beside what was measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from measuring import Contender

Measured = Mapping[str, Contender]
"""The contenders of one program, by name."""

PYTHON, PLAIN, PARSE = "Python imports it", "Python imports it, no .pyc", "ast.parse of the same files"
COLD, WARM = "patchlint, cold", "patchlint, warm"
COMMENT, STATEMENT = "patchlint, a comment added", "patchlint, a statement added"
GUARD, RUFF = "Lifeguard, warm (analyze-binary)", "ruff analyze graph"
SLOWER = ("pylint (one checker)", "mypy, cold", "mypy, warm", "pydeps", "grimp, cold", "grimp, warm")
HEAD = "| what | at most | measured | |\n| --- | ---: | ---: | --- |\n"


def table(everything: Mapping[str, Measured], modules: Mapping[str, int], exponents: Mapping[str, float]) -> str:
    """All of them; a program or a peer that could not be measured has no row."""
    rows = [row for name, measured in everything.items() for row in _of_program(name, measured, modules)]
    if "large" in everything and "huge" in everything:
        more = modules["huge"] - modules["large"]
        each = (everything["huge"][WARM].wall - everything["large"][WARM].wall) / more * 1000
        rows.append(_row("huge, warm: milliseconds for each module more than large has", 0.1, each))
    rows += [_row(f"growth, {shape}: exponent of the number of modules", 1.1, e) for shape, e in exponents.items()]
    return HEAD + "\n".join(rows) + "\n"


def _of_program(name: str, measured: Measured, modules: Mapping[str, int]) -> Iterator[str]:
    seconds = {"blog": 0.15, "large": 0.35}
    if name in seconds:
        yield _row(f"{name}, warm: seconds", seconds[name], measured[WARM].wall)
    pairs = [(WARM, PYTHON, 0.5), (COMMENT, WARM, 1.3), (STATEMENT, WARM, 1.3), (COLD, PLAIN, 1.2), (COLD, PARSE, 1.0)]
    pairs += [(WARM, GUARD, 1.0), (WARM, RUFF, 3.0), (COLD, "Lifeguard, cold (run-tree)", 3.0)]
    pairs += [(WARM if "warm" in peer else COLD, peer, 1.0) for peer in SLOWER]
    for ours, other, most in pairs:
        if other in measured and not measured[other].failure and not measured[ours].failure:
            yield _row(f"{name}: {ours} / {other}", most, measured[ours].wall / measured[other].wall)
    if modules[name] >= 3000:
        yield _row(f"{name}, {modules[name]:,} files: peak in MB", 250, measured[COLD].peak)


def _row(what: str, most: float, measured: float) -> str:
    shown = f"{measured:.0f}" if measured >= 100 else f"{measured:.2f}"
    return f"| {what} | {most:g} | {shown} | {'met' if measured <= most else '**not met**'} |"
