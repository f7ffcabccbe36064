"""The target interpreter: its version, where it searches, what ``site`` adds, what is installed.

It is asked a few plain facts about itself and never runs anybody's code for us.
"""

from patchlint.environment.choose import find_python
from patchlint.environment.distributions import Distribution, distributions, distributions_in, normalised, version_of
from patchlint.environment.inspection import inspect_target
from patchlint.environment.target import Target

__all__ = [
    "Distribution",
    "Target",
    "distributions",
    "distributions_in",
    "find_python",
    "inspect_target",
    "normalised",
    "version_of",
]
