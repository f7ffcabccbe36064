"""A loader that wraps another one loads modules within modules, on a branch that cannot be decided, too."""

from __future__ import annotations

LOADER = """
import random, sys
from importlib.machinery import PathFinder

class Loader:
    def __init__(self, inner):
        self.inner = inner
    def create_module(self, spec):
        return self.inner.create_module(spec)
    def exec_module(self, module):
        self.inner.exec_module(module)

class Finder:
    def find_spec(self, name, path, target=None):
        spec = PathFinder.find_spec(name, path)
        if spec is not None:
            spec.loader = Loader(spec.loader)
        return spec

sys.meta_path.insert(0, Finder())
if random.random() > 0.5:
    import m0
"""


def test_each_is_executed(play):
    files = {f"m{number}.py": f"import m{number + 1}" for number in range(8)}
    played = play({"main.py": LOADER, **files, "m8.py": "import last", "last.py": ""})
    assert "last" in played.modules()
