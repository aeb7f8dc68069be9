"""One submission scored: every metric with its interval, by subgroup, and the signs of contamination."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radrelease.errors import BrokenPromise, ConfigError
from radrelease.identifiers import PatientId
from radrelease.records.benchmark import (
    SCORER_VERSION,
    TRAITS,
    Contamination,
    Evaluation,
    ExternalScores,
    Measure,
    Metric,
    Reference,
    Replicates,
    ScoringSettings,
    StudyKey,
    Subgroup,
)
from radrelease.stages.scoring.bootstrap import resampled, seed_of
from radrelease.stages.scoring.contamination import copies_among, echoes, holds_canary
from radrelease.stages.scoring.measuring import measure
from radrelease.stages.scoring.subgroups import Group, groups_of
from radrelease.stages.scoring.summing import Column, scored

__all__ = ["Assessment", "assess", "evaluate"]


@dataclass(frozen=True, slots=True)
class Assessment:
    """What may leave, and what the organiser keeps to compare this submission with others."""

    evaluation: Evaluation
    replicates: Replicates


@dataclass(frozen=True, slots=True)
class _Scored:
    """The studies that are scored, in the order of their ids, with their texts by place."""

    references: tuple[Reference, ...]
    texts: tuple[str, ...]
    predictions: tuple[str | None, ...]

    @property
    def ids(self) -> tuple[StudyKey, ...]:
        return tuple(one.id for one in self.references)

    @property
    def missing(self) -> int:
        return sum(not (text and text.strip()) for text in self.predictions)


def evaluate(
    references: Sequence[Reference],
    predictions: Mapping[StudyKey, str | None],
    settings: ScoringSettings,
    external: Sequence[ExternalScores] = (),
    training: Iterable[str] | None = None,
) -> Evaluation:
    """What may be said of a submission; see :func:`assess`."""
    return assess(references, predictions, settings, external, training).evaluation


def assess(
    references: Sequence[Reference],
    predictions: Mapping[StudyKey, str | None],
    settings: ScoringSettings,
    external: Sequence[ExternalScores] = (),
    training: Iterable[str] | None = None,
) -> Assessment:
    """Score ``predictions``, by id, against every reference that has the text aimed at.

    ``training`` are public reports that a model may have learned by heart, read once. Equal arguments give
    equal results, in whatever order the references come. Raises :class:`radrelease.errors.ConfigError` for
    ids that no reference has and for unusable external values.
    """
    studies = _studies(references, predictions, settings)
    measures = measure(studies.ids, studies.texts, studies.predictions, external)
    patients = _patient_places(studies.references)
    groups = tuple(groups_of(studies.references, studies.texts, settings.smallest_cell))
    drawn = drawn_by(settings, studies.references)
    columns = _columns(measures, groups, patients, drawn, settings.replicates)
    evaluation = Evaluation(
        scorer_version=SCORER_VERSION,
        settings=settings,
        studies=len(studies.references),
        patients=int(patients.max(initial=-1)) + 1,
        missing=studies.missing,
        scores=tuple(scored(metric, columns.get((metric, None))) for metric in Metric),
        subgroups=tuple(_subgroup(group, columns) for group in groups),
        contamination=_contamination(studies, settings, training),
    )
    whole = {metric: columns[metric, None] for metric in measures}
    return Assessment(
        evaluation,
        Replicates(
            drawn=drawn,
            scores={metric: column.score for metric, column in whole.items()},
            values={metric: column.replicates for metric, column in whole.items()},
        ),
    )


def reference_text(reference: Reference, target: str) -> str:
    """What a prediction is compared with.

    The findings, or both sections as ReXrank joins them: "Findings: ... Impression: ...". A section that is
    absent is left out, where ReXrank writes "None". "" where nothing is there to compare with.
    """
    if target == "findings":
        return reference.findings or ""
    parts = (("Findings", reference.findings), ("Impression", reference.impression))
    return " ".join(f"{name}: {text}" for name, text in parts if text)


def _studies(
    references: Sequence[Reference], predictions: Mapping[StudyKey, str | None], settings: ScoringSettings
) -> _Scored:
    if unknown := len(predictions.keys() - {one.id for one in references}):
        raise ConfigError("predictions", f"{unknown} ids are of no study of this split", "Take them out")
    if len({one.id for one in references}) < len(references):
        raise BrokenPromise("Two references have one id")
    ordered = sorted(references, key=lambda one: one.id)
    usable = tuple(one for one in ordered if reference_text(one, settings.target).strip())
    if not usable:
        raise ConfigError(
            "target", f"no reference has {settings.target} to score against", "Choose the other one"
        )
    if len({one.patient_id for one in usable}) < settings.smallest_cell:
        few = f"fewer than {settings.smallest_cell} patients"
        raise ConfigError("split", f"{few} can be scored, so a score would be that of a person", "Seal more")
    return _Scored(
        references=usable,
        texts=tuple(reference_text(one, settings.target) for one in usable),
        predictions=tuple(predictions.get(one.id) for one in usable),
    )


def _patient_places(references: Sequence[Reference]) -> NDArray[np.int64]:
    """The number of each study's patient, in the order of their pseudonyms: int64 (studies,)."""
    numbers: dict[PatientId, int] = {
        patient: number for number, patient in enumerate(sorted({one.patient_id for one in references}))
    }
    return np.array([numbers[one.patient_id] for one in references], dtype=np.int64)


def drawn_by(settings: ScoringSettings, references: Sequence[Reference]) -> str:
    """What names the resamples: scorer, split, target and number. Equal texts give equal resamples."""
    counts = f"{len(references)} studies", f"{settings.replicates} replicates"
    return " / ".join((f"scorer {SCORER_VERSION}", settings.commitment, settings.target, *counts))


def _columns(
    measures: Mapping[Metric, Measure],
    groups: Sequence[Group],
    patients: NDArray[np.int64],
    drawn: str,
    replicates: int,
) -> dict[tuple[Metric, Group | None], Column]:
    """The score of every metric over all studies (None) and each group that is shown, with replicates."""
    shown: list[Group | None] = [None, *(group for group in groups if group.shown)]
    keys = [(metric, group) for group in shown for metric in measures]
    sums = [_patient_sums(measures[metric], group, patients) for metric, group in keys]
    both = np.concatenate(sums, axis=1)
    over = resampled(both, seed_of(drawn), replicates)
    total = both.sum(axis=0)
    columns = {}
    for place, (metric, group) in enumerate(keys):
        measure, own = measures[metric], slice(2 * place, 2 * place + 2)
        most = (TRAITS[metric].most - TRAITS[metric].least) * float(measure.below[_places(group)].max())
        columns[metric, group] = Column.of(measure.status, total[own], most, over[:, own])
    return columns


def _patient_sums(measure: Measure, group: Group | None, patients: NDArray[np.int64]) -> NDArray[np.float64]:
    """Both sums of one measure by patient, float64 (patients, 2)."""
    places = _places(group)
    count = int(patients.max()) + 1
    return np.stack(
        [np.bincount(patients[places], side[places], count) for side in (measure.above, measure.below)],
        axis=1,
    )


def _places(group: Group | None) -> slice | NDArray[np.int64]:
    return slice(None) if group is None else np.array(group.studies, dtype=np.int64)


def _subgroup(group: Group, columns: Mapping[tuple[Metric, Group | None], Column]) -> Subgroup:
    own = [(metric, columns[metric, group]) for metric in Metric if (metric, group) in columns]
    return Subgroup(
        attribute=group.attribute,
        cell=group.cell,
        studies=len(group.studies) if group.shown else None,
        patients=group.patients if group.shown else None,
        scores=tuple(scored(metric, column) for metric, column in own),
    )


def _contamination(
    studies: _Scored, settings: ScoringSettings, training: Iterable[str] | None
) -> Contamination:
    texts = [text or "" for text in studies.predictions]
    count = max(1, len(texts) - studies.missing)
    echoed = sum(echoes(text, one.context) for text, one in zip(texts, studies.references, strict=True))
    reports, copies, expected = _copies(texts, studies.texts, training, count)
    return Contamination(
        training_reports=reports,
        training_copies=copies,
        expected_copies=expected,
        context_copies=round(echoed / count, 2),
        canaries_found=sum(holds_canary(text, settings.canaries) for text in texts),
    )


def _copies(
    texts: Sequence[str], references: Sequence[str], training: Iterable[str] | None, count: int
) -> tuple[int | None, float | None, float | None]:
    if training is None:
        return None, None, None
    reports, copied = copies_among([*texts, *references], training)
    own, theirs = copied[: len(texts)].sum(), copied[len(texts) :].mean()
    return reports, round(float(own) / count, 2), round(float(theirs), 2)
