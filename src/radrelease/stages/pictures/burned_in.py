"""Text burned into the pixels of one picture: found, judged, masked, and looked for again.

Everything happens on the decoded pixels at full size, before the published picture is drawn, and is the
same whoever asks: the engine is handed in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from radrelease.records.pixels import Box, TextReading
from radrelease.stages.pictures.masking import mask, masked_share, with_margin
from radrelease.stages.pictures.pixel_text import MARKER, PixelTerms, Verdict, is_marker, judge
from radrelease.stages.pictures.text_likelihood import StepMap, count_steps
from radrelease.stages.pictures.text_rows import settle_rows
from radrelease.stages.pictures.text_search import SURE, TextEngine, grid, read_lines, search_text

__all__ = ["Cleaned", "Found", "Search", "clean", "look"]

_ROUNDS = 3
"""How often a picture is masked before it is given up: what is masked can uncover what stood beside it."""


_PART = 1.15
"""A box that grows by more than this along its line held a part of it."""

_WORD_GAP = 1.2
"""The widest blank within a marker, in heights of its letters."""

_NEAR = 96
"""How far a change reaches, px: a window with its margin, and the squares whose grain sets thresholds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How one picture is searched.

    ``everywhere`` reads the whole picture and not only where strokes are seen; ``tiles`` does so at
    twice its size, for faint and small text; ``regions`` are read in any case; ``inverted`` says that
    low values are bright.
    """

    everywhere: bool
    tiles: bool
    groups: Collection[str]
    inverted: bool
    regions: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A text and what it is."""

    reading: TextReading
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cleaned:
    """A picture whose identifying text is masked.

    ``masks`` are the boxes painted over with what was found there; ``left`` is what would not go.
    """

    pixels: NDArray[np.integer]
    masks: tuple[tuple[Box, Found], ...]
    left: tuple[Found, ...]

    @property
    def share(self) -> float:
        """The share of the picture's pixels that was painted over."""
        return masked_share([box for box, _ in self.masks], *self.pixels.shape)


def look(
    pixels: NDArray[np.integer],
    terms: PixelTerms,
    search: Search,
    engine: TextEngine,
    changed: Sequence[Box] | None = None,
) -> tuple[Found, ...]:
    """All text of the picture, rows by columns, with what it is and how far it goes.

    With ``changed``, only areas near those boxes: an area that did not change reads as it did.
    """
    steps = count_steps(pixels)
    areas = _areas(steps.regions(), search, pixels.shape)
    if changed is not None:
        near = [box.widened(_NEAR, *pixels.shape) for box in changed]
        areas = [area for area in areas if any(area.overlap(box) for box in near)]
    readings = search_text(
        pixels,
        areas,
        engine,
        steps,
        inverted=search.inverted,
        enlarge=search.tiles,
    )
    alone = [judge(item, terms, search.groups, steps=steps.within(item.box)) for item in readings]
    in_rows = settle_rows(readings, alone, search.groups)
    verdicts = _reread(pixels, readings, in_rows, search, engine, steps)
    stay = [item.box for item, is_ in zip(readings, verdicts, strict=True) if is_.kind == MARKER]
    return tuple(
        Found(
            reading=replace(item, box=steps.grown(item.box, stay)) if verdict.identifies else item,
            verdict=verdict,
        )
        for item, verdict in zip(readings, verdicts, strict=True)
    )


def _reread(
    pixels: NDArray[np.integer],
    readings: Sequence[TextReading],
    verdicts: Sequence[Verdict],
    search: Search,
    engine: TextEngine,
    steps: StepMap,
) -> list[Verdict]:
    """The verdicts, after reading lines whole that were read in part: large markers fall apart."""
    settled = list(verdicts)
    for item, verdict in zip(readings, verdicts, strict=True):
        whole = steps.grown(item.box, (), reach=round(_WORD_GAP * min(item.box.width, item.box.height)))
        if not verdict.identifies or verdict.rule.startswith("known") or whole.area < _PART * item.box.area:
            continue
        (again,) = read_lines([whole], pixels, engine, inverted=search.inverted)
        if again.score >= SURE and is_marker(again.text, frozenset(search.groups)):
            for index, other in enumerate(readings):
                if other.box.overlap(whole) >= 0.5 * other.box.area:
                    settled[index] = Verdict(MARKER, "marker read as a whole")
    return settled


def clean(pixels: NDArray[np.integer], terms: PixelTerms, search: Search, engine: TextEngine) -> Cleaned:
    """The picture with its identifying text masked, read again after each masking."""
    masks: list[tuple[Box, Found]] = []
    left = _identifying(look(pixels, terms, search, engine))
    for _ in range(_ROUNDS):
        if not left:
            break
        new = [(with_margin(found.reading.box, *pixels.shape), found) for found in left]
        pixels = mask(pixels, [box for box, _ in new])
        masks += new
        left = _identifying(look(pixels, terms, search, engine, [box for box, _ in new]))
    return Cleaned(pixels=pixels, masks=tuple(masks), left=left)


def _identifying(seen: Sequence[Found]) -> tuple[Found, ...]:
    return tuple(found for found in seen if found.verdict.identifies)


def _areas(suspicious: Iterable[Box], search: Search, shape: tuple[int, ...]) -> list[Box]:
    """The boxes to read; those of strokes also where everything is read, as each has its own range."""
    rows, columns = shape
    areas = [*suspicious, *search.regions]
    return [*areas, *grid(rows, columns)] if search.everywhere else areas
