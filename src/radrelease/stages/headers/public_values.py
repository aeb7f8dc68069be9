"""Header values to public values: an allow-list with vocabularies, so that the unknown stays inside.

Each rule takes the raw text of one element and gives the text that may leave, or None. What a rule
does not recognise is None: a value is never repaired, because what is not known to be safe does not
leave.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date

from radrelease.profiles.header_profile import HeaderProfile, HeaderRule
from radrelease.records.dicom_values import parse_date

__all__ = ["age_of", "public_attributes"]

OLDEST_YEARS = 89
"""Ages over 89 identify (45 CFR 164.514(b)(2)(i)(C)); they are published as 090Y."""

HEAVIEST_KG = 150
"""A heavier patient is rare enough to be found by weight; the value is left out."""

_AGE = re.compile(r"([0-9]{3})([DWMY])")
_WORD = re.compile(r"[^\W_]+")
_DAYS = {"D": 1.0, "W": 7.0, "M": 365.25 / 12, "Y": 365.25}

Vocabulary = frozenset[str]


def public_attributes(attributes: Mapping[str, str], profile: HeaderProfile) -> dict[str, str]:
    """The values that may leave as they are, by keyword (rules ``value``, ``words``, ...).

    Pseudonyms, UIDs, dates and ages need the key or another element: the shard adds those.
    """
    public = {}
    for rule in profile.rules:
        value = _apply(rule, attributes.get(rule.keyword, "").strip(), profile)
        if value is not None:
            public[rule.keyword] = value
    return public


def age_of(attributes: Mapping[str, str], study_date: date) -> str | None:
    """The age as DICOM AS (PS3.5 section 6.2), from (0010,1010) or else (0010,0030), at most 090Y.

    When either element says that the patient is over 89, it is 090Y.
    """
    stated = _AGE.fullmatch(attributes.get("PatientAge", "").strip().upper())
    born = parse_date(attributes.get("PatientBirthDate", ""))
    from_birth = None if born is None or born > study_date else _age_between(born, study_date)
    ages = ([stated[0]] if stated else []) + ([from_birth] if from_birth else [])
    if any(_years(age) > OLDEST_YEARS for age in ages):
        return "090Y"
    return ages[0] if ages else None


def _apply(rule: HeaderRule, value: str, profile: HeaderProfile) -> str | None:
    function = _RULES.get(rule.rule)
    if function is None or not value:
        return None
    return function(value, profile.vocabularies.get(rule.vocabulary, frozenset()))


def _value(value: str, vocabulary: Vocabulary) -> str | None:
    return value.upper() if value.upper() in vocabulary else None


def _words(value: str, vocabulary: Vocabulary) -> str | None:
    words = _WORD.findall(value.upper())
    return value if words and vocabulary.issuperset(words) and value.isascii() else None


def _contains(value: str, vocabulary: Vocabulary) -> str | None:
    words = f" {' '.join(_WORD.findall(value.casefold()))} "
    return next((name for name in sorted(vocabulary) if f" {name.casefold()} " in words), None)


def _integer(value: str, _vocabulary: Vocabulary) -> str | None:
    return value if value.isascii() and value.isdigit() and len(value) <= 5 else None


def _weight(value: str, _vocabulary: Vocabulary) -> str | None:
    try:
        kilograms = float(value)
    except ValueError:
        return None
    return str(round(kilograms)) if 1 <= kilograms <= HEAVIEST_KG else None


_RULES: dict[str, Callable[[str, Vocabulary], str | None]] = {
    "value": _value,
    "words": _words,
    "text": _words,  # and the report scrubber, in header_values.py
    "contains": _contains,
    "integer": _integer,
    "weight": _weight,
}


def _age_between(born: date, day: date) -> str:
    years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    if years >= 2:
        return f"{min(years, 999):03d}Y"  # a birth date may be of another millennium
    months = (day.year - born.year) * 12 + day.month - born.month - (day.day < born.day)
    return f"{months:03d}M" if months >= 1 else f"{(day - born).days:03d}D"


def _years(age: str) -> float:
    number, unit = int(age[:3]), age[3]
    return number if unit == "Y" else number * _DAYS[unit] / _DAYS["Y"]
