"""The string constants of a Cython module, in the order in which it makes objects of them.

Until Cython 3.0 each is a C string, and code says which object it makes; 3.1 has a table of pointers to them.
Since 3.2 all are one text, stored as it is or compressed (zlib, bz2;
since 3.3 LZSS), and an array of lengths that compilers either keep as data or turn into code
(``GlobalState.generate_pystring_constants`` in Cython/Compiler/Code.py, Utility/StringTools.c).
Neither the text nor the array has a name in the file: strings that every module has tell where they are.
"""

from __future__ import annotations

import bz2
import re
import zlib
from array import array
from collections.abc import Iterable, Iterator
from itertools import accumulate, pairwise
from typing import Final

from patchlint.sources.binary.elf import Image

_EVERYWHERE: Final = (b"__main__", b"__name__", b"__test__")
_LONGEST: Final = 1 << 20


def is_cython(data: bytes) -> bool:
    """Every version makes the module ``cython_runtime``."""
    return b"\0cython_runtime\0" in data


def spells_out_packages(data: bytes) -> bool:
    """Since 3.2 the whole name of a relative import is among the constants."""
    return b"\0__main__\0" not in data


def strings(image: Image) -> list[bytes]:
    """The constants; none where code has them (3.0 and older), or where they cannot be told apart."""
    if pointed := _pointed_at(image):
        return pointed
    for text in _texts(image):
        places = [[match.start() for match in re.finditer(b"(?=" + name + b")", text)] for name in _EVERYWHERE]
        for lengths in _length_arrays(image):
            if cuts := _cuts(places, lengths):
                inside = [cut for cut in cuts if 0 <= cut <= len(text)]
                return [text[start:end] for start, end in pairwise(inside)]
    return []


def _pointed_at(image: Image) -> list[bytes]:
    """The table of Cython 3.1: pairs of a pointer and a length (``__Pyx_StringTabEntry``)."""
    section = image.sections[".rodata"]
    strings_at = range(section.address, section.address + section.size)
    main = image.data.find(b"\0__main__\0", section.offset, section.offset + section.size) + 1
    address = main - section.offset + section.address
    start = next((where for where, to in image.pointers.items() if to == address), 0) if main else 0
    while image.pointers.get(start - 16) in strings_at:
        start -= 16
    table: list[bytes] = []
    while (to := image.pointers.get(start + 16 * len(table), 0)) in strings_at:
        offset = to - section.address + section.offset
        table.append(image.data[offset : image.data.index(b"\0", offset)])
    return table if all(name in table for name in _EVERYWHERE) else []


def _texts(image: Image) -> Iterator[bytes]:
    """What may be the text of all constants."""
    section = image.sections[".rodata"]
    data = image.data[section.offset : section.offset + section.size]
    if b"LZSS string data" in data:
        yield from _lzss_texts(data)
    for match in re.finditer(rb"x\xda|BZh9", data):
        text = _inflated(data[match.start() : match.start() + _LONGEST])
        if _is_text(text):
            yield text
    for match in re.finditer(rb"[^\0]__main__", data):
        start = data.rfind(b"\0", 0, match.start()) + 1
        yield data[start : start + _LONGEST]


def _is_text(text: bytes) -> bool:
    return all(name in text for name in _EVERYWHERE)


def _inflated(data: bytes) -> bytes:
    unpack = zlib.decompressobj() if data.startswith(b"x") else bz2.BZ2Decompressor()
    try:
        return unpack.decompress(data)
    except (zlib.error, OSError):
        return b""


def _lzss_texts(data: bytes) -> Iterator[bytes]:
    """A compressed text starts after some other constant, with a byte of flags of which the first means literal."""
    for match in re.finditer(rb"(?<=\0)[\x01-\xff]", data):
        start = match.start()
        if data[start] & 1:
            head = unpack_lzss(data, start, 120)
            if len(head) >= 100 and sum(byte < 32 or byte > 126 for byte in head) < 10:
                text = unpack_lzss(data, start, _LONGEST)
                if _is_text(text):
                    yield text


def unpack_lzss(data: bytes, position: int, limit: int) -> bytes:
    """Undo Cython's LZSS, as far as the data is sound and up to about ``limit`` bytes."""
    out = bytearray()
    try:
        while len(out) < limit:
            flags = data[position]
            position += 1
            for bit in range(8):
                if flags >> bit & 1:
                    out.append(data[position])
                    position += 1
                    continue
                low, high = data[position], data[position + 1]
                position += 2
                if low < 0x80:
                    distance, length = low, high
                elif high < 0x80:
                    distance, length = 0x80 + ((high << 2 & 0x180) | low & 0x7F), high & 0x1F
                else:
                    distance, length = 0x80 + ((high & 0x7F) << 7 | low & 0x7F), data[position]
                    position += 1
                start = len(out) - distance - length - 3
                if start < 0:
                    return bytes(out)
                out += out[start : start + length + 3]
    except IndexError:
        pass
    return bytes(out)


def _length_arrays(image: Image) -> Iterator[array[int]]:
    """Runs of small numbers: 32-bit data, or what code writes into such an array."""
    data = image.data
    section = image.sections[".rodata"]
    body = data[section.offset : section.offset + section.size // 4 * 4]
    words = array("I", body)
    for match in re.finditer(rb"\0{6,}", body[3::4]):
        yield words[match.start() : match.end()]
    text = image.sections[".text"]
    yield from _written_by_code(data[text.offset : text.offset + text.size])


_OR: Final = re.compile(rb"\x83[\xc8-\xcf]([\0-\x7f])|\x66\x0d([\s\S]{2})|(?<!\x48)\x0d([\s\S][\0-\x40]\0\0)")


def _written_by_code(body: bytes) -> Iterator[array[int]]:
    """x86: a bit field is set by ``or`` with a constant, one after the other."""
    run = array("I")
    last = 0
    for match in _OR.finditer(body):
        if match.start() - last > 40:
            if len(run) > len(_EVERYWHERE):
                yield run
            run = array("I")
        run.append(int.from_bytes(match[1] or match[2] or match[3], "little"))
        last = match.start()
    if len(run) > len(_EVERYWHERE):
        yield run


def _cuts(places: list[list[int]], lengths: Iterable[int]) -> list[int]:
    """Where strings of these lengths end in the text, if the strings at ``places`` (of each one) end there too."""
    ends = [0, *accumulate(lengths)]
    every = frozenset(ends)
    for start, end in pairwise(ends):
        if end - start == 8:
            for place in places[0]:
                shift = start - place
                if all(any(shift + p in every and shift + p + 8 in every for p in each) for each in places[1:]):
                    return [end - shift for end in ends]
    return []
