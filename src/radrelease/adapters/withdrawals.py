"""Who is taken out of the next version: a list in the private work folder, kept for good."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from radrelease.adapters.parquet import read_records, write_records

__all__ = ["WITHDRAWN", "Withdrawn", "add_withdrawn", "read_withdrawn"]

WITHDRAWN = "withdrawn.parquet"


@dataclass(frozen=True, slots=True, order=True)
class Withdrawn:
    """One patient, by identifier domain and patient number."""

    domain: str
    patient_id: str


def read_withdrawn(work: Path) -> frozenset[tuple[str, str]]:
    """The patients that were withdrawn, by domain and patient number."""
    path = work / WITHDRAWN
    rows = read_records(path, Withdrawn) if path.is_file() else ()
    return frozenset((row.domain, row.patient_id) for row in rows)


def add_withdrawn(work: Path, patients: Iterable[tuple[str, str]]) -> None:
    """Add patients to the list; those on it stay."""
    every = sorted({*read_withdrawn(work), *patients})
    write_records(work / WITHDRAWN, Withdrawn, (Withdrawn(*patient) for patient in every))
