"""From the bytes of a file to stored pixel values, case by case as PS3.3 and PS3.5 have it."""

from __future__ import annotations

import random
import struct
import zlib

import imagecodecs
import numpy as np
import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence

from radrelease.adapters.dicom_pixels import decode, decode_image
from radrelease.adapters.image_file import read_image_file
from radrelease.config.pictures import Images
from radrelease.records.pixels import DecodedImage, PixelProblem
from radrelease.rejections import Reason
from radrelease.stages.pictures.pixels import render
from radrelease.testing.frames import (
    LOSSLESS,
    SYNTAX_UIDS,
    encode_frame,
    lossless_jpeg,
    make_image,
    plain_differences,
    shaded,
    to_part_10,
)

ROW, COLUMN = np.mgrid[0:61, 0:47]
PICTURE_TAG = (b"\xe0\x7f\x10\x00", b"\x7f\xe0\x00\x10")
STREAMS = tuple(
    name for name in SYNTAX_UIDS if name not in {"implicit", "explicit", "big_endian", "deflated"}
)
LOSSLESS_STREAMS = tuple(name for name in LOSSLESS if name in STREAMS)


PICTURE = shaded(12)


@pytest.fixture
def read(tmp_path):
    """What becomes of the bytes of a file."""

    def of(data: bytes) -> DecodedImage | PixelProblem:
        (tmp_path / "x.dcm").write_bytes(data)
        return decode(tmp_path / "x.dcm")

    return of


def part_10(name="explicit", pixels=PICTURE, bits=12, fragments=None, **changes):
    return to_part_10(make_image(pixels, bits, **changes), name, pixels, fragments)


def reason_of(outcome):
    assert isinstance(outcome, PixelProblem), "a picture"
    return outcome.reason


@pytest.mark.parametrize("bits", [8, 9, 10, 12, 14, 15, 16])
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("name", LOSSLESS)
def test_every_lossless_syntax_gives_the_stored_values(read, name, signed, bits):
    pixels = shaded(bits, signed=signed)
    decoded = read(part_10(name, pixels, bits))
    assert np.array_equal(decoded.pixels, pixels)
    assert decoded.pixels.dtype.kind == pixels.dtype.kind
    assert decoded.pixels.dtype.itemsize <= 2
    assert decoded.pixels.dtype.isnative
    assert decoded.pixels.flags.c_contiguous
    assert decoded.pixels.flags.aligned


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(LOSSLESS),
    st.integers(1, 40),
    st.integers(1, 40),
    st.integers(8, 16),
    st.booleans(),
    st.data(),
)
def test_every_shape_comes_back(read, name, rows, columns, bits, signed, data):
    if rows < 2 or columns < 2:
        name = "rle"  # the JPEG family's encoders want more
    rng = np.random.default_rng(data.draw(st.integers(0, 1 << 32)))
    low, high = (-(1 << (bits - 1)), 1 << (bits - 1)) if signed else (0, 1 << bits)
    kind = f"{'i' if signed else 'u'}{1 if bits == 8 else 2}"
    pixels = rng.integers(low, high, (rows, columns)).astype(kind)
    assert np.array_equal(read(part_10(name, pixels, bits)).pixels, pixels)


@pytest.mark.parametrize(
    ("name", "bits"), [("jpeg_baseline", 8), ("jpeg_extended", 8), ("jpeg_extended", 12)]
)
def test_lossy_jpeg_is_near(read, name, bits):
    """PS3.5 section 8.2.1: 8 bits baseline, 12 bits extended."""
    decoded = read(part_10(name, shaded(bits), bits))
    assert np.abs(decoded.pixels.astype(int) - shaded(bits)).max() <= 8 << (bits - 8)


def test_near_lossless_and_irreversible_streams_are_near(read):
    for name in ("jpeg_ls_near", "jpeg_2000_lossy", "htj2k_lossy"):
        decoded = read(part_10(name))
        assert 0 < np.abs(decoded.pixels.astype(int) - PICTURE).max() <= 80, name


def test_uncompressed_pixels_are_read_once_and_not_copied(tmp_path):
    path = tmp_path / "x.dcm"
    path.write_bytes(part_10())
    file = read_image_file(path)
    pixels = decode_image(file).pixels
    assert np.shares_memory(pixels, np.frombuffer(file.value, np.uint8))
    assert "PixelData" not in file.header


def test_pixels_stay_what_they_were_when_the_file_is_gone(tmp_path):
    """A file that is cut short while it is looked at must not end the process."""
    path = tmp_path / "x.dcm"
    path.write_bytes(part_10())
    pixels = decode(path).pixels
    path.write_bytes(b"")
    assert np.array_equal(pixels, PICTURE)


def test_a_vanished_or_emptied_file_has_a_reason(tmp_path):
    assert decode(tmp_path / "gone.dcm").reason is Reason.FILE_CHANGED
    (tmp_path / "empty.dcm").write_bytes(b"")
    assert decode(tmp_path / "empty.dcm").reason in {Reason.UNREADABLE_FILE, Reason.NO_PIXEL_DATA}


# Bits above BitsStored (PS3.5 section 8.1.1)

WRITING = ((ROW > 10) & (ROW < 15) & (COLUMN > 4) & (COLUMN < 24) & (COLUMN % 3 > 0)).astype(np.uint16)


@pytest.mark.parametrize("name", ["explicit", "big_endian", "deflated", "rle"])
def test_writing_in_the_high_bits_is_cleared(read, name):
    assert np.array_equal(read(part_10(name, PICTURE | (WRITING << 14))).pixels, PICTURE)


@pytest.mark.parametrize("name", ["jpeg_lossless_sv1", "jpeg_ls", "jpeg_2000", "htj2k"])
def test_writing_that_a_compressed_stream_has_kept_is_cleared(read, name):
    """Streams of 16 bits keep whatever lay above the 12 that the header says are stored."""
    stream = encode_frame(name, PICTURE | (WRITING << 14), 16)
    assert np.array_equal(read(part_10(name, fragments=[stream])).pixels, PICTURE)


def test_an_overlay_that_covers_most_of_the_picture_is_cleared_if_it_is_declared(read):
    drawn = PICTURE | ((COLUMN > 9) << 15).astype(np.uint16)
    made = make_image(PICTURE, 12)
    made.add_new(0x60000100, "US", 16)
    made.add_new(0x60000102, "US", 15)
    assert np.array_equal(read(to_part_10(made, "explicit", drawn)).pixels, PICTURE)
    assert reason_of(read(part_10(pixels=drawn))) is Reason.BITS_STORED


@pytest.mark.parametrize("name", ["explicit", "rle", "jpeg_lossless_sv1", "jpeg_ls", "jpeg_2000"])
def test_a_header_that_says_too_few_bits_is_a_reason(read, name):
    made = make_image(PICTURE, 12, BitsStored=10, HighBit=9)
    stream = None if name == "explicit" else [encode_frame(name, PICTURE, 12)]
    assert reason_of(read(to_part_10(made, name, PICTURE, stream))) is Reason.BITS_STORED


def test_high_bit_above_the_values(read):
    assert np.array_equal(read(part_10(pixels=PICTURE << 4, HighBit=15)).pixels, PICTURE)
    assert reason_of(read(part_10(HighBit=15))) is Reason.PIXELS_DISAGREE
    assert reason_of(read(part_10(HighBit=7))) is Reason.PIXELS_DISAGREE
    assert reason_of(read(part_10(BitsStored=17, HighBit=16))) is Reason.PIXELS_DISAGREE


# Signs (PS3.5 sections 8.1.1, 8.2.3 and 8.2.4)


@pytest.mark.parametrize("name", ["jpeg_ls", "jpeg_lossless_sv1", "rle"])
def test_streams_without_signs_carry_twos_complement_of_bits_stored(read, name):
    pixels = shaded(12, signed=True)
    extended = encode_frame(name, pixels.view(np.uint16), 16)  # all 16 bits, the upper four repeat the sign
    for fragments in (None, [extended]):
        assert np.array_equal(read(part_10(name, pixels, 12, fragments)).pixels, pixels)


def test_a_sign_in_the_codestream_must_be_the_headers(read):
    signed = shaded(12, signed=True)
    stream = encode_frame("jpeg_2000", signed, 12)
    assert reason_of(read(part_10("jpeg_2000", PICTURE, 12, [stream]))) is Reason.PIXELS_DISAGREE
    stream = encode_frame("jpeg_2000", PICTURE, 12)
    assert reason_of(read(part_10("jpeg_2000", signed, 12, [stream]))) is Reason.PIXELS_DISAGREE


def test_a_sign_that_no_value_has_does_not_matter(read):
    small = PICTURE >> 1
    stream = encode_frame("jpeg_2000", small, 12)
    decoded = read(part_10("jpeg_2000", small, 12, [stream], PixelRepresentation=1))
    assert np.array_equal(decoded.pixels, small)
    stream = encode_frame("jpeg_2000", small.view(np.int16), 12)
    assert np.array_equal(read(part_10("jpeg_2000", small, 12, [stream])).pixels, small)


def test_a_lossy_jpeg_has_no_negative_values(read):
    pixels = shaded(8, signed=True)
    assert reason_of(read(part_10("jpeg_baseline", pixels, 8))) is Reason.PIXELS_DISAGREE


# Precision (PS3.5 section 8.2)


def test_twelve_bits_of_jpeg_2000_are_not_shifted(read):
    assert read(part_10("jpeg_2000")).pixels.max() == PICTURE.max()


@pytest.mark.parametrize("name", ["jpeg_lossless_sv1", "jpeg_ls", "jpeg_2000"])
def test_a_stream_of_more_bits_than_are_stored_is_fine_if_the_values_fit(read, name):
    stream = encode_frame(name, PICTURE, 16)
    assert np.array_equal(read(part_10(name, fragments=[stream])).pixels, PICTURE)


@pytest.mark.parametrize(
    ("name", "bits"), [("jpeg_lossless_sv1", 10), ("jpeg_2000", 10), ("jpeg_ls", 8), ("jpeg_extended", 12)]
)
def test_a_stream_of_fewer_bits_than_are_stored_is_a_reason(read, name, bits):
    """Values that were scaled down with a header left as it was would look the same."""
    pixels = shaded(bits)
    stream = encode_frame(name, pixels, bits)
    outcome = read(part_10(name, pixels.astype(np.uint16), 14, [stream]))
    assert reason_of(outcome) is Reason.PIXELS_DISAGREE


@pytest.mark.parametrize("precision", range(8, 17))
@pytest.mark.parametrize("predictor", range(1, 8))
def test_lossless_jpeg_of_any_precision_and_predictor(read, precision, predictor):
    """ISO/IEC 10918-1 annex H; some decoders know 8, 12 and 16 bits alone, or give zeros for others."""
    pixels = shaded(precision)
    stream = bytes(
        imagecodecs.jpeg8_encode(pixels, lossless=True, predictor=predictor, bitspersample=precision)
    )
    assert np.array_equal(read(part_10("jpeg_lossless", pixels, precision, [stream])).pixels, pixels)


@pytest.mark.parametrize("precision", [8, 10, 12, 16])
def test_lossless_jpeg_adds_up_modulo_65536(read, precision):
    """ISO/IEC 10918-1 H.1.2.1. Encoders may write -180 for 76; decoders that clamp draw it white."""
    pixels = shaded(precision)
    pixels[::2, ::3] = 0
    pixels[1::2, ::5] = (1 << precision) - 1
    plain = plain_differences(pixels, precision)
    span = 1 << precision
    wrapped = np.where(plain > 0, plain - span, np.where(plain < 0, plain + span, plain))
    for differences in (plain, wrapped):
        stream = lossless_jpeg(pixels, precision, differences)
        decoded = read(part_10("jpeg_lossless_sv1", pixels, precision, [stream]))
        assert np.array_equal(decoded.pixels, pixels)


def test_eight_bits_in_a_wide_cell_wrap_too(read):
    """BitsAllocated 16, BitsStored 8, a stream of 8 bits."""
    pixels = shaded(8)
    stream = lossless_jpeg(
        pixels,
        8,
        np.where(
            plain_differences(pixels, 8) > 0, plain_differences(pixels, 8) - 256, plain_differences(pixels, 8)
        ),
    )
    decoded = read(part_10("jpeg_lossless_sv1", pixels.astype(np.uint16), 8, [stream]))
    assert np.array_equal(decoded.pixels, pixels)


# The stream is what the header says (PS3.5 section 8.2 and annex A.4)


@pytest.mark.parametrize("name", STREAMS)
def test_rows_or_columns_at_odds_with_the_stream(read, name):
    bits = 8 if name == "jpeg_baseline" else 12
    stream = encode_frame(name, shaded(bits), bits)
    for shape in ((62, 47), (61, 46), (47, 61)):
        outcome = read(part_10(name, shaded(bits), bits, [stream], Rows=shape[0], Columns=shape[1]))
        if name == "rle" and shape == (47, 61):  # runs know no shape
            continue
        assert reason_of(outcome) in {Reason.PIXELS_DISAGREE, Reason.TRUNCATED_PIXELS}, shape


@pytest.mark.parametrize("name", ["jpeg_baseline", "jpeg_ls", "jpeg_2000", "htj2k"])
def test_colour_in_a_stream_that_the_header_calls_gray(read, name):
    colour = np.repeat(shaded(8)[:, :, None], 3, axis=2)
    encode = {
        "jpeg_baseline": lambda: imagecodecs.jpeg8_encode(colour, 90),
        "jpeg_ls": lambda: imagecodecs.jpegls_encode(colour),
        "jpeg_2000": lambda: imagecodecs.jpeg2k_encode(colour, level=0, codecformat="j2k"),
        "htj2k": lambda: imagecodecs.htj2k_encode(colour, reversible=True),
    }
    outcome = read(part_10(name, shaded(8), 8, [bytes(encode[name]())]))
    assert reason_of(outcome) is Reason.PIXELS_DISAGREE


@pytest.mark.parametrize(
    ("said", "is_"),
    [
        ("jpeg_ls", "jpeg_2000"), ("jpeg_2000", "jpeg_ls"), ("jpeg_lossless_sv1", "jpeg_ls"), ("jpeg_ls", "jpeg_lossless_sv1"),
        ("jpeg_2000", "rle"), ("rle", "jpeg_2000"), ("jpeg_lossless_sv1", "jpeg_extended"), ("jpeg_extended", "jpeg_lossless_sv1"),
        ("jpeg_ls", "jpeg_ls_near"), ("jpeg_2000", "jpeg_2000_lossy"), ("htj2k", "htj2k_lossy"),
    ],
)  # fmt: skip
def test_another_syntax_than_the_meta_information_says(read, said, is_):
    outcome = read(part_10(said, fragments=[encode_frame(is_, PICTURE, 12)]))
    assert reason_of(outcome) is Reason.PIXELS_DISAGREE


def test_compressed_pixels_called_uncompressed_and_the_other_way_round(read):
    data = part_10("jpeg_ls").replace(SYNTAX_UIDS["jpeg_ls"].encode(), b"1.2.840.10008.1.2.1\0\0\0")
    assert reason_of(read(data)) is Reason.PIXELS_DISAGREE
    uid = SYNTAX_UIDS["jpeg_ls"].encode()
    plain = part_10()
    place = plain.index(b"\x02\x00\x10\x00UI\x14\x00")
    swapped = plain[:place] + b"\x02\x00\x10\x00UI" + struct.pack("<H", len(uid)) + uid + plain[place + 28 :]
    assert reason_of(read(swapped)) is Reason.PIXELS_DISAGREE


def test_big_endian_pixels_called_little_endian(read):
    assert reason_of(read(part_10(pixels=PICTURE.byteswap()))) is Reason.BITS_STORED


def test_deflated_in_name_alone(read):
    uid = SYNTAX_UIDS["deflated"].encode() + b"\0"
    plain = part_10()
    place = plain.index(b"\x02\x00\x10\x00UI\x14\x00")
    named = plain[:place] + b"\x02\x00\x10\x00UI" + struct.pack("<H", len(uid)) + uid + plain[place + 28 :]
    assert reason_of(read(named)) is Reason.UNREADABLE_FILE


@pytest.mark.parametrize(
    "uid",
    [
        "1.2.840.10008.1.2.4.100",
        "1.2.840.10008.1.2.4.94",
        "1.2.840.10008.1.2.4.55",
        "1.2.840.10008.1.2.4.110",
        "1.2.3.4",
    ],
)
def test_a_syntax_of_no_still_image(read, uid):
    made = make_image(PICTURE, 12)
    data = to_part_10(made, "jpeg_ls", PICTURE)
    spelt = uid.encode() + b"\0" * (len(uid) % 2)
    place = data.index(b"\x02\x00\x10\x00UI\x16\x00")
    data = data[:place] + b"\x02\x00\x10\x00UI" + struct.pack("<H", len(spelt)) + spelt + data[place + 30 :]
    assert reason_of(read(data)) is Reason.UNDECODABLE_PIXELS


# Fragments and their ends (PS3.5 annex A.4)


def pieces(stream, count):
    step = len(stream) // count // 2 * 2
    return [
        *(stream[index * step : (index + 1) * step] for index in range(count - 1)),
        stream[(count - 1) * step :],
    ]


@pytest.mark.parametrize("count", [2, 3, 7])
@pytest.mark.parametrize("name", LOSSLESS_STREAMS)
@pytest.mark.parametrize("has_table", [False, True])
def test_fragments_of_one_frame_are_joined(read, name, count, has_table):
    made = make_image(PICTURE, 12)
    stream = encode_frame(name, PICTURE, 12)
    data = to_part_10(made, name, PICTURE, pieces(stream, count))
    if has_table:
        made.PixelData = encapsulate([stream], fragments_per_frame=count, has_bot=True)
        made["PixelData"].is_undefined_length = True
        made["PixelData"].VR = "OB"
        data = as_file(made)
    assert np.array_equal(read(data).pixels, PICTURE)


def as_file(made):
    import io

    stream = io.BytesIO()
    pydicom.dcmwrite(stream, made, enforce_file_format=True)
    return stream.getvalue()


@pytest.mark.parametrize("name", ["jpeg_lossless_sv1", "jpeg_ls", "jpeg_2000", "htj2k"])
def test_two_frames_that_the_header_does_not_tell_of(read, name):
    stream = encode_frame(name, PICTURE, 12)
    stream += b"\0" * (len(stream) % 2)
    assert reason_of(read(part_10(name, fragments=[stream, stream]))) is Reason.MULTI_FRAME
    made = make_image(PICTURE, 12)
    to_part_10(made, name, PICTURE)
    made.PixelData = encapsulate([stream, stream], has_bot=True)
    made["PixelData"].is_undefined_length, made["PixelData"].VR = True, "OB"
    assert reason_of(read(as_file(made))) is Reason.MULTI_FRAME


@pytest.mark.parametrize("name", LOSSLESS_STREAMS)
@pytest.mark.parametrize("padding", [b"\0", b"\0\0\0", b"\0" * 40])
def test_padding_after_the_stream_does_not_matter(read, name, padding):
    """PS3.5 annex A.4: fragments are padded to even length, and some writers do more."""
    stream = encode_frame(name, PICTURE, 12) + padding
    assert np.array_equal(read(part_10(name, fragments=[stream])).pixels, PICTURE)


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_cut_short(read, name):
    bits = 8 if name == "jpeg_baseline" else 12
    stream = encode_frame(name, shaded(bits), bits)
    for share in (0.02, 0.3, 0.7, 0.98):
        cut = stream[: int(len(stream) * share) // 2 * 2]
        outcome = read(part_10(name, shaded(bits), bits, [cut]))
        assert reason_of(outcome) in {
            Reason.TRUNCATED_PIXELS,
            Reason.UNDECODABLE_PIXELS,
            Reason.PIXELS_DISAGREE,
        }


@pytest.mark.parametrize("name", [name for name in STREAMS if name != "rle"])
def test_a_stream_cut_short_with_an_end_put_behind_it(read, name):
    """libjpeg fills up what is missing without a word."""
    bits = 8 if name == "jpeg_baseline" else 12
    stream = encode_frame(name, shaded(bits), bits)
    cut = stream[: int(len(stream) * 0.6) // 2 * 2] + b"\xff\xd9"
    outcome = read(part_10(name, shaded(bits), bits, [cut]))
    assert reason_of(outcome) in {Reason.TRUNCATED_PIXELS, Reason.UNDECODABLE_PIXELS}


@pytest.mark.parametrize("name", SYNTAX_UIDS)
def test_a_file_cut_short(read, name):
    bits = 8 if name == "jpeg_baseline" else 12
    data = part_10(name, shaded(bits), bits)
    outcome = read(data[: len(data) - len(data) // 4])
    assert reason_of(outcome) in {Reason.TRUNCATED_PIXELS, Reason.UNREADABLE_FILE}


def test_odd_and_excess_lengths_of_uncompressed_pixels(read):
    """PS3.5 section 8.1.1: one byte of padding where the length is odd. A row more is another picture."""
    odd = shaded(8)[:, :-1][:-2]  # 59 x 46 is even, 61 x 47 is odd
    assert np.array_equal(read(part_10(pixels=shaded(8), bits=8)).pixels, shaded(8))
    assert np.array_equal(read(part_10(pixels=np.ascontiguousarray(odd), bits=8)).pixels, odd)
    assert reason_of(read(part_10(Rows=60))) is Reason.PIXELS_DISAGREE
    assert reason_of(read(part_10(Columns=46))) is Reason.PIXELS_DISAGREE
    assert reason_of(read(part_10(Rows=62))) is Reason.TRUNCATED_PIXELS


def test_what_follows_the_pixels_does_not_matter(read):
    """Data Set Trailing Padding (FFFC,FFFC), PS3.10 section 7.2."""
    for name in ("explicit", "deflated", "jpeg_ls"):
        made = make_image(PICTURE, 12)
        made.add_new(0xFFFCFFFC, "OB", b"\0" * 20_000)
        assert np.array_equal(read(to_part_10(made, name, PICTURE)).pixels, PICTURE), name


def test_a_deflated_header_longer_than_the_first_piece(read):
    made = make_image(PICTURE, 12)
    made.add_new(0x00091001, "OB", np.random.default_rng(1).bytes(400_000))
    assert np.array_equal(read(to_part_10(made, "deflated", PICTURE)).pixels, PICTURE)


# The file around the pixels (PS3.10 section 7)


@pytest.mark.parametrize("name", ["implicit", "explicit"])
def test_without_preamble_and_meta_information(read, name):
    data = part_10(name)
    assert np.array_equal(read(data[132:]).pixels, PICTURE)
    length = struct.unpack_from("<L", data, 140)[0]
    assert np.array_equal(read(data[144 + length :]).pixels, PICTURE)


def test_an_icon_is_never_the_picture(read):
    """Icon Image Sequence (0088,0200), PS3.3 C.7.6.1.1.6, holds Pixel Data of its own."""
    icon = make_image(np.full((8, 8), 3, np.uint8), 8)
    icon.PixelData = bytes(64)
    made = make_image(PICTURE, 12, IconImageSequence=Sequence([icon]))
    assert np.array_equal(read(to_part_10(made, "explicit", PICTURE)).pixels, PICTURE)
    assert np.array_equal(read(to_part_10(made, "jpeg_ls", PICTURE)).pixels, PICTURE)
    del made.PixelData
    assert reason_of(read(as_file(made))) is Reason.NO_PIXEL_DATA


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB", "PlanarConfiguration": 0}, Reason.COLOUR),
        ({"SamplesPerPixel": 3}, Reason.COLOUR),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, Reason.COLOUR),
        ({"SamplesPerPixel": 3, "PhotometricInterpretation": "YBR_FULL_422"}, Reason.COLOUR),
        ({"PhotometricInterpretation": "MONOCHROME3"}, Reason.COLOUR),
        ({"NumberOfFrames": 2}, Reason.MULTI_FRAME),
        ({"BitsAllocated": 32, "BitsStored": 32, "HighBit": 31}, Reason.UNSUPPORTED_PIXELS),
        ({"BitsAllocated": 12}, Reason.UNSUPPORTED_PIXELS),
        ({"BitsAllocated": 1, "BitsStored": 1, "HighBit": 0}, Reason.UNSUPPORTED_PIXELS),
        ({"Rows": 0}, Reason.UNSUPPORTED_PIXELS),
        ({"Rows": 65535, "Columns": 65535}, Reason.UNSUPPORTED_PIXELS),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["explicit", "jpeg_ls"])
def test_forms_that_are_not_published(read, name, changes, reason):
    """PS3.3 C.7.6.3.1 has more forms than a radiograph for reading has."""
    stream = None if name == "explicit" else [encode_frame(name, PICTURE, 12)]
    assert reason_of(read(part_10(name, fragments=stream, **changes))) is reason


def test_float_pixels(read):
    """PS3.3 C.7.6.24: Float Pixel Data (7FE0,0008) and Double Float Pixel Data (7FE0,0009)."""
    for keyword, kind in (("FloatPixelData", np.float32), ("DoubleFloatPixelData", np.float64)):
        made = make_image(PICTURE, 12)
        to_part_10(made, "explicit", PICTURE)
        del made.PixelData
        made.BitsAllocated = 8 * np.dtype(kind).itemsize
        setattr(made, keyword, PICTURE.astype(kind).tobytes())
        assert reason_of(read(as_file(made))) is Reason.UNSUPPORTED_PIXELS


@pytest.mark.parametrize("name", LOSSLESS)
@pytest.mark.parametrize("value", [0, 700])
def test_one_value_everywhere_is_no_picture(read, name, value):
    """Some decoders give zeros for what they cannot decode, and no error."""
    outcome = read(part_10(name, np.full((61, 47), value, np.uint16)))
    assert isinstance(outcome, DecodedImage)
    assert reason_of(render(outcome, Images())) is Reason.CONSTANT_PIXELS


def test_pixels_that_are_not_square_are_no_picture(read):
    """Pixel Aspect Ratio (0028,0034), PS3.3 C.7.6.3.1.7."""
    outcome = read(part_10(PixelAspectRatio=["3", "4"]))
    assert reason_of(render(outcome, Images())) is Reason.UNSUPPORTED_PIXELS
    assert not isinstance(render(read(part_10(PixelAspectRatio=["4", "4"])), Images()), PixelProblem)


# A worker must never crash for what a file holds


@pytest.mark.parametrize("name", SYNTAX_UIDS)
def test_no_mutation_raises(read, name):
    rng = random.Random(name)
    bits = 8 if name == "jpeg_baseline" else 12
    good = part_10(name, shaded(bits), bits)
    start = 300 if name == "deflated" else good.index(PICTURE_TAG[name == "big_endian"])
    for round_ in range(300 if name in {"rle", "htj2k"} else 40):  # these two ended the process once
        bad = bytearray(good)
        for _ in range(rng.choice((1, 3, 20))):
            place = rng.randrange(start, min(len(bad), start + 400) if round_ % 2 else len(bad))
            bad[place] = rng.choice((0, 255, bad[place] ^ 1 << rng.randrange(8)))
        assert isinstance(read(bytes(bad)), DecodedImage | PixelProblem)


@pytest.mark.parametrize(
    "offsets", [(64, 1 << 31), (0, 70), (70, 64), (64, 64), (1 << 31, 1 << 31), (63, 80)]
)
def test_segments_of_runs_that_lie_elsewhere(read, offsets):
    """PS3.5 annex G.5. imagecodecs follows such offsets out of the frame and ends the process."""
    frame = bytearray(encode_frame("rle", PICTURE, 12))
    struct.pack_into("<2L", frame, 4, *offsets)
    assert reason_of(read(part_10("rle", fragments=[bytes(frame)]))) is Reason.UNDECODABLE_PIXELS


def test_a_deflated_bomb_costs_no_more_than_its_header_says(read):
    """The data set inflates to 200 MB, of which the pixels are a few thousand bytes."""
    made = make_image(PICTURE, 12)
    data = to_part_10(made, "deflated", PICTURE)
    length = struct.unpack_from("<L", data, 140)[0]
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    inside = zlib.decompress(data[144 + length :], -15)
    bomb = packer.compress(inside) + packer.compress(bytes(200_000_000)) + packer.flush()
    assert np.array_equal(read(data[: 144 + length] + bomb).pixels, PICTURE)


@pytest.mark.parametrize("name", ["explicit", "deflated"])
def test_a_length_beyond_all_memory(read, name):
    """The element says 4 GB less a few bytes."""
    made = make_image(PICTURE, 12)
    data = to_part_10(made, "explicit", PICTURE)
    place = data.index(b"\xe0\x7f\x10\x00OW")
    longer = data[: place + 8] + b"\xf0\xff\xff\xff" + data[place + 12 :]
    if name == "deflated":
        start = 144 + struct.unpack_from("<L", data, 140)[0]
        head = to_part_10(make_image(PICTURE, 12), "deflated", PICTURE)
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        head = head[: 144 + struct.unpack_from("<L", head, 140)[0]]
        longer = head + packer.compress(longer[start:]) + packer.flush()
    assert reason_of(read(longer)) is Reason.PIXELS_DISAGREE


def test_items_of_the_dataset_are_not_mistaken(read):
    made = Dataset()
    made.SOPClassUID, made.SOPInstanceUID = "1.2", "1.3"
    made.file_meta = pydicom.dataset.FileMetaDataset()
    made.file_meta.TransferSyntaxUID = SYNTAX_UIDS["explicit"]
    assert reason_of(read(as_file(made))) is Reason.NO_PIXEL_DATA
