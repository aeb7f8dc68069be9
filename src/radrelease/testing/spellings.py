"""The ways in which people write a name, a number and a date that a header states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from radrelease.profiles.lexicon import load_nicknames

__all__ = ["Spelled", "spell_date", "spell_name", "spell_number"]

_TYPING_SLIPS = 0.08
_LONG_ENOUGH = 5


@dataclass(frozen=True, slots=True)
class Spelled:
    """A patient's name as the header has it."""

    family: str
    given: str
    middle: str


def spell_name(
    rng: np.random.Generator, name: Spelled, part: Literal["whole", "family", "given", "nickname", "initials"]
) -> str:
    """One way of writing that part: orders, initials, nicknames, hyphens, typing slips."""
    family, given = _slip(rng, _joined(rng, name.family)), _slip(rng, name.given)
    short, initial = _nickname(rng, name.given), name.given[0]
    if part == "family":
        return family
    if part == "given":
        return given
    if part == "nickname":
        return short
    letters = (name.given[0], name.middle[0], name.family[0])
    if part == "initials":
        sets = (
            "".join(letters[::2]),
            ".".join(letters[::2]) + ".",
            " ".join(f"{sign}." for sign in letters),
        )
        return sets[int(rng.integers(len(sets)))]
    forms = (
        f"{given} {family}", f"{family}, {given}", f"{family} {given}", f"{initial}. {family}",
        f"{given} {name.middle[0]}. {family}", f"{family}, {given} {name.middle[0]}",
        f"{short} {family}", f"{family.upper()}, {given.upper()}", f"{given} {name.middle} {family}",
        f"{family}^{given}", f"{given} {family}".lower(), f"{family},{given}",
    )  # fmt: skip
    return forms[int(rng.integers(len(forms)))]


def spell_number(rng: np.random.Generator, value: str) -> str:
    """The number as it is, or with separators that its owner does not use."""
    form = int(rng.integers(6))
    half = len(value) // 2
    if form == 0:
        return f"{value[:half]}-{value[half:]}"
    if form == 1:
        return f"{value[:3]} {value[3:]}"
    if form == 2:
        return value.lower()
    return f"{value[:2]}.{value[2:half]}.{value[half:]}" if form == 3 and half > 2 else value


def spell_date(rng: np.random.Generator, day: date) -> str:
    """The date in one of the forms of US reports."""
    forms = (
        f"{day:%m/%d/%Y}", f"{day.month}/{day.day}/{day:%y}", f"{day:%B} {day.day}, {day.year}",
        f"{day:%Y-%m-%d}", f"{day.day} {day:%b} {day.year}", f"{day:%b} {day.day}, {day.year}",
        f"{day:%d-%b-%Y}", f"{day:%m-%d-%Y}", f"{day:%m.%d.%Y}", f"{day:%B} {_ordinal(day.day)}, {day.year}",
        f"{day:%A}, {day:%B} {day.day}, {day.year}", f"{day:%m/%d/%y}", f"{day:%Y%m%d}",
    )  # fmt: skip
    return forms[int(rng.integers(len(forms)))]


def _ordinal(number: int) -> str:
    ending = "th" if 10 < number < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _joined(rng: np.random.Generator, family: str) -> str:
    """A name of two parts with its other separator, or only one of them."""
    for sign, others in (("-", (" ", "-", "")), (" ", ("-", " "))):
        if sign in family and rng.random() < 0.4:
            return others[int(rng.integers(len(others)))].join(family.split(sign))
    return family


def _slip(rng: np.random.Generator, word: str) -> str:
    """Now and then one wrong, missing, doubled or exchanged letter, not the first."""
    if len(word) < _LONG_ENOUGH or not word.isalpha() or rng.random() > _TYPING_SLIPS:
        return word
    at, letter = int(rng.integers(1, len(word) - 1)), "aeionrst"[int(rng.integers(8))]
    forms = (
        word[:at] + letter + word[at + 1 :],
        word[:at] + word[at + 1 :],
        word[:at] + word[at] + word[at:],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    )
    return forms[int(rng.integers(len(forms)))]


def _nickname(rng: np.random.Generator, given: str) -> str:
    short = sorted(load_nicknames().get(given.lower(), ()))
    return short[int(rng.integers(len(short)))].title() if short else given
