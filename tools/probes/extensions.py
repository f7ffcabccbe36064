"""Runs inside a target interpreter (3.7 and later): print what its extension modules hold, as JSON.

usage: python -I -S extensions.py MODULE...
"""

import importlib
import json
import sys
import types
import warnings

FROZEN_HOMES = ("_frozen_importlib", "_frozen_importlib_external")
SKIPPED = {
    *("__builtins__", "__cached__", "__doc__", "__file__", "__loader__", "__name__", "__package__", "__path__"),
    "__spec__",
}
"""What the import system sets by itself."""

ENVIRONMENT = {
    "time": {"altzone", "daylight", "timezone", "tzname"},
    "sys": {
        *("_base_executable", "_framework", "_git", "_home", "_stdlib_dir", "abiflags", "argv", "base_exec_prefix"),
        *("base_prefix", "dont_write_bytecode", "exec_prefix", "executable", "hexversion", "orig_argv", "path"),
        *("platlibdir", "prefix", "pycache_prefix", "version", "version_info", "warnoptions"),
    },
}
"""Constants that differ from one installation or run to the next: only their type is kept."""

FUNCTIONS = (types.BuiltinFunctionType, types.FunctionType, types.MethodType, type(len.__call__), type(str.join))
LONGEST = 400


def load(names):
    found = {}
    for name in names:
        try:
            found[name] = importlib.import_module(name)
        except ImportError:
            continue
    for name in FROZEN_HOMES:
        found[name] = sys.modules[name]
    for name, module in list(found.items()):
        for attribute, value in vars(module).items():
            inner = name + "." + attribute
            if type(value) is types.ModuleType and not hasattr(value, "__file__") and value.__name__ == inner:
                found[inner] = value
    return found


def path_of(cls):
    module = cls.__dict__.get("__module__")
    if not isinstance(module, str):
        module = type.__getattribute__(cls, "__module__")
    return module + "." + cls.__qualname__


def constant(value, depth=0):
    """A JSON row for a constant, or None."""
    kind = type(value)
    if value is None or kind is bool or kind is int:
        return ["k", value]
    if kind is float:
        return ["z", repr(value)]
    if kind is str:
        return ["k", value] if len(value) <= LONGEST else None
    if kind is bytes:
        return ["y", value.hex()] if len(value) <= LONGEST else None
    if kind is tuple and len(value) <= 8 and not depth:
        parts = [constant(item, 1) for item in value]
        return None if None in parts or any(part[0] != "k" for part in parts) else ["t", [part[1] for part in parts]]
    return None


class Dump:
    def __init__(self, modules):
        self.modules = modules
        values = [value for module in modules.values() for value in vars(module).values()]
        self.exposed = {id(value) for value in values if isinstance(value, type)}
        self.hidden = {}
        self.homes = {}
        ordered = sorted(modules, key=lambda name: (name != "builtins", name.startswith("_frozen"), "." in name))
        for own in (True, False):
            for name in ordered:
                for attribute, value in self.members(name):
                    if own == (name in ("builtins", getattr(value, "__module__", None))):
                        self.homes.setdefault(id(value), (name, attribute))

    def members(self, name):
        """The names of a module, those under which an object calls itself first."""
        items = [(k, v) for k, v in vars(self.modules[name]).items() if k not in SKIPPED]
        own = [(k, v) for k, v in items if getattr(v, "__name__", None) == k and not isinstance(v, types.ModuleType)]
        names = {k for k, _ in own}
        return own + [(k, v) for k, v in items if k not in names]

    def module(self, name):
        seen = {}
        rows = {}
        for attribute, value in self.members(name):
            rows[attribute] = self.row(name, attribute, value, seen)
        return rows

    def row(self, module, attribute, value, seen):
        if isinstance(value, types.ModuleType):
            return ["m", value.__name__]
        known = constant(value)
        if known is not None:
            return known if attribute not in ENVIRONMENT.get(module, ()) else ["i", self.type_of(value)]
        if type(value) in (int, float, str, bytes, tuple):
            return ["i", self.type_of(value)]
        if id(value) in seen:
            return ["s", seen[id(value)]]
        seen[id(value)] = attribute
        if isinstance(value, type):
            return self.class_row(value)
        home = self.homes[id(value)]
        if home[0] != module:
            return ["s", home[0] + "." + home[1]]
        return ["f"] if isinstance(value, FUNCTIONS) else ["i", self.type_of(value)]

    def type_of(self, value):
        cls = type(value)
        self.hide(cls)
        return path_of(cls)

    def class_row(self, cls):
        for base in cls.__bases__:
            self.hide(base)
        if type(cls) is not type:
            self.hide(type(cls))
        members = [] if cls.__module__ == "builtins" and id(cls) in self.exposed else list(vars(cls))
        row = ["c", path_of(cls), [path_of(base) for base in cls.__bases__], members]
        return row if type(cls) is type else [*row, path_of(type(cls))]

    def hide(self, cls):
        """Keep a class that no module names, and its bases."""
        path = path_of(cls)
        if id(cls) in self.exposed or path in self.hidden:
            return
        self.hidden[path] = None
        self.hidden[path] = self.class_row(cls)


def builtin_members(names):
    """The classes of ``builtins`` with their members: written once, there."""
    return {name: list(vars(value)) for name, value in names.items() if isinstance(value, type)}


def main(names):
    warnings.simplefilter("ignore")
    dump = Dump(load(names))
    modules = {name: dump.module(name) for name in sorted(dump.modules)}
    members = builtin_members(vars(dump.modules["builtins"]))
    for name, row in modules["builtins"].items():
        if row[0] == "c" and row[1] == "builtins." + name:
            row[3] = members[name]
    by_path = {}
    for name, module in dump.modules.items():
        for value in vars(module).values():
            if isinstance(value, type) and by_path.setdefault(path_of(value), value) is not value:
                sys.stderr.write(f"two classes of one path: {path_of(value)} in {name}\n")
    json.dump({"modules": modules, "hidden": dump.hidden}, sys.stdout)


main(sys.argv[1:])
