"""Decoded pixels, or the published picture, to what a DICOM file of the release holds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from radrelease.records.dicom_elements import RawHeader
from radrelease.records.pixels import DecodedImage, RenderedImage, WrittenImage
from radrelease.stages.headers.dicom_values import lut_descriptor
from radrelease.stages.pictures.pixels import look_up

__all__ = ["as_original", "as_quarter"]

_STEEPEST, _FURTHEST = 1_000.0, 100_000.0
"""Beyond these a slope or an intercept is no rescale of an X-ray picture, and may be anything."""


def as_original(decoded: DecodedImage, raw: RawHeader, *, lossy: bool) -> WrittenImage:
    """The stored pixels as they are, bits above BitsStored cleared (PS3.5 section 8.1.1).

    A Modality LUT that may not be written as it stands is applied, and none is needed any more.
    """
    luts = raw.items.get("ModalityLUTSequence", ())
    has_lut = decoded.modality_lut is not None and bool(luts) and bool(lut_descriptor(luts[0]))
    pixels: NDArray[np.integer]
    pixels, stored = _narrow(decoded.pixels, decoded.bits_stored), decoded.bits_stored
    if decoded.modality_lut is not None and not has_lut:
        pixels, stored = look_up(decoded.pixels, decoded.modality_lut), 16
    wants = decoded.modality_lut is None and ("RescaleSlope" in raw.texts or "RescaleIntercept" in raw.texts)
    fits = abs(decoded.slope) <= _STEEPEST and abs(decoded.intercept) <= _FURTHEST
    return WrittenImage(
        pixels=pixels,
        kind="original",
        photometric_interpretation=decoded.photometric_interpretation,
        bits_stored=min(stored, 8 * pixels.dtype.itemsize),
        slope=decoded.slope if wants and fits else None,
        intercept=decoded.intercept if wants and fits else None,
        spacing_mm=None,
        lossy=lossy,
        has_lut=has_lut,
    )


def as_quarter(rendered: RenderedImage, *, lossy: bool) -> WrittenImage:
    """The published picture: bright is dense, 0 to 65535, with nothing left to apply."""
    return WrittenImage(
        pixels=rendered.pixels,
        kind="quarter",
        photometric_interpretation="MONOCHROME2",
        bits_stored=16,
        slope=None,
        intercept=None,
        spacing_mm=rendered.spacing_mm,
        lossy=lossy,
        has_lut=False,
    )


def _narrow(pixels: NDArray[np.integer], stored: int) -> NDArray[np.integer]:
    """Signed pixels of eight bits and less in one byte each."""
    if pixels.dtype.kind == "u":
        return pixels
    return pixels.astype(np.int8 if stored <= 8 else np.int16, copy=False)
