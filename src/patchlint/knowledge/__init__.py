"""What is known of libraries and of the standard library without reading their source: tables and their loaders.

Nothing is read when this package is imported; every table is read when it is first asked.
"""

from __future__ import annotations

from patchlint.knowledge.extensions import (
    Entry,
    ExtensionModule,
    builtin_modules,
    builtin_names,
    extension,
    frozen,
    hidden_class,
    startup,
)
from patchlint.knowledge.harm import Harm, harm

__all__ = [
    "Entry",
    "ExtensionModule",
    "Harm",
    "builtin_modules",
    "builtin_names",
    "extension",
    "frozen",
    "harm",
    "hidden_class",
    "startup",
]
