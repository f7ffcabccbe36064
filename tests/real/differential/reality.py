"""What CPython and gevent really do with a program: run by the target Python, never imported by the tests.

    python reality.py run DRIVER ANSWER          run one driver in this very interpreter
    python reality.py modules ANSWER             write down which modules it has by then
    python reality.py serve [MODULE ...]         import the modules, then run each driver that a line of the
                                                 standard input names in a forked child: "DRIVER<tab>ANSWER"

The answer is JSON: ``executed``, the files of the modules that were executed without an exception, in the order
in which they began; ``patches``, for each ``patch_all`` the stale rows that it left, as (kind, module, name, origin),
or for a ``gevent.monkey`` that the driver itself imported those at its end; ``error``, the exception that ended it.

Until the driver ends nothing is imported that an interpreter without a program has not imported.
"""

import os
import sys

OF_THE_PATCHER = frozenset(
    ["gevent", "greenlet", "_socket", "_ssl", "_thread", "_queue", "_posixsubprocess", "_signal", "posix", "select"]
)
PLAIN = (int, float, str, bytes, bool, tuple, list, dict, set, frozenset, type(sys), type(None))
CLASS_DEPTH = 3
PATIENCE = 10.0

# The frames of the import system are left out of tracebacks and warnings by this name.
WATCH = """
def watch(executed, told, Source, Extension, Frozen):
    def watched(method, place):
        def wrapper(*arguments):
            entry = [arguments[place], True]
            executed.append(entry)
            try:
                made = method(*arguments)
            except BaseException:
                entry[1] = False
                raise
            if made is not None:
                entry[0] = made
            elif entry[0].__name__ in told:
                told[entry[0].__name__]()
            return made
        return wrapper

    Source.exec_module = watched(Source.exec_module, 1)
    Extension.create_module = watched(Extension.create_module, 1)
    Frozen.exec_module = staticmethod(watched(Frozen.exec_module, -1))
"""


def watch(told):
    """Have the import system note what it executes; answers the list of [module, whether it ended well].

    ``told`` has by the name of a module what is called once it was executed.
    """
    external = sys.modules["_frozen_importlib_external"]
    names = {}
    exec(compile(WATCH, "<frozen importlib._bootstrap_external>", "exec"), names)
    executed = []
    names["watch"](
        executed,
        told,
        external._LoaderBasics,
        external.ExtensionFileLoader,
        sys.modules["_frozen_importlib"].FrozenImporter,
    )
    return executed


# What a patch leaves behind -------------------------------------------------------------------------
def saved_originals():
    """What gevent replaced, by identity: the object, and the name that gevent keeps it under."""
    state = sys.modules.get("gevent.monkey._state") or sys.modules["gevent.monkey"]
    found = {}
    for module, items in state.saved.items():
        for name, value in items.items():
            replaced = getattr(sys.modules.get(module), name, None) is not value
            if replaced and not isinstance(value, PLAIN):
                found.setdefault(id(value), (value, module + "." + name))
    return found, frozenset(state.saved)


class Search:
    """The references to the originals that every loaded module holds; ``isinstance`` would wake what is lazy."""

    def __init__(self):
        self.originals, self.patched = saved_originals()
        self.rows = []
        self.seen = set()
        self.module = ""

    def everywhere(self):
        for key, module in list(sys.modules.items()):
            if not issubclass(type(module), type(sys)) or id(module) in self.seen:
                continue
            self.seen.add(id(module))
            self.module = module.__dict__.get("__name__", key)
            if not isinstance(self.module, str) or self.module in self.patched:
                continue
            if self.module.partition(".")[0] in OF_THE_PATCHER:
                continue
            for name, value in list(module.__dict__.items()):
                if isinstance(name, str) and not (name.startswith("__") and name.endswith("__")):
                    self.value(name, value, 0)
        return sorted(self.rows)

    def value(self, path, value, depth):
        if id(value) in self.originals:
            self.add("binding", path, value)
        elif issubclass(type(value), type):
            self.class_(path, value, depth)
        elif type(value) is type(watch):
            self.function(path, value)
        else:
            self.nearest("instance", path, type(value).__mro__)

    def class_(self, path, cls, depth):
        if cls.__module__ != self.module or id(cls) in self.seen:
            return
        self.seen.add(id(cls))
        self.nearest("subclass", path, cls.__mro__[1:])
        if depth < CLASS_DEPTH:
            for name, member in list(vars(cls).items()):
                inner = member.__func__ if isinstance(member, (staticmethod, classmethod)) else member
                self.value(path + "." + name, inner, depth + 1)

    def function(self, path, function):
        if function.__module__ != self.module or id(function) in self.seen:
            return
        self.seen.add(id(function))
        defaults = function.__defaults__ or ()
        positional = function.__code__.co_varnames[: function.__code__.co_argcount]
        named = list(zip(positional[len(positional) - len(defaults) :], defaults))
        for name, default in named + list((function.__kwdefaults__ or {}).items()):
            if id(default) in self.originals:
                self.add("binding", path + "(" + name + ")", default)

    def nearest(self, kind, path, classes):
        for base in classes:
            if id(base) in self.originals:
                self.add(kind, path, base)
                return

    def add(self, kind, path, original):
        self.rows.append([kind, self.module, path, self.originals[id(original)][1]])


# Running --------------------------------------------------------------------------------------------
def file_of(entry):
    """The file of a module that was executed well, as the module calls it at the end; None for all others."""
    module, well = entry
    file = module.__dict__.get("__file__") if well else None
    return file if isinstance(file, str) else None


def note_patches(patches):
    """After each ``patch_all`` look at what it left; gevent tells its subscribers."""
    events = sys.modules["gevent.events"]

    def told(event):
        if isinstance(event, events.GeventDidPatchAllEvent):
            patches.append(Search().everywhere())

    events.subscribers.append(told)


def run(driver, answer, executed, told):
    """Run a driver as ``__main__``, and write down what it did; of a fork, the process that patches tells."""
    main = type(sys)("__main__")
    main.__dict__.update(__file__=driver, __builtins__=sys.modules["builtins"], __cached__=None)
    sys.modules["__main__"] = main
    sys.path[0] = os.path.dirname(driver)
    sys.argv = [driver]
    del executed[:]
    result = {"error": None, "patches": []}
    told["gevent.events"] = lambda: note_patches(result["patches"])
    if "gevent.events" in sys.modules:
        told["gevent.events"]()
    with open(driver, "rb") as file:
        code = compile(file.read(), driver, "exec")
    try:
        exec(code, main.__dict__)
    except BaseException as error:
        result["error"] = "%s: %s" % (type(error).__name__, error)
    result["executed"] = [file for file in map(file_of, executed) if file]
    if "gevent.monkey" in sys.modules and not result["patches"]:
        result["patches"] = [Search().everywhere()]
    if result["patches"] or not os.path.exists(answer):
        import json

        with open(answer + ".part", "w") as file:
            json.dump(result, file)
        os.replace(answer + ".part", answer)  # the process may be ended while it writes


def serve(executed, told, modules):
    for name in modules:
        __import__(name)
    os.write(1, b"ready\n")
    for line in sys.stdin:
        driver, answer = line.rstrip("\n").split("\t")
        child = os.fork()
        if not child:
            quiet = os.open(os.devnull, os.O_RDWR)
            for number in (0, 1, 2):
                os.dup2(quiet, number)
            try:
                run(driver, answer, executed, told)
            finally:
                os._exit(0)
        wait(child)
        os.write(1, b"done\n")


def wait(child):
    """Wait for a child to end; one that takes too long is ended, and leaves no answer."""
    time, until = sys.modules["time"], PATIENCE
    while not os.waitpid(child, os.WNOHANG)[0]:
        time.sleep(0.001)
        until -= 0.001
        if until < 0:
            os.kill(child, 9)
            until = PATIENCE


if __name__ == "__main__":
    told = {}
    if sys.argv[1] == "serve":
        serve(watch(told), told, sys.argv[2:])
    elif sys.argv[1] == "modules":
        watch(told)
        loaded = sorted(sys.modules)
        import json

        with open(sys.argv[2], "w") as file:
            json.dump(loaded, file)
    else:
        run(sys.argv[2], sys.argv[3], watch(told), told)
        os._exit(0)
