"""What a picture must be, in float64 and as plainly as it can be said; slow, and nothing of the product's.

Cubic convolution after Keys (1981) with a = -0.5, its support widened by old / new where that is above 1,
pixel centres at half pixels, weights normalised to a sum of 1 (which matters at the edges); rows first, then
columns; the stretch of the full range, the inversion, the clip of what overshoots, and rounding half up
last.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["published_side", "reduced", "reference_picture"]

Floats = NDArray[np.float64]


def reference_picture(
    values: ArrayLike,
    scale: float,
    *,
    low: float | None = None,
    high: float | None = None,
    inverted: bool = False,
) -> NDArray[np.uint16]:
    """The published picture of ``values`` (rows by columns, real numbers, after Modality LUT or rescale).

    ``low`` and ``high`` become 0 and 65535 (the other way round if ``inverted``); where they are not given
    they are the least and the greatest of ``values``.
    """
    exact = np.asarray(values, dtype=np.float64)
    least = float(exact.min()) if low is None else low
    most = float(exact.max()) if high is None else high
    rows, columns = (published_side(side, scale) for side in exact.shape)
    unit = (reduced(exact, rows, columns) - least) / (most - least)
    if inverted:
        unit = 1.0 - unit
    return np.floor(np.clip(unit, 0.0, 1.0) * 65535.0 + 0.5).astype(np.uint16)


def published_side(side: int, scale: float) -> int:
    """A side of the picture, px: rounded half up, at least 1."""
    return max(1, math.floor(side * scale + 0.5))


def reduced(values: Floats, rows: int, columns: int) -> Floats:
    """``values`` at ``rows`` by ``columns``, in their own unit, not clipped."""
    return _fewer_rows(_fewer_rows(values, rows).T, columns).T


def _fewer_rows(values: Floats, rows: int) -> Floats:
    old = len(values)
    ratio = old / rows
    widened = max(ratio, 1.0)
    made = np.empty((rows, values.shape[1]))
    for row in range(rows):
        centre = (row + 0.5) * ratio
        first = max(0, math.floor(centre - 2 * widened))
        last = min(old, math.ceil(centre + 2 * widened))
        weights = _keys((np.arange(first, last, dtype=np.float64) + 0.5 - centre) / widened)
        made[row] = (weights / weights.sum()) @ values[first:last]
    return made


def _keys(distance: Floats) -> Floats:
    """The kernel (Keys 1981, equation 4, a = -0.5)."""
    x = np.abs(distance)
    near = 1.5 * x**3 - 2.5 * x**2 + 1.0
    far = -0.5 * x**3 + 2.5 * x**2 - 4.0 * x + 2.0
    return np.where(x < 1.0, near, np.where(x < 2.0, far, 0.0))
