"""16-bit gray PNG with the chunks IHDR, IDAT and IEND, and nothing else."""

from __future__ import annotations

import io
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from radrelease.pixel_records import Box

__all__ = ["decode_png", "encode_png", "framed", "preview"]

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


def framed(pixels: NDArray[np.uint8], boxes: Iterable[Box]) -> bytes:
    """An 8-bit PNG of ``pixels`` (rows by columns) with frames around the boxes, for a person to look at."""
    image = Image.fromarray(pixels).convert("RGB")
    canvas = ImageDraw.Draw(image)
    for box in boxes:
        canvas.rectangle((box.left - 3, box.top - 3, box.right + 2, box.bottom + 2), outline="red", width=2)
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()
