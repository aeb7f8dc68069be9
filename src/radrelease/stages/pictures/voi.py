"""The VOI LUT of a file: what its device, or a reader, chose to show (PS3.3 C.11.2).

Windows clip and lookup tables bend, so neither commutes with a resize: both become one table over
all 16-bit values, which is applied to the whole picture.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from radrelease.records.pixels import VoiLut, VoiWindow

__all__ = ["shown_range", "voi_table"]

WHITE = 65535.0


def voi_table(voi: VoiWindow | VoiLut, values: NDArray[np.float64]) -> NDArray[np.uint16]:
    """What ``values``, after the Modality LUT, are shown as: 0 to 65535, before any inversion."""
    unit = _looked_up(voi, values) if isinstance(voi, VoiLut) else _windowed(voi, values)
    return np.floor(unit * WHITE + 0.5).astype(np.uint16)


def shown_range(voi: VoiWindow | VoiLut) -> tuple[float, float]:
    """The values that are drawn as the ends; those of a SIGMOID are its width around the centre."""
    if isinstance(voi, VoiLut):
        return float(voi.first), float(voi.first + len(voi.data) - 1)
    if voi.function == "LINEAR":
        low = voi.center - 0.5 - (voi.width - 1) / 2
        return low, low + (voi.width - 1)
    return voi.center - voi.width / 2, voi.center + voi.width / 2


def _looked_up(lut: VoiLut, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values below the first mapped one take the first entry, those above the last (C.11.2.1.1)."""
    index = np.clip(np.rint(values) - lut.first, 0, len(lut.data) - 1).astype(np.int64)
    unit: NDArray[np.float64] = np.minimum(lut.data[index] / ((1 << lut.bits) - 1), 1.0)
    return unit


def _windowed(window: VoiWindow, values: NDArray[np.float64]) -> NDArray[np.float64]:
    if window.function == "SIGMOID":  # C.11.2.1.3.1
        with np.errstate(over="ignore"):
            sigmoid: NDArray[np.float64] = 1 / (1 + np.exp(-4 * (values - window.center) / window.width))
        return sigmoid
    low, high = shown_range(window)  # LINEAR C.11.2.1.2.1, LINEAR_EXACT C.11.2.1.3.2
    if low == high:  # a LINEAR window of width 1 is a threshold
        return (values > low).astype(np.float64)
    return np.clip((values - low) / (high - low), 0.0, 1.0)
