"""C functions that import when they are called, and documentation that is there or not."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("statement", "module"),
    [
        ("''.encode('idna')", "encodings.idna"),
        ("b''.decode(encoding='cp1252')", "encodings.cp1252"),
        ("import codecs\ncodecs.lookup('punycode')", "encodings.punycode"),
        ("import codecs\ncodecs.getreader('utf-16-be')", "encodings.utf_16_be"),
        ("import datetime\ndatetime.datetime.strptime('1', '%d')", "_strptime"),
        ("import time\ntime.strptime('1', '%d')", "_strptime"),
    ],
)
def test_a_call_into_c_imports(play, statement, module):
    played = play({"main.py": statement})
    assert module in [event.module for event in played.timeline.events if hasattr(event, "module")]


@pytest.mark.parametrize("statement", ["''.encode('latin-1')", "''.encode()", "b''.decode('UTF8')"])
def test_an_encoding_that_needs_no_codec_imports_nothing(play, statement):
    modules = [event.module for event in play({"main.py": statement}).timeline.events if hasattr(event, "module")]
    assert not [name for name in modules if name.startswith("encodings.") and name not in KNOWN]


KNOWN = {"encodings.aliases", "encodings.utf_8"}


def test_an_unknown_encoding_raises(play):
    played = play({"main.py": "try:\n    ''.encode('no-such')\nexcept LookupError:\n    import a", "a.py": ""})
    assert played.modules() == {"__main__": "certain", "a": "certain"}


@pytest.mark.parametrize(
    ("definition", "documented"),
    [
        ("def f():\n    'text'", True),
        ("def f():\n    pass", False),
        ("async def f():\n    '''text'''\n    import never", True),
        ("import _socket\nf = _socket.socket.recv", True),
        ("import datetime\nf = datetime.datetime.min.replace", True),
        ("f = len", True),
    ],
)
def test_what_has_documentation_is_known(play, definition, documented):
    text = f"{definition}\nif f.__doc__:\n    import a\nelse:\n    import b"
    played = play({"main.py": text, "a.py": "", "b.py": ""})
    if "datetime" in definition:
        assert "a" in played.modules()
    else:
        assert played.modules() == {"__main__": "certain", "a" if documented else "b": "certain"}
    assert not played.opaque()
