"""How a chest radiograph is lit, as data: what tells a picture from its negative."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from radrelease.profiles.data_files import read_profile

__all__ = ["BLOCKS", "Polarity", "load_polarity"]

BLOCKS = 8
"""Rows and columns of blocks that a picture is cut into."""


@dataclass(frozen=True, slots=True, eq=False)
class Polarity:
    """``weights``, 8 by 4 float64: how much it speaks for the picture that a block is bright.

    They are for the left half and its mirror image, from the top. ``sure`` is the least sum that decides.
    """

    weights: NDArray[np.float64]
    sure: float


@cache
def load_polarity() -> Polarity:
    """The weights in ``polarity.toml``."""
    document = read_profile("polarity.toml")
    weights = np.array(document["weights"], dtype=np.float64)
    if weights.shape != (BLOCKS, BLOCKS // 2):
        raise ValueError(f"polarity.toml has {weights.shape} weights")
    return Polarity(weights, float(document["sure"]))
