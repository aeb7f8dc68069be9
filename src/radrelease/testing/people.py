"""Invented people and sites."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

__all__ = ["Person", "Site", "Staff", "make_person", "read_data", "sites", "staff"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One place that makes images, with its ways of writing."""

    system: str
    institution: str
    files: str
    style: str
    charset: str
    syntax: str
    photometric: str
    bits: int
    maker: str


@dataclass(frozen=True, slots=True)
class Staff:
    """A physician or nurse."""

    family: str
    given: str

    @property
    def full(self) -> str:
        """Given name first."""
        return f"{self.given} {self.family}"

    @property
    def header(self) -> str:
        """As in a DICOM header."""
        return f"{self.family}^{self.given}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A patient."""

    system: str
    family: str
    given: str
    middle: str
    suffix: str
    sex: str
    birth: date
    mrn: str
    street: str
    town: str
    phone: str

    @property
    def header(self) -> str:
        """The name as in a DICOM header."""
        return "^".join((self.family, self.given, self.middle, "", self.suffix)).rstrip("^")


@cache
def read_data(name: str) -> Mapping[str, Any]:
    """A vocabulary of this package."""
    text = resources.files("radrelease.testing").joinpath("data", f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def sites() -> tuple[Site, ...]:
    """All sites, in the order of the vocabulary."""
    return tuple(Site(**row) for row in read_data("people")["site"])


def staff() -> tuple[Staff, ...]:
    """All physicians and nurses."""
    return tuple(Staff(family, given) for family, given in read_data("people")["staff"])


def make_person(rng: np.random.Generator, number: int, system: str, first_study: date) -> Person:
    """The patient of that number; the first few are very young and very old on purpose."""
    data = read_data("people")
    sex = ("F", "M", "F", "M", "F", "M", "O")[number % 7]
    days = {0: 3, 1: 30 * 7, 2: 12, 3: 365 * 97 + 40, 4: 365 * 93 + 60, 5: 365 * 2}.get(
        number, int(rng.integers(365 * 4, 365 * 89))
    )
    return Person(
        system=system,
        family=data["families"][number % len(data["families"])],
        given=_pick(rng, data["women"] if sex != "M" else data["men"]),
        middle=_pick(rng, data["middles"]),
        suffix=_pick(rng, data["suffixes"]) if sex == "M" else "",
        sex=sex,
        birth=first_study - timedelta(days=days),
        mrn={"lakeside": "{:08d}", "northmoor": "NM-{:06d}", "quayside": "{:07d}"}[system].format(
            200_000 + 7919 * number
        ),
        street=f"{int(rng.integers(11, 980))} {_pick(rng, data['streets'])}",
        town=f"{_pick(rng, data['towns'])}, {_pick(rng, data['states'])} {int(rng.integers(10000, 99999))}",
        phone=f"({int(rng.integers(300, 900))}) 555-{int(rng.integers(1000, 9999))}",
    )


def _pick(rng: np.random.Generator, values: Sequence[str]) -> str:
    return values[int(rng.integers(len(values)))]
