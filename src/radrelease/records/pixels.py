"""Pictures on their way through: stored pixels with their attributes, and published pictures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from radrelease.rejections import Reason

__all__ = [
    "Box",
    "DecodedImage",
    "ModalityLut",
    "PictureFacts",
    "PixelProblem",
    "Quality",
    "RenderedImage",
    "TextReading",
    "VoiLut",
    "VoiWindow",
    "WrittenImage",
]


@dataclass(frozen=True, slots=True, order=True)
class Box:
    """Columns ``left`` to ``right`` and rows ``top`` to ``bottom`` of a picture, ends excluded, px."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def area(self) -> int:
        return max(0, self.width) * max(0, self.height)

    def overlap(self, other: Box) -> int:
        """How many pixels both hold."""
        return self.within(other).area

    def within(self, other: Box) -> Box:
        """What of the box lies in the other one."""
        return Box(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )

    def joined(self, other: Box) -> Box:
        """The smallest box that holds both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def moved(self, columns: int, rows: int) -> Box:
        """The same box, so many columns to the right and rows down."""
        return Box(self.left + columns, self.top + rows, self.right + columns, self.bottom + rows)

    def scaled(self, times: float) -> Box:
        """The box in a picture of so many times the size, its ends rounded outwards."""
        least = (math.floor(side * times) for side in (self.left, self.top))
        most = (math.ceil(side * times) for side in (self.right, self.bottom))
        return Box(*least, *most)

    def widened(self, margin: int, rows: int, columns: int) -> Box:
        """The box with ``margin`` px around it, as far as a picture of ``rows`` by ``columns`` goes."""
        return Box(
            max(0, self.left - margin),
            max(0, self.top - margin),
            min(columns, self.right + margin),
            min(rows, self.bottom + margin),
        )


@dataclass(frozen=True, slots=True, order=True)
class TextReading:
    """A box in which text was seen, what was read there ("" for nothing) and how surely, 0 to 1."""

    box: Box
    text: str
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class ModalityLut:
    """The Modality LUT Sequence (0028,3000): ``data`` is what stored values from ``first`` on become."""

    first: int
    data: NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class VoiWindow:
    """The first Window Center (0028,1050) and Width (0028,1051), and the VOI LUT Function (0028,1056)."""

    center: float
    width: float
    function: Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"]

    @property
    def is_valid(self) -> bool:
        """At least 1 wide where LINEAR, and else wider than 0 (C.11.2.1.2)."""
        return self.width >= 1 if self.function == "LINEAR" else self.width > 0


@dataclass(frozen=True, slots=True, eq=False)
class VoiLut:
    """The first item of VOI LUT Sequence (0028,3010): ``data``, of ``bits``, for values from ``first`` on."""

    first: int
    bits: int
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
    voi: VoiWindow | VoiLut | None
    padding: tuple[int, int] | None
    spacing_mm: tuple[float, float] | None
    aspect: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RenderedImage:
    """One published picture, 2-D uint16.

    ``stretch`` says by what the range was chosen, ``low`` and ``high`` are the values after the Modality LUT
    that were drawn as its ends;
    ``spacing_mm`` is between published pixels; ``masked`` is the share of the original that was painted
    over, None where text was not looked for.
    """

    pixels: NDArray[np.uint16]
    stretch: str
    low: float
    high: float
    spacing_mm: float | None
    masked: float | None = None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What a look at a published picture says; shares are of its pixels, 0 to 1.

    ``black`` is at 0 and ``white`` at 65535; ``contrast`` is the share of the range that the middle 98% of
    the pixels take; ``smaller_half`` is the share of pixels in that half of the range which holds fewer.
    ``inverted`` says that bright and dark are exchanged, None where it cannot be told.
    """

    black: float
    white: float
    contrast: float
    smaller_half: float
    inverted: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFacts:
    """All that is said of a published picture, so that its pixels need not be held any longer.

    ``height`` and ``width`` are px; ``sha256`` is of the pixels, big-endian uint16, row by row; the others
    are as in :class:`RenderedImage`.
    """

    height: int
    width: int
    stretch: str
    low: float
    high: float
    spacing_mm: float | None
    masked: float | None
    quality: Quality
    sha256: str


@dataclass(frozen=True, slots=True)
class PixelProblem:
    """Why an image is not published. ``detail`` stays private."""

    reason: Reason
    detail: str = ""
