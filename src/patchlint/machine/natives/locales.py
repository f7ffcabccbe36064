"""``_locale``: which locale the interpreter has chosen when it started."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from patchlint.machine.frames import Frame
from patchlint.machine.values import Module, Native, Unknown, Value

if TYPE_CHECKING:
    from patchlint.machine.core import Machine


def locale_c(m: Machine, module: Module) -> None:
    """``setlocale`` that only asks; one that changes something is not followed."""
    module.ns["setlocale"] = Native("setlocale", _setlocale, "_locale")


def _setlocale(m: Machine, frame: Frame, arguments: list[Value], keywords: dict[str, Value]) -> Value:
    """Only LC_CTYPE is taken from the environment before a program asks for more; see PEP 538 for C and POSIX."""
    category, asked = [*arguments, None, None][:2]
    home = m.modules.get("_locale")
    if asked is not None or type(home) is not Module or type(category) is not int:
        return Unknown("setlocale()")
    return character_locale(m.world.environ) if category == home.ns.get("LC_CTYPE") else "C"


def character_locale(environ: Mapping[str, str]) -> str:
    """The name of the locale for characters."""
    everywhere = environ.get("LC_ALL")
    if everywhere:
        return "C" if everywhere == "POSIX" else everywhere
    named = environ.get("LC_CTYPE") or environ.get("LANG") or "C"
    return "C.UTF-8" if named in ("C", "POSIX") else named
