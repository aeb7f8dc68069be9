"""The self-test: attacks on a finished release, with the truth of the work folder to judge them by."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

from radrelease.adapters.parquet import read_records
from radrelease.adapters.release_files import read_study_rows
from radrelease.auditing import TRUTH, TruePatient
from radrelease.config import Config
from radrelease.records.private import IdentifierKind
from radrelease.stages.audit.attacks import (
    Attack,
    Shown,
    guess_order,
    guess_pseudonyms,
    guess_shifts,
    single_out,
)

__all__ = ["attack_release"]

_TRIALS = 200_000
_MOST_PATIENTS = 2000
"""Record numbers that are tried; if the construction were weak, each of them would be found."""


def attack_release(config: Config) -> tuple[Attack, ...]:
    """Try every attack on the release of ``config``."""
    release = config.release.public_folder
    truths = {truth.patient_id: truth for truth in read_records(config.release.work / TRUTH, TruePatient)}
    rows = list(read_study_rows(release))
    public = {row["PatientID"] for row in rows}
    published = public | {row["AccessionNumber"] for row in rows} | {row["StudyInstanceUid"] for row in rows}
    studies = list(_shown(release, truths))
    known = [truths[name] for name in sorted(public & truths.keys())][:_MOST_PATIENTS]
    return (
        guess_pseudonyms(published, _originals(config, known), config.release.id_prefix, _hashes_per_s()),
        guess_shifts(studies, config.deidentification.date_shift_days),
        guess_order(_ranks(known, rows)),
        single_out(studies, config.deidentification.vocabulary_k),
    )


def _originals(config: Config, truths: list[TruePatient]) -> Iterator[tuple[str, str, str]]:
    domains = sorted({source.domain for source in config.source})
    kinds = {
        IdentifierKind.PATIENT_ID: "patient",
        IdentifierKind.ACCESSION: "accession",
        IdentifierKind.UID: "uid",
    }
    for truth in truths:
        for item in truth.identifiers:
            for domain in domains if item.kind in kinds else ():
                yield kinds[item.kind], domain, item.value


def _shown(release: Path, truths: dict[str, TruePatient]) -> Iterator[Shown]:
    dates = {study.study_id: study.study_date for truth in truths.values() for study in truth.studies}
    for row in read_study_rows(release):
        if row["StudyInstanceUid"] in dates:
            site = row.get("InstitutionName")
            sites = ",".join(sorted({str(name) for name in site})) if isinstance(site, list) else str(site)
            traits = (row.get("PatientSex"), row.get("PatientAge"), row.get("EthnicGroup"), sites)
            yield Shown(
                patient_id=row["PatientID"],
                study_date=row["StudyDate"],
                true_date=dates[row["StudyInstanceUid"]],
                traits=(*(str(trait) for trait in traits), str(row["StudyDate"].year)),
            )


def _ranks(truths: list[TruePatient], rows: list[dict[str, object]]) -> list[tuple[str, int]]:
    """Each patient's first place in the tables, and the rank of the record number."""
    places: dict[str, int] = {}
    for place, row in enumerate(rows):
        places.setdefault(str(row["PatientID"]), place)
    numbers = {
        truth.patient_id: min(
            (i.value for i in truth.identifiers if i.kind is IdentifierKind.PATIENT_ID), default=""
        )
        for truth in truths
    }
    order = {name: rank for rank, name in enumerate(sorted(numbers, key=lambda name: (numbers[name], name)))}
    return [(f"{places[name]:012d}", rank) for name, rank in order.items()]


def _hashes_per_s() -> float:
    """SHA-256 digests of short texts per second of one core of this machine."""
    begun = time.perf_counter()
    for number in range(_TRIALS):
        hashlib.sha256(b"%d" % number).digest()
    return _TRIALS / (time.perf_counter() - begun)
