"""A picture at another size: one separable filter, two kernels, the same bytes everywhere.

The published words "cubic interpolation with anti-aliasing" allow two readings, and both are here as
tables of weights for one engine: cubic convolution (Keys 1981, a = -0.5) widened by the reduction, and
a Gaussian followed by a cubic spline. All float operations are done in one order, in numpy as in the
compiled library, so that both give equal bytes (docs/decisions/0012-resampling.md).
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from radrelease.compiled import address, library

__all__ = ["KernelName", "Side", "resample", "weights_of"]

KernelName = Literal["catmull-rom-aa", "skimage-order3-aa"]
"""Cubic convolution widened by the reduction; or Gaussian and cubic spline."""

WHITE = np.float32(65535)

Weights = tuple[NDArray[np.int64], NDArray[np.float64]]


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One side of the picture: output ``i`` is the sum over k of ``weights[i, k]`` x input ``first[i] + k``.

    ``first``: int32, one per output. ``weights``: float32, outputs by taps.
    """

    first: NDArray[np.int32]
    weights: NDArray[np.float32]


def resample(
    pixels: NDArray[np.integer],
    size: tuple[int, int],
    kernel: KernelName,
    *,
    least: int,
    most: int,
    inverted: bool,
) -> NDArray[np.uint16]:
    """``pixels`` (2-D, 16 bits) at ``size`` (rows, columns), ``least`` to ``most`` stretched to 0 to 65535.

    What the kernel throws beyond the range is clipped; ``inverted`` turns the result around, last of all.
    """
    down, across = (weights_of(old, new, kernel) for old, new in zip(pixels.shape, size, strict=True))
    unsigned = np.ascontiguousarray(pixels).view(np.uint16)
    origin, gain = least & 0xFFFF, np.float32(65535 / (most - least))
    compiled = library()
    if compiled is None:
        return _in_numpy(unsigned, down, across, origin, gain, inverted=inverted)
    return _in_c(compiled, unsigned, down, across, origin, gain, inverted=inverted)


@lru_cache(maxsize=64)
def weights_of(old: int, new: int, kernel: KernelName) -> Side:
    """The weights that make ``new`` samples of ``old`` ones; each row of them sums to 1."""
    index, weights = _without_tails(*_KERNELS[kernel](old, new))
    taps = int(min(old, np.max(index.max(axis=1) - index.min(axis=1)) + 1))
    first = np.minimum(index.min(axis=1), old - taps)
    table = np.zeros((new, taps))
    rows = np.arange(new)
    for tap in range(index.shape[1]):  # in order: an index that the edge folds back can come twice
        table[rows, index[:, tap] - first] += weights[:, tap]
    total = np.zeros(new)
    for tap in range(taps):
        total = total + table[:, tap]
    return Side(first.astype(np.int32), (table / total[:, None]).astype(np.float32))


def _without_tails(index: NDArray[np.int64], weights: NDArray[np.float64]) -> Weights:
    """Without the outer taps that weigh less than 0.001 of 65535 in every output."""
    counts = np.flatnonzero(np.abs(weights).max(axis=0) > 1e-3 / 65535)
    kept = slice(counts[0], counts[-1] + 1)
    return index[:, kept], weights[:, kept]


def _cubic_convolution(old: int, new: int) -> Weights:
    """Keys' kernel over 2 output pixels to both sides; the edge cuts it off and the rest is normalised."""
    reach = 2 * max(1.0, old / new)
    centre = (np.arange(new) + 0.5) * (old / new)
    begin = np.floor(np.maximum(0.0, centre - reach + 0.5)).astype(np.int64)
    wanted = begin[:, None] + np.arange(int(2 * reach) + 2)
    index = np.minimum(wanted, old - 1)
    distance = np.abs(index + 0.5 - centre[:, None]) / (reach / 2)
    square = distance * distance
    near = (1.5 * distance - 2.5) * square + 1
    far = ((-0.5 * distance + 2.5) * distance - 4) * distance + 2
    weights = np.where(distance < 1, near, np.where(distance < 2, far, 0.0))
    return index, np.where(wanted < old, weights, 0.0)


def _gaussian_and_spline(old: int, new: int) -> Weights:
    """What ``skimage.transform.resize(order=3, anti_aliasing=True)`` does to one side, as one filter.

    A Gaussian of sigma (old / new - 1) / 2, the prefilter of the cubic B-spline, cut where it counts no
    more, and the spline at the places of the output. The edge mirrors.
    """
    smooth = _convolved(_gaussian(max(0.0, (old / new - 1) / 2)), _spline_prefilter())
    reach = len(smooth) // 2
    place = (np.arange(new) + 0.5) * (old / new) - 0.5
    begin = np.floor(place).astype(np.int64) - 1 - reach
    index = begin[:, None] + np.arange(2 * reach + 4)
    weights = np.zeros(index.shape)
    for knot in range(4):
        distance = np.abs(place - np.floor(place) + 1 - knot)
        weights[:, knot : knot + len(smooth)] += _spline(distance)[:, None] * smooth
    period = max(1, 2 * (old - 1))
    folded = index % period
    return np.minimum(folded, period - folded) if old > 1 else index * 0, weights


def _gaussian(sigma: float) -> NDArray[np.float64]:
    reach = int(4 * sigma + 0.5)
    if reach == 0:
        return np.ones(1)
    # Decimal's exp is rounded correctly; those of processors and libraries differ in the last bit.
    half = [float((Decimal(-step * step) / Decimal(2 * sigma * sigma)).exp()) for step in range(reach + 1)]
    total = half[0] + 2 * sum(half[1:])
    return np.array([*reversed(half[1:]), *half]) / total


def _spline_prefilter() -> NDArray[np.float64]:
    pole = float(np.sqrt(3.0)) - 2
    half = [float(np.sqrt(3.0))]
    while abs(half[-1]) > 1e-12:
        half.append(half[-1] * pole)
    return np.array([*reversed(half[1:]), *half])


def _spline(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    """The cubic B-spline."""
    far = 2 - distance
    near = 2 / 3 - distance * distance * (1 - distance / 2)
    return np.where(distance < 1, near, np.where(distance < 2, far * far * far / 6, 0.0))


def _convolved(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    whole = np.zeros(len(one) + len(other) - 1)
    for place, weight in enumerate(one):
        whole[place : place + len(other)] += weight * other
    return whole


_KERNELS: Mapping[KernelName, Callable[[int, int], Weights]] = {
    "catmull-rom-aa": _cubic_convolution,
    "skimage-order3-aa": _gaussian_and_spline,
}


def _in_c(
    compiled: ctypes.CDLL,
    pixels: NDArray[np.uint16],
    down: Side,
    across: Side,
    origin: int,
    gain: np.float32,
    *,
    inverted: bool,
) -> NDArray[np.uint16]:
    rows, columns = len(down.first), len(across.first)
    out = np.empty((rows, columns), np.uint16)
    failed = compiled.radrelease_resample(
        address(pixels),
        ctypes.c_size_t(pixels.shape[1]),
        ctypes.c_int32(rows),
        ctypes.c_int32(down.weights.shape[1]),
        address(down.first),
        address(down.weights),
        ctypes.c_int32(columns),
        ctypes.c_int32(across.weights.shape[1]),
        address(across.first),
        address(across.weights),
        ctypes.c_uint16(origin),
        ctypes.c_float(float(gain)),
        ctypes.c_int(inverted),
        address(out),
    )
    if failed:
        raise MemoryError
    return out


def _in_numpy(
    pixels: NDArray[np.uint16], down: Side, across: Side, origin: int, gain: np.float32, *, inverted: bool
) -> NDArray[np.uint16]:
    values = (pixels - np.uint16(origin)).astype(np.float32)
    short = _weigh_rows(values, down)
    small = _weigh_rows(np.ascontiguousarray(short.T), across).T * gain
    small = np.clip(small, np.float32(0), WHITE)
    if inverted:
        small = WHITE - small
    return np.ascontiguousarray((small + np.float32(0.5)).astype(np.uint16))


def _weigh_rows(values: NDArray[np.float32], side: Side) -> NDArray[np.float32]:
    """Each output row is the weighted sum of input rows, added one after the other."""
    taps = side.weights.shape[1]
    out = np.zeros((len(side.first), values.shape[1]), np.float32)
    for row, first, weights in zip(range(len(out)), side.first, side.weights, strict=True):
        for product in weights[:, None] * values[first : first + taps]:
            out[row] += product
    return out
