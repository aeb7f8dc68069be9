"""Reads what an endpoint sent, whatever it is: no bytes raise an exception here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from radrelease.records.labels import Fault, LabelAnswer, Usage

__all__ = ["fault_of_error", "json_lines", "json_object", "no_answer", "read_completion"]

_NO_USAGE = Usage(prompt=0, completion=0)
_MOST_TOKENS = 10**9
_TOO_LONG = ("context_length", "context_size", "context length", "too long", "too many tokens")


def no_answer(fault: Fault) -> LabelAnswer:
    """The answer that there is none."""
    return LabelAnswer(content="", fault=fault, usage=_NO_USAGE)


def read_completion(body: object) -> LabelAnswer | None:
    """The answer in a chat completion, decoded from JSON; None where it is no such thing."""
    choice = _first(_field(body, "choices"))
    message = _field(choice, "message")
    if not isinstance(message, dict):
        return None
    content = message.get("content")
    return LabelAnswer(
        content=_sound(content) if isinstance(content, str) else "",
        fault=_fault_of(message, _field(choice, "finish_reason"), content),
        usage=_usage_of(_field(body, "usage")),
    )


def fault_of_error(body: bytes) -> Fault | None:
    """Which fault of this one request an error of the endpoint tells; None for a fault of the endpoint."""
    error = _field(json_object(body), "error")
    words = " ".join(str(_field(error, name)) for name in ("code", "type", "message")).lower()
    if any(sign in words for sign in _TOO_LONG):
        return Fault.TOO_LONG
    return Fault.REFUSED if "content_filter" in words else None


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in these bytes; an empty one where there is none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def json_lines(body: bytes) -> Iterator[dict[str, Any]]:
    """The JSON objects of a file with one a line; other lines are passed over."""
    return (found for line in body.splitlines() if (found := json_object(line)))


def _fault_of(message: dict[str, Any], finish: object, content: object) -> Fault | None:
    if message.get("refusal") or finish == "content_filter":
        return Fault.REFUSED
    if finish == "length":
        return Fault.TRUNCATED
    return None if isinstance(content, str) else Fault.OTHER_SCHEMA


def _usage_of(usage: object) -> Usage:
    return Usage(
        prompt=_count(_field(usage, "prompt_tokens")), completion=_count(_field(usage, "completion_tokens"))
    )


def _count(value: object) -> int:
    return value if type(value) is int and 0 < value <= _MOST_TOKENS else 0


def _field(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, dict) else None


def _first(value: object) -> object:
    return value[0] if isinstance(value, list) and value else None


def _sound(text: str) -> str:
    """The text with a question mark for each half of a character, which no file can hold."""
    return text.encode("utf-8", "replace").decode()
