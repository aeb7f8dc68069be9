"""The filters of PNG (ISO/IEC 15948, clause 9) for gray pictures of 8 or 16 bits."""

from __future__ import annotations

import ctypes

import numpy as np
from numpy.typing import NDArray

from radrelease.compiled import address, library

__all__ = ["filtered"]


def filtered(pixels: NDArray[np.uint16] | NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The rows of ``pixels`` as PNG compresses them: the kind of filter, then its differences.

    Of None, Sub, Up, Average and Paeth each row takes the one whose bytes, as signed numbers, have the
    least sum of magnitudes, the first of equals (clause 12.8 recommends this). A magnitude counts up
    to 8: beyond that a byte is noise under any filter, and 1% of the file is gained.
    """
    compiled = library()
    if compiled is None:
        return _in_numpy(pixels)
    size = pixels.dtype.itemsize
    pixels = np.ascontiguousarray(pixels, f"u{size}")
    rows, columns = pixels.shape
    out = np.empty((rows, size * columns + 1), np.uint8)
    failed = compiled.radrelease_png_filter(
        address(pixels),
        ctypes.c_size_t(rows),
        ctypes.c_size_t(columns),
        ctypes.c_size_t(size),
        address(out),
    )
    if failed:
        raise MemoryError
    return out


def _in_numpy(pixels: NDArray[np.uint16] | NDArray[np.uint8]) -> NDArray[np.uint8]:
    size = pixels.dtype.itemsize
    raw = np.ascontiguousarray(pixels, f">u{size}").view(np.uint8)
    nothing, left, above, corner = np.zeros((4, *raw.shape), np.int16)
    left[:, size:] = raw[:, :-size]
    above[1:] = raw[:-1]
    corner[1:, size:] = raw[:-1, :-size]
    guesses = (nothing, left, above, (left + above) >> 1, _paeth(left, above, corner))
    made = np.stack([(raw - guess).astype(np.uint8) for guess in guesses])
    sizes = np.minimum(np.abs(made.view(np.int8).astype(np.int32)), 8)
    kinds = sizes.sum(axis=2).argmin(axis=0)
    return np.hstack([kinds.astype(np.uint8)[:, None], made[kinds, np.arange(len(raw))]])


def _paeth(left: NDArray[np.int16], above: NDArray[np.int16], corner: NDArray[np.int16]) -> NDArray[np.int16]:
    to_left, to_above = np.abs(above - corner), np.abs(left - corner)
    to_corner = np.abs(left + above - 2 * corner)
    nearest = np.where(to_above <= to_corner, above, corner)
    return np.where((to_left <= to_above) & (to_left <= to_corner), left, nearest)
