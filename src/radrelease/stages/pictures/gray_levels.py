"""The 65536 levels of a picture as bytes, as fractions, as 256 levels, and as a small preview.

Wrong ways are common: a cast keeps the lower byte, a shift by 8 is off by up to a level, and Pillow's
``convert("L")`` clips (docs/guides/reading-pictures.md).
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from radrelease.stages.pictures.resampling import resample

__all__ = ["pixel_bytes", "pixel_sha256", "preview_of", "to_gray8", "to_unit"]


def pixel_bytes(pixels: NDArray[np.uint16]) -> bytes:
    """What ``PixelSha256`` is of: big-endian uint16, row by row."""
    return pixels.astype(">u2").tobytes()


def pixel_sha256(pixels: NDArray[np.uint16]) -> str:
    """``PixelSha256`` of ``pixels`` (2-D uint16), in hexadecimal."""
    return hashlib.sha256(pixel_bytes(pixels)).hexdigest()


def to_unit(pixels: NDArray[np.uint16]) -> NDArray[np.float32]:
    """``pixels`` (uint16, any shape) as float32 from 0 to 1."""
    return pixels.astype(np.float32) / np.float32(65535)


def to_gray8(pixels: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """``pixels`` (uint16, any shape) at the nearest of 256 levels: 0 is 0, and 65535 = 255 x 257 is 255."""
    return ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)


def preview_of(pixels: NDArray[np.uint16], side: int) -> NDArray[np.uint8]:
    """``pixels`` (2-D uint16) of 8 bits, no side longer than ``side`` px; never enlarged.

    Reduced before its levels are, by the cubic convolution of
    :mod:`radrelease.stages.pictures.resampling`, so that it is the same on any processor.
    """
    longest = max(pixels.shape)
    if longest <= side:
        return to_gray8(pixels)
    rows, columns = (max(1, (2 * length * side + longest) // (2 * longest)) for length in pixels.shape)
    return to_gray8(resample(pixels, (rows, columns), "catmull-rom-aa", least=0, most=65535, inverted=False))
