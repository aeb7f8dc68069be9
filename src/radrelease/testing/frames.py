"""One picture in every transfer syntax that a radiograph may have, as a file in memory."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Sequence

import imagecodecs
import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID

from radrelease.adapters.dicom_encoding import encode_pixels

__all__ = [
    "LOSSLESS",
    "SYNTAX_UIDS",
    "encode_frame",
    "in_part_10",
    "lossless_jpeg",
    "make_image",
    "plain_differences",
    "shaded",
    "to_part_10",
]

_FAMILY = "1.2.840.10008.1.2.4."
SYNTAX_UIDS = {
    "implicit": "1.2.840.10008.1.2",
    "explicit": "1.2.840.10008.1.2.1",
    "big_endian": "1.2.840.10008.1.2.2",
    "deflated": "1.2.840.10008.1.2.1.99",
    "rle": "1.2.840.10008.1.2.5",
    "jpeg_baseline": _FAMILY + "50",
    "jpeg_extended": _FAMILY + "51",
    "jpeg_lossless": _FAMILY + "57",
    "jpeg_lossless_sv1": _FAMILY + "70",
    "jpeg_ls": _FAMILY + "80",
    "jpeg_ls_near": _FAMILY + "81",
    "jpeg_2000": _FAMILY + "90",
    "jpeg_2000_lossy": _FAMILY + "91",
    "htj2k": _FAMILY + "201",
    "htj2k_lossy": _FAMILY + "203",
}
"""UIDs (PS3.6 annex A)."""

LOSSLESS = tuple(name for name in SYNTAX_UIDS if not name.endswith(("baseline", "extended", "near", "lossy")))

_NATIVE = frozenset({"implicit", "explicit", "big_endian", "deflated"})


def shaded(bits: int, *, signed: bool = False) -> NDArray[np.integer]:
    """A small picture, 61 by 47, of smooth shadows and some noise, over nearly all values of ``bits``."""
    row, column = np.mgrid[0:61, 0:47]
    noise = np.random.default_rng(7).integers(0, 6, row.shape)
    smooth = 0.5 + 0.28 * np.sin(row / 13) + 0.18 * np.cos(column / 9)
    values = (smooth * ((1 << bits) - 8)).astype(np.int64) + noise - (signed << (bits - 1))
    cells: NDArray[np.integer] = values.astype(f"{'i' if signed else 'u'}{1 if bits <= 8 else 2}")
    return cells


def encode_frame(name: str, pixels: NDArray[np.integer], bits: int) -> bytes:
    """The stream of one frame, 2-D of 8 or 16 bits, of which ``bits`` are stored.

    JPEG and JPEG-LS know no signs and get two's complement of ``bits``; so do the upper bits of
    RLE cells not matter. JPEG-LS and HTJ2K are written with the precision of the cell.
    """
    width = pixels.dtype.itemsize
    cells = pixels.view(f"u{width}")
    if width * 8 > bits:
        cells = cells & cells.dtype.type((1 << bits) - 1)
    encoders: dict[str, Callable[[], bytes | bytearray]] = {
        "rle": lambda: encode_pixels(pixels, "rle", bits).data[16:-8],
        "jpeg_baseline": lambda: imagecodecs.jpeg8_encode(cells, 92),
        "jpeg_extended": lambda: imagecodecs.jpeg8_encode(cells, 92, bitspersample=8 if bits <= 8 else 12),
        "jpeg_lossless": lambda: imagecodecs.jpeg8_encode(
            cells, lossless=True, predictor=6, bitspersample=bits
        ),
        "jpeg_lossless_sv1": lambda: imagecodecs.jpeg8_encode(
            cells, lossless=True, predictor=1, bitspersample=bits
        ),
        "jpeg_ls": lambda: imagecodecs.jpegls_encode(cells),
        "jpeg_ls_near": lambda: imagecodecs.jpegls_encode(cells, level=2),
        "jpeg_2000": lambda: imagecodecs.jpeg2k_encode(
            pixels, level=0, reversible=True, codecformat="j2k", bitspersample=bits
        ),
        "jpeg_2000_lossy": lambda: imagecodecs.jpeg2k_encode(
            pixels, level=70, reversible=False, codecformat="j2k", bitspersample=bits
        ),
        "htj2k": lambda: imagecodecs.htj2k_encode(pixels, reversible=True),
        "htj2k_lossy": lambda: imagecodecs.htj2k_encode(pixels, level=0.001, reversible=False),
    }
    return bytes(encoders[name]())


def make_image(pixels: NDArray[np.integer], bits: int, **changes: object) -> Dataset:
    """The header of one frame, 2-D of 8 or 16 bits; ``changes`` are elements by keyword."""
    made = Dataset()
    made.SOPClassUID, made.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.1.1", "1.2.3"
    made.SeriesInstanceUID, made.StudyInstanceUID = "1.2.4", "1.2.5"
    made.PatientID, made.StudyDate, made.Modality = "77001", "20190304", "DX"
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.Rows, made.Columns = pixels.shape
    made.BitsAllocated, made.BitsStored, made.HighBit = 8 * pixels.dtype.itemsize, bits, bits - 1
    made.PixelRepresentation = int(pixels.dtype.kind == "i")
    for keyword, value in changes.items():
        setattr(made, keyword, value)
    return made


def to_part_10(
    made: Dataset, name: str, pixels: NDArray[np.integer], fragments: Sequence[bytes] | None = None
) -> bytes:
    """The file; ``fragments`` replace the encoded frame where the syntax has one."""
    if name in _NATIVE:
        swapped = name == "big_endian" and pixels.dtype.itemsize == 2
        data = (pixels.byteswap() if swapped else pixels).tobytes()
        made.PixelData = data + b"\0" * (len(data) % 2)
    else:
        frame = fragments or [encode_frame(name, pixels, int(made.BitsStored))]
        made.PixelData = encapsulate([b"".join(frame)]) if len(frame) == 1 else _joined(frame)
        made["PixelData"].is_undefined_length = True
    made["PixelData"].VR = "OB" if name not in _NATIVE or pixels.dtype.itemsize == 1 else "OW"
    return in_part_10(made, SYNTAX_UIDS[name])


def in_part_10(dataset: Dataset, transfer_syntax: str) -> bytes:
    """The file (PS3.10 section 7.1) of a data set whose pixels, if any, are encoded already."""
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.get("SOPInstanceUID", "1.2.3")
    dataset.file_meta.TransferSyntaxUID = UID(transfer_syntax)
    dataset.file_meta.ImplementationClassUID = UID("1.2.276.0.7230010.3.0.1")
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, dataset, enforce_file_format=True)
    return stream.getvalue()


def _joined(fragments: Sequence[bytes]) -> bytes:
    """Items with an empty Basic Offset Table (PS3.5 annex A.4)."""
    items = [b"", *(fragment + b"\0" * (len(fragment) % 2) for fragment in fragments)]
    return b"".join(b"\xfe\xff\x00\xe0" + struct.pack("<L", len(item)) + item for item in items)


def lossless_jpeg(
    pixels: NDArray[np.unsignedinteger], precision: int, differences: NDArray[np.integer] | None = None
) -> bytes:
    """A lossless stream with predictor 1, written by hand (ISO/IEC 10918-1 annex H), pixel by pixel.

    ``differences``, 2-D, stand in for those between neighbours; they add up modulo 65536.
    """
    if differences is None:
        differences = plain_differences(pixels, precision)
    bits = []
    for difference in ((differences.ravel() + 32767) % 65536 - 32767).tolist():
        category = abs(difference).bit_length()
        bits.append(format(category, "05b"))
        if 0 < category < 16:
            extra = difference if difference > 0 else difference + (1 << category) - 1
            bits.append(format(extra, f"0{category}b"))
    text = "".join(bits)
    text += "1" * (-len(text) % 8)
    scan = int(text, 2).to_bytes(len(text) // 8, "big").replace(b"\xff", b"\xff\x00")
    table = bytes([0] + [0] * 4 + [17] + [0] * 11 + list(range(17)))
    frame = struct.pack(">BHHB", precision, *pixels.shape, 1) + b"\x01\x11\x00"
    segments = ((0xC3, frame), (0xC4, table), (0xDA, b"\x01\x01\x00\x01\x00\x00"))
    head = b"".join(struct.pack(">BBH", 0xFF, code, len(data) + 2) + data for code, data in segments)
    return b"\xff\xd8" + head + scan + b"\xff\xd9"


def plain_differences(pixels: NDArray[np.unsignedinteger], precision: int) -> NDArray[np.int64]:
    """What predictor 1 leaves: the pixel to the left, in the first column the one above."""
    values = pixels.astype(np.int64)
    before = np.empty_like(values)
    before[:, 1:] = values[:, :-1]
    before[1:, 0] = values[:-1, 0]
    before[0, 0] = 1 << (precision - 1)
    return values - before
