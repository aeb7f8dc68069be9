"""Text in a picture: where to look, in which windows, and which way round it is read.

The engine finds boxes and reads lines; everything about radiographs is here. Each area is shown to it
in the range of its own values, so that faint text stands out, as a person sees it (air dark), and
inverted where nothing is read so. A line that reads poorly is turned and mirrored and read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from radrelease.records.pixels import Box, TextReading
from radrelease.stages.pictures.text_likelihood import StepMap

__all__ = ["POOR", "SURE", "TextEngine", "grid", "in_eight_bits", "read_lines", "search_text"]

Gray = NDArray[np.uint8]
"""Rows by columns, 0 to 255."""

SURE, POOR = 0.9, 0.6
"""A reading from SURE on is believed as it stands; below POOR nothing was read."""

_TILE, _SHARED = 384, 64
_MARGIN = 16
_TIMES = 3
_GROUND = 20
_TALL = 1.5


class TextEngine(Protocol):
    """Finds text in a gray picture, and reads single lines."""

    def detect(self, picture: Gray) -> Sequence[Box]:
        """The boxes in which text stands, px of ``picture``."""
        ...

    def recognise(self, lines: Sequence[Gray]) -> Sequence[tuple[str, float]]:
        """What each line says, and how surely, 0 to 1."""
        ...


def grid(rows: int, columns: int) -> Iterator[Box]:
    """Overlapping squares that cover the picture: text up to the overlap's height is whole in one."""
    step = _TILE - _SHARED
    for top in range(0, max(1, rows - _SHARED), step):
        for left in range(0, max(1, columns - _SHARED), step):
            yield Box(left, top, min(left + _TILE, columns), min(top + _TILE, rows))


def search_text(
    pixels: NDArray[np.integer],
    areas: Sequence[Box],
    engine: TextEngine,
    steps: StepMap,
    *,
    inverted: bool,
    enlarge: bool,
) -> tuple[TextReading, ...]:
    """All text in the ``areas`` of ``pixels``, top down; ``inverted`` says that low values are bright.

    Where ``steps`` has strokes that no box explains, and everywhere if ``enlarge``, the area is looked at
    again at half its size for large letters, and enlarged for small and faint ones.
    """
    rows, columns = pixels.shape
    found: list[Box] = []
    for area in (area.widened(_MARGIN, rows, columns) for area in areas):
        shown = in_eight_bits(pixels, area, inverted=inverted)
        found += [box.moved(area.left, area.top) for box in engine.detect(shown)]
    left = [box for box in steps.without(found).regions() if any(box.overlap(area) for area in areas)]
    for area in (box.widened(_MARGIN, rows, columns) for box in (areas if enlarge else left)):
        small = in_eight_bits(pixels, area, inverted=inverted)[::2, ::2]
        found += [box.scaled(2).moved(area.left, area.top) for box in engine.detect(small)]
        large = _enlarged(_flattened(pixels, area, inverted=inverted))
        found += [box.scaled(1 / _TIMES).moved(area.left, area.top) for box in engine.detect(large)]
    lines = [box.widened(2, rows, columns) for box in _joined(found)]
    return read_lines(lines, pixels, engine, inverted=inverted)


def in_eight_bits(pixels: NDArray[np.integer], box: Box, *, inverted: bool) -> Gray:
    """The area in 8 bits, its own range from black to white, air dark."""
    values = pixels[box.top : box.bottom, box.left : box.right]
    sample = values[::2, ::2] if values.size > 40_000 else values
    low, high = np.percentile(sample, (0.2, 99.8))
    if high - low < 0.5 * float(sample.max() - sample.min()) and sample.size < 40_000:
        low, high = float(sample.min()), float(sample.max())  # a few strokes on plain ground
    scale = np.float32(255.0 / max(1.0, float(high - low)))
    shown = np.clip((values.astype(np.float32) - np.float32(low)) * scale, 0, 255).astype(np.uint8)
    return np.asarray(255 - shown if inverted else shown, np.uint8)


def _flattened(pixels: NDArray[np.integer], box: Box, *, inverted: bool) -> Gray:
    """The area in 8 bits without what changes slowly in it: only strokes and grain are left."""
    values = pixels[box.top : box.bottom, box.left : box.right].astype(np.float32)
    detail = values - _mean(_mean(values, 0), 1)
    low, high = np.percentile(detail, (1, 99))
    reach = max(1.0, 1.5 * max(-float(low), float(high)))
    shown = np.clip(detail * np.float32(127 / reach) + 128, 0, 255).astype(np.uint8)
    return np.asarray(255 - shown if inverted else shown, np.uint8)


def _mean(values: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    """The mean of 2 x _GROUND + 1 values along the axis, ends repeated."""
    around = [(_GROUND + 1, _GROUND) if side == axis else (0, 0) for side in (0, 1)]
    sums = np.cumsum(np.pad(values, around, mode="edge"), axis=axis, dtype=np.float64)
    size, count = 2 * _GROUND + 1, values.shape[axis]
    ends, starts = (np.take(sums, range(first, first + count), axis) for first in (size, 0))
    return np.asarray((ends - starts) / size, np.float32)


def _enlarged(shown: Gray) -> Gray:
    """Three times the size, by cubic interpolation."""
    rows, columns = shown.shape
    image = Image.fromarray(shown).resize((columns * _TIMES, rows * _TIMES), Image.Resampling.BICUBIC)
    return np.asarray(image)


def _joined(boxes: Iterable[Box]) -> list[Box]:
    """Boxes that hold parts of one line, seen in two areas or at two sizes, as one."""
    waiting = sorted(set(boxes), key=lambda box: (box.top, box.left))
    lines: list[Box] = []
    while waiting:
        line = waiting.pop(0)
        while (other := next((box for box in waiting if _same_line(line, box)), None)) is not None:
            waiting.remove(other)
            line = line.joined(other)
        lines.append(line)
    return lines


def _same_line(one: Box, other: Box) -> bool:
    """Whether two boxes overlap as parts of a line do: by half across it, or one within the other."""
    shared = one.overlap(other)
    if shared == 0:
        return False
    if shared >= 0.5 * min(one.area, other.area):
        return True
    if max(one.width, other.width) >= max(one.height, other.height):
        high = min(one.bottom, other.bottom) - max(one.top, other.top)
        return high >= 0.6 * min(one.height, other.height)
    wide = min(one.right, other.right) - max(one.left, other.left)
    return wide >= 0.6 * min(one.width, other.width)


def read_lines(
    lines: Sequence[Box], pixels: NDArray[np.integer], engine: TextEngine, *, inverted: bool
) -> tuple[TextReading, ...]:
    """What each of the boxes says, whichever way round it reads best."""
    return tuple(_read(lines, pixels, engine, inverted=inverted))


def _read(
    lines: Sequence[Box], pixels: NDArray[np.integer], engine: TextEngine, *, inverted: bool
) -> Iterator[TextReading]:
    shown = [in_eight_bits(pixels, line, inverted=inverted) for line in lines]
    first = engine.recognise([_lying(line) for line in shown]) if shown else []
    for box, line, (text, score) in zip(lines, shown, first, strict=True):
        if score >= SURE:
            yield TextReading(box, text, score)
            continue
        others = engine.recognise(list(_turned(line)))
        best = max([(text, score), *others], key=lambda reading: reading[1])
        yield TextReading(box, *best)


def _lying(line: Gray) -> Gray:
    """A line that stands is laid down; most that stand read from the bottom up."""
    return np.rot90(line, -1) if line.shape[0] > _TALL * line.shape[1] else line


def _turned(line: Gray) -> Iterator[Gray]:
    """The other ways round: upside down, mirrored both ways, and in the other polarity."""
    lying = _lying(line)
    yield from (lying[::-1, ::-1], lying[:, ::-1], lying[::-1], 255 - lying)
    if 1 / _TALL <= line.shape[0] / line.shape[1] <= _TALL:  # a single letter may lie on its side
        yield from (np.rot90(line), np.rot90(line, -1))
