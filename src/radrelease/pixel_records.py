"""Pictures on their way through: stored pixels with their attributes, and published pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radrelease.rejections import Reason

__all__ = ["DecodedImage", "ModalityLut", "PixelProblem", "RenderedImage", "WrittenImage"]


@dataclass(frozen=True, slots=True, eq=False)
class ModalityLut:
    """The Modality LUT Sequence (0028,3000): ``data`` is what stored values from ``first`` on become."""

    first: int
    data: NDArray[np.uint16]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DecodedImage:
    """One frame as stored: ``pixels`` 2-D, an integer type, bits above BitsStored cleared.

    ``spacing_mm`` is between rows and between columns, of (0018,1164) or else (0028,0030).
    ``padding`` is the range of stored values that are no picture, (0028,0120) and (0028,0121).
    """

    pixels: NDArray[np.integer]
    photometric_interpretation: str
    presentation_lut_shape: str
    bits_stored: int
    slope: float
    intercept: float
    modality_lut: ModalityLut | None
    padding: tuple[int, int] | None
    spacing_mm: tuple[float, float] | None
    aspect: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RenderedImage:
    """One published picture, 2-D uint16.

    ``low`` and ``high`` are the values after the Modality LUT that were stretched to the ends;
    ``spacing_mm`` is between published pixels.
    """

    pixels: NDArray[np.uint16]
    low: float
    high: float
    spacing_mm: float | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WrittenImage:
    """One frame as a DICOM file of the release holds it: 2-D, 8 or 16 bits, signed where the type is.

    ``slope`` and ``intercept`` are None where the values need no rescale; ``spacing_mm`` is set where it
    is not the original's; ``lossy`` says that the source was a lossy JPEG.
    """

    pixels: NDArray[np.integer]
    kind: str  # original or quarter
    photometric_interpretation: str
    bits_stored: int
    slope: float | None
    intercept: float | None
    spacing_mm: float | None
    lossy: bool
    has_lut: bool  # the Modality LUT still has to be applied


@dataclass(frozen=True, slots=True)
class PixelProblem:
    """Why an image is not published. ``detail`` stays private."""

    reason: Reason
    detail: str = ""
