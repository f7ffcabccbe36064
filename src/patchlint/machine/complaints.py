"""What a program writes to its standard error: where it refuses to start, that tells why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from patchlint.machine.frames import Frame
from patchlint.machine.values import Instance, Module, Native, Unknown, Value

if TYPE_CHECKING:
    from patchlint.machine.core import Machine

STREAM: Final = "sys.stderr"
"""What the stream is called where it is a value that is not known."""

LONGEST: Final = 200
"""Characters of a complaint that a report shows."""


def print_(m: Machine, frame: Frame, arguments: list[Value], keywords: dict[str, Value]) -> None:
    """``print(..., file=sys.stderr)``; what goes elsewhere is nobody's complaint."""
    file = keywords.get("file")
    if type(file) is Unknown and file.path == STREAM:
        texts = [m.text(one, frame) for one in arguments]
        hear(m, " ".join(texts) if all(type(text) is str for text in texts) else None)


def written(m: Machine, function: Unknown, arguments: list[Value]) -> None:
    """``sys.stderr.write(text)``, if a call of something unknown is one."""
    if function.path == f"{STREAM}.write" and arguments:
        hear(m, arguments[0])


def hear(m: Machine, text: Value) -> None:
    """Keep what was written last, as far as it is known and says anything."""
    if not m.possible:
        lines = (line.strip() for line in text.splitlines()) if type(text) is str else ()
        m.family.complaint = next((line[:LONGEST] for line in lines if line), m.family.complaint)


def format_exc(m: Machine, frame: Frame, arguments: list[Value], keywords: dict[str, Value]) -> Value:
    """``traceback.format_exc()`` without the frames: the exception that is being handled."""
    active: Frame | None = frame
    while active is not None and active.handling is None:
        active = active.caller
    raised: Any = None if active is None else active.handling.value
    if type(raised) is not Instance:
        return Unknown("traceback.format_exc()")
    text = m.text(raised, frame)
    shown = f"{raised.cls.name}: {text}" if type(text) is str and text else raised.cls.name
    return f"Traceback (most recent call last):\n{shown}\n"


def traceback(m: Machine, module: Module) -> None:
    """The text of an exception, without the frames that nobody computes with."""
    module.ns["format_exc"] = Native("format_exc", format_exc, "traceback")
