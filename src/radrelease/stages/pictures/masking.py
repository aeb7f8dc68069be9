"""Boxes of a picture painted over with what is around them; outside the boxes not a bit changes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from radrelease.records.pixels import Box

__all__ = ["mask", "masked_share", "with_margin"]

_FRAME = 4
_LEAST_MARGIN = 3
_MARGIN_SHARE = 0.2


def with_margin(box: Box, rows: int, columns: int) -> Box:
    """The box with a margin of a fifth of its shorter side, at least 3 px: strokes end in soft edges."""
    margin = max(_LEAST_MARGIN, round(_MARGIN_SHARE * min(box.width, box.height)))
    return box.widened(margin, rows, columns)


def mask(pixels: NDArray[np.integer], boxes: Sequence[Box]) -> NDArray[np.integer]:
    """A copy of ``pixels`` (rows by columns) with the boxes painted in the median of the 4 px around each.

    Where there is nothing around a box, its least value is used.
    """
    painted = pixels.copy()
    values = [_around(pixels, box, boxes) for box in boxes]
    for box, value in zip(boxes, values, strict=True):
        painted[box.top : box.bottom, box.left : box.right] = value
    return painted


def masked_share(boxes: Sequence[Box], rows: int, columns: int) -> float:
    """The share of the picture's pixels that lie in any of the boxes."""
    covered = np.zeros((rows, columns), np.bool_)
    for box in boxes:
        covered[box.top : box.bottom, box.left : box.right] = True
    return float(covered.mean())


def _around(pixels: NDArray[np.integer], box: Box, boxes: Sequence[Box]) -> int:
    rows, columns = pixels.shape
    wide = box.widened(_FRAME, rows, columns)
    frame = np.ones((wide.height, wide.width), np.bool_)
    for other in boxes:  # not of what is to be painted over
        held = other.moved(-wide.left, -wide.top)
        frame[max(0, held.top) : max(0, held.bottom), max(0, held.left) : max(0, held.right)] = False
    values = pixels[wide.top : wide.bottom, wide.left : wide.right]
    around = np.sort(values[frame])
    return int(around[len(around) // 2] if len(around) else values.min())
