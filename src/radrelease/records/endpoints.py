"""Where a language model is asked, and what it may cost; the key is not in it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Endpoint", "JsonMode", "Spending"]


class JsonMode(StrEnum):
    """How the endpoint is told the form of the answer."""

    SCHEMA = "json_schema"
    OBJECT = "json_object"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An OpenAI-compatible endpoint and how it is asked.

    ``base_url`` ends before ``/chat/completions``. ``key_env`` names the environment variable that holds
    the key. Hosts other than the loopback must be in ``allowed_hosts``. ``timeout_s`` is of one request
    as a whole, in seconds, and ``retries`` the further attempts after it. ``temperature`` and ``seed``
    are left out where they are None, for models that refuse them. ``poll_s`` and ``batch_wait_s`` are
    how often a batch is asked after and how long it is waited for, in seconds.
    """

    base_url: str
    model: str
    key_env: str | None = None
    allowed_hosts: frozenset[str] = frozenset()
    timeout_s: float = 120.0
    concurrency: int = 4
    max_completion_tokens: int = 2048
    retries: int = 4
    json_mode: JsonMode = JsonMode.SCHEMA
    temperature: float | None = 0.0
    seed: int | None = 0
    poll_s: float = 60.0
    batch_wait_s: float = 26 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """A cap and the prices per million tokens, all in the endpoint's currency.

    ``batch_share`` is what a request in a batch costs of its price alone.
    """

    cap: float
    prompt_price: float
    completion_price: float
    batch_share: float = 0.5
