"""The audit of finished folders: what is there, against what the export knows."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from radrelease.adapters.card import stated_texts
from radrelease.adapters.checksums import present_digests, verify_checksums
from radrelease.adapters.compiled_knowledge import write_compiled
from radrelease.adapters.files import make_private, read_lines
from radrelease.adapters.parquet import read_column, read_records, write_records
from radrelease.adapters.release_files import read_ids, read_study_rows
from radrelease.adapters.release_parts import Part, PictureTable, ReleaseParts
from radrelease.adapters.release_pictures import SeenPictures
from radrelease.adapters.sealed_folder import clear_part
from radrelease.adapters.workers import Failure, run_bisecting
from radrelease.config import Config
from radrelease.identifiers import Mrn, Secret
from radrelease.planning import Plan, crosswalk_of
from radrelease.progress import Progress
from radrelease.records.exhibits import Finding
from radrelease.records.private import Identifier
from radrelease.records.release import SectionName
from radrelease.scrubbing import STAND_INS, WORDS
from radrelease.searching import Searched, SearchTask, Sought, clean_texts, search_part
from radrelease.stages.audit.rows import NAMES, Row, check_rows, check_tables_agree, names_of_private
from radrelease.stages.audit.search import BIRTH_DATE
from radrelease.stages.audit.small_cells import (
    SHOWN,
    SHOWN_PER_IMAGE,
    Risk,
    ShownStudy,
    find_rare_shown,
    judge_cells,
)
from radrelease.stages.cohort.crosswalk import Crosswalk
from radrelease.stages.knowledge.audit_vocabulary import build_vocabulary

__all__ = ["FINDINGS", "TRUTH", "audit_folders", "judge_release", "write_truth"]

FINDINGS = "findings.parquet"
TRUTH = "truth.parquet"
_OF_ROWS = (
    *("id", "Split", "PatientID", "AccessionNumber", "StudyInstanceUid", "PatientAge", "StudyDate"),
    *("ImagePath", *SectionName),
)
"""The columns that :class:`Row` is made of."""

_PART_S = 3600.0
"""For a worker to search a part of a release, which takes some seconds."""


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
    """Every finding over the release and, where there is one, the private test split, in order.

    Of a split that is sealed, what can be read: its references were audited before. ``seen`` spares
    the pictures that an earlier audit has passed, and notes those of this one.
    """
    private = private and clear_part(private)
    seen = seen or SeenPictures()
    folders = [folder for folder in (public, private) if folder is not None]
    with progress.step("Auditing the release", None) as step, _room(config.release.work) as room:
        findings = _check_studies(public, private, config)
        sought = write_compiled(room / "sought", _sought(folders, config))
        of_nobody: list[Finding] = []  # in pages that know no patient
        shown: set[str] = set()
        for folder in folders:
            digests = present_digests(folder)
            findings += verify_checksums(folder, digests)
            findings += check_tables_agree(read_ids(folder))
            task = partial(SearchTask, public=folder is public, sought=sought, work=seen.work)
            for searched in _search(ReleaseParts(folder, digests, seen), task, seen, room, config):
                step.advance(searched.texts)
                findings += searched.findings
                of_nobody += searched.of_nobody
                shown |= searched.shown
    findings += [found for found in of_nobody if found.check != BIRTH_DATE or found.detail not in shown]
    return sorted(findings, key=astuple)  # workers answer in any order


@contextmanager
def _room(work: Path) -> Iterator[Path]:
    """A private folder for what is known, gone when the audit has ended; that of a killed one goes before."""
    room = work / "audit"
    shutil.rmtree(room, ignore_errors=True)
    try:
        yield make_private(room)
    finally:
        shutil.rmtree(room)


def _sought(folders: Sequence[Path], config: Config) -> Sought:
    work = config.release.work
    return Sought(
        vocabulary=build_vocabulary(_known(work)),
        allowed=frozenset(word for name in (WORDS, STAND_INS) for word in read_lines(work / name)),
        hidden=names_of_private(
            row for folder in folders for row in read_study_rows(folder, ("Split", *NAMES))
        ),
        stated=stated_texts(config.card, config.release.name),
    )


def _search(
    parts: ReleaseParts,
    task_of: Callable[..., SearchTask],
    seen: SeenPictures,
    room: Path,
    config: Config,
) -> Iterator[Searched]:
    """What workers find in each part; those with pictures first, as what they say is said again elsewhere."""
    clean: list[bytes] = []

    def searched(some: Iterable[Part], known: Path | None) -> Iterator[Searched]:
        tasks = ((task_of(part=part, clean=known),) for part in some)
        for (task,), outcome in run_bisecting(search_part, tasks, config=config, timeout_s=_PART_S):
            if isinstance(outcome, Failure):
                yield _unread(task.part, outcome)
                continue
            if isinstance(task.part, PictureTable):
                seen.take_over(task.part.digest, outcome.held)
                clean.append(outcome.clean)
            yield outcome

    yield from searched(parts.with_pictures(), None)
    yield from searched(parts.others(), clean_texts(clean, room))


def _unread(part: Part, failure: Failure) -> Searched:
    """Of a part that ended the process which read it, twice: that may be done from outside too."""
    finding = Finding(check="file cannot be read", where=part.title, detail=failure.reason.value)
    return Searched(findings=(finding,), of_nobody=(), shown=frozenset(), texts=0, clean=b"", held=())


def _check_studies(public: Path, private: Path | None, config: Config) -> list[Finding]:
    """What the tables of studies say that they may not."""
    rows = (row for folder in (public, private) if folder is not None for row in _rows(folder))
    found = check_rows(rows, _true_dates(config.release.work), config.deidentification.date_shift_days)
    rare = find_rare_shown(_shown(public, private), config.deidentification.smallest_cell)
    return [*found, *rare]


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
