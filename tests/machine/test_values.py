"""What an attribute, a comparison or a class is, held against what the interpreter says of the same program."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from patchlint.model.events import ModuleExecuted

if TYPE_CHECKING:
    from conftest import Played

PROGRAMS = {
    "a class attribute hook that refuses is followed by __getattr__": """
        class Lazy:
            def __getattribute__(self, name):
                if name == "there":
                    return 1
                raise AttributeError

            def __getattr__(self, name):
                return name.upper()

        answer = Lazy().there, Lazy().other
        """,
    "the namespace of an enumeration knows its members": """
        import enum

        class Meta(enum.EnumMeta):
            def __new__(metacls, name, bases, body, **keywords):
                found = list(body._member_names)
                made = super().__new__(metacls, name, bases, body, **keywords)
                made.found = found
                return made

        class Base(enum.Enum, metaclass=Meta):
            pass

        class Colour(Base):
            RED = 1
            BLUE = 2

            def help(self):
                return 3

        answer = Colour.found, Colour.RED.value
        """,
    "a member of an enumeration of numbers is that number, in a container too": """
        import enum

        class Level(enum.IntEnum):
            LOW = 1
            HIGH = 2

        levels = {"low": Level.LOW, "high": Level.HIGH}
        answer = 2 in levels.values(), 2 in [Level.LOW], 1 in (Level.LOW,)
        """,
    "what stands for a match is asked of the program": """
        import re

        def named(match):
            return {"h": "host", "n": "name"}.get(match.group(1), match.group(0))

        answer = re.sub(r"%(.)", named, "%n@%h %x"), re.compile("b+").subn(lambda match: "c", "abba b")
        """,
    "the parameters of a function can be asked for": """
        import inspect

        class Shop:
            def sell(self, what, price=1, *rest, cash=True, to, **more):
                pass

        found = inspect.getfullargspec(Shop().sell)
        answer = found.args, found.varargs, found.varkw, found.defaults, found.kwonlyargs, found.kwonlydefaults
        """,
    "a member may be made from how many there are before it": """
        import enum

        class Kind(enum.IntEnum):
            FIRST = "the first"
            SECOND = "the second"
            SAME = "the first"

            def __new__(cls, words):
                value = len(cls.__members__) % 2
                member = int.__new__(cls, value)
                member._value_ = value
                member.words = words
                return member

        answer = Kind.SECOND.value, Kind(1).name, Kind.FIRST == Kind.SECOND, Kind.SAME is Kind.FIRST, len(Kind.__members__)
        """,
    "an initial variable is handed on and not kept": """
        import dataclasses

        @dataclasses.dataclass
        class Table:
            legs: int
            paint: dataclasses.InitVar[str] = "white"

            def __post_init__(self, paint):
                self.colour = paint.upper()

        answer = Table(4, paint="red").colour, Table(3).colour, [field.name for field in dataclasses.fields(Table)]
        """,
    "a function of several forms is chosen by the class of its first argument": """
        import functools

        @functools.singledispatch
        def shown(value):
            return "?"

        @shown.register(int)
        def _(value):
            return "int"

        shown.register(str, lambda value: "str")

        class Number(int):
            pass

        answer = shown(1), shown("a"), shown(Number()), shown(2.5), shown.dispatch(bool)(True)
        """,
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_as_the_interpreter_has_it(play: Callable[..., Played], program: str) -> None:
    text = dedent(program)
    told: dict[str, object] = {}
    exec(compile(text, "program", "exec", dont_inherit=True), told)  # noqa: S102  (the program is the test's own)
    played = play({"main.py": f"{text}\nif answer == {told['answer']!r}:\n    import right\n", "right.py": ""})
    assert played.modules().get("right") == "certain"


def test_the_identities_of_unknown_values_may_be_the_same(play):
    played = play({"main.py": """
        import time
        if id(time.localtime()) != id(time.localtime()):
            import a
        """, "a.py": ""})  # fmt: skip
    assert [event.certainty for event in played.events(ModuleExecuted) if event.module == "a"] == ["possible"]
