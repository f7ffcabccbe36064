"""The machine-readable forms, held to the schemas that ship with the package."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from patchlint.model.events import Forgotten, Hooked, ModuleExecuted, Serving
from patchlint.model.location import LAUNCH, Location, Trail
from patchlint.report import FORMATS, TIMELINE_FORMATS, Look, Problem, Result

if TYPE_CHECKING:
    from conftest import Story

    from patchlint.model.timeline import Timeline


def schema(name: str) -> Any:
    return json.loads((files("patchlint") / "schemas" / f"{name}.schema.json").read_text("utf-8"))


def checked(result: Result) -> Any:
    document = json.loads(FORMATS["json"](result, Look(quiet=True)))
    jsonschema.validate(document, schema("check"))
    return document


def played(timeline: Timeline, folder: str) -> Any:
    document = json.loads(TIMELINE_FORMATS["json"](timeline, folder, Look()))
    jsonschema.validate(document, schema("timeline"))
    return document


@pytest.mark.parametrize("name", ["check", "timeline"])
def test_the_schemas_are_schemas(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(name))


def test_a_finding(story: Story) -> None:
    folder = story.folder
    document = checked(story.result)
    finding = document["findings"][0]
    assert document["schema_version"] == 1
    assert [entrypoint["entrypoint"] for entrypoint in document["entrypoints"]] == ["run.py"]
    assert {key: finding[key] for key in ("code", "severity", "certainty", "entrypoint", "location", "patch")} == {
        "code": "PAT101",
        "severity": "error",
        "certainty": "certain",
        "entrypoint": "run.py",
        "location": {"path": f"{folder}/app.py", "line": 1, "column": 1},
        "patch": {
            "path": f"{folder}/.venv/lib/ggevent.py",
            "line": 38,
            "call": "gevent.monkey.patch_all",
            "process": "worker",
        },
    }
    assert finding["chain"][0] == {"path": None, "line": 0, "what": "run run.py"}
    assert finding["chain"][1] == {"path": f"{folder}/run.py", "line": 1, "what": "import app"}
    assert finding["stale"][0] == {
        "kind": "binding",
        "module": "urllib3",
        "name": "SSLContext",
        "origin": "ssl.SSLContext",
        "path": f"{folder}/.venv/lib/urllib3.py",
        "line": 12,
        "certainty": "certain",
    }


def test_a_result_with_everything_missing_or_odd(story: Story, problem: Problem) -> None:
    finding = replace(story.result.findings[0], location=LAUNCH, patch=None, chain=(), stale=(), help="")
    command = replace(story.result.entrypoints[0], kind="command", argv=("gunicorn", "a b"), origin=LAUNCH)
    document = checked(
        replace(
            story.result,
            python=None,
            entrypoints=(command,),
            findings=(finding,),
            problems=(problem,),
            remarks=("odd \udce9 name",),
        )
    )
    assert document["entrypoints"][0]["entrypoint"] == "gunicorn 'a b'"
    assert document["findings"][0]["location"] == {"path": "<launch>", "line": 0, "column": 1}
    assert document["errors"] == [{"path": "/srv/broken.py", "line": 3, "message": "cannot be parsed: invalid syntax"}]


def test_the_events_in_order_each_capture_behind_its_module(story: Story) -> None:
    document = played(story.timeline, story.folder)
    assert {key: document[key] for key in ("schema_version", "entrypoint", "python", "platform")} == {
        "schema_version": 1,
        "entrypoint": "run.py",
        "python": "3.11",
        "platform": "linux",
    }
    assert [(event["event"], event.get("module")) for event in document["events"]] == [
        ("module", "__main__"),
        ("module", "app"),
        ("module", "requests"),
        ("module", "urllib3"),
        ("capture", "urllib3"),
        ("capture", "urllib3"),
        ("module", "_ssl"),
        ("opaque", None),
        ("thread", None),
        ("fork", None),
        ("patch", None),
    ]
    module, patch = document["events"][1], document["events"][-1]
    assert module == {
        "event": "module",
        "process": "main",
        "module": "app",
        "path": f"{story.folder}/app.py",
        "kind": "source",
        "certainty": "certain",
        "by": {"path": f"{story.folder}/run.py", "line": 1},
    }
    assert patch["replaced"] == ["ssl.SSLContext", "queue.Queue"]
    assert [row["name"] for row in patch["stale"]] == ["SSLContext", "Pool.q"]
    assert document["events"][0]["by"] is None


def test_a_capture_without_its_module_comes_before_the_patch(story: Story) -> None:
    events = tuple(
        event for event in story.timeline.events if not isinstance(event, ModuleExecuted) or event.module != "urllib3"
    )
    document = played(replace(story.timeline, events=events), story.folder)
    assert [event["event"] for event in document["events"]][-3:] == ["capture", "capture", "patch"]


def test_the_rarer_events(story: Story) -> None:
    place, trail = Location("/a.py", 1), Trail(None, None, "run")
    events = (
        Forgotten("worker", "multiprocessing.process._children", place, "certain", trail),
        Serving("main", "gevent", "celery's gevent pool", None, "possible", trail),
        Hooked("main", "psycopg2", "psycogreen.gevent.patch_psycopg", place, "certain", trail),
    )
    document = played(replace(story.timeline, events=events), story.folder)
    assert [event["event"] for event in document["events"]] == ["forgotten", "serving", "hooked"]


def test_no_events(story: Story) -> None:
    assert played(replace(story.timeline, events=()), story.folder)["events"] == []
