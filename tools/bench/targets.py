"""The targets, each beside what was measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from results import Stage

PYTHON, PLAIN, PARSE = "Python imports it", "Python imports it, no .pyc", "ast.parse of the same files"
COLD, WARM = "patchlint, cold", "patchlint, warm"
COMMENT, STATEMENT = "patchlint, a comment added", "patchlint, a statement added"
GUARD, RUFF = "Lifeguard, warm (analyze-binary)", "ruff analyze graph"
SLOWER = ("pylint (one checker)", "mypy, cold", "mypy, warm", "pydeps", "grimp, cold", "grimp, warm")
HEAD = "| what | at most | wall | processor | by the wall |\n| --- | ---: | ---: | ---: | --- |\n"


def table(stages: Mapping[str, Stage], exponents: Mapping[str, float]) -> str:
    """All of them; a program or a peer that could not be measured has no row."""
    rows = [row for stage in stages.values() for row in _of_program(stage)]
    if "large" in stages and "huge" in stages:
        more = stages["huge"].files - stages["large"].files
        large, huge = stages["large"].by_name()[WARM], stages["huge"].by_name()[WARM]
        each = (huge.wall - large.wall) / more * 1000, (huge.processor - large.processor) / more * 1000
        rows.append(_row("huge, warm: milliseconds for each module more than large has", 0.1, *each))
    rows += [_row(f"growth, {what}", 1.1, exponent, exponent) for what, exponent in exponents.items()]
    return HEAD + "\n".join(rows) + "\n"


def _of_program(stage: Stage) -> Iterator[str]:
    measured = {name: one for name, one in stage.by_name().items() if not one.failure}
    seconds = {"blog": 0.15, "large": 0.35}
    if stage.name in seconds and WARM in measured:
        yield _row(f"{stage.name}, warm: seconds", seconds[stage.name], measured[WARM].wall, measured[WARM].processor)
    pairs = [(WARM, PYTHON, 0.5), (COMMENT, WARM, 1.3), (STATEMENT, WARM, 1.3), (COLD, PLAIN, 1.2), (COLD, PARSE, 1.0)]
    pairs += [(WARM, GUARD, 1.0), (WARM, RUFF, 3.0), (COLD, "Lifeguard, cold (run-tree)", 3.0)]
    pairs += [(WARM if "warm" in peer else COLD, peer, 1.0) for peer in SLOWER]
    for ours, other, most in pairs:
        if ours in measured and other in measured:
            a, b = measured[ours], measured[other]
            yield _row(f"{stage.name}: {ours} / {other}", most, a.wall / b.wall, a.processor / b.processor)
    if stage.files >= 3000 and COLD in measured:
        most, peak = 250 / 3000 * stage.files, measured[COLD].peak
        yield f"| {stage.name}: peak of a cold run (MB) | {most:.0f} | {peak:.0f} | | {_met(peak, most)} |"


def _row(what: str, most: float, wall: float, processor: float) -> str:
    return f"| {what} | {most:g} | {wall:.2f} | {processor:.2f} | {_met(wall, most)} |"


def _met(measured: float, most: float) -> str:
    return "met" if measured <= most else "**not met**"
