"""A laboratory for the Python that runs the tests, with today's gevent."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from differential.laboratory import Laboratory
from environments import OFFLINE, BuildError, environment


@pytest.fixture(scope="session")
def target_python() -> Path:
    """The Python that programs run in: like ``DIFFERENTIAL_PYTHON``, else like the tests' own, with gevent."""
    try:
        return environment(["gevent"], os.environ.get("DIFFERENTIAL_PYTHON", sys.executable))
    except BuildError as error:
        if OFFLINE.search(str(error)):
            pytest.skip(f"no network to install gevent: {str(error)[-200:]}")
        raise


@pytest.fixture(scope="session")
def laboratory(target_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    """Both sides with what gevent imports in place."""
    laboratory = Laboratory(str(target_python), tmp_path_factory.mktemp("warm"))
    yield laboratory
    laboratory.close()


@pytest.fixture(scope="session")
def cold_laboratory(target_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    """Both sides as an interpreter starts."""
    laboratory = Laboratory(str(target_python), tmp_path_factory.mktemp("cold"), warm=())
    yield laboratory
    laboratory.close()
