"""Rules of the language that decide which way an import goes."""

from __future__ import annotations

import importlib.machinery

import pytest

SUFFIX = importlib.machinery.EXTENSION_SUFFIXES[0]


@pytest.mark.parametrize(
    ("before", "test"),
    [
        ("import numbers", "isinstance(1, numbers.Real) and isinstance(1, numbers.Number)"),
        ("import numbers", "not isinstance('1', numbers.Real)"),
        ("class A: pass\nclass B(A):\n    def get(self):\n        return super().__thisclass__", "B().get() is B"),
        ("class A: pass\nclass B(A):\n    def get(self):\n        return super().__self_class__", "B().get() is B"),
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
