"""Pixels to the bytes of Pixel Data (7FE0,0010), in the transfer syntaxes a release may have."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import imagecodecs
import numpy as np
from numpy.typing import NDArray

__all__ = ["TRANSFER_SYNTAXES", "EncodedPixels", "encode_pixels"]

TRANSFER_SYNTAXES = {
    "explicit": "1.2.840.10008.1.2.1",
    "rle": "1.2.840.10008.1.2.5",
    "jpeg_ls": "1.2.840.10008.1.2.4.80",
    "jpeg_2000": "1.2.840.10008.1.2.4.90",
}
"""UIDs (PS3.6 annex A) by the names of ``[dicom] transfer_syntax``; all are lossless."""


@dataclass(frozen=True, slots=True)
class EncodedPixels:
    """The element's value; ``is_encapsulated`` says that it is a row of items (PS3.5 annex A.4)."""

    transfer_syntax_uid: str
    data: bytes
    is_encapsulated: bool


def encode_pixels(pixels: NDArray[np.integer], name: str, bits_stored: int) -> EncodedPixels:
    """One frame, 2-D, of 8 or 16 bits; ``name`` is one of :data:`TRANSFER_SYNTAXES`."""
    width = pixels.dtype.itemsize
    plain = np.ascontiguousarray(pixels, dtype=pixels.dtype.newbyteorder("<"))
    uid = TRANSFER_SYNTAXES[name]
    if name == "explicit":
        data = plain.tobytes()
        return EncodedPixels(uid, data + b"\0" * (len(data) % 2), is_encapsulated=False)
    if name == "jpeg_2000":
        frame = _jpeg_2000(plain, bits_stored)
    else:  # these know no signs
        frame = (_run_length if name == "rle" else _jpeg_ls)(plain.view(f"<u{width}"))
    return EncodedPixels(uid, _encapsulated(frame), is_encapsulated=True)


def _encapsulated(frame: bytes) -> bytes:
    """An empty Basic Offset Table, one fragment, and the delimiter."""
    even = frame + b"\0" * (len(frame) % 2)
    item = b"\xfe\xff\x00\xe0"
    return (
        item + struct.pack("<L", 0) + item + struct.pack("<L", len(even)) + even + b"\xfe\xff\xdd\xe0\0\0\0\0"
    )


def _jpeg_ls(pixels: NDArray[np.unsignedinteger]) -> bytes:
    return bytes(imagecodecs.jpegls_encode(pixels))


def _jpeg_2000(pixels: NDArray[np.integer], bits_stored: int) -> bytes:
    """The codestream states the sign and the precision, as PS3.5 section 8.2.4 wants them to agree."""
    return bytes(
        imagecodecs.jpeg2k_encode(
            pixels, level=0, reversible=True, codecformat="j2k", bitspersample=bits_stored
        )
    )


def _run_length(pixels: NDArray[np.unsignedinteger]) -> bytes:
    """PS3.5 annex G: a segment per byte, the most significant first, each row packed by itself."""
    width = pixels.dtype.itemsize
    planes = pixels.view(np.uint8).reshape(*pixels.shape, width)
    segments = []
    for byte in reversed(range(width)):
        plane = np.ascontiguousarray(planes[..., byte])
        data = b"".join(bytes(imagecodecs.packbits_encode(row.tobytes())) for row in plane)
        segments.append(data + b"\0" * (len(data) % 2))
    offsets = [64 + sum(map(len, segments[:index])) for index in range(width)]
    return struct.pack("<16L", width, *offsets, *([0] * (15 - width))) + b"".join(segments)
