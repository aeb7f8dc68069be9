"""The studies of one patient of a shard: scrubbed, cut, drawn, and looked at once more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from radrelease.adapters import dicom_layout
from radrelease.adapters.compiled_knowledge import Compiled, read_compiled
from radrelease.adapters.limits import bounded
from radrelease.adapters.rexgradient import archive_member
from radrelease.adapters.shard_pictures import KeptPicture, open_earlier, picture_key
from radrelease.cohort import Key
from radrelease.config import Config
from radrelease.errors import BrokenPromise
from radrelease.picturing import Attempt, Drawn, Studio, dicom_files, draw
from radrelease.records.entities import ModelIdentity
from radrelease.records.pixels import PixelProblem
from radrelease.records.private import Instance, Patient, PixelMask, Redaction, Rejected, Study
from radrelease.records.release import ReleaseStudy, SectionName, Split
from radrelease.rejections import Reason
from radrelease.scrubbing import Scrubber, crosswalk_for, scrub_report
from radrelease.stages.audit.search import residual
from radrelease.stages.cohort.crosswalk import Crosswalk
from radrelease.stages.cohort.rejecting import reject_instance, reject_study
from radrelease.stages.headers.header_values import (
    HeaderRules,
    Withheld,
    header_rules,
    header_values,
    in_published_order,
    shown_ages_of,
    without_rare,
)
from radrelease.stages.headers.rare_values import RareValues
from radrelease.stages.knowledge.export_knowledge import ExportKnowledge
from radrelease.stages.knowledge.known_terms import KnownTerms, compile_patient
from radrelease.stages.labels.labelled import cut
from radrelease.stages.labels.labels import Labels
from radrelease.stages.pictures.pixel_text import PixelTerms, pixel_terms
from radrelease.stages.release.publishing import publish_study
from radrelease.stages.sections import OwnHeaders, find_sections
from radrelease.stages.text.units import digest_of_text, units_of

__all__ = ["REVIEW", "Made", "ShardTask", "make_patient"]

STAGE = "shards"

REVIEW = "review"
"""In a shard's folder: pictures whose text a person is to look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardTask:
    """What a worker needs. The secret travels in memory and is never written."""

    digest: str
    settings: str  # the digest of what all bytes of the split depend on but for what the export knows
    split: Split
    number: int  # of the shard within the split, on which no byte depends
    source: Path  # Patient records
    scrubber: Scrubber
    labels: Labels  # of these patients' reports
    rare: Mapping[Key, RareValues]  # of each of these patients
    target: Path  # the run's folder; in the worker, that of this shard alone
    reader: ModelIdentity | None  # of the OCR
    earlier: tuple[Path, ...]  # committed shards that have pictures of these patients, the latest first
    poison: Mapping[str, Reason]  # by raw UID, studies that end their process or go beyond its limits
    studies: int

    @property
    def config(self) -> Config:
        """The settings."""
        return self.scrubber.config


@dataclass(frozen=True, slots=True)
class Made:
    """A study, its pictures after the keys of what they were drawn from, and what it leaves."""

    study: ReleaseStudy
    pictures: Sequence[tuple[str, KeptPicture]]
    files: tuple[dicom_layout.DicomFile, ...]
    redactions: tuple[Redaction, ...]
    withheld: tuple[Withheld, ...]


def make_patient(
    patient: Patient,
    task: ShardTask,
    knowledge: ExportKnowledge,
    rejected: list[Rejected],
    masks: list[PixelMask],
) -> Iterator[Made]:
    """The patient's studies in the order of their dates, each knowing the one before."""
    crosswalk = crosswalk_for(task.scrubber)
    terms = compile_patient(patient.identifiers)
    rules = header_rules(task.config.deidentification, crosswalk, knowledge.terms, knowledge.given_back)
    ages = shown_ages_of(patient, task.rare[patient.domain, patient.patient_id])
    previous: ReleaseStudy | None = None
    for study in sorted(patient.studies, key=lambda row: (row.study_date, crosswalk.uid(row.study_uid))):
        if study.study_uid in task.poison:
            rejected += reject_study(STAGE, study, task.poison[study.study_uid])
            continue
        limits = task.config.workers
        with bounded(seconds=limits.study_timeout_s, megabytes=limits.study_memory_mb):
            made = _make_study(study, patient, task, knowledge, terms, rules, ages, rejected, masks)
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
    knowledge: ExportKnowledge,
    terms: KnownTerms,
    rules: HeaderRules,
    ages: Mapping[str, str | None],
    rejected: list[Rejected],
    masks: list[PixelMask],
) -> Made | None:
    crosswalk = rules.crosswalk
    scrubbed = scrub_report(study, patient, task.scrubber, terms, knowledge)
    sections = _cut(study, scrubbed.text.text, task.labels, task.config.headers_of(study.source))
    required = [SectionName(name) for name in task.config.eligibility.required_sections]
    if not any(sections[name] for name in required):
        rejected += reject_study(STAGE, study, Reason.MISSING_SECTION)
        return None
    words = [section for section in sections.values() if section]
    left = residual(words, patient.identifiers, knowledge.vocabulary)
    if left is not None:
        rejected += reject_study(STAGE, study, Reason.RESIDUAL_IDENTIFIER, left)
        return None
    drawn = _draw(study, task, crosswalk, terms, rejected, masks)
    if not drawn:
        return None
    stated = header_values(study, [item.instance for item in drawn], terms, rules)
    rare = task.rare[patient.domain, patient.patient_id]
    values = without_rare(stated, rare, ages, study.study_uid)
    pairs = [(item.instance, item.picture) for item in drawn]
    published = publish_study(study, pairs, values, sections, crosswalk, split=task.split)
    return Made(
        study=published,
        pictures=[
            (picture_key(item.instance, task.config), _archived(item, image.path))
            for item, image in zip(drawn, published.images, strict=True)
        ],
        files=tuple(dicom_files(study, published, drawn, frozenset(terms.codes), crosswalk, task.config)),
        redactions=scrubbed.redactions,
        withheld=values.withheld,
    )


def _archived(item: Drawn, path: str) -> KeptPicture:
    """The picture as the archive has it under its ``ImagePath``."""
    if item.earlier is not None and item.earlier.path == path:
        return item.earlier
    return KeptPicture(path, item.picture, item.png, item.preview, archive_member(path, item.png))


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
        terms=_pixel_terms(terms, task),
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
    key = picture_key(instance, task.config)
    for earlier in map(open_earlier, task.earlier):
        found = earlier.get(key)
        if found is not None:
            return Attempt(outcome=Drawn(instance, found.facts, found.png, found.preview, earlier=found))
    return None


def _cut(study: Study, text: str, labels: Labels, own: OwnHeaders) -> Mapping[SectionName, str | None]:
    """The sections: by the labels of the text's units where there are any, and else by the rules."""
    expected = labels.by_study.get(study.study_uid)
    if expected is None:
        return find_sections(text, own).sections(text)
    if expected != digest_of_text(text):
        raise BrokenPromise("a report was scrubbed otherwise than when a model was asked about it")
    return cut(text, units_of(text), labels.by_text[expected]).sections(text)


def _pixel_terms(terms: KnownTerms, task: ShardTask) -> PixelTerms:
    """What may be read in the pictures of a patient; of everybody, only where anything is read at all."""
    own = pixel_terms(terms)
    return own if task.reader is None else own.joined(_export_pixel_terms(task.scrubber.terms))


@cache
def _export_pixel_terms(terms: Compiled[KnownTerms]) -> PixelTerms:
    return pixel_terms(read_compiled(terms))
