"""A reader of the released DICOM files for the audit: it accepts only the form that a release has.

Written apart from the writer, and from the library that reads the export: a lenient parser skips what
it does not understand, and what is skipped is where something hides.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Malformed", "ReadElement", "read_strictly"]

_LONG = frozenset({b"OB", b"OW", b"OF", b"OD", b"OL", b"OV", b"SQ", b"UC", b"UN", b"UR", b"UT", b"SV", b"UV"})
_ITEM, _SEQUENCE = b"\xfe\xff\x00\xe0", b"SQ"
_UNDEFINED = 0xFFFFFFFF
_PIXELS = 0x7FE00010
_DEEPEST = 4


class Malformed(Exception):
    """The file does not have the form of a released file. The text says where, and quotes nothing."""


@dataclass(frozen=True, slots=True)
class ReadElement:
    """One element: the tags of the sequences it is inside of, its tag, VR and bytes (none of a sequence)."""

    inside: tuple[int, ...]
    tag: int
    vr: str
    value: bytes


def read_strictly(data: bytes) -> Iterator[ReadElement]:
    """Every element of the file, those of sequences after the sequence, file meta information first.

    Raises :class:`Malformed` for a preamble with content, an element out of order or twice, an odd
    length, an undefined length elsewhere than in Pixel Data, and bytes that belong to no element.
    """
    if data[:128] != b"\0" * 128 or data[128:132] != b"DICM":
        raise Malformed("preamble")
    if data[132:140] != b"\x02\x00\x00\x00UL\x04\x00":
        raise Malformed("group length of the file meta information")
    end = 144 + int.from_bytes(data[140:144], "little")
    yield ReadElement((), 0x00020000, "UL", data[140:144])
    yield from _data_set(data[:end], 144, (), least=0x00020000, most=0x0002FFFF)
    yield from _data_set(data, end, (), least=0x00030000, most=_PIXELS)


def _data_set(
    data: bytes, place: int, inside: tuple[int, ...], *, least: int, most: int
) -> Iterator[ReadElement]:
    if len(inside) > _DEEPEST:
        raise Malformed("depth")
    before = least
    while place < len(data):
        tag, vr, start, length = _head(data, place)
        if not before < tag <= most:
            raise Malformed(f"order at ({tag >> 16:04X},{tag & 0xFFFF:04X})")
        before = tag
        if length == _UNDEFINED and tag == _PIXELS:
            length = len(data) - start  # the items of the pixels are the rest of the file
        value = data[start : start + length]
        if length % 2 or len(value) != length:
            raise Malformed(f"length of ({tag >> 16:04X},{tag & 0xFFFF:04X})")
        place = start + length
        if vr == _SEQUENCE:
            yield ReadElement(inside, tag, "SQ", b"")
            yield from _items(value, (*inside, tag))
        else:
            yield ReadElement(inside, tag, vr.decode("ascii", errors="replace"), value)


def _head(data: bytes, place: int) -> tuple[int, bytes, int, int]:
    """The tag, the VR, where the value starts and how long it is."""
    try:
        group, element, vr, length = struct.unpack_from("<HH2sH", data, place)
        if vr not in _LONG:
            return group << 16 | element, vr, place + 8, length
        if length:
            raise Malformed("reserved bytes")
        (length,) = struct.unpack_from("<L", data, place + 8)
    except struct.error:
        raise Malformed("bytes of no element") from None
    return group << 16 | element, vr, place + 12, length


def _items(data: bytes, inside: tuple[int, ...]) -> Iterator[ReadElement]:
    place = 0
    while place < len(data):
        if data[place : place + 4] != _ITEM or len(data) < place + 8:
            raise Malformed("item of a sequence")
        start = place + 8
        length = int.from_bytes(data[place + 4 : start], "little")
        if start + length > len(data):
            raise Malformed("length of an item")
        yield from _data_set(data[start : start + length], 0, inside, least=0x00030000, most=_PIXELS - 1)
        place = start + length
