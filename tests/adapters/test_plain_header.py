"""The compiled reader of plain headers says what pydicom says, of every file, or nothing."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom._dicom_dict import DicomDictionary
from pydicom.valuerep import VR

from radrelease.adapters import dicom_files, plain_header
from radrelease.adapters.dicom_files import read_header
from radrelease.adapters.header_elements import (
    ATTRIBUTE_TAGS,
    IDENTITY_TAGS,
    KIND_BY_TAG,
    PERSON_NAME_TAGS,
    HeaderTexts,
)
from radrelease.adapters.plain_header import Unread
from radrelease.compiled import library
from radrelease.records.private import IdentifierKind, Instance
from radrelease.testing.export import make_export
from radrelease.testing.planted import load_vendors, make_planted

REAL = Path(__file__).parents[3] / "shared/data/dicom"
TOP = [*IDENTITY_TAGS.values(), *(tag for _, tag in ATTRIBUTE_TAGS)]
LONG = {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}
IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
BIG, DEFLATED = "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"
ITEM, ITEM_END, SEQUENCE_END = b"\xfe\xff\x00\xe0", b"\xfe\xff\x0d\xe0\0\0\0\0", b"\xfe\xff\xdd\xe0\0\0\0\0"
UNDEFINED = b"\xff\xff\xff\xff"
ORDINARY = {
    0x00080016: b"1.2.840.10008.5.1.4.1.1.1.1\0", 0x00080018: b"1.2.3\0", 0x00080020: b"20190304",
    0x00080050: b"A1 ", 0x00080060: b"DX", 0x00100010: b"Doe^Jane", 0x00100020: b"77001 ",
    0x0020000D: b"1.2.5\0", 0x0020000E: b"1.2.4\0", 0x00280010: b"\x10\0", 0x00280103: b"\0\0",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _compiled():
    if library() is None:
        pytest.skip("the library was not compiled")


# ------------------------------------------------------------------------------ files, from nothing


def element(tag: int, vr: bytes, value: bytes, *, implicit: bool, undefined: bool = False) -> bytes:
    length = UNDEFINED if undefined else struct.pack("<I", len(value))
    head = struct.pack("<HH", tag >> 16, tag & 0xFFFF)
    if implicit:
        return head + length + value
    return head + vr + (b"\0\0" + length if vr in LONG else length[:2]) + value


def file_of(elements: bytes, syntax: str = EXPLICIT) -> bytes:
    uid = syntax.encode() + b"\0" * (len(syntax) % 2)
    meta = element(0x00020010, b"UI", uid, implicit=False)
    length = element(0x00020000, b"UL", struct.pack("<I", len(meta)), implicit=False)
    pixels = element(0x7FE00010, b"OW", b"\1\2", implicit=syntax == IMPLICIT)
    return bytes(128) + b"DICM" + length + meta + elements + pixels


def vr_of(tag: int) -> bytes:
    return DicomDictionary[tag][0].encode()[:2] if tag in DicomDictionary else b"PN"


def plain_file(changes: dict[int, bytes], syntax: str = EXPLICIT) -> bytes:
    rows = sorted({**ORDINARY, **changes}.items())
    return file_of(
        b"".join(element(tag, vr_of(tag), value, implicit=syntax == IMPLICIT) for tag, value in rows), syntax
    )


# ----------------------------------------------------------------------------------- what must hold


def said_by_both(data: bytes) -> HeaderTexts | Unread:
    """What the plain reader says, once pydicom is found to say the same."""
    said = plain_header.plain_header(data)
    if isinstance(said, HeaderTexts):
        other = dicom_files._with_pydicom(io.BytesIO(data))
        assert isinstance(other, HeaderTexts), other
        assert said.transfer_syntax_uid == other.transfer_syntax_uid
        assert said.identifiers == other.identifiers
        assert {tag: said.texts.get(tag, "") for tag in TOP} == {tag: other.texts.get(tag, "") for tag in TOP}
    return said


def read_both_ways(folder: Path, path: str, monkeypatch: pytest.MonkeyPatch) -> object:
    found = read_header("s", folder, path)
    with monkeypatch.context() as patch:
        patch.setattr(dicom_files, "plain_header", lambda _: Unread.NOT_PLAIN)
        assert read_header("s", folder, path) == found
    return found


TEXTS = [
    b"Doe^Jane^^Dr", b"A\\B ", b" x\0", b"a\0b", b"a\0\\b\0", b"\xe9t\xe9", "Zoë".encode(), b"\x1b$B5f\x1b(B", b"=", b"a=b==",
    b"\\", b"  ", b"\0\0", b"19500304", b"1950.03.04", b"20190304\\20200101", b"ANONYMOUS", b"UNKNOWN^", b"\x85a\xa0",
    b"1.2.3", b" 1.2.3 \0", b"1", b"+60.5 ", b"6e1", b"007", b"1.", b"-", b"9" * 40, b"x" * 300, b"", b"\1\0", b"\1\0\2\0",
    b"\1", b"a=\\=b", b"\x1c1.2\x1f",
]  # fmt: skip
CHARACTER_SETS = [
    b"", b"ISO_IR 6", b"ISO_IR 100", b"ISO_IR 192", b"ISO_IR 192\\ISO 2022 IR 87", b"\\ISO 2022 IR 87", b"ISO_IR 13 ",
    b"ISO 2022 IR 100\\ISO 2022 IR 149", b"ISO_IR_100", b"GB18030 ", b" ISO_IR 100 ", b"ISO_IR 100 \0", b"\\x", b"latin_1 ",
]  # fmt: skip
VALUE = st.sampled_from(TEXTS) | st.binary(max_size=9)
CODES = [0x00082218, 0x00540220]
PRIVATE = [0x00110010, 0x00111001, 0x00191010, 0x60013000, 0x00070010]
OTHERS = [0x00080000, 0x00080104, 0x00041220, 0x00081115, 0x00321032, 0x00400275, 0x00280030, 0x60003000]
TAGS = st.sampled_from(
    [*TOP, *TOP, *KIND_BY_TAG, *sorted(PERSON_NAME_TAGS)[:9], *CODES, *PRIVATE, *OTHERS, 0x00280103]
)
VRS = st.sampled_from([b"PN", b"LO", b"UN", b"SQ", b"UI", b"UT", b"OB", b"US", b"ZZ", b"\0\0", b"xx"])


@st.composite
def data_sets(draw: st.DrawFn, depth: int, *, implicit: bool) -> bytes:
    """Elements in order, most of them as they should be."""
    values: dict[int, bytes] = dict(ORDINARY) if depth == 0 else {}
    if draw(st.booleans()):
        values[0x00080005] = draw(st.sampled_from(CHARACTER_SETS))
    for tag in draw(st.lists(TAGS, max_size=5)):
        values[tag] = draw(VALUE)
    parts = []
    for tag, value in sorted(values.items()):
        vr = vr_of(tag) if draw(st.integers(0, 30)) else draw(VRS)
        if vr == b"SQ" and depth < 3:
            parts.append(draw(sequences(tag, depth, implicit=implicit)))
        else:
            parts.append(element(tag, vr, value, implicit=implicit))
    if not draw(st.integers(0, 40)):
        parts = draw(st.permutations(parts))
    return b"".join(parts)


@st.composite
def sequences(draw: st.DrawFn, tag: int, depth: int, *, implicit: bool) -> bytes:
    open_sequence, items = draw(st.booleans()), b""
    for _ in range(draw(st.integers(0, 2))):
        inner = draw(data_sets(depth + 1, implicit=implicit))
        if draw(st.booleans()):
            items += ITEM + UNDEFINED + inner + ITEM_END
        else:
            items += ITEM + struct.pack("<I", len(inner)) + inner
    if open_sequence:
        return element(tag, b"SQ", items + SEQUENCE_END, implicit=implicit, undefined=True)
    return element(tag, b"SQ", items, implicit=implicit)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    syntax = draw(st.sampled_from([EXPLICIT, IMPLICIT]))
    data = bytearray(file_of(draw(data_sets(0, implicit=syntax == IMPLICIT)), syntax))
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        place = draw(st.integers(132, len(data) - 1))
        data[place] = draw(
            st.sampled_from([0, 1, 0xFF, 0x20, 0x5C, 0x1B, data[place] ^ 1, data[place] ^ 0x80])
        )
    return bytes(data)


@settings(max_examples=1000)
@given(files())
def test_what_is_said_of_any_file_is_what_pydicom_says(data):
    said_by_both(data)


@given(st.binary(max_size=400))
def test_bytes_of_any_kind_are_no_harm(tail):
    said_by_both(bytes(128) + b"DICM" + tail)
    said_by_both(file_of(b"")[:-14] + tail)


@given(st.integers(0, 700))
def test_a_file_that_ends_early_is_too_short_or_left_to_pydicom(length):
    whole = plain_file(
        {0x00400275: ITEM + UNDEFINED + element(0x00321032, b"PN", b"A^B ", implicit=False) + ITEM_END}
    )
    if length < len(whole) - 2:
        assert plain_header.plain_header(whole[:length]) in (Unread.TOO_SHORT, Unread.NOT_PLAIN)


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
@pytest.mark.parametrize("vr", sorted({vr_of(tag) for tag in [*TOP, *KIND_BY_TAG]}))
def test_every_value_is_the_text_that_pydicom_makes_of_it(vr, syntax):
    tags = [tag for tag in [*TOP, *KIND_BY_TAG] if vr_of(tag) == vr and tag != 0x00280103][:2]
    for value in TEXTS:
        for character_set in (b"", b"ISO_IR 100", b"ISO_IR 192"):
            said_by_both(plain_file({0x00080005: character_set, **dict.fromkeys(tags, value)}, syntax))


@pytest.mark.parametrize("outer", CHARACTER_SETS)
def test_a_character_set_holds_for_its_own_item(outer):
    for inner in (None, *CHARACTER_SETS):
        for name in ("Zoë".encode(), b"Zo\xeb"):
            item = b"" if inner is None else element(0x00080005, b"CS", inner, implicit=False)
            item += element(0x00321032, b"PN", name, implicit=False)
            code = item[: -len(name) - 8] + element(0x00080104, b"LO", name, implicit=False)
            changes = {
                0x00080005: outer,
                0x00082218: ITEM + struct.pack("<I", len(code)) + code,
                0x00400275: ITEM + UNDEFINED + item + ITEM_END,
            }
            said_by_both(plain_file(changes))


@pytest.mark.parametrize("vr", [vr.encode() for vr in sorted(VR) if len(vr) == 2])
def test_what_reserves_a_private_element_is_read_with_it(vr):
    for creator, private in ((0x00110010, 0x00111001), (0x00110000, 0x00110010), (0x00110000, 0x00110005)):
        for value in (b"", b"\1", b"\1\2", b"\1\2\3\4", b"\1\2\3\4\5\6\7\x08", b"inf ", b"A\\B "):
            item = ITEM + struct.pack("<I", len(value)) + value
            for private_vr, content in ((b"PN", b"A^B "), (b"SQ", ITEM + bytes(4)), (b"SQ", item)):
                rows = {
                    tag: element(tag, vr_of(tag), value, implicit=False) for tag, value in ORDINARY.items()
                }
                rows[creator] = element(creator, vr, value, implicit=False)
                rows[private] = element(private, private_vr, content, implicit=False)
                said_by_both(file_of(b"".join(row for _, row in sorted(rows.items()))))


# -------------------------------------------------------------------------------------- and is said


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, "1.2.840.10008.1.2.4.70"])
@pytest.mark.parametrize("character_set", [b"", b"ISO_IR 100", b"ISO_IR 192", b"\\ISO 2022 IR 87"])
def test_an_ordinary_file_is_plain(syntax, character_set):
    item = element(0x00100020, b"LO", b"ALT1", implicit=syntax == IMPLICIT)
    code = element(0x00080104, b"LO", b"Chest ", implicit=syntax == IMPLICIT)
    changes = {
        0x00080005: character_set,
        0x00101002: ITEM + UNDEFINED + item + ITEM_END,
        0x00082218: ITEM + struct.pack("<I", len(code)) + code,
    }
    said = said_by_both(plain_file(changes, syntax))
    assert isinstance(said, HeaderTexts)
    assert said.texts[0x00082218] == "Chest"
    assert said.texts[0x00280010] == "16"
    known = {(one.kind, one.value) for one in said.identifiers}
    assert {(IdentifierKind.PATIENT_NAME, "Doe^Jane"), (IdentifierKind.PATIENT_ID, "ALT1")} <= known


def test_a_private_sequence_is_searched():
    inner = element(0x00191010, b"PN", b"Oduya^B ", implicit=False)
    private = element(0x00111001, b"SQ", ITEM + struct.pack("<I", len(inner)) + inner, implicit=False)
    said = said_by_both(file_of(b"".join(
        element(tag, vr_of(tag), value, implicit=False) if tag != 0x00111001 else private
        for tag, value in sorted({**ORDINARY, 0x00111001: b""}.items())
    )))  # fmt: skip
    assert any(one.value == "Oduya^B" for one in said.identifiers)


LEFT = {
    "big endian": plain_file({}, BIG),
    "deflated": plain_file({}, DEFLATED),
    "no preamble": plain_file({})[128:],
    "escape sequence": plain_file({0x00100010: b"\x1b$B5f\x1b(B"}),
    "odd number": plain_file({0x00101030: b"6e1 "}),
    "one byte of two": plain_file({0x00280103: b"\0"}),
    "directory record": plain_file({0x00041220: b""}),
    "character set": plain_file({0x00080005: b"GB18030 "}),
    "not of its character set": plain_file({0x00080005: b"ISO_IR 192", 0x00100010: b"\xff\xff"}),
    "directory": plain_file({0x00080016: b"1.2.840.10008.1.3.10"}),
    "nothing but pixels": file_of(b""),
    "no pixels": plain_file({})[:-14],
}


@pytest.mark.parametrize("data", LEFT.values(), ids=LEFT)
def test_what_is_out_of_the_ordinary_is_left_to_pydicom(data):
    assert not isinstance(plain_header.plain_header(data), HeaderTexts)


def test_a_transfer_syntax_that_is_registered_is_left_to_pydicom(monkeypatch):
    data = plain_file({}, "1.2.840.113619.5.2")
    assert isinstance(said_by_both(data), HeaderTexts)
    monkeypatch.setattr(plain_header, "PrivateTransferSyntaxes", ["1.2.840.113619.5.2"])
    assert not isinstance(plain_header.plain_header(data), HeaderTexts)


def test_sequences_in_sequences_are_left_to_pydicom_at_some_depth():
    inner = b""
    for depth in range(12):
        said = said_by_both(file_of(b"".join((
            element(0x00080018, b"UI", b"1.2.3\0", implicit=False),
            element(0x00081115, b"SQ", inner, implicit=False),
        ))))  # fmt: skip
        assert isinstance(said, HeaderTexts) == (depth < 8)
        nested = element(0x00081115, b"SQ", inner, implicit=False)
        inner = ITEM + struct.pack("<I", len(nested)) + nested


def test_a_header_with_more_values_than_there_is_room_for_is_left_to_pydicom():
    many = [element(0x00111000 + number, b"PN", b"A^B ", implicit=False) for number in range(255)]
    for parts, plain in ((many, True), (many * 3, False)):
        inner = [ITEM + struct.pack("<I", len(b"".join(many))) + b"".join(many)] * (len(parts) // 255)
        data = file_of(element(0x00081115, b"SQ", b"".join(inner), implicit=False))
        assert isinstance(said_by_both(data), HeaderTexts) == plain


# ------------------------------------------------------------------------------------- whole files


def test_every_file_of_an_export_is_read_alike(tmp_path, monkeypatch):
    make_export(tmp_path, image_side=32)
    paths = [path for path in tmp_path.rglob("*") if path.is_file()]
    found = [read_both_ways(path.parent, path.name, monkeypatch) for path in paths]
    assert sum(isinstance(one, Instance) for one in found) > 100


def test_every_vendors_file_is_read_alike(tmp_path, monkeypatch):
    for number, vendor in enumerate(load_vendors()):
        (tmp_path / "x.dcm").write_bytes(make_planted(vendor, number, side=32).data)
        assert isinstance(read_both_ways(tmp_path, "x.dcm", monkeypatch), Instance)


def test_real_files_are_read_alike(monkeypatch):
    if not REAL.is_dir():
        pytest.skip("the real DICOM files are not beside the checkout")
    plain = 0
    for path in REAL.glob("*.dcm"):
        read_both_ways(REAL, path.name, monkeypatch)
        plain += isinstance(plain_header.plain_header(path.read_bytes()), HeaderTexts)
    assert plain >= 15


@pytest.mark.parametrize(("size", "pieces"), [(1_000, 1), (100_000, 2), (500_000, 3), (2_000_000, 3)])
def test_a_long_header_is_read_further(tmp_path, monkeypatch, size, pieces):
    big = element(0x00191010, b"OB", bytes(size), implicit=False)
    rows = sorted({**ORDINARY, 0x00191010: b""}.items())
    elements = (
        big if tag == 0x00191010 else element(tag, vr_of(tag), value, implicit=False) for tag, value in rows
    )
    (tmp_path / "x.dcm").write_bytes(file_of(b"".join(elements)) + bytes(1 << 15))
    tried = []

    def watched(start: bytes) -> HeaderTexts | Unread:
        tried.append(len(start))
        return plain_header.plain_header(start)

    with monkeypatch.context() as patch:
        patch.setattr(dicom_files, "plain_header", watched)
        assert isinstance(read_header("s", tmp_path, "x.dcm"), Instance)
    assert len(tried) == pieces
    read_both_ways(tmp_path, "x.dcm", monkeypatch)


def test_without_the_library_pydicom_reads_everything(tmp_path, monkeypatch):
    (tmp_path / "x.dcm").write_bytes(plain_file({}))
    found = read_header("s", tmp_path, "x.dcm")
    monkeypatch.setattr(plain_header, "library", lambda: None)
    assert plain_header.plain_header(plain_file({})) is Unread.NOT_PLAIN
    assert read_header("s", tmp_path, "x.dcm") == found
