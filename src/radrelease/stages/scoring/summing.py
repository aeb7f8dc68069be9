"""A score out of its two sums, over all patients and over every resample, and what is shown of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radrelease.bench_records import Metric, MetricScore, MetricStatus
from radrelease.stages.scoring.bootstrap import interval, spread

__all__ = ["Column", "decimals", "scored"]

_MOST_DECIMALS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One metric over one set of studies; NaN stands where there was nothing to divide by."""

    status: MetricStatus
    score: float
    replicates: NDArray[np.float64]  # (replicates,)

    @classmethod
    def of(cls, status: MetricStatus, total: NDArray[np.float64], over: NDArray[np.float64]) -> Column:
        """The column of sums (above, below), (2,) over all patients and (replicates, 2) over resamples."""
        below = np.where(over[:, 1] > 0, over[:, 1], np.nan)
        return cls(status, float(total[0] / total[1]) if total[1] > 0 else math.nan, over[:, 0] / below)


def decimals(deviation: float) -> int:
    """The decimals of a score: the last is worth at most one standard error, and over a tenth of it."""
    if not deviation > 0:
        return _MOST_DECIMALS
    return min(_MOST_DECIMALS, max(0, math.ceil(-math.log10(deviation))))


def scored(metric: Metric, column: Column | None) -> MetricScore:
    """What is shown of a column; of None, that the metric was not run."""
    if column is None:
        return MetricScore(metric=metric, status=MetricStatus.NOT_RUN, value=None, low=None, high=None)
    over, ends = spread(column.replicates), interval(column.replicates)
    if over is None or ends is None or math.isnan(column.score):
        return MetricScore(metric=metric, status=column.status, value=None, low=None, high=None)
    digits = decimals(over.deviation)
    return MetricScore(
        metric=metric,
        status=column.status,
        value=_rounded(column.score, digits),
        low=_rounded(ends.low, digits),
        high=_rounded(ends.high, digits),
    )


def _rounded(value: float, digits: int) -> float:
    return round(value, digits) + 0.0  # and never -0.0
