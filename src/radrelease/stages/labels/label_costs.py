"""What asking a language model will cost, before anything is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from radrelease.records.endpoints import Spending
from radrelease.records.labels import LabelRequest, Usage
from radrelease.records.sections import PartKind
from radrelease.stages.labels.spending import cost_of

__all__ = ["CostEstimate", "estimate_cost"]

_CHARACTERS_PER_TOKEN = 4
"""Of English in the tokenizers of the usual models, about."""

_FRAME = len('{"labels": []}')
_LABEL = max(len(f'"{kind.value}", ') for kind in PartKind if kind.section)


@dataclass(frozen=True, slots=True, kw_only=True)
class CostEstimate:
    """How many reports a model will be asked about, and what that takes, about."""

    reports: int
    sampled: int
    questions: int
    usage: Usage
    cost: float
    cap: float
    batch: bool


def estimate_cost(
    requests: Sequence[LabelRequest], sampled: int, reports: int, spending: Spending, *, batch: bool
) -> CostEstimate:
    """The estimate for ``reports``, of which ``sampled`` led to these ``requests``.

    The schema is counted as sent, and every label as long as the longest of a section.
    """
    scale = reports / sampled if sampled else 0.0
    sent = sum(len(item.system) + len(item.user) + len(item.schema) for item in requests)
    received = sum(_LABEL * item.units + _FRAME for item in requests)
    usage = Usage(
        prompt=round(scale * sent / _CHARACTERS_PER_TOKEN),
        completion=round(scale * received / _CHARACTERS_PER_TOKEN),
    )
    return CostEstimate(
        reports=reports,
        sampled=sampled,
        questions=round(scale * len(requests)),
        usage=usage,
        cost=cost_of(usage, spending, batch=batch),
        cap=spending.cap,
        batch=batch,
    )
