"""Cells of Pixel Data to stored pixel values: High Bit, Bits Stored, Pixel Representation (PS3.5 8.1.1).

Nothing may be assumed of the bits of a cell that are not stored: they can hold an overlay with a name
in it. Where they can be told from values that are larger than the header admits they are cleared, and
where they cannot there is no picture (docs/decisions/0014-decoding.md).
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from radrelease.records.pixels import PixelProblem
from radrelease.rejections import Reason

__all__ = ["Cells", "stored_values"]

_LARGEST_UNDECLARED_SHARE = 0.05
"""Of the pixels with a bit above BitsStored that no overlay of the header explains."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """How one sample lies in its cell, (0028,0010) to (0028,0103).

    ``overlay_bits`` are the positions at which the header says that overlays lie, (60xx,0102).
    """

    rows: int
    columns: int
    allocated: int
    stored: int
    high: int
    signed: bool
    overlay_bits: Set[int] = frozenset()


def stored_values(
    samples: NDArray[np.integer], cells: Cells, *, lossy: bool = False
) -> NDArray[np.integer] | PixelProblem:
    """The values, 2-D, of the width of ``samples``, signed where the header says so; no copy if none is due.

    ``samples`` is 2-D of 8 or 16 bits in native order; ``lossy`` says that a codec may have overshot.
    """
    shift = cells.high + 1 - cells.stored
    if shift:
        return _left_justified(samples, cells, shift)
    width = samples.dtype.itemsize
    whole = samples.view(f"{'i' if cells.signed else 'u'}{width}")
    if _fits(whole, cells):
        return whole
    unsigned = samples.view(f"u{width}")
    if lossy and not cells.signed:
        return _clipped(unsigned, cells)
    low = unsigned & unsigned.dtype.type((1 << cells.stored) - 1)
    values = _sign_extended(low, cells) if cells.signed else low
    if int(unsigned.max()) >> cells.stored == 0 or _are_no_values(unsigned, whole, values, cells):
        return values
    return PixelProblem(Reason.BITS_STORED, f"values beyond {cells.stored} bits")


def _fits(values: NDArray[np.integer], cells: Cells) -> bool:
    """Whether the cells hold nothing but the values: no bit above them is set, or all repeat the sign."""
    if cells.stored >= 8 * values.dtype.itemsize:
        return True
    if not cells.signed:
        return int(values.max()) >> cells.stored == 0
    most = 1 << (cells.stored - 1)
    return -most <= int(values.min()) and int(values.max()) < most


def _sign_extended(low: NDArray[np.integer], cells: Cells) -> NDArray[np.integer]:
    """Two's complement of BitsStored bits in a wider cell."""
    spare = 8 * low.dtype.itemsize - cells.stored
    return (low.view(f"i{low.dtype.itemsize}") << spare) >> spare


def _left_justified(
    samples: NDArray[np.integer], cells: Cells, shift: int
) -> NDArray[np.integer] | PixelProblem:
    """High Bit above BitsStored - 1, as old files have it: the values lie in the upper bits of their cells.

    Some files say so and do not mean it, which shows in the bits below: they hold what would be lost.
    """
    unsigned = samples.view(f"u{samples.dtype.itemsize}")
    declared = sum(1 << bit for bit in cells.overlay_bits if bit < shift)
    if shift < 0 or bool((unsigned & unsigned.dtype.type(((1 << shift) - 1) & ~declared)).any()):
        return PixelProblem(Reason.PIXELS_DISAGREE, "HighBit")
    moved = frozenset(bit - shift for bit in cells.overlay_bits)
    return stored_values(unsigned >> shift, replace(cells, high=cells.stored - 1, overlay_bits=moved))


def _clipped(unsigned: NDArray[np.integer], cells: Cells) -> NDArray[np.integer] | PixelProblem:
    """A lossy codec overshoots at edges, by a little and in few pixels; overlays do not survive it."""
    most = (1 << cells.stored) - 1
    if np.count_nonzero(unsigned > most) > _LARGEST_UNDECLARED_SHARE * unsigned.size:
        return PixelProblem(Reason.BITS_STORED, f"values beyond {cells.stored} bits")
    clipped: NDArray[np.integer] = np.minimum(unsigned, unsigned.dtype.type(most))
    return clipped


def _are_no_values(
    unsigned: NDArray[np.integer], whole: NDArray[np.integer], values: NDArray[np.integer], cells: Cells
) -> bool:
    """Whether the bits above BitsStored are something else than the upper bits of the values.

    They are if the header says that overlays lie there, or if they are the same everywhere. They are
    taken to be if few pixels have any and the picture is smoother without them: an overlay draws
    edges into it, and values cut off at BitsStored would fall from white to black.
    """
    high = unsigned >> cells.stored
    declared = sum(1 << (bit - cells.stored) for bit in cells.overlay_bits if bit >= cells.stored)
    undeclared = high & high.dtype.type(~declared & ((1 << 8 * high.dtype.itemsize) - 1))
    if int(undeclared.min()) == int(undeclared.max()):
        return True
    if np.count_nonzero(undeclared) > _LARGEST_UNDECLARED_SHARE * high.size:
        return False
    return _steps(values) < _steps(whole)


def _steps(values: NDArray[np.integer]) -> int:
    """How much neighbours in a row and in a column differ, in all."""
    wide = values.astype(np.int32)
    return int(
        np.abs(np.diff(wide, axis=0)).sum(dtype=np.int64) + np.abs(np.diff(wide, axis=1)).sum(dtype=np.int64)
    )
