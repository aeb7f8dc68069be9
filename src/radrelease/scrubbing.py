"""The scrubbing of one report with all that is known, in a worker: for a shard, and before a model is asked.

What scrubs is gathered once, in the driver, and written to the work folder, where every worker reads it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from radrelease.adapters.compiled_knowledge import Compiled, read_compiled, write_compiled
from radrelease.adapters.files import make_private, read_lines, sha256_of, write_lines
from radrelease.adapters.ner import find_entities, identity_of
from radrelease.adapters.parquet import read_records, write_records
from radrelease.config import SURROGATES, Config
from radrelease.identifiers import Secret
from radrelease.profiles.surrogates import Pools, load_pools
from radrelease.records.entities import ModelIdentity
from radrelease.records.private import Identifier, Patient, Redaction, Study
from radrelease.stages.cohort.crosswalk import Crosswalk
from radrelease.stages.knowledge.audit_vocabulary import Vocabulary, build_vocabulary
from radrelease.stages.knowledge.export_knowledge import ExportKnowledge
from radrelease.stages.knowledge.known_terms import KnownTerms, compile_export
from radrelease.stages.scrub.dates import DateRules
from radrelease.stages.scrub.drawing import Drawing, given_words
from radrelease.stages.scrub.layers import scrub
from radrelease.stages.scrub.sentence_cuts import Cut
from radrelease.stages.scrub.surrogates import with_surrogates
from radrelease.stages.text.spans import ScrubbedText, apply_spans, replacement_of

__all__ = [
    "STAND_INS",
    "WORDS",
    "Scrubbed",
    "Scrubber",
    "crosswalk_for",
    "knowledge_for",
    "make_scrubber",
    "scrub_report",
]

WORDS = "words.txt"
"""In the work folder: the words outside the lexicon that may be published."""

STAND_INS = "stand_ins.txt"
"""In the work folder: the words that stand in for others; none unless surrogates are asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrubber:
    """What a worker needs to scrub. The secret travels in memory and is never written."""

    config: Config
    secret: Secret
    knowledge: str  # SHA-256 of the Identifier records of the whole export
    terms: Compiled[KnownTerms]  # of which is what is removed from every report
    vocabulary: Compiled[Vocabulary]  # and what must not be left
    words: Path
    stand_ins: Path
    model: ModelIdentity | None  # of the named-entity model


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """A report after scrubbing, and what was taken out."""

    text: ScrubbedText
    redactions: tuple[Redaction, ...]


def make_scrubber(
    knowledge: Iterable[Identifier],
    words: Iterable[str],
    stand_ins: Iterable[str],
    config: Config,
    secret: Secret,
    folder: Path,
) -> Scrubber:
    """Write what is known to ``folder``, which is private, compile it there, and say where."""
    known = make_private(folder / "plan") / "known.parquet"
    write_records(known, Identifier, knowledge)
    terms = write_compiled(known.with_name("terms"), compile_export(read_records(known, Identifier)))
    vocabulary = write_compiled(
        known.with_name("vocabulary"),
        build_vocabulary(("", (item,)) for item in read_records(known, Identifier)),
    )
    scrubber = Scrubber(
        config=config,
        secret=secret,
        knowledge=sha256_of(known),
        terms=terms,
        vocabulary=vocabulary,
        words=folder / WORDS,
        stand_ins=folder / STAND_INS,
        model=identity_of(config.deidentification.ner_model),
    )
    write_lines(scrubber.words, sorted(words))
    write_lines(scrubber.stand_ins, sorted(stand_ins))
    return scrubber


def scrub_report(
    study: Study, patient: Patient, scrubber: Scrubber, terms: KnownTerms, knowledge: ExportKnowledge
) -> Scrubbed:
    """The report of the study without what identifies; ``terms`` are the patient's own."""
    config = scrubber.config
    crosswalk = crosswalk_for(scrubber)
    source = next(source for source in config.source if source.name == study.source)
    spans = scrub(
        study.report,
        patient=terms,
        export=knowledge.terms,
        dates=DateRules(
            shift_days=crosswalk.shift(patient.domain, patient.patient_id),
            study_date=study.study_date,
            order=source.date_order,
            never=terms.birth_dates,
        ),
        given_back=knowledge.given_back,
        entities=find_entities(study.report, config.deidentification.ner_model, scrubber.model),
        cut=Cut(config.deidentification.cut),
    )
    placeholder = config.deidentification.placeholder
    if placeholder == SURROGATES:
        spans = with_surrogates(study.report, spans, _drawing(patient, scrubber, terms, knowledge))
    return Scrubbed(
        text=apply_spans(study.report, spans, placeholder=placeholder),
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


def crosswalk_for(scrubber: Scrubber) -> Crosswalk:
    """The crosswalk that the scrubber's configuration and secret make."""
    config = scrubber.config
    return Crosswalk(scrubber.secret, config.release.id_prefix, config.deidentification.date_shift_days)


def _drawing(patient: Patient, scrubber: Scrubber, terms: KnownTerms, knowledge: ExportKnowledge) -> Drawing:
    return Drawing(
        secret=scrubber.secret,
        patient=crosswalk_for(scrubber).patient(patient.domain, patient.patient_id),
        pools=_pools(scrubber.stand_ins),
        given=given_words(patient.identifiers),
        known_numbers=(terms.codes, knowledge.terms.codes),
    )


@cache
def _pools(stand_ins: Path) -> Pools:
    return load_pools().only(frozenset(read_lines(stand_ins)))


def knowledge_for(scrubber: Scrubber) -> ExportKnowledge:
    """What the export knows, read once per process."""
    return _knowledge(scrubber.terms, scrubber.vocabulary, scrubber.words)


@cache
def _knowledge(terms: Compiled[KnownTerms], vocabulary: Compiled[Vocabulary], words: Path) -> ExportKnowledge:
    return ExportKnowledge(
        terms=read_compiled(terms),
        given_back=frozenset(read_lines(words)),
        vocabulary=read_compiled(vocabulary),
    )
