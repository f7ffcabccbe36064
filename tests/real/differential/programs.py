"""Random small programs: a package of a few modules that import one another in every way that Python knows.

A program is a mapping of paths to texts.  ``ROOT`` stands for the name of its top-level package, so that several
programs can be run in one interpreter.  What programs do is decidable: no branch of theirs depends on the world.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from textwrap import indent

from differential import idioms
from hypothesis import strategies as st

Program = dict[str, str]

NAMES = ("v", "w", "x", "y")
STEMS = ("a", "b", "c")

# What a program may take hold of: statement, and the expression that is then the object.
TAKEN = (
    ("time", "sleep"),
    ("threading", "Thread"),
    ("threading", "Lock"),
    ("threading", "RLock"),
    ("threading", "local"),
    ("threading", "Event"),
    ("threading", "get_ident"),
    ("ssl", "SSLContext"),
    ("ssl", "create_default_context"),
    ("socket", "socket"),
    ("socket", "create_connection"),
    ("select", "select"),
    ("select", "epoll"),
    ("selectors", "DefaultSelector"),
    ("subprocess", "Popen"),
    ("subprocess", "run"),
    ("queue", "Queue"),
    ("queue", "SimpleQueue"),
    ("queue", "Empty"),
    ("os", "fork"),
    ("_thread", "allocate_lock"),
    ("signal", "signal"),
)
CLASSES = ("threading.Thread", "threading.local", "ssl.SSLContext", "socket.socket", "queue.Queue", "subprocess.Popen")
INSTANCES = (
    "threading.Lock()",
    "threading.RLock()",
    "threading.local()",
    "queue.Queue()",
    "queue.SimpleQueue()",
    "threading.Event()",
)


@dataclass
class Shape:
    """What a program consists of, known before a line is written: its modules and the folders among them."""

    modules: list[str]
    packages: set[str]

    def path(self, module: str) -> str:
        folder = module.replace(".", "/")
        return f"{folder}/__init__.py" if module in self.packages else f"{folder}.py"


@dataclass
class Writer:
    """Writes one module; ``known`` are the names that each module may have, as far as they are written."""

    random: Random
    shape: Shape
    module: str
    known: dict[str, list[str]]
    functions: list[str] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    imported: list[str] = field(default_factory=list)
    used: int = 0
    with_idioms: bool = False

    # Choices --------------------------------------------------------------------------------------
    def pick(self, options):
        return self.random.choice(options)

    def chance(self, one_in: int) -> bool:
        return self.random.randrange(one_in) == 0

    def count(self, least: int, most: int) -> int:
        return self.random.randint(least, most)

    @property
    def package(self) -> str:
        return self.module if self.module in self.shape.packages else self.module.rpartition(".")[0]

    def fresh(self) -> str:
        """A name that the module binds; few, so that they meet again."""
        name = self.pick(NAMES)
        self.known[self.module].append(name)
        return name

    def other(self) -> str:
        return self.pick(self.shape.modules)

    def name_of(self, module: str) -> str:
        names = self.known[module]
        return self.pick(names) if names and not self.chance(6) else self.pick((*NAMES, *STEMS))

    def own_name(self) -> str:
        return self.name_of(self.module)

    def relative(self, module: str) -> str:
        """A module's name as a relative import spells it from here, else its absolute name."""
        package = self.package
        if package == "" or not self.chance(2):
            return module
        dots = "."
        while package:
            if module == package:
                return dots
            if module.startswith(package + "."):
                return dots + module[len(package) + 1 :]
            package = package.rpartition(".")[0]
            dots += "."
        return module

    # Expressions ----------------------------------------------------------------------------------
    def value(self) -> str:
        return self.pick(
            (
                self.taken,
                self.instance,
                self.constant,
                self.own_name,
                self.attribute,
                self.dynamic,
                self.container,
                self.choice,
                self.made,
                self.call,
            )
        )()

    def constant(self) -> str:
        return self.pick(("1", "None", "'v'", "[]", "object()", "(1, 2)"))

    def taken(self) -> str:
        module, name = self.pick(TAKEN)
        return f"__import__('{module}').{name}"

    def instance(self) -> str:
        text = self.pick(INSTANCES)
        return f"__import__('{text.partition('.')[0]}').{text.partition('.')[2]}"

    def attribute(self) -> str:
        module = self.other()
        return f"{self.module_expression(module)}.{self.name_of(module)}"

    def module_expression(self, module: str) -> str:
        return self.pick(
            (
                f"__import__('importlib').import_module('{module}')",
                f"__import__('sys').modules['{module}']",
                f"__import__('{module}', fromlist=['v'])",
                f"__import__('importlib').import_module('{self.relative(module)}', __package__)",
            )
        )

    def dynamic(self) -> str:
        module = self.other()
        name = self.name_of(module)
        return self.pick(
            (
                f"getattr({self.module_expression(module)}, '{name}', None)",
                f"vars({self.module_expression(module)}).get('{name}')",
                f"globals().get('{self.own_name()}')",
                f"{self.module_expression(module)}.__dict__['{name}']",
            )
        )

    def container(self) -> str:
        value = self.value() if self.chance(2) else self.taken()
        return self.pick(
            (f"[{value}][0]", f"{{'k': {value}}}['k']", f"({value}, 1)[0]", f"[{value}]", f"(lambda d={value}: d)()")
        )

    def choice(self) -> str:
        return f"({self.taken()} if {self.test()} else {self.taken()})"

    def made(self) -> str:
        """The result of a call that makes something of a value."""
        value = self.taken()
        return self.pick(
            (
                f"__import__('functools').partial({value})",
                f"staticmethod({value})",
                f"property(lambda self: {value})",
                f"type('T', (), {{'v': {value}}})",
                f"type('T', ({self.base()},), {{}})",
                f"next(iter([{value}]))",
                f"(z := {value})",
                f"[z for z in ({value},)][0]",
                f"{{z: 1 for z in ({value},)}}",
                f"list(map(lambda z: z, [{value}]))[0]",
                f"max([{value}], key=lambda z: 1)",
            )
        )

    def base(self) -> str:
        text = self.pick(CLASSES)
        return f"__import__('{text.partition('.')[0]}').{text.partition('.')[2]}"

    def call(self) -> str:
        return f"{self.pick(self.functions)}()" if self.functions else self.instance()

    def test(self) -> str:
        """A condition that is decidable."""
        module = self.other()
        return self.pick(
            (
                "True",
                "__import__('sys').version_info >= (3, 11)",
                "__import__('sys').platform == 'win32'",
                "__import__('os').name == 'posix'",
                "__import__('typing').TYPE_CHECKING",
                f"'{self.name_of(self.module)}' in globals()",
                f"'{module}' in __import__('sys').modules",
                f"hasattr(__import__('sys').modules.get('{module}'), '{self.name_of(module)}')",
                f"callable(globals().get('{self.own_name()}'))",
                "__name__ == '__main__'",
                f"__name__.endswith('.{self.pick(STEMS)}')",
                "not __debug__",
                f"__import__('importlib').util.find_spec('{module}')",
            )
        )

    # Statements -----------------------------------------------------------------------------------
    def block(self, depth: int, most: int = 3) -> str:
        return "".join(self.guarded(depth) for _ in range(self.count(1, most)))

    def guarded(self, depth: int) -> str:
        """A statement, and sometimes something that lets the module go on where it fails."""
        text = self.statement(depth)
        if self.chance(2 if depth else 6):
            return text
        return f"try:\n{indent(text, '    ')}except {self.pick(('Exception', 'Exception', 'ImportError', 'NameError'))}:\n    pass\n"

    def statement(self, depth: int) -> str:
        plain = (self.import_, self.from_, self.from_, self.take, self.assign, self.star, self.function, self.class_)
        kinds = (
            *plain,
            self.submodule,
            self.call_statement,
            self.dynamic_import,
            self.module_getattr,
            self.all_,
            self.delete,
            self.modules_trick,
            self.set_attribute,
            self.global_trick,
            self.raise_,
            self.package_path,
            self.executed,
            self.reload,
            self.decorated,
            self.data_class,
            self.annotated,
            *[self.idiom] * (6 if self.with_idioms else 0),
        )
        nested = (self.if_, self.try_, self.for_, self.with_, self.while_, self.match_)
        return self.pick(kinds + nested * 2 if depth < 2 else plain)(depth)

    def idiom(self, depth: int) -> str:
        return idioms.idiom(self, depth)

    def inner(self, depth: int, most: int = 2) -> str:
        return indent(self.block(depth + 1, most), "    ")

    def import_(self, depth: int) -> str:
        module = self.other()
        if self.chance(2):
            return f"import {module} as {self.fresh()}\n"
        return f"import {module}\n"

    def from_(self, depth: int) -> str:
        module = self.other()
        name = self.name_of(module)
        if self.chance(3):
            return f"from {self.relative(module)} import {name} as {self.fresh()}\n"
        self.known[self.module].append(name)
        return f"from {self.relative(module)} import {name}\n"

    def submodule(self, depth: int) -> str:
        """``from package import submodule``."""
        parent, _, name = self.other().rpartition(".")
        self.known[self.module].append(name)
        return f"from {self.relative(parent)} import {name}\n" if parent else f"import {name}\n"

    def star(self, depth: int) -> str:
        return f"from {self.relative(self.other())} import *\n" if depth == 0 else self.from_(depth)

    def take(self, depth: int) -> str:
        module, name = self.pick(TAKEN)
        if self.chance(3):
            return f"from {module} import {name} as {self.fresh()}\n"
        self.known[self.module].append(name)
        return f"from {module} import {name}\n"

    def assign(self, depth: int) -> str:
        if self.chance(6):
            return f"{self.fresh()}, {self.fresh()} = {self.value()}, {self.value()}\n"
        return f"{self.fresh()} = {self.value()}\n"

    def annotated(self, depth: int) -> str:
        """Not inside other statements: of those in a match, Python 3.10 forgets to make a dictionary for."""
        if depth:
            return self.assign(depth)
        if self.chance(2):
            return f"{self.fresh()}: {self.value()} = {self.value()}\n"
        return f"{self.fresh()}: {self.module_expression(self.other())}\n"

    def function(self, depth: int) -> str:
        self.used += 1
        name = f"f{self.used}"
        head = self.pick(
            (
                f"def {name}():\n",
                f"def {name}(p={self.value()}):\n",
                f"def {name}(p=1, *, k={self.value()}):\n",
                f"def {name}(*p, k={self.value()}, **q):\n",
            )
        )
        body = self.inner(depth) if self.chance(2) else ""
        ending = self.pick(
            (f"    return {self.value()}\n", "    return p\n", f"    return lambda z={self.taken()}: z\n")
        )
        self.functions.append(name)
        self.known[self.module].append(name)
        text = head + body + ("    p = 1\n" if "(p" not in head and "(*p" not in head else "") + ending
        return text + (self.call_statement(depth) if self.chance(2) else "")

    def call_statement(self, depth: int) -> str:
        if not self.functions:
            return self.take(depth)
        call = f"{self.pick(self.functions)}()"
        return f"{self.fresh()} = {call}\n" if self.chance(2) else f"{call}\n"

    def decorated(self, depth: int) -> str:
        self.used += 1
        name = f"d{self.used}"
        wraps = self.pick(
            (
                "    return f\n",
                "    def inner(*a, f=f):\n        return f(*a)\n    return inner\n",
                f"    return {self.taken()}\n",
            )
        )
        target = self.pick(
            (f"def g{self.used}(p={self.taken()}): return p\n", f"class K{self.used}({self.base()}): pass\n")
        )
        self.known[self.module].append(f"g{self.used}" if target.startswith("def") else f"K{self.used}")
        return f"def {name}(f):\n{self.inner(depth)}{wraps}@{name}\n{target}"

    def class_(self, depth: int) -> str:
        self.used += 1
        name = f"C{self.used}"
        bases = self.pick(("", f"({self.base()})", f"({self.pick(self.classes)})" if self.classes else "(object)"))
        if self.chance(8):
            bases = f"(metaclass=type('M', (type,), {{'m': {self.taken()}}}))"
        body = "".join(self.member() for _ in range(self.count(1, 4)))
        self.classes.append(name)
        self.known[self.module].append(name)
        return f"class {name}{bases}:\n{indent(body, '    ')}"

    def member(self) -> str:
        name = self.pick((*NAMES, "__p"))
        return self.pick(
            (
                f"{name} = {self.value()}\n",
                f"def m(self, {name}={self.value()}): pass\n",
                f"def __init__(self, *, {name}={self.value()}): pass\n",
                f"@staticmethod\ndef s({name}={self.value()}): pass\n",
                f"@classmethod\ndef c(cls, {name}={self.value()}): pass\n",
                f"class N:\n    {name} = {self.value()}\n",
                f"class N({self.base()}):\n    def m(self, {name}={self.value()}): pass\n",
                self.from_(1),
                self.import_(1),
                f"{name} = staticmethod({self.taken()})\n",
                f"def __init_subclass__(cls, **k): cls.{name} = {self.value()}\n",
                f"@property\ndef {name}(self): return {self.taken()}\n",
                f"for {name} in ({self.taken()}, {self.taken()}): pass\n",
                f"if {self.test()}:\n    {name} = {self.value()}\n",
                f"{name} = [z for z in [{self.taken()}]][0]\n",
                f"def __set_name__(self, owner, name): setattr(owner, 'seen', {self.taken()})\n",
                "__slots__ = ()\n",
            )
        )

    def data_class(self, depth: int) -> str:
        self.used += 1
        name = f"D{self.used}"
        self.known[self.module].append(name)
        return self.pick(
            (
                f"@__import__('dataclasses').dataclass\nclass {name}:\n    v: object = {self.taken()}\n",
                f"class {name}(__import__('enum').Enum):\n    v = 1\n    w = 'x'\n",
                f"class {name}(__import__('typing').NamedTuple):\n    v: object = {self.taken()}\n",
                f"{name} = __import__('collections').namedtuple('{name}', 'v w', defaults=[{self.taken()}])\n",
                f"class {name}(__import__('abc').ABC):\n    v = {self.taken()}\n",
                f"@__import__('functools').total_ordering\nclass {name}:\n    v = {self.taken()}\n    def __lt__(self, o): return True\n",
                f"@__import__('functools').lru_cache(maxsize=None)\ndef {name}(p={self.taken()}): return p\n",
                f"@__import__('contextlib').contextmanager\ndef {name}(p={self.taken()}): yield p\n",
            )
        )

    def dynamic_import(self, depth: int) -> str:
        module = self.other()
        return self.pick(
            (
                f"__import__('{module}')\n",
                f"{self.fresh()} = __import__('{module}')\n",
                f"{self.fresh()} = {self.module_expression(module)}\n",
                f"for z in ('{module}', '{self.other()}'):\n    {self.fresh()} = __import__('importlib').import_module(z)\n",
                f"[__import__(z) for z in ['{module}', '{self.other()}']]\n",
                "for z in __import__('pkgutil').iter_modules(globals().get('__path__', [])):\n    __import__('importlib').import_module(__name__ + '.' + z.name)\n",
            )
        )

    def module_getattr(self, depth: int) -> str:
        if depth:
            return self.assign(depth)
        module = self.other()
        return (
            "def __getattr__(name, asked=[]):\n"
            "    if name in asked: raise AttributeError(name)\n"
            "    asked.append(name)\n"
            f"    if name in ('{self.fresh()}', '{self.pick(STEMS)}'):\n"
            + indent(
                self.pick(
                    (
                        f"return {self.value()}\n",
                        f"from {module} import {self.name_of(module)} as z\nreturn z\n",
                        "return __import__('importlib').import_module('.' + name, __name__)\n",
                    )
                ),
                "        ",
            )
            + self.pick(("    raise AttributeError(name)\n", "    raise ImportError(name)\n"))
        )

    def all_(self, depth: int) -> str:
        names = [self.own_name(), self.pick((*NAMES, *STEMS))]
        return self.pick(
            (
                f"__all__ = {names[:1]!r}\n",
                f"__all__ = {names!r}\n",
                f"__all__ = ['{names[0]}'] + globals().get('__all__', [])\n",
                "__all__ = []\n",
            )
        )

    def delete(self, depth: int) -> str:
        name = self.own_name()
        if depth:
            return f"globals().pop('{name}', None)\n"
        return f"del {name}\n"

    def modules_trick(self, depth: int) -> str:
        module = self.other()
        return self.pick(
            (
                f"__import__('sys').modules['{module}.z'] = __import__('{module}', fromlist=['v'])\n",
                f"if not hasattr(__import__('sys'), 'gone_{module}'):\n    setattr(__import__('sys'), 'gone_{module}', 1)\n    __import__('sys').modules.pop('{module}', None)\n",
                f"__import__('sys').modules['{module}'] = __import__('types').ModuleType('{module}')\n",
                f"__import__('sys').modules[__name__] = __import__('types').SimpleNamespace(v={self.taken()})\n",
                f"__import__('sys').modules['{module}'] = None\n",
                f"__import__('sys').modules.setdefault('{module}', __import__('types').ModuleType('{module}'))\n",
                f"__import__('sys').modules[__name__].__dict__['{self.fresh()}'] = {self.value()}\n",
                f"__import__('sys').modules[__name__].__class__ = type('Own', (__import__('types').ModuleType,), {{'{self.fresh()}': {self.taken()}}})\n",
            )
        )

    def set_attribute(self, depth: int) -> str:
        module = self.other()
        name = self.pick(NAMES)
        self.known[module].append(name)
        return self.pick(
            (
                f"setattr({self.module_expression(module)}, '{name}', {self.value()})\n",
                f"{self.module_expression(module)}.{name} = {self.value()}\n",
                f"globals()['{self.fresh()}'] = {self.value()}\n",
                f"globals().update({self.fresh()}={self.value()})\n",
                f"{self.pick(self.classes)}.{name} = {self.value()}\n"
                if self.classes
                else f"{self.fresh()} = {self.value()}\n",
            )
        )

    def global_trick(self, depth: int) -> str:
        self.used += 1
        return f"def s{self.used}():\n    global {self.fresh()}\n{indent(f'{self.known[self.module][-1]} = {self.value()}', '    ')}\ns{self.used}()\n"

    def raise_(self, depth: int) -> str:
        kind = self.pick(("ImportError", "AttributeError", "ValueError", "ModuleNotFoundError", "Exception"))
        return f"if {self.test()}:\n    raise {kind}('no')\n" if self.chance(2) else f"raise {kind}('no')\n"

    def package_path(self, depth: int) -> str:
        return self.pick(
            (
                "if '__path__' in globals():\n    __path__.insert(0, __path__[0] + '/c')\n",
                "if '__path__' in globals():\n    __path__ = __import__('pkgutil').extend_path(__path__, __name__)\n",
                "__path__ = []\n",
            )
        )

    def executed(self, depth: int) -> str:
        return self.pick(
            (
                f"exec({self.import_(0)!r})\n",
                f"exec({self.assign(0)!r}, globals())\n",
                f"{self.fresh()} = eval({self.value()!r})\n",
                f"exec({self.from_(0)!r}, {{'__name__': __name__, '__package__': __package__}})\n",
            )
        )

    def reload(self, depth: int) -> str:
        return f"if 'z' not in globals():\n    z = 1\n    __import__('importlib').reload({self.module_expression(self.other())})\n"

    # Compound statements --------------------------------------------------------------------------
    def if_(self, depth: int) -> str:
        text = f"if {self.test()}:\n{self.inner(depth)}"
        return text + (f"else:\n{self.inner(depth)}" if self.chance(2) else "")

    def try_(self, depth: int) -> str:
        caught = self.pick(
            ("ImportError", "Exception", "(ImportError, AttributeError)", "ModuleNotFoundError", "NameError")
        )
        handler = f"except {caught} as {self.fresh()}:\n" if self.chance(5) else f"except {caught}:\n"
        text = f"try:\n{self.inner(depth)}{handler}{self.inner(depth)}"
        if self.chance(3):
            text += f"else:\n{self.inner(depth)}"
        return text + (f"finally:\n{self.inner(depth)}" if self.chance(4) else "")

    def for_(self, depth: int) -> str:
        head = self.pick(
            (
                f"for {self.fresh()} in ({self.value()}, {self.taken()}):\n",
                "for z in range(2):\n",
                f"for z in [{self.value()}]:\n",
            )
        )
        ending = self.pick(("", f"    if {self.test()}: break\n", "    continue\n"))
        return head + self.inner(depth) + ending + (f"else:\n{self.inner(depth)}" if self.chance(3) else "")

    def while_(self, depth: int) -> str:
        return f"while True:\n{self.inner(depth)}    break\n"

    def with_(self, depth: int) -> str:
        self.used += 1
        manager = self.pick(
            (
                "with __import__('contextlib').suppress(ImportError):\n",
                "with __import__('contextlib').suppress(Exception):\n",
                f"with __import__('contextlib').nullcontext({self.value()}) as {self.fresh()}:\n",
                f"class W{self.used}:\n    def __enter__(self): return {self.value()}\n    def __exit__(self, *e): return {self.test()}\nwith W{self.used}() as {self.fresh()}:\n",
                f"@__import__('contextlib').contextmanager\ndef w{self.used}():\n    try:\n        yield {self.value()}\n    except ImportError:\n        pass\n    finally:\n        {self.import_(1)}with w{self.used}() as {self.fresh()}:\n",
            )
        )
        return manager + self.inner(depth)

    def match_(self, depth: int) -> str:
        return f"match {self.pick(('1', '__name__', '(1, 2)'))}:\n    case {self.pick(('1', '(1, z)', 'str()', 'int() as z'))}:\n{indent(self.inner(depth), '    ')}    case _:\n{indent(self.inner(depth), '    ')}"


def shape_of(random: Random) -> Shape:
    """A root package, modules beside and below it, some of them packages; some packages have no ``__init__``."""
    modules, packages = ["ROOT"], {"ROOT"}
    for _ in range(random.randint(1, 5)):
        module = f"{random.choice(sorted(packages))}.{random.choice(STEMS)}"
        if module not in modules:
            modules.append(module)
            if module.count(".") < 3 and random.randrange(3) == 0:
                packages.add(module)
    return Shape(modules, packages)


def program_of(random: Random, with_idioms: bool = False) -> Program:
    """The files of a program, and under ``driver`` what imports it."""
    shape = shape_of(random)
    known: dict[str, list[str]] = {module: [] for module in shape.modules}
    files = {}
    for module in reversed(shape.modules):
        writer = Writer(random, shape, module, known, with_idioms=with_idioms)
        is_namespace = module in shape.packages and writer.chance(8)
        if not is_namespace:
            files[shape.path(module)] = writer.block(0, 7)
    writer = Writer(random, shape, "", {"": [], **known})
    first = writer.pick(
        (f"import {writer.other()}\n", f"import {writer.other()}\n", f"from {writer.other()} import *\n")
    )
    imports = [first, *(writer.import_(0) for _ in range(writer.count(1, 4)))]
    files["driver"] = "".join(f"try:\n    {line}except Exception:\n    pass\n" for line in imports)
    return files


class Calm(Writer):
    """Writes what does not fail."""

    def value(self) -> str:
        return self.taken()

    def test(self) -> str:
        return self.pick(("True", "False"))


def one_idiom(kind: str, number: int, module: str) -> Program:
    """A small package with one idiom in one of its packages."""
    shape = Shape(["ROOT", "ROOT.a", "ROOT.b", "ROOT.b.c"], {"ROOT", "ROOT.b"})
    known = {"ROOT": [], "ROOT.b": [], "ROOT.a": ["v", "w"], "ROOT.b.c": ["v", "x"]}
    writer = Calm(Random(f"{kind} {number} {module}"), shape, module, known)  # noqa: S311
    text = "y = 0\nv = 1\n" + idioms.filled(writer, idioms.IDIOMS[kind][number], 1)
    if kind == idioms.NEWER:
        text = f"if __import__('sys').version_info >= (3, 11):\n    exec({text!r})\n"
    return {
        "ROOT/__init__.py": "",
        "ROOT/b/__init__.py": "v = w = None\n",
        "ROOT/a.py": "from time import sleep as v\nw = 1\n",
        "ROOT/b/c.py": "from ssl import SSLContext as v\nimport threading\nx = threading.Lock()\n",
        shape.path(module): text,
        "driver": "try:\n    import ROOT.b\nexcept Exception as e:\n    globals()[type(e).__name__] = __import__('time').sleep\n",
    }


def batches(size: int, with_idioms: bool = False) -> st.SearchStrategy[list[Program]]:
    """Some programs of one draw: thousands are needed, and what fails is made small by ``reduction``.

    Hypothesis sees to it that no two draws are alike, which those of many small choices often are. They are made of
    bits because it mixes numbers with those that it finds in whatever code is loaded: other programs each time.
    """
    bits = st.lists(st.booleans(), min_size=64, max_size=64)
    return bits.map(lambda drawn: [program_of(Random(f"{drawn} {number}"), with_idioms) for number in range(size)])  # noqa: S311
