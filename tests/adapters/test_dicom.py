"""DICOM files: what is read of them, and what is drawn from them."""

from __future__ import annotations

import os
import random
from datetime import date
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate

from radrelease.adapters.dicom_files import read_header
from radrelease.adapters.dicom_pixels import decode
from radrelease.adapters.places import list_files, raw_name
from radrelease.adapters.png import decode_png, encode_png
from radrelease.config.pictures import Images
from radrelease.records.pixels import PixelProblem, VoiLut, VoiWindow
from radrelease.records.private import IdentifierKind, Instance
from radrelease.rejections import Reason
from radrelease.stages.pictures.pixels import render
from radrelease.testing.dicom_export import SYNTAXES, to_bytes
from radrelease.testing.reference_picture import reference_picture

REAL = Path(__file__).parents[3] / "shared/data/dicom"
RNG = np.random.default_rng(5)
PICTURE = (np.add.outer(np.arange(61), 3 * np.arange(47)) * 15 % 4001 + 20).astype(np.uint16)


def dataset(pixels=PICTURE, **changes) -> Dataset:
    made = Dataset()
    made.SOPClassUID = "1.2.840.10008.5.1.4.1.1.1.1"
    made.SOPInstanceUID, made.SeriesInstanceUID, made.StudyInstanceUID = "1.2.3", "1.2.4", "1.2.5"
    made.SpecificCharacterSet = "ISO_IR 192"
    made.PatientID, made.PatientName, made.StudyDate = "77001", "Kowalczyk^Zoë", "20190304"
    made.Modality, made.BodyPartExamined, made.ViewPosition = "DX", "CHEST", "PA"
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.Rows, made.Columns = pixels.shape
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 16, 12, 11, 0
    made.PixelData = pixels.tobytes()
    for keyword, value in changes.items():
        setattr(made, keyword, value)
    return made


def write(folder, made, syntax="explicit", name="x.dcm"):
    path = folder / name
    path.write_bytes(to_bytes(made, syntax))
    return path


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_every_lossless_syntax_gives_back_the_stored_pixels(tmp_path, syntax):
    decoded = decode(write(tmp_path, dataset(), syntax))
    assert np.array_equal(decoded.pixels, PICTURE)
    assert isinstance(read_header("s", tmp_path, "x.dcm"), Instance)


def test_fragments_of_one_frame_are_joined(tmp_path):
    made = pydicom.dcmread(write(tmp_path, dataset(), "jpeg_2000"))
    data = bytes(imagecodecs.jpeg2k_encode(PICTURE, level=0, reversible=True, codecformat="j2k"))
    made.PixelData = encapsulate([data], fragments_per_frame=3)
    made.save_as(tmp_path / "y.dcm")
    assert np.array_equal(decode(tmp_path / "y.dcm").pixels, PICTURE)


def test_bits_above_bits_stored_can_hide_an_overlay_and_are_cleared(tmp_path):
    decoded = decode(write(tmp_path, dataset(PICTURE | 0xA000)))
    assert np.array_equal(decoded.pixels, PICTURE)


def test_signed_pixels_have_their_sign(tmp_path):
    signed = PICTURE.astype(np.int16) // 2 - 1000
    made = dataset((signed & 0x0FFF).astype(np.uint16), PixelRepresentation=1)
    assert np.array_equal(decode(write(tmp_path, made)).pixels, signed)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"PixelData": PICTURE.tobytes()[:-200]}, Reason.TRUNCATED_PIXELS),
        ({"PixelData": np.full_like(PICTURE, 9).tobytes()}, Reason.CONSTANT_PIXELS),
        ({"NumberOfFrames": 2, "PixelData": PICTURE.tobytes() * 2}, Reason.MULTI_FRAME),
        ({"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB"}, Reason.COLOUR),
        ({"PixelAspectRatio": [1, 2]}, Reason.UNSUPPORTED_PIXELS),
        ({"BitsAllocated": 32, "BitsStored": 32, "HighBit": 31}, Reason.UNSUPPORTED_PIXELS),
    ],
)
def test_pixels_that_cannot_be_published_have_a_reason(tmp_path, changes, reason):
    decoded = decode(write(tmp_path, dataset(**changes)))
    outcome = decoded if isinstance(decoded, PixelProblem) else render(decoded, Images())
    assert outcome.reason is reason


def test_a_vanished_file_has_a_reason(tmp_path):
    assert decode(tmp_path / "gone.dcm").reason is Reason.FILE_CHANGED


def test_no_corruption_of_a_compressed_stream_raises(tmp_path):
    rng = random.Random(3)
    for syntax in ("jpeg_lossless", "jpeg_ls", "jpeg_2000", "rle"):
        good = write(tmp_path, dataset(), syntax).read_bytes()
        for _ in range(12):
            bad = bytearray(good)
            for _ in range(6):
                bad[rng.randrange(len(bad) // 2, len(bad))] ^= rng.randrange(1, 256)
            (tmp_path / "bad.dcm").write_bytes(bad)
            decode(tmp_path / "bad.dcm")


@pytest.mark.parametrize("shape", [(61, 47), (200, 163), (64, 64), (7, 300)])
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_the_picture_is_within_one_of_the_reference(tmp_path, shape, photometric):
    pixels = RNG.integers(0, 4096, shape).astype(np.uint16)
    pixels[: shape[0] // 2] //= 3
    pixels[0, 0], pixels[-1, -1] = 0, 4095
    made = dataset(pixels, PhotometricInterpretation=photometric)
    drawn = render(decode(write(tmp_path, made)), Images())
    expected = reference_picture(pixels, 0.25, low=0, high=4095, inverted=photometric == "MONOCHROME1")
    assert drawn.pixels.shape == expected.shape
    assert np.abs(drawn.pixels.astype(float) - expected).max() <= 1


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("shape", ["IDENTITY", "INVERSE"])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("window", ["full", "dicom"])
@pytest.mark.parametrize("slope", ["1", "-1"])
def test_air_is_dark_whatever_the_header_says_about_polarity(
    tmp_path, photometric, shape, sign, window, slope
):
    """All eight combinations. Pixel Intensity Relationship Sign (PS3.3 C.8.11.3.1.2) says how values relate
    to X-rays and never how they are shown; INVERSE and MONOCHROME1 are one inversion (C.11.6.1.2)."""
    ramp = np.tile(np.arange(64, dtype=np.uint16) * 60, (64, 1))
    made = dataset(
        ramp,
        PhotometricInterpretation=photometric,
        PresentationLUTShape=shape,
        PixelIntensityRelationshipSign=sign,
        RescaleSlope=slope,
        RescaleIntercept="0",
        WindowCenter="1890" if slope == "1" else "-1890",
        WindowWidth="4000",
    )
    drawn = render(decode(write(tmp_path, made)), Images(window=window)).pixels
    bright_low = photometric == "MONOCHROME1" or shape == "INVERSE"
    assert (drawn[0, 0] > drawn[0, -1]) == (bright_low == (slope == "1"))


VOI = {"WindowCenter": ["1000", "40"], "WindowWidth": ["2000", "400"]}


@pytest.mark.parametrize("syntax", ["explicit", "implicit"])
@pytest.mark.parametrize("signed", [0, 1])
def test_the_first_window_is_read(tmp_path, syntax, signed):
    """Several windows are alternatives (PS3.3 C.11.2.1.2); the first is taken."""
    made = dataset(PixelRepresentation=signed, VOILUTFunction="SIGMOID", **VOI)
    assert decode(write(tmp_path, made, syntax)).voi == VoiWindow(1000.0, 2000.0, "SIGMOID")


@pytest.mark.parametrize(
    "changes",
    [
        {"WindowWidth": ["", ""], "WindowCenter": ["", ""]},
        {"WindowWidth": "400"},
        {"VOILUTFunction": "CURVED", **VOI},
        {"WindowWidth": "0", "WindowCenter": "5"},
    ],
)
def test_a_window_that_cannot_be_used_matters_only_to_those_who_ask_for_it(tmp_path, changes):
    decoded = decode(write(tmp_path, dataset(**changes)))
    assert not isinstance(render(decoded, Images()), PixelProblem)
    assert render(decoded, Images(window="dicom")).reason is Reason.UNSUPPORTED_PIXELS


def lut_item(first, data, bits, as_bytes):
    item = Dataset()
    item.LUTDescriptor = [len(data), first, bits]
    item.add_new("LUTData", "OW" if as_bytes else "US", np.array(data, "<u2").tobytes() if as_bytes else data)
    return item


@pytest.mark.parametrize("syntax", ["explicit", "implicit", "jpeg_ls"])
@pytest.mark.parametrize("as_bytes", [True, False])
def test_a_voi_lut_comes_before_a_window(tmp_path, syntax, as_bytes):
    """Both may be there (PS3.3 C.11.2); LUT Data are words or bytes (pydicom issue 1073)."""
    made = dataset(VOILUTSequence=[lut_item(20, [0, 7, 4095], 12, as_bytes)], **VOI)
    voi = decode(write(tmp_path, made, syntax)).voi
    assert isinstance(voi, VoiLut)
    assert (voi.first, voi.bits, voi.data.tolist()) == (20, 12, [0, 7, 4095])


def test_a_lut_of_signed_values_begins_below_zero(tmp_path):
    """The first value mapped is signed as the pixels are (PS3.3 C.11.1.1.1)."""
    made = dataset(PixelRepresentation=1)
    made.ModalityLUTSequence = [Dataset()]
    made.ModalityLUTSequence[0].add_new("LUTDescriptor", "SS", [3, -2, 16])
    made.ModalityLUTSequence[0].add_new("LUTData", "OW", np.array([1, 2, 3], "<u2").tobytes())
    for syntax in ("explicit", "implicit"):
        assert decode(write(tmp_path, made, syntax)).modality_lut.first == -2


def test_two_entries_of_eight_bits_in_a_word(tmp_path):
    item = lut_item(0, [1, 2, 3, 4], 8, as_bytes=True)
    item.LUTData = bytes([1, 2, 3, 4])
    made = dataset(ModalityLUTSequence=[item])
    assert decode(write(tmp_path, made)).modality_lut.data.tolist() == [1, 2, 3, 4]


def test_a_modality_lut_with_too_few_entries_is_a_reason(tmp_path):
    item = lut_item(0, [1, 2, 3, 4], 16, as_bytes=True)
    item.LUTDescriptor = [5000, 0, 16]
    assert decode(write(tmp_path, dataset(ModalityLUTSequence=[item]))).reason is Reason.UNSUPPORTED_PIXELS


def test_padding_does_not_take_part_in_the_stretch(tmp_path):
    pixels = PICTURE.copy()
    pixels[:20] = 4095
    drawn = render(decode(write(tmp_path, dataset(pixels, PixelPaddingValue=4095))), Images())
    assert drawn.high == PICTURE[20:].max()
    assert drawn.pixels[0].max() == 0


def test_png_holds_nothing_but_the_picture():
    pixels = RNG.integers(0, 65536, (33, 21)).astype(np.uint16)
    data = encode_png(pixels)
    kinds, place = [], 8
    while place < len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        kinds.append(data[place + 4 : place + 8])
        place += 12 + length
    assert set(kinds) == {b"IHDR", b"IDAT", b"IEND"}
    assert np.array_equal(decode_png(data), pixels)
    assert encode_png(pixels) == data


def test_names_are_gathered_at_any_depth_and_in_any_character_set(tmp_path):
    inner = Dataset()
    inner.RequestingPhysician = "Hargrove^Lucinda"
    made = dataset(RequestAttributesSequence=[inner], PatientBirthDate="19500304", OtherPatientIDs="ALT1")
    made.private_block(0x0011, "MAKER", create=True).add_new(1, "PN", "Oduya^Blessing")
    write(tmp_path, made)
    known = {(item.kind, item.value) for item in read_header("s", tmp_path, "x.dcm").identifiers}
    assert (IdentifierKind.PATIENT_NAME, "Kowalczyk^Zoë") in known
    assert (IdentifierKind.STAFF_NAME, "Hargrove^Lucinda") in known
    assert (IdentifierKind.STAFF_NAME, "Oduya^Blessing") in known
    assert (IdentifierKind.BIRTH_DATE, "1950-03-04") in known
    assert (IdentifierKind.PATIENT_ID, "ALT1") in known


def test_fillers_are_not_identifiers(tmp_path):
    write(tmp_path, dataset(PatientName="ANONYMOUS", ReferringPhysicianName="UNKNOWN", AccessionNumber="0"))
    kinds = {item.kind for item in read_header("s", tmp_path, "x.dcm").identifiers}
    assert kinds == {IdentifierKind.PATIENT_ID, IdentifierKind.UID}


def test_a_header_that_asks_for_more_memory_than_it_may_have_is_stopped(tmp_path):
    """An element of a gigabyte, by its length, in a file of some kB."""
    data = write(tmp_path, dataset(), "implicit").read_bytes()
    place = data.index(b"\x10\x00\x10\x00") + 4
    (tmp_path / "x.dcm").write_bytes(data[:place] + (1 << 30).to_bytes(4, "little") + data[place + 4 :])
    with pytest.raises(MemoryError):
        read_header("s", tmp_path, "x.dcm", megabytes=64)
    assert read_header("s", tmp_path, "x.dcm").reason is Reason.MISSING_IDENTIFIER


def test_a_file_is_known_by_its_content(tmp_path):
    bare = write(tmp_path, dataset(), "implicit").read_bytes()
    (tmp_path / "scan.jpg").write_bytes(bare)
    dataset_only = bare[132:]
    meta = int.from_bytes(dataset_only[8:12], "little") + 12
    (tmp_path / "old.img").write_bytes(dataset_only[meta:])
    for name in ("scan.jpg", "old.img"):
        instance = read_header("s", tmp_path, name)
        assert isinstance(instance, Instance), (name, instance)
        assert instance.study_date == date(2019, 3, 4)


def test_a_file_name_need_not_be_utf8(tmp_path):
    data = write(tmp_path, dataset()).read_bytes()
    (tmp_path / "x.dcm").unlink()

    name = os.path.join(os.fsencode(tmp_path), b"M\xfcller \\ 1.dcm")
    with open(name, "wb") as file:  # noqa: PTH123 - the name is bytes
        file.write(data)
    (path,) = list_files(tmp_path)
    assert path.isascii()
    assert (tmp_path / os.fsdecode(raw_name(path))).is_file()
    assert isinstance(read_header("s", tmp_path, path), Instance)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("RG1_UNCR", (489, 460)), ("RG1_J2KR", (489, 460)), ("RG1_JLSN", (489, 460)), ("RG2_JPLL", (535, 440)),
        ("RG2_JPLY", (535, 440)), ("RG2_RLE", (535, 440)), ("RG2_JLSL", (535, 440)), ("nih_chest", (256, 256)),
        ("modality_lut_dental", (394, 494)), ("ct_big_endian", (128, 128)), ("ct_deflated", (128, 128)),
        ("ct_jpeg_process14", (128, 128)), ("overlay_out_of_bounds", (197, 330)), ("pseudo_phi_burned_in", (440, 535)),
    ],
)  # fmt: skip
def test_real_files_are_drawn(name, expected):
    if not REAL.is_dir():
        pytest.skip("the real DICOM files are not beside the checkout")
    drawn = render(decode(REAL / f"{name}.dcm"), Images())
    assert drawn.pixels.shape == expected
    assert drawn.pixels.max() > 60000
    assert drawn.pixels.min() < 5000


@pytest.mark.parametrize(
    "pair", [("RG1_UNCR", "RG1_J2KR"), ("RG2_RLE", "RG2_JPLL"), ("RG2_JLSL", "RG2_J2KR")]
)
def test_one_picture_in_two_syntaxes_is_one_picture(pair):
    if not REAL.is_dir():
        pytest.skip("the real DICOM files are not beside the checkout")
    first, second = (decode(REAL / f"{name}.dcm").pixels for name in pair)
    assert np.array_equal(first, second)


def test_overlays_and_graphics_are_never_drawn(tmp_path):
    """An overlay plane (60xx), a graphic annotation and an icon with writing change no published pixel."""
    plain = render(decode(write(tmp_path, dataset())), Images())
    made = dataset()
    bits = np.zeros(PICTURE.shape, np.uint8)
    bits[10:40, 10:40] = 1
    made.add_new(0x60000010, "US", PICTURE.shape[0])
    made.add_new(0x60000011, "US", PICTURE.shape[1])
    made.add_new(0x60000040, "CS", "G")
    made.add_new(0x60000050, "SS", [1, 1])
    made.add_new(0x60000100, "US", 1)
    made.add_new(0x60000102, "US", 0)
    made.add_new(0x60003000, "OB", np.packbits(bits, bitorder="little").tobytes() + b"\0")
    text = Dataset()
    text.UnformattedTextValue = "KOWALCZYK"
    annotation = Dataset()
    annotation.GraphicLayer, annotation.TextObjectSequence = "TEXT", [text]
    made.GraphicAnnotationSequence = [annotation]
    drawn = render(decode(write(tmp_path, made)), Images())
    assert np.array_equal(drawn.pixels, plain.pixels)
    assert encode_png(drawn.pixels) == encode_png(plain.pixels)
