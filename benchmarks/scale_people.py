"""The people of ``bench_scale.py``: a cohort of the paper's shape, the same for the same size and seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from importlib import resources
from itertools import accumulate
from random import Random

import numpy as np
from numpy.typing import NDArray

from radrelease.testing.people import Person, Site, Staff, sites

__all__ = [
    "SYSTEMS",
    "Cohort",
    "Member",
    "Size",
    "Visit",
    "cohort_of",
    "size_of",
]

SYSTEMS = ("lakeside", "northmoor", "quayside")
_PATIENTS, _STUDIES, _INSTANCES, _SITES = 117_000, 170_000, 290_000, 79
_VIEWS = (("AP",), ("PA", "LATERAL"), ("PA", "LATERAL", "AP"), ("PA", "LATERAL", "AP", "LATERAL"))
_VIEW_SHARES = (0.40, 0.51, 0.07, 0.02)
_KINDS = ("General Hospital", "Medical Center", "Community Hospital", "Clinic", "Imaging Centre")
_ROADS = ("Street", "Avenue", "Road", "Lane", "Drive")


@dataclass(frozen=True, slots=True)
class Size:
    """How many of each."""

    patients: int
    studies: int
    instances: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One study."""

    person: Person
    site: Site
    site_number: int
    number: int  # of the study in the cohort, from 0
    day: date
    prior: date | None
    views: tuple[str, ...]
    referring: Staff
    radiologist: Staff

    @property
    def accession(self) -> str:
        """The accession number."""
        return f"{self.site.system[0].upper()}{self.day:%y}{1_000_000 + self.number}"

    @property
    def study_uid(self) -> str:
        """The StudyInstanceUID; of one length throughout."""
        return f"1.2.276.0.7230010.3.1.{1 + SYSTEMS.index(self.site.system)}.{100_000_000 + self.number}"


@dataclass(frozen=True, slots=True)
class Member:
    """A patient with all visits."""

    person: Person
    visits: tuple[Visit, ...]


@dataclass(frozen=True, slots=True)
class Cohort:
    """Who works where, and how many studies and pictures each has."""

    seed: int
    size: Size
    places: tuple[Site, ...]
    staff: tuple[Staff, ...]
    visits: NDArray[np.int64]  # of each patient
    pictures: NDArray[np.int64]  # of each study

    def members(self) -> Iterator[Member]:
        """Every patient in turn."""
        first = 0
        for number, count in enumerate(self.visits.tolist()):
            yield _member(self, number, first, count)
            first += count


def size_of(fraction: float) -> Size:
    """The paper's size, or a fraction of it."""
    return Size(*(round(whole * fraction) for whole in (_PATIENTS, _STUDIES, _INSTANCES)))


def cohort_of(fraction: float, seed: int) -> Cohort:
    """The cohort of that size; sites and staff grow with nothing and with the root of it."""
    size, rng = size_of(fraction), np.random.default_rng(seed)
    most = len(_VIEWS)
    visits = _summing(rng, rng.geometric(_PATIENTS / _STUDIES, size.patients), size.studies, most=60)
    drawn = 1 + rng.choice(most, size.studies, p=_VIEW_SHARES)
    return Cohort(
        seed=seed,
        size=size,
        places=_places(Random(seed)),  # noqa: S311 - invented people
        staff=_staff(Random(seed + 1), round(4000 * fraction**0.5)),  # noqa: S311
        visits=visits,
        pictures=_summing(rng, drawn, size.instances, most=most),
    )


def _summing(
    rng: np.random.Generator, counts: NDArray[np.int64], total: int, *, most: int
) -> NDArray[np.int64]:
    """The counts, some of them changed by one until they add up; each from 1 to ``most``."""
    counts = np.minimum(counts, most)
    while missing := total - int(counts.sum()):
        step = 1 if missing > 0 else -1
        free = np.flatnonzero(counts < most if step > 0 else counts > 1)
        counts[rng.permutation(free)[: abs(missing)]] += step
    return counts


@cache
def _names() -> tuple[str, ...]:
    """Names by falling frequency; the order is drawn, the names are those of the shipped lexicon."""
    text = resources.files("radrelease.profiles").joinpath("lexicon", "names.txt").read_text(encoding="utf-8")
    names = [line.strip().capitalize() for line in text.splitlines() if line.strip().isalpha()]
    Random(0).shuffle(names)  # noqa: S311
    return tuple(names)


@cache
def _weights(count: int, offset: int) -> tuple[float, ...]:
    """Cumulative: the share falls as one over the rank, after some that are about as common."""
    return tuple(accumulate(1 / (rank + offset) for rank in range(count)))


def _family(rng: Random) -> str:
    return rng.choices(_names(), cum_weights=_weights(len(_names()), 100))[0]


def _given(rng: Random) -> str:
    return rng.choices(_names()[:4000], cum_weights=_weights(4000, 20))[0]


def _places(rng: Random) -> tuple[Site, ...]:
    """The sites: the ways of writing of those that the tests know, and names of their own."""
    known = sites()
    return tuple(
        replace(
            known[number % len(known)],
            system=SYSTEMS[number % len(SYSTEMS)],
            institution=f"{_family(rng)} {_family(rng)} {rng.choice(_KINDS)}",
            syntax="implicit" if known[number % len(known)].syntax == "implicit" else "explicit",
        )
        for number in range(_SITES)
    )


def _staff(rng: Random, count: int) -> tuple[Staff, ...]:
    return tuple(Staff(_family(rng), _given(rng)) for _ in range(max(20, count)))


def _member(cohort: Cohort, number: int, first: int, count: int) -> Member:
    rng = Random(cohort.seed * 1_000_003 + number)  # noqa: S311
    home = rng.choices(range(_SITES), cum_weights=_weights(_SITES, 1))[0]
    near = range(home % len(SYSTEMS), _SITES, len(SYSTEMS))
    day = date(2008, 1, 1) + timedelta(days=rng.randrange(3600))
    person = _person(rng, number, cohort.places[home].system, day)
    visits: list[Visit] = []
    for study in range(first, first + count):
        place = home if rng.random() < 0.85 else rng.choice(near)
        visits.append(
            Visit(
                person=person,
                site=cohort.places[place],
                site_number=place,
                number=study,
                day=day,
                prior=visits[-1].day if visits else None,
                views=_VIEWS[int(cohort.pictures[study]) - 1],
                referring=rng.choice(cohort.staff),
                radiologist=cohort.staff[rng.randrange(len(cohort.staff) // 10)],
            )
        )
        day += timedelta(days=1 + int(rng.expovariate(1 / 300)))
    return Member(person, tuple(visits))


def _person(rng: Random, number: int, system: str, day: date) -> Person:
    return Person(
        system=system,
        family=_family(rng),
        given=_given(rng),
        middle=rng.choice(("", "", "J", "M", _given(rng))),
        suffix="",
        sex=rng.choice("FM"),
        birth=day - timedelta(days=int(365.25 * min(98.0, max(1.0, rng.gauss(58, 19))))),
        mrn=f"{system[0].upper()}{10_000_000 + 61 * number}",
        street=f"{rng.randrange(11, 9800)} {_family(rng)} {rng.choice(_ROADS)}",
        town=f"{_names()[-1 - rng.randrange(400)]}ville, OH {rng.randrange(43000, 45999)}",
        phone=f"({rng.randrange(300, 900)}) 555-{rng.randrange(1000, 9999)}",
    )
