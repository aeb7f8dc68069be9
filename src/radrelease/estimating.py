"""How long a build will take and how much it will fill, from a shard that is really made and thrown away."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from radrelease.adapters.files import make_private
from radrelease.adapters.ocr import ocr_identity
from radrelease.adapters.parquet import read_records, write_records
from radrelease.adapters.workers import Failure, count_workers, run
from radrelease.cohort import Key
from radrelease.identifiers import Mrn
from radrelease.making import ShardTask
from radrelease.planning import Plan, crosswalk_of
from radrelease.progress import Progress
from radrelease.records.private import Patient
from radrelease.records.release import Split
from radrelease.scrubbing import Scrubber
from radrelease.shard import run_shard
from radrelease.stages.cohort.splits import Assignment
from radrelease.stages.headers.rare_values import RareValues
from radrelease.stages.labels.labels import Labels

__all__ = ["BuildEstimate", "estimate_build"]

_IMAGES = 48
"""Pictures in the sample: more would say little more, and nobody wants to wait for a plan."""

_AFTERWARDS_S = 0.012
"""Seconds a study takes once its shard is made: tables, cards, checksums, audit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildEstimate:
    """What a build will take: time once the plan is made, and bytes of the release and of the work folder."""

    studies: int
    images: int
    sampled: int  # studies of the sample
    processes: int
    seconds: float
    bytes: int


@dataclass(frozen=True, slots=True)
class _Sample:
    seconds: float  # CPU time
    studies: int
    bytes: int


def estimate_build(
    plan: Plan, assignment: Assignment, scrubber: Scrubber, progress: Progress
) -> BuildEstimate | None:
    """The estimate, from patients drawn by the key; None where their shard cannot be made as a whole."""
    keys = _sample(plan, assignment, scrubber)
    with progress.step("Trying a sample", 1) as step:
        measured = _measure(plan, keys, scrubber, make_private(scrubber.terms.path.parent / "sample"))
        step.advance()
    if measured is None or not measured.studies:
        return None
    processes = count_workers(scrubber.config)
    in_splits = [studies for key, studies in plan.patients.light.items() if key in assignment.splits]
    studies = sum(map(len, in_splits))
    share = studies / measured.studies
    return BuildEstimate(
        studies=studies,
        images=sum(len(study.instances) for own in in_splits for study in own),
        sampled=measured.studies,
        processes=processes,
        seconds=measured.seconds * share / processes + _AFTERWARDS_S * studies,
        bytes=round(measured.bytes * share),
    )


def measure(task: ShardTask) -> _Sample:
    """Make the shard twice, the first time to load what every shard needs, and say what the second took."""
    shutil.rmtree(run_shard(task).folder)
    began = time.process_time()
    made = run_shard(task)
    seconds = time.process_time() - began
    size = sum(path.stat().st_size for path in made.folder.rglob("*") if path.is_file())
    return _Sample(seconds, made.studies + made.rejected, size)


def _sample(plan: Plan, assignment: Assignment, scrubber: Scrubber) -> list[Key]:
    """Patients in the order of the key, until they have pictures enough."""
    crosswalk = crosswalk_of(scrubber.config, scrubber.secret)
    known = assignment.splits.keys() & plan.patients.light.keys()
    ranked = sorted(known, key=lambda key: crosswalk.rank(key[0], Mrn(key[1])))
    chosen: list[Key] = []
    images = 0
    for key in ranked:
        if images >= _IMAGES:
            break
        chosen.append(key)
        images += sum(len(study.instances) for study in plan.patients.light[key])
    return chosen


def _measure(plan: Plan, keys: Sequence[Key], scrubber: Scrubber, folder: Path) -> _Sample | None:
    source = folder / "patients.parquet"
    write_records(source, Patient, (plan.patients[key] for key in keys))
    studies = sum(len(patient.studies) for patient in read_records(source, Patient))
    task = ShardTask(
        digest="sample",
        settings="",
        split=Split.TRAIN,
        number=0,
        source=source,
        scrubber=scrubber,
        labels=Labels({}, {}),
        rare=dict.fromkeys(keys, RareValues({})),
        target=folder,
        reader=ocr_identity(scrubber.config),
        earlier=(),
        poison={},
        studies=studies,
    )
    limit = scrubber.config.workers.study_timeout_s * max(1, studies)
    ((_, outcome),) = run(measure, [task], config=scrubber.config, timeout_s=lambda _: 2 * limit)
    return None if isinstance(outcome, Failure) else replace(outcome, studies=studies)
