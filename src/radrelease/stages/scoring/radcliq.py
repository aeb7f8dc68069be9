"""RadCliQ-v1: one number out of four, the less the better.

Yu et al. 2023 (doi:10.1016/j.patter.2023.100802) fitted a linear model to the number of errors that
radiologists count; the constants are those of the model and scaler that CXR-Report-Metric ships. Being
linear, RadCliQ of the means is the mean of RadCliQ. It is an estimate of a number of errors, and below zero
for reports that are near their references: a perfect one gets -1.44. ``1/RadCliQ-v1``, by which ReXrank
ranks, is -0.69 for that one, less than that of the worst model, and has no bound where RadCliQ nears zero: it
orders models only above zero.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from radrelease.records.benchmark import Metric

__all__ = ["PARTS", "SLOPES", "misleads", "radcliq", "reciprocal"]

PARTS = (Metric.RADGRAPH_F1, Metric.BERT_SCORE, Metric.SEMB_SCORE, Metric.BLEU_2)
"""What it is made of, in the order of the constants."""

_MEANS = (0.53792312, 0.61757256, 0.76479421, 0.44738335)
_DEVIATIONS = (0.30282584, 0.22430938, 0.25394391, 0.29892717)
_WEIGHTS = (-0.377083683, -0.3703001, -0.252616218, 4.3e-12)
_INTERCEPT = 2.5e-10

SLOPES = tuple(weight / deviation for weight, deviation in zip(_WEIGHTS, _DEVIATIONS, strict=True))
"""How RadCliQ moves with each part."""

Number = TypeVar("Number", float, NDArray[np.float64])


def radcliq(radgraph: Number, bert_score: Number, semb_score: Number, bleu: Number) -> Number:
    """RadCliQ-v1 of the four parts, numbers or arrays of one shape."""
    total = radgraph * 0.0 + _INTERCEPT
    for slope, part, mean in zip(SLOPES, (radgraph, bert_score, semb_score, bleu), _MEANS, strict=True):
        total = total + slope * (part - mean)
    return total


def reciprocal(value: float) -> float | None:
    """1/RadCliQ-v1, as ReXrank prints it; None where RadCliQ is 0."""
    return 1 / value if value else None


def misleads(value: float) -> bool:
    """Whether the reciprocal orders this model against others falsely: RadCliQ is not above 0."""
    return value <= 0
