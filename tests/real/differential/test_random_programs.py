"""Random programs: patchlint's timeline is what CPython and gevent really do, in the same order and to the last row.

``DIFFERENTIAL_EXAMPLES`` is how many programs are tried (2,000 unless it says otherwise), ``DIFFERENTIAL_SEED`` another
choice of them, ``DIFFERENTIAL_PYTHON`` another Python to run them in.  Each idiom is tried by itself; with
``DIFFERENTIAL_IDIOMS=1`` they are mixed into the programs too, which still shows differences.
"""

from __future__ import annotations

import json
import os
import subprocess

import pytest
from differential import idioms, programs
from differential import laboratory as laboratories
from differential.programs import Program, batches
from differential.reduction import reduced
from hypothesis import HealthCheck, Phase, given, seed, settings

EXAMPLES = int(os.environ.get("DIFFERENTIAL_EXAMPLES", "2000"))
SEED = int(os.environ.get("DIFFERENTIAL_SEED", "0"))
MIXED = os.environ.get("DIFFERENTIAL_IDIOMS") == "1"
TOGETHER = 5
COLD = 8

searching = settings(database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))

pytestmark = pytest.mark.real


def test_programs(laboratory):
    skipped = explore(laboratory, EXAMPLES // TOGETHER, TOGETHER)
    assert skipped * TOGETHER <= EXAMPLES // 20


def test_programs_of_a_bare_interpreter(cold_laboratory):
    explore(cold_laboratory, COLD, 2)


@pytest.mark.parametrize("kind", idioms.IDIOMS)
def test_each_idiom(laboratory, kind):
    for number in range(len(idioms.IDIOMS[kind])):
        for inside in ("ROOT", "ROOT.b"):
            program = programs.one_idiom(kind, number, inside)
            assert not failure(laboratory, program), told(laboratory, [program], laboratory.compare([program]))


def test_the_server_begins_as_an_interpreter_does(target_python, tmp_path):
    answer = tmp_path / "modules.json"
    script = laboratories.HERE / "reality.py"
    subprocess.run([target_python, script, "modules", answer], check=True, timeout=60)
    bare = "import sys; modules = sorted(sys.modules); import json; print(json.dumps(modules))"
    done = subprocess.run([target_python, "-c", bare], check=True, capture_output=True, text=True, timeout=60)
    assert json.loads(answer.read_text("utf-8")) == json.loads(done.stdout)


def explore(laboratory: laboratories.Laboratory, examples: int, size: int) -> int:
    """Compare random programs, some at a time; answers how many times reality did not come to an end."""
    skipped = 0

    @seed(SEED)
    @settings(searching, max_examples=examples)
    @given(batches(size, MIXED))
    def compare(drawn: list[Program]) -> None:
        nonlocal skipped
        comparison = laboratory.compare(drawn)
        if comparison.reality["error"]:
            skipped += 1
        elif comparison.differences:
            pytest.fail(told(laboratory, drawn, comparison), pytrace=False)

    compare()
    return skipped


def told(laboratory: laboratories.Laboratory, drawn: list[Program], comparison: laboratories.Comparison) -> str:
    """What differs, with a small program that shows it."""
    for program in drawn:
        if failure(laboratory, program):
            small = reduced(program, lambda candidate: failure(laboratory, candidate))
            lines = [f"# {name}\n{text}" for name, text in small.items()]
            return "\n".join([*lines, *laboratory.compare([small]).differences])
    return "\n".join([f"only together, in {comparison.folder}:", *comparison.differences])


def failure(laboratory: laboratories.Laboratory, program: Program) -> frozenset[str]:
    """The kinds of difference that a program shows."""
    comparison = laboratory.compare([program])
    return frozenset() if comparison.reality["error"] else frozenset(comparison.kinds)
