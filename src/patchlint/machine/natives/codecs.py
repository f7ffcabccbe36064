"""Codecs: text is encoded and decoded by the host, but the module of the codec is loaded by the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from patchlint.machine.frames import Frame
from patchlint.machine.values import MISSING, Function, Instance, Module, Native, Unknown, Value

if TYPE_CHECKING:
    from patchlint.machine.core import Machine

Arguments = list[Value]
Keywords = dict[str, Value]

_BUILT_IN: Final = frozenset({"utf_8", "utf8", "ascii", "us_ascii", "latin_1", "latin1", "iso_8859_1", "iso8859_1"})
"""What ``str.encode`` and ``bytes.decode`` do by themselves (Objects/unicodeobject.c), beside the wide ones."""
_WIDE: Final = frozenset({"utf_16", "utf16", "utf_32", "utf32"})

PROVIDERS: Final = {
    "_codecs_cn": ("gb2312", "gbk", "gb18030", "hz"),
    "_codecs_hk": ("big5hkscs",),
    "_codecs_iso2022": tuple(f"iso2022_{kind}" for kind in ("kr", "jp", "jp_1", "jp_2", "jp_2004", "jp_3", "jp_ext")),
    "_codecs_jp": (
        *("shift_jis", "cp932", "euc_jp", "shift_jis_2004", "euc_jis_2004"),
        *("euc_jisx0213", "shift_jisx0213"),
    ),
    "_codecs_kr": ("euc_kr", "cp949", "johab"),
    "_codecs_tw": ("big5", "cp950"),
}
"""The C modules of multibyte codecs, and the names that ``getcodec`` of each has (Modules/cjkcodecs)."""


def codecs_c(m: Machine, module: Module) -> None:
    """``_codecs``: a search loads a module of ``encodings``."""
    module.ns["lookup"] = Native("lookup", _lookup, "_codecs")
    for name in ("encode", "decode"):
        module.ns[name] = Native(name, _convert, "_codecs")


def provider(m: Machine, module: Module) -> None:
    """One of ``_codecs_cn`` and its like."""
    names = PROVIDERS[module.name]

    def getcodec(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
        from patchlint.machine import imports

        name = arguments[0] if arguments else MISSING
        if type(name) is str and name not in names:
            raise m.error("LookupError", "no such codec is supported.")
        imports.import_absolute(m, "_multibytecodec", frame)
        return Unknown("getcodec()")

    module.ns["getcodec"] = Native("getcodec", getcodec, module.name)


def _lookup(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    name = arguments[0] if arguments else Unknown("encoding")
    if type(name) is str and load(m, name, frame) is None:
        raise m.error("LookupError", f"unknown encoding: {name}")
    return Unknown("lookup()")


def _convert(m: Machine, frame: Frame, arguments: Arguments, keywords: Keywords) -> Value:
    name = arguments[1] if len(arguments) > 1 else keywords.get("encoding")
    if type(name) is str:
        load(m, name, frame)
    return Unknown("codec")


def used_by_text(m: Machine, arguments: Arguments, keywords: Keywords, frame: Frame) -> None:
    """``str.encode`` and ``bytes.decode``: the commonest codecs are not searched for."""
    name = arguments[0] if arguments else keywords.get("encoding")
    if type(name) is str and _plain(name) not in _BUILT_IN | _WIDE:
        load(m, name, frame)


def load(m: Machine, name: str, frame: Frame) -> Value:
    """Ask the search functions as ``codecs.lookup`` does, once for each name: None where there is no such codec."""
    known = m.codecs.get(_plain(name), MISSING)
    if known is MISSING:
        package = m.modules.get("encodings")
        search = package.ns.get("search_function") if type(package) is Module else None
        if type(search) is not Function:
            return Unknown("codec")
        m.codecs[_plain(name)] = known = m.call(search, [name.lower().replace(" ", "_")], {}, frame)
    return known if not isinstance(known, Instance) else Unknown("codec")


def _plain(name: str) -> str:
    return name.lower().replace("-", "_").replace(" ", "_")
