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
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from radrelease.adapters.card import licence_of
from radrelease.adapters.cohort_store import open_cohort
from radrelease.adapters.files import lease, make_private, replace_folder, write_private
from radrelease.adapters.ner import identity_of
from radrelease.adapters.ocr import ocr_identity
from radrelease.adapters.parquet import read_records, write_records
from radrelease.adapters.place_checks import check_places
from radrelease.adapters.private_pages import (
    render_picture_quality,
    render_residual_risk,
    render_small_cells,
)
from radrelease.adapters.receipt import renew_receipt, write_receipt
from radrelease.adapters.release_pictures import read_seen, write_seen
from radrelease.adapters.report_files import check_columns
from radrelease.adapters.second_decoder import check_second_decoder
from radrelease.adapters.shard_patients import REDACTIONS, WITHHELD
from radrelease.adapters.upload import upload_folder
from radrelease.adapters.vault import CrosswalkRow, read_vault, write_vault
from radrelease.adapters.versions import add_version
from radrelease.adapters.withdrawals import add_withdrawn, read_withdrawn
from radrelease.adapters.workers import check_engine
from radrelease.assembly import Assembled, assemble
from radrelease.attacking import attack_release
from radrelease.auditing import audit_folders, judge_release, write_truth
from radrelease.config import Config
from radrelease.describing import study_ids
from radrelease.errors import BrokenPromise, ConfigError, NothingToRelease
from radrelease.estimating import BuildEstimate, estimate_build
from radrelease.identifiers import Secret
from radrelease.labelling import check_labelling, estimate_labelling, label_reports
from radrelease.making import REVIEW
from radrelease.planning import Before, Plan, assign_patients, crosswalk_of, make_plan
from radrelease.profiles.header_profile import load_header_profile
from radrelease.progress import Progress, Silent
from radrelease.records import Finding, InputKind, PixelMask, Redaction, Rejected, Split, Study
from radrelease.rounds import DoneShard, Outcome, rows_of, run_rounds, tidy
from radrelease.scrubbing import Scrubber, make_scrubber
from radrelease.sealing import check_sealing, commitment_of, keep_log, seal
from radrelease.sealing_records import Commitment
from radrelease.stages.attacks import Attack
from radrelease.stages.crosswalk import pairs_of
from radrelease.stages.flagged_pictures import PictureQuality, qualities
from radrelease.stages.flow import Flow, flow_of
from radrelease.stages.header_values import Withheld
from radrelease.stages.label_costs import CostEstimate
from radrelease.stages.merged_patients import NumberDoubt
from radrelease.stages.rare_values import RareValue
from radrelease.stages.reading_time import ReadingTime, reading_time
from radrelease.stages.residual_risk import assess
from radrelease.stages.small_cells import Cell, Risk
from radrelease.stages.splits import Assignment
from radrelease.stages.tables import Description
from radrelease.stages.withholding import count_withheld
from radrelease.surveying import find_rare_values, header_rules_of, survey

__all__ = ["Built", "Planned", "attack", "audit", "build", "cells", "check", "plan", "withdraw"]

VAULT = "vault.age"
REJECTED = "rejected.parquet"
RESIDUAL_RISK = "residual_risk.html"
FINDINGS = "findings.parquet"
RARE = "rare_values.parquet"
DOUBTS = "patient_numbers.parquet"
CELLS, CELLS_PAGE = "small_cells.parquet", "small_cells.html"
PIXEL_MASKS = "pixel_masks.parquet"
QUALITY, QUALITY_PAGE = "picture_quality.parquet", "picture_quality.html"


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
        planned = make_plan(config, secret, progress, store, _before(config, secret))
        write_records(work / REJECTED, Rejected, planned.rejected)
        write_records(work / DOUBTS, NumberDoubt, planned.doubts)
        assignment = assign_patients(planned, config, secret)
        rules = header_rules_of(planned, config, secret)
        k = config.deidentification.smallest_cell
        rare = find_rare_values(survey(planned, rules, progress), assignment, rules, k)
        write_records(work / RARE, RareValue, rare.rows.values())
        labelling, building = _estimates(planned, assignment, config, secret, progress)
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
    with lease(work), open_cohort(work) as store:
        planned = make_plan(config, secret, progress, store, _before(config, secret))
        write_records(work / REJECTED, Rejected, planned.rejected)
        write_records(work / DOUBTS, NumberDoubt, planned.doubts)
        scrubber = _scrubber(planned, config, secret, work)
        labels = label_reports(planned, scrubber, progress)
        outcome = run_rounds(planned, scrubber, labels, progress)
        rejected = [*planned.rejected, *outcome.surplus, *_rejected_in_shards(outcome.shards)]
        write_records(work / REJECTED, Rejected, _in_order(rejected))
        withheld = list(_withheld(outcome.shards))
        write_records(work / WITHHELD, Withheld, withheld)
        _write_accounts(outcome, work)
        _check_nothing_lost(planned, outcome, rejected)
        risk = assess(
            _redactions(outcome.shards),
            rows_of(outcome.shards),
            planned.word_counts,
            planned.given_back,
            crosswalk_of(config, secret).uid,
        )
        model = identity_of(config.deidentification.ner_model)
        write_private(work / RESIDUAL_RISK, render_residual_risk(risk, model).encode())
        write_vault(work / VAULT, _crosswalk_rows(planned, outcome, config, secret), secret)
        write_truth(work, planned, config, secret)
        if not any(shard.studies for shard in outcome.shards if shard.split.public):
            raise NothingToRelease("no study of the export may be released; work/rejected.parquet says why")
        k = config.deidentification.smallest_cell
        flow = flow_of(planned.files, planned.reports, rejected, count_withheld(withheld, k))
        sealed_test = commitment_of(outcome.shards, config, secret)
        staged = assemble(outcome.shards, config, flow, sealed_test, work / "staging", progress)
        seen = read_seen(work)
        findings = audit_folders(staged.public, staged.private, config, progress, seen)
        write_records(work / FINDINGS, Finding, findings)
        _write_cells(judge_release(staged.public, _least_cell(config)), work)
        if not findings:
            write_seen(work, seen)
            _finish(staged, sealed_test, outcome, config, secret, progress)
        return Built(
            description=staged.description,
            flow=flow,
            assignment=outcome.assignment,
            private_studies=_studies(outcome.shards, Split.PRIVATE_TEST),
            sealed_test=sealed_test,
            rejected=len(rejected),
            doubts=planned.doubts,
            findings=tuple(findings),
        )


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


def _before(config: Config, secret: Secret) -> Before:
    """The splits of the release in place, which its patients keep, and who has been withdrawn."""
    work = config.release.work
    withdrawn = read_withdrawn(work)
    in_place = (config.release.public_folder / "manifest.json").is_file() and (work / VAULT).is_file()
    if not config.split.keep or not in_place:
        return Before(withdrawn=withdrawn)
    rows = [row for row in read_vault(work / VAULT, secret) if row.kind in {"patient", "study"}]
    return Before(
        splits={(row.domain, row.original): Split(row.split) for row in rows if row.split},
        began={(row.domain, row.original): Split(row.split_before) for row in rows if row.split_before},
        studies=frozenset(row.original for row in rows if row.kind == "study"),
        withdrawn=withdrawn,
    )


def _finish(
    staged: Assembled,
    sealed_test: Commitment | None,
    outcome: Outcome,
    config: Config,
    secret: Secret,
    progress: Progress,
) -> None:
    """Put in place what has passed the audit, the private test split sealed if it is to be."""
    work = config.release.work
    write_receipt(staged.public, work)
    if staged.private is not None and sealed_test is not None:
        staged.private = seal(staged.private, sealed_test, outcome.shards, config, secret)
    _put_in_place(staged, config, progress)
    add_version(work, config.release.version, study_ids(outcome.shards))
    tidy(work, outcome)


def _whole_studies(planned: Plan) -> Iterator[Study]:
    return (study for patient in planned.patients.values() for study in patient.studies)


def _put_in_place(staged: Assembled, config: Config, progress: Progress) -> None:
    """Publish both folders; of one that goes to a store, the work folder keeps a copy."""
    release = config.release
    for folder, here, place in (
        (staged.private, release.private_folder, release.private_place),
        (staged.public, release.public_folder, release.output),
    ):
        if folder is not None:
            with keep_log(folder, here, release.work):
                replace_folder(folder, here)
            if not isinstance(place, Path):
                upload_folder(here, place, release.work / "uploads", progress)


def _scrubber(planned: Plan, config: Config, secret: Secret, folder: Path) -> Scrubber:
    words, stand_ins = planned.given_back, planned.stand_ins
    return make_scrubber(planned.knowledge, words, stand_ins, config, secret, folder)


def _estimates(
    planned: Plan, assignment: Assignment, config: Config, secret: Secret, progress: Progress
) -> tuple[CostEstimate | None, BuildEstimate | None]:
    """What a language model and a build will take; what a finished release is audited by is left alone."""
    folder = make_private(config.release.work / "estimate")
    try:
        scrubber = _scrubber(planned, config, secret, folder)
        asks = config.reports.asks_model
        labelling = estimate_labelling(planned, scrubber, progress) if asks else None
        return labelling, estimate_build(planned, assignment, scrubber, folder, progress)
    finally:
        shutil.rmtree(folder)


def _write_accounts(outcome: Outcome, work: Path) -> None:
    """What was taken out, painted over and seen in the shards, for a person to look at."""
    write_records(work / REDACTIONS, Redaction, _redactions(outcome.shards))
    write_records(work / RARE, RareValue, outcome.rare.rows.values())
    write_records(work / PIXEL_MASKS, PixelMask, _masks(outcome.shards))
    _write_quality(list(qualities(rows_of(outcome.shards))), work)
    _gather_for_review(outcome.shards, work / REVIEW)


def attack(config: Config) -> tuple[Attack, ...]:
    """Try on the finished release what somebody without the key would try."""
    _check_finished(config)
    with lease(config.release.work):
        return attack_release(config)


def audit(config: Config, progress: Progress | None = None) -> tuple[Finding, ...]:
    """Audit the finished release again; findings are also written to the work folder."""
    _check_finished(config)
    release = config.release
    private = release.private_folder if (release.private_folder / "manifest.json").is_file() else None
    with lease(release.work):
        findings = audit_folders(release.public_folder, private, config, progress or Silent())
        write_records(release.work / FINDINGS, Finding, findings)
        renew_receipt(release.public_folder, release.work, passed=not findings)
    return tuple(findings)


def cells(config: Config) -> Risk:
    """The smallest cells of the finished release; also written to the work folder."""
    _check_finished(config)
    with lease(config.release.work):
        risk = judge_release(config.release.public_folder, _least_cell(config))
        _write_cells(risk, config.release.work)
    return risk


def _least_cell(config: Config) -> int:
    """The least that a cell should hold: ``smallest_cell``, or its default where that is turned off."""
    k = config.deidentification.smallest_cell
    return k if k > 1 else int(type(config.deidentification).model_fields["smallest_cell"].default)


def _write_cells(risk: Risk, work: Path) -> None:
    """Write the table of the smallest cells, and the page about them."""
    write_records(work / CELLS, Cell, risk.smallest)
    write_private(work / CELLS_PAGE, render_small_cells(risk).encode())


def _write_quality(rows: Sequence[PictureQuality], work: Path) -> None:
    """Write how every picture looks, and the page about those that a person may want to see."""
    write_records(work / QUALITY, PictureQuality, rows)
    write_private(work / QUALITY_PAGE, render_picture_quality(rows).encode())


def _check_finished(config: Config) -> None:
    if not (config.release.public_folder / "manifest.json").is_file():
        raise ConfigError("[release] output", "holds no release", "Run `radrelease build` first")
    if not (config.release.work / "truth.parquet").is_file():
        raise ConfigError(
            "[release] work", "is not the work folder of this release", "Name the one it was built in"
        )


def _rejected_in_shards(shards: Sequence[DoneShard]) -> Iterator[Rejected]:
    for shard in shards:
        yield from read_records(shard.folder / REJECTED, Rejected)


def _redactions(shards: Sequence[DoneShard]) -> Iterator[Redaction]:
    for shard in shards:
        yield from read_records(shard.folder / REDACTIONS, Redaction)


def _withheld(shards: Sequence[DoneShard]) -> Iterator[Withheld]:
    for shard in shards:
        yield from read_records(shard.folder / WITHHELD, Withheld)


def _masks(shards: Sequence[DoneShard]) -> Iterator[PixelMask]:
    for shard in shards:
        yield from read_records(shard.folder / PIXEL_MASKS, PixelMask)


def _gather_for_review(shards: Sequence[DoneShard], folder: Path) -> None:
    """The pictures that a person is to look at, of this build alone."""
    shutil.rmtree(folder, ignore_errors=True)
    for shard in shards:
        for picture in sorted((shard.folder / REVIEW).glob("*.png")):
            make_private(folder)
            shutil.copyfile(picture, folder / picture.name)


def _in_order(rejected: Iterable[Rejected]) -> list[Rejected]:
    return sorted(rejected, key=lambda row: (row.source, row.kind, row.subject, row.stage))


def _studies(shards: Sequence[DoneShard], split: Split) -> int:
    return sum(shard.studies for shard in shards if shard.split is split)


def _check_nothing_lost(planned: Plan, outcome: Outcome, rejected: Sequence[Rejected]) -> None:
    """In = out + rejected, for files and for reports; every subject is rejected once."""
    kinds = Counter(row.kind for row in rejected)
    subjects = Counter(
        (row.kind, row.source, row.subject) for row in rejected if row.kind is not InputKind.STUDY
    )
    turned_away = {row.subject for row in rejected if row.kind is InputKind.STUDY}
    images = sum(shard.images for shard in outcome.shards)
    reports = sum(
        len(study.report_locations)
        for study in planned.patients.studies
        if study.study_uid not in turned_away
    )
    if subjects and subjects.most_common(1)[0][1] > 1:
        raise BrokenPromise("an input was rejected twice")
    if planned.files != images + kinds[InputKind.FILE]:
        raise BrokenPromise(
            f"{planned.files} files became {images} images and {kinds[InputKind.FILE]} rejected"
        )
    if planned.reports != reports + kinds[InputKind.REPORT]:
        raise BrokenPromise(
            f"{planned.reports} reports became {reports} used and {kinds[InputKind.REPORT]} rejected"
        )


def _crosswalk_rows(
    planned: Plan, outcome: Outcome, config: Config, secret: Secret
) -> Iterator[CrosswalkRow]:
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
