"""Header values that identify by being rare: what is published instead of them.

A value that fewer than k patients of the public release share is left out, or shown coarser where
its kind allows: what remains of every value is shared by k patients. Which patients are counted is the
caller's affair; nothing here knows a study.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from radrelease.stages.headers.ages import (
    GROWN_YEARS,
    coarser,
    fineness,
    is_fine,
    ladder,
    shown_ages,
    years_of,
)

__all__ = ["AGE", "RareValue", "RareValues", "Trait", "find_rare"]

Trait = tuple[str, str]
"""A DICOM keyword, and a value as it would be published."""

_MOST_JOINED = 2
"""A value joins those left out, to make them k, only if fewer than so many times k patients have it."""

AGE = "PatientAge"

Holders = Mapping[str, Collection[int]]
"""The patients, by their place in the input, who have each value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RareValue:
    """One rare value, what is published instead ("" for nothing), and how many patients have it.

    Where that is rare too, it has a row of its own.
    """

    keyword: str
    value: str
    published: str
    patients: int


@dataclass(frozen=True, slots=True)
class RareValues:
    """All rare values of a release."""

    rows: Mapping[Trait, RareValue]

    def instead_of(self, keyword: str, value: str) -> str | None:
        """What is published for the value; None is nothing. Of ages, :meth:`ages` decides."""
        row = self.rows.get((keyword, value))
        return value if row is None else row.published or None

    def ages(self, ages: Iterable[str]) -> dict[str, str | None]:
        """What is published for each of one patient's ages, which bear on one another."""
        steps = {row.value: row.published for row in self.rows.values() if row.keyword == AGE}
        return shown_ages(ages, steps)

    def within(self, traits: Iterable[Trait]) -> RareValues:
        """Those among ``traits``: what bears on the patients who have them, and on nobody else."""
        held = set(traits)
        held |= {(AGE, age) for keyword, value in held if keyword == AGE for age in ladder(value)}
        return RareValues({trait: self.rows[trait] for trait in sorted(held & self.rows.keys())})

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
            row = RareValue(
                keyword=keyword, value=value, published=published or "", patients=len(own.get(value, ()))
            )
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
    """Days and weeks to months, months to years, years under two to nothing; the oldest together.

    What is done to one age of a patient bears on the others, so it is counted again until it stands.
    """
    own: dict[int, list[str]] = defaultdict(list)
    for value, who in holders.items():
        for patient in who:
            own[patient].append(value)
    rungs = {age for value in holders for age in ladder(value)}
    fine = frozenset(filter(is_fine, rungs))
    finer: dict[str, str] = {}
    for top in _tops(holders, k):
        over = "" if top is None else f"{top:03d}Y"
        steps = {age: over for age in rungs if years_of(age) > (GROWN_YEARS - 1 if top is None else top)}
        finer = _fine_steps(own.values(), fine - steps.keys(), steps, finer, k)
        groups = _groups(own.values(), finer | steps)
        if top is None or len(groups.get(over, ())) >= k:
            break
    return {value: published or None for value, published in (finer | steps).items()}


def _tops(holders: Holders, k: int) -> Iterator[int | None]:
    """What the greatest age, years, may be: first the one that k patients reach, at last none at all."""
    top = _reach([(years_of(value), who) for value, who in holders.items()], k)
    years = sorted({years_of(value) for value in holders}, reverse=True)
    yield from (number for number in years if top is not None and GROWN_YEARS <= number <= top)
    yield None


def _fine_steps(
    own: Collection[Sequence[str]],
    judged: Set[str],
    steps: Mapping[str, str],
    finer: Mapping[str, str],
    k: int,
) -> dict[str, str]:
    """``finer`` and the further steps by which no age of ``judged`` is left that fewer than k show."""
    found = dict(finer)
    while True:
        groups = _groups(own, {**found, **steps})
        rare = {age: fineness(age) for age in judged - found.keys() if len(groups.get(age, ())) < k}
        if not rare:
            return found
        held = {age: rank for age, rank in rare.items() if age in groups} or rare
        finest = min(held.values())  # a coarser age may be many once the finer ones are brought to it
        found |= {age: coarser(age) for age, rank in held.items() if rank == finest}


def _groups(own: Iterable[Sequence[str]], steps: Mapping[str, str]) -> dict[str, list[int]]:
    """The patients by each age that is shown of them."""
    groups: dict[str, list[int]] = defaultdict(list)
    for patient, ages in enumerate(own):
        for now in set(shown_ages(ages, steps).values()) - {None}:
            groups[now or ""].append(patient)
    return groups


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
