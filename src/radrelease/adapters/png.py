"""Gray PNG of 16 or 8 bits with the chunks IHDR, IDAT and IEND, and nothing else.

What is compressed is mostly noise, in which no repetition but runs is worth looking for; so deflate
looks for nothing else. Its bytes are then the same whichever zlib made them, and on any processor
(docs/decisions/0013-png-bytes.md).
"""

from __future__ import annotations

import hashlib
import io
import struct
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from zlib_ng import zlib_ng

from radrelease.records.pixels import Box
from radrelease.stages.pictures.gray_levels import preview_of
from radrelease.stages.pictures.png_filters import filtered

__all__ = [
    "decode_png",
    "encode_png",
    "encode_preview",
    "encoder_identity",
    "framed",
    "preview",
    "preview_identity",
]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GRAY = bytes(4)
"""Colour type 0, and the one compression, filter method and order without interlace."""
_LEVEL, _MEMORY = 1, 9


def encode_png(pixels: NDArray[np.uint16] | NDArray[np.uint8]) -> bytes:
    """``pixels`` (2-D uint16 or uint8) as PNG bytes of that depth; equal pixels give equal bytes."""
    rows, columns = pixels.shape
    deflate = zlib_ng.compressobj(_LEVEL, zlib_ng.DEFLATED, zlib_ng.MAX_WBITS, _MEMORY, zlib_ng.Z_RLE)
    data = deflate.compress(filtered(pixels)), deflate.flush()
    header = struct.pack(">IIB", columns, rows, 8 * pixels.dtype.itemsize) + _GRAY
    return b"".join((_SIGNATURE, *_chunk(b"IHDR", header), *_chunk(b"IDAT", *data), *_chunk(b"IEND")))


def _chunk(kind: bytes, *data: bytes) -> tuple[bytes, ...]:
    """In pieces: to join a large one twice takes a millisecond."""
    checksum = 0
    for piece in (kind, *data):
        checksum = zlib_ng.crc32(piece, checksum)
    return struct.pack(">I", sum(map(len, data))), kind, *data, struct.pack(">I", checksum)


def encoder_identity() -> str:
    """What the encoder is known by: the SHA-256 of what it makes of runs and noise that take all filters."""
    return hashlib.sha256(encode_png(_runs_and_noise())).hexdigest()


def preview_identity() -> str:
    """What previews are known by, in the same way."""
    return hashlib.sha256(encode_preview(_runs_and_noise(), 190)).hexdigest()


def _runs_and_noise() -> NDArray[np.uint16]:
    y, x = np.indices((60, 250), np.uint32)
    noise = ((y * 250 + x) * 2654435761 >> 16) % 700
    parts = (0 * noise, 60 * noise[:, :1] + 40 * x, 60 * noise[:1] + 40 * y, noise + 9000)
    return np.vstack(parts).astype(np.uint16)


def decode_png(data: bytes) -> NDArray[np.uint16]:
    """The pixels of a 16-bit gray PNG."""
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image, dtype=np.uint16)


def encode_preview(pixels: NDArray[np.uint16], side: int) -> bytes:
    """An 8-bit PNG of ``pixels`` (2-D), no side longer than ``side`` px, to look at; b"" of side 0."""
    return encode_png(preview_of(pixels, side)) if side else b""


def preview(data: bytes, side: int = 384) -> bytes:
    """The preview of a 16-bit PNG."""
    return encode_preview(decode_png(data), side) if side else b""


def framed(pixels: NDArray[np.uint8], boxes: Iterable[Box]) -> bytes:
    """An 8-bit PNG of ``pixels`` (rows by columns) with frames around the boxes, for a person to look at."""
    image = Image.fromarray(pixels).convert("RGB")
    canvas = ImageDraw.Draw(image)
    for box in boxes:
        canvas.rectangle((box.left - 3, box.top - 3, box.right + 2, box.bottom + 2), outline="red", width=2)
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()
