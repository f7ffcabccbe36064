"""Well-known packages, pinned in ``packages.txt``: what patchlint says of their import is what CPython and gevent do.

Executed files and stale rows are compared as sets, and the files written in Python in their order too.
Some are always run, the others by ``make differential``.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from differential.alone import prediction, reality
from differential.laboratory import HERE
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
ALWAYS = ("requests", "flask", "sqlalchemy.orm", "celery.app.base", "boto3", "numpy", "fastapi", "tornado.httpclient")
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


@pytest.fixture(scope="module")
def python() -> Path:
    try:
        return environment(PACKAGES, os.environ.get("DIFFERENTIAL_PYTHON", sys.executable))
    except BuildError as error:
        if OFFLINE.search(str(error)):
            pytest.skip(f"no network to install packages: {str(error)[-200:]}")
        raise


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in ALWAYS else [pytest.mark.long]) for name in DRIVERS]
)
def test_a_package(name: str, python: Path, tmp_path: Path) -> None:
    driver = tmp_path / "driver.py"
    driver.write_text(text_of(name), "utf-8")
    real, said = reality(python, driver), prediction(python, driver)
    assert set(said.executed) == set(real.executed)
    assert said.stale == real.stale
    assert said.warned == real.warned
    assert sorted(said.in_order) == sorted(real.in_order)
    if name not in WITHOUT_ORDER:
        assert (said.in_order == real.in_order) is (name not in ORDER_IN_C), ORDER_IN_C.get(name)


def text_of(name: str) -> str:
    return f"{CONFIGURED if name.startswith('django') else ''}import {name}\n{PATCH}"
