"""Header values that identify by being rare: what is published instead of them.

A value that fewer than k patients of the public release share is left out, or shown coarser where
its kind allows: what remains of every value is shared by k patients. Which patients are counted is the
caller's affair; nothing here knows a study.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["RareValue", "RareValues", "Trait", "find_rare"]

Trait = tuple[str, str]
"""A DICOM keyword, and a value as it would be published."""

_MOST_JOINED = 2
"""A value joins those left out, to make them k, only if fewer than so many times k patients have it."""

_GROWN_YEARS = 2
"""From this age on, years alone are published."""

_DAYS_PER_MONTH = 365.25 / 12

Holders = Mapping[str, Collection[int]]
"""The patients, by their place in the input, who have each value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RareValue:
    """One rare value, what is published instead ("" for nothing), and how many patients have it."""

    keyword: str
    value: str
    published: str
    patients: int


@dataclass(frozen=True, slots=True)
class RareValues:
    """All rare values of a release."""

    rows: Mapping[Trait, RareValue]

    def instead_of(self, keyword: str, value: str) -> str | None:
        """What is published for the value; None is nothing."""
        row = self.rows.get((keyword, value))
        return value if row is None else row.published or None

    def within(self, traits: Iterable[Trait]) -> RareValues:
        """Those among ``traits``: what bears on the patients who have them, and on nobody else."""
        return RareValues({trait: self.rows[trait] for trait in sorted(set(traits) & self.rows.keys())})

    def fingerprint(self) -> str:
        """A text that is equal where the same is published instead of the same."""
        return json.dumps([[*trait, row.published] for trait, row in sorted(self.rows.items())])


def find_rare(
    patients: Iterable[Collection[Trait]],
    k: int,
    treatments: Mapping[str, str],
    unseen: Iterable[Trait] = (),
) -> RareValues:
    """The values of too few patients, each patient given as the set of all traits to be published.

    ``unseen`` are traits of others, who are not counted and shall show nothing rare either.
    ``treatments`` names what becomes of rare values by keyword: ``absent``, ``age`` or ``tails``. With ``k``
    below 2 nothing is rare.
    """
    holders: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    count = 0
    for count, traits in enumerate(patients, start=1):
        for keyword, value in set(traits):
            holders[keyword][value].append(count)
    for keyword, value in unseen:
        holders[keyword].setdefault(value, [])
    rows = {}
    for keyword, treatment in treatments.items() if k > 1 else ():
        own = holders.get(keyword, {})
        for value, published in _TREATMENTS[treatment](own, k, count).items():
            row = RareValue(keyword=keyword, value=value, published=published or "", patients=len(own[value]))
            rows[keyword, value] = row
    return RareValues(rows)


def _absent(holders: Holders, k: int, patients: int) -> dict[str, str | None]:
    """Leave rare values out; the next ones too, while those who show none are fewer than k.

    Otherwise the absent value would itself stand for the few.
    """
    by_size = sorted(holders, key=lambda value: (len(holders[value]), value))
    rare = [value for value in by_size if len(holders[value]) < k]
    without = patients - len(_together(holders, by_size))
    for value in by_size[len(rare) :] if _together(holders, rare) else ():
        hidden = without + len(_together(holders, rare))
        if hidden >= k or len(holders[value]) >= _MOST_JOINED * k:
            break
        rare.append(value)
    return dict.fromkeys(rare)


def _age(holders: Holders, k: int, _patients: int) -> dict[str, str | None]:
    """Days and weeks to months, months to years, years under two to nothing; the oldest together."""
    shown: dict[str, str | None] = {value: value for value in holders}
    for units in ("DW", "M", "Y"):
        groups = _groups(shown, holders)
        for value, now in shown.items():
            if now is not None and now[3] in units and len(groups[now]) < k:
                shown[value] = _coarser(now)
    groups = _groups(shown, holders)
    top = _reach([(_years(value), groups[value]) for value in groups], k)
    for value, now in shown.items():
        if now is not None and (top is None or _years(now) > top):
            shown[value] = None if top is None or top < _GROWN_YEARS else f"{top:03d}Y"
    return _changed(shown)


def _tails(holders: Holders, k: int, _patients: int) -> dict[str, str | None]:
    """Bring the least and the greatest to a number that, with those beyond it, k patients reach."""
    by_number = [(int(value), holders[value]) for value in holders]
    top = _reach(by_number, k)
    low = _reach([(-number, who) for number, who in by_number], k)
    if top is None or low is None or -low > top:
        return dict.fromkeys(holders)
    return _changed({value: str(min(max(int(value), -low), top)) for value in holders})


_TREATMENTS: dict[str, Callable[[Holders, int, int], dict[str, str | None]]] = {
    "absent": _absent,
    "age": _age,
    "tails": _tails,
}


def _together(holders: Holders, values: Iterable[str]) -> set[int]:
    return {patient for value in values for patient in holders[value]}


def _groups(shown: Mapping[str, str | None], holders: Holders) -> dict[str, set[int]]:
    """The patients by what is shown of them."""
    groups: dict[str, set[int]] = defaultdict(set)
    for value, now in shown.items():
        if now is not None:
            groups[now] |= set(holders[value])
    return groups


def _coarser(age: str) -> str | None:
    """The age (DICOM AS, PS3.5 section 6.2) in the next coarser unit; None for years under two."""
    number, unit = int(age[:3]), age[3]
    if unit == "Y":
        return None if number < _GROWN_YEARS else age
    if unit == "M":
        return f"{number // 12:03d}Y"
    return f"{int(number * (7 if unit == 'W' else 1) / _DAYS_PER_MONTH):03d}M"


def _years(age: str) -> int:
    """Completed years."""
    number, unit = int(age[:3]), age[3]
    days = {"D": 1.0, "W": 7.0, "M": _DAYS_PER_MONTH}
    return number if unit == "Y" else int(number * days[unit] / 365.25 + 1e-9)


def _reach(rows: Sequence[tuple[int, Collection[int]]], k: int) -> int | None:
    """The greatest number that k patients reach or exceed, None if there is none."""
    beyond: set[int] = set()
    for number, who in sorted(rows, key=lambda row: -row[0]):
        beyond |= set(who)
        if len(beyond) >= k:
            return number
    return None


def _changed(shown: Mapping[str, str | None]) -> dict[str, str | None]:
    return {value: now for value, now in shown.items() if now != value}
