"""One shard: whole patients of one split, from raw studies to their part of the release.

Everything hard about a release is local to a patient, so this is the unit of work, of parallelism
and of resumption. A shard writes into a folder of its own; the driver commits it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from radrelease.adapters import dicom_layout, native, rexgradient
from radrelease.adapters.files import read_lines
from radrelease.adapters.ner import find_entities
from radrelease.adapters.parquet import read_records, write_records
from radrelease.adapters.png import encode_png
from radrelease.config import SURROGATES, Config
from radrelease.entities import ModelIdentity
from radrelease.identifiers import Secret
from radrelease.picturing import Drawn, Studio, dicom_files, draw
from radrelease.pixel_records import PixelProblem
from radrelease.profiles.header_profile import load_header_profile
from radrelease.profiles.surrogates import Pools, load_pools
from radrelease.records import (
    Identifier,
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
from radrelease.stages.audit_search import Vocabulary, build_vocabulary, residual
from radrelease.stages.crosswalk import Crosswalk
from radrelease.stages.dates import DateRules
from radrelease.stages.drawing import Drawing, given_words
from radrelease.stages.header_values import (
    HeaderRules,
    Withheld,
    header_values,
    in_published_order,
    shown_ages_of,
    without_rare,
)
from radrelease.stages.known_terms import KnownTerms, compile_export, compile_patient
from radrelease.stages.pixel_text import PixelTerms, pixel_terms
from radrelease.stages.publishing import publish_study
from radrelease.stages.rare_values import RareValues
from radrelease.stages.rejecting import reject_instance, reject_study
from radrelease.stages.scrub import scrub
from radrelease.stages.sections import find_sections
from radrelease.stages.spans import apply_spans, replacement_of
from radrelease.stages.surrogates import with_surrogates

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
    knowledge: Path  # Identifier records of the whole export
    words: Path  # words outside the lexicon that may be published
    stand_ins: Path  # words that may stand in for names and places
    rare: RareValues  # those of these patients
    target: Path  # a new folder
    config: Config
    model: ModelIdentity | None  # of the named-entity model
    reader: ModelIdentity | None  # of the OCR
    secret: Secret
    poison: Mapping[str, Reason]  # by raw UID, studies that end their process or take too long
    studies: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardResult:
    """What became of a shard."""

    digest: str
    studies: int
    images: int
    rejected: int


@dataclass(frozen=True, slots=True)
class _Text:
    """A report after scrubbing, with its sections and what was taken out."""

    sections: Mapping[SectionName, str | None]
    redactions: tuple[Redaction, ...]


@dataclass(frozen=True, slots=True)
class _Made:
    study: ReleaseStudy
    pictures: tuple[bytes, ...]
    files: tuple[dicom_layout.DicomFile, ...]
    redactions: tuple[Redaction, ...]
    withheld: tuple[Withheld, ...]


def run_shard(task: ShardTask) -> ShardResult:
    """Make the shard's part of the release in ``task.target``."""
    task.target.mkdir(parents=True, mode=0o700)
    rejected: list[Rejected] = []
    redactions: list[Redaction] = []
    withheld: list[Withheld] = []
    masks: list[PixelMask] = []
    rows: list[ReleaseStudy] = []
    members: list[rexgradient.Member] = []
    place = 0
    with (
        native.open_shard(task.target / "native.parquet") as shard,
        (task.target / "archive").open("wb") as archive,
    ):
        for patient in read_records(task.source, Patient):
            for made in _make_patient(patient, task, rejected, masks):
                shard.write(made.study, made.pictures)
                dicom_layout.write_files(task.target / "dicom", made.files)
                rows.append(made.study)
                redactions += made.redactions
                withheld += made.withheld
                for image, data in zip(made.study.images, made.pictures, strict=True):
                    frame = rexgradient.archive_member(image.path, data)
                    members.append(
                        rexgradient.Member(image_path=image.path, offset=place, length=archive.write(frame))
                    )
                    place += len(frame)
    write_records(task.target / "rows.parquet", ReleaseStudy, rows)
    write_records(task.target / "members.parquet", rexgradient.Member, members)
    write_records(task.target / "rejected.parquet", Rejected, rejected)
    write_records(task.target / "redactions.parquet", Redaction, redactions)
    write_records(task.target / WITHHELD, Withheld, withheld)
    write_records(task.target / "pixel_masks.parquet", PixelMask, masks)
    return ShardResult(digest=task.digest, studies=len(rows), images=len(members), rejected=len(rejected))


def probe_studies(batch: tuple[tuple[ShardTask, str], ...]) -> None:
    """Work on the named studies and keep nothing: finds out which of them ends a process."""
    wanted = {study_uid for _, study_uid in batch}
    task = batch[0][0]
    for patient in read_records(task.source, Patient):
        studies = tuple(study for study in patient.studies if study.study_uid in wanted)
        for _ in _make_patient(replace(patient, studies=studies), task, [], []):
            pass


def _make_patient(
    patient: Patient, task: ShardTask, rejected: list[Rejected], masks: list[PixelMask]
) -> Iterator[_Made]:
    """The patient's studies in the order of their dates, each knowing the one before."""
    config = task.config
    crosswalk = Crosswalk(task.secret, config.release.id_prefix, config.deidentification.date_shift_days)
    terms = compile_patient(patient.identifiers)
    ages = shown_ages_of(patient, task.rare)
    previous: ReleaseStudy | None = None
    for study in sorted(patient.studies, key=lambda row: (row.study_date, crosswalk.uid(row.study_uid))):
        if study.study_uid in task.poison:
            rejected += reject_study(STAGE, study, task.poison[study.study_uid])
            continue
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
    text = _scrub_report(study, patient, task, crosswalk, terms)
    required = [SectionName(name) for name in task.config.eligibility.required_sections]
    if not any(text.sections[name] for name in required):
        rejected += reject_study(STAGE, study, Reason.MISSING_SECTION)
        return None
    words = [section for section in text.sections.values() if section]
    left = residual(words, patient.identifiers, _export_vocabulary(task.knowledge))
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
    published = publish_study(study, pairs, values, text.sections, crosswalk, split=task.split)
    return _Made(
        study=published,
        pictures=tuple(encode_png(item.picture.pixels) for item in drawn),
        files=tuple(dicom_files(study, published, drawn, frozenset(terms.codes), crosswalk, task.config)),
        redactions=text.redactions,
        withheld=values.withheld,
    )


def _header_rules(task: ShardTask, crosswalk: Crosswalk) -> HeaderRules:
    """What decides over the header values of a task's studies."""
    settings = task.config.deidentification
    return HeaderRules(
        profile=load_header_profile(settings.profile),
        crosswalk=crosswalk,
        export=_export_terms(task.knowledge),
        given_back=_given_back(task.words),
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
        terms=pixel_terms(terms).joined(_export_pixel_terms(task.knowledge)),
        review=task.target / REVIEW,
    )
    drawn: list[Drawn] = []
    problems: list[Rejected] = []
    for instance in in_published_order(study.instances, crosswalk):
        made = draw(instance, studio)
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


def _scrub_report(
    study: Study, patient: Patient, task: ShardTask, crosswalk: Crosswalk, terms: KnownTerms
) -> _Text:
    source = next(source for source in task.config.source if source.name == study.source)
    spans = scrub(
        study.report,
        patient=terms,
        export=_export_terms(task.knowledge),
        dates=DateRules(
            shift_days=crosswalk.shift(patient.domain, patient.patient_id),
            study_date=study.study_date,
            order=source.date_order,
            never=terms.birth_dates,
        ),
        given_back=_given_back(task.words),
        entities=find_entities(study.report, task.config.deidentification.ner_model, task.model),
    )
    placeholder = task.config.deidentification.placeholder
    if placeholder == SURROGATES:
        spans = with_surrogates(study.report, spans, _drawing(patient, task, crosswalk, terms))
    scrubbed = apply_spans(study.report, spans, placeholder=placeholder).text
    return _Text(
        sections=find_sections(scrubbed).sections(scrubbed),
        redactions=tuple(
            Redaction(
                study_uid=study.study_uid,
                kind=span.kind,
                rule=span.rule,
                original=study.report[span.start : span.end],
                replacement=replacement_of(span, placeholder),
            )
            for span in spans
        ),
    )


def _drawing(patient: Patient, task: ShardTask, crosswalk: Crosswalk, terms: KnownTerms) -> Drawing:
    return Drawing(
        secret=task.secret,
        patient=crosswalk.patient(patient.domain, patient.patient_id),
        pools=_pools(task.stand_ins),
        given=given_words(patient.identifiers),
        known_numbers=(terms.codes, _export_terms(task.knowledge).codes),
    )


@cache
def _pools(stand_ins: Path) -> Pools:
    return load_pools().only(frozenset(read_lines(stand_ins)))


@cache
def _export_terms(knowledge: Path) -> KnownTerms:
    return compile_export(read_records(knowledge, Identifier))


@cache
def _given_back(words: Path) -> frozenset[str]:
    return frozenset(read_lines(words))


@cache
def _export_vocabulary(knowledge: Path) -> Vocabulary:
    return build_vocabulary([("", read_records(knowledge, Identifier))])


@cache
def _export_pixel_terms(knowledge: Path) -> PixelTerms:
    return pixel_terms(_export_terms(knowledge))
