"""The patients of a shard: what they were made of, so that what was made of them can be taken over.

What becomes of a patient depends on the patient's own files and reports, on the settings, and on what the
export knows of the words that stand in the reports. Where all of that is equal, a next version takes rows
and pictures from the last one (docs/decisions/0023-earlier-pictures.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import islice
from pathlib import Path

from radrelease.adapters.parquet import read_records, write_records
from radrelease.adapters.shard_pictures import KeptPicture, open_earlier
from radrelease.records.private import Patient, Redaction
from radrelease.records.release import ReleaseStudy
from radrelease.stages.headers.header_values import Withheld
from radrelease.stages.knowledge.export_knowledge import ExportKnowledge

__all__ = [
    "COUNTED",
    "METADATA",
    "PATIENTS",
    "PIXEL_MASKS",
    "QUALITY",
    "REDACTIONS",
    "REJECTED",
    "REMAINS",
    "ROWS",
    "WITHHELD",
    "EarlierPatients",
    "KeptPatient",
    "Outcome",
    "PatientWriter",
    "open_earlier_patients",
    "open_patients",
    "patient_key",
]

PATIENTS = "patients.parquet"
"""In a shard's folder: a row for each patient."""
ROWS, REDACTIONS = "rows.parquet", "redactions.parquet"
REJECTED, PIXEL_MASKS = "rejected.parquet", "pixel_masks.parquet"
WITHHELD = "withheld.parquet"
"""In a shard's folder: the header values that are not published, or only coarser."""

COUNTED = "counted.parquet"
"""In a shard's folder: what is counted of its studies."""
METADATA = "metadata"
"""In a shard's folder: its piece of the tables of the legacy layout."""
QUALITY, REMAINS = "picture_quality.parquet", "residual_risk.parquet"
"""In a shard's folder: its pieces of the private accounts."""

_MOST_BYTES = 64_000_000
"""Of one patient's pictures, which are held at once to be looked through before any is taken."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was made of one patient, or of one study, but for the pictures."""

    studies: tuple[ReleaseStudy, ...]
    redactions: tuple[Redaction, ...]
    withheld: tuple[Withheld, ...]

    def digest(self) -> str:
        """The SHA-256 of all of it, in hexadecimal."""
        return hashlib.sha256(repr(self).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPatient:
    """A patient of a shard, in the order of its tables, and how many rows of these are the patient's."""

    key: str  # what the outcome depends on but for the export's knowledge; "" where it must be made again
    asked: tuple[str, ...]  # the keys by which that was asked for
    answers: str  # the digest of the answers
    studies: int
    redactions: int
    withheld: int
    outcome: str  # the digest of what was made


def patient_key(patient: Patient, *rest: str) -> str:
    """The digest of all that is stated of the patient, and of the ``rest``.

    Where in its table a report stood is only told of what is rejected.
    """
    studies = tuple(replace(study, report_locations=()) for study in patient.studies)
    stated = repr((replace(patient, studies=studies), rest))
    return hashlib.sha256(stated.encode("utf-8", "surrogatepass")).hexdigest()


class PatientWriter:
    """Writes the tables of one shard's patients, whole patients in order."""

    def __init__(self) -> None:
        self.kept: list[KeptPatient] = []
        self.studies: list[ReleaseStudy] = []
        self.redactions: list[Redaction] = []
        self.withheld: list[Withheld] = []

    def write(self, key: str, asked: Iterable[str], answers: str, outcome: Outcome) -> None:
        """Add a patient."""
        self.kept.append(
            KeptPatient(
                key=key,
                asked=tuple(sorted(asked)),
                answers=answers,
                studies=len(outcome.studies),
                redactions=len(outcome.redactions),
                withheld=len(outcome.withheld),
                outcome=outcome.digest(),
            )
        )
        self.studies += outcome.studies
        self.redactions += outcome.redactions
        self.withheld += outcome.withheld


@contextmanager
def open_patients(shard: Path) -> Iterator[PatientWriter]:
    """A writer of the patients of the shard in that folder."""
    writer = PatientWriter()
    yield writer
    write_records(shard / PATIENTS, KeptPatient, writer.kept)
    write_records(shard / ROWS, ReleaseStudy, writer.studies)
    write_records(shard / REDACTIONS, Redaction, writer.redactions)
    write_records(shard / WITHHELD, Withheld, writer.withheld)


class EarlierPatients:
    """The patients of one committed shard, by key."""

    def __init__(self, shard: Path) -> None:
        self._shard = shard
        known = (shard / PATIENTS).is_file()  # a software of before kept none
        self.kept = list(read_records(shard / PATIENTS, KeptPatient)) if known else []
        self._rows = {row.key: row for row in self.kept if row.key}

    @cached_property
    def outcomes(self) -> dict[str, Outcome]:
        """What was made of each patient, by key, read when it is first asked for."""
        studies = read_records(self._shard / ROWS, ReleaseStudy)
        redactions = read_records(self._shard / REDACTIONS, Redaction)
        withheld = read_records(self._shard / WITHHELD, Withheld)
        found = {}
        for row in self.kept:
            outcome = Outcome(
                tuple(islice(studies, row.studies)),
                tuple(islice(redactions, row.redactions)),
                tuple(islice(withheld, row.withheld)),
            )
            if row.key:
                found[row.key] = outcome
        return found

    def may_be(self, keys: Sequence[str], knowledge: ExportKnowledge) -> bool:
        """Whether these can be all of its patients, in order, but for those who must be made again.

        Of all others the same would be made now.
        """
        return len(keys) == len(self.kept) and all(
            not row.key or (row.key == key and knowledge.answers(frozenset(row.asked)) == row.answers)
            for key, row in zip(keys, self.kept, strict=True)
        )

    def comes_out_as(self, place: int, key: str, outcome: Outcome) -> bool:
        """Whether this was made of the patient at that place in its order."""
        return (self.kept[place].key, self.kept[place].outcome) == (key, outcome.digest())

    def get(self, key: str, knowledge: ExportKnowledge) -> tuple[Outcome, tuple[str, ...], str] | None:
        """What was made of the patient, the keys that were asked, and the digest of the answers.

        None where another thing might be made now.
        """
        row = self._rows.get(key)
        if row is None or knowledge.answers(frozenset(row.asked)) != row.answers:
            return None
        outcome = self.outcomes[key]
        return (outcome, row.asked, row.answers) if outcome.digest() == row.outcome else None

    def pictures(self, outcome: Outcome) -> list[tuple[str, KeptPicture]] | None:
        """The pictures of these studies with their keys; None where one has changed, or they are many."""
        pictures = open_earlier(self._shard)
        paths = [image.path for study in outcome.studies for image in study.images]
        if pictures.size_of(paths) > _MOST_BYTES:
            return None
        found = [pictures.at(path) for path in paths]
        whole = [item for item in found if item is not None]
        return whole if len(whole) == len(found) else None


@lru_cache(maxsize=4)
def open_earlier_patients(shard: Path) -> EarlierPatients:
    """The patients of the shard, read once for all that are looked for in it."""
    return EarlierPatients(shard)
