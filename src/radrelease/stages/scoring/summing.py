"""A score out of its two sums, over all patients and over every resample, and what is shown of it.

A score is rounded to its standard error, and so far that no single report moves it by more than four units of
the last decimal: who answers one study and leaves the others blank must not read the score of that one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radrelease.records.benchmark import Metric, MetricScore, MetricStatus
from radrelease.stages.scoring.bootstrap import interval, spread

__all__ = ["Column", "decimals", "scored"]

_MOST_DECIMALS = 4
_UNITS = 4
"""By how many units of its last decimal one study may move a score."""


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One metric over one set of studies; NaN stands where there was nothing to divide by."""

    status: MetricStatus
    score: float
    influence: float  # how far one study can move the score
    replicates: NDArray[np.float64]  # (replicates,)

    @classmethod
    def of(
        cls, status: MetricStatus, total: NDArray[np.float64], most: float, over: NDArray[np.float64]
    ) -> Column:
        """The column of sums (above, below), (2,) over all patients and (replicates, 2) over resamples.

        ``most`` is how much one study can add to the first sum, against what it adds at worst.
        """
        below = np.where(over[:, 1] > 0, over[:, 1], np.nan)
        if not total[1] > 0:
            return cls(status, math.nan, math.inf, over[:, 0] / below)
        return cls(status, float(total[0] / total[1]), most / float(total[1]), over[:, 0] / below)


def decimals(deviation: float, influence: float) -> int:
    """The decimals of a score with that standard error, that one study can move by ``influence``.

    The last is worth at most one standard error and over a tenth of it, or a quarter of the influence.
    """
    sure = math.ceil(-math.log10(deviation)) if deviation > 0 else _MOST_DECIMALS
    blind = math.floor(-math.log10(influence / _UNITS))
    return min(_MOST_DECIMALS, max(0, min(sure, blind)))


def scored(metric: Metric, column: Column | None) -> MetricScore:
    """What is shown of a column; of None, that the metric was not run."""
    if column is None:
        return MetricScore(metric=metric, status=MetricStatus.NOT_RUN, value=None, low=None, high=None)
    over, ends = spread(column.replicates), interval(column.replicates)
    if over is None or ends is None or math.isnan(column.score):
        return MetricScore(metric=metric, status=column.status, value=None, low=None, high=None)
    digits = decimals(over.deviation, column.influence)
    return MetricScore(
        metric=metric,
        status=column.status,
        value=_rounded(column.score, digits),
        low=_rounded(ends.low, digits),
        high=_rounded(ends.high, digits),
    )


def _rounded(value: float, digits: int) -> float:
    return round(value, digits) + 0.0  # and never -0.0
