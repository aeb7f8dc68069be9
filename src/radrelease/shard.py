"""One shard: whole patients of one split, from raw studies to their part of the release.

Everything hard about a release is local to a patient, so this is the unit of work, of parallelism
and of resumption. A shard writes into a folder of its own; the driver commits it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from radrelease.adapters import dicom_layout, native
from radrelease.adapters.limits import bounded
from radrelease.adapters.parquet import read_records, write_records
from radrelease.adapters.png import preview
from radrelease.adapters.shard_pictures import open_earlier, open_pictures, picture_key
from radrelease.config import Config
from radrelease.entities import ModelIdentity
from radrelease.errors import BrokenPromise
from radrelease.picturing import Attempt, Drawn, Studio, dicom_files, draw
from radrelease.pixel_records import PictureFacts, PixelProblem
from radrelease.profiles.header_profile import load_header_profile
from radrelease.records import (
    Identifier,
    Instance,
    Patient,
    PixelMask,
    Redaction,
    Rejected,
    ReleaseStudy,
    SectionName,
    Split,
    Study,
)
from radrelease.rejections import Reason
from radrelease.scrubbing import Scrubber, crosswalk_for, export_terms, given_back, scrub_report
from radrelease.stages.audit_search import Vocabulary, build_vocabulary, residual
from radrelease.stages.crosswalk import Crosswalk
from radrelease.stages.header_values import (
    HeaderRules,
    Withheld,
    header_values,
    in_published_order,
    shown_ages_of,
    without_rare,
)
from radrelease.stages.known_terms import KnownTerms, compile_patient
from radrelease.stages.labelled import cut
from radrelease.stages.labels import Labels
from radrelease.stages.pixel_text import PixelTerms, pixel_terms
from radrelease.stages.publishing import publish_study
from radrelease.stages.rare_values import RareValues
from radrelease.stages.rejecting import reject_instance, reject_study
from radrelease.stages.sections import OwnHeaders, find_sections
from radrelease.stages.units import digest_of_text, units_of

__all__ = ["REVIEW", "ShardResult", "ShardTask", "probe_studies", "run_shard"]

STAGE = "shards"

WITHHELD = "withheld.parquet"
"""In a shard's folder: the header values that are not published, or only coarser."""
REVIEW = "review"
"""In a shard's folder: pictures whose text a person is to look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardTask:
    """What a worker needs. The secret travels in memory and is never written."""

    digest: str
    split: Split
    source: Path  # Patient records
    scrubber: Scrubber
    labels: Labels  # of these patients' reports
    rare: RareValues  # those of these patients
    target: Path  # the run's folder; in the worker, that of this shard alone
    reader: ModelIdentity | None  # of the OCR
    earlier: tuple[Path, ...]  # committed shards that have pictures of these patients
    poison: Mapping[str, Reason]  # by raw UID, studies that end their process or go beyond its limits
    studies: int

    @property
    def config(self) -> Config:
        """The settings."""
        return self.scrubber.config


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardResult:
    """What became of a shard, and the new folder that it is in."""

    digest: str
    folder: Path
    studies: int
    images: int
    rejected: int


@dataclass(frozen=True, slots=True)
class _Made:
    study: ReleaseStudy
    pictures: tuple[bytes, ...]
    previews: tuple[bytes, ...]
    kept: tuple[tuple[str, PictureFacts], ...]  # of the pictures, by what they were drawn from
    files: tuple[dicom_layout.DicomFile, ...]
    redactions: tuple[Redaction, ...]
    withheld: tuple[Withheld, ...]


def run_shard(task: ShardTask) -> ShardResult:
    """Make the shard's part of the release in a new folder."""
    task = _apart(task)
    rejected: list[Rejected] = []
    redactions: list[Redaction] = []
    withheld: list[Withheld] = []
    masks: list[PixelMask] = []
    rows: list[ReleaseStudy] = []
    images = 0
    with (
        native.open_shard(task.target / "native.parquet", previews=task.config.images.preview > 0) as shard,
        open_pictures(task.target) as pictures,
    ):
        for patient in read_records(task.source, Patient):
            for made in _make_patient(patient, task, rejected, masks):
                shard.write(made.study, made.pictures, made.previews)
                dicom_layout.write_files(task.target / "dicom", made.files)
                rows.append(made.study)
                redactions += made.redactions
                withheld += made.withheld
                for image, kept, data in zip(made.study.images, made.kept, made.pictures, strict=True):
                    pictures.write(image.path, *kept, data)
                    images += 1
    write_records(task.target / "rows.parquet", ReleaseStudy, rows)
    write_records(task.target / "rejected.parquet", Rejected, rejected)
    write_records(task.target / "redactions.parquet", Redaction, redactions)
    write_records(task.target / WITHHELD, Withheld, withheld)
    write_records(task.target / "pixel_masks.parquet", PixelMask, masks)
    return ShardResult(
        digest=task.digest,
        folder=task.target,
        studies=len(rows),
        images=images,
        rejected=len(rejected),
    )


def probe_studies(batch: tuple[tuple[ShardTask, str], ...]) -> None:
    """Work on the named studies and keep nothing: finds out which of them ends a process."""
    wanted = {study_uid for _, study_uid in batch}
    task = _apart(batch[0][0])
    for patient in read_records(task.source, Patient):
        studies = tuple(study for study in patient.studies if study.study_uid in wanted)
        for _ in _make_patient(replace(patient, studies=studies), task, [], []):
            pass


def _apart(task: ShardTask) -> ShardTask:
    """The task with a folder that no other attempt at it has, nor one whose worker is believed dead."""
    return replace(task, target=Path(mkdtemp(prefix=f"{task.digest}-", dir=task.target)))


def _make_patient(
    patient: Patient, task: ShardTask, rejected: list[Rejected], masks: list[PixelMask]
) -> Iterator[_Made]:
    """The patient's studies in the order of their dates, each knowing the one before."""
    crosswalk = crosswalk_for(task.scrubber)
    terms = compile_patient(patient.identifiers)
    ages = shown_ages_of(patient, task.rare)
    previous: ReleaseStudy | None = None
    for study in sorted(patient.studies, key=lambda row: (row.study_date, crosswalk.uid(row.study_uid))):
        if study.study_uid in task.poison:
            rejected += reject_study(STAGE, study, task.poison[study.study_uid])
            continue
        limits = task.config.workers
        with bounded(seconds=limits.study_timeout_s, megabytes=limits.study_memory_mb):
            made = _make_study(study, patient, task, crosswalk, terms, ages, rejected, masks)
        if made is None:
            continue
        if previous is not None:
            days = (made.study.study_date - previous.study_date).days
            made = replace(made, study=replace(made.study, prior_id=previous.id, days_since_prior=days))
        previous = made.study
        yield made


def _make_study(
    study: Study,
    patient: Patient,
    task: ShardTask,
    crosswalk: Crosswalk,
    terms: KnownTerms,
    ages: Mapping[str, str | None],
    rejected: list[Rejected],
    masks: list[PixelMask],
) -> _Made | None:
    scrubbed = scrub_report(study, patient, task.scrubber, terms)
    sections = _cut(study, scrubbed.text.text, task.labels, task.config.headers_of(study.source))
    required = [SectionName(name) for name in task.config.eligibility.required_sections]
    if not any(sections[name] for name in required):
        rejected += reject_study(STAGE, study, Reason.MISSING_SECTION)
        return None
    words = [section for section in sections.values() if section]
    left = residual(words, patient.identifiers, _export_vocabulary(task.scrubber.knowledge))
    if left is not None:
        rejected += reject_study(STAGE, study, Reason.RESIDUAL_IDENTIFIER, left)
        return None
    drawn = _draw(study, task, crosswalk, terms, rejected, masks)
    if not drawn:
        return None
    instances = [item.instance for item in drawn]
    stated = header_values(study, instances, terms, _header_rules(task, crosswalk))
    values = without_rare(stated, task.rare, ages, study.study_uid)
    pairs = [(item.instance, item.picture) for item in drawn]
    published = publish_study(study, pairs, values, sections, crosswalk, split=task.split)
    return _Made(
        study=published,
        pictures=tuple(item.png for item in drawn),
        previews=tuple(item.preview for item in drawn),
        kept=tuple((picture_key(item.instance, task.config), item.picture) for item in drawn),
        files=tuple(dicom_files(study, published, drawn, frozenset(terms.codes), crosswalk, task.config)),
        redactions=scrubbed.redactions,
        withheld=values.withheld,
    )


def _header_rules(task: ShardTask, crosswalk: Crosswalk) -> HeaderRules:
    """What decides over the header values of a task's studies."""
    settings = task.config.deidentification
    return HeaderRules(
        profile=load_header_profile(settings.profile),
        crosswalk=crosswalk,
        export=export_terms(task.scrubber.knowledge),
        given_back=given_back(task.scrubber.words),
        institutions=settings.institutions == "pseudonym",
    )


def _draw(
    study: Study,
    task: ShardTask,
    crosswalk: Crosswalk,
    terms: KnownTerms,
    rejected: list[Rejected],
    masks: list[PixelMask],
) -> list[Drawn]:
    """The study's pictures, in the order of their pseudonyms; none where the study is rejected."""
    studio = Studio(
        config=task.config,
        reader=task.reader,
        terms=pixel_terms(terms).joined(_export_pixel_terms(task.scrubber.knowledge)),
        review=task.target / REVIEW,
    )
    drawn: list[Drawn] = []
    problems: list[Rejected] = []
    for instance in in_published_order(study.instances, crosswalk):
        made = _drawn_earlier(instance, task) or draw(instance, studio)
        masks += made.masks
        if isinstance(made.outcome, PixelProblem):
            problems.append(reject_instance(STAGE, instance, made.outcome.reason, made.outcome.detail))
        else:
            drawn.append(made.outcome)
    reasons = {problem.reason for problem in problems}
    if Reason.BURNED_IN_TEXT_REVIEW in reasons:
        rejected += reject_study(STAGE, study, Reason.BURNED_IN_TEXT_REVIEW)
        return []
    rejected += problems
    if not drawn:
        reason = reasons.pop() if len(reasons) == 1 else Reason.NO_IMAGE_LEFT
        rejected += reject_study(STAGE, replace(study, instances=()), reason)
    return drawn


def _drawn_earlier(instance: Instance, task: ShardTask) -> Attempt | None:
    """The picture as a committed shard has it, if the file has not changed since."""
    found = open_earlier(task.earlier).get(picture_key(instance, task.config)) if task.earlier else None
    if found is None:
        return None
    facts, png = found
    small = preview(png, task.config.images.preview)
    return Attempt(outcome=Drawn(instance, facts, png, small, raw=None, written=None))


def _cut(study: Study, text: str, labels: Labels, own: OwnHeaders) -> Mapping[SectionName, str | None]:
    """The sections: by the labels of the text's units where there are any, and else by the rules."""
    expected = labels.by_study.get(study.study_uid)
    if expected is None:
        return find_sections(text, own).sections(text)
    if expected != digest_of_text(text):
        raise BrokenPromise("a report was scrubbed otherwise than when a model was asked about it")
    return cut(text, units_of(text), labels.by_text[expected]).sections(text)


@cache
def _export_vocabulary(knowledge: Path) -> Vocabulary:
    return build_vocabulary([("", read_records(knowledge, Identifier))])


@cache
def _export_pixel_terms(knowledge: Path) -> PixelTerms:
    return pixel_terms(export_terms(knowledge))
