"""The ``[llm]`` table of ``release.toml``: which endpoint may be asked, and what that may cost."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from radrelease.config.table import Table

__all__ = ["LanguageModel"]


class LanguageModel(Table):
    """``[llm]``: the OpenAI-compatible endpoint that labels parts of scrubbed reports."""

    base_url: str = Field(description="Address of the endpoint, as http://127.0.0.1:8080/v1")
    model: str = Field(min_length=1, description="Name of the model, as the endpoint knows it")
    price_in: float = Field(ge=0, description="Price of a million tokens sent; 0 where asking is free")
    price_out: float = Field(ge=0, description="Price of a million tokens received")
    key_env: str | None = Field(
        default=None,
        description="Environment variable that holds the endpoint's key; none is sent by default",
    )
    allowed_hosts: tuple[str, ...] = Field(
        default=(),
        description="Hosts other than this machine to which scrubbed reports may be sent, by name",
    )
    spending_cap: float = Field(
        default=50.0,
        ge=0,
        description="Nothing more is asked where it could cost more than this, earlier runs included",
    )
    batch: bool = Field(
        default=False,
        description="Ask through the endpoint's Batch API (OpenAI, Azure): half the price, within a day",
    )
    concurrency: int = Field(default=4, ge=1, le=256, description="Questions under way at once")
    timeout_s: float = Field(default=120.0, gt=0, le=86400, description="Longest time for one answer, s")
    retries: int = Field(
        default=4, ge=0, le=20, description="Further attempts at one question before the rules stand in"
    )
    max_completion_tokens: int = Field(
        default=2048, ge=16, description="Longest answer, tokens; some 5 for each line of a report"
    )
    json_mode: Literal["json_schema", "json_object", "none"] = Field(
        default="json_schema",
        description="How the form of the answer is asked for; the weaker ones are for endpoints that know no"
        " schema, and answers of another form are left to the rules either way",
    )
    send_temperature: bool = Field(
        default=True, description="Ask for temperature 0 and a fixed seed; some models refuse them"
    )
