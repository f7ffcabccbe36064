"""``check --format json``: a public, versioned format, described by ``schemas/check.schema.json``."""

from __future__ import annotations

import json
from typing import Any

from patchlint.model.finding import Finding, Link, OpaqueNote, PatchReference
from patchlint.model.plan import Entrypoint
from patchlint.model.proposal import Proved, Rejected
from patchlint.report.look import Look
from patchlint.report.names import entrypoint_name
from patchlint.report.opaque import hides
from patchlint.report.result import Problem, Python, Result
from patchlint.report.rows import SCHEMA_VERSION, path_and_line, stale_row


def render(result: Result, look: Look) -> str:
    """One JSON object, its paths absolute; it leaves nothing out, however it is asked to look."""
    return json.dumps(_result(result), indent=2)


def _result(result: Result) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "python": None if result.python is None else _python(result.python),
        "entrypoints": [_entrypoint(entrypoint, result.folder) for entrypoint in result.entrypoints],
        "findings": [_finding(finding, result.folder) for finding in result.findings],
        "opaque": [_opaque(note, result.folder) for note in result.opaque],
        "errors": [_problem(problem) for problem in result.problems],
        "remarks": list(result.remarks),
        "modules": result.modules,
        "seconds": round(result.seconds, 3),
    }


def _python(python: Python) -> dict[str, Any]:
    return {
        "executable": python.executable,
        "version": python.version,
        "platform": python.platform,
        "chosen_because": python.chosen_because,
    }


def _entrypoint(entrypoint: Entrypoint, folder: str) -> dict[str, Any]:
    return {
        "entrypoint": entrypoint_name(entrypoint, folder),
        "kind": entrypoint.kind,
        "spec": entrypoint.spec,
        "cwd": entrypoint.cwd,
        "argv": list(entrypoint.argv),
        "origin": None
        if entrypoint.origin is None
        else {"path": entrypoint.origin.path, "line": entrypoint.origin.line},
        "reason": entrypoint.reason,
    }


def _finding(finding: Finding, folder: str) -> dict[str, Any]:
    location = finding.location
    return {
        "code": finding.code,
        "severity": finding.severity,
        "certainty": finding.certainty,
        "message": finding.message,
        "entrypoint": entrypoint_name(finding.entrypoint, folder),
        "location": {"path": location.path, "line": location.line, "column": location.column},
        "chain": [_link(link) for link in finding.chain],
        "patch": None if finding.patch is None else _patch(finding.patch),
        "stale": [stale_row(capture) for capture in finding.stale],
        "help": finding.help,
        "proposals": [_proposal(one) for one in finding.proposals],
    }


def _proposal(one: Proved | Rejected) -> dict[str, Any]:
    proposal = one.proposal
    return {
        "title": proposal.title,
        "why": proposal.why,
        "safety": proposal.safety,
        "edits": [
            {"path": edit.path, "line": edit.line, "end_line": edit.end, "text": edit.text} for edit in proposal.edits
        ],
        "command": list(proposal.command),
        "proved": isinstance(one, Proved),
        "leaves": list(one.leaves) if isinstance(one, Proved) else [],
        "causes": list(one.causes) if isinstance(one, Rejected) else [],
        "story": list(one.story) if isinstance(one, Rejected) else [],
    }


def _link(link: Link) -> dict[str, Any]:
    return {**path_and_line(link.location), "what": link.what}


def _patch(patch: PatchReference) -> dict[str, Any]:
    return {**path_and_line(patch.location), "call": patch.call, "process": patch.process}


def _opaque(note: OpaqueNote, folder: str) -> dict[str, Any]:
    entrypoint = entrypoint_name(note.entrypoint, folder)
    return {
        **path_and_line(note.location),
        "what": note.what,
        "reason": note.reason,
        "hides": hides(note),
        "entrypoint": entrypoint,
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {"path": problem.path, "line": problem.line, "message": problem.message}
