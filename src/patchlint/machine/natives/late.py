"""C functions that import when they are called: dates from text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchlint.machine import imports
from patchlint.machine.frames import Frame
from patchlint.machine.values import Class, ClassMethod, Module, Native, Unknown, Value

if TYPE_CHECKING:
    from patchlint.machine.core import Machine


def datetime_c(m: Machine, module: Module) -> None:
    """``datetime.strptime`` imports ``_strptime``."""
    cls = module.ns.get("datetime")
    if type(cls) is Class:
        cls.ns["strptime"] = ClassMethod(Native("strptime", parse_time, "_datetime"))


def parse_time(m: Machine, frame: Frame, arguments: list[Value], keywords: dict[str, Value]) -> Value:
    """``time.strptime``, and what ``datetime.strptime`` does by it."""
    imports.import_absolute(m, "_strptime", frame)
    return Unknown("strptime()")
