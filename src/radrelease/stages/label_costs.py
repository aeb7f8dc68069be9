"""What asking a language model costs, before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from radrelease.label_records import LabelRequest, Usage
from radrelease.llm_config import LanguageModel
from radrelease.section_records import PartKind

__all__ = ["CostEstimate", "cost_of", "estimate_cost"]

_CHARACTERS_PER_TOKEN = 4
"""Of English in the tokenizers of the usual models, about."""

_BATCH_PRICE = 0.5
_LONGEST_LABEL = max(len(f'"{kind.value}", ') for kind in PartKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class CostEstimate:
    """How many reports a model will be asked about, and what that takes, about."""

    reports: int
    sampled: int
    questions: int
    usage: Usage
    cost: float
    priced: bool  # whether the configuration names a price
    batch: bool


def cost_of(usage: Usage, model: LanguageModel) -> float:
    """The price of the tokens, in the currency of the configured prices."""
    price = (usage.prompt * (model.price_in or 0) + usage.completion * (model.price_out or 0)) / 1e6
    return price * (_BATCH_PRICE if model.batch else 1)


def estimate_cost(
    requests: Sequence[LabelRequest], sampled: int, reports: int, model: LanguageModel
) -> CostEstimate:
    """The estimate for ``reports``, of which ``sampled`` led to these ``requests``.

    The schema is counted as sent, and every label as the longest.
    """
    scale = reports / sampled if sampled else 0.0
    sent = sum(len(item.system) + len(item.user) + len(item.schema) for item in requests)
    received = sum(_LONGEST_LABEL * item.units + len('{"labels": []}') for item in requests)
    usage = Usage(
        prompt=round(scale * sent / _CHARACTERS_PER_TOKEN),
        completion=round(scale * received / _CHARACTERS_PER_TOKEN),
    )
    return CostEstimate(
        reports=reports,
        sampled=sampled,
        questions=round(scale * len(requests)),
        usage=usage,
        cost=cost_of(usage, model),
        priced=bool(model.price_in or model.price_out),
        batch=model.batch,
    )
