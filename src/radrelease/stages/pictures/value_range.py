"""The least and the largest value of a picture, in one pass over it where the library is there."""

from __future__ import annotations

import ctypes

import numpy as np
from numpy.typing import NDArray

from radrelease.compiled import address, library

__all__ = ["value_range"]


def value_range(values: NDArray[np.integer]) -> tuple[int, int]:
    """Least and largest of ``values`` (16 bits, any shape, not empty)."""
    compiled = library()
    if compiled is None or not values.flags.c_contiguous:
        return int(values.min()), int(values.max())
    found = np.empty(2, values.dtype)
    compiled.radrelease_range(
        address(values),
        ctypes.c_size_t(values.size),
        ctypes.c_uint16(0x8000 if values.dtype.kind == "i" else 0),
        address(found),
    )
    return int(found[0]), int(found[1])
