"""``sys``, ``os``, ``posixpath`` and the file system, as far as the target shows them statically."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from patchlint.machine import complaints, executing, hosts, processes, restarting
from patchlint.machine.frames import Frame
from patchlint.machine.natives.builtins import new_type
from patchlint.machine.values import (
    HOST_TYPES,
    MISSING,
    Class,
    Generator,
    Instance,
    Module,
    Native,
    Structure,
    Unknown,
    Value,
    VersionInfo,
    join,
)

if TYPE_CHECKING:
    from patchlint.machine.core import Machine

Arguments = list[Value]
Keywords = dict[str, Value]


class Flags(Structure):
    """``sys.flags``."""

    fields = (
        ("debug", "inspect", "interactive", "optimize", "dont_write_bytecode", "no_user_site", "no_site")
        + ("ignore_environment", "verbose", "bytes_warning", "quiet", "hash_randomization", "isolated", "dev_mode")
        + ("utf8_mode", "warn_default_encoding", "safe_path", "int_max_str_digits")
    )


PLAIN_FLAGS = (0,) * 11 + (1, 0, False, 0, 0, False, 4300)
"""``sys.flags`` of an interpreter started without options."""


class UnameResult(Structure):
    """``os.uname()``."""

    fields = ("sysname", "nodename", "release", "version", "machine")


def sys(m: Machine, module: Module) -> None:
    """What the target interpreter's ``sys`` holds."""
    target, ns = m.world.target, module.ns
    version = VersionInfo((*target.version[:3], "final", 0))
    text = ".".join(map(str, target.version[:3]))
    m.host_classes[Flags] = m.host_classes[UnameResult] = m.types["tuple"]
    ns.update(
        modules=m.modules,
        path=m.sys_path,
        meta_path=m.meta_path,
        path_hooks=[Unknown("path hook")],
        path_importer_cache={},
        version_info=version,
        version=f"{text} (main) [GCC]",
        hexversion=(version[0] << 24) | (version[1] << 16) | (version[2] << 8) | 0xF0,
        platform=target.platform,
        byteorder="little",
        maxsize=2**63 - 1,
        maxunicode=0x10FFFF,
        executable=target.executable,
        _base_executable=target.executable,
        prefix=target.prefix,
        exec_prefix=target.prefix,
        base_prefix=target.base_prefix,
        base_exec_prefix=target.base_prefix,
        argv=[""],
        orig_argv=[target.executable, ""],
        flags=Flags(PLAIN_FLAGS),
        warnoptions=[],
        _xoptions={},
        dont_write_bytecode=False,
        pycache_prefix=None,
        copyright="",
        api_version=1013,
        abiflags="",
        builtin_module_names=tuple(sorted(target.builtin_names)),
        platlibdir="lib",
        tracebacklimit=1000,
        stderr=Unknown(complaints.STREAM),
    )
    ns.pop("tracebacklimit")
    implementation = Instance(new_type(m, "SimpleNamespace", "types"))
    tag = f"cpython-{version[0]}{version[1]}"
    implementation.ns.update(name="cpython", cache_tag=tag, version=version, hexversion=ns["hexversion"])
    implementation.ns["_multiarch"] = "x86_64-linux-gnu"
    ns["implementation"] = implementation
    for name, call in _SYS_FUNCTIONS.items():
        ns[name] = Native(name, call, "sys")
    for name in ("ps1", "ps2", "last_type", "last_value", "last_traceback", "last_exc", "gettotalrefcount"):
        ns.pop(name, None)
    module.is_open = False


def _exit(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    raise m.error("SystemExit", *arguments)


def _exc_info(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    active: Frame | None = frame
    while active is not None:
        if active.handling is not None:
            value = active.handling.value
            return (m.class_of(value), value, Unknown("traceback"))
        active = active.caller
    return (None, None, None)


def _current_exception(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    return _exc_info(m, frame, [], {})[1]


def _get_frame(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    depth = arguments[0] if arguments else 0
    if type(depth) is not int:
        return Unknown("frame")
    current: Frame | None = frame
    for _ in range(depth):
        current = None if current is None else _outer(current)
    if current is None:
        raise m.error("ValueError", "call stack is not deep enough")
    return frame_object(m, current)


def _outer(frame: Frame) -> Frame | None:
    caller = frame.caller
    while caller is not None and type(frame.function) is list and caller.function is frame.function:
        caller = caller.caller
    return caller


def frame_object(m: Machine, frame: Frame) -> Instance:
    """A frame object, its caller made when it is asked for."""
    cls = frame_type(m)
    made = Instance(cls, MISSING)
    code = Instance(m.types["code"])
    code.ns.update(co_name=frame.what or "<module>", co_filename=frame.path, co_flags=0)
    made.ns.update(f_globals=frame.globals, f_locals=frame.locals, f_lineno=frame.line, f_code=code)
    made.ns.update(f_builtins=m.builtins, f_trace=None)
    made.ns[" frame"] = frame
    return made


def frame_type(m: Machine) -> Class:
    """The class of frames, ``types.FrameType``."""
    if "frame" in m.types:
        return m.types["frame"]
    from patchlint.machine.values import Property

    cls = new_type(m, "frame", "builtins")
    cls.ns["f_back"] = Property(Native("f_back", _frame_back))
    return cls


def _frame_back(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    outer = _outer(arguments[0].ns[" frame"])
    return None if outer is None else frame_object(m, outer)


def _constant(value: Value) -> Callable[..., Value]:
    return lambda m, frame, arguments, keywords: value


def _set_recursion_limit(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    """Where it may or may not be set, the higher limit counts: a program is taken for one that starts."""
    limit = arguments[0] if arguments else None
    if type(limit) is int and limit > 0:
        m.nesting.limit = max(limit, m.nesting.limit) if m.possible else limit
    return None


_SYS_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "exit": _exit,
    "exc_info": _exc_info,
    "exception": _current_exception,
    "_getframe": _get_frame,
    "intern": lambda m, f, a, k: a[0],
    "getdefaultencoding": _constant("utf-8"),
    "getfilesystemencoding": _constant("utf-8"),
    "getfilesystemencodeerrors": _constant("surrogateescape"),
    "getrecursionlimit": lambda m, f, a, k: m.nesting.limit,
    "setrecursionlimit": _set_recursion_limit,
    "getswitchinterval": _constant(0.005),
    "getrefcount": _constant(2),
    "getsizeof": lambda m, f, a, k: Unknown("getsizeof()"),
    "gettrace": _constant(None),
    "settrace": _constant(None),
    "getprofile": _constant(None),
    "setprofile": _constant(None),
    "is_finalizing": _constant(False),
    "_is_gil_enabled": _constant(True),
    "audit": _constant(None),
    "addaudithook": _constant(None),
    "_getframemodulename": lambda m, f, a, k: _module_name_of(m, f, a),
    "displayhook": _constant(None),
    "excepthook": _constant(None),
    "unraisablehook": _constant(None),
    "get_asyncgen_hooks": lambda m, f, a, k: Unknown("hooks"),
    "set_asyncgen_hooks": _constant(None),
    "get_coroutine_origin_tracking_depth": _constant(0),
}


def _module_name_of(m: Machine, frame: Frame, arguments: Arguments) -> Value:
    depth = arguments[0] if arguments and type(arguments[0]) is int else 0
    current: Frame | None = frame
    for _ in range(depth):
        current = None if current is None else _outer(current)
    return None if current is None else current.globals.get("__name__")


# os -------------------------------------------------------------------------------------------------------
def os_(m: Machine, module: Module) -> None:
    """The environment and the functions that read folders."""
    ns = module.ns
    target = m.world.target
    search = os.pathsep.join((os.path.join(target.prefix, "bin"), "/usr/local/bin", "/usr/bin", "/bin"))
    environ = Instance(_environ_type(m), {"PWD": m.world.cwd, "PATH": search, **m.world.environ})
    ns["environ"] = environ
    ns["getenv"] = Native("getenv", lambda m, f, a, k: _environ_get(m, f, [environ, *a], k), "os")
    ns["getcwd"] = Native("getcwd", lambda m, f, a, k: m.world.cwd, "os")
    ns["fspath"] = Native("fspath", _fspath, "os")
    ns["listdir"] = Native("listdir", _list_folder, "os")
    ns["walk"] = Native("walk", _walk, "os")
    ns["scandir"] = Native("scandir", lambda m, f, a, k: Unknown("scandir()"), "os")
    ns["uname"] = Native("uname", lambda m, f, a, k: UnameResult(("Linux", "host", "6.1.0", "#1 SMP", "x86_64")), "os")
    ns["getpid"] = Native("getpid", lambda m, f, a, k: Unknown("getpid()"), "os")
    ns["getppid"] = Native("getppid", lambda m, f, a, k: processes.PID - 1, "os")  # it is not init that starts it
    ns["cpu_count"] = Native("cpu_count", lambda m, f, a, k: 4, "os")
    for owner in (module, m.modules.get("posix")):
        if type(owner) is Module:
            executing.install(m, owner)
            processes.install(m, owner)
    ns["register_at_fork"] = Native("register_at_fork", lambda m, f, a, k: None, "os")


def _environ_type(m: Machine) -> Class:
    cls = new_type(m, "_Environ", "os", m.types["dict"])
    cls.ns["get"] = Native("get", _environ_get, "os", binds=True)
    cls.ns["__getitem__"] = Native("__getitem__", _environ_item, "os", binds=True)
    cls.ns["__contains__"] = Native("__contains__", _environ_contains, "os", binds=True)
    cls.ns["setdefault"] = Native("setdefault", _environ_setdefault, "os", binds=True)
    cls.ns["pop"] = Native("pop", _environ_pop, "os", binds=True)
    cls.ns["__delitem__"] = Native("__delitem__", _environ_pop, "os", binds=True)
    return cls


_ALWAYS_SET = frozenset(("PATH", "HOME", "USER", "LANG", "SHELL", "TERM", "LOGNAME"))


def _environ_known(m: Machine, frame: Frame, owner: Instance, key: Value) -> Value:
    """A variable's value; MISSING where it is surely not set.

    What a library asks for is taken not to be set, as in a plain environment; what the program's
    own code asks for may be set or not, but where it names a default, that is what it runs with.
    """
    if type(key) is not str:
        return Unknown("environ")
    value = owner.payload.get(key, MISSING)
    if value is MISSING and (key in restarting.MARKS.values() or _REMOVED + key in owner.ns):
        return MISSING  # a reloader sets it, and nobody else; or the program has taken it out
    if value is MISSING and (key in _ALWAYS_SET or m.is_first_party(frame.path) or _is_of_wrapper(m, frame.path)):
        return Unknown(f"environ[{key!r}]")
    return value


def _is_of_wrapper(m: Machine, path: str | None) -> bool:
    """Whether a file was put in the program's way by the command that wraps it, which is configured like this."""
    return path is not None and path.startswith(m.world.wrapper)


def _environ_get(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    default = arguments[2] if len(arguments) > 2 else keywords.get("default")
    value = _environ_known(m, frame, arguments[0], arguments[1] if len(arguments) > 1 else keywords.get("key"))
    if value is MISSING:
        return default
    if type(value) is Unknown:
        return join(default, value) if default is None else default
    return value


def _environ_item(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    value = _environ_known(m, frame, arguments[0], arguments[1])
    if value is MISSING:
        raise m.error("KeyError", arguments[1])
    return value


def _environ_contains(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    value = _environ_known(m, frame, arguments[0], arguments[1])
    return Unknown("in environ") if type(value) is Unknown else value is not MISSING


def _environ_setdefault(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    value = _environ_known(m, frame, arguments[0], arguments[1])
    if value is MISSING or type(value) is Unknown:
        if m.journal is not None:
            m.journal.note_container(arguments[0].payload)
        arguments[0].payload[arguments[1]] = arguments[2]
        return arguments[2]
    return value


_REMOVED = " removed "
"""Before the name of a variable in the names of ``os.environ``: the program has removed it."""


def _environ_pop(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    """``pop`` and ``del``: from then on the variable is not set."""
    owner, key = arguments[:2]
    value = _environ_known(m, frame, owner, key)
    if type(key) is str:
        m.bind(owner.ns, _REMOVED + key, True)
        if key in owner.payload:
            m.unbind(owner.payload, key)
    if value is MISSING and len(arguments) < 3:
        raise m.error("KeyError", key)
    return arguments[2] if value is MISSING else value


def _fspath(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    value = arguments[0]
    if type(value) in (str, bytes):
        return value
    if type(value) is Instance:
        method = m.class_attribute(value.cls, "__fspath__")
        if method is not MISSING:
            return m.call(m.bound(method, value, value.cls, frame), [], {}, frame)
        if isinstance(value.payload, str):
            return value.payload
        if not value.cls.is_open:
            raise m.error("TypeError", "expected str, bytes or os.PathLike object")
    if type(value) in HOST_TYPES:
        raise m.error("TypeError", "expected str, bytes or os.PathLike object")
    return Unknown("fspath()")


def _list_folder(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    path = _fspath(m, frame, arguments, {}) if arguments else m.world.cwd
    names = m.world.reader.list_folder(path) if type(path) is str else None
    if names is None:
        if type(path) is str and not os.path.isdir(path):
            raise m.error("FileNotFoundError", 2, "No such file or directory")
        return Unknown("listdir()")
    return list(names)


def _walk(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    path = _fspath(m, frame, arguments, {})
    if type(path) is not str or not m.may_read(path):
        return Unknown("walk()")
    return Generator((root, folders, files) for root, folders, files in os.walk(path))


# posixpath ------------------------------------------------------------------------------------------------
def paths(m: Machine, module: Module) -> None:
    """Path arithmetic on known strings, and questions to the target's files."""
    pure = ("join", "dirname", "basename", "split", "splitext", "normpath", "isabs", "commonprefix", "normcase")
    for name in (*pure, "splitdrive", "commonpath"):
        module.ns[name] = Native(name, _pure_path(getattr(posixpath, name)), "posixpath")
    for name in ("abspath", "realpath"):
        module.ns[name] = Native(name, _absolute, "posixpath")
    if "splitroot" in module.ns:
        module.ns["splitroot"] = Native("splitroot", _pure_path(split_root), "posixpath")
    module.ns["relpath"] = Native("relpath", _pure_path(posixpath.relpath), "posixpath")
    for name, test in (("exists", os.path.exists), ("isfile", os.path.isfile), ("isdir", os.path.isdir)):
        module.ns[name] = Native(name, _question(test), "posixpath")
    module.ns["lexists"] = module.ns["exists"]
    module.ns["islink"] = Native("islink", _question(os.path.islink), "posixpath")
    for name in ("expanduser", "expandvars"):
        module.ns[name] = Native(name, _expand, "posixpath")
    for name in ("getmtime", "getsize", "getctime", "getatime", "samefile", "ismount"):
        module.ns[name] = Native(name, lambda m, f, a, k: Unknown("stat"), "posixpath")


def split_root(path: str) -> tuple[str, str, str]:
    """``posixpath.splitroot``, which the interpreter that runs patchlint may not have: two slashes are a root too."""
    slashes = len(path) - len(path.lstrip("/"))
    root = path[:2] if slashes == 2 else path[: min(slashes, 1)]
    return "", root, path[len(root) :]


def _plain(m: Machine, frame: Frame, value: Value) -> Value:
    if type(value) is Instance:
        return _fspath(m, frame, [value], {})
    return value


def _pure_path(function: Callable[..., Any]) -> Callable[..., Value]:
    def call(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
        values = [_plain(m, frame, argument) for argument in arguments]
        if any(type(value) not in HOST_TYPES for value in values):
            if function is posixpath.splitext or function is posixpath.split or function is posixpath.splitdrive:
                return (Unknown("path"), Unknown("path"))
            return Unknown(f"path.{function.__name__}()")
        if any(type(v) is list and any(type(i) is not str for i in v) for v in values):
            return Unknown("path")
        return hosts.run_host(m, lambda: function(*values), values)

    return call


def _absolute(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    value = _plain(m, frame, arguments[0])
    if type(value) is not str:
        return Unknown("path")
    return posixpath.normpath(posixpath.join(m.world.cwd, value))


_OF_FILES: Final = (os.path.exists, os.path.isfile)
"""Questions that are answered yes for a file that a proposal would make."""


def _question(test: Callable[[str], bool]) -> Callable[..., Value]:
    def call(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
        value = _plain(m, frame, arguments[0])
        if type(value) is str and m.may_read(posixpath.join(m.world.cwd, value)):
            path = posixpath.join(m.world.cwd, value)
            return test(path) or (test in _OF_FILES and m.world.reader.stands_in(path))
        if type(value) is str and not m.is_first_party(frame.path):
            return False
        return Unknown("file test")

    return call


def adjust_path(m: Machine, cls: Class) -> None:
    """``pathlib.Path`` asks the system what ``os.path`` does."""
    for name, test in (("exists", os.path.exists), ("is_file", os.path.isfile), ("is_dir", os.path.isdir)):
        cls.ns[name] = Native(name, _question(test), "pathlib", binds=True)


def _expand(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    value = _plain(m, frame, arguments[0])
    if type(value) is str and "~" not in value and "$" not in value:
        return value
    return value.replace("~", "/home/user", 1) if type(value) is str else Unknown("path")


def commands(m: Machine, module: Module) -> None:
    """``shutil.which``: a command of the target environment is found there, as its folder leads the shell's path."""
    usual = module.ns.get("which")

    def which(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
        name = arguments[0] if arguments else None
        if type(name) is str and len(arguments) == 1 and not keywords and os.path.basename(name) == name:
            path = os.path.join(m.world.target.prefix, "bin", name)
            if name and os.path.isfile(path):
                return path
        return m.call(usual, arguments, keywords, frame)

    if usual is not None:
        module.ns["which"] = Native("which", which, "shutil")
