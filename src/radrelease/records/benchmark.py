"""The vocabulary of the sealed benchmark: what is scored, what a score is, and what may be shown of it.

:class:`Reference`, :class:`ExternalScores` and :class:`Replicates` are private: they hold references, scores
of single studies, or enough equations to solve for them. What leaves is an :class:`Evaluation` inside a
:class:`ResultCard`, and neither has a field that could hold a score of one study.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, NewType

import numpy as np
from numpy.typing import NDArray

from radrelease.identifiers import PatientId
from radrelease.records.release import View

__all__ = [
    "SCORER_VERSION",
    "TRAITS",
    "Comparison",
    "Contamination",
    "Evaluation",
    "ExternalScores",
    "Measure",
    "Metric",
    "MetricScore",
    "MetricStatus",
    "Ranking",
    "Reference",
    "Replicates",
    "ResultCard",
    "ScoringSettings",
    "Standing",
    "StudyKey",
    "Subgroup",
    "Traits",
]

SCORER_VERSION: Final = "1"
"""Goes up with every change that may move a score. Cards of two versions are not compared."""

StudyKey = NewType("StudyKey", str)
"""``id`` of a published study: p<PatientID>_a<AccessionNumber>_s<StudyInstanceUid>."""


class Metric(StrEnum):
    """Every metric that a card may have, by the name under which it is shown."""

    BLEU_2 = "BLEU-2"
    ROUGE_L = "ROUGE-L"
    FINDING_F1 = "Finding-mention F1 (rules)"
    METEOR = "METEOR"
    RADGRAPH_F1 = "RadGraph F1"
    SEMB_SCORE = "SembScore"
    BERT_SCORE = "BERTScore"
    RATE_SCORE = "RaTEScore"
    GREEN = "GREEN"
    RADCLIQ = "RadCliQ-v1"


class MetricStatus(StrEnum):
    """How far a value may be compared with values published elsewhere under its name."""

    OFFICIAL = "official"  # by the definition, and where it has one by the model, that its name stands for
    SUBSTITUTE = "substitute"  # in place of it: another model, other weights, other settings
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What is known of a metric beforehand.

    ``worst`` is what a missing prediction scores; a value of a study outside ``least`` to ``most`` is
    refused. ``column`` is its column in a table of values computed elsewhere, "" where it is computed here;
    ``rexrank`` its column on a leaderboard of ReXrank, "" where that has none.
    """

    worst: float
    least: float
    most: float
    column: str = ""
    rexrank: str = ""
    lower_is_better: bool = False


TRAITS: Final[Mapping[Metric, Traits]] = {
    Metric.BLEU_2: Traits(worst=0, least=0, most=1, rexrank="BLEU"),
    Metric.ROUGE_L: Traits(worst=0, least=0, most=1),
    Metric.FINDING_F1: Traits(worst=0, least=0, most=1),
    Metric.METEOR: Traits(worst=0, least=0, most=1, column="METEOR"),
    Metric.RADGRAPH_F1: Traits(worst=0, least=0, most=1, column="RadGraph", rexrank="RadGraph"),
    Metric.SEMB_SCORE: Traits(worst=-1, least=-1, most=1, column="SembScore", rexrank="SembScore"),
    Metric.BERT_SCORE: Traits(worst=-1, least=-1, most=1, column="BertScore", rexrank="BertScore"),
    Metric.RATE_SCORE: Traits(worst=0, least=0, most=1, column="RaTEScore", rexrank="RaTEScore"),
    Metric.GREEN: Traits(worst=0, least=0, most=1, column="GREEN", rexrank="GREEN"),
    Metric.RADCLIQ: Traits(worst=5.1, least=-1.45, most=5.1, rexrank="1/RadCliQ-v1", lower_is_better=True),
}
"""RadCliQ is bounded by what its formula makes of the bounds of its four parts, to two decimals."""


# ----------------------------------------------------------------------------------- private side


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One study of the sealed split: what a prediction is compared with, and the groups it counts in."""

    id: StudyKey
    patient_id: PatientId
    findings: str | None
    impression: str | None
    context: str  # Indication and Comparison, as a participant sees them; "" where there is neither
    site: str | None  # pseudonym
    sex: str | None  # M, F or O
    age: str | None  # DICOM AS
    views: tuple[View, ...]  # of its pictures


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalScores:
    """Values of one metric computed elsewhere, by study. ``official`` as the person who ran it states."""

    metric: Metric
    values: Mapping[StudyKey, float]
    official: bool


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """One metric of one submission: the score of a set of studies is sum of ``above`` by sum of ``below``.

    Both are float64, one value per study; for a mean over reports ``below`` is 1.
    """

    status: MetricStatus
    above: NDArray[np.float64]
    below: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Replicates:
    """The scores of one submission over all resamples of the patients, float64 (replicates,) per metric.

    Private, though each is a mean over all patients: the resamples are public knowledge, so as many
    replicates as patients are equations that can be solved for the score of each.
    ``drawn`` names the resamples; two submissions are compared on the same ones only.
    """

    drawn: str
    scores: Mapping[Metric, float]
    values: Mapping[Metric, NDArray[np.float64]]


# ------------------------------------------------------------------------------------ public side


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringSettings:
    """What bears on a score beside references and predictions. All of it is on the card."""

    commitment: str  # of the sealed split: the resamples are drawn from it
    target: Literal["report", "findings"] = "report"
    replicates: int = 2000
    smallest_cell: int = 5  # patients; smaller subgroups are not shown
    canaries: tuple[str, ...] = ()  # strings planted in what nobody should train on


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricScore:
    """The score of a set of studies with its 95% interval over patients, rounded to its uncertainty.

    All three are None where the metric was not run, and where there is too little to compute it from.
    """

    metric: Metric
    status: MetricStatus
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subgroup:
    """The scores of the studies of one kind. A cell of few patients has neither numbers nor scores."""

    attribute: str  # site, sex, age, view, reference
    cell: str
    studies: int | None
    patients: int | None
    scores: tuple[MetricScore, ...]

    @property
    def suppressed(self) -> bool:
        return self.studies is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contamination:
    """Signs that a model has seen what it should not. Shares are of all predictions, 0 to 1, two decimals.

    Reports are formulaic, so some copies are innocent: ``training_copies`` is to be read against
    ``expected_copies``, the share of the references themselves that are copies of a training report.
    """

    training_reports: int | None  # None where no training reports were given
    training_copies: float | None
    expected_copies: float | None
    context_copies: float
    canaries_found: int  # predictions that hold one


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Everything that may be said of one submission. Aggregates only."""

    scorer_version: str
    settings: ScoringSettings
    studies: int  # the denominator, whatever was predicted
    patients: int
    missing: int  # studies without a prediction; they score worst
    scores: tuple[MetricScore, ...]  # one for every Metric
    subgroups: tuple[Subgroup, ...]
    contamination: Contamination

    def score(self, metric: Metric) -> MetricScore:
        return next(score for score in self.scores if score.metric is metric)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultCard:
    """One opening of the sealed split and what came of it: what is signed and published."""

    dataset: str
    dataset_version: str
    team: str
    model: str
    model_url: str  # "" where there is none
    date: str  # ISO 8601, given by the caller
    submission_sha256: str
    log_head: str  # hash of the entry of the log of openings that this scoring made
    evaluation: Evaluation


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two models on the same resamples: ``difference`` is the first one's score less the second one's.

    ``low`` and ``high`` are its interval at the level that Holm's procedure asks of this pair.
    """

    first: str
    second: str
    difference: float
    low: float
    high: float
    p: float
    told_apart: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A place on the leaderboard. ``rank`` is 1 and as many as are surely better.

    Two models share a letter of ``groups`` exactly if they cannot be told apart.
    """

    name: str
    rank: int
    groups: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The order of models by one metric, best first."""

    metric: Metric
    standings: tuple[Standing, ...]
    comparisons: tuple[Comparison, ...]
