"""Runs inside a target interpreter with gevent: print what each patch call replaces and imports, as JSON.

usage: python -I -S gevent_patches.py FOLDER [--loaded] [--pairs]

FOLDER is put on ``sys.path``.  Every call is made in a forked child of its own, once ``gevent.monkey``
is imported.  With ``--loaded`` the modules that may be patched have been imported before; with ``--pairs``
every two keywords are tried together, too.
One row per call: [function, keywords, [[module, replaced, removed], ...], [[import, count], ...], error].
The modules, and the names in each, are in the order in which gevent saved the originals; ``count`` is how
many modules had been patched when an import that the call itself makes began.
"""

import inspect
import itertools
import json
import os
import sys

sys.path.insert(0, sys.argv[1])
from gevent import monkey

MODULES = "os time threading _threading_local socket select selectors ssl subprocess signal queue logging contextvars"
MISSING = object()


class Recorder:
    """A finder that finds nothing, but sees in which order imports begin, and which are the call's own."""

    def __init__(self):
        self.began = []
        self.direct = []

    def find_spec(self, name, path=None, target=None):
        if name not in self.began:
            self.began.append(name)
            running = (getattr(module, "__spec__", None) for module in list(sys.modules.values()))
            if not any(getattr(spec, "_initializing", False) for spec in running):
                self.direct.append([name, len([key for key in monkey.saved if not key.startswith("_gevent_saved")])])


def calls():
    for name in sorted(vars(monkey)):
        if name.startswith("patch_") and name not in ("patch_item", "patch_module"):
            yield from combinations(name, getattr(monkey, name))


def combinations(name, function):
    flags = {
        key: parameter.default
        for key, parameter in inspect.signature(function).parameters.items()
        if type(parameter.default) is bool and not (key.startswith("_") and key != "_threading_local")
    }
    for count in (0, 1, 2) if "--pairs" in sys.argv else (0, 1):
        for keys in itertools.combinations(flags, count):
            yield name, {key: not flags[key] for key in keys}


def saved():
    rows = []
    for module, names in monkey.saved.items():
        if module.startswith("_gevent_saved"):
            continue
        now = vars(sys.modules[module])
        gone = [name for name in names if now.get(name, MISSING) is MISSING]
        rows.append([module, [name for name in names if name not in gone], gone])
    return rows


def perform(name, keywords):
    recorder = Recorder()
    sys.meta_path.insert(0, recorder)
    error = None
    try:
        getattr(monkey, name)(**keywords)
    except Exception as problem:  # noqa: BLE001
        error = repr(problem)
    sys.meta_path.remove(recorder)
    return [name, keywords, saved(), [found for found in recorder.direct if found[0] in sys.modules], error]


def in_child(name, keywords):
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        write, leave, encode = os.write, os._exit, json.dumps
        text = encode(perform(name, keywords)).encode()
        while text:
            text = text[write(writer, text) :]
        leave(0)
    os.close(writer)
    with os.fdopen(reader) as stream:
        text = stream.read()
    os.waitpid(child, 0)
    return json.loads(text)


def main():
    if "--loaded" in sys.argv:
        for module in MODULES.split():
            __import__(module)
    sys.stdout.write(json.dumps([in_child(*call) for call in calls()]))


main()
