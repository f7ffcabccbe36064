"""patchlint's verdict on every fixture is what the ``expected.toml`` beside it says.

A file has the ``packages`` of the environment (and its ``python``), and ``check`` entries: the ``arguments`` of
``patchlint check`` and the findings. Every expected finding must be there; a finding above ``note`` that is not
expected fails the check, unless it says ``others = true``. ``no_errors`` allows others that are no errors.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import tomli

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
KNOWN = {"code", "file", "line", "severity", "certainty", "origin", "modules", "chain", "message"}


def experiments() -> list[Any]:
    found = []
    for path in sorted(FIXTURES.glob("*/expected.toml")):
        content = tomli.loads(path.read_text("utf-8"))
        for number, experiment in enumerate(content["check"]):
            name = f"{path.parent.name}: {experiment.get('name', number)}"
            found.append(pytest.param(path.parent, content["packages"], experiment, id=name))
    return found


@pytest.mark.parametrize(("folder", "packages", "experiment"), experiments())
def test_verdict(env, check, folder, packages, experiment):
    verdict = check(env(packages), folder, *experiment["arguments"])
    expected = experiment.get("finding", [])
    missing = [entry for entry in expected if not any(meets(verdict, entry, finding) for finding in verdict.findings)]
    assert not missing, describe(verdict, verdict.findings)
    surprises = [
        finding
        for finding in verdict.findings
        if not any(meets(verdict, entry, finding) for entry in expected) and is_loud(experiment, finding)
    ]
    assert not surprises, describe(verdict, surprises)
    assert verdict.status == int(any(finding["severity"] != "note" for finding in verdict.findings))


def is_loud(experiment: dict[str, Any], finding: dict[str, Any]) -> bool:
    if experiment.get("others"):
        return False
    return finding["severity"] == "error" or (finding["severity"] == "warning" and not experiment.get("no_errors"))


def meets(verdict: Any, entry: dict[str, Any], finding: dict[str, Any]) -> bool:
    """Whether a finding is the expected one."""
    assert set(entry) <= KNOWN, f"unknown keys in expected.toml: {set(entry) - KNOWN}"
    stale = [row for row in finding["stale"] if row["origin"] == entry.get("origin", row["origin"])]
    places = [verdict.place(link) for link in finding["chain"]]
    wanted = [(file, int(line)) for file, _, line in (link.rpartition(":") for link in entry.get("chain", ()))]
    return (
        finding["code"] == entry["code"]
        and verdict.place(finding["location"]) == (entry["file"], entry["line"])
        and finding["severity"] == entry["severity"]
        and finding["certainty"] == entry.get("certainty", "certain")
        and entry.get("message", "") in finding["message"]
        and (bool(stale) or "origin" not in entry)
        and {row["module"] for row in stale} >= set(entry.get("modules", ()))
        and [place for place in places if place in wanted] == wanted
    )


def describe(verdict: Any, findings: list[dict[str, Any]]) -> str:
    lines = [
        f"{':'.join(map(str, verdict.place(finding['location'])))} {finding['code']} {finding['severity']} "
        f"({finding['certainty']}): {finding['message']}"
        for finding in findings
    ]
    return "patchlint found:\n" + "\n".join(lines or ["nothing"])
