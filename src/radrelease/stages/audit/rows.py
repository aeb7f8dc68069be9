"""Whether the tables of a release keep what it promises: splits, identifiers, intervals, ages."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Generic, TypeVar

from radrelease.records.exhibits import Exhibit, Finding
from radrelease.records.release import Split
from radrelease.stages.knowledge.compact import TextSet

__all__ = ["NAMES", "Row", "check_rows", "check_tables_agree", "names_of_private", "search_private"]

Value = TypeVar("Value", bound=Hashable)

NAMES = ("PatientID", "AccessionNumber", "StudyInstanceUid")
"""The columns by which a published study and its patient are called."""

_OVER_89 = "090Y"
_AGE = re.compile(r"(?:0(?:[0-8]\d|90)Y|\d{3}[DWM])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One study as a finished release states it."""

    where: str
    id: str
    split: str
    patient_id: str
    accession: str
    study_id: str
    age: str | None
    study_date: date
    images: int
    sections: int


def check_rows(rows: Iterable[Row], originals: Mapping[str, date], limit: int) -> Iterator[Finding]:
    """Findings over all rows, the private ones included.

    ``originals`` gives the true study date by published study UID; ``limit`` is the largest shift, days.
    """
    splits, shifts, ages = _Stated[str](), _Stated[int](), _Stated[str]()
    seen = TextSet()
    for row in rows:
        splits.add(row.patient_id, row.split)
        if row.age:
            ages.add(row.patient_id, row.age)
        if row.id in seen:
            yield Finding(check="id twice", where=row.where, detail=row.id)
        seen.add(row.id)
        if row.id != f"p{row.patient_id}_a{row.accession}_s{row.study_id}":
            yield Finding(check="id is not made of its parts", where=row.where, detail=row.id)
        if row.age is not None and not _AGE.fullmatch(row.age):
            yield Finding(check="age", where=row.where, detail=row.age)
        if not row.images or not row.sections:
            yield Finding(check="study without images or report", where=row.where, detail=row.id)
        if row.study_id not in originals:
            yield Finding(check="study that was not planned", where=row.where, detail=row.id)
            continue
        shifts.add(row.patient_id, (row.study_date - originals[row.study_id]).days)
    yield from _patients(splits, shifts, limit)
    for patient_id, stated in ages.several():
        if _OVER_89 in stated:  # an earlier age and the days between tell the later one
            check = "age over 89 follows from another"
            yield Finding(check=check, where=patient_id, detail=", ".join(sorted(stated)))


class _Stated(Generic[Value]):
    """What the rows of each patient state; sets are held only where that is not one thing."""

    def __init__(self) -> None:
        self._first: dict[str, Value] = {}
        self._several: dict[str, set[Value]] = {}

    def add(self, patient_id: str, value: Value) -> None:
        """Note what a row states."""
        first = self._first.setdefault(patient_id, value)
        if first != value:
            self._several.setdefault(patient_id, {first}).add(value)

    def several(self) -> Iterator[tuple[str, Set[Value]]]:
        """The patients of whom several things are stated, in order."""
        yield from sorted(self._several.items(), key=itemgetter(0))

    def __iter__(self) -> Iterator[tuple[str, Set[Value]]]:
        """Every patient, in order."""
        for patient_id in sorted(self._first):
            yield patient_id, self._several.get(patient_id) or {self._first[patient_id]}


def _patients(splits: _Stated[str], shifts: _Stated[int], limit: int) -> Iterator[Finding]:
    for patient_id, of_patient in splits.several():
        yield Finding(check="patient in two splits", where=patient_id, detail=", ".join(sorted(of_patient)))
    for patient_id, days in shifts:
        if len(days) > 1:
            yield Finding(check="intervals not kept", where=patient_id, detail=str(sorted(days)))
        if any(shift == 0 or abs(shift) > limit for shift in days):
            yield Finding(check="date shift out of range", where=patient_id, detail=str(sorted(days)))


def check_tables_agree(ids: Mapping[str, frozenset[str]]) -> Iterator[Finding]:
    """Findings where one kind of table of a release holds other studies than another."""
    everywhere = frozenset[str]().union(*ids.values())
    for name, held in sorted(ids.items()):
        if held != everywhere:
            detail = f"{len(everywhere - held)} studies are missing"
            yield Finding(check="tables do not agree", where=name, detail=detail)


def names_of_private(rows: Iterable[Mapping[str, str]]) -> frozenset[str]:
    """The published names that no public file may hold, from rows with ``Split`` and :data:`NAMES`."""
    return frozenset(row[name] for row in rows if row["Split"] == Split.PRIVATE_TEST for name in NAMES)


def search_private(exhibits: Iterable[Exhibit], private: Set[str]) -> Iterator[Finding]:
    """Findings where a public text names a study or patient of the private test split."""
    for exhibit in exhibits:
        for word in re.findall(r"[A-Z]{4}[A-Z0-9]{12}|[\d.]{64}", exhibit.text):
            if word in private:
                where = f"{exhibit.path}, {exhibit.place}"
                yield Finding(check="names the private test split", where=where, detail=word)
