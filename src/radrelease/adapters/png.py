"""16-bit gray PNG with the chunks IHDR, IDAT and IEND, and nothing else.

What is compressed is mostly noise, in which no repetition but runs is worth looking for; so deflate
looks for nothing else. Its bytes are then the same whichever zlib made them, and on any processor
(docs/decisions/0013-png-bytes.md).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from zlib_ng import zlib_ng

from radrelease.pixel_records import Box
from radrelease.stages.png_filters import filtered

__all__ = ["decode_png", "encode_png", "framed", "preview"]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GRAY_OF_16_BITS = bytes([16, 0, 0, 0, 0])
_LEVEL, _MEMORY = 1, 9


def encode_png(pixels: NDArray[np.uint16]) -> bytes:
    """``pixels`` (2-D uint16) as PNG bytes; equal pixels give equal bytes."""
    rows, columns = pixels.shape
    deflate = zlib_ng.compressobj(_LEVEL, zlib_ng.DEFLATED, zlib_ng.MAX_WBITS, _MEMORY, zlib_ng.Z_RLE)
    data = deflate.compress(filtered(pixels)) + deflate.flush()
    header = struct.pack(">II", columns, rows) + _GRAY_OF_16_BITS
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib_ng.crc32(kind + data))


def decode_png(data: bytes) -> NDArray[np.uint16]:
    """The pixels of a 16-bit gray PNG."""
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image, dtype=np.uint16)


def preview(data: bytes, side: int = 384) -> bytes:
    """An 8-bit PNG of a 16-bit one, no side longer than ``side`` px, for people to look at."""
    image = Image.fromarray((decode_png(data) >> 8).astype(np.uint8))
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    small = io.BytesIO()
    image.save(small, "PNG", optimize=True)
    return small.getvalue()


def framed(pixels: NDArray[np.uint8], boxes: Iterable[Box]) -> bytes:
    """An 8-bit PNG of ``pixels`` (rows by columns) with frames around the boxes, for a person to look at."""
    image = Image.fromarray(pixels).convert("RGB")
    canvas = ImageDraw.Draw(image)
    for box in boxes:
        canvas.rectangle((box.left - 3, box.top - 3, box.right + 2, box.bottom + 2), outline="red", width=2)
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()
