"""Which studies may be released, and the words of their reports: the workers look, patient by patient."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from radrelease.adapters.cohort_store import CohortStore
from radrelease.adapters.workers import Failure, in_batches, run_bisecting
from radrelease.cohort import Key
from radrelease.config import Config
from radrelease.profiles.chest import load_chest_vocabulary
from radrelease.progress import Progress
from radrelease.records.private import Rejected, Study
from radrelease.records.release import SectionName
from radrelease.stages.cohort.eligibility import STAGE, judge
from radrelease.stages.cohort.rejecting import reject_study
from radrelease.stages.scrub.word_counts import UnlistedWords, unlisted_words
from radrelease.stages.sections import find_sections

__all__ = ["Judged", "judge_studies"]

_BATCH = 16
"""Patients handed to a worker at once."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The light studies that may be released, of each patient by date, and the words outside the lexicon.

    ``plain`` and ``named`` say how many patients' reports use each so (:class:`UnlistedWords`).
    """

    light: Mapping[Key, tuple[Study, ...]]
    plain: Mapping[str, int]
    named: Mapping[str, int]
    rejected: tuple[Rejected, ...]


@dataclass(frozen=True, slots=True)
class _Verdict:
    """Of one patient: the images that may be released, by study; what may not; the words of what is left."""

    kept: Mapping[str, frozenset[str]]  # paths by study UID
    rejected: tuple[Rejected, ...]
    words: UnlistedWords


def judge_studies(studies: Iterable[Study], config: Config, store: CohortStore, progress: Progress) -> Judged:
    """Judge every study, whole patients at once; one that ends its worker is turned away."""
    by_patient = _by_patient(studies)
    light: dict[Key, tuple[Study, ...]] = {}
    plain: Counter[str] = Counter()
    named: Counter[str] = Counter()
    rejected: list[Rejected] = []
    items = ((config, tuple(map(store.whole, own))) for own in by_patient.values())
    with progress.step("Judging studies", sum(map(len, by_patient.values()))) as step:
        for batch, outcome in run_bisecting(
            judge_patients,
            in_batches(items, _BATCH),
            config=config,
            timeout_s=config.workers.study_timeout_s,
        ):
            for (_, whole), verdict in zip(batch, _verdicts(batch, outcome), strict=True):
                key = (whole[0].patient_domain, whole[0].patient_id)
                left = tuple(_left(by_patient[key], verdict))
                if left:
                    light[key] = left
                plain.update(verdict.words.plain)
                named.update(verdict.words.named)
                rejected += verdict.rejected
                step.advance(len(whole))
    return Judged(dict(sorted(light.items())), plain, named, tuple(rejected))


def judge_patients(batch: tuple[tuple[Config, tuple[Study, ...]], ...]) -> list[_Verdict]:
    """The verdicts on a batch of patients; what a worker runs."""
    return [_judge_patient(studies, config) for config, studies in batch]


def _judge_patient(studies: Sequence[Study], config: Config) -> _Verdict:
    kept: dict[str, frozenset[str]] = {}
    rejected: list[Rejected] = []
    reports: list[str] = []
    for study in studies:
        eligible, reasons = judge(
            study,
            config.eligibility,
            load_chest_vocabulary(),
            partial(_sections_of, config=config),
            looks_for_text=config.pixel_policies[study.source] != "off",
        )
        rejected += reasons
        if eligible is not None:
            kept[study.study_uid] = frozenset(instance.path for instance in eligible.instances)
            reports.append(study.report)
    return _Verdict(kept, tuple(rejected), unlisted_words(reports))


def _sections_of(study: Study, config: Config) -> frozenset[SectionName]:
    """The sections that the rules find; all where a model will be asked, as the shard looks again."""
    found = find_sections(study.report, config.headers_of(study.source))
    asked = config.reports.asks_model and (config.reports.sectioner == "llm" or not found.accepted)
    return frozenset(name for name, words in found.sections(study.report).items() if words or asked)


def _verdicts(
    batch: Sequence[tuple[Config, tuple[Study, ...]]], outcome: list[_Verdict] | Failure
) -> list[_Verdict]:
    """The verdicts of a worker; of one that failed, that its patient's studies are turned away."""
    if not isinstance(outcome, Failure):
        return outcome
    ((_, studies),) = batch
    rejected = tuple(row for study in studies for row in reject_study(STAGE, study, outcome.reason))
    return [_Verdict({}, rejected, unlisted_words(()))]


def _left(studies: Iterable[Study], verdict: _Verdict) -> Iterator[Study]:
    """The light studies that may be released, with the images that may."""
    for study in studies:
        paths = verdict.kept.get(study.study_uid)
        if paths is not None:
            yield replace(study, instances=tuple(one for one in study.instances if one.path in paths))


def _by_patient(studies: Iterable[Study]) -> dict[Key, tuple[Study, ...]]:
    """The studies of each patient, by date; the patients in order."""
    found: dict[Key, list[Study]] = defaultdict(list)
    for study in studies:
        found[study.patient_domain, study.patient_id].append(study)
    return {
        key: tuple(sorted(own, key=lambda study: (study.study_date, study.study_uid)))
        for key, own in sorted(found.items())
    }
