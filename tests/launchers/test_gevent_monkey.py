"""`python -m gevent.monkey`: patched first, then the program."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from patchlint.launchers import gevent_monkey
from patchlint.model.errors import UsageError
from patchlint.model.location import LAUNCH
from patchlint.model.plan import ApplyPatch, Entrypoint, ImportModule, Plan, RunFile, RunModule

RUN = Entrypoint("command", "python", "/srv", ("python",), LAUNCH)


def module(words: list[str]) -> Plan:
    yield RunModule(words[0], tuple(words))


def steps(*words: str) -> list[object]:
    plan: Iterator[object] = gevent_monkey.plan(("gevent.monkey", *words), RUN, module)
    return [step for step in plan if isinstance(step, (ApplyPatch, ImportModule, RunFile, RunModule))]


PATCHED = ImportModule("gevent.monkey", own=True)


def test_a_file() -> None:
    assert steps("run.py", "--port", "1") == [
        PATCHED,
        ApplyPatch("gevent", "gevent.monkey.patch_all", (), LAUNCH),
        RunFile("/srv/run.py", argv=("run.py", "--port", "1")),
    ]


def test_a_module() -> None:
    assert steps("--module", "shop.web", "-v")[-1] == RunModule("shop.web", ("shop.web", "-v"))


def test_parts() -> None:
    (_, without, _) = steps("--no-ssl", "run.py")
    assert isinstance(without, ApplyPatch)
    assert without.arguments == (("ssl", False),)
    (_, only, _) = steps("--socket", "--ssl", "--verbose", "run.py")
    assert isinstance(only, ApplyPatch)
    assert {name for name, is_on in only.arguments if is_on} == {"socket", "ssl"}
    assert dict(only.arguments)["thread"] is False


def test_no_program() -> None:
    with pytest.raises(UsageError):
        steps("--no-ssl")
