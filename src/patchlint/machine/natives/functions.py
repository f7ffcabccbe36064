"""``functools``, ``operator``, ``itertools``, ``_collections`` and ``weakref``: the parts written in C."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from patchlint.machine import hosts, imports
from patchlint.machine.frames import Frame
from patchlint.machine.natives.builtins import new_type
from patchlint.machine.operators import dictionary_get, setitem
from patchlint.machine.values import (
    HOST_TYPES,
    Class,
    Function,
    Generator,
    Instance,
    Method,
    Module,
    Native,
    Partial,
    Property,
    StaticMethod,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from patchlint.machine.core import Machine

Arguments = list[Value]
Keywords = dict[str, Value]


def native(name: str, module: str, binds: bool = False) -> Callable[[Callable[..., Value]], Native]:
    """Make a Native of a host function."""
    return lambda call: Native(name, call, module, binds)


# functools ----------------------------------------------------------------------------------------------
def functools(m: Machine, module: Module) -> None:
    """Replace what ``_functools`` gives, and what would be slow to follow."""
    wrapper = new_type(m, "_lru_cache_wrapper", "functools")
    wrapper.ns["__call__"] = Native("__call__", _cached_call, "functools", binds=True)
    wrapper.ns["__get__"] = Native("__get__", _cached_get, "functools", binds=True)
    for name in ("cache_clear", "cache_info"):
        wrapper.ns[name] = Native(name, lambda m, f, a, k: Unknown("cache"), "functools", binds=True)
    m.types["partial"].construct = _make_partial
    module.ns.update(
        {
            "partial": m.types["partial"],
            "reduce": Native("reduce", _reduce, "functools"),
            "lru_cache": Native("lru_cache", _lru_cache, "functools"),
            "cache": Native("cache", lambda m, f, a, k: _cached(m, a[0]), "functools"),
            "wraps": Native("wraps", _wraps, "functools"),
            "update_wrapper": Native("update_wrapper", _update_wrapper, "functools"),
            "total_ordering": Native("total_ordering", lambda m, f, a, k: a[0], "functools"),
            "singledispatch": Native("singledispatch", _single_dispatch, "functools"),
            "cmp_to_key": Native("cmp_to_key", lambda m, f, a, k: Unknown("key"), "functools"),
        }
    )


def _make_partial(m: Machine, cls: Class, arguments: Arguments, keywords: Keywords, frame: Frame) -> Value:
    function = arguments[0]
    if cls is not m.types["partial"]:
        made = Instance(cls)
        made.ns.update(func=function, args=tuple(arguments[1:]), keywords=keywords)
        return made
    if type(function) is Partial:
        return Partial(function.function, (*function.arguments, *arguments[1:]), {**function.keywords, **keywords})
    return Partial(function, tuple(arguments[1:]), keywords)


def _reduce(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    items = m.iterate(arguments[1], frame)
    if items is None:
        return Unknown("reduce()")
    values = [*arguments[2:3], *items]
    if not values:
        raise m.error("TypeError", "reduce() of empty iterable with no initial value")
    result = values[0]
    for value in values[1:]:
        result = m.call(arguments[0], [result, value], {}, frame)
    return result


def _cached(m: Machine, function: Value) -> Value:
    made = Instance(m.types["_lru_cache_wrapper"])
    made.ns["__wrapped__"] = function
    if type(function) is Function:
        made.ns.update(
            {"__name__": function.name, "__qualname__": function.qualname, "__module__": function.module_name}
        )
        made.ns.update(function.ns)
    else:
        made.ns.update({key: Unknown(key) for key in ("__name__", "__qualname__", "__module__")})
    return made


def _cached_call(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    cache = arguments[0].ns
    key = _cache_key(arguments[1:], keywords)
    known = cache.setdefault(" results", {})
    if key is not None and key in known:
        return known[key]
    result = m.call(cache["__wrapped__"], arguments[1:], keywords, frame)
    if key is not None and not m.possible:
        known[key] = result
    return result


def _cache_key(arguments: Arguments, keywords: Keywords) -> Any:
    try:
        key = (*arguments, *sorted(keywords.items()))
        hash(key)
    except TypeError:
        return None
    return key


def _cached_get(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    return arguments[0] if arguments[1] is None else Method(arguments[0], arguments[1])


def _lru_cache(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    if arguments and type(arguments[0]) in (Function, Method, Partial):
        return _cached(m, arguments[0])
    return Native("lru_cache", lambda m, f, a, k: _cached(m, a[0]), "functools")


def _wraps(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    wrapped = arguments[0] if arguments else keywords.get("wrapped")
    assigned = keywords.get("assigned", ("__module__", "__name__", "__qualname__"))
    return Native("wraps", lambda m, f, a, k: _wrap(a[0], wrapped, assigned), "functools")


def _update_wrapper(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    wrapped = arguments[1] if len(arguments) > 1 else keywords.get("wrapped")
    return _wrap(arguments[0], wrapped, keywords.get("assigned", ("__module__", "__name__", "__qualname__")))


def _wrap(wrapper: Value, wrapped: Value, assigned: Value) -> Value:
    source = wrapped.function if type(wrapped) is Method else wrapped
    namespace = getattr(wrapper, "ns", None)
    if namespace is None:
        return wrapper
    if type(source) is Function:
        namespace.update(source.ns)
        if type(wrapper) is Function and isinstance(assigned, (tuple, list)):
            for key, slot in (("__module__", "module_name"), ("__name__", "name"), ("__qualname__", "qualname")):
                if key in assigned:
                    setattr(wrapper, slot, getattr(source, slot))
    namespace["__wrapped__"] = wrapped
    return wrapper


def _single_dispatch(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    for name in ("types", "weakref"):
        imports.import_absolute(m, name, frame)
    function = arguments[0]
    made = Instance(m.types.get("singledispatch") or _dispatch_type(m))
    made.ns.update({"__wrapped__": function, "registry": {}})
    if type(function) is Function:
        made.ns.update({"__name__": function.name, "__module__": function.module_name})
    return made


def _dispatch_type(m: Machine) -> Class:
    cls = new_type(m, "singledispatch", "functools")
    cls.ns["__call__"] = Native("__call__", _dispatched_call, binds=True)
    cls.ns["__get__"] = Native("__get__", _cached_get, binds=True)
    cls.ns["dispatch"] = Native("dispatch", lambda m, f, a, k: _implementation(a[0], a[1]), binds=True)
    cls.ns["register"] = Native("register", _dispatch_register, binds=True)
    return cls


def _dispatched_call(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    """The implementation for the class of the first argument."""
    kind = m.class_of(arguments[1]) if len(arguments) > 1 else None
    return m.call(_implementation(arguments[0], kind), arguments[1:], keywords, frame)


def _implementation(dispatcher: Instance, kind: Value) -> Value:
    registry: dict[Value, Value] = dispatcher.ns["registry"]
    line = kind.mro if type(kind) is Class else ()
    return next((registry[base] for base in line if base in registry), dispatcher.ns["__wrapped__"])


def _dispatch_register(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    """``register(cls, function)``, ``@register(cls)``, or ``@register``, whose annotations are not known."""
    registry: dict[Value, Value] = arguments[0].ns["registry"]
    given = arguments[1] if len(arguments) > 1 else keywords.get("cls")

    def add(m: Machine, frame: Frame, functions: Arguments, keywords: Keywords) -> Value:
        if m.version >= (3, 11) or type(given) is Function:
            imports.import_absolute(m, "typing", frame)
        if type(given) is Class:
            registry[given] = functions[0]
        return functions[0]

    if len(arguments) > 2:
        return add(m, frame, [arguments[2]], {})
    return add(m, frame, [given], {}) if type(given) is Function else Native("register", add)


# operator -----------------------------------------------------------------------------------------------
def operators(m: Machine, module: Module) -> None:
    """The C functions of ``_operator`` that matter: getters, callers and plain operators."""
    module.ns["itemgetter"] = Native("itemgetter", _item_getter, "operator")
    module.ns["attrgetter"] = Native("attrgetter", _attribute_getter, "operator")
    module.ns["methodcaller"] = Native("methodcaller", _method_caller, "operator")
    for name, symbol in _OPERATORS.items():
        module.ns[name] = module.ns[f"__{name.strip('_')}__"] = _binary(name, symbol)
    for name, symbol in _COMPARISONS.items():
        module.ns[name] = module.ns[f"__{name.strip('_')}__"] = _comparison(name, symbol)
    module.ns["getitem"] = Native("getitem", lambda m, f, a, k: m.getitem(a[0], a[1], f), "operator")
    module.ns["setitem"] = Native("setitem", lambda m, f, a, k: m.setitem(a[0], a[1], a[2], f), "operator")
    module.ns["contains"] = Native("contains", lambda m, f, a, k: m.compare("in", a[1], a[0], f), "operator")
    module.ns["not_"] = Native("not_", lambda m, f, a, k: m.unary("not", a[0], f), "operator")
    module.ns["index"] = Native(
        "index", lambda m, f, a, k: a[0] if type(a[0]) is int else Unknown("index()"), "operator"
    )


_OPERATORS = {"add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "or_": "|", "and_": "&"}
_OPERATORS.update({"xor": "^", "pow": "**", "lshift": "<<", "rshift": ">>", "concat": "+"})
_COMPARISONS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "is_": "is", "is_not": "is not"}


def _binary(name: str, symbol: str) -> Native:
    return Native(name, lambda m, f, a, k: m.binary(symbol, a[0], a[1], f), "operator")


def _comparison(name: str, symbol: str) -> Native:
    return Native(name, lambda m, f, a, k: m.compare(symbol, a[0], a[1], f), "operator")


def _getter(arguments: Arguments, one: Callable[[Any, Value, Value, Frame], Value]) -> Native:
    def call(m: Machine, frame: Frame, given: Arguments, keywords: Keywords) -> Value:
        values = [one(m, given[0], argument, frame) for argument in arguments]
        return values[0] if len(values) == 1 else tuple(values)

    return Native("getter", call, "operator")


def _item_getter(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    return _getter(arguments, lambda m, owner, key, frame: m.getitem(owner, key, frame))


def _attribute_getter(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    def dotted(m: Machine, owner: Value, name: Value, frame: Frame) -> Value:
        if type(name) is not str:
            return Unknown("attrgetter()")
        for part in name.split("."):
            owner = m.getattr(owner, part, frame)
        return owner

    return _getter(arguments, dotted)


def _method_caller(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    def call(m: Machine, frame: Frame, given: Arguments, ignored: Keywords) -> Value:
        return m.call(m.getattr(given[0], arguments[0], frame), list(arguments[1:]), dict(keywords), frame)

    return Native("methodcaller", call, "operator")


# itertools ----------------------------------------------------------------------------------------------
def itertools_(m: Machine, module: Module) -> None:
    """Iterators over known items; classes become functions, nobody derives from them."""
    for name in ("chain", "count", "cycle", "islice", "product", "repeat", "starmap", "tee", "zip_longest"):
        _iterator_class(m, module, name)
    for name in ("accumulate", "combinations", "permutations", "dropwhile", "takewhile", "filterfalse", "groupby"):
        _iterator_class(m, module, name)
    for name in ("compress", "pairwise", "batched", "combinations_with_replacement"):
        _iterator_class(m, module, name)
    chain = module.ns["chain"]
    chain.ns["from_iterable"] = Native("from_iterable", _chain_from, "itertools")


def _iterator_class(m: Machine, module: Module, name: str) -> None:
    if name not in module.ns and name in ("pairwise", "batched"):
        return
    cls = new_type(m, f"itertools.{name}", "itertools")
    cls.name = cls.qualname = name
    cls.construct = lambda m, c, a, k, f: _iterator(m, name, a, k, f)
    module.ns[name] = cls


def _iterator(m: Machine, name: str, arguments: Arguments, keywords: Keywords, frame: Frame) -> Value:
    if name == "count":
        start = arguments[0] if arguments else keywords.get("start", 0)
        step = arguments[1] if len(arguments) > 1 else keywords.get("step", 1)
        return Generator(itertools.count(start, step)) if type(start) is type(step) is int else Unknown("count()")
    if name == "repeat":
        times = arguments[1] if len(arguments) > 1 else keywords.get("times")
        return Generator(
            itertools.repeat(arguments[0], times) if type(times) is int else itertools.repeat(arguments[0])
        )
    first_is_function = name in ("starmap", "dropwhile", "takewhile", "filterfalse")
    sources = (
        arguments[1:]
        if first_is_function
        else (arguments if name in ("chain", "product", "zip_longest") else arguments[:1])
    )
    every = [m.iterate_lazily(source, frame) for source in sources]
    if any(items is None for items in every):
        return Unknown(f"{name}()")
    return _MAKERS[name](m, frame, arguments, keywords, [iter(items) for items in every if items is not None])


def _chain_from(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    outer = m.iterate_lazily(arguments[0], frame)
    if outer is None:
        return Unknown("chain()")

    def items() -> Iterator[Value]:
        for source in outer:
            inner = m.iterate_lazily(source, frame)
            yield from (Unknown("*"),) if inner is None else inner

    return Generator(items())


def _true(m: Machine, function: Value, item: Value, frame: Frame) -> bool:
    return m.truth(item if function is None else m.call(function, [item], {}, frame), frame) is not False


def _group(m: Machine, f: Frame, a: Arguments, k: Keywords, its: list[Iterator[Value]]) -> Value:
    key = a[1] if len(a) > 1 else k.get("key")
    keyed = [(item if key is None else m.call(key, [item], {}, f), item) for item in its[0]]
    if any(type(pair[0]) not in HOST_TYPES for pair in keyed):
        return Unknown("groupby()")
    groups = [(label, [item for _, item in group]) for label, group in itertools.groupby(keyed, operator.itemgetter(0))]
    return Generator((label, Generator(iter(group))) for label, group in groups)


def _accumulate(m: Machine, f: Frame, a: Arguments, k: Keywords, its: list[Iterator[Value]]) -> Value:
    function = a[1] if len(a) > 1 else k.get("func")
    combine = (
        (lambda x, y: m.binary("+", x, y, f)) if function is None else (lambda x, y: m.call(function, [x, y], {}, f))
    )
    return Generator(itertools.accumulate(its[0], combine))


def _sliced(m: Machine, f: Frame, a: Arguments, k: Keywords, its: list[Iterator[Value]]) -> Value:
    if any(type(x) not in (int, type(None)) for x in a[1:]):
        return Unknown("islice()")
    return Generator(itertools.islice(its[0], *a[1:]))


_MAKERS: dict[str, Callable[..., Value]] = {
    "chain": lambda m, f, a, k, its: Generator(itertools.chain(*its)),
    "cycle": lambda m, f, a, k, its: Generator(itertools.islice(itertools.cycle(its[0]), 10_000)),
    "islice": _sliced,
    "product": lambda m, f, a, k, its: Generator(
        itertools.islice(itertools.product(*its, repeat=k.get("repeat", 1)), 20_000)
    ),
    "starmap": lambda m, f, a, k, its: Generator(m.call(a[0], list(m.iterate(x, f) or ()), {}, f) for x in its[0]),
    "tee": lambda m, f, a, k, its: tuple(Generator(it) for it in itertools.tee(its[0], *a[1:2])),
    "zip_longest": lambda m, f, a, k, its: Generator(itertools.zip_longest(*its, fillvalue=k.get("fillvalue"))),
    "accumulate": _accumulate,
    "combinations": lambda m, f, a, k, its: Generator(itertools.islice(itertools.combinations(its[0], a[1]), 20_000)),
    "combinations_with_replacement": lambda m, f, a, k, its: Generator(
        itertools.islice(itertools.combinations_with_replacement(its[0], a[1]), 20_000)
    ),
    "permutations": lambda m, f, a, k, its: Generator(
        itertools.islice(itertools.permutations(its[0], *a[1:2]), 20_000)
    ),
    "dropwhile": lambda m, f, a, k, its: Generator(itertools.dropwhile(lambda x: _true(m, a[0], x, f), its[0])),
    "takewhile": lambda m, f, a, k, its: Generator(itertools.takewhile(lambda x: _true(m, a[0], x, f), its[0])),
    "filterfalse": lambda m, f, a, k, its: Generator(x for x in its[0] if not _true(m, a[0], x, f)),
    "groupby": _group,
    "compress": lambda m, f, a, k, its: Unknown("compress()"),
    "pairwise": lambda m, f, a, k, its: Generator(itertools.pairwise(its[0])),
    "batched": lambda m, f, a, k, its: Unknown("batched()"),
}


# collections --------------------------------------------------------------------------------------------
def collections_c(m: Machine, module: Module) -> None:
    """``OrderedDict``, ``defaultdict`` and ``deque``, which are written in C."""
    ordered = new_type(m, "OrderedDict", "collections", m.types["dict"])
    ordered.ns["move_to_end"] = Native("move_to_end", _move_to_end, binds=True)
    default = new_type(m, "defaultdict", "collections", m.types["dict"])
    default.ns["__init__"] = Native("__init__", _default_init, binds=True)
    default.ns["__missing__"] = Native("__missing__", _default_missing, binds=True)
    deque = new_type(m, "deque", "collections", m.types["list"])
    deque.ns["__init__"] = Native("__init__", _deque_init, binds=True)
    for name in ("appendleft", "popleft", "extendleft", "rotate"):
        deque.ns[name] = Native(name, _deque_method(name), binds=True)
    module.ns.update(OrderedDict=ordered, defaultdict=default, deque=deque)
    module.ns["_count_elements"] = Native("_count_elements", _count_elements, "_collections")


def _count_elements(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> None:
    """What ``Counter`` fills itself with; what it holds is not known where the elements are not."""
    counter, counted = arguments
    elements = m.iterate(counted, frame)
    for element in [Unknown("element")] if elements is None else elements:
        count = dictionary_get(m, counter.payload, element, 0)
        more = count + 1 if type(count) is int else Unknown("count")
        setitem(m, counter, element, more, frame)


def _move_to_end(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> None:
    payload, key = arguments[0].payload, arguments[1]
    last = arguments[2] if len(arguments) > 2 else keywords.get("last", True)
    if m.hashable(key) and key in payload:
        value = payload.pop(key)
        rest = dict(payload) if last is False else {}
        if last is False:
            payload.clear()
        payload[key] = value
        payload.update(rest)


def _default_init(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> None:
    owner = arguments[0]
    owner.ns["default_factory"] = arguments[1] if len(arguments) > 1 else None
    hosts.fill(m, owner, arguments[2:], keywords, frame)


def _default_missing(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    owner, key = arguments
    factory = owner.ns.get("default_factory")
    if factory is None:
        raise m.error("KeyError", key)
    value = m.call(factory, [], {}, frame)
    if m.journal is not None:
        m.journal.note_container(owner.payload)
    owner.payload[key] = value
    return value


def _deque_init(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> None:
    arguments[0].ns["maxlen"] = arguments[2] if len(arguments) > 2 else keywords.get("maxlen")
    hosts.fill(m, arguments[0], arguments[1:2], {}, frame)


def _deque_method(name: str) -> Callable[..., Value]:
    def call(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
        items = arguments[0].payload
        if m.journal is not None:
            m.journal.note_container(items)
        if name == "appendleft":
            items.insert(0, arguments[1])
        elif name == "popleft":
            if not items:
                raise m.error("IndexError", "pop from an empty deque")
            return items.pop(0)
        elif name == "extendleft":
            items[:0] = list(reversed(m.iterate(arguments[1], frame) or []))
        elif name == "rotate":
            _rotate(items, arguments[1] if len(arguments) > 1 else 1)
        return None

    return call


def _rotate(items: list[Value], by: Value) -> None:
    """To the right; where it is not known how far, no place is."""
    if type(by) is not int:
        items[:] = [Unknown("item") for _ in items]
    elif items:
        middle = -by % len(items)
        items[:] = items[middle:] + items[:middle]


# weakref ------------------------------------------------------------------------------------------------
def weak_references(m: Machine, module: Module) -> None:
    """References to objects that live as long as the play."""
    cls = new_type(m, "ReferenceType", "weakref")
    cls.ns["__call__"] = Native("__call__", lambda m, f, a, k: a[0].ns.get(" target"), binds=True)
    cls.ns["__new__"] = StaticMethod(Native("__new__", _reference_new))
    cls.ns["__init__"] = Native("__init__", lambda m, f, a, k: None, binds=True)
    for name in ("ref", "ReferenceType"):
        module.ns[name] = cls
    module.ns["proxy"] = Native("proxy", lambda m, f, a, k: a[0], "weakref")


def _reference_new(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    reference = Instance(arguments[0])
    reference.ns[" target"] = arguments[1] if len(arguments) > 1 else None
    reference.ns["__callback__"] = arguments[2] if len(arguments) > 2 else None
    return reference


def weak_containers(m: Machine, module: Module) -> None:
    """``weakref``: containers that keep what they hold."""
    for name, base in (("WeakKeyDictionary", "dict"), ("WeakValueDictionary", "dict")):
        cls = module.ns[name] = new_type(m, name, "weakref", m.types[base])
        cls.ns["data"] = Property(Native("data", lambda m, f, a, k: a[0].payload, "weakref"))
    module.ns["finalize"] = Native("finalize", lambda m, f, a, k: Unknown("finalize"), "weakref")


def weak_set(m: Machine, module: Module) -> None:
    """``_weakrefset.WeakSet``."""
    module.ns["WeakSet"] = new_type(m, "WeakSet", "_weakrefset", m.types["set"])
