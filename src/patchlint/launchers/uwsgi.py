"""uWSGI: a server in C, so its start-up is a plan and not its source.

The order was traced in uWSGI 2.0.31: shared imports, gevent's early patch, the application in the master unless it
is lazy, the fork, the hooks after it, a lazy application in each worker, and gevent's late patch when its loop starts.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from patchlint.launchers.uwsgi_options import Option, Options, Text, read, text_of
from patchlint.model.location import LAUNCH, Location
from patchlint.model.plan import (
    ApplyPatch,
    CallObject,
    Entrypoint,
    ForkAside,
    ForkStep,
    GetAttribute,
    ImportModule,
    InsertPath,
    LoadObject,
    Plan,
    ProvideModule,
    RunFile,
    Serve,
    SetArguments,
    Unclear,
)

_PATCH: Final = "gevent.monkey.patch_all"


def plan(
    words: Sequence[str],
    entrypoint: Entrypoint,
    variables: Mapping[str, str] = MappingProxyType({}),
    text: Text = text_of,
) -> Plan:
    """The steps of ``uwsgi [options]``; ``words`` begin with its own name, ``variables`` are its environment's.

    Raises SourceError where a configuration file that it names cannot be read.
    """
    options = read([*words[1:], *_of_environment(variables)], entrypoint.cwd, text, variables)
    for error in options.errors:
        raise error
    launch = entrypoint.origin or LAUNCH
    folder = _folder(options, entrypoint.cwd)
    is_lazy = options.is_on("lazy", "lazy-apps")
    yield SetArguments((words[0],))
    yield from _unclear(options)
    for path in (folder, *(os.path.join(folder, option.value) for option in options.all("pythonpath"))):
        yield InsertPath(path)
    module = yield ProvideModule("uwsgi")
    for option in options.all("shared-import"):
        yield from _imported(option, folder)
    early = options.last("gevent-early-monkey-patch")
    if early is not None and early.is_on:
        yield ApplyPatch("gevent", _PATCH, location=early.location or launch)
    if not is_lazy:
        yield from _application(options, folder)
    for name, child in (*_spoolers(options), *_mules(options)):
        if (yield ForkAside(name, "uwsgi", child.location or launch)):
            return (yield from _apart(child, options, module, folder))
    yield from _forked(options, launch)
    if is_lazy:
        yield from _application(options, folder)
    else:
        yield from _after_fork(module)
    yield from _loop(options, launch)


def _of_environment(variables: Mapping[str, str]) -> Iterator[str]:
    """``UWSGI_LAZY_APPS=1`` is ``--lazy-apps=1``; the command line comes first."""
    for name, value in variables.items():
        if name.startswith("UWSGI_"):
            yield f"--{name.removeprefix('UWSGI_').lower().replace('_', '-')}={value}"


def _folder(options: Options, cwd: str) -> str:
    return os.path.normpath(os.path.join(cwd, options.value("chdir") or ""))


def _unclear(options: Options) -> Plan:
    for option in options.undecided:
        yield Unclear(f"{option.name} = {option.value}", "whether it holds is not known", option.location)
    for option in options.found:
        if " " in option.name:
            yield Unclear(option.name, "this is no setting: write `name = value`", option.location)
        elif option.name == "<<":
            why = "uWSGI merges no mappings: it reads this as an option"
            yield Unclear(f"<<: {option.value}", why, option.location)
        elif option.unclear is not None and option.name in _LOADED:
            yield Unclear(f"{option.name} = {option.value}", f"{option.unclear} is not known", option.location)


_LOADED: Final = frozenset(
    ("module", "wsgi-file", "import", "shared-import", "chdir", "pythonpath", "ini", "mount", "processes")
)


def _application(options: Options, folder: str) -> Plan:
    """The imports, then what is served: a file, a module and its callable, or what is mounted."""
    for option in options.all("import"):
        yield from _imported(option, folder)
    for served in (options.last("wsgi-file"), options.last("module"), *options.all("mount")):
        if served is not None and served.unclear is None:
            yield from _served(served, folder)


def _served(option: Option, folder: str) -> Plan:
    spec = option.value.partition("=")[2] if option.name == "mount" else option.value
    module, colon, expression = spec.partition(":")
    if option.name == "wsgi-file" or spec.endswith((".py", ".wsgi")):
        yield from _file(os.path.join(folder, spec))
    elif colon:
        yield LoadObject(module, expression, option.location)
    else:
        yield ImportModule(spec, location=option.location)


def _imported(option: Option, folder: str) -> Plan:
    if option.unclear is not None:
        return
    if option.value.endswith(".py"):
        yield from _file(os.path.join(folder, option.value))
    else:
        yield ImportModule(option.value, location=option.location)


def _file(path: str) -> Plan:
    """A file is executed under a name that is made of its path."""
    yield RunFile(path, _name(path))


def _name(path: str) -> str:
    """What the module of a file is called."""
    return "uwsgi_file_" + re.sub(r"\W", "_", path)


def _spoolers(options: Options) -> list[tuple[str, Option]]:
    """One of them: all spoolers import the same."""
    return [("spooler", option) for option in options.all("spooler")[:1]]


def _mules(options: Options) -> list[tuple[str, Option]]:
    """Each runs code of its own, or none."""
    return [(f"mule {number}" if number > 1 else "mule", one) for number, one in enumerate(options.all("mule"), 1)]


def _apart(child: Option, options: Options, module: object, folder: str) -> Plan:
    """What a mule or a spooler runs, as it was forked: neither loads a lazy application, nor patches late."""
    yield from _after_fork(module)
    for code in [child] if child.name == "mule" else options.all("spooler-import"):
        if code.unclear is not None:
            yield Unclear(f"{code.name} = {code.value}", f"{code.unclear} is not known", code.location)
        elif code.value.endswith(".py"):
            yield RunFile(os.path.join(folder, code.value), "__main__" if child.name == "mule" else _name(code.value))
        elif ":" in code.value:
            name, _, function = code.value.partition(":")
            called = yield LoadObject(name, function, code.location)
            yield CallObject(called, what=f"{function}()", location=code.location)
        elif code.value and not code.value.isdigit():
            yield ImportModule(code.value, location=code.location)


def _forked(options: Options, launch: Location) -> Plan:
    processes = options.last("processes")
    count = int(processes.value) if processes is not None and processes.value.isdigit() else None
    if options.is_on("master") or processes is not None:
        where = processes.location if processes is not None else None
        yield ForkStep("worker", count or (1 if processes is None else None), "uwsgi", where or launch)


def _after_fork(module: object) -> Plan:
    """``uwsgi.post_fork_hook``, which ``uwsgidecorators.postfork`` sets; it is in the C module only when it is set."""
    hook = yield GetAttribute(module, "post_fork_hook")
    if hook is not None:
        yield CallObject(hook, what="uwsgi.post_fork_hook()")


def _loop(options: Options, launch: Location) -> Plan:
    gevent = options.last("gevent") or (options.last("loop") if options.value("loop") == "gevent" else None)
    late = options.last("gevent-monkey-patch")
    if late is not None and late.is_on and gevent is not None:
        yield ApplyPatch("gevent", _PATCH, location=late.location or launch)
    if gevent is not None:
        yield Serve("gevent", "uWSGI's gevent loop", gevent.location or launch)
