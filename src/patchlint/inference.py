"""What may an expression of the program be?  astroid's inference, where the machine's own values do not know.

The only file that imports astroid, and only once something is asked: that alone takes a tenth of a second.
astroid builds trees of source texts and nothing else here.  Modules are found where the caller says, never by
astroid's own search, which is that of the interpreter that runs patchlint, and nothing is ever imported.
"""

from __future__ import annotations

import itertools
import re
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from patchlint.model.errors import SourceError

if TYPE_CHECKING:
    from astroid import nodes

NODES: Final = 20_000
"""How many nodes are inferred for one program."""

CHARACTERS: Final = 400_000
"""How much source trees are built of for one program: about ten thousand lines."""

SECONDS: Final = 2.0
"""Of the processor's time, what all of it may take where a machine is too slow for the numbers above."""

_MOST: Final = 8
_PARTIAL: Final = "functools.partial"


class TooLong(Exception):
    """The answer would take more work than a program is given."""


class _Cut(BaseException):
    """Ends an inference from inside: astroid catches the exceptions that it expects."""


@dataclass(frozen=True, slots=True)
class Source:
    """A module to build a tree of."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Use:
    """Where an expression stands: its module, and a line of its statement.

    ``shape`` is the expression in short (see ``machine/inferring.py``).  ``callers`` are the calls that led
    there, innermost first: the shape of one is the name of the function that it calls.
    """

    source: Source
    line: int
    shape: str
    callers: tuple[Use, ...] = ()


@dataclass(frozen=True, slots=True)
class Thing:
    """What an expression may be: a class or function by its names in its module, an instance of a class, a module.

    ``owner`` is the class whose instance a method is bound to.
    """

    kind: Literal["definition", "instance", "module"]
    module: str
    names: tuple[str, ...] = ()
    owner: Thing | None = None


class Inference:
    """Answers questions about one program; ``locate`` finds its modules, ``read`` gives a file's text.

    ``locate`` answers None for what has no source, ``read`` raises SourceError.
    """

    def __init__(self, locate: Callable[[str], Source | None], read: Callable[[str], str]) -> None:
        self._locate = locate
        self._read = read
        self._trees: _Trees | None = None
        self._meter = _Meter()
        self._answers: dict[Use, tuple[Thing, ...]] = {}

    def what(self, use: Use) -> tuple[Thing, ...]:
        """What the expression of a use may be, as far as it can be said.  Raises TooLong."""
        if use not in self._answers:
            self._answers[use] = self._asked(use)
        return self._answers[use]

    def _asked(self, use: Use) -> tuple[Thing, ...]:
        self._trees = self._trees or _Trees(self._locate, self._read, self._meter)
        with self._trees.known_to_astroid(), self._meter.running():
            try:
                values = (value for node in _expressions(self._trees, use) for value in self._values(node, use.callers))
                things = [_thing(value) for value in itertools.islice(values, _MOST)]
            except _Cut:
                raise TooLong from None
        return tuple(dict.fromkeys(thing for thing in things if thing is not None))

    def _values(self, node: Any, callers: Sequence[Use]) -> list[Any]:
        """What a node may be: by inference, else by what the function was called with, else by its annotations."""
        from astroid import nodes

        found = self._inferred(node)
        if found:
            return found
        if isinstance(node, nodes.Name):
            return self._of_parameter(node, callers) or self._of_bindings(node, callers)
        if isinstance(node, nodes.Attribute):
            owners = self._values(node.expr, callers)
            return [value for owner in owners for value in self._attribute(owner, node.attrname)]
        if isinstance(node, nodes.Call):
            functions = self._values(node.func, callers)
            if node.args and any(isinstance(one, nodes.ClassDef) and one.qname() == _PARTIAL for one in functions):
                return self._values(node.args[0], callers)
            return [value for one in functions for value in self._results(one, node)]
        return []

    def _of_bindings(self, name: nodes.Name, callers: Sequence[Use]) -> list[Any]:
        """What the assignments to a name give, where inference stops at what stands on their right."""
        from astroid import nodes

        bound = [one.parent.value for one in name.lookup(name.name)[1] if isinstance(one.parent, nodes.Assign)]
        return [value for right in bound if isinstance(right, nodes.Call) for value in self._values(right, callers)]

    def _inferred(self, node: Any) -> list[Any]:
        return self._plainly(lambda: node.infer(context=self._context()))

    def _attribute(self, owner: Any, name: str) -> list[Any]:
        found = self._plainly(lambda: owner.igetattr(name, self._context()))
        return found or [value for note in _annotations_of(owner, name) for value in self._instances(note)]

    def _results(self, function: Any, call: Any) -> list[Any]:
        return self._plainly(lambda: function.infer_call_result(call, self._context()))

    def _plainly(self, inferred: Callable[[], Iterator[Any]]) -> list[Any]:
        """The first values of an inference that are worth something."""
        from astroid.exceptions import AstroidError
        from astroid.util import UninferableBase

        try:
            values = list(itertools.islice(inferred(), _MOST))
        except (AstroidError, AttributeError, RecursionError, StopIteration):
            return []  # AttributeError: what has no such question asked of it
        return [value for value in values if not isinstance(value, UninferableBase) and not _tells_nothing(value)]

    def _context(self) -> Any:
        from astroid.context import InferenceContext

        return InferenceContext(nodes_inferred=self._meter)

    def _of_parameter(self, name: nodes.Name, callers: Sequence[Use]) -> list[Any]:
        """What a parameter is: the argument of the call that is under way, or an instance of its annotation."""
        from astroid import nodes

        function = name.lookup(name.name)[0]
        if not isinstance(function, nodes.FunctionDef) or self._trees is None:
            return []
        for call in _calls(self._trees, callers[0], function) if callers else ():
            argument = _argument(function, call, name.name)
            found = [] if argument is None else self._values(argument, callers[1:])
            if found:
                return found
        note = _annotation(function, name.name)
        return [] if note is None else self._instances(note)

    def _instances(self, note: Any) -> list[Any]:
        """Instances of the classes that an annotation names."""
        from astroid import nodes

        classes = [value for part in _alternatives(note) for value in self._inferred(part)]
        return [cls.instantiate_class() for cls in classes if isinstance(cls, nodes.ClassDef)]


class _Meter(list[int]):
    """astroid's own count of inferred nodes, which it keeps in a list, and the clock beside it."""

    def __init__(self) -> None:
        super().__init__([0])
        self.total = 0
        self.characters = 0
        self.seconds = 0.0
        self._since = 0.0

    def __setitem__(self, index: Any, value: Any) -> None:
        """One more node.  What astroid sees stays small: it has a limit of its own, at which it goes on guessing."""
        self.total += 1
        if self.total > NODES or (self.total % 64 == 0 and self.spent() > SECONDS):
            raise _Cut

    def read(self, characters: int) -> None:
        """A text is about to be made a tree of."""
        self.characters += characters
        if self.characters > CHARACTERS or self.spent() > SECONDS:
            raise _Cut

    def spent(self) -> float:
        return self.seconds + time.thread_time() - self._since

    @contextmanager
    def running(self) -> Iterator[None]:
        self._since = time.thread_time()
        try:
            yield
        finally:
            self.seconds = self.spent()


class _NoFiles(dict[Any, Any]):
    """Stands for astroid's memory of files that it found: it remembers that there are none, so it never looks."""

    def __getitem__(self, key: Any) -> Any:
        from astroid.exceptions import AstroidImportError

        return AstroidImportError("{modname} has no source", modname=key[0])


class _Trees(dict[str, Any]):
    """Stands for astroid's memory of modules: one that is asked for is built of the file that ``locate`` gives."""

    def __init__(self, locate: Callable[[str], Source | None], read: Callable[[str], str], meter: _Meter) -> None:
        from astroid.manager import AstroidManager

        super().__init__()
        self._locate, self._read, self._meter = locate, read, meter
        self._absent: set[str] = set()
        if "builtins" not in AstroidManager.brain["astroid_cache"]:
            AstroidManager().bootstrap()
        self["builtins"] = AstroidManager.brain["astroid_cache"]["builtins"]

    def __contains__(self, name: object) -> bool:
        if super().__contains__(name):
            return True
        if not isinstance(name, str) or name in self._absent:
            return False
        source = self._locate(name)
        if source is None or not self.build(source):
            self._absent.add(name)
            return False
        return True

    def build(self, source: Source) -> bool:
        """Make a module known; answers whether it could be built."""
        from astroid.exceptions import AstroidError

        if super().__contains__(source.name):
            return True
        try:
            text = self._read(source.path)
            self._meter.read(len(text))
            self.setdefault(source.name, _tree(text, source))
        except (SourceError, AstroidError, RecursionError, ValueError):
            return False
        return True

    @contextmanager
    def known_to_astroid(self) -> Iterator[None]:
        """While this lasts, astroid knows these modules and no others; its state is one for the whole process."""
        from astroid.manager import AstroidManager

        brain: Any = AstroidManager.brain
        ours: dict[str, Any] = {"astroid_cache": self, "_mod_file_cache": _NoFiles(), "_failed_import_hooks": []}
        ours["always_load_extensions"] = False
        saved = {key: brain[key] for key in ours}
        brain.update(ours)
        try:
            yield
        finally:
            brain.update(saved)


def _tree(text: str, source: Source) -> Any:
    from astroid.builder import AstroidBuilder
    from astroid.manager import AstroidManager

    name = f"{source.name}.__init__" if source.path.endswith("__init__.py") else source.name
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return AstroidBuilder(AstroidManager()).string_build(text, name, source.path)


# Places -------------------------------------------------------------------------------------------------
def _expressions(trees: _Trees, use: Use) -> Iterator[Any]:
    """The nodes of the expression that a use means; more than one where a line has it more than once."""
    from astroid import nodes

    kinds = (nodes.Name, nodes.Attribute, nodes.Call, nodes.Subscript)
    yield from (node for node in _on_line(trees, use, kinds) if _shape(node) == use.shape)


def _calls(trees: _Trees, use: Use, function: Any) -> Iterator[Any]:
    """The calls of a function that a use means, by the name that it is called by."""
    from astroid import nodes

    name = function.parent.frame().name if function.name == "__init__" else function.name
    for call in _on_line(trees, use, (nodes.Call,)):
        if use.shape == function.name and _shape(call.func).rpartition(".")[2] == name:
            yield call


def _on_line(trees: _Trees, use: Use, kinds: Any) -> Iterator[Any]:
    """The nodes of some kinds in the statements that begin or go on at a use's line."""
    if not trees.build(use.source):
        return
    for node in trees[use.source.name].nodes_of_class(kinds):
        first, last = node.statement().fromlineno, node.end_lineno or node.tolineno
        if first <= use.line <= last:
            yield node


def _shape(node: Any) -> str:
    """An expression in short, as ``machine/inferring.py`` has it."""
    from astroid import nodes

    if isinstance(node, nodes.Name):
        return str(node.name)
    if isinstance(node, nodes.Attribute):
        return f"{_shape(node.expr)}.{node.attrname}"
    if isinstance(node, nodes.Call):
        return f"{_shape(node.func)}()"
    return f"{_shape(node.value)}[]" if isinstance(node, nodes.Subscript) else "?"


# Parameters and annotations -----------------------------------------------------------------------------
def _argument(function: Any, call: Any, name: str) -> Any:
    """The argument of a call that a parameter gets, None where that cannot be told."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    names = [one.name for one in (*function.args.posonlyargs, *(function.args.args or ()))]
    skipped = 1 if function.is_method() and function.type != "staticmethod" else 0
    if name not in names[skipped:] or any(type(one).__name__ == "Starred" for one in call.args):
        return None
    place = names.index(name) - skipped
    return call.args[place] if place < len(call.args) else None


def _annotation(function: Any, name: str) -> Any:
    """A parameter's annotation, None where it has none."""
    arguments = function.args
    pairs = itertools.chain(
        zip(arguments.posonlyargs, arguments.posonlyargs_annotations, strict=False),
        zip(arguments.args or (), arguments.annotations, strict=False),
        zip(arguments.kwonlyargs, arguments.kwonlyargs_annotations, strict=False),
    )
    return next((note for parameter, note in pairs if parameter.name == name), None)


def _annotations_of(owner: Any, name: str) -> Iterator[Any]:
    """The annotations of an attribute that is declared and not bound to anything that can be inferred."""
    from astroid import bases, nodes

    cls = owner._proxied if type(owner) is bases.Instance else owner
    if isinstance(cls, nodes.ClassDef):
        for one in (cls, *itertools.islice(cls.ancestors(), _MOST)):
            yield from (n.parent.annotation for n in one.locals.get(name, ()) if isinstance(n.parent, nodes.AnnAssign))


def _alternatives(note: Any) -> Iterator[Any]:
    """The types of ``A | B``, ``Optional[A]``, ``Union[A, B]`` and of ``"A"`` in quotes."""
    from astroid import nodes

    if isinstance(note, nodes.BinOp):
        yield from _alternatives(note.left)
        yield from _alternatives(note.right)
    elif isinstance(note, nodes.Subscript) and _shape(note.value).endswith(("Optional", "Union", "Final", "ClassVar")):
        inner = note.slice
        for part in inner.elts if isinstance(inner, nodes.Tuple) else (inner,):
            yield from _alternatives(part)
    elif isinstance(note, nodes.Const) and isinstance(note.value, str):
        for word in re.findall(r"(?<![.\w])[^\W\d]\w*(?![.\w])", note.value):
            yield nodes.Name(word, note.lineno, note.col_offset, note.parent, end_lineno=None, end_col_offset=None)
    elif isinstance(note, (nodes.Name, nodes.Attribute)):
        yield note


# Answers ------------------------------------------------------------------------------------------------
def _tells_nothing(value: Any) -> bool:
    """Whether a value is None, or a partial object, of which only the call that makes it tells anything."""
    from astroid import bases, nodes

    if isinstance(value, nodes.Const):
        return value.value is None
    return type(value) is bases.Instance and value.pytype() == _PARTIAL


def _thing(value: Any) -> Thing | None:
    """A value of astroid's by its names, None for a constant, a container, or what is local to a function."""
    from astroid import bases, nodes

    if isinstance(value, nodes.Module):
        return Thing("module", value.name)
    if isinstance(value, bases.BoundMethod):
        owner = _thing(value.bound)
        return _defined(value._proxied, owner if owner is not None and owner.kind == "instance" else None)
    if isinstance(value, bases.UnboundMethod):
        return _defined(value._proxied)
    if isinstance(value, (nodes.ClassDef, nodes.FunctionDef)):
        return _defined(value)
    if type(value) is bases.Instance:
        cls = _defined(value._proxied)
        return None if cls is None else Thing("instance", cls.module, cls.names)
    return None


def _defined(node: Any, owner: Thing | None = None) -> Thing | None:
    """A class or function by its names, None for one of the interpreter's own or one made inside a function."""
    from astroid import nodes

    while isinstance(node, nodes.NodeNG) is False:
        node = node._proxied
    names: list[str] = []
    while not isinstance(node, nodes.Module):
        if node is None or (names and not isinstance(node, nodes.ClassDef)):
            return None
        names.append(node.name)
        node = node.parent.scope() if node.parent is not None else None
    return None if node.name == "builtins" else Thing("definition", node.name, tuple(reversed(names)), owner)
