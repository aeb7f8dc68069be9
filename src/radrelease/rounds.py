"""Patients to shards, shards to workers, until the splits stand.

A study can fail in its shard, and then its split has one too few. So the patients are assigned
again with what is now known, and only the shards that this changes are worked on once more; a
committed shard is a folder named by the digest of all that goes into it, and is never redone.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import NamedTuple

import radrelease
from radrelease.adapters.cohort_store import CohortStore
from radrelease.adapters.files import make_private, run_folder, sha256_of, sync_tree
from radrelease.adapters.ocr import ocr_identity
from radrelease.adapters.parquet import count_records, read_records, write_records
from radrelease.adapters.png import encoder_identity, preview_identity
from radrelease.adapters.shard_pictures import PICTURES, keys_of, picture_key
from radrelease.adapters.workers import Failure, run, run_bisecting
from radrelease.cohort import Key
from radrelease.config import Config
from radrelease.entities import ModelIdentity
from radrelease.errors import BrokenPromise
from radrelease.identifiers import Mrn, Secret
from radrelease.making import ShardTask
from radrelease.planning import Plan, assign_patients, crosswalk_of
from radrelease.progress import Progress
from radrelease.records import InputKind, Patient, Rejected, ReleaseStudy, Split, Study
from radrelease.rejections import Reason
from radrelease.scrubbing import Scrubber
from radrelease.shard import ShardResult, probe_studies, run_shard
from radrelease.stages.labels import Labels
from radrelease.stages.rare_values import RareValues
from radrelease.stages.rejecting import reject_study
from radrelease.stages.splits import Assignment
from radrelease.surveying import Survey, find_rare_values, header_rules_of, survey

__all__ = ["DoneShard", "Outcome", "rows_of", "run_rounds", "tidy"]

LARGEST_SHARD = 256
"""Studies in a shard: what a killed run loses at most per worker, and what a reader fetches at once."""

_MOST_ROUNDS = 12

_MOST_ATTEMPTS = 5
"""At a shard: its process may be ended from outside, and then none of its studies is to blame."""

_START_S = 600.0
"""For what a worker reads before its first study. The limit of a study is kept in the worker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneShard:
    """A committed shard."""

    split: Split
    folder: Path
    studies: int
    images: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """All shards in their order, the assignment they follow, and the studies in no split."""

    shards: tuple[DoneShard, ...]
    assignment: Assignment
    surplus: tuple[Rejected, ...]
    rare: RareValues
    began: Mapping[Key, Split]  # the splits that were kept
    visited: frozenset[str]  # digests of the shards of all rounds, which a rerun asks for again


def rows_of(shards: Iterable[DoneShard]) -> Iterator[ReleaseStudy]:
    """The published studies of the shards, in order."""
    for shard in shards:
        yield from read_records(shard.folder / "rows.parquet", ReleaseStudy)


def run_rounds(plan: Plan, scrubber: Scrubber, labels: Labels, progress: Progress) -> Outcome:
    """Work until no study fails that the assignment counted on.

    Of the cohort of the release in place, the same is made again as it was made: its splits are not kept
    but found anew, from those that it kept itself, and so are all shards on the way. Only where that gives
    another split, as other settings may, they are kept.
    """
    before = plan.before
    planned = {study.study_uid for studies in plan.patients.light.values() for study in studies}
    if before.studies == planned:
        outcome = _settle(
            replace(plan, before=replace(before, splits=before.began)), scrubber, labels, progress
        )
        if before.splits.items() <= outcome.assignment.splits.items():
            return outcome
    return _settle(plan, scrubber, labels, progress)


def _settle(plan: Plan, scrubber: Scrubber, labels: Labels, progress: Progress) -> Outcome:
    config, secret = scrubber.config, scrubber.secret
    work = config.release.work
    for folder in ("shards", "plan"):
        make_private(work / folder)
    rules = header_rules_of(plan, config, secret)
    failed: frozenset[str] = frozenset()  # studies by UID, and files
    common = _common(scrubber)
    found = survey(plan, rules, progress)
    thresholds: dict[Split, list[int]] = {}
    visited: set[str] = set()
    noted: set[str] = set()
    for _ in range(_MOST_ROUNDS):
        assignment = assign_patients(plan, config, secret, failed)
        groups = _groups(plan, assignment, thresholds, config, secret)
        _note_drawn(plan.store, work / "shards", noted)
        rare = find_rare_values(found, assignment, rules, config.deidentification.smallest_cell)
        tasks = [
            _task(split, plan, _rare_of(keys, found, rare), labels, common, scrubber)
            for split, keys in groups
        ]
        shards = _run(tasks, progress)
        visited |= {task.digest for task in tasks}
        now_failed = frozenset(
            row.subject if row.kind is InputKind.STUDY else f"{row.source}\n{row.subject}"
            for shard in shards
            for row in read_records(shard.folder / "rejected.parquet", Rejected)
            if row.kind is not InputKind.REPORT
        )
        if now_failed <= failed:
            return Outcome(
                shards=tuple(shards),
                assignment=assignment,
                surplus=_surplus(plan, assignment),
                rare=rare,
                began=plan.before.splits,
                visited=frozenset(visited),
            )
        failed |= now_failed
        found = survey(plan, rules, progress, failed, found)
    raise BrokenPromise("the splits did not settle")


def _groups(
    plan: Plan,
    assignment: Assignment,
    thresholds: dict[Split, list[int]],
    config: Config,
    secret: Secret,
) -> list[tuple[Split, list[Key]]]:
    """The patients of each shard.

    The first round draws the borders between shards and later ones keep them, so that a patient who
    moves changes two shards and not all.
    """
    crosswalk = crosswalk_of(config, secret)
    by_split: dict[Split, list[tuple[int, Key]]] = {split: [] for split in Split}
    for key in plan.patients:
        if key in assignment.splits:
            by_split[assignment.splits[key]].append((crosswalk.rank(key[0], Mrn(key[1])), key))
    size = min(LARGEST_SHARD, max(1, plan.studies // config.release.parts))
    groups = []
    for split, ranked in by_split.items():
        ranked.sort(key=lambda row: row[0])
        borders = thresholds.setdefault(split, _borders(plan, ranked, size))
        cut: dict[int, list[Key]] = {}
        for rank, key in ranked:
            cut.setdefault(bisect_right(borders, rank), []).append(key)
        groups += [(split, cut[index]) for index in sorted(cut)]
    return groups


def _borders(plan: Plan, ranked: Sequence[tuple[int, Key]], size: int) -> list[int]:
    """The ranks at which a new shard begins."""
    borders, held = [], 0
    for rank, key in ranked:
        studies = len(plan.patients.light[key])
        if held and held + studies > size:
            borders.append(rank)
            held = 0
        held += studies
    return borders


def _rare_of(keys: Sequence[Key], found: Survey, rare: RareValues) -> Mapping[Key, RareValues]:
    """The rare values that each of these patients shows: others cannot change a byte of what is theirs."""
    return {key: rare.within(found[key]) for key in keys}


def _note_drawn(store: CohortStore, shards: Path, noted: set[str]) -> None:
    """Say which committed shards have which pictures, so that they need not be drawn again."""
    for folder in sorted(shards.iterdir()):
        if folder.name not in noted:
            store.add_drawn(folder.name, keys_of(folder))
            noted.add(folder.name)


def _task(
    split: Split,
    plan: Plan,
    rare: Mapping[Key, RareValues],
    labels: Labels,
    common: _Common,
    scrubber: Scrubber,
) -> ShardTask:
    """The task of a shard, of the patients with the rare values that they show."""
    work = scrubber.config.release.work
    shards = work / "shards"
    arriving = work / "plan" / "arriving.parquet"
    patients = [plan.patients[key] for key in rare]
    write_records(arriving, Patient, patients)
    studies = [study for patient in patients for study in patient.studies]
    own = labels.within(study.study_uid for study in studies)
    shown = (values.fingerprint() for values in rare.values())
    digest = _digest(
        sha256_of(arriving),
        *shown,
        own.fingerprint(),
        split.value,
        common.knowledge,
        common.words,
        *common.settings,
    )
    source = work / "plan" / f"{digest}.parquet"
    arriving.replace(source)
    return ShardTask(
        digest=digest,
        settings="" if scrubber.config.reports.asks_model else _digest(split.value, *common.settings),
        split=split,
        source=source,
        scrubber=scrubber,
        labels=own,
        rare=rare,
        earlier=()
        if (shards / digest).is_dir()  # it will not be worked on
        else tuple(shards / name for name in _shards_with_pictures(studies, plan.store, scrubber.config)),
        target=run_folder(work),
        reader=ocr_identity(scrubber.config),
        poison={},
        studies=len(studies),
    )


def _shards_with_pictures(studies: Sequence[Study], store: CohortStore, config: Config) -> list[str]:
    """The committed shards that have any picture of these studies."""
    keys = (picture_key(instance, config) for study in studies for instance in study.instances)
    return store.shards_with(filter(None, keys))


class _Common(NamedTuple):
    """What the bytes of every shard depend on; ``settings`` but for what is known of the patients."""

    knowledge: str
    words: str
    settings: tuple[str, ...]


def _common(scrubber: Scrubber) -> _Common:
    settings = _settings(scrubber.config, scrubber.model, ocr_identity(scrubber.config))
    return _Common(
        knowledge=sha256_of(scrubber.knowledge),
        words=sha256_of(scrubber.words),
        settings=(
            sha256_of(scrubber.stand_ins),
            json.dumps(settings, sort_keys=True),
            radrelease.__version__,
            scrubber.secret.derive("fingerprint"),
        ),
    )


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _settings(
    config: Config, model: ModelIdentity | None, reader: ModelIdentity | None
) -> Mapping[str, object]:
    """The settings that a shard's bytes depend on; a model counts for what it is, and not for its place."""
    return {
        "deidentification": config.deidentification.model_dump(
            mode="json", exclude={"reviewed_words", "ner_model", "smallest_cell"}
        ),
        "ner_model": asdict(model) if model else None,
        "eligibility": config.eligibility.model_dump(mode="json"),
        "images": config.images.model_dump(mode="json"),
        "png": encoder_identity(),
        "previews": preview_identity() if config.images.preview else None,
        "dicom": config.dicom.model_dump(mode="json") if "dicom" in config.release.layouts else None,
        "pixel_text": config.pixel_text.model_dump(mode="json") if reader else None,
        "pixel_policies": config.pixel_policies,
        "ocr": asdict(reader) if reader else None,
        "reports": config.reports.model_dump(mode="json"),
        "id_prefix": config.release.id_prefix,
        "orders": {source.name: source.date_order for source in config.source},
        "headers": {source.name: source.section_headers.model_dump() for source in config.source},
    }


def _run(tasks: Sequence[ShardTask], progress: Progress) -> list[DoneShard]:
    config = tasks[0].config
    shards = config.release.work / "shards"
    missing = [task for task in tasks if not (shards / task.digest).is_dir()]
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
    result.folder.replace(shards / task.digest)


def _done(task: ShardTask, shards: Path) -> DoneShard:
    folder = shards / task.digest
    return DoneShard(
        split=task.split,
        folder=folder,
        studies=count_records(folder / "rows.parquet"),
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


def _surplus(plan: Plan, assignment: Assignment) -> tuple[Rejected, ...]:
    return tuple(
        row
        for key, studies in plan.patients.light.items()
        if key not in assignment.splits
        for study in studies
        for row in reject_study("splits", study, Reason.SURPLUS)
    )


def tidy(work: Path, outcome: Outcome) -> None:
    """Remove what only unfinished or earlier runs needed; the shards of this run stay."""
    for folder in (work / "shards").iterdir():
        if folder.name not in outcome.visited:
            shutil.rmtree(folder)
    for name in ("plan", "staging"):
        shutil.rmtree(work / name, ignore_errors=True)
