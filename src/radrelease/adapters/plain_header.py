"""What the header of a plain file says, without pydicom: several times as fast, and the same to the letter.

Plain is what the compiled walk (``compiled/header.c``) and the few conversions here read exactly as pydicom
does (docs/decisions/0026-plain-headers.md). Of anything else nothing is said, and pydicom is asked.
"""

from __future__ import annotations

import ctypes
import re
import struct
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import cache

from pydicom._dicom_dict import DicomDictionary
from pydicom.charset import python_encoding
from pydicom.uid import PrivateTransferSyntaxes

from radrelease.adapters.header_elements import (
    ATTRIBUTE_TAGS,
    DIRECTORY,
    IDENTITY_TAGS,
    KIND_BY_TAG,
    PERSON_NAME_TAGS,
    SEQUENCE_TAGS,
    HeaderTexts,
    identifier,
)
from radrelease.compiled import library
from radrelease.records.private import Identifier, IdentifierKind

__all__ = ["Unread", "plain_header"]

_CHARACTER_SET = 0x00080005
_DIRECTORY_RECORDS = 0x00041220
_PIXEL_REPRESENTATION = 0x00280103
_MEDIA_SOP_CLASS, _TRANSFER_SYNTAX = 0x00020002, 0x00020010
_SOP_CLASS = 0x00080016

_ANYWHERE, _AT_TOP, _SEQUENCE, _CODED, _REFUSED, _CHECKED = 1, 2, 4, 8, 16, 32
_ROW = struct.Struct("=4I")
_MOST_ROWS = 512
_Rows = ctypes.c_uint32 * (4 * _MOST_ROWS)
_MORE = -2

_TOP, _BELOW = 0, 1

_LATIN = frozenset({"", "ISO_IR 6", "ISO_IR 100", "ISO 2022 IR 6", "ISO 2022 IR 100"})
_DECIMAL = re.compile(rb"[ ]*([+-]?[0-9]{1,12}(?:\.[0-9]{0,12})?)[ \0]*")
_INTEGER = re.compile(rb"[ ]*([+-]?[0-9]{1,12})[ \0]*")
_HEAD = 8
"""Bytes of an element before a value of one of the VRs that are converted here, in either syntax."""

_TAG = struct.Struct("<HH")
_LONGEST_KEPT, _MOST_KEPT = 256, 1 << 14
"""Bytes of an element, and elements of a codec, that are remembered: some 5 MB in a process."""


class Unread(Enum):
    """Why nothing is said of a file."""

    NOT_PLAIN = "pydicom has to read it"
    TOO_SHORT = "more of the file is needed"


class _NotPlain(Exception):
    """A value that is left to pydicom."""


def plain_header(start: bytes) -> HeaderTexts | Unread:
    """What the file that starts so says; its pixels must be reached within ``start``."""
    rows = _rows(start)
    if isinstance(rows, Unread):
        return rows
    try:
        return _texts_of(start, rows)
    except (_NotPlain, UnicodeError):
        return Unread.NOT_PLAIN


def _texts_of(start: bytes, rows: Iterator[tuple[int, ...]]) -> HeaderTexts:
    said, character_set = _SAID["latin-1"], b""
    texts: dict[int, str] = {}
    found: dict[str, Identifier] = {}
    for tag, where, offset, length in rows:
        if tag == _CHARACTER_SET:
            raw = start[offset : offset + length]
            if where == _TOP:
                said, character_set = _SAID[_codec(raw)], raw
            elif raw != character_set:
                raise _NotPlain
        elif where > _BELOW:
            texts[where] = _code_meaning(said.codec, start[offset : offset + length])
        else:
            text, identifiers = said[start[offset - _HEAD : offset + length]]
            if where == _TOP:
                texts[tag] = text
            for key, one in identifiers:
                found[key] = one  # noqa: PERF403 - one, as a rule, or none
    syntax, sop_class = texts[_TRANSFER_SYNTAX], texts.get(_MEDIA_SOP_CLASS) or texts.get(_SOP_CLASS)
    if sop_class == DIRECTORY or syntax in PrivateTransferSyntaxes:
        raise _NotPlain
    return HeaderTexts(syntax, texts, tuple(map(found.__getitem__, sorted(found))))


_Said = tuple[str, tuple[tuple[str, Identifier], ...]]
"""The text of an element, and the identifiers in it, each with what they are sorted by."""


class _Memory(dict[bytes, _Said]):
    """What elements say, by their bytes: of a study, a device or a site the same come again and again."""

    def __init__(self, codec: str) -> None:
        super().__init__()
        self.codec = codec

    def __missing__(self, element: bytes) -> _Said:
        group, number = _TAG.unpack_from(element)
        said = _say(group << 16 | number, self.codec, element[_HEAD:])
        if len(element) <= _LONGEST_KEPT:
            if len(self) >= _MOST_KEPT:
                self.clear()
            self[element] = said
        return said


_SAID = {codec: _Memory(codec) for codec in ("latin-1", "utf-8")}


def _say(tag: int, codec: str, raw: bytes) -> _Said:
    if b"\x1b" in raw:
        raise _NotPlain
    convert, kind, key = _PLANS.get(tag, _OF_STAFF)
    text = convert(raw, codec)
    if kind is None:
        return text.strip(), ()
    if "\\" in text:
        several = [identifier(kind, value) for value in text.split("\\")]
        return text.strip(), tuple((key + one.value, one) for one in several if one is not None)
    text = text.strip()
    only = identifier(kind, text)
    return text, () if only is None else ((key + only.value, only),)


def _of_numbers(raw: bytes, _codec: str) -> str:
    if len(raw) % 2:
        raise _NotPlain
    return "\\".join(map(str, struct.unpack(f"<{len(raw) // 2}H", raw)))


def _of_decimal(raw: bytes, _codec: str) -> str:
    return _number(_DECIMAL.fullmatch(raw))


def _of_integer(raw: bytes, _codec: str) -> str:
    return _number(_INTEGER.fullmatch(raw))


def _number(found: re.Match[bytes] | None) -> str:
    if found is None:
        raise _NotPlain
    return found[1].decode("ascii")


def _of_code(raw: bytes, _codec: str) -> str:
    text = raw.decode("latin-1").rstrip(" \0")
    return text if "\\" in text else text.replace("\0", "")


def _of_meta(raw: bytes, codec: str) -> str:
    text = _of_uid(raw, codec)
    if "\\" in text:
        raise _NotPlain
    return text


def _of_uid(raw: bytes, _codec: str) -> str:
    values = [value.strip() for value in raw.decode("latin-1").rstrip("\0 ").split("\\")]
    return "\\".join(values) if len(values) > 1 else values[0].replace("\0", "")


def _of_text(raw: bytes, codec: str) -> str:
    values = [value.rstrip("\0 ") for value in raw.decode(codec).split("\\")]
    return "\\".join(values) if len(values) > 1 else values[0].replace("\0", "")


def _of_long_text(raw: bytes, codec: str) -> str:
    return raw.decode(codec).rstrip("\0 ").replace("\0", "")


def _of_name(raw: bytes, codec: str) -> str:
    values = [value.rstrip("=") for value in raw.rstrip(b"\0 ").decode(codec).split("\\")]
    return "\\".join(values) if len(values) > 1 else values[0].replace("\0", "")


_CONVERSIONS = {
    **dict.fromkeys(("AS", "CS", "DA"), _of_code),
    **dict.fromkeys(("LO", "SH"), _of_text),
    **dict.fromkeys(("LT", "ST"), _of_long_text),
    "DS": _of_decimal,
    "IS": _of_integer,
    "PN": _of_name,
    "UI": _of_uid,
    "US": _of_numbers,
}
"""Values as pydicom, and then :mod:`radrelease.adapters.dicom_files`, make a text of them, by VR."""


def _code_meaning(codec: str, raw: bytes) -> str:
    text = _of_text(raw, codec) if b"\x1b" not in raw else "\\"
    if "\\" in text or b"\0" in raw.rstrip(b"\0 "):
        raise _NotPlain
    return text.strip()


@cache
def _codec(raw: bytes) -> str:
    """The Python codec of what has no escape sequence, by Specific Character Set (0008,0005)."""
    first, *others = raw.decode("latin-1").rstrip(" \0").split("\\")
    if first in _LATIN and python_encoding.keys() >= set(others):
        return "latin-1"
    if first == "ISO_IR 192" and not others:
        return "utf-8"
    raise _NotPlain


# ------------------------------------------------------------------------------- the compiled walk


def _asked() -> dict[int, int]:
    """The flags of each tag, as ``header.c`` names them."""
    asked = dict.fromkeys((*KIND_BY_TAG, *PERSON_NAME_TAGS, _CHARACTER_SET), _ANYWHERE)
    for tag in (*(tag for _, tag in ATTRIBUTE_TAGS), *IDENTITY_TAGS.values()):
        asked[tag] = asked.get(tag, 0) | (_CODED if tag in SEQUENCE_TAGS else _AT_TOP)
    for tag in SEQUENCE_TAGS:
        asked[tag] = asked.get(tag, 0) | _SEQUENCE
    asked[_PIXEL_REPRESENTATION] = asked.get(_PIXEL_REPRESENTATION, 0) | _CHECKED
    asked[_DIRECTORY_RECORDS] = _REFUSED
    return dict(sorted(asked.items()))


_ASKED = _asked()
_VRS = {tag: DicomDictionary[tag][0] for tag in _ASKED}
_Plan = tuple[Callable[[bytes, str], str], IdentifierKind | None, str]


def _plan(vr: str, kind: IdentifierKind | None = None) -> _Plan:
    """How an element's text is made, what it identifies, and what orders its values among others.

    The order is that of the records, by kind and then by value.
    """
    return _CONVERSIONS[vr], kind, "" if kind is None else f"{kind.value}\0"


_OF_STAFF = _plan("PN", IdentifierKind.STAFF_NAME)
_PLANS: Mapping[int, _Plan] = {
    **{tag: _plan(_VRS[tag]) for tag, flags in _ASKED.items() if flags & _AT_TOP},
    **dict.fromkeys(PERSON_NAME_TAGS, _OF_STAFF),
    **{tag: _plan(_VRS[tag], kind) for tag, kind in KIND_BY_TAG.items()},
    **dict.fromkeys((_MEDIA_SOP_CLASS, _TRANSFER_SYNTAX), (_of_meta, None, "")),
}
"""Elements that are not named here and have rows are of VR PN."""

_COUNT = len(_ASKED)
_Numbers = ctypes.c_uint32 * _COUNT
_TAGS, _FLAGS = _Numbers(*_ASKED), _Numbers(*_ASKED.values())
_LETTERS = _Numbers(*(int.from_bytes(_VRS[tag].encode(), "little") for tag in _ASKED))


def _rows(start: bytes) -> Iterator[tuple[int, ...]] | Unread:
    """Tag, 0 at the top or 1 below or the sequence whose code's meaning it is, offset and length."""
    compiled = library()
    if compiled is None:
        return Unread.NOT_PLAIN
    out = _Rows()
    count = compiled.radrelease_header(
        ctypes.c_char_p(start),
        ctypes.c_size_t(len(start)),
        _TAGS,
        _LETTERS,
        _FLAGS,
        ctypes.c_size_t(_COUNT),
        out,
        ctypes.c_size_t(_MOST_ROWS),
    )
    if count < 0:
        return Unread.TOO_SHORT if count == _MORE else Unread.NOT_PLAIN
    return _ROW.iter_unpack(memoryview(out).cast("B")[: _ROW.size * count])
