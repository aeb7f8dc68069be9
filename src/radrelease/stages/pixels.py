"""Stored pixels to a published picture, one DICOM concept at a time (PS3.4 N.2, PS3.3 C.7.6.3, C.11.1).

Modality LUT or rescale, then the range without padding, then 25% of each side by cubic
interpolation with anti-aliasing, then the stretch of that range to 0..65535 and the inversion of
MONOCHROME1. Rescale, stretch and inversion are linear and commute with the interpolation, so they
run on the small picture; a lookup table is not, and runs before it.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from radrelease.pixel_records import DecodedImage, ModalityLut, PixelProblem, RenderedImage
from radrelease.rejections import Reason

__all__ = ["is_inverted", "look_up", "published_size", "render"]

WHITE = 65535


def render(image: DecodedImage, *, scale: float) -> RenderedImage | PixelProblem:
    """The picture at ``scale`` of each side, full range, air dark; or why there is none."""
    if not math.isclose(*image.aspect, rel_tol=1e-3):
        return PixelProblem(Reason.UNSUPPORTED_PIXELS, "pixels are not square")
    padded = _padding_mask(image)
    values = image.pixels if image.modality_lut is None else look_up(image.pixels, image.modality_lut)
    shown = values if padded is None else values[~padded]
    if shown.size == 0 or int(shown.min()) == int(shown.max()):
        return PixelProblem(Reason.CONSTANT_PIXELS)
    least, most = float(shown.min()), float(shown.max())
    small = _resize(_with_padding_painted(values, padded, least), scale)
    pixels = _stretch(small, least, most, inverted=is_inverted(image))
    slope, intercept = (1.0, 0.0) if image.modality_lut is not None else (image.slope, image.intercept)
    return RenderedImage(
        pixels=pixels,
        low=least * slope + intercept,
        high=most * slope + intercept,
        spacing_mm=_spacing(image, pixels.shape),
    )


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


def _with_padding_painted(
    values: NDArray[np.integer], padded: NDArray[np.bool_] | None, paint: float
) -> NDArray[np.float32]:
    floats = values.astype(np.float32)
    if padded is not None:
        floats[padded] = paint
    return floats


def _resize(pixels: NDArray[np.float32], scale: float) -> NDArray[np.float32]:
    """Cubic interpolation (a = -0.5), its support widened by the scale."""
    rows, columns = (published_size(side, scale) for side in pixels.shape)
    image = Image.fromarray(pixels, mode=None).resize((columns, rows), Image.Resampling.BICUBIC)
    return np.asarray(image, dtype=np.float32)


def _stretch(small: NDArray[np.float32], least: float, most: float, *, inverted: bool) -> NDArray[np.uint16]:
    unit = np.clip((small.astype(np.float64) - least) / (most - least), 0.0, 1.0)
    if inverted:
        unit = 1.0 - unit
    return np.floor(unit * WHITE + 0.5).astype(np.uint16)


def is_inverted(image: DecodedImage) -> bool:
    """Whether low values are bright: MONOCHROME1, or Presentation LUT Shape INVERSE (PS3.3 C.11.6.1.2).

    Both together say the same thing once. A falling rescale turns the order around again.
    """
    bright_low = (
        image.photometric_interpretation == "MONOCHROME1" or image.presentation_lut_shape == "INVERSE"
    )
    falling = image.modality_lut is None and image.slope < 0
    return bright_low != falling


def _spacing(image: DecodedImage, size: tuple[int, ...]) -> float | None:
    if image.spacing_mm is None:
        return None
    sides = zip(image.spacing_mm, image.pixels.shape, size, strict=True)
    mean: float = sum(float(spacing) * old / new for spacing, old, new in sides) / 2
    return round(mean, 6)
