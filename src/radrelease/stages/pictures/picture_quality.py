"""What can be told about a published picture by looking at it. Nothing here changes a pixel.

The shares and the contrast are counted; whether bright and dark are exchanged is judged, by comparing the
picture, in 8 by 8 blocks, with how chest radiographs are lit (docs/decisions/0015-picture-quality.md).
"""

from __future__ import annotations

import math
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from radrelease.profiles.polarity import BLOCKS, Polarity
from radrelease.records.pixels import PictureFacts, Quality, RenderedImage
from radrelease.stages.pictures.gray_levels import pixel_sha256

__all__ = ["Flag", "assess", "facts_of", "flags_of", "lit"]

WHITE = 65535

_SIDE = 128
"""About how many rows and columns are looked at for the contrast and the blocks."""

_TAIL = 100
"""One in so many pixels at each end of the range is left out of the contrast: markers, metal, dead pixels."""


class Flag(StrEnum):
    """What a person may want to look at."""

    SATURATED = "saturated"
    NEAR_CONSTANT = "near constant"
    HOT_PIXELS = "hot pixels"
    INVERTED = "inverted"


MOST_BLACK, MOST_WHITE = 0.5, 0.05
"""Shares at the ends from which a picture is saturated: air may well be black, bone is rarely white."""

LEAST_CONTRAST = 0.15
LEAST_HALF = 1e-4
"""What each half of the range must hold: a stretch whose end fewer pixels hold was bent by outliers."""


def facts_of(picture: RenderedImage, polarity: Polarity) -> PictureFacts:
    """What is said of a drawn picture."""
    height, width = picture.pixels.shape
    return PictureFacts(
        height=height,
        width=width,
        stretch=picture.stretch,
        low=picture.low,
        high=picture.high,
        spacing_mm=picture.spacing_mm,
        masked=picture.masked,
        quality=assess(picture.pixels, polarity),
        sha256=pixel_sha256(picture.pixels),
    )


def assess(pixels: NDArray[np.uint16], polarity: Polarity) -> Quality:
    """Count and judge a published picture: 2-D uint16, stretched to 0..65535, air dark where it is right.

    Shares are of all pixels, 0 to 1. ``contrast`` is the share of the range that the middle 98% take, from
    every n-th row and column. Whole numbers all the way, so that every machine says the same.
    """
    seen = _thinned(pixels)
    least, most = _middle(seen)
    upper = int(np.count_nonzero(pixels > WHITE // 2)) / pixels.size
    score = lit(pixels, polarity)
    return Quality(
        black=round(1 - int(np.count_nonzero(pixels)) / pixels.size, 6),
        white=round(int(np.count_nonzero(pixels == WHITE)) / pixels.size, 6),
        contrast=round((most - least) / WHITE, 6),
        smaller_half=round(min(upper, 1 - upper), 6),
        inverted=None if score is None or abs(score) < polarity.sure else score < 0,
    )


def lit(pixels: NDArray[np.uint16], polarity: Polarity) -> float | None:
    """How much the picture is lit as a chest radiograph is, and below 0 how much its negative is.

    The negative of a picture has the same number with the other sign. None for a picture that is too
    small to be cut into blocks, or of one value.
    """
    seen = _thinned(pixels)
    least, most = _middle(seen)
    if min(seen.shape) < BLOCKS or least == most:
        return None
    blocks = _block_means(np.clip(seen, least, most))
    bright = (blocks - least) / (most - least) * 2 - 1
    folded = (bright + bright[:, ::-1])[:, : BLOCKS // 2] / 2
    return math.fsum((folded * polarity.weights).ravel())


def flags_of(quality: Quality) -> tuple[Flag, ...]:
    """What of the picture is out of the ordinary; nothing, most often."""
    told = {
        Flag.SATURATED: quality.black >= MOST_BLACK or quality.white >= MOST_WHITE,
        Flag.NEAR_CONSTANT: quality.contrast < LEAST_CONTRAST,
        Flag.HOT_PIXELS: quality.smaller_half < LEAST_HALF,
        Flag.INVERTED: quality.inverted is True,
    }
    return tuple(flag for flag, is_so in told.items() if is_so)


def _thinned(pixels: NDArray[np.uint16]) -> NDArray[np.uint16]:
    step = max(1, min(pixels.shape) // _SIDE)
    return pixels[::step, ::step]


def _middle(seen: NDArray[np.uint16]) -> tuple[int, int]:
    """The least and the greatest value once one in a hundred pixels is left out at each end."""
    values = seen.ravel()
    cut = values.size // _TAIL
    ordered = np.partition(values, [cut, values.size - 1 - cut])
    return int(ordered[cut]), int(ordered[values.size - 1 - cut])


def _block_means(values: NDArray[np.uint16]) -> NDArray[np.float64]:
    """The means of 8 by 8 blocks, as equal as the sides allow; sums of whole numbers, so exact."""
    rows, columns = (np.arange(BLOCKS + 1) * side // BLOCKS for side in values.shape)
    tall = np.add.reduceat(values, rows[:-1], axis=0, dtype=np.int64)
    sums = np.add.reduceat(tall, columns[:-1], axis=1)
    means: NDArray[np.float64] = sums / np.outer(np.diff(rows), np.diff(columns))
    return means
