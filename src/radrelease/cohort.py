"""The patients of an export, each whole only while it is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from radrelease.adapters.cohort_store import CohortStore
from radrelease.identifiers import Mrn
from radrelease.records.private import Patient, Study

__all__ = ["Cohort", "Key"]

Key = tuple[str, str]
"""An identifier domain, and in it a patient number."""


class Cohort(Mapping[Key, Patient]):
    """Patients by key, made whole from the store when they are asked for.

    ``light`` has their studies, by date, without header values and texts.
    """

    def __init__(self, light: Mapping[Key, tuple[Study, ...]], store: CohortStore) -> None:
        self.light = light
        self._store = store

    def __getitem__(self, key: Key) -> Patient:
        return Patient(
            domain=key[0],
            patient_id=Mrn(key[1]),
            identifiers=self._store.known_of(key),
            studies=tuple(self._store.whole(study) for study in self.light[key]),
        )

    def __iter__(self) -> Iterator[Key]:
        return iter(self.light)

    def __len__(self) -> int:
        return len(self.light)

    def without_contents(self) -> Iterator[Patient]:
        """The patients with their light studies, and nothing that is known of them."""
        for (domain, patient_id), studies in self.light.items():
            yield Patient(domain=domain, patient_id=Mrn(patient_id), identifiers=(), studies=studies)

    @property
    def studies(self) -> Iterator[Study]:
        """All light studies."""
        return (study for studies in self.light.values() for study in studies)
