"""What the tests of several rooms share: the repository's folders."""

from __future__ import annotations

from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def fixtures_folder() -> Path:
    return REPOSITORY / "tests" / "fixtures"
