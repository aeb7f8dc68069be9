"""What travels between the report, the questions about it, and a language model's answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Fault", "LabelAnswer", "LabelRequest", "Usage"]


class Fault(StrEnum):
    """Why an answer could not be used, a sentence each; the rules stand in for it."""

    NOT_JSON = "the answer is no JSON"
    OTHER_SCHEMA = "the answer has another form than was asked for"
    WRONG_LABEL = "the answer holds a label that is none"
    WRONG_COUNT = "the answer has more or fewer labels than the text has units"
    REFUSED = "the model refused"
    TRUNCATED = "the answer was cut short"
    TOO_LONG = "the report is too long to ask about"
    UNAVAILABLE = "the endpoint could not be reached or failed"
    SPENT = "the spending cap was reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRequest:
    """One question about one scrubbed report, made by ``stages.labelled.request_of`` alone.

    ``schema`` is the closed JSON schema of the answer, as canonical JSON text.
    """

    system: str
    user: str
    schema: str
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one answer, as the endpoint counts them."""

    prompt: int
    completion: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelAnswer:
    """What came back: the raw content, never published, or why there is none."""

    content: str
    fault: Fault | None
    usage: Usage
