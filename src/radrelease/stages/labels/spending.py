"""What a question to a language model costs, and what it costs at worst."""

from __future__ import annotations

from radrelease.records.endpoints import Spending
from radrelease.records.labels import LabelRequest, Usage

__all__ = ["cost_of", "worst_usage"]

_FRAME_TOKENS = 64
"""Tokens that endpoints put around two messages and a schema; chat templates in use take fewer than 40."""


def worst_usage(request: LabelRequest, max_completion_tokens: int) -> Usage:
    """More tokens than one answer to the request can take: a token is a byte or more."""
    texts = (request.system, request.user, request.schema)
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)
    return Usage(prompt=size + _FRAME_TOKENS, completion=max_completion_tokens)


def cost_of(usage: Usage, spending: Spending, *, batch: bool) -> float:
    """The price of these tokens, in the currency of ``spending``."""
    alone = usage.prompt * spending.prompt_price + usage.completion * spending.completion_price
    return alone * (spending.batch_share if batch else 1.0) / 1_000_000
