"""What a build goes on from: the splits of the release in place, and who has been withdrawn from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from radrelease.adapters.files import lease
from radrelease.adapters.vault import CrosswalkRow, read_vault
from radrelease.adapters.withdrawals import add_withdrawn, read_withdrawn
from radrelease.cohort import Key
from radrelease.config import Config
from radrelease.errors import ConfigError
from radrelease.identifiers import Secret
from radrelease.planning import Before, Plan, crosswalk_of
from radrelease.records import Split
from radrelease.rounds import Outcome
from radrelease.stages.crosswalk import pairs_of

__all__ = ["VAULT", "crosswalk_rows", "splits_before", "withdraw"]

VAULT = "vault.age"


def withdraw(config: Config, secret: Secret, numbers: Sequence[str]) -> int:
    """Take patients out of every build to come, by patient number or pseudonym; how many these are.

    Raises :class:`ConfigError` where a number is of no patient of the release, and then takes out nobody.
    """
    work = config.release.work
    with lease(work):
        patients = [row for row in read_vault(work / VAULT, secret) if row.kind == "patient"]
        found: set[tuple[str, str]] = set()
        for place, number in enumerate(numbers, start=1):
            named = {
                (row.domain, row.original) for row in patients if number in (row.original, row.pseudonym)
            }
            if not named:
                problem = f"number {place} is of no patient of this release"
                raise ConfigError("withdraw", problem, "Give an MRN or a pseudonym")
            found |= named
        add_withdrawn(work, found)
    return len(found)


def splits_before(config: Config, secret: Secret) -> Before:
    """The splits of the release in place, which its patients keep, and who has been withdrawn."""
    work = config.release.work
    withdrawn = read_withdrawn(work)
    in_place = (config.release.public_folder / "manifest.json").is_file() and (work / VAULT).is_file()
    if not config.split.keep or not in_place:
        return Before(withdrawn=withdrawn)
    splits: dict[Key, Split] = {}
    began: dict[Key, Split] = {}
    studies: set[str] = set()
    for row in read_vault(work / VAULT, secret):
        key = (row.domain, row.original)
        if row.split:
            splits[key] = Split(row.split)
        if row.split_before:
            began[key] = Split(row.split_before)
        if row.kind == "study":
            studies.add(row.original)
    return Before(splits=splits, began=began, studies=frozenset(studies), withdrawn=withdrawn)


def crosswalk_rows(planned: Plan, outcome: Outcome, config: Config, secret: Secret) -> Iterator[CrosswalkRow]:
    """The rows of the vault: every original with its pseudonym, and the splits that patients have and had."""
    crosswalk = crosswalk_of(config, secret)
    for patient in planned.patients.without_contents():
        key = (patient.domain, patient.patient_id)
        split, began = outcome.assignment.splits.get(key), outcome.began.get(key)
        for pair in pairs_of(patient, crosswalk):
            is_patient = pair.kind == "patient"
            yield CrosswalkRow(
                kind=pair.kind,
                domain=pair.domain,
                original=pair.original,
                pseudonym=pair.pseudonym,
                shift_days=crosswalk.shift(patient.domain, patient.patient_id) if is_patient else None,
                split=split.value if is_patient and split else None,
                split_before=began.value if is_patient and began else None,
            )
