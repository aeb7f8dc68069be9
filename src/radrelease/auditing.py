"""The audit of finished folders: what is there, against what the export knows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from radrelease.adapters.card import DESCRIPTIONS, stated_texts
from radrelease.adapters.checksums import present_digests, verify_checksums
from radrelease.adapters.files import read_lines
from radrelease.adapters.parquet import read_column, read_records, write_records
from radrelease.adapters.release_files import read_ids, read_release, read_study_rows
from radrelease.adapters.release_pictures import SeenPictures
from radrelease.adapters.sealed_folder import clear_part
from radrelease.config import Config
from radrelease.identifiers import Mrn, Secret
from radrelease.planning import Plan, crosswalk_of
from radrelease.progress import Progress
from radrelease.records.exhibits import Exhibit, Finding
from radrelease.records.private import Identifier
from radrelease.records.release import SectionName
from radrelease.scrubbing import STAND_INS, WORDS
from radrelease.stages.audit.rows import (
    NAMES,
    Row,
    check_rows,
    check_tables_agree,
    names_of_private,
    search_private,
)
from radrelease.stages.audit.search import BIRTH_DATE, search, shown_dates
from radrelease.stages.audit.small_cells import (
    SHOWN,
    SHOWN_PER_IMAGE,
    Risk,
    ShownStudy,
    find_rare_shown,
    judge_cells,
)
from radrelease.stages.audit.words import find_unlisted
from radrelease.stages.cohort.crosswalk import Crosswalk
from radrelease.stages.knowledge.audit_vocabulary import build_vocabulary
from radrelease.stages.knowledge.compact import NumberSet

__all__ = ["FINDINGS", "TRUTH", "audit_folders", "judge_release", "searched_as", "write_truth"]

FINDINGS = "findings.parquet"
TRUTH = "truth.parquet"
_OF_ROWS = (
    *("id", "Split", "PatientID", "AccessionNumber", "StudyInstanceUid", "PatientAge", "StudyDate"),
    *("ImagePath", *SectionName),
)
"""The columns that :class:`Row` is made of."""

_DIGIT = re.compile("[0-9]")
_KEYS = 2**64 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueStudy:
    """A planned study's published UID and its true date."""

    study_id: str
    study_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class TruePatient:
    """What the audit compares a release with, by published PatientID. Private."""

    patient_id: str
    identifiers: tuple[Identifier, ...]
    studies: tuple[TrueStudy, ...]


def write_truth(work: Path, plan: Plan, config: Config, secret: Secret) -> None:
    """Keep what the audit needs in the private work folder, so that it can be repeated."""
    write_records(work / TRUTH, TruePatient, _truths(plan, crosswalk_of(config, secret)))


def _truths(plan: Plan, crosswalk: Crosswalk) -> Iterator[TruePatient]:
    for key, identifiers in plan.store.known():
        yield TruePatient(
            patient_id=crosswalk.patient(key[0], Mrn(key[1])),
            identifiers=identifiers,
            studies=tuple(
                TrueStudy(study_id=crosswalk.uid(study.study_uid), study_date=study.study_date)
                for study in plan.patients.light.get(key, ())
            ),
        )


def audit_folders(
    public: Path, private: Path | None, config: Config, progress: Progress, seen: SeenPictures | None = None
) -> list[Finding]:
    """Every finding over the release and, where there is one, the private test split.

    Of a split that is sealed, what can be read: its references were audited before. ``seen`` spares
    the pictures that an earlier audit has passed, and notes those of this one.
    """
    private = private and clear_part(private)
    seen = seen or SeenPictures()
    with progress.step("Auditing the release", None) as step:
        folders = [folder for folder in (public, private) if folder is not None]
        findings = _check_studies(public, private, config)
        hidden = names_of_private(
            row for folder in folders for row in read_study_rows(folder, ("Split", *NAMES))
        )
        vocabulary = build_vocabulary(_known(config.release.work))
        allowed = frozenset(
            word for name in (WORDS, STAND_INS) for word in read_lines(config.release.work / name)
        )
        stated = stated_texts(config.card, config.release.name)
        of_nobody: list[Finding] = []  # in pages that know no patient
        shown: set[str] = set()
        clean = NumberSet()
        for folder in folders:
            digests = present_digests(folder)
            findings += verify_checksums(folder, digests)
            findings += check_tables_agree(read_ids(folder))
            for item in read_release(folder, digests, seen):
                step.advance()
                if isinstance(item, Finding):
                    findings.append(item)
                    continue
                text = _without_stated(item, stated)
                key = searched_as(text, public=folder is public)
                if key in clean:
                    continue
                shown |= shown_dates(text, vocabulary)
                found = list(search([text], vocabulary))
                (findings if text.patient_id else of_nobody).extend(found)
                more = list(find_unlisted([text], allowed))
                more += search_private([text], hidden) if folder is public else ()
                findings += more
                if not found and not more:
                    clean.add(key)
    findings += [found for found in of_nobody if found.check != BIRTH_DATE or found.detail not in shown]
    return findings


def _check_studies(public: Path, private: Path | None, config: Config) -> list[Finding]:
    """What the tables of studies say that they may not."""
    rows = (row for folder in (public, private) if folder is not None for row in _rows(folder))
    found = check_rows(rows, _true_dates(config.release.work), config.deidentification.date_shift_days)
    rare = find_rare_shown(_shown(public, private), config.deidentification.smallest_cell)
    return [*found, *rare]


def searched_as(exhibit: Exhibit, *, public: bool) -> int:
    """The same for exhibits in which the same would be found: each text is in several tables.

    Whose it is matters for a report, and for what may be a date. 64 bits and not 0, so that all that were
    searched are held in little memory: among ten million texts, two are taken for one with a chance of 3 in a
    million.
    """
    whose = exhibit.free_text or not exhibit.text.isascii() or _DIGIT.search(exhibit.text) is not None
    patient = exhibit.patient_id if whose else str(bool(exhibit.patient_id))
    return hash((exhibit.text, patient, exhibit.free_text, public)) % _KEYS + 1


def _without_stated(exhibit: Exhibit, stated: Sequence[str]) -> Exhibit:
    """The exhibit without what the institution states of its release, in the files that describe it.

    A radiologist who is an author is staff whom no report may name, and whom the card must.
    """
    if exhibit.patient_id or exhibit.free_text or not exhibit.path.endswith(DESCRIPTIONS):
        return exhibit
    text = exhibit.text
    for words in stated:
        text = text.replace(words, " ")
    return replace(exhibit, text=text)


def judge_release(public: Path, k: int) -> Risk:
    """The smallest cells of a finished release; ``k`` is the least that a cell should hold."""
    return judge_cells(_shown(public, None), k)


def _shown(public: Path, private: Path | None) -> Iterator[ShownStudy]:
    return (
        ShownStudy(
            patient_id=row["PatientID"],
            public=folder is public,
            year=row["StudyDate"].year,
            values={name: None if row[name] is None else str(row[name]) for name in SHOWN},
            per_image={name: row[name] for name in SHOWN_PER_IMAGE},
        )
        for folder in (public, private)
        if folder is not None
        for row in read_study_rows(folder, ("PatientID", "StudyDate", *SHOWN, *SHOWN_PER_IMAGE))
    )


def _known(work: Path) -> Iterator[tuple[str, tuple[Identifier, ...]]]:
    """What is known of each patient, by published PatientID."""
    for truth in read_records(work / TRUTH, TruePatient):
        yield truth.patient_id, truth.identifiers


def _true_dates(work: Path) -> dict[str, date]:
    """The true date of each planned study, by published UID."""
    return {
        study["study_id"]: study["study_date"]
        for studies in read_column(work / TRUTH, "studies")
        for study in studies
    }


def _sealed(row: Mapping[str, Any]) -> bool:
    """Whether the row's report is sealed elsewhere."""
    return SectionName.FINDINGS.value not in row


def _rows(folder: Path) -> Iterator[Row]:
    for number, row in enumerate(read_study_rows(folder, _OF_ROWS), start=1):
        yield Row(
            where=f"{row['where']}, study {number}",
            id=row["id"],
            split=row["Split"],
            patient_id=row["PatientID"],
            accession=row["AccessionNumber"],
            study_id=row["StudyInstanceUid"],
            age=row["PatientAge"],
            study_date=row["StudyDate"],
            images=len(row["ImagePath"]),
            sections=sum(bool(row[name.value]) for name in SectionName if name.value in row) + _sealed(row),
        )
