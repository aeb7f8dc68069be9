"""Rows of a finished release back to records, and what of them a reader may filter by."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from radrelease.records.release import ReleaseImage, ReleaseStudy, Split, View

__all__ = ["FILTER_COLUMNS", "Filter", "age_years", "image_values", "study_values"]

FILTER_COLUMNS = ("Split", "PatientSex", "PatientAge", "View", "InstitutionName")
"""The columns that :class:`Filter` looks at."""

_DAYS = {"D": 1.0, "W": 7.0, "M": 365.25 / 12, "Y": 365.25}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which studies are wanted; None wants all.

    ``views`` and ``sites`` want a study with one such picture at least; ``age`` is from, to before, in
    years, and leaves out studies without an age.
    """

    splits: Collection[str] | None = None
    views: Collection[str] | None = None
    sexes: Collection[str] | None = None
    sites: Collection[str] | None = None
    age: tuple[float, float] | None = None

    def wants(self, row: Mapping[str, Any]) -> bool:
        """Whether a row with at least :data:`FILTER_COLUMNS` is wanted."""
        return (
            (self.splits is None or row["Split"] in self.splits)
            and (self.sexes is None or row["PatientSex"] in self.sexes)
            and (self.views is None or not set(self.views).isdisjoint(row["View"]))
            and (self.sites is None or not set(self.sites).isdisjoint(row["InstitutionName"]))
            and (self.age is None or _is_within(age_years(row["PatientAge"]), self.age))
        )


def age_years(age: str | None) -> float | None:
    """A DICOM age string (PS3.5 section 6.2, AS: ``036Y``, ``007M``, ``002W``, ``010D``) in years.

    ``090Y`` of a release stands for 90 and over.
    """
    return None if age is None else int(age[:3]) * _DAYS[age[3]] / _DAYS["Y"]


def study_values(row: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of :class:`ReleaseStudy` but ``images``, of a row by column names."""
    values = {name: row[column] for name, column in _columns(ReleaseStudy)}
    day = values["study_date"]
    if isinstance(day, str):  # as the legacy layout writes it
        values["study_date"] = date(int(day[:4]), int(day[4:6]), int(day[6:]))
    return values | {"split": Split(values["split"])}


def image_values(row: Mapping[str, Any], number: int) -> dict[str, Any]:
    """The fields of :class:`ReleaseImage`, of picture ``number`` of a study's row."""
    values = {name: row[column][number] for name, column in _columns(ReleaseImage)}
    return values | {"view": View(values["view"])}


@cache
def _columns(record: type) -> tuple[tuple[str, str], ...]:
    fields = dataclasses.fields(record)
    return tuple((field.name, field.metadata["column"]) for field in fields if field.name != "images")


def _is_within(years: float | None, ends: tuple[float, float]) -> bool:
    return years is not None and ends[0] <= years < ends[1]
