"""Well-known packages, pinned in ``packages.txt``: what patchlint says of their import is what CPython and gevent do.

Executed files and stale rows are compared as sets, and the files written in Python in their order too.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from differential.laboratory import HERE, SOURCES, first
from environments import OFFLINE, BuildError, environment

pytestmark = pytest.mark.real

PACKAGES = (HERE / "packages.txt").read_text("utf-8").split()
DRIVERS = [
    "requests",
    "urllib3.connectionpool",
    "flask",
    "werkzeug.serving",
    "jinja2",
    "django.http",
    "django.core.handlers.wsgi",
    "sqlalchemy.orm",
    "celery.app.base",
    "kombu.connection",
    "boto3",
    "botocore.session",
    "aiohttp",
    "httpx",
    "apscheduler.schedulers.background",
    "redis",
    "pymongo",
    "psycopg2.pool",
    "grpc",
    "pydantic",
    "numpy",
    "gunicorn.app.base",
    "sentry_sdk",
    "opentelemetry.sdk.trace.export",
    "fastapi",
    "tornado.httpclient",
    "cryptography.x509",
    "yaml",
    "pika",
]
CONFIGURED = "from django.conf import settings\nsettings.configure()\n"
"""gevent looks at every object, and Django's settings end the program where there are none."""

PATCH = "from gevent import monkey\nmonkey.patch_all()\n"


ORDER_IN_C = {
    "pydantic": "pydantic_core asks for datetime's C interface before it imports its schemas",
    "numpy": "its C core imports from Python in an order that its file does not show",
}
"""Of an installed extension module only the names of what it imports are known, not their order."""

WITHOUT_ORDER = frozenset({"sqlalchemy.orm"})
"""It imports what is in a set: in an order that is another one in each process."""


@dataclass(frozen=True)
class Seen:
    """What was executed, in its order, and what the patch left stale: (kind, module, name, origin)."""

    executed: tuple[str, ...]
    stale: frozenset[tuple[str, ...]]

    @property
    def in_order(self) -> list[str]:
        """The files written in Python, up to gevent's own, most of which its extension modules import."""
        sources = (path for path in self.executed if path.endswith(".py"))
        return list(itertools.takewhile(lambda path: f"{os.sep}gevent{os.sep}" not in path, sources))


@pytest.fixture(scope="module")
def python() -> Path:
    try:
        return environment(PACKAGES, os.environ.get("DIFFERENTIAL_PYTHON", sys.executable))
    except BuildError as error:
        if OFFLINE.search(str(error)):
            pytest.skip(f"no network to install packages: {str(error)[-200:]}")
        raise


@pytest.mark.parametrize("name", DRIVERS)
def test_a_package(name: str, python: Path, tmp_path: Path) -> None:
    driver = tmp_path / "driver.py"
    driver.write_text(text_of(name), "utf-8")
    real, said = reality(python, driver), prediction(python, driver)
    assert set(said.executed) == set(real.executed)
    assert said.stale == real.stale
    assert sorted(said.in_order) == sorted(real.in_order)
    if name not in WITHOUT_ORDER:
        assert (said.in_order == real.in_order) is (name not in ORDER_IN_C), ORDER_IN_C.get(name)


def text_of(name: str) -> str:
    return f"{CONFIGURED if name.startswith('django') else ''}import {name}\n{PATCH}"


def reality(python: Path, driver: Path) -> Seen:
    answer = driver.with_name("answer.json")
    subprocess.run([python, HERE / "reality.py", "run", driver, answer], check=True, capture_output=True, timeout=120)
    real = json.loads(answer.read_text("utf-8"))
    assert real["error"] is None
    return Seen(
        tuple(dict.fromkeys(map(os.path.realpath, real["executed"]))), frozenset(map(tuple, first(real["patches"])))
    )


def prediction(python: Path, driver: Path) -> Seen:
    line = [sys.executable, "-m", "patchlint", "timeline", driver.name, "--format", "json", "--python", str(python)]
    environ = {**os.environ, "PYTHONPATH": str(SOURCES)}
    done = subprocess.run(line, cwd=driver.parent, env=environ, check=True, capture_output=True, text=True, timeout=300)
    events = json.loads(done.stdout)["events"]
    started = next(place for place, event in enumerate(events) if event.get("module") == "__main__")
    modules = [event for event in events[started + 1 :] if event["event"] == "module"]
    files = [event["path"] for event in modules if event["path"]]
    rows = (row for event in events if event["event"] == "patch" for row in event["stale"])
    return Seen(
        tuple(dict.fromkeys(map(os.path.realpath, files))),
        frozenset((row["kind"], row["module"], row["name"], row["origin"]) for row in rows),
    )
