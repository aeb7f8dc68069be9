"""Patients to shards, shards to workers, until the splits stand.

A study can fail in its shard, and then its split has one too few. So the patients are assigned
again with what is now known, and only the shards that this changes are worked on once more; a
committed shard is a folder named by the digest of all that goes into it, and is never redone.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

from radrelease.adapters.cohort_store import CohortStore
from radrelease.adapters.files import make_private
from radrelease.adapters.shard_patients import REJECTED
from radrelease.adapters.shard_pictures import keys_of
from radrelease.cohort import Key
from radrelease.committing import DoneShard, records_in, run_shards
from radrelease.config import Config
from radrelease.errors import BrokenPromise
from radrelease.identifiers import Mrn, Secret
from radrelease.planning import GATHERING, Plan, assign_patients, crosswalk_of
from radrelease.progress import Progress
from radrelease.records.private import InputKind, Rejected
from radrelease.records.release import Split
from radrelease.rejections import Reason
from radrelease.scrubbing import Scrubber
from radrelease.shard_tasks import common_of, shard_task
from radrelease.stages.cohort.homes import (
    Borders,
    Home,
    Resident,
    Standing,
    draw_borders,
    give_homes,
    shards_of,
)
from radrelease.stages.cohort.rejecting import reject_study
from radrelease.stages.cohort.splits import Assignment
from radrelease.stages.headers.rare_values import RareValues
from radrelease.stages.labels.labels import Labels
from radrelease.surveying import Survey, find_rare_values, survey

__all__ = ["Outcome", "run_rounds", "tidy"]

LARGEST_SHARD = 256
"""Studies in a shard: what a killed run loses at most per worker, and what a reader fetches at once."""

_MOST_ROUNDS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """All shards in their order, the assignment they follow, and the studies in no split."""

    shards: tuple[DoneShard, ...]
    assignment: Assignment
    homes: Mapping[Key, Home]
    surplus: tuple[Rejected, ...]
    rare: RareValues
    began: Standing  # what was kept
    visited: frozenset[str]  # digests of the shards of all rounds, which a rerun asks for again


def run_rounds(plan: Plan, scrubber: Scrubber, labels: Labels, progress: Progress) -> Outcome:
    """Work until no study fails that the assignment counted on.

    Of the cohort of the release in place, the same is made again as it was made: its splits and homes are
    not kept but found anew, from those that it kept itself, and so are all shards on the way. Only where that
    gives others, as other settings may, they are kept.
    """
    before = plan.before
    planned = {study.study_uid for studies in plan.patients.light.values() for study in studies}
    if before.studies == planned:
        outcome = _settle(
            replace(plan, before=replace(before, last=before.began)), scrubber, labels, progress
        )
        same_splits = before.last.splits.items() <= outcome.assignment.splits.items()
        if same_splits and before.last.homes.items() <= outcome.homes.items():
            return outcome
    return _settle(plan, scrubber, labels, progress)


def _settle(plan: Plan, scrubber: Scrubber, labels: Labels, progress: Progress) -> Outcome:
    config, secret = scrubber.config, scrubber.secret
    work = config.release.work
    for folder in ("shards", "plan"):
        make_private(work / folder)
    with progress.step(GATHERING, None):
        common = common_of(scrubber)
    failed: frozenset[str] = frozenset()  # studies by UID, and files
    found = survey(plan, scrubber, progress)
    parts, kept = config.release.parts, plan.before.last.homes
    borders: Mapping[Split, Borders] = {}
    visited: set[str] = set()
    noted: set[str] = set()
    for _ in range(_MOST_ROUNDS):
        with progress.step("Preparing shards", None):
            assignment = assign_patients(plan, config, secret, failed)
            residents = _residents(plan, assignment, config, secret)
            # those of the first round stay, so that a patient who moves changes two shards and not all
            borders = borders or draw_borders(
                residents, kept, min(LARGEST_SHARD, max(1, plan.studies // parts))
            )
            homes = give_homes(residents, kept, borders, parts)
            _note_drawn(plan.store, work / "shards", noted)
            rare = find_rare_values(found, assignment, scrubber)
            tasks = [
                shard_task(split, number, plan, _rare_of(keys, found, rare), labels, common, scrubber)
                for split, number, keys in shards_of(homes)
            ]
        shards = run_shards(tasks, progress)
        visited |= {task.digest for task in tasks}
        now_failed = frozenset(
            row.subject if row.kind is InputKind.STUDY else f"{row.source}\n{row.subject}"
            for row in records_in(shards, REJECTED, Rejected)
            if row.kind is not InputKind.REPORT
        )
        if now_failed <= failed:
            return Outcome(
                shards=tuple(shards),
                assignment=assignment,
                homes=homes,
                surplus=_surplus(plan, assignment),
                rare=rare,
                began=plan.before.last,
                visited=frozenset(visited),
            )
        failed |= now_failed
        found = survey(plan, scrubber, progress, failed, found)
    raise BrokenPromise("the splits did not settle")


def _residents(plan: Plan, assignment: Assignment, config: Config, secret: Secret) -> list[Resident]:
    """The patients who have a split."""
    crosswalk = crosswalk_of(config, secret)
    return [
        Resident(
            key=key,
            rank=crosswalk.rank(key[0], Mrn(key[1])),
            split=assignment.splits[key],
            studies=len(studies),
            images=sum(len(study.instances) for study in studies),
        )
        for key, studies in plan.patients.light.items()
        if key in assignment.splits
    ]


def _rare_of(keys: Sequence[Key], found: Survey, rare: RareValues) -> Mapping[Key, RareValues]:
    """The rare values that each of these patients shows: others cannot change a byte of what is theirs."""
    return {key: rare.within(found[key]) for key in keys}


def _note_drawn(store: CohortStore, shards: Path, noted: set[str]) -> None:
    """Say which committed shards have which pictures, so that they need not be drawn again.

    Of several with the same, the last counts: that of the last round, which may be used again whole.
    """
    for folder in sorted(shards.iterdir(), key=lambda folder: (folder.stat().st_mtime_ns, folder.name)):
        if folder.name not in noted:
            store.add_drawn(folder.name, keys_of(folder))
            noted.add(folder.name)


def _surplus(plan: Plan, assignment: Assignment) -> tuple[Rejected, ...]:
    return tuple(
        row
        for key, studies in plan.patients.light.items()
        if key not in assignment.splits
        for study in studies
        for row in reject_study("splits", study, Reason.SURPLUS)
    )


def tidy(work: Path, visited: Set[str]) -> None:
    """Remove what only unfinished or earlier runs needed; the shards of this run, which it visited, stay."""
    for folder in (work / "shards").iterdir():
        if folder.name not in visited:
            shutil.rmtree(folder)
    for name in ("plan", "staging"):
        shutil.rmtree(work / name, ignore_errors=True)
