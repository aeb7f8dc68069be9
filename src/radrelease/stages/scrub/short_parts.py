"""Parts of names that look like abbreviations or small words: "Ng" in "Helen Ng MD", "QTC", "IL"."""

from __future__ import annotations

import re

from radrelease.profiles.word_lists import load_name_rules
from radrelease.stages.scrub.reading import Reading

__all__ = ["ENDS_PLACE", "is_acronym", "is_firms_acronym", "is_short_surname", "is_state"]

ENDS_PLACE = re.compile(r"[A-Za-z]?(?:[,;)|^\n]|\s\||\.?\s*$|\.?\s[A-Z]|\s\d{4})")
"""What follows a number or code that ends the name of a place: "Lot 23, ...", and not "4 mm"."""
_ENDS_NAME = re.compile(r"\s?[,.;:)(\n]|\s*$")
_BEFORE_FIRMS = frozenset({"at", "with", "for", "by", "from", "of", "ex", "to", "via"})
_LONGEST_ACRONYM = 4
_UNCLEAR_STATES = frozenset(
    {
        "IN",
        "OR",
        "ME",
        "HI",
        "OK",
        "PA",
        "MS",
        "MD",
        "LA",
        "AL",
        "ID",
        "CT",
        "RI",
        "MT",
        "VA",
        "MA",
        "CO",
        "DE",
    }
    | {"AR", "NE", "ON", "PE", "SC", "SD", "NT", "NS", "AB", "BC", "ACT", "PR", "DC", "MI", "MN", "MO"}
)
"""Codes that are words or abbreviations of reports too: only at the end of a place."""


def is_short_surname(reading: Reading, index: int, gap: str) -> bool:
    """Whether the word after a name ends it, being a surname that is an abbreviation or a small word too."""
    rules = load_name_rules()
    if reading.words[index] not in rules.short_surnames or gap not in {" ", "\n"}:
        return False
    following = reading.words[index + 1] if index + 1 < len(reading.words) else ""
    ends = _ENDS_NAME.match(reading.text, reading.ends[index]) is not None
    return reading.is_capitalised(index) and (ends or following in rules.credentials)


def is_acronym(reading: Reading, index: int) -> bool:
    """Whether the word is a few letters in capitals that name no examination: "ISD", "AFB", and not "CT"."""
    word, written = reading.words[index], reading.written(index)
    return (
        1 < len(word) <= _LONGEST_ACRONYM
        and written.isalpha()
        and written.isupper()
        and word not in load_name_rules().not_initials
    )


def is_firms_acronym(reading: Reading, index: int) -> bool:
    """Whether letters in capitals before a name begin it, after "at", "with" and the like."""
    return (
        index > 0
        and not reading.is_caseless(index)
        and is_acronym(reading, index)
        and reading.words[index - 1] in _BEFORE_FIRMS
    )


def is_state(reading: Reading, index: int, gap: str) -> bool:
    """Whether the code of a state after a name belongs to it; ``gap`` stands between them."""
    is_clear = "," in gap and not reading.is_caseless(index) and reading.written(index) not in _UNCLEAR_STATES
    return is_clear or ENDS_PLACE.match(reading.text, reading.ends[index]) is not None
