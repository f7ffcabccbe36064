"""Print what stale captures do under one installation of gevent or eventlet: the ground of ``harm.toml``.

usage: python tools/measure_harm.py PYTHON FOLDER LIBRARY [late] [WORD...]

FOLDER holds the installed library (``dump_patches.py`` leaves such folders); WORDs restrict the cases;
``late`` captures after the patch, to compare with.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

PROBE = Path(__file__).parent / "probes" / "harm.py"
PATIENCE = 3.0
"""Seconds; what is waited for in a case comes after 0.4."""


def measure(python: str, folder: str, library: str, *words: str) -> str:
    command = [python, "-I", "-S", "-W", "ignore", str(PROBE), folder, library, *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            out, err = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            stands = err.count("tick") < 60
            return "never returns; the whole hub stands still" if stands else "never returns; other greenlets go on"
    if not out.strip():
        return f"no such thing here: {(err.strip().splitlines() or ['?'])[-1]}"
    return described(json.loads(out.strip().splitlines()[-1]))


def described(answer: dict[str, object]) -> str:
    gap = float(str(answer["gap"]))
    effect = f"blocks the hub for {gap:.2f} s" if gap > 0.2 else "harmless to others"
    parts = [str(answer["error"]) if answer["error"] else "", effect, str(answer["remark"] or "")]
    return "; ".join(part for part in parts if part)


def main() -> None:
    python, folder, library, *words = sys.argv[1:]
    late = ["late"] if "late" in words else []
    words = [word for word in words if word != "late"]
    answer = subprocess.run([python, "-I", "-S", str(PROBE), "--list"], check=True, capture_output=True, text=True)
    for kind, origin in json.loads(answer.stdout):
        if all(word in f"{kind} {origin}" for word in words):
            print(f"{kind:9} {origin:40} {measure(python, folder, library, kind, origin, *late)}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
