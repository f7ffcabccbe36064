"""What of an ELF file says which code an import runs: sections, functions, pointers, and what the code refers to.

The layouts are those of the System V ABI (elf.h), of the Linux Standard Base (``.eh_frame_hdr``), and of
CPython's ``moduleobject.h``.  Instructions are not decoded one by one: the few forms that refer to memory
are looked for, and what they refer to has to be the start of a function or of a string to count.
"""

from __future__ import annotations

import re
import struct
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

_X86_64: Final = 62
_AARCH64: Final = 183
_RELATIVE: Final = {_X86_64: 8, _AARCH64: 1027}
_BOUND: Final = {_X86_64: (1, 6, 7), _AARCH64: (257, 1025, 1026)}  # ABS64, GLOB_DAT, JUMP_SLOT

_NOBITS: Final = 8
_SLOTS_OF_MODULE: Final = 72  # offset of PyModuleDef.m_slots
_RUN_BY_IMPORT: Final = (1, 2)  # Py_mod_create, Py_mod_exec


@dataclass(frozen=True, slots=True)
class Section:
    """``size`` bytes at ``offset`` in the file, which are at ``address`` in memory."""

    address: int
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class Image:
    """A shared object of a little-endian 64-bit machine.  ``pointers`` are filled in by the dynamic linker."""

    data: bytes
    machine: int
    sections: Mapping[str, Section]
    functions: array[int]
    pointers: Mapping[int, int]
    foreign: Mapping[int, bytes]  # pointers to what other files define, by symbol
    zeros: range  # memory that is zero at first
    entry: int

    def file_offset(self, address: int) -> int | None:
        """Where in the file something in memory comes from; None for what is zero at first."""
        for section in self.sections.values():
            if section.address <= address < section.address + section.size:
                return address - section.address + section.offset
        return None


def parse(data: bytes) -> Image | None:
    """An extension module's image; None for a file of another kind, or one that is damaged."""
    if data[:6] != b"\x7fELF\x02\x01":
        return None
    try:
        return _parse(data)
    except (struct.error, LookupError, ValueError):
        return None


def _parse(data: bytes) -> Image | None:
    (machine,) = struct.unpack_from("<H", data, 18)
    if machine not in _RELATIVE:
        return None
    sections = dict(_sections(data))
    values, entry = _symbols(data, sections)
    functions = _functions(data, sections.get(".eh_frame_hdr"))
    if not entry or not functions or not {".text", ".rodata"} <= sections.keys():
        return None
    pointers, foreign = _pointers(data, sections, machine, values)
    zeros = next((range(where, where + size) for where, size in _zeros(data)), range(0))
    return Image(data, machine, sections, functions, pointers, foreign, zeros, entry)


def _headers(data: bytes) -> list[tuple[int, ...]]:
    """(name, type, flags, address, offset, size) of every section."""
    (table,) = struct.unpack_from("<Q", data, 0x28)
    size, count = struct.unpack_from("<HH", data, 0x3A)
    return [struct.unpack_from("<IIQQQQ", data, table + index * size) for index in range(count)]


def _sections(data: bytes) -> Iterator[tuple[str, Section]]:
    headers = _headers(data)
    names_at = headers[struct.unpack_from("<H", data, 0x3E)[0]][4]
    for name, kind, _, address, offset, length in headers:
        if address and kind != _NOBITS:
            yield _c_string(data, names_at + name).decode("ascii"), Section(address, offset, length)


def _zeros(data: bytes) -> Iterator[tuple[int, int]]:
    thread_local = 0x400
    for _, kind, flags, address, _, size in _headers(data):
        if kind == _NOBITS and not flags & thread_local:
            yield address, size


def _symbols(data: bytes, sections: Mapping[str, Section]) -> tuple[list[int | bytes], int]:
    """The address of each dynamic symbol, or its name if another file defines it; and that of ``PyInit_*``."""
    table, names = sections[".dynsym"], sections[".dynstr"]
    rows = list(struct.iter_unpack("<IBBHQQ", data[table.offset : table.offset + table.size // 24 * 24]))
    starts = (row for row in rows if row[4] and data.startswith(b"PyInit_", names.offset + row[0]))
    entry = next((row[4] for row in starts), 0)
    return [row[4] or _c_string(data, names.offset + row[0]) for row in rows], entry


def _c_string(data: bytes, start: int) -> bytes:
    return data[start : data.index(b"\0", start)]


def _functions(data: bytes, header: Section | None) -> array[int]:
    """The sorted addresses at which functions start, from the table for unwinding."""
    if header is None or data[header.offset : header.offset + 4] != b"\x01\x1b\x03\x3b":
        return array("q")
    (count,) = struct.unpack_from("<I", data, header.offset + 8)
    pairs = array("i", data[header.offset + 12 : header.offset + 12 + count * 8])
    return array("q", [header.address + start for start in pairs[::2]])


def _pointers(
    data: bytes, sections: Mapping[str, Section], machine: int, values: list[int | bytes]
) -> tuple[dict[int, int], dict[int, bytes]]:
    own: dict[int, int] = {}
    foreign: dict[int, bytes] = {}
    for table in (sections[name] for name in (".rela.dyn", ".rela.plt") if name in sections):
        rows = data[table.offset : table.offset + table.size // 24 * 24]
        for where, info, addend in struct.iter_unpack("<QQq", rows):
            kind = info & 0xFFFFFFFF
            if kind == _RELATIVE[machine]:
                own[where] = addend
            elif kind in _BOUND[machine]:
                value = values[info >> 32]
                if isinstance(value, bytes):
                    foreign[where] = value
                else:
                    own[where] = value + addend
    return own, foreign


# What an import runs ------------------------------------------------------------------------------
Callee: TypeAlias = bytes | int
"""What is called: a symbol of another file, or the address of a function of this one."""


@dataclass(frozen=True, slots=True)
class Code:
    """What an import runs: what each function calls, and each address with the function that is called next."""

    calls: Mapping[int, frozenset[Callee]]
    references: Sequence[tuple[int, Callee]]

    def reaches(self, callee: Callee, names: frozenset[bytes], depth: int) -> bool:
        """Does a function call one of these symbols, itself or through so many others?"""
        if isinstance(callee, bytes):
            return callee in names
        inner = self.calls.get(callee, frozenset())
        return bool(names & inner) or (depth > 0 and any(self.reaches(one, names, depth - 1) for one in inner))


def run_by_import(image: Image) -> Code:
    """The code that ``PyInit_*`` reaches through calls that name their target."""
    text = image.sections[".text"]
    starts = frozenset(image.functions)
    calls: dict[int, frozenset[Callee]] = {}
    references: list[tuple[int, Callee]] = []
    waiting = [image.entry]
    while waiting:
        function = waiting.pop()
        if function in calls or not text.address <= function < text.address + text.size:
            continue
        called: list[Callee] = []
        arguments: list[int] = []
        taken: list[int] = []
        for is_call, target in _mentioned(image, text, function):
            if not is_call:
                arguments.append(target)
                taken += starts & {target, image.pointers.get(target, target)}
                waiting += _run_by_module(image, target)
            elif callee := target if target in starts else _bound(image, target):
                references += ((argument, callee) for argument in arguments)
                arguments.clear()
                called.append(callee)
        if function == image.entry and b"PyModuleDef_Init" in called:  # Rust fills in the slots as it goes
            waiting += taken
        calls[function] = frozenset(called)
        waiting += (callee for callee in reversed(called) if isinstance(callee, int))
    return Code(calls, references)


_JUMP: Final = re.compile(rb"(?:\xf3\x0f\x1e\xfa)?\xf2?\xff\x25([\s\S]{4})")


def _bound(image: Image, target: int) -> Callee:
    """What a pointer holds, or an entry of the procedure linkage table leads to.

    A pointer that is only filled in by the program stands for itself; 0 is what cannot be called.
    """
    offset = image.file_offset(target)
    if target in image.foreign or target in image.pointers:
        return image.foreign.get(target) or image.pointers[target]
    if offset is None:
        return target if target in image.zeros else 0
    place = _place_of_stub(image, target, offset)
    return image.foreign.get(place) or image.pointers.get(place, 0)


def _place_of_stub(image: Image, address: int, offset: int) -> int:
    """The pointer through which an entry of the procedure linkage table jumps, 0 for what is no such entry."""
    if image.machine == _AARCH64:
        return next((place for _, place in _mentioned_arm(image.data[offset : offset + 8], address)), 0)
    match = _JUMP.match(image.data, offset)
    return address + match.end() - offset + int(struct.unpack("<i", match[1])[0]) if match else 0


def _run_by_module(image: Image, definition: int) -> Iterator[int]:
    """The functions that a ``PyModuleDef``, if it is one, makes an import call."""
    slot = image.pointers.get(definition + _SLOTS_OF_MODULE)
    while slot is not None and (offset := image.file_offset(slot)) is not None:
        (kind,) = struct.unpack_from("<Q", image.data, offset)
        if not 0 < kind < 16:
            return
        if kind in _RUN_BY_IMPORT and slot + 8 in image.pointers:
            yield image.pointers[slot + 8]
        slot += 16


def _mentioned(image: Image, text: Section, function: int) -> Iterator[tuple[bool, int]]:
    """(is it a call or jump, address) of what a function refers to, in the order of its code."""
    index = bisect_right(image.functions, function)
    end = image.functions[index] if index < len(image.functions) else text.address + text.size
    end = min(end, text.address + text.size)
    start = function - text.address + text.offset
    body = image.data[start : start + end - function]
    return (_mentioned_x86 if image.machine == _X86_64 else _mentioned_arm)(body, function)


# call, jmp rel32; jmp rel8; call, jmp [rip+disp32]; mov, lea reg, [rip+disp32]
_X86: Final = re.compile(
    rb"(?=(?:\xeb([\s\S])|([\xe8\xe9]|\xff[\x15\x25]|[\x48\x4c][\x8b\x8d][\x05\x0d\x15\x1d\x25\x2d\x35\x3d])([\s\S]{4})))"
)


def _mentioned_x86(body: bytes, address: int) -> Iterator[tuple[bool, int]]:
    for match in _X86.finditer(body):
        short, code, long = match.groups()
        if short:
            yield True, address + match.end(1) + int.from_bytes(short, "little", signed=True)
        else:
            displacement = int.from_bytes(long, "little", signed=True)
            yield code[0] & 0xFB != 0x48, address + match.end(3) + displacement


def _mentioned_arm(body: bytes, address: int) -> Iterator[tuple[bool, int]]:
    registers: dict[int, int] = {}
    for position, word in enumerate(array("I", body[: len(body) // 4 * 4])):
        here = address + 4 * position
        base = registers.get(word >> 5 & 31)
        if word & 0x7C000000 == 0x14000000:  # b, bl
            yield True, here + 4 * _signed(word & 0x3FFFFFF, 26)
        elif word & 0x9F000000 == 0x90000000:  # adrp
            pages = _signed((word >> 5 & 0x7FFFF) << 2 | word >> 29 & 3, 21)
            registers[word & 31] = (here & ~0xFFF) + (pages << 12)
        elif base is None:
            continue
        elif word & 0xFFC00000 == 0x91000000:  # add, immediate
            registers[word & 31] = base + (word >> 10 & 0xFFF)
            yield False, registers[word & 31]
        elif word & 0xFFC00000 == 0xF9400000:  # ldr, 64 bit
            yield False, base + (word >> 10 & 0xFFF) * 8


def _signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> (bits - 1) else value
