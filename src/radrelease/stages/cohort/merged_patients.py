"""Two people under one patient number, and one person under two: what headers say, compared.

Only what the export states is compared, names folded to words. A spelling that changed, a marriage, a baby
without a name share words and are one person; what shares nothing are two. Private: all of this is PHI.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import combinations

from radrelease.records.private import IdentifierKind, Instance
from radrelease.stages.text.person_names import people_of
from radrelease.stages.text.tokens import words_of

__all__ = [
    "ONE_UNDER_TWO",
    "TWO_UNDER_ONE",
    "Disagreement",
    "NumberDoubt",
    "Stated",
    "find_one_under_two",
    "find_two_under_one",
    "stated_by",
]

_SEXES = frozenset({"M", "F"})
_TELLING = 2
"""So many of name, birth date and sex must disagree for certainty; one alone is often a slip."""

TWO_UNDER_ONE, ONE_UNDER_TWO = "two people under one number", "one person under two numbers"
"""The kinds of doubt."""

Number = tuple[str, str]
"""An identifier domain, and in it a patient number."""


class Disagreement(StrEnum):
    """What two headers under one number state differently."""

    NAME = "name"
    BIRTH_DATE = "birth date"
    SEX = "sex"


@dataclass(frozen=True, slots=True, order=True)
class Stated:
    """What one header says of the person: names as (family, first given name), folded; ISO 8601; M or F."""

    names: tuple[tuple[str, str], ...]
    birth_date: str
    sex: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberDoubt:
    """One patient number that is in doubt, or one of the numbers of one person. Private.

    ``group`` joins the rows that belong together. ``certain`` is what the policy ``reject`` acts on.
    """

    group: int
    kind: str  # TWO_UNDER_ONE or ONE_UNDER_TWO
    domain: str
    patient_id: str
    certain: bool
    disagree: tuple[str, ...]
    stated: tuple[str, ...]  # what the headers say, a line each


def stated_by(
    instances: Iterable[Instance], domains: Mapping[str, str]
) -> Mapping[Number, frozenset[Stated]]:
    """What the headers of each number state; ``domains`` gives the identifier domain of a source."""
    found: dict[Number, set[Stated]] = defaultdict(set)
    for instance in instances:
        names = {
            name
            for item in instance.identifiers
            if item.kind is IdentifierKind.PATIENT_NAME
            for name in _names(item.value)
        }
        births = sorted(item.value for item in instance.identifiers if item.kind is IdentifierKind.BIRTH_DATE)
        sex = instance.attributes.get("PatientSex", "").upper()
        found[domains[instance.source], instance.patient_id].add(
            Stated(tuple(sorted(names)), births[0] if births else "", sex if sex in _SEXES else "")
        )
    return {number: frozenset(rows) for number, rows in found.items()}


@lru_cache(maxsize=4096)
def _names(value: str) -> tuple[tuple[str, str], ...]:
    """Family and first given name, folded, in every spelling; none where either is missing."""
    return tuple((" ".join(family), given[0]) for family, given in people_of(value) if family and given)


def find_two_under_one(people: Mapping[Number, frozenset[Stated]]) -> Iterator[NumberDoubt]:
    """The numbers whose headers disagree on name, birth date or sex."""
    for group, (number, rows) in enumerate(sorted(people.items())):
        pairs = [_disagreements(first, second) for first, second in combinations(sorted(rows), 2)]
        disagree = frozenset[Disagreement]().union(*pairs)
        if disagree:
            certain = any(len(pair) >= _TELLING for pair in pairs)
            yield _doubt(group, TWO_UNDER_ONE, number, rows, disagree, certain=certain)


def find_one_under_two(people: Mapping[Number, frozenset[Stated]]) -> Iterator[NumberDoubt]:
    """The numbers that share a name (family and first given name), a birth date and a sex, all stated."""
    numbers: dict[tuple[tuple[str, str], str, str], set[Number]] = defaultdict(set)
    for number, rows in people.items():
        for row in rows:
            for name in row.names if row.birth_date and row.sex else ():
                numbers[name, row.birth_date, row.sex].add(number)
    groups = sorted({tuple(sorted(same)) for same in numbers.values() if len(same) > 1})
    for group, same in enumerate(groups):
        for number in same:
            rows = people[number]
            yield _doubt(group, ONE_UNDER_TWO, number, rows, frozenset(), certain=True)


def _disagreements(first: Stated, second: Stated) -> frozenset[Disagreement]:
    """What both state, and differently."""
    found = set()
    words = [
        {word for name in row.names for part in name for word in words_of(part)} for row in (first, second)
    ]
    if all(words) and words[0].isdisjoint(words[1]):
        found.add(Disagreement.NAME)
    if first.birth_date and second.birth_date and first.birth_date != second.birth_date:
        found.add(Disagreement.BIRTH_DATE)
    if first.sex and second.sex and first.sex != second.sex:
        found.add(Disagreement.SEX)
    return frozenset(found)


def _doubt(
    group: int,
    kind: str,
    number: Number,
    rows: Iterable[Stated],
    disagree: frozenset[Disagreement],
    *,
    certain: bool,
) -> NumberDoubt:
    lines = sorted(
        ", ".join(("; ".join(map(" ".join, row.names)), row.birth_date or "?", row.sex or "?"))
        for row in rows
    )
    return NumberDoubt(
        group=group,
        kind=kind,
        domain=number[0],
        patient_id=number[1],
        certain=certain,
        disagree=tuple(sorted(item.value for item in disagree)),
        stated=tuple(lines),
    )
