"""Runs inside a target interpreter with eventlet: print what ``monkey_patch`` replaces and imports, as JSON.

usage: python -I -S eventlet_patches.py FOLDER

FOLDER is put on ``sys.path``.  Every call is made in a forked child of its own.
One row per call: [keywords, [[module, replaced, removed], ...], imports, error].
"""

import itertools
import json
import os
import sys

sys.path.insert(0, sys.argv[1])
import eventlet

GREEN = {"queue": "Queue", "_thread": "thread", "builtins": "builtin"}
MODULES = ["os", "select", "selectors", "socket", "ssl", "queue", "_thread", "threading", "time", "builtins"]
MODULES += ["subprocess", "importlib._bootstrap"]
FLAGS = ["os", "select", "socket", "thread", "time", "psycopg", "MySQLdb", "builtins", "subprocess"]
MISSING = object()


class Recorder:
    def __init__(self):
        self.direct = []

    def find_spec(self, name, path=None, target=None):
        running = (getattr(module, "__spec__", None) for module in list(sys.modules.values()))
        if name not in self.direct and not any(getattr(spec, "_initializing", False) for spec in running):
            self.direct.append(name)


def calls():
    yield {}
    for flag in [*FLAGS, "all"]:
        yield {flag: True}
        yield {flag: False}
    for one, other in itertools.combinations(FLAGS, 2):
        yield {one: True, other: True}
        yield {one: True, other: False}
        yield {one: False, other: False}
    yield {"all": True, "os": False}
    yield {"all": False, "os": True}


def changes(before):
    rows = []
    for module in MODULES:
        now = vars(sys.modules[module])
        green = sys.modules.get("eventlet.green." + GREEN.get(module, module))
        listed = list(getattr(green, "__patched__", ()))
        names = [*listed, *sorted(set(before[module]) - set(listed))]
        changed = [
            name for name in names if name in before[module] and now.get(name, MISSING) is not before[module][name]
        ]
        gone = [name for name in changed if name not in now]
        if changed:
            rows.append([module, [name for name in changed if name not in gone], gone])
    return rows


def perform(keywords):
    before = {module: dict(vars(sys.modules[module])) for module in MODULES}
    recorder = Recorder()
    sys.meta_path.insert(0, recorder)
    error = None
    try:
        eventlet.monkey_patch(**keywords)
    except Exception as problem:  # noqa: BLE001
        error = repr(problem)
    sys.meta_path.remove(recorder)
    return [keywords, changes(before), [found for found in recorder.direct if found in sys.modules], error]


def in_child(keywords):
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        write, leave, encode = os.write, os._exit, json.dumps
        text = encode(perform(keywords)).encode()
        while text:
            text = text[write(writer, text) :]
        leave(0)
    os.close(writer)
    with os.fdopen(reader) as stream:
        text = stream.read()
    os.waitpid(child, 0)
    return json.loads(text)


def main():
    for module in MODULES:
        __import__(module)
    sys.stdout.write(json.dumps([in_child(keywords) for keywords in calls()]))


main()
