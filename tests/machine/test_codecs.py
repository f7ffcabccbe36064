"""A codec's module is loaded by the first text that needs it."""

from __future__ import annotations

import pytest

from patchlint.model.events import ModuleExecuted


def loaded_by(played):
    """All modules that were executed, in order."""
    return [event.module for event in played.events(ModuleExecuted)]


@pytest.mark.parametrize(
    ("statement", "loaded"),
    [
        ("'x'.encode('idna')", "encodings.idna"),
        ("b'x'.decode('cp037')", "encodings.cp037"),
        ("b'x'.decode(encoding='utf-16-be')", "encodings.utf_16_be"),
        ("import codecs\ncodecs.lookup('mac_roman')", "encodings.mac_roman"),
        ("import codecs\ncodecs.decode(b'x', 'rot13')", "encodings.rot_13"),
        ("open('/nowhere', encoding='ascii')", "encodings.ascii"),
        ("import pathlib\npathlib.Path(__file__).read_text('latin-1')", "encodings.latin_1"),
        ("import socket\nsocket.getaddrinfo('localhost', 80)", "encodings.idna"),
    ],
)
def test_a_codec_is_searched_for_by_its_name(play, statement, loaded):
    assert loaded in loaded_by(play({"main.py": statement}))


@pytest.mark.parametrize("name", ["utf-8", "UTF8", "latin-1", "ascii", "utf-16"])
def test_the_commonest_codecs_are_built_in(play, name):
    played = play({"main.py": f"x = 'x'.encode({name!r})"})
    assert not [module for module in loaded_by(played) if module.startswith("encodings.")][2:]


def test_a_codec_that_is_not_there(play):
    text = "import codecs\ntry:\n    codecs.lookup('of no such name')\nexcept LookupError:\n    import a"
    assert play({"main.py": text, "a.py": ""}).modules()["a"] == "certain"


def test_a_multibyte_codec_is_asked_of_its_c_module(play):
    text = """
        import _codecs_tw
        try:
            _codecs_tw.getcodec("gbk")
        except LookupError:
            import a
        _codecs_tw.getcodec("big5")
        import b
    """
    played = play({"main.py": text, "a.py": "", "b.py": ""})
    order = [name for name in loaded_by(played) if name in ("a", "b", "_multibytecodec")]
    assert order == ["a", "_multibytecodec", "b"]


def test_a_file_of_bytes_needs_no_codec(play):
    played = play({"main.py": "x = open(__file__, 'rb').read()\nimport io\nassert io.open is open and b'rb' in x"})
    assert not [module for module in loaded_by(played) if module.startswith("encodings.")][2:]
    assert not played.opaque()


def test_a_port_is_no_subclass_of_int(play):
    text = """
        import socket
        class Port(int): ...
        try:
            socket.getaddrinfo("127.0.0.1", Port(22))
        except OSError:
            import a
    """
    assert play({"main.py": text, "a.py": ""}).modules()["a"] == "certain"
