"""Resamples of the patients, and the scores over each, the same on every machine.

Studies of one patient are alike, so whole patients are drawn (a cluster bootstrap: Davison and Hinkley 1997,
section 3.8). A draw is the upper half of a raw number of PCG64, which numpy keeps unchanged between versions,
scaled to the number of patients. Sums are of whole numbers below 2^53 in float64, and so exact in whatever
order a processor or library takes them (docs/decisions/0024-scores.md).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Interval", "Spread", "draws", "fixed_point", "interval", "resampled", "seed_of", "spread"]

_BLOCK = 128
"""Resamples counted at a time: one block of 10,000 patients is 10 MB."""

_EXACT_BITS = 52


@dataclass(frozen=True, slots=True)
class Interval:
    """The ends of a percentile interval."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean and standard deviation of a score over the resamples."""

    mean: float
    deviation: float


def seed_of(*parts: str) -> int:
    """A seed of 128 bits that stands for all the texts."""
    digest = hashlib.sha256("\0".join(parts).encode()).digest()
    return int.from_bytes(digest[:16], "big")


def draws(seed: int, patients: int, replicates: int) -> Iterator[NDArray[np.float64]]:
    """How often each patient is drawn: blocks of rows, one row of ``patients`` float64 per resample."""
    bits = np.random.PCG64(seed)
    for start in range(0, replicates, _BLOCK):
        rows = min(_BLOCK, replicates - start)
        block = np.empty((rows, patients))
        for row in block:
            raw = bits.random_raw(patients) >> np.uint64(32)
            row[:] = np.bincount((raw * np.uint64(patients)) >> np.uint64(32), minlength=patients)
        yield block


def fixed_point(sums: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sums per patient, float64 (patients, columns), as whole numbers, and the unit of each column.

    The units are powers of two, chosen so that no resample adds up to 2^53.
    """
    most = np.abs(sums).max(axis=0, initial=0.0) * len(sums)
    used = np.ceil(np.log2(np.maximum(most, 1.0))).astype(int) + 1
    units = np.ldexp(1.0, used - _EXACT_BITS)
    return np.rint(sums / units), units


def resampled(sums: NDArray[np.float64], seed: int, replicates: int) -> NDArray[np.float64]:
    """The column sums over each resample, float64 (replicates, columns)."""
    whole, units = fixed_point(sums)
    blocks = [block @ whole for block in draws(seed, len(sums), replicates)]
    return np.concatenate(blocks) * units if blocks else np.empty((0, sums.shape[1]))


def interval(values: NDArray[np.float64], level: float = 0.95) -> Interval | None:
    """The percentile interval of the finite values, its ends values that occur; None without two of them."""
    ordered = np.sort(values[np.isfinite(values)])
    if len(ordered) < 2:
        return None
    outside = int((1 - level) / 2 * len(ordered))
    return Interval(float(ordered[outside]), float(ordered[-1 - outside]))


def spread(values: NDArray[np.float64]) -> Spread | None:
    """Mean and standard deviation of the finite values, summed exactly; None without two of them."""
    finite = values[np.isfinite(values)].tolist()
    if len(finite) < 2:
        return None
    mean = math.fsum(finite) / len(finite)
    squares = math.fsum((value - mean) ** 2 for value in finite)
    return Spread(mean, math.sqrt(squares / (len(finite) - 1)))
