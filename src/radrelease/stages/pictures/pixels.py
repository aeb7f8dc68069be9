"""Stored pixels to a published picture, one DICOM concept at a time (PS3.4 N.2, PS3.3 C.7.6.3, C.11).

Modality LUT or rescale, then the range that is shown, padding left out, then the reduction by one of
two kernels, then the stretch of that range to 0..65535 and last of all the inversion of MONOCHROME1.
Rescale, stretch and inversion are linear and commute with the reduction, so they run on the small
picture; lookup tables, windows and percentiles are not, and run before it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radrelease.config.pictures import Images
from radrelease.records.pixels import (
    DecodedImage,
    ModalityLut,
    PixelProblem,
    RenderedImage,
    VoiLut,
    VoiWindow,
)
from radrelease.rejections import Reason
from radrelease.stages.pictures.resampling import resample
from radrelease.stages.pictures.value_range import value_range
from radrelease.stages.pictures.voi import shown_range, voi_table

__all__ = ["is_inverted", "look_up", "published_size", "render"]

WHITE = 65535


@dataclass(frozen=True, slots=True, eq=False)
class _Shown:
    """Values of 16 bits, the least and the most of them that are drawn, and what these ends stand for.

    ``inverted``: low values are bright.
    """

    values: NDArray[np.integer]
    least: int
    most: int
    stretch: str
    low: float
    high: float
    inverted: bool


def render(image: DecodedImage, images: Images) -> RenderedImage | PixelProblem:
    """The picture as the table ``[images]`` asks for it, full range, air dark; or why there is none."""
    if not math.isclose(*image.aspect, rel_tol=1e-3):
        return PixelProblem(Reason.UNSUPPORTED_PIXELS, "pixels are not square")
    padded = _padding_mask(image)
    if padded is not None and padded.all():
        return PixelProblem(Reason.CONSTANT_PIXELS)
    shown = _shown(image, padded, images)
    if isinstance(shown, PixelProblem):
        return shown
    if shown.least == shown.most:
        return PixelProblem(Reason.CONSTANT_PIXELS)
    values = shown.values
    if padded is not None:
        values = np.where(padded, values.dtype.type(shown.most if shown.inverted else shown.least), values)
    rows, columns = (published_size(side, images.scale) for side in values.shape)
    pixels = resample(
        values, (rows, columns), images.kernel, least=shown.least, most=shown.most, inverted=shown.inverted
    )
    return RenderedImage(
        pixels=pixels,
        stretch=shown.stretch,
        low=shown.low,
        high=shown.high,
        spacing_mm=_spacing(image, pixels.shape),
    )


def _shown(image: DecodedImage, padded: NDArray[np.bool_] | None, images: Images) -> _Shown | PixelProblem:
    if images.window == "dicom" and image.voi is not None:
        return _through_voi(image, image.voi, padded)
    values = _in_sixteen_bits(image.pixels)
    if image.modality_lut is not None:
        values = look_up(values, image.modality_lut)
    counted = values if padded is None else values[~padded]
    least, most = value_range(counted)
    stretch = "full"
    if images.percentiles != (0.0, 100.0):
        stretch = "percentiles"
        least, most = _percentiles(counted, least, images.percentiles)
        values = np.clip(values, least, most)
    slope, intercept = (1.0, 0.0) if image.modality_lut is not None else (image.slope, image.intercept)
    low, high = least * slope + intercept, most * slope + intercept
    return _Shown(values, least, most, stretch, low, high, is_inverted(image))


def _through_voi(
    image: DecodedImage, voi: VoiWindow | VoiLut, padded: NDArray[np.bool_] | None
) -> _Shown | PixelProblem:
    """What the VOI LUT shows, as one table over all values of 16 bits."""
    if isinstance(voi, VoiWindow) and not voi.is_valid:
        return PixelProblem(Reason.UNSUPPORTED_PIXELS, "the window has no width")
    stored = _in_sixteen_bits(image.pixels)
    every = np.arange(1 << 16, dtype=np.uint16).view(stored.dtype)
    if image.modality_lut is None:
        table = voi_table(voi, every.astype(np.float64) * image.slope + image.intercept)
    else:
        table = voi_table(voi, look_up(every, image.modality_lut).astype(np.float64))
    values = table[stored.view(np.uint16)]
    least, most = value_range(values if padded is None else values[~padded])
    if least == most:
        return PixelProblem(Reason.CONSTANT_PIXELS, "the window shows one value")
    low, high = shown_range(voi)
    stretch = voi.function if isinstance(voi, VoiWindow) else "VOI LUT"
    return _Shown(values, 0, WHITE, stretch, low, high, _shows_low_bright(image))


def _in_sixteen_bits(pixels: NDArray[np.integer]) -> NDArray[np.integer]:
    """The same values: signed ones stay signed."""
    return pixels.astype(np.int16 if pixels.dtype.kind == "i" else np.uint16, copy=False)


def _percentiles(values: NDArray[np.integer], least: int, ends: tuple[float, float]) -> tuple[int, int]:
    """The least values that so many percent of the pixels do not exceed; ``least`` is the least of all."""
    counts = np.cumsum(np.bincount((values.astype(np.int64) - least).ravel()))
    wanted = [max(1, math.ceil(values.size * end / 100)) for end in ends]
    low, high = (int(np.searchsorted(counts, count)) for count in wanted)
    return least + low, least + high


def published_size(side: int, scale: float) -> int:
    """A side of the published picture, px: rounded, half up, at least 1."""
    return max(1, math.floor(side * scale + 0.5))


def _padding_mask(image: DecodedImage) -> NDArray[np.bool_] | None:
    """Where Pixel Padding Value and Range Limit say that there is no picture (PS3.3 C.7.5.1.1.2)."""
    if image.padding is None:
        return None
    low, high = image.padding
    mask: NDArray[np.bool_] = (image.pixels >= low) & (image.pixels <= high)
    return mask if mask.any() else None


def look_up(pixels: NDArray[np.integer], lut: ModalityLut) -> NDArray[np.uint16]:
    """The Modality LUT (PS3.3 C.11.1.1.1): values below and above its range take its ends."""
    index = np.clip(pixels.astype(np.int32) - lut.first, 0, len(lut.data) - 1)
    return lut.data[index]


def is_inverted(image: DecodedImage) -> bool:
    """Whether low stored values are bright: MONOCHROME1, or Presentation LUT Shape INVERSE (C.11.6.1.2).

    Both together say the same thing once. A falling rescale turns the order around again.
    """
    falling = image.modality_lut is None and image.slope < 0
    return _shows_low_bright(image) != falling


def _shows_low_bright(image: DecodedImage) -> bool:
    return image.photometric_interpretation == "MONOCHROME1" or image.presentation_lut_shape == "INVERSE"


def _spacing(image: DecodedImage, size: tuple[int, ...]) -> float | None:
    if image.spacing_mm is None:
        return None
    sides = zip(image.spacing_mm, image.pixels.shape, size, strict=True)
    mean: float = sum(float(spacing) * old / new for spacing, old, new in sides) / 2
    return round(mean, 6)
