"""What is known of libraries and of the standard library without reading their source: tables and their loaders.

Nothing is read when this package is imported; every table is read when it is first asked.
"""

from __future__ import annotations

from patchlint.knowledge.extensions import (
    ClassEntry,
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
from patchlint.knowledge.patches import ModulePatch, Replacement, known_version, patch_calls, replacement
from patchlint.knowledge.starters import Starter, Starters, starters

__all__ = [
    "ClassEntry",
    "Entry",
    "ExtensionModule",
    "Harm",
    "ModulePatch",
    "Replacement",
    "Starter",
    "Starters",
    "builtin_modules",
    "builtin_names",
    "extension",
    "frozen",
    "harm",
    "hidden_class",
    "known_version",
    "patch_calls",
    "replacement",
    "starters",
    "startup",
]
