"""Text burned into the pixels of a DICOM file that is there already."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom

from radrelease.adapters.dicom_pixels import decode
from radrelease.records.pixels import Box, PixelProblem
from radrelease.testing.burned_in import PILLOW, draw_text
from radrelease.testing.dicom_export import to_bytes

__all__ = ["burn_into"]


def burn_into(path: Path, text: str, *, size: int, left: int = 12, top: int = 12) -> Box:
    """Write ``text``, ``size`` px high and as a person sees it white, into the file; give its place.

    The file becomes Explicit VR Little Endian. Raises :class:`ValueError` where it cannot be decoded.
    """
    decoded = decode(path)
    if isinstance(decoded, PixelProblem):
        raise ValueError(f"not decoded: {decoded.reason}")
    pixels = np.asarray(decoded.pixels, np.int64)
    drawn = draw_text(text, PILLOW, size) / 255.0
    box = Box(left, top, left + drawn.shape[1], top + drawn.shape[0])
    white = 0 if decoded.photometric_interpretation == "MONOCHROME1" else (1 << decoded.bits_stored) - 1
    there = pixels[box.top : box.bottom, box.left : box.right]
    there[:] = np.round(there * (1 - drawn) + white * drawn)
    dataset = pydicom.dcmread(path)
    dataset.PixelData = pixels.astype(np.uint16).tobytes()
    dataset["PixelData"].is_undefined_length = False
    path.write_bytes(to_bytes(dataset, "explicit"))
    return box
