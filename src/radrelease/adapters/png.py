"""16-bit gray PNG with the chunks IHDR, IDAT and IEND, and nothing else."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["decode_png", "encode_png", "preview"]

_COMPRESSION = 6


def encode_png(pixels: NDArray[np.uint16]) -> bytes:
    """``pixels`` (2-D uint16) as PNG bytes; equal pixels give equal bytes."""
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "PNG", compress_level=_COMPRESSION)
    return data.getvalue()


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
