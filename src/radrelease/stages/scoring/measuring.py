"""Every metric of one submission, as two sums per study; a missing prediction counts worst in each.

``None``, an empty text and one of blanks alone are missing. Worst is 0 for shares of agreement, -1 for a
cosine and for the rescaled BERTScore, all labels wrong for the label F1, and for RadCliQ what its formula
makes of the worst of its parts: no answer scores less than none.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from radrelease.errors import ConfigError
from radrelease.records.benchmark import TRAITS, ExternalScores, Measure, Metric, MetricStatus, StudyKey
from radrelease.stages.scoring.bleu import bleu_2
from radrelease.stages.scoring.findings import label_matrix
from radrelease.stages.scoring.radcliq import PARTS, radcliq
from radrelease.stages.scoring.rouge import rouge_l

__all__ = ["measure"]

Values = NDArray[np.float64]


def measure(
    studies: Sequence[StudyKey],
    references: Sequence[str],
    predictions: Sequence[str | None],
    external: Sequence[ExternalScores],
) -> dict[Metric, Measure]:
    """The measures of all metrics that can be run. The three first arguments go by study.

    Raises :class:`radrelease.errors.ConfigError` for external values that lack a study, know one that does
    not exist, or are not numbers in the range of their metric.
    """
    missing = np.array([not (text and text.strip()) for text in predictions], dtype=np.bool_)
    texts = ["" if none else text or "" for none, text in zip(missing, predictions, strict=True)]
    official = MetricStatus.OFFICIAL
    measures = {
        Metric.BLEU_2: _mean(official, bleu_2(references, texts)),
        Metric.ROUGE_L: _mean(official, rouge_l(references, texts)),
        Metric.FINDING_F1: _finding_f1(references, texts, missing),
    }
    for scores in external:
        if scores.metric in measures or not TRAITS[scores.metric].column:
            raise ConfigError(scores.metric.value, "is given twice, or computed here", "Leave it out")
        status = official if scores.official else MetricStatus.SUBSTITUTE
        measures[scores.metric] = _mean(status, _external(scores, studies, missing))
    return measures | _radcliq(measures)


def _mean(status: MetricStatus, values: Values) -> Measure:
    return Measure(status, values, np.ones(len(values)))


def _finding_f1(references: Sequence[str], texts: Sequence[str], missing: NDArray[np.bool_]) -> Measure:
    """Micro-averaged over the labels: twice those of both, by those of either counted one by one."""
    first, second = label_matrix(references), label_matrix(texts)
    second[missing] = ~first[missing]
    both = (first & second).sum(axis=1)
    either = first.sum(axis=1) + second.sum(axis=1)
    return Measure(MetricStatus.OFFICIAL, 2.0 * both, either.astype(np.float64))


def _external(scores: ExternalScores, studies: Sequence[StudyKey], missing: NDArray[np.bool_]) -> Values:
    traits = TRAITS[scores.metric]
    column = f"column {traits.column}"
    given = [study for study, none in zip(studies, missing, strict=True) if not none]
    if absent := sum(study not in scores.values for study in given):
        raise ConfigError(
            column, f"{absent} studies with a prediction have no value", "Give every one of them"
        )
    if unknown := len(scores.values.keys() - set(studies)):
        raise ConfigError(column, f"{unknown} ids are of no study that is scored", "Take them out")
    rows = zip(studies, missing, strict=True)
    values = np.array(
        [traits.worst if none else scores.values[study] for study, none in rows], dtype=np.float64
    )
    if outside := int((~((values >= traits.least) & (values <= traits.most))).sum()):
        mend = f"Values of {scores.metric.value} are numbers from {traits.least:g} to {traits.most:g}"
        raise ConfigError(column, f"{outside} values are outside the range", mend)
    return values


def _radcliq(measures: dict[Metric, Measure]) -> dict[Metric, Measure]:
    if any(part not in measures for part in PARTS):
        return {}
    radgraph, bert_score, semb_score, bleu = (measures[part].above for part in PARTS)
    official = all(measures[part].status is MetricStatus.OFFICIAL for part in PARTS)
    status = MetricStatus.OFFICIAL if official else MetricStatus.SUBSTITUTE
    return {Metric.RADCLIQ: _mean(status, radcliq(radgraph, bert_score, semb_score, bleu))}
