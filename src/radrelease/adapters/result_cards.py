"""Result cards as JSON. What is signed is exactly the bytes of :func:`card_json`."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from radrelease.errors import ConfigError
from radrelease.records.benchmark import ResultCard

__all__ = ["card_json", "parse_card", "read_card"]

_CARDS = TypeAdapter(ResultCard)


def card_json(card: ResultCard) -> bytes:
    """The card as canonical JSON: keys in order, no blanks, UTF-8, no NaN."""
    document = _CARDS.dump_python(card, mode="json")
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode()


def parse_card(document: object, where: str) -> ResultCard:
    """The card that a JSON document is, or that is under its key ``card``.

    Raises :class:`radrelease.errors.ConfigError` where it is none, or has fields that this version does not
    know.
    """
    inner = document["card"] if isinstance(document, dict) and "card" in document else document
    try:
        card = _CARDS.validate_json(json.dumps(inner), strict=True)
    except (ValidationError, ValueError, RecursionError):
        raise _no_card(where) from None
    if json.loads(card_json(card)) != inner:
        raise _no_card(where)
    return card


def read_card(path: Path) -> ResultCard:
    """The card in a file; signatures are not looked at."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise _no_card(str(path)) from None
    return parse_card(document, str(path))


def _no_card(where: str) -> ConfigError:
    return ConfigError(where, "is no result card of this version", "Name a file that bench score wrote")
