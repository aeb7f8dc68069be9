"""The steps from an export to a release, top to bottom.

plan     read every header and report once, link, judge, draw pseudonyms and splits
labels   on request, have a language model say what is what in the scrubbed reports
shards   scrub, cut, draw and check each patient's studies
release  both layouts, cards, report, manifest, checksums; the private test split apart
audit    read all of it again, against everything the export knows
seal     on request, encrypt the references of the private test split
publish  put the folders in place; nothing is there before the audit has passed
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from radrelease.accounts import (
    RARE,
    check_nothing_lost,
    in_order,
    least_cell,
    write_accounts,
    write_cells,
)
from radrelease.adapters.card import licence_of
from radrelease.adapters.cohort_store import CohortStore, open_cohort
from radrelease.adapters.files import lease, make_private, replace_folder, write_private
from radrelease.adapters.ner import identity_of
from radrelease.adapters.ocr import ocr_identity
from radrelease.adapters.parquet import release_memory, write_records
from radrelease.adapters.place_checks import check_places
from radrelease.adapters.private_pages import render_residual_risk
from radrelease.adapters.receipt import write_receipt
from radrelease.adapters.release_pictures import SeenPictures
from radrelease.adapters.report_files import check_columns
from radrelease.adapters.second_decoder import check_second_decoder
from radrelease.adapters.shard_patients import REJECTED, REMAINS, WITHHELD
from radrelease.adapters.upload import upload_folder
from radrelease.adapters.vault import write_vault
from radrelease.adapters.versions import add_version
from radrelease.adapters.workers import check_engine
from radrelease.assembly import Assembled, assemble
from radrelease.auditing import FINDINGS, audit_folders, judge_release, write_truth
from radrelease.committing import DoneShard, records_in
from radrelease.config import Config
from radrelease.continuing import VAULT, before, crosswalk_rows, part_of_patients
from radrelease.describing import study_ids
from radrelease.errors import NothingToRelease
from radrelease.estimating import BuildEstimate, estimate_build
from radrelease.identifiers import Secret
from radrelease.labelling import check_labelling, estimate_labelling, label_reports
from radrelease.planning import GATHERING, Plan, assign_patients, make_plan
from radrelease.profiles.header_profile import load_header_profile
from radrelease.progress import Progress, Silent
from radrelease.records.exhibits import Finding
from radrelease.records.private import Rejected, Study
from radrelease.records.release import Split
from radrelease.records.sealing import Commitment
from radrelease.rounds import Outcome, run_rounds, tidy
from radrelease.scrubbing import Scrubber, make_scrubber
from radrelease.sealing import check_sealing, commitment_of, keep_log, seal
from radrelease.stages.cohort.merged_patients import NumberDoubt
from radrelease.stages.cohort.splits import Assignment
from radrelease.stages.headers.header_values import Withheld
from radrelease.stages.headers.rare_values import RareValue
from radrelease.stages.headers.withholding import count_withheld
from radrelease.stages.labels.label_costs import CostEstimate
from radrelease.stages.pictures.reading_time import ReadingTime, reading_time
from radrelease.stages.release.flow import Flow, flow_of
from radrelease.stages.release.residual_risk import Remains, assess
from radrelease.stages.release.tables import Description
from radrelease.surveying import find_rare_values, survey

__all__ = ["Built", "Planned", "build", "check", "plan"]

RESIDUAL_RISK = "residual_risk.html"
DOUBTS = "patient_numbers.parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What a build would start from."""

    flow: Flow
    assignment: Assignment
    rare: tuple[RareValue, ...]
    doubts: tuple[NumberDoubt, ...]
    reading: ReadingTime | None  # of text in the pictures; None where none is looked for
    labelling: CostEstimate | None  # None where no language model is asked
    building: BuildEstimate | None  # None where the sample cannot be made


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a build made. With findings, nothing was published."""

    description: Description
    flow: Flow
    assignment: Assignment
    private_studies: int
    sealed_test: Commitment | None  # None where the private test split was not sealed
    rejected: int
    doubts: tuple[NumberDoubt, ...]
    findings: tuple[Finding, ...]


def check(config: Config) -> None:
    """Raise :class:`ConfigError` for what cannot work, before any work."""
    load_header_profile(config.deidentification.profile)
    check_places(config)
    for source in config.source:
        check_columns(source)
    identity_of(config.deidentification.ner_model)
    ocr_identity(config)
    check_second_decoder(config)
    check_labelling(config)
    licence_of(config.card)
    check_engine(config)
    check_sealing(config)


def plan(config: Config, secret: Secret, progress: Progress | None = None) -> Planned:
    """Catalog, link, judge and assign; write the rejected rows, and release nothing."""
    check(config)
    progress = progress or Silent()
    work = make_private(config.release.work)
    with lease(work), open_cohort(work) as store:
        planned = _begin(config, secret, progress, store)
        assignment = assign_patients(planned, config, secret)
        with _estimating(planned, config, secret, progress) as scrubber:
            rare = find_rare_values(survey(planned, scrubber, progress), assignment, scrubber)
            asks = config.reports.asks_model
            labelling = estimate_labelling(planned, scrubber, progress) if asks else None
            building = estimate_build(planned, assignment, scrubber, progress)
        write_records(work / RARE, RareValue, rare.rows.values())
        return Planned(
            flow=flow_of(planned.files, planned.reports, planned.rejected),
            assignment=assignment,
            rare=tuple(rare.rows.values()),
            doubts=planned.doubts,
            reading=reading_time(_whole_studies(planned), config),
            labelling=labelling,
            building=building,
        )


def build(config: Config, secret: Secret, progress: Progress | None = None) -> Built:
    """Make the release; see the module's own text for the steps."""
    check(config)
    progress = progress or Silent()
    work = make_private(config.release.work)
    with lease(work):
        with open_cohort(work) as store:
            staged = _stage(config, secret, progress, store)
        release_memory()  # all that was planned has gone by here: the audit needs the room
        seen, made = SeenPictures(work), staged.made
        findings = audit_folders(made.public, made.private, config, progress, seen)
        write_records(work / FINDINGS, Finding, findings)
        write_cells(judge_release(made.public, least_cell(config)), work)
        if not findings:
            seen.keep()
            _finish(staged, config, secret, progress)
        return Built(
            description=made.description,
            flow=staged.flow,
            assignment=staged.assignment,
            private_studies=_studies(staged.shards, Split.PRIVATE_TEST),
            sealed_test=staged.sealed_test,
            rejected=staged.rejected,
            doubts=staged.doubts,
            findings=tuple(findings),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Staged:
    """A release that waits for its audit; of the patients, nothing is held."""

    made: Assembled
    flow: Flow
    assignment: Assignment  # how many studies go where, and not whose
    sealed_test: Commitment | None
    shards: tuple[DoneShard, ...]
    visited: frozenset[str]  # digests of the shards of all rounds
    rejected: int
    doubts: tuple[NumberDoubt, ...]


def _stage(config: Config, secret: Secret, progress: Progress, store: CohortStore) -> _Staged:
    """Plan, make and write the release, all but the audit."""
    work = config.release.work
    planned = _begin(config, secret, progress, store)
    scrubber = _scrubber(planned, config, secret, progress, work)
    labels = label_reports(planned, scrubber, progress)
    outcome = run_rounds(planned, scrubber, labels, progress)
    with progress.step("Writing the private accounts", None):
        rejected, withheld = _keep_accounts(planned, outcome, config, secret)
    if not any(shard.studies for shard in outcome.shards if shard.split.public):
        raise NothingToRelease("no study of the export may be released; work/rejected.parquet says why")
    k = config.deidentification.smallest_cell
    flow = flow_of(planned.files, planned.reports, rejected, count_withheld(withheld, k))
    sealed_test = commitment_of(outcome.shards, config, secret)
    parts = part_of_patients(outcome, config, secret)
    made = assemble(outcome.shards, config, flow, sealed_test, parts, work / "staging", progress)
    return _Staged(
        made=made,
        flow=flow,
        assignment=replace(outcome.assignment, splits={}),
        sealed_test=sealed_test,
        shards=outcome.shards,
        visited=outcome.visited,
        rejected=len(rejected),
        doubts=planned.doubts,
    )


def _begin(config: Config, secret: Secret, progress: Progress, store: CohortStore) -> Plan:
    """The plan; what it turns away and doubts is written down."""
    planned = make_plan(config, secret, progress, store, before(config, secret))
    work = config.release.work
    write_records(work / REJECTED, Rejected, planned.rejected)
    write_records(work / DOUBTS, NumberDoubt, planned.doubts)
    return planned


def _keep_accounts(
    planned: Plan, outcome: Outcome, config: Config, secret: Secret
) -> tuple[list[Rejected], list[Withheld]]:
    """Write what only the work folder holds, and check that nothing was lost.

    What was turned away, and what was withheld, come back.
    """
    work = config.release.work
    rejected = [*planned.rejected, *outcome.surplus, *records_in(outcome.shards, REJECTED, Rejected)]
    write_records(work / REJECTED, Rejected, in_order(rejected))
    withheld = list(records_in(outcome.shards, WITHHELD, Withheld))
    write_records(work / WITHHELD, Withheld, withheld)
    write_accounts(outcome, work)
    check_nothing_lost(planned, outcome, rejected)
    risk = assess(records_in(outcome.shards, REMAINS, Remains), planned.word_counts)
    model = identity_of(config.deidentification.ner_model)
    write_private(work / RESIDUAL_RISK, render_residual_risk(risk, model).encode())
    write_vault(work / VAULT, crosswalk_rows(planned, outcome, config, secret), secret)
    write_truth(work, planned, config, secret)
    return rejected, withheld


def _finish(staged: _Staged, config: Config, secret: Secret, progress: Progress) -> None:
    """Put in place what has passed the audit, the private test split sealed if it is to be."""
    work, public, private = config.release.work, staged.made.public, staged.made.private
    write_receipt(public, work)
    if private is not None and staged.sealed_test is not None:
        private = seal(private, staged.sealed_test, staged.shards, config, secret)
    _put_in_place(public, private, config, progress)
    add_version(work, config.release.version, study_ids(staged.shards))
    tidy(work, staged.visited)


def _whole_studies(planned: Plan) -> Iterator[Study]:
    return (study for patient in planned.patients.values() for study in patient.studies)


def _put_in_place(public: Path, private: Path | None, config: Config, progress: Progress) -> None:
    """Publish both folders; of one that goes to a store, the work folder keeps a copy."""
    release = config.release
    for folder, here, place in (
        (private, release.private_folder, release.private_place),
        (public, release.public_folder, release.output),
    ):
        if folder is not None:
            with keep_log(folder, here, release.work):
                replace_folder(folder, here)
            if not isinstance(place, Path):
                upload_folder(here, place, release.work / "uploads", progress)


def _scrubber(planned: Plan, config: Config, secret: Secret, progress: Progress, folder: Path) -> Scrubber:
    with progress.step(GATHERING, None):
        words, stand_ins = planned.given_back, planned.stand_ins
        return make_scrubber(planned.knowledge, words, stand_ins, config, secret, folder)


@contextmanager
def _estimating(planned: Plan, config: Config, secret: Secret, progress: Progress) -> Iterator[Scrubber]:
    """A scrubber to estimate with; what a finished release is audited by is left alone."""
    folder = make_private(config.release.work / "estimate")
    try:
        yield _scrubber(planned, config, secret, progress, folder)
    finally:
        shutil.rmtree(folder)


def _studies(shards: Sequence[DoneShard], split: Split) -> int:
    return sum(shard.studies for shard in shards if shard.split is split)
