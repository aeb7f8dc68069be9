"""Originals to pseudonyms, under the key. Nothing here remembers anything.

What identifies a patient is the number together with its domain: one number in two health systems
is two people unless the configuration says that they share their numbers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from radrelease.errors import PseudonymCollision
from radrelease.identifiers import (
    AccessionId,
    Mrn,
    PatientId,
    RawUid,
    ReleaseUid,
    Secret,
    pseudonym,
    release_uid,
    shift_days,
)
from radrelease.records.private import Patient, Study

__all__ = ["Crosswalk", "Pair", "check_collisions", "pairs_of"]

SITE_PREFIX = "SITE"


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """The way from the export to the release: ``prefix`` of pseudonyms, ``limit`` of shifts, days."""

    secret: Secret
    prefix: str
    limit: int

    def patient(self, domain: str, patient_id: Mrn) -> PatientId:
        """Return the published PatientID."""
        return PatientId(pseudonym(self.secret, "patient", self.prefix, domain, patient_id))

    def accession(self, study: Study) -> AccessionId:
        """Return the published AccessionNumber; a study without one gets it from its UID."""
        value = f"number {study.accession}" if study.accession else f"study {study.study_uid}"
        return AccessionId(pseudonym(self.secret, "accession", self.prefix, study.patient_domain, value))

    def uid(self, uid: RawUid) -> ReleaseUid:
        """Return the published UID of a study, series or instance."""
        return release_uid(self.secret, uid)

    def institution(self, domain: str, name: str) -> str:
        """Return the site's pseudonym; spellings that differ by case or spaces are one site."""
        return pseudonym(self.secret, "institution", SITE_PREFIX, domain, " ".join(name.casefold().split()))

    def shift(self, domain: str, patient_id: Mrn) -> int:
        """Return the patient's date shift in days, never 0."""
        return shift_days(self.secret, domain, patient_id, self.limit)

    def rank(self, domain: str, patient_id: Mrn) -> int:
        """Return the patient's place in the order in which splits are filled: 256 keyed bits."""
        return self.secret.number("rank", domain, patient_id)

    def date(self, domain: str, patient_id: Mrn, day: date) -> date:
        """Return the published date."""
        return day + timedelta(days=self.shift(domain, patient_id))


@dataclass(frozen=True, slots=True)
class Pair:
    """One original, with its kind and domain, and its pseudonym."""

    kind: str
    domain: str
    original: str
    pseudonym: str


def pairs_of(patient: Patient, crosswalk: Crosswalk) -> Iterator[Pair]:
    """Every pair of original and pseudonym that the patient's studies need."""
    domain = patient.domain
    yield Pair("patient", domain, patient.patient_id, crosswalk.patient(domain, patient.patient_id))
    for study in patient.studies:
        yield Pair("accession", domain, study.accession or study.study_uid, crosswalk.accession(study))
        yield Pair("study", "", study.study_uid, crosswalk.uid(study.study_uid))
        for series in sorted({instance.series_uid for instance in study.instances}):
            yield Pair("series", "", series, crosswalk.uid(series))
        for instance in study.instances:
            yield Pair("instance", "", instance.sop_uid, crosswalk.uid(instance.sop_uid))


def check_collisions(pairs: Iterable[Pair]) -> None:
    """Raise :class:`PseudonymCollision` when two originals of a kind share one pseudonym.

    With 36**12 pseudonyms and a hundred thousand patients one release in about a million would
    meet it; it is checked because two people would become one without a word.
    """
    digests = np.frombuffer(b"".join(map(_digests, pairs)), dtype=np.uint64).reshape(-1, 4)
    if len(np.unique(digests[:, :2], axis=0)) != len(np.unique(digests, axis=0)):
        raise PseudonymCollision("two originals share one pseudonym; use another key")


def _digests(pair: Pair) -> bytes:
    """16 bytes that tell the pseudonym, and 16 that tell it with its original."""
    kind = "uid" if pair.kind in {"study", "series", "instance"} else pair.kind
    pseudonym = f"{kind}\n{pair.pseudonym}"
    whole = f"{pseudonym}\n{pair.domain}\n{pair.original}"
    return b"".join(
        hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        for text in (pseudonym, whole)
    )
