"""Runs inside a target interpreter (3.7 and later): print which modules an import brings along, as JSON.

usage: python -I -S imports.py MODULE [BEFORE ...]   the modules that MODULE imports itself, in order; those
                                                    before it are there already, and were imported without it
       python -I imports.py --startup        what has been imported before a program's first line, in order

``sys.modules`` tells in which order imports end, not in which order they begin; a finder that is asked
first and finds nothing sees them begin.  What a module in C imports is known from its calls of ``__import__``:
they name also what is there already.
"""

import builtins
import sys

AT_START = list(sys.modules)
ROOTS = ("zipimport", "encodings", "encodings.utf_8", "_signal", "encodings.latin_1", "io", "_bootlocale", "site")
"""What the interpreter's C code imports while it starts, in order, after the import system itself."""


class Recorder:
    def __init__(self, target):
        self.target = target
        self.began = []
        self.direct = []

    def find_spec(self, name, path=None, target=None):
        if name != self.target and name not in self.began:
            self.began.append(name)
            if not any(self.runs(key, module) for key, module in list(sys.modules.items())):
                self.direct.append(name)

    def runs(self, key, module):
        spec = getattr(module, "__spec__", None)
        return key != self.target and getattr(spec, "_initializing", False)


def record(target):
    recorder = Recorder(target)
    sys.meta_path.insert(0, recorder)
    return recorder


class Calls:
    """Stands for ``__import__``: notes the calls that no other call is around."""

    def __init__(self):
        self.original = builtins.__import__
        self.depth = 0
        self.names = []

    def __call__(self, name, *rest):
        if not self.depth and name not in self.names:
            self.names.append(name)
        self.depth += 1
        try:
            return self.original(name, *rest)
        finally:
            self.depth -= 1


def prepare(name, before):
    """Import modules that do without another one."""
    sys.modules[name] = None
    for other in before:
        try:
            __import__(other)
        except ImportError:
            continue
    del sys.modules[name]


def imported_by(name):
    recorder = record(name)
    calls = builtins.__import__ = Calls()
    calls.original(name)
    builtins.__import__ = calls.original
    sys.meta_path.remove(recorder)
    parents = {parent for called in calls.names for parent in parents_of(called)}
    others = [found for found in recorder.direct if found not in calls.names and found not in parents]
    return [found for found in [*calls.names, *others] if found in sys.modules]


def parents_of(name):
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts))]


def startup():
    """What was there from the start, then what comes again when the rest is thrown away."""
    first = []
    for name in AT_START:
        if name == "_frozen_importlib_external" and "_io" in first:
            break
        first.append(name)
    rest = [name for name in AT_START if name not in first and name not in ("_frozen_importlib_external", "__main__")]
    for name in rest:
        if name not in ("_signal", "_thread", "_weakref", "marshal", "posix", "_io"):
            del sys.modules[name]
    recorder = record("")
    for name in ROOTS:
        if name in rest:
            if name in sys.modules:
                recorder.began.append(name)
            __import__(name)
    sys.meta_path.remove(recorder)
    began = [name for name in recorder.began if name in sys.modules]
    kept = [name for name in rest if name not in began and sys.modules[name].__name__ == name]
    return [*first, "_frozen_importlib_external", *kept, *began]


if sys.argv[1] == "--startup":
    ANSWER = startup() if sys.version_info >= (3, 8) else [n for n in AT_START if n not in ("__main__", "os.path")]
else:
    if sys.argv[2:]:
        prepare(sys.argv[1], sys.argv[2:])
    ANSWER = imported_by(sys.argv[1])

import json  # noqa: E402

sys.stdout.write(json.dumps(ANSWER))
