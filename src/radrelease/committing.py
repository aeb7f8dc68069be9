"""Shards to workers, until each is committed: a folder that only the driver puts in place."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from radrelease.adapters.files import sync_tree
from radrelease.adapters.parquet import count_records, read_records
from radrelease.adapters.shard_files import is_untouched
from radrelease.adapters.shard_patients import ROWS
from radrelease.adapters.shard_pictures import PICTURES
from radrelease.adapters.workers import Failure, run, run_bisecting
from radrelease.errors import BrokenPromise
from radrelease.making import ShardTask
from radrelease.progress import Progress
from radrelease.records.private import Patient
from radrelease.records.release import ReleaseStudy, Split
from radrelease.rejections import Reason
from radrelease.shard import ShardResult, probe_studies, run_shard

__all__ = ["DoneShard", "records_in", "rows_of", "run_shards"]

Record = TypeVar("Record")

_MOST_ATTEMPTS = 5
"""At a shard: its process may be ended from outside, and then none of its studies is to blame."""

_START_S = 600.0
"""For what a worker reads before its first study. The limit of a study is kept in the worker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneShard:
    """A committed shard, and its number within the split."""

    split: Split
    number: int
    folder: Path
    studies: int
    images: int


def records_in(shards: Iterable[DoneShard], name: str, record: type[Record]) -> Iterator[Record]:
    """The records of the table of that name in each of the shards, in order."""
    for shard in shards:
        yield from read_records(shard.folder / name, record)


def rows_of(shards: Iterable[DoneShard]) -> Iterator[ReleaseStudy]:
    """The published studies of the shards, in order."""
    return records_in(shards, ROWS, ReleaseStudy)


def run_shards(tasks: Sequence[ShardTask], progress: Progress) -> list[DoneShard]:
    """The committed shards of the tasks, in their order; those that there are already are not made again.

    One that somebody has written to counts as none.

    Raises :class:`BrokenPromise` where a shard fails as a whole and none of its studies does alone.
    """
    config = tasks[0].config
    shards = config.release.work / "shards"
    missing = [task for task in tasks if not is_untouched(shards / task.digest)]
    with progress.step("De-identifying and drawing", sum(task.studies for task in tasks)) as step:
        step.advance(sum(task.studies for task in tasks) - sum(task.studies for task in missing))
        for _ in range(_MOST_ATTEMPTS):
            broken = []
            for task, outcome in run(
                run_shard,
                missing,
                config=config,
                timeout_s=lambda task: _START_S + config.workers.study_timeout_s * task.studies,
            ):
                if isinstance(outcome, Failure):
                    broken.append(task)
                else:
                    _commit(task, outcome, shards)
                    step.advance(task.studies)
            missing = [_without_poison(task) for task in broken]
            if not missing:
                break
        else:
            raise BrokenPromise("a shard fails as a whole, and none of its studies does alone")
    return [_done(task, shards) for task in tasks]


def _commit(task: ShardTask, result: ShardResult, shards: Path) -> None:
    """Take a shard over. Only the driver does this, so a worker of a dead run cannot."""
    if result.digest != task.digest:
        raise BrokenPromise("a worker answered for another shard")
    sync_tree(result.folder)
    shutil.rmtree(shards / task.digest, ignore_errors=True)  # where it has been written to
    result.folder.replace(shards / task.digest)


def _done(task: ShardTask, shards: Path) -> DoneShard:
    folder = shards / task.digest
    return DoneShard(
        split=task.split,
        number=task.number,
        folder=folder,
        studies=count_records(folder / ROWS),
        images=count_records(folder / PICTURES),
    )


def _without_poison(task: ShardTask) -> ShardTask:
    """The task again, without the studies that end the process that works on them, if any do."""
    items = [
        (task, study.study_uid)
        for patient in read_records(task.source, Patient)
        for study in patient.studies
        if study.study_uid not in task.poison
    ]
    found: dict[str, Reason] = {
        batch[0][1]: outcome.reason
        for batch, outcome in run_bisecting(
            probe_studies,
            [[item] for item in items],  # together they fail, as is known
            config=task.config,
            timeout_s=_START_S + task.config.workers.study_timeout_s,
        )
        if isinstance(outcome, Failure)
    }
    for left in task.target.glob(f"{task.digest}-*"):
        shutil.rmtree(left, ignore_errors=True)
    return replace(task, poison={**task.poison, **found})
