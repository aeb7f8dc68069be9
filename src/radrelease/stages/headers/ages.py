"""Ages as DICOM writes them (AS, PS3.5 section 6.2): coarser units, and what one age tells of another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

__all__ = ["GROWN_YEARS", "coarser", "fineness", "in_words", "is_fine", "ladder", "shown_ages", "years_of"]

GROWN_YEARS = 2
"""From this age on, years alone are published."""

OLDEST = "090Y"
"""Stands for every age over 89 years, however many share it."""

_UNITS = "DWMY"
_DAYS_PER_MONTH = 365.25 / 12
_DAYS = {"D": 1.0, "W": 7.0, "M": _DAYS_PER_MONTH}


def coarser(age: str) -> str:
    """The age in the next coarser unit; "" for years under two."""
    number, unit = int(age[:3]), age[3]
    if unit == "Y":
        return "" if number < GROWN_YEARS else age
    if unit == "M":
        return f"{number // 12:03d}Y"
    return f"{int(number * _DAYS[unit] / _DAYS_PER_MONTH):03d}M"


def is_fine(age: str) -> bool:
    """Whether the age says more than years from two on do."""
    return age[3] != "Y" or int(age[:3]) < GROWN_YEARS


def fineness(age: str) -> int:
    """0 for days and weeks, 1 for months, 2 for years."""
    return max(0, _UNITS.index(age[3]) - 1)


def ladder(age: str) -> Iterator[str]:
    """The age, and it in every coarser unit."""
    while age:
        yield age
        if not is_fine(age):
            return
        age = coarser(age)


def years_of(age: str) -> int:
    """Completed years."""
    number, unit = int(age[:3]), age[3]
    return number if unit == "Y" else int(number * _DAYS[unit] / 365.25 + 1e-9)


def in_words(age: str) -> str:
    """The age as people say it: "36 years", "90 years or over"."""
    if age == OLDEST:
        return "90 years or over"
    number = int(age[:3])
    unit = {"D": "day", "W": "week", "M": "month", "Y": "year"}[age[3]]
    return f"{number} {unit}{'s' if number != 1 else ''}"


def shown_ages(ages: Iterable[str], steps: Mapping[str, str]) -> dict[str, str | None]:
    """One patient's ages as published, by ``steps`` from a value to the next coarser one, "" for nothing.

    Intervals are published to the day, so a finer age would undo a coarser one beside it: an age that is left
    out takes all with it, one in years brings those in months to years, and one that stands for the oldest
    takes every younger one.
    """
    shown = {age: _down(age, steps) for age in ages}
    if not all(shown.values()):
        return dict.fromkeys(shown)
    oldest = {age for age, now in shown.items() if age == OLDEST or years_of(now) < years_of(age)}
    if oldest:
        least = min(years_of(shown[age]) for age in oldest)
        return {age: now if years_of(now) >= least else None for age, now in shown.items()}
    unit = max((_UNITS.index(now[3]) for age, now in shown.items() if now != age), default=0)
    brought: dict[str, str | None] = {age: _brought_to(unit, now, steps) for age, now in shown.items()}
    return brought if all(brought.values()) else dict.fromkeys(shown)


def _brought_to(unit: int, age: str, steps: Mapping[str, str]) -> str:
    while age and _UNITS.index(age[3]) < unit:
        age = _down(coarser(age), steps)
    return age


def _down(age: str, steps: Mapping[str, str]) -> str:
    while age in steps:
        age = steps[age]
    return age
