"""Elements to a Part 10 file: Explicit VR Little Endian, defined lengths, nothing that was not asked for."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from functools import cache

from pydicom.datadict import dictionary_VR, tag_for_keyword

from radrelease.adapters.dicom_encoding import EncodedPixels
from radrelease.identifiers import UID_ROOT
from radrelease.records.dicom_elements import Element

__all__ = ["IMPLEMENTATION_CLASS_UID", "IMPLEMENTATION_VERSION", "part_10"]

IMPLEMENTATION_CLASS_UID = UID_ROOT + "1"
IMPLEMENTATION_VERSION = "RADRELEASE"

_LONG = frozenset({"OB", "OW", "SQ"})
_PACKED = {"US": "H", "SS": "h", "FD": "d", "FL": "f"}
_PADDING = {"UI": b"\0"}


def part_10(elements: Iterable[Element], pixels: EncodedPixels) -> bytes:
    """The file: an empty preamble, our own meta information, the elements by tag, the pixels.

    ``elements`` hold SOPClassUID and SOPInstanceUID. Equal elements give equal bytes.
    """
    found = {element.keyword: element for element in elements}
    signed = found["PixelRepresentation"].values == ("1",)
    meta = _meta(found["SOPClassUID"].values, found["SOPInstanceUID"].values, pixels.transfer_syntax_uid)
    length = b"\x02\x00\x00\x00UL\x04\x00" + struct.pack("<L", len(meta))
    return (
        b"\0" * 128
        + b"DICM"
        + length
        + meta
        + _data_set(found.values(), signed=signed)
        + _pixels(pixels, found)
    )


def _meta(sop_class: tuple[str, ...], sop_instance: tuple[str, ...], syntax: str) -> bytes:
    elements = (
        Element("MediaStorageSOPClassUID", sop_class),
        Element("MediaStorageSOPInstanceUID", sop_instance),
        Element("TransferSyntaxUID", (syntax,)),
        Element("ImplementationClassUID", (IMPLEMENTATION_CLASS_UID,)),
        Element("ImplementationVersionName", (IMPLEMENTATION_VERSION,)),
    )
    version = b"\x02\x00\x01\x00OB\0\0" + struct.pack("<L", 2) + b"\x00\x01"
    return version + _data_set(elements, signed=False)


def _pixels(pixels: EncodedPixels, found: dict[str, Element]) -> bytes:
    vr = b"OB" if pixels.is_encapsulated or found["BitsAllocated"].values == ("8",) else b"OW"
    length = 0xFFFFFFFF if pixels.is_encapsulated else len(pixels.data)
    return b"\xe0\x7f\x10\x00" + vr + b"\0\0" + struct.pack("<L", length) + pixels.data


def _data_set(elements: Iterable[Element], *, signed: bool) -> bytes:
    ordered = sorted(elements, key=lambda element: _entry(element.keyword)[0])
    return b"".join(_encode(element, signed=signed) for element in ordered)


def _encode(element: Element, *, signed: bool) -> bytes:
    tag, vr = _entry(element.keyword)
    if vr == "US or SS":
        vr = "SS" if signed else "US"
    elif vr == "US or OW":
        vr = "OW"
    value = _value(element, vr, signed=signed)
    head = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + vr.encode("ascii")
    length = b"\0\0" + struct.pack("<L", len(value)) if vr in _LONG else struct.pack("<H", len(value))
    return head + length + value


def _value(element: Element, vr: str, *, signed: bool) -> bytes:
    if vr == "SQ":
        items = (_data_set(item, signed=signed) for item in element.items)
        return b"".join(b"\xfe\xff\x00\xe0" + struct.pack("<L", len(item)) + item for item in items)
    if element.data:
        return element.data
    if vr in _PACKED:
        return b"".join(_packed(vr, text) for text in element.values)
    value = "\\".join(element.values).encode("ascii")
    return value + _PADDING.get(vr, b" ") * (len(value) % 2)


def _packed(vr: str, text: str) -> bytes:
    if vr == "US":  # a padding value of unsigned pixels may be written as a negative number
        return struct.pack("<H", int(text) & 0xFFFF)
    return struct.pack("<" + _PACKED[vr], int(text) if vr == "SS" else float(text))


@cache
def _entry(keyword: str) -> tuple[int, str]:
    tag = tag_for_keyword(keyword)
    if tag is None:
        raise LookupError(f"{keyword} is no keyword of PS3.6")
    return tag, dictionary_VR(tag)
