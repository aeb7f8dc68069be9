"""Where in a picture something like burned-in text may stand: cheap, and looked for at full resolution.

Strokes of letters rise and fall steeply, along the rows and along the columns, within a few pixels. So
steps over two pixels that stand far out of the noise around them are counted by direction and sign in
cells of 16 x 16 px, and a stretch of cells in which all four kinds are frequent is a region to read.
Ribs, vessels and lung markings are too soft, collimator edges have one direction, and grain has no
stretch. Wires, clips and markers of lead are found too: reading them costs time and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radrelease.records.pixels import Box

__all__ = ["CELL", "StepMap", "count_steps"]

CELL = 16
"""Side of a cell, px."""

_STRIP = 64
_LEAST_STEP = 0.012
"""No step below this share of the picture's range counts, however quiet the picture is around it."""

_NOISE_SHARE, _NOISE_FACTOR = 75, 4.5 / 1.1503
"""Steps count from 4.5 standard deviations on; three quarters of all values are within 1.1503 of one. The
median would miss the grain of a square that is half a plain border."""

_MOST_TEXTURE, _MOST_GRAIN = 0.06, 0.15
"""Text that fills a square is no noise: thresholds end at these shares of the picture's range."""

_LEAST_STEPS, _CORE_STEPS = 9, 18
"""Steps of each of the four kinds in 3 x 3 cells, everywhere in a region and somewhere in it.

Of the tuned strings the faintest has 28 (10 px high, one part in ten of the range)."""

_STROKES = 4
"""Steps of each kind with which a text goes on beyond its box, in the cells beside it."""

_WIDE, _TALL, _SHARED = 32, 16, 4
"""Cells of the longest side along a row and of the tallest part that one window shows."""

_MOST_CELLS = 4000
"""With more cells than this, the whole picture is one region."""


@dataclass(frozen=True, slots=True, eq=False)
class StepMap:
    """Steps up and down, along rows and columns, by cell: 4 by rows by columns of cells."""

    counts: NDArray[np.int32]
    rows: int  # of the picture, px
    columns: int

    def within(self, box: Box) -> int:
        """The steps of the rarest kind in the cells that the box touches."""
        held = self.counts[
            :, box.top // CELL : -(-box.bottom // CELL), box.left // CELL : -(-box.right // CELL)
        ]
        return int(held.sum(axis=(1, 2)).min())

    def without(self, boxes: Iterable[Box]) -> StepMap:
        """The map as if there were no strokes in the boxes and in the cells that they touch."""
        counts = self.counts.copy()
        for box in boxes:
            near = box.widened(CELL // 2, self.rows, self.columns)
            counts[
                :, near.top // CELL : -(-near.bottom // CELL), near.left // CELL : -(-near.right // CELL)
            ] = 0
        return StepMap(counts, self.rows, self.columns)

    def regions(self) -> tuple[Box, ...]:
        """Boxes over all cells that may be part of a text, px; none is larger than 32 by 16 cells.

        A long border in one window with a text would drown it, and the window is what is read.
        """
        around = np.minimum.reduce([_around(kind) for kind in self.counts])
        cells = np.argwhere(around >= _LEAST_STEPS)
        if len(cells) > _MOST_CELLS:
            return (Box(0, 0, self.columns, self.rows),)
        groups = [group for group in _groups(cells) if max(around[cell] for cell in group) >= _CORE_STEPS]
        return tuple(self._region(part, margin) for group in groups for part, margin in _parts(group))

    def grown(self, box: Box, stops: Sequence[Box], reach: int = CELL) -> Box:
        """The box as far as strokes go on along the line within ``reach`` px, but into none of ``stops``."""
        while (longer := self._longer(box, stops, reach)) != box:
            box = longer
        return box

    def _longer(self, box: Box, stops: Sequence[Box], reach: int) -> Box:
        picture = Box(0, 0, self.columns, self.rows)
        for beside in _ends(box, reach):
            near = beside.within(picture)
            strokes = near.area and self.within(near) >= _STROKES
            if strokes and not any(near.overlap(stop) for stop in stops):
                return box.joined(near)
        return box

    def _region(self, group: list[tuple[int, int]], margin: int) -> Box:
        """The box around the cells and ``margin`` of their neighbours."""
        top, left = (max(0, min(cell[axis] for cell in group) - margin) for axis in (0, 1))
        bottom, right = (max(cell[axis] for cell in group) + 1 + margin for axis in (0, 1))
        return Box(left * CELL, top * CELL, min(right * CELL, self.columns), min(bottom * CELL, self.rows))


def count_steps(pixels: NDArray[np.integer]) -> StepMap:
    """The steps of ``pixels`` (rows by columns, any integer type)."""
    values = _sixteen_bit(pixels)
    return StepMap(_steps(values, _thresholds(values)), *pixels.shape)


def _sixteen_bit(pixels: NDArray[Any]) -> NDArray[np.int16]:
    """The values, shifted and halved as often as needed so that differences fit into 16 bits."""
    least, most = int(pixels.min()), int(pixels.max())
    shift = max(0, (most - least).bit_length() - 15)
    if least == 0 and shift == 0:
        return pixels.astype(np.int16)
    if pixels.dtype == np.uint16:
        moved: NDArray[np.uint16] = pixels >> np.uint16(shift) if shift else pixels - np.uint16(least)
        return moved.astype(np.int16)
    wide: NDArray[np.int32] = (pixels.astype(np.int32) - least) >> shift
    narrow: NDArray[np.int16] = wide.astype(np.int16)
    return narrow


def _thresholds(values: NDArray[np.int16]) -> NDArray[np.int16]:
    """The least step that counts, for each square of 64 px: out of the noise in and around it.

    Steps over two pixels tell the noise of a texture, but a slope adds to them, so they are believed up to
    a limit; bends (a - 2 b + c) tell that of white grain whatever the slope.
    """
    rows, columns = (max(1, side // _STRIP) for side in values.shape)
    sample = values[: rows * _STRIP : 4].astype(np.int32)
    first, middle, last = (sample[:, start::4][:, : columns * 16 - 1] for start in range(3))
    texture = _noise(np.abs(last - first), rows, columns)
    grain = _noise(np.abs(first - 2 * middle + last), rows, columns) / 3**0.5
    low, high = np.percentile(values[::8, ::8], (0.1, 99.9))
    reach = float(high - low)
    noise = np.maximum(np.minimum(texture, _MOST_TEXTURE * reach), np.minimum(grain, _MOST_GRAIN * reach))
    noise = np.pad(noise, 1, mode="edge")
    noise = np.maximum.reduce([noise[y : y + rows, x : x + columns] for y in range(3) for x in range(3)])
    limits: NDArray[np.int16] = np.maximum(noise, max(2.0, _LEAST_STEP * reach)).astype(np.int16)
    return limits


def _noise(sizes: NDArray[np.int32], rows: int, columns: int) -> NDArray[np.float64]:
    """What exceeds the noise, of these sizes of changes, in each of ``rows`` by ``columns`` squares."""
    tall, wide = len(sizes) // rows, sizes.shape[1] // columns
    squares = sizes[: rows * tall, : columns * wide].reshape(rows, tall, columns, wide)
    flat = squares.transpose(0, 2, 1, 3).reshape(rows, columns, -1)
    return np.asarray(np.percentile(flat, _NOISE_SHARE, axis=2) * _NOISE_FACTOR, np.float64)


def _steps(values: NDArray[np.int16], thresholds: NDArray[np.int16]) -> NDArray[np.int32]:
    """How many steps up and down, along rows and columns, each cell holds: 4 by rows by columns of cells."""
    rows, columns = values.shape
    wide = -(-columns // CELL)
    counts = np.zeros((4, -(-rows // CELL), wide), np.int32)
    flags = np.zeros((_STRIP, wide * CELL), np.bool_)
    for top in range(0, rows, _STRIP):
        least = np.repeat(thresholds[min(top // _STRIP, len(thresholds) - 1)], _STRIP)
        least = np.pad(least, (0, max(0, columns - len(least))), mode="edge")[:columns]
        strip = values[top : top + _STRIP + 2]
        across = strip[:_STRIP, 2:] - strip[:_STRIP, :-2]
        down = strip[2:] - strip[:-2]
        for kind, (steps, limit) in enumerate(((across, least[:-2]), (down, least))):
            tall, long = steps.shape
            for sign, places in enumerate((steps > limit, steps < -limit)):
                flags[:] = False
                flags[:tall, :long] = places
                _count(flags, counts[2 * kind + sign], top // CELL)
    return counts


def _count(flags: NDArray[np.bool_], cells: NDArray[np.int32], first: int) -> None:
    """Add up the flags of each cell: eight flags are the bytes of one integer."""
    eights = np.bitwise_count(flags.view(np.uint64))
    by_cell = eights.reshape(_STRIP // CELL, CELL, -1, CELL // 8).sum(axis=(1, 3), dtype=np.int32)
    cells[first : first + _STRIP // CELL] = by_cell[: len(cells) - first]


def _around(counts: NDArray[np.int32]) -> NDArray[np.int32]:
    """Each cell with its eight neighbours."""
    padded = np.pad(counts, 1)
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    summed: NDArray[np.int32] = rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]
    return summed


def _groups(cells: NDArray[np.intp]) -> Iterator[list[tuple[int, int]]]:
    """Cells that touch, in the order of the first one."""
    left = dict.fromkeys((int(row), int(column)) for row, column in cells)
    while left:
        group = [left.popitem()[0]]
        for row, column in group:
            for beside in [(row + y, column + x) for y in (-2, -1, 0, 1, 2) for x in (-2, -1, 0, 1, 2)]:
                if beside in left:
                    del left[beside]
                    group.append(beside)
        yield group


def _ends(box: Box, reach: int) -> tuple[Box, Box]:
    """The boxes at the two ends of a line, lying or standing."""
    if box.width >= box.height:
        return (
            Box(box.left - reach, box.top, box.left, box.bottom),
            Box(box.right, box.top, box.right + reach, box.bottom),
        )
    return (
        Box(box.left, box.top - reach, box.right, box.top),
        Box(box.left, box.bottom, box.right, box.bottom + reach),
    )


def _parts(group: list[tuple[int, int]]) -> Iterator[tuple[list[tuple[int, int]], int]]:
    """The group, cut into windows if it is too large for one, and the neighbours to show with each.

    One ring was counted with the cells; windows share more, so that what is cut is whole in one of them.
    """
    top, left = (min(cell[axis] for cell in group) for axis in (0, 1))
    high, wide = (max(cell[axis] for cell in group) + 1 - low for axis, low in ((0, top), (1, left)))
    tall, long = (_TALL, _WIDE) if wide >= high else (_WIDE, _TALL)
    if high <= tall and wide <= 2 * long:
        yield group, 1
        return
    windows: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for row, column in group:
        windows.setdefault(((row - top) // tall, (column - left) // long), []).append((row, column))
    yield from ((windows[key], _SHARED) for key in sorted(windows))
