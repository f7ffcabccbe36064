"""Smaller pieces of the standard library that its source does not show, or only slowly."""

from __future__ import annotations

import errno
import fnmatch as host_fnmatch
import re as host_re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from patchlint.knowledge.starters import starters
from patchlint.machine import hosts, starting
from patchlint.machine.frames import Frame, Raised
from patchlint.machine.natives import codecs, late, system
from patchlint.machine.natives.builtins import new_type, pure
from patchlint.machine.values import (
    CONSTANTS,
    HOST_TYPES,
    MISSING,
    Class,
    Function,
    Instance,
    Method,
    Module,
    Native,
    Unknown,
    Value,
)
from patchlint.model import operations as op

if TYPE_CHECKING:
    from patchlint.machine.core import Machine

Arguments = list[Value]
Keywords = dict[str, Value]


def _nothing(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> None:
    return None


def _first(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    return arguments[0] if arguments else next(iter(keywords.values()), None)


# abc ------------------------------------------------------------------------------------------------------
def abc_c(m: Machine, module: Module) -> None:
    """``_abc``: registration; the checks are the machine's own."""
    for name in ("_abc_init", "_reset_caches", "_reset_registry"):
        module.ns[name] = Native(name, _nothing, "_abc")
    module.ns["_abc_register"] = Native("_abc_register", _register, "_abc")
    module.ns["get_cache_token"] = Native("get_cache_token", lambda m, f, a, k: 0, "_abc")


def adjust_abc(m: Machine, meta: Class) -> None:
    """``ABCMeta`` without the Python methods that only call C."""
    for name in ("__new__", "__instancecheck__", "__subclasscheck__"):
        meta.ns.pop(name, None)
    meta.ns["register"] = Native("register", _register, "abc", binds=True)
    m.types["ABCMeta"] = meta


def _register(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    cls, registered = arguments[0], arguments[1]
    if type(cls) is Class and type(registered) is Class:
        if cls.registered is None:
            cls.registered = []
            m.registering.append(cls)
        cls.registered.append(registered)
    return registered


# _thread and threading ------------------------------------------------------------------------------------
def thread_c(m: Machine, module: Module) -> None:
    """Locks: ``allocate_lock()`` gives a ``LockType``."""
    lock: Value = module.ns.get("LockType")
    if type(lock) is Class:
        if type(module.ns.get("allocate_lock")) is not Class:
            for name in ("allocate_lock", "allocate"):
                module.ns[name] = Native(name, lambda m, f, a, k: Instance(lock), "_thread")
    local: Value = module.ns.get("_local")
    if type(local) is Class:
        local.is_open = False  # it has what this thread has set, nothing else
    module.ns["get_ident"] = Native("get_ident", lambda m, f, a, k: m.thread, "_thread")
    module.ns["_set_sentinel"] = Native("_set_sentinel", lambda m, f, a, k: Instance(lock), "_thread")
    for name in ("start_new_thread", "start_new"):
        module.ns[name] = Native(name, _start_new_thread, "_thread")


def _start_new_thread(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    starter, _ = starters().by_call["_thread.start_new_thread"]
    starting.tell(m, starter, "started", "_thread.start_new_thread", arguments[0] if arguments else None, frame)
    return 2


def threading(m: Machine, module: Module) -> None:
    """Starting a thread is an event: what it runs is not followed."""
    module.ns["get_native_id"] = Native("get_native_id", lambda m, f, a, k: 1, "threading")


def execute_child(m: Machine, function: Function, arguments: Arguments, keywords: Keywords, frame: Frame) -> Value:
    """``subprocess.Popen._execute_child``: no process is started, what it would say is not known."""
    if function.module.name != "subprocess":
        return MISSING
    owner = arguments[0]
    if type(owner) is Instance:
        owner.ns.update(pid=Unknown("pid"), returncode=Unknown("returncode"))
    return None


def signal_c(m: Machine, module: Module) -> None:
    """Handlers are set, never called."""
    for name in ("signal", "set_wakeup_fd", "siginterrupt", "setitimer", "alarm"):
        if name in module.ns:
            module.ns[name] = Native(name, lambda m, f, a, k: Unknown("signal"), "_signal")


def _sleep(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> None:
    """It takes no time here."""
    m.family.has_waited = True


def time_c(m: Machine, module: Module) -> None:
    """Clocks are not known."""
    module.ns["sleep"] = Native("sleep", _sleep, "time")
    module.ns["strptime"] = Native("strptime", late.parse_time, "time")


def socket_c(m: Machine, module: Module) -> None:
    """The machine has a name, whatever it is."""
    module.ns["gethostname"] = Native("gethostname", lambda m, f, a, k: "host", "_socket")
    module.ns["getaddrinfo"] = Native("getaddrinfo", _addresses, "_socket")


def _addresses(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    """A host's name is encoded by ``idna``; no subclass of ``int`` is a port (Modules/socketmodule.c)."""
    host, port = (*arguments, None, None)[:2]
    if type(host) is str:
        codecs.load(m, "idna", frame)
    if type(port) is Instance and type(port.payload) is int:
        raise m.error("OSError", "Int or String expected")
    return Unknown("getaddrinfo()")


def socket_of_stream(m: Machine, function: Function, arguments: Arguments, keywords: Keywords, frame: Frame) -> Value:
    """``socket.fromfd``: a program that goes into the background asks whether inetd started it. It did not."""
    first = arguments[0] if arguments else None
    is_stream = (
        first in (0, 1, 2)
        if type(first) is int
        else type(first) is Unknown and first.path.endswith("TextIOWrapper.fileno()")
    )
    if is_stream and function.module.name == "socket":
        raise m.error("OSError", errno.ENOTSOCK, "Socket operation on non-socket")
    return MISSING


def atexit(m: Machine, module: Module) -> None:
    """``atexit.register`` answers its argument, so it is used as a decorator."""
    module.ns["register"] = Native("register", _first, "atexit")
    module.ns["unregister"] = starting.unregister()


def imp_c(m: Machine, module: Module) -> None:
    """``_imp``."""
    module.ns["acquire_lock"] = module.ns["release_lock"] = Native("acquire_lock", _nothing, "_imp")
    module.ns["extension_suffixes"] = Native(
        "extension_suffixes", lambda m, f, a, k: list(m.world.target.extension_suffixes), "_imp"
    )
    module.ns["is_builtin"] = Native("is_builtin", lambda m, f, a, k: int(a[0] in m.world.target.builtin_names), "_imp")
    module.ns["is_frozen"] = Native("is_frozen", lambda m, f, a, k: False, "_imp")


# _io ------------------------------------------------------------------------------------------------------
def io_c(m: Machine, module: Module) -> None:
    """Streams in memory; ``open`` is the built-in one, which ``pathlib`` finds here."""
    module.ns["open"] = m.builtins["open"]
    if "text_encoding" in module.ns:
        module.ns["text_encoding"] = Native("text_encoding", _text_encoding, "_io")
    for name, empty in (("StringIO", ""), ("BytesIO", b"")):
        cls = new_type(m, name, "_io")
        cls.bases = (module.ns["_TextIOBase" if name == "StringIO" else "_BufferedIOBase"],)
        cls.mro = (cls, *cls.bases[0].mro)
        cls.is_open = True
        cls.ns["__init__"] = Native("__init__", _stream_init(empty), "_io", binds=True)
        cls.ns.update(stream_methods())
        module.ns[name] = cls


def _text_encoding(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    return "locale" if arguments[0] is None else arguments[0]


def stream_methods() -> dict[str, Native]:
    """The methods of a stream whose content is known."""
    names = ("read", "readline", "getvalue", "write", "seek", "close", "readlines", "__iter__", "__enter__")
    made = {name: Native(name, _stream_method(name), "_io", binds=True) for name in names}
    made["__exit__"] = Native("__exit__", _nothing, "_io", binds=True)
    return made


def _stream_init(empty: Value) -> Callable[..., Value]:
    def initialise(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> None:
        given = arguments[1] if len(arguments) > 1 else next(iter(keywords.values()), None)
        arguments[0].ns[" content"] = empty if given is None else given
        arguments[0].ns[" place"] = 0

    return initialise


def _stream_method(name: str) -> Callable[..., Value]:
    def call(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
        ns = arguments[0].ns
        content, place = ns.get(" content"), ns.get(" place", 0)
        if name == "__enter__":
            return arguments[0]
        if type(content) not in (str, bytes) or any(type(a) not in CONSTANTS for a in arguments[1:]):
            ns[" content"] = Unknown("stream")
            return Unknown(f"{name}()")
        if name == "getvalue":
            return content
        if name == "write":
            ns[" content"] = content + arguments[1] if type(arguments[1]) is type(content) else Unknown("stream")
            ns[" place"] = len(content)
            return None
        return _stream_read(ns, name, content, place, arguments[1:])

    return call


def _stream_read(ns: dict[str, Value], name: str, content: Any, place: int, arguments: Arguments) -> Value:
    if name == "seek":
        ns[" place"] = arguments[0] if type(arguments[0]) is int else 0
        return ns[" place"]
    if name in ("readlines", "__iter__"):
        ns[" place"] = len(content)
        return content[place:].splitlines(keepends=True)
    end = len(content)
    if name == "readline":
        found = content.find("\n" if type(content) is str else b"\n", place)
        end = end if found < 0 else found + 1
    elif name == "read" and arguments and type(arguments[0]) is int and arguments[0] >= 0:
        end = place + arguments[0]
    elif name == "close":
        return None
    ns[" place"] = min(end, len(content))
    return content[place:end]


# inspect, platform, copy, logging, contextlib ---------------------------------------------------
def inspect(m: Machine, module: Module) -> None:
    """Questions about functions and frames."""
    module.ns["currentframe"] = m.modules["sys"].ns["_getframe"]
    module.ns["signature"] = Native("signature", _signature(module), "inspect")
    module.ns["getfullargspec"] = Native("getfullargspec", _full_specification(module), "inspect")
    module.ns["stack"] = Native("stack", lambda m, f, a, k: Unknown("stack()"), "inspect")
    module.ns["getsource"] = Native("getsource", _get_source, "inspect")
    for name in ("getsourcelines", "getdoc", "cleandoc", "getcomments"):
        module.ns[name] = Native(name, lambda m, f, a, k: Unknown("source"), "inspect")
    module.ns["isclass"] = Native("isclass", lambda m, f, a, k: _is(a[0], (Class,)), "inspect")
    module.ns["isfunction"] = Native("isfunction", lambda m, f, a, k: _is(a[0], (Function,)), "inspect")
    module.ns["ismodule"] = Native("ismodule", lambda m, f, a, k: _is(a[0], (Module,)), "inspect")
    module.ns["unwrap"] = Native("unwrap", _unwrap, "inspect")


def _signature(module: Module) -> Callable[..., Value]:
    """``inspect.signature`` of a function of the program."""

    def signature(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
        value = _unwrap(m, frame, arguments, {})
        bound = type(value) is Method
        function = value.function if isinstance(value, Method) else value
        cls, parameter, kinds = (module.ns.get(n) for n in ("Signature", "Parameter", "_ParameterKind"))
        if type(function) is not Function or type(cls) is not Class or type(parameter) is not Class:
            return Unknown("signature()")
        made = Instance(cls)
        empty = module.ns.get("_empty")
        members = kinds.ns.get("_member_map_", {}) if type(kinds) is Class else {}
        found: dict[str, Value] = {}
        for name, kind, default in parameters(function):
            one = Instance(parameter)
            value_ = empty if default is MISSING else default
            one.ns.update(_name=name, _kind=members.get(kind, kind), _default=value_, _annotation=Unknown("annotation"))
            found[name] = one
        if bound and found:
            found.pop(next(iter(found)))
        made.ns.update(_parameters=found, _return_annotation=Unknown("annotation"))
        return made

    return signature


def _full_specification(module: Module) -> Callable[..., Value]:
    """``inspect.getfullargspec``: of a method with its first parameter, wrappers not looked through."""

    def specification(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
        value = arguments[0] if arguments else keywords.get("func")
        function = value.function if isinstance(value, Method) else value
        if type(function) is not Function:
            return Unknown("getfullargspec()")
        kinds: dict[str, list[str]] = {}
        defaults: dict[str, dict[str, Value]] = {}
        for name, kind, default in parameters(function):
            kinds.setdefault(kind, []).append(name)
            if default is not MISSING:
                defaults.setdefault(kind, {})[name] = default
        positional = ("POSITIONAL_ONLY", "POSITIONAL_OR_KEYWORD")
        fields: dict[str, Value] = {
            "args": [name for kind in positional for name in kinds.get(kind, ())],
            "varargs": kinds.get("VAR_POSITIONAL", [None])[0],
            "varkw": kinds.get("VAR_KEYWORD", [None])[0],
            "defaults": tuple(value for kind in positional for value in defaults.get(kind, {}).values()) or None,
            "kwonlyargs": kinds.get("KEYWORD_ONLY", []),
            "kwonlydefaults": defaults.get("KEYWORD_ONLY"),
            "annotations": {},
        }
        return m.call(module.ns["FullArgSpec"], [], fields, frame)

    return specification


def parameters(function: Function) -> list[tuple[str, str, Value]]:
    """Name, kind and default (or MISSING) of each parameter, in order."""
    node = function.node
    names = node[op.F_POSITIONAL]
    first = len(names) - len(function.defaults)
    found: list[tuple[str, str, Value]] = []
    for index, name in enumerate(names):
        kind = "POSITIONAL_ONLY" if index < node[op.F_POSITIONAL_ONLY] else "POSITIONAL_OR_KEYWORD"
        found.append((name, kind, function.defaults[index - first] if index >= first else MISSING))
    if node[op.F_REST]:
        found.append((node[op.F_REST], "VAR_POSITIONAL", MISSING))
    found += [(name, "KEYWORD_ONLY", function.keyword_defaults.get(name, MISSING)) for name in node[op.F_KEYWORD]]
    if node[op.F_KEYWORDS]:
        found.append((node[op.F_KEYWORDS], "VAR_KEYWORD", MISSING))
    return found


def _is(value: Value, kinds: tuple[type, ...]) -> Value:
    return Unknown("inspect") if type(value) is Unknown else type(value) in kinds


def _get_source(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    value = arguments[0]
    if type(value) is not Module or value.kind != "source" or value.file is None:
        return Unknown("getsource()")
    data = m.world.reader.read_bytes(value.file)
    return Unknown("getsource()") if data is None else data.decode("utf-8", "replace")


def _unwrap(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    value = arguments[0]
    for _ in range(20):
        inner = getattr(value, "ns", {}).get("__wrapped__", MISSING)
        if inner is MISSING:
            break
        value = inner
    return value


def platform(m: Machine, module: Module) -> None:
    """The machine that the target runs on."""
    version = ".".join(map(str, m.version[:3]))
    answers = {"system": "Linux", "machine": "x86_64", "processor": "", "python_implementation": "CPython"}
    answers |= {"python_version": version, "release": "6.1.0", "node": "host", "version": "#1 SMP"}
    answers["platform"] = "Linux-6.1.0-x86_64-with-glibc2.36"
    for name, answer in answers.items():
        module.ns[name] = Native(name, lambda m, f, a, k, answer=answer: answer, "platform")
    module.ns["python_version_tuple"] = Native("python_version_tuple", lambda m, f, a, k: tuple(version.split(".")))
    module.ns["architecture"] = Native("architecture", lambda m, f, a, k: ("64bit", "ELF"))
    module.ns["libc_ver"] = Native("libc_ver", lambda m, f, a, k: ("glibc", "2.36"))


def copy(m: Machine, module: Module) -> None:
    """Copies of containers, and of objects without their class's own hooks."""
    module.ns["copy"] = Native("copy", _copy, "copy")
    module.ns["deepcopy"] = Native("deepcopy", _deepcopy, "copy")


def _copy(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    value = arguments[0]
    if type(value) is Instance:
        hook = m.class_attribute(value.cls, "__copy__")
        if hook is not MISSING:
            return m.call(m.bound(hook, value, value.cls, frame), [], {}, frame)
        made = Instance(value.cls, value.payload.copy() if hasattr(value.payload, "copy") else value.payload)
        made.ns = dict(value.ns)
        return made
    return value.copy() if type(value) in (list, dict, set) else value


def _deepcopy(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    value = arguments[0]
    if type(value) is Instance and m.class_attribute(value.cls, "__deepcopy__") is not MISSING:
        return m.call(m.getattr(value, "__deepcopy__", frame), [{}], {}, frame)
    return _deep(value, 6)


def _deep(value: Value, depth: int) -> Value:
    if depth == 0:
        return value
    if type(value) is list:
        return [_deep(item, depth - 1) for item in value]
    if type(value) is dict:
        return {key: _deep(item, depth - 1) for key, item in value.items()}
    if type(value) is Instance:
        made = Instance(value.cls, _deep(value.payload, depth - 1))
        made.ns = {key: _deep(item, depth - 1) for key, item in value.ns.items()}
        return made
    return set(value) if type(value) is set else value


def logging(m: Machine, module: Module) -> None:
    """Log records go nowhere."""
    logger: Value = module.ns.get("Logger")
    for name in ("debug", "info", "warning", "warn", "error", "exception", "critical", "log"):
        module.ns[name] = Native(name, _nothing, "logging")
        if type(logger) is Class:
            logger.ns[name] = Native(name, _nothing, "logging", binds=True)


def contextlib(m: Machine, module: Module) -> None:
    """``suppress`` is asked for so often that it is worth a short way."""


def adjust_future(m: Machine, cls: Class) -> None:
    """``Future.result``: what is not known yet will be there."""
    cls.ns["result"] = Native("result", _future_result, "concurrent.futures", binds=True)


def _future_result(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    future = arguments[0]
    if type(future) is not Instance or future.ns.get("_state") != "FINISHED":
        return Unknown("result()")
    error = future.ns.get("_exception")
    if error is not None:
        raise Raised(error)
    return future.ns.get("_result")


def adjust_pool_result(m: Machine, cls: Class) -> None:
    """``ApplyResult.get`` of a ``multiprocessing`` pool: what the other process answers is not known."""
    cls.ns["get"] = Native("get", lambda m, f, a, k: Unknown("get()"), "multiprocessing.pool", binds=True)


def types(m: Machine, module: Module) -> None:
    """The names of the interpreter's own types."""
    names = {
        "FunctionType": "function",
        "LambdaType": "function",
        "MethodType": "method",
        "BuiltinFunctionType": "builtin_function_or_method",
        "BuiltinMethodType": "builtin_function_or_method",
        "ModuleType": "module",
        "CodeType": "code",
        "GeneratorType": "generator",
        "CoroutineType": "coroutine",
        "GenericAlias": "GenericAlias",
        "UnionType": "UnionType",
        "MappingProxyType": "mappingproxy",
        "NoneType": "NoneType",
    }
    for name, kind in names.items():
        if name in module.ns:
            module.ns[name] = m.types[kind]
    for name in ("WrapperDescriptorType", "MethodWrapperType", "MethodDescriptorType", "ClassMethodDescriptorType"):
        module.ns[name] = m.types.get(name) or new_type(m, name, "types")
    module.ns["FrameType"] = system.frame_type(m)
    for name in ("TracebackType", "GetSetDescriptorType", "MemberDescriptorType", "CellType"):
        module.ns[name] = m.types.get(name) or new_type(m, name, "types")
    for name in ("AsyncGeneratorType", "EllipsisType", "NotImplementedType", "CapsuleType"):
        if name in module.ns:
            module.ns[name] = m.types.get(name) or new_type(m, name, "types")
    space = m.types["SimpleNamespace"]
    space.ns["__init__"] = Native("__init__", _namespace_init, binds=True)
    module.ns["SimpleNamespace"] = space


def _namespace_init(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> None:
    arguments[0].ns.update(keywords)


# re -------------------------------------------------------------------------------------------------------
_TEXT_LIMIT = 2000


def re(m: Machine, module: Module) -> None:
    """Regular expressions over known text."""
    _expression_types(m)
    for name in _SEARCHES:
        module.ns[name] = Native(name, _module_function(name), "re")
    module.ns["compile"] = Native("compile", _compile, "re")
    module.ns["escape"] = Native("escape", _escape, "re")
    module.ns["Pattern"], module.ns["Match"] = m.types["Pattern"], m.types["Match"]
    module.ns.setdefault("_pattern_type", m.types["Pattern"])


def fnmatch(m: Machine, module: Module) -> None:
    """Patterns of file names: one that is not known is not taken apart."""
    for name in ("fnmatch", "fnmatchcase", "translate"):
        module.ns[name] = Native(name, pure(getattr(host_fnmatch, name)), "fnmatch")


_SEARCHES = ("match", "search", "fullmatch", "findall", "split", "sub", "subn", "finditer")


def _expression_types(m: Machine) -> Class:
    """``re.Pattern``, made with ``re.Match`` when the first of them is needed."""
    if "Pattern" not in m.types:
        pattern, match = new_type(m, "Pattern", "re"), new_type(m, "Match", "re")
        for name in _SEARCHES:
            pattern.ns[name] = Native(name, _pattern_method(name), "re", binds=True)
        for name in ("group", "groups", "groupdict", "start", "end", "span", "expand", "__getitem__"):
            match.ns[name] = Native(name, _match_method(name), "re", binds=True)
        pattern.is_open = match.is_open = True
    return m.types["Pattern"]


def compile_pattern(m: Machine, function: Function, arguments: Arguments, keywords: Keywords, frame: Frame) -> Value:
    """``sre_compile.compile``, which the ``re`` module itself calls before it is complete."""
    if function.module.name not in ("re._compiler", "sre_compile"):
        return MISSING
    return Instance(_expression_types(m))


def _flags(value: Value) -> int | None:
    if type(value) is Instance:
        value = value.ns.get("_value_", value.payload)
    return value if type(value) is int else None


def _compile(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    source = arguments[0] if arguments else keywords.get("pattern")
    if type(source) is Instance and source.cls is m.types["Pattern"]:
        return source
    flags = arguments[1] if len(arguments) > 1 else keywords.get("flags", 0)
    made = Instance(m.types["Pattern"])
    made.ns.update(pattern=source, flags=flags)
    return made


def _host_pattern(value: Instance) -> Any:
    """The host's compiled pattern, None where it is not known; compiled when it is first used."""
    if " host" not in value.ns:
        source, flags = value.ns.get("pattern"), _flags(value.ns.get("flags"))
        known = isinstance(source, (str, bytes)) and len(source) < _TEXT_LIMIT
        try:
            value.ns[" host"] = host_re.compile(source, flags) if known and flags is not None else None
        except (host_re.error, ValueError, OverflowError, RecursionError):
            value.ns[" host"] = None
    return value.ns[" host"]


def _pattern_method(name: str) -> Callable[..., Value]:
    def call(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
        owner, given = arguments[0], arguments[1:]
        host = _host_pattern(owner) if type(owner) is Instance else None
        unknown = Unknown(f"re.{name}()")
        if host is not None and name in ("sub", "subn") and given and type(given[0]) not in CONSTANTS:
            given = [_replacement(m, given[0], owner, frame), *given[1:]]
        if host is None or keywords or any(type(a) not in CONSTANTS and not callable(a) for a in given):
            return unknown
        if any(type(a) in (str, bytes) and len(a) > _TEXT_LIMIT for a in given):
            return unknown
        try:
            result = getattr(host, name)(*given)
        except (TypeError, ValueError, IndexError, host_re.error, _NotKnownError):
            return unknown
        if name == "finditer":
            return [_match_object(m, item, owner) for item in result]
        return _match_object(m, result, owner) if isinstance(result, host_re.Match) else result

    return call


class _NotKnownError(Exception):
    """A part of a text is not known."""


def _replacement(m: Machine, function: Value, pattern: Value, frame: Frame) -> Callable[[Any], Any]:
    """The program's function that answers what to put in a match's place."""

    def replace(host: Any) -> Any:
        text = m.call(function, [_match_object(m, host, pattern)], {}, frame)
        if type(text) not in (str, bytes):
            raise _NotKnownError
        return text

    return replace


def _match_object(m: Machine, host: Any, pattern: Value) -> Instance:
    made = Instance(m.types["Match"])
    made.ns.update(
        {" host": host, "re": pattern, "string": host.string, "lastgroup": host.lastgroup, "lastindex": host.lastindex}
    )
    made.ns.update(pos=host.pos, endpos=host.endpos)
    return made


def _match_method(name: str) -> Callable[..., Value]:
    def call(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
        host = arguments[0].ns.get(" host") if type(arguments[0]) is Instance else None
        if host is None or any(type(a) not in HOST_TYPES for a in arguments[1:]):
            return Unknown(f"match.{name}()")
        return hosts.run_host(m, lambda: getattr(host, name)(*arguments[1:], **keywords), arguments[1:])

    return call


def _module_function(name: str) -> Callable[..., Value]:
    method = _pattern_method(name)
    extra = {"sub": 3, "subn": 3}.get(name, 2)

    def call(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
        flags = arguments[extra] if len(arguments) > extra else keywords.get("flags", 0)
        pattern = _compile(m, frame, [arguments[0], flags], {})
        return method(m, frame, [pattern, *arguments[1:extra]], {})

    return call


def _escape(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    return host_re.escape(arguments[0]) if type(arguments[0]) in (str, bytes) else Unknown("escape()")
