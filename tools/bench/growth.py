"""Synthetic programs of many modules, and how the time grows with their number."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from measuring import Contender

_BODY = '''
LIMIT = {number}


class Thing{number}:
    """One of many."""

    size = LIMIT + 1

    def measure(self, unit="m"):
        total = 0
        for step in range(self.size):
            total += step * 2
        return total, unit


def make(count=LIMIT):
    return [Thing{number}() for _ in range(count)]
'''


def _wide(number: int, count: int) -> list[int]:
    return list(range(1, count)) if number == 0 else []


def _deep(number: int, count: int) -> list[int]:
    """Chains of a hundred, one after the other: nobody nests imports a thousand deep."""
    if number == 0:
        return list(range(1, count, 100))
    return [number + 1] if number % 100 and number + 1 < count else []


def _cyclic(number: int, count: int) -> list[int]:
    if number == 0:
        return list(range(1, count, 10))
    first = (number - 1) // 10 * 10 + 1
    following = number + 1
    return [following if following < min(first + 10, count) else first]


def _diamonds(number: int, count: int) -> list[int]:
    return [child for child in (3 * number + 1, 3 * number + 2, 3 * number + 3, 3 * number + 4) if child < count]


def _nested(number: int, count: int) -> list[int]:
    """One chain, which no interpreter follows to its end."""
    return [number + 1] if number + 1 < count else []


Series: TypeAlias = dict[str, list[tuple[int, float]]]
"""(modules, processor seconds) of each shape."""

SHAPES: Mapping[str, Callable[[int, int], list[int]]] = {
    "wide": _wide,
    "deep": _deep,
    "cyclic": _cyclic,
    "diamonds": _diamonds,
}
_EVERY = {**SHAPES, "nested": _nested}


def write(folder: Path, shape: str, count: int) -> Path:
    """A program of ``count`` modules in packages of 500; its file."""
    for number in range(count):
        package = folder / f"part{number // 500}"
        if number % 500 == 0:
            package.mkdir(parents=True, exist_ok=True)
            (package / "__init__.py").write_text("", "utf-8")
        imports = "".join(f"import part{n // 500}.module{n}\n" for n in _EVERY[shape](number, count))
        (package / f"module{number}.py").write_text(imports + _BODY.format(number=number), "utf-8")
    program = folder / "run.py"
    program.write_text('import part0.module0\n\nif __name__ == "__main__":\n    part0.module0.make(1)\n', "utf-8")
    return program


def measured(patchlint: str, folder: Path, sizes: list[int]) -> list[Contender]:
    """Every shape in every size, cold and warm; names are ``shape size cold``."""
    done = []
    for shape, size in [*((shape, size) for size in sorted(sizes) for shape in SHAPES), ("nested", max(sizes))]:
        done += _runs(patchlint, folder / "growth", shape, size)
        print(*(f"{one.name}: {_figures(one)}" for one in done[-2:]), sep="\n", flush=True)
    return done


def series(runs: list[Contender]) -> Series:
    """The cold runs of each shape."""
    found: Series = {shape: [] for shape in SHAPES}
    for run in runs:
        shape, size, manner = run.name.split()
        if shape in found and manner == "cold" and not run.failure:
            found[shape].append((int(size), run.processor))
    return found


def words(runs: list[Contender], picture: str) -> str:
    """The runs as a section of the page."""
    rows = []
    for cold, warm in zip(runs[::2], runs[1::2], strict=True):
        shape, size, _ = cold.name.split()
        rows.append(f"| {shape} | {int(size):,} | {_figures(cold)} | {_figures(warm)} |")
    return WORDS.format(picture=picture) + "\n".join(rows) + "\n"


WORDS = """## Growth

Synthetic programs. *Wide*: one module imports all others; *deep*: chains of a hundred; *cyclic*: rings of ten;
*diamonds*: each module imports four, which others import too. *Nested* is a single chain: CPython gives up at about 140
modules inside one another (RecursionError), and so does patchlint, at the same module, and says so. The plot shows
processor seconds with an empty cache, and the exponent of the line of best fit.

![Seconds over modules, both logarithmic]({picture})

| shape | modules | wall, cold | processor, cold | peak, cold | wall, warm | processor, warm | peak, warm |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
"""


def _runs(patchlint: str, folder: Path, shape: str, size: int) -> list[Contender]:
    """One cold and one warm run."""
    program, cache = folder / f"{shape}-{size}", folder / f"cache-{shape}-{size}"
    if not program.exists():
        write(program, shape, size)
    shutil.rmtree(cache, ignore_errors=True)
    place = {"PATCHLINT_CACHE_DIR": str(cache)}
    names = [f"{shape} {size} {manner}" for manner in ("cold", "warm")]
    runs = [Contender(name, [patchlint, "run.py"], str(program), place, statuses=(0, 1)) for name in names]
    for run in runs:
        run.run()
    return runs


def _figures(contender: Contender) -> str:
    if contender.failure:
        return f"{contender.failure} | | "
    return f"{contender.wall:.2f} s | {contender.processor:.2f} s | {contender.peak:.0f} MB"


def exponent(points: list[tuple[int, float]]) -> float:
    """The slope of the line through the logarithms: the time grows as n to this power."""
    xs, ys = [math.log(n) for n, _ in points], [math.log(t) for _, t in points]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / sum((a - x) ** 2 for a in xs)


def exponents(series: Series) -> dict[str, float]:
    """Of all sizes, and of the two largest: what a run takes in any case makes the first one small."""
    found = {}
    for shape, row in series.items():
        if len(row) > 1:
            found[f"{shape}: exponent"] = exponent(row)
            found[f"{shape}: exponent, {row[-2][0]:,} to {row[-1][0]:,}"] = exponent(row[-2:])
    return found


_COLOURS = ("#1b6ca8", "#c0392b", "#1e8449", "#8e44ad")


def plot(series: Mapping[str, list[tuple[int, float]]]) -> str:
    """An SVG of seconds over modules, both logarithmic, with the line of n for the eye."""
    points = [point for row in series.values() for point in row]
    low_x, high_x = math.log10(min(n for n, _ in points)), math.log10(max(n for n, _ in points))
    low_y = math.floor(math.log10(min(t for _, t in points)))
    high_y = math.ceil(math.log10(max(t for _, t in points)))

    def at(n: float, t: float) -> tuple[float, float]:
        x = 60 + 500 * (math.log10(n) - low_x) / max(high_x - low_x, 1e-9)
        return x, 340 - 310 * (math.log10(t) - low_y) / max(high_y - low_y, 1e-9)

    parts = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 700 390" font-family="sans-serif" font-size="12">']
    parts.append('<rect width="700" height="390" fill="white"/>')
    for power in range(low_y, high_y + 1):
        _, y = at(points[0][0], 10.0**power)
        parts.append(f'<path d="M60 {y:.1f}H560" stroke="#ddd"/><text x="52" y="{y + 4:.1f}" text-anchor="end">')
        parts.append(f"{10.0**power:g} s</text>")
    for n in sorted({n for n, _ in points}):
        x, _ = at(n, 1)
        parts.append(f'<path d="M{x:.1f} 30V340" stroke="#eee"/>')
        parts.append(f'<text x="{x:.1f}" y="358" text-anchor="middle">{n:,}</text>')
    parts.append('<text x="310" y="380" text-anchor="middle">modules</text>')
    for index, (name, row) in enumerate(series.items()):
        colour = _COLOURS[index % len(_COLOURS)]
        label = f"{name}: n^{exponent(row):.2f}" if len(row) > 1 else name
        line = "L".join("{:.1f} {:.1f}".format(*at(n, t)) for n, t in row)
        parts.append(f'<path d="M{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="572" y="{60 + 20 * index}" fill="{colour}">{label}</text>')
    return "\n".join([*parts, "</svg>\n"])
