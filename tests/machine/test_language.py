"""Rules of the language that decide which way an import goes."""

from __future__ import annotations

import importlib.machinery

import pytest

from patchlint.model.events import ModuleExecuted

SUFFIX = importlib.machinery.EXTENSION_SUFFIXES[0]


@pytest.mark.parametrize(
    ("before", "test"),
    [
        ("import numbers", "isinstance(1, numbers.Real) and isinstance(1, numbers.Number)"),
        ("import numbers", "not isinstance('1', numbers.Real)"),
        ("class A: pass\nclass B(A):\n    def get(self):\n        return super().__thisclass__", "B().get() is B"),
        ("class A: pass\nclass B(A):\n    def get(self):\n        return super().__self_class__", "B().get() is B"),
        (
            "import sys, types",
            "isinstance(sys._getframe(), types.FrameType) and type(sys._getframe()) is types.FrameType",
        ),
        ("import builtins", "builtins.__package__ == '' and builtins.__name__ == 'builtins'"),
    ],
)
def test_a_test_is_decided(play, before, test):
    played = play({"main.py": f"{before}\nif {test}:\n    import a\nelse:\n    import b", "a.py": "", "b.py": ""})
    assert played.modules() == {"__main__": "certain", "a": "certain"}


def test_what_a_decorator_in_c_made_may_have_any_attribute(play):
    text = "from fast import cached\nclass A:\n    @cached\n    def x(self): ...\ny = A.x.fget\nimport a"
    played = play({f"fast{SUFFIX}": "", "main.py": text, "a.py": ""})
    assert list(played.modules()) == ["__main__", "fast", "a"]
    assert not played.opaque()


def test_a_long_call_into_another_package_is_cut_and_the_statement_goes_on(play):
    files = {
        "parser.py": "def load(text):\n    for a in range(999):\n        for b in range(999):\n            text = text[1:]",
        "main.py": "import parser\ndef start():\n    options = parser.load('abc')\n    import a\nstart()\nimport b",
        "a.py": "",
        "b.py": "",
    }
    played = play(files)
    assert played.modules() == dict.fromkeys(["__main__", "parser", "a", "b"], "certain")
    assert played.opaque() == [("call", "load() takes too many operations to follow")]


def test_a_member_of_an_enumeration_may_count_those_before_it(play):
    text = """
        import enum
        class Kind(enum.IntEnum):
            FIRST = "first"
            SECOND = "second"
            def __new__(cls, description):
                member = int.__new__(cls, len(cls.__members__))
                member._value_ = len(cls.__members__)
                return member
        if Kind.SECOND == 1 and Kind.FIRST not in (Kind.SECOND,):
            import a
    """
    assert play({"main.py": text, "a.py": ""}).modules() == {"__main__": "certain", "a": "certain"}


@pytest.mark.parametrize(
    "text",
    [
        "import re\nif re.match('a', 'ab'):\n    import a",
        "import re\nif not re.match('b', 'ab'):\n    import a",
        "import re\nif bool(re.compile(r'\\w+').fullmatch('word')):\n    import a",
        "import functools\n@functools.lru_cache\ndef f(): ...\nif f.__name__ == 'f':\n    import a",
    ],
)
def test_what_regular_expressions_and_caches_answer_is_known(play, text):
    assert play({"main.py": text, "a.py": ""}).modules() == {"__main__": "certain", "a": "certain"}


def test_a_function_curried_in_c_takes_fewer_arguments(play):
    text = "from fast import curry\n@curry\ndef f(x, y): ...\nhalf = f(1)\nimport a"
    played = play({f"fast{SUFFIX}": "", "main.py": text, "a.py": ""})
    assert list(played.modules()) == ["__main__", "fast", "a"]
    assert not played.opaque()


def test_dir_of_what_may_hold_more_is_not_all(play):
    text = "import fast\nif 'decoder' in dir(fast):\n    import a\nelse:\n    import b"
    played = play({f"fast{SUFFIX}": "", "main.py": text, "a.py": "", "b.py": ""})
    assert played.modules() == {"__main__": "certain", "fast": "certain", "a": "possible", "b": "possible"}


def test_pkgutil_imports_inspect_to_list_a_folder(play):
    text = "import pkgutil, p\nfor info in pkgutil.iter_modules(p.__path__):\n    __import__(f'p.{info.name}')"
    played = play({"main.py": text, "p/__init__.py": "", "p/a.py": ""})
    assert "inspect" in [event.module for event in played.timeline.events if hasattr(event, "module")]
    assert played.modules()["p.a"] == "certain"


KEYS = """
import enum
class Name(str): ...
class Colour(str, enum.Enum):
    RED = "red"
class Odd(str):
    def __eq__(self, other):
        return False
    __hash__ = str.__hash__
"""
"""Objects of subclasses of a built-in type, which are the same key as the value that they hold."""


@pytest.mark.parametrize(
    "test",
    [
        "{Name('a'): 1}.get('a') == 1",
        "{'a': 1}.get(Name('a')) == 1",
        "{Colour.RED: 1}['red'] == 1",
        "('x', Colour.RED) in {('x', 'red')}",
        "len({Name('a'), 'a', Name('b')}) == 2",
        "{'a': 1}.get(Odd('a')) is None",
    ],
)
def test_a_key_is_found_by_its_value(play, test):
    played = play({"main.py": f"{KEYS}\nif {test}:\n    import a\nelse:\n    import b", "a.py": "", "b.py": ""})
    assert played.modules() == {"__main__": "certain", "a": "certain"}


def test_an_object_may_say_that_it_is_of_another_class(play):
    text = """
        class Site: ...
        class Proxy:
            @property
            def __class__(self):
                import loaded
                return Site
        if isinstance(Proxy(), Site) and isinstance(Proxy(), Proxy) and not isinstance(Proxy(), int):
            import a
    """
    played = play({"main.py": text, "loaded.py": "", "a.py": ""})
    assert played.modules() == dict.fromkeys(["__main__", "loaded", "a"], "certain")


OWN_KEYS = """
import dataclasses
class Header:
    def __init__(self, name):
        self.name = name
    def __hash__(self):
        return hash(self.name.lower())
    def __eq__(self, other):
        return isinstance(other, Header) and self.name.lower() == other.name.lower()
class Other(Header):
    __eq__ = object.__eq__
    __hash__ = object.__hash__
@dataclasses.dataclass(frozen=True)
class Point:
    x: int
    y: int = dataclasses.field(default=0, compare=False)
@dataclasses.dataclass
class Size:
    width: int
"""
"""Objects that say by ``__hash__`` and ``__eq__`` which key they are."""


@pytest.mark.parametrize(
    "test",
    [
        "{Header('A'): 1}.get(Header('a')) == 1 and Header('A') in {Header('a')}",
        "Header('b') not in {Header('a')} and len({Header('A'), Header('a'), Header('b')}) == 2",
        "{Header('A'): 1}.get('A') is None",
        "{Point(1, 2): 3}[Point(1, 4)] == 3 and Point(1, 2) == Point(1) != Point(2)",
        "Size(1) == Size(1) and Size(1) != Size(2) and not Size(1) == Point(1)",
        "dataclasses.replace(Point(1, 2), x=5).x == 5 and dataclasses.replace(Point(1, 2), x=5).y == 2",
    ],
)
def test_a_key_is_found_as_its_class_says(play, test):
    played = play({"main.py": f"{OWN_KEYS}\nif {test}:\n    import a\nelse:\n    import b", "a.py": "", "b.py": ""})
    assert played.modules() == {"__main__": "certain", "a": "certain"}


def test_an_object_of_a_built_in_type_whose_value_is_not_known_has_its_methods(play):
    text = "from fast import text\nclass Name(str):\n    def short(self):\n        return self.lower().strip()\n"
    played = play({f"fast{SUFFIX}": "", "main.py": f"{text}Name(text).short()\nimport a", "a.py": ""})
    assert not played.opaque()


def test_an_extension_module_may_bring_another_one(play):
    files = {f"fast{SUFFIX}": "\0PyInit_inner\0", "main.py": "from fast.inner import x\nimport a", "a.py": ""}
    played = play(files)
    assert "a" in played.modules()
    assert not played.opaque()


def test_an_extension_module_is_no_package_otherwise(play):
    text = "try:\n    from fast.inner import x\nexcept ImportError:\n    import a"
    assert "a" in play({f"fast{SUFFIX}": "", "main.py": text, "a.py": ""}).modules()


def test_a_runtime_protocol_asks_for_the_members(play):
    played = play(
        {
            "main.py": """
                from typing import Protocol, runtime_checkable

                @runtime_checkable
                class HasItems(Protocol):
                    def items(self): ...

                class Basket:
                    def items(self):
                        return []

                if isinstance(Basket(), HasItems) and isinstance({}, HasItems):
                    import a
                if isinstance([], HasItems):
                    import b
            """,
            "a.py": "",
            "b.py": "",
        }
    )
    assert played.modules() == {"__main__": "certain", "a": "certain"}


def test_a_builtin_that_is_called_without_its_argument(play):
    played = play({"main.py": "try:\n    len()\nexcept TypeError:\n    import a", "a.py": ""})
    assert played.modules() == {"__main__": "certain", "a": "certain"}


_SETTER = "class A:\n    @property\n    def x(self): return 1\n    @x.setter\n    def x(self, to): self.y = to + 1"
_READ_ONLY = "class A:\n    @property\n    def x(self): return 1"
_HOOK = "    def __setattr__(self, name, to): object.__setattr__(self, 'y', to)"


@pytest.mark.parametrize(
    ("before", "test"),
    [
        (f"{_READ_ONLY}\nclass B(A):\n    __slots__ = ('x',)\nb = B()\nb.x = 2", "b.x == 2"),
        (f"{_READ_ONLY}\nclass B(A):\n    __slots__ = 'x'\nb = B()", "not hasattr(b, 'x')"),
        ("class A:\n    __slots__ = ('__x',)", "'_A__x' in vars(A) and not hasattr(A(), '_A__x')"),
        ("class A:\n    __slots__ = ('x',)\n    def __getattr__(self, name): return name", "A().x == 'x'"),
        (f"{_SETTER}\na = A()\nobject.__setattr__(a, 'x', 2)", "a.y == 3"),
        (f"{_READ_ONLY}\n{_HOOK}\na = A()\na.x = 2", "a.y == 2"),
        (f"{_READ_ONLY}\na = A()\na.__dict__['x'] = 2", "object.__getattribute__(a, 'x') == 1"),
        ("class A(dict): ...\na = A()\nobject.__setattr__(a, 'x', 2)", "a.x == 2"),
        ("class A: ...\na = (A, A)", "not hash(a) > hash((A, A)) and hash(A) == hash(A)"),
        ("names = {'b', 'a', 'c'}", "list(names) == ['a', 'b', 'c']"),
    ],
)
def test_what_is_stored_where_is_decided(play, before, test):
    played = play({"main.py": f"{before}\nif {test}:\n    import a\nelse:\n    import b", "a.py": "", "b.py": ""})
    assert played.modules() == {"__main__": "certain", "a": "certain"}
    assert not played.opaque()


def test_a_slot_and_an_attribute_of_the_class_are_in_conflict(play):
    text = "try:\n    class A:\n        __slots__ = ('x',)\n        x = 1\nexcept ValueError:\n    import a"
    assert play({"main.py": text, "a.py": ""}).modules() == {"__main__": "certain", "a": "certain"}


OWN_CLASS = """
import sys, types
class Facade(types.ModuleType):
    def __getattribute__(self, name):
        return "odd" if name == "odd" else super().__getattribute__(name)
    def __getattr__(self, name):
        if name == "of_class":
            return name
        raise AttributeError(name)
    def __setattr__(self, name, value):
        types.ModuleType.__setattr__(self, name, (value,))
    def __dir__(self):
        return [*super().__dir__(), "more"]
def __getattr__(name):
    if name == "lazy":
        return name
    raise AttributeError(name)
odd = 1
me = sys.modules[__name__]
me.__class__ = Facade
me.given = 1
"""
"""A module whose class is one of the program's."""


@pytest.mark.parametrize(
    "test",
    [
        "me.odd == 'odd' and odd == 1",
        "me.lazy == 'lazy'",
        "me.of_class == 'of_class'",
        "not hasattr(me, 'other')",
        "given == (1,)",
        "dir(me)[-1] == 'more' and 'odd' in dir(me)",
        "type(me) is Facade and me.__class__ is Facade",
    ],
)
def test_a_module_may_have_a_class_of_its_own(play, test):
    played = play({"main.py": f"{OWN_CLASS}\nif {test}:\n    import a\nelse:\n    import b", "a.py": "", "b.py": ""})
    assert played.modules() == {"__main__": "certain", "a": "certain"}
    assert not played.opaque()


def test_a_method_of_a_class_in_c_is_not_none(play):
    played = play({"main.py": """
        from datetime import datetime

        def made(factory=None):
            if factory is not None:
                return [factory]

        if made(datetime.now) is None:
            import a
        if datetime.now() is not None:
            import b
        """, "a.py": "", "b.py": ""})  # fmt: skip
    assert "a" not in played.modules()
    assert [e.certainty for e in played.events(ModuleExecuted) if e.module == "b"] == ["possible"]


@pytest.mark.parametrize(
    "test",
    [
        "Optional[str].__origin__ is Union",
        "Optional[str].__args__ == (str, type(None)) == Union[str, None].__args__",
        "Optional[int] == Union[int, None] and {List[int]: 1}[List[int]] == 1",
        "not hasattr(Union, '__origin__') and List.__origin__ is list is List[int].__origin__",
        "Union[int] is int and Union[int, Union[str, None], int].__args__ == (int, str, type(None))",
        "isinstance(5, Union[int, str].__args__) and not isinstance(5.0, Optional[int].__args__)",
        "get_origin(Optional[int]) is Union and get_origin(Literal[1]) is Literal and get_args(Literal[1, 2]) == (1, 2)",
    ],
)
def test_forms_of_typing(play, test):
    text = f"from typing import *\nif {test}:\n    import a\nelse:\n    import b"
    assert play({"main.py": text, "a.py": "", "b.py": ""}).modules() == {"__main__": "certain", "a": "certain"}


def test_a_union_of_what_cannot_be_hashed(play):
    text = "from typing import Union\ntry:\n    Union[[1], int]\nexcept TypeError:\n    import a"
    assert "a" in play({"main.py": text, "a.py": ""}).modules()


def test_what_cannot_be_compared_is_taken_not_to_be_it(play):
    text = """
        given = None if input() else input()

        def limit():
            return given if given is not None else 2

        if limit() < 0:
            raise ValueError
        import a
    """
    played = play({"main.py": text, "a.py": ""})
    assert played.modules()["a"] == "certain"
    assert played.opaque() == []
