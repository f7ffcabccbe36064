"""What compiled modules of libraries tell about the interpreter that they were built for: plain values by module."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_CONSTANTS: Final[Mapping[str, Mapping[str, bool]]] = {
    "granian._granian": {"BUILD_GIL": True},  # the other kind of interpreter has no gevent
}


def constants(module: str) -> Mapping[str, bool]:
    """The values by name; none for a module that nothing is known of."""
    return _CONSTANTS.get(module, MappingProxyType({}))
