"""What gevent's MonkeyPatchWarning names."""

from __future__ import annotations

import ast
import re

MODULES = "Modules that had direct imports"
SUBCLASSES = "Subclasses"


def warned(errors: str, heading: str) -> set[str]:
    """The names under a heading of the warnings in what a program wrote to the standard error."""
    found: set[str] = set()
    for items in re.findall(re.escape(heading) + r" \(NOT patched\): (\[.*?\])\.(?:\s|$)", errors):
        found.update(str(item).partition(" (")[0] for item in ast.literal_eval(items))
    return found
