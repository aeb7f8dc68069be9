"""What a build goes on from: where patients stand in the release in place, and who has been withdrawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from radrelease.adapters.files import lease
from radrelease.adapters.vault import CrosswalkRow, read_vault
from radrelease.adapters.withdrawals import add_withdrawn, read_withdrawn
from radrelease.cohort import Key
from radrelease.config import Config
from radrelease.errors import ConfigError
from radrelease.identifiers import Mrn, Secret
from radrelease.planning import Before, Plan, crosswalk_of
from radrelease.records.release import Split
from radrelease.rounds import Outcome
from radrelease.stages.cohort.crosswalk import Crosswalk, pairs_of
from radrelease.stages.cohort.homes import Home, Standing

__all__ = ["VAULT", "before", "crosswalk_rows", "part_of_patients", "withdraw"]

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


def before(config: Config, secret: Secret) -> Before:
    """The splits and homes of the release in place, which its patients keep, and who has been withdrawn."""
    work = config.release.work
    withdrawn = read_withdrawn(work)
    in_place = (config.release.public_folder / "manifest.json").is_file() and (work / VAULT).is_file()
    if not config.split.keep or not in_place:
        return Before(withdrawn=withdrawn)
    last, began = _Noted(), _Noted()
    studies: set[str] = set()
    for row in read_vault(work / VAULT, secret):
        key = (row.domain, row.original)
        last.note(key, row.split, row.shard, row.part, row.parts)
        began.note(key, row.split_before, row.shard_before, row.part_before, row.parts_before)
        if row.kind == "study":
            studies.add(row.original)
    return Before(last=last.standing, began=began.standing, studies=frozenset(studies), withdrawn=withdrawn)


class _Noted:
    """Where patients stood, as rows of the vault say it; a vault of before homes were kept has none."""

    def __init__(self) -> None:
        self._splits: dict[Key, Split] = {}
        self._homes: dict[Key, Home] = {}
        self._shared: dict[Home, Home] = {}
        self.standing = Standing(splits=self._splits, homes=self._homes)

    def note(
        self, key: Key, split: str | None, shard: int | None, part: int | None, parts: int | None
    ) -> None:
        """Add a patient; a row of anything else has no split."""
        if split:
            self._splits[key] = Split(split)
        if split and shard is not None:
            home = Home(Split(split), shard, part, parts)
            self._homes[key] = self._shared.setdefault(home, home)


def crosswalk_rows(planned: Plan, outcome: Outcome, config: Config, secret: Secret) -> Iterator[CrosswalkRow]:
    """The rows of the vault: every original with its pseudonym, and where patients stand and stood."""
    crosswalk = crosswalk_of(config, secret)
    for patient in planned.patients.without_contents():
        for pair in pairs_of(patient, crosswalk):
            row = CrosswalkRow(
                kind=pair.kind,
                domain=pair.domain,
                original=pair.original,
                pseudonym=pair.pseudonym,
                shift_days=None,
                split=None,
            )
            yield _standing(row, outcome, crosswalk) if pair.kind == "patient" else row


def part_of_patients(outcome: Outcome, config: Config, secret: Secret) -> dict[str, int]:
    """The part of the legacy archive for each published PatientID."""
    crosswalk = crosswalk_of(config, secret)
    return {
        crosswalk.patient(key[0], Mrn(key[1])): home.part
        for key, home in outcome.homes.items()
        if home.part is not None
    }


def _standing(row: CrosswalkRow, outcome: Outcome, crosswalk: Crosswalk) -> CrosswalkRow:
    key = (row.domain, row.original)
    split, home = outcome.assignment.splits.get(key), outcome.homes.get(key)
    began, old = outcome.began.splits.get(key), outcome.began.homes.get(key)
    return replace(
        row,
        shift_days=crosswalk.shift(row.domain, Mrn(row.original)),
        split=split and split.value,
        split_before=began and began.value,
        shard=home.shard if home else None,
        part=home.part if home else None,
        parts=home.parts if home else None,
        shard_before=old.shard if old else None,
        part_before=old.part if old else None,
        parts_before=old.parts if old else None,
    )
