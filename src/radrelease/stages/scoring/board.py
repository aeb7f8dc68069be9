"""Result cards side by side: the order, the groups, and the rows of the tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from radrelease.errors import ConfigError
from radrelease.records.benchmark import (
    TRAITS,
    Evaluation,
    Metric,
    MetricScore,
    MetricStatus,
    Ranking,
    Replicates,
    ResultCard,
)
from radrelease.stages.scoring.radcliq import PARTS, misleads, radcliq, reciprocal
from radrelease.stages.scoring.ranking import rank

__all__ = [
    "REXRANK_COLUMNS",
    "Board",
    "BoardRow",
    "Whisker",
    "board_of",
    "detail_rows",
    "rexrank_rows",
    "whiskers",
]

REXRANK_COLUMNS = (
    "Rank", "Date", "Model Name", "Institution", "Model URL", "BLEU", "BertScore", "SembScore", "RadGraph",
    "1/RadCliQ-v1", "RaTEScore", "GREEN", "1/FineRadScore",
)  # fmt: skip
"""The header of the tables that ReXrank publishes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """One model. ``rank`` and ``groups`` are "" where it was not scored on the metric of the order."""

    card: ResultCard
    rank: str
    groups: str

    @property
    def reciprocal(self) -> float | None:
        """1/RadCliQ-v1 of the four parts as they are shown, so that who computes it again finds the same."""
        radgraph, bert_score, semb_score, bleu = (self.card.evaluation.score(part).value for part in PARTS)
        if radgraph is None or bert_score is None or semb_score is None or bleu is None:
            return None
        return reciprocal(radcliq(radgraph, bert_score, semb_score, bleu))

    @property
    def misleads(self) -> bool:
        value = self.card.evaluation.score(Metric.RADCLIQ).value
        return value is not None and misleads(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A leaderboard, best first. Without ``ranking`` the differences were not tested."""

    metric: Metric
    rows: tuple[BoardRow, ...]
    ranking: Ranking | None

    @property
    def first(self) -> ResultCard:
        """Any card: dataset, split and settings are the same on all."""
        return self.rows[0].card

    @property
    def shown(self) -> tuple[Metric, ...]:
        """The metrics that any model was scored on, that of the order first."""
        run = [m for m in Metric if any(row.card.evaluation.score(m).value is not None for row in self.rows)]
        return tuple(sorted(run, key=lambda metric: metric is not self.metric))

    def named(self, submission: str) -> ResultCard:
        return next(row.card for row in self.rows if row.card.submission_sha256 == submission)


def board_of(
    cards: Sequence[ResultCard], replicates: Mapping[str, Replicates] | None, metric: Metric = Metric.RADCLIQ
) -> Board:
    """The leaderboard of ``cards``; ``replicates`` by submission_sha256, or None to test nothing.

    Raises :class:`radrelease.errors.ConfigError` for cards of different benchmarks, one submission twice, and
    replicates that are absent.
    """
    _check(cards)
    scored = [card for card in cards if card.evaluation.score(metric).value is not None]
    others = [card for card in cards if card.evaluation.score(metric).value is None]
    ranking = None if replicates is None else rank(_own(scored, replicates), metric)
    rows = _by_ranking(scored, ranking) if ranking else _by_value(scored, metric)
    left = [BoardRow(card=card, rank="", groups="") for card in sorted(others, key=lambda card: card.model)]
    return Board(metric=metric, rows=(*rows, *left), ranking=ranking)


def _check(cards: Sequence[ResultCard]) -> None:
    if not cards:
        raise ConfigError("leaderboard", "no card was given", "Name the cards that bench score wrote")
    if len({_benchmark(card, card.evaluation) for card in cards}) > 1:
        raise ConfigError(
            "leaderboard",
            "the cards differ in dataset, version, sealed split, settings or scorer",
            "Make one leaderboard for each benchmark",
        )
    if len({card.submission_sha256 for card in cards}) < len(cards):
        raise ConfigError("leaderboard", "one submission is on two cards", "Leave one of them out")


def _benchmark(card: ResultCard, evaluation: Evaluation) -> tuple[object, ...]:
    denominators = evaluation.studies, evaluation.patients
    return card.dataset, card.dataset_version, evaluation.scorer_version, evaluation.settings, denominators


def _own(cards: Sequence[ResultCard], replicates: Mapping[str, Replicates]) -> dict[str, Replicates]:
    if absent := sum(card.submission_sha256 not in replicates for card in cards):
        raise ConfigError(
            "--replicates",
            f"those of {absent} cards are not there",
            "Score these submissions again, or leave it out",
        )
    return {card.submission_sha256: replicates[card.submission_sha256] for card in cards}


def _by_ranking(cards: Sequence[ResultCard], ranking: Ranking) -> list[BoardRow]:
    own = {card.submission_sha256: card for card in cards}
    return [
        BoardRow(card=own[standing.name], rank=str(standing.rank), groups=standing.groups)
        for standing in ranking.standings
    ]


def _by_value(cards: Sequence[ResultCard], metric: Metric) -> list[BoardRow]:
    sign = 1 if TRAITS[metric].lower_is_better else -1
    values = {card.submission_sha256: sign * (card.evaluation.score(metric).value or 0.0) for card in cards}
    ordered = sorted(cards, key=lambda card: (values[card.submission_sha256], card.submission_sha256))
    ranks = [1 + sum(value < values[card.submission_sha256] for value in values.values()) for card in ordered]
    return [BoardRow(card=card, rank=str(rank), groups="") for card, rank in zip(ordered, ranks, strict=True)]


@dataclass(frozen=True, slots=True)
class Whisker:
    """A score and its interval on an axis that spans those of the whole board, in percent of its length."""

    low: float
    value: float
    high: float


def whiskers(board: Board) -> list[Whisker | None]:
    """One for each row, None where the row has no score."""
    scores = [row.card.evaluation.score(board.metric) for row in board.rows]
    ends = [
        (s.low, s.value, s.high)
        for s in scores
        if s.low is not None and s.value is not None and s.high is not None
    ]
    least, most = min((end[0] for end in ends), default=0.0), max((end[2] for end in ends), default=0.0)
    scale = 100 / (most - least) if most > least else 0.0
    drawn = iter([Whisker(*(round((number - least) * scale, 2) for number in end)) for end in ends])
    return [None if score.value is None else next(drawn) for score in scores]


def rexrank_rows(board: Board) -> Iterator[tuple[str, ...]]:
    """The rows under :data:`REXRANK_COLUMNS`; what stands in for a metric is not printed under its name."""
    for row in board.rows:
        values = {
            traits.rexrank: _official(row, metric) for metric, traits in TRAITS.items() if traits.rexrank
        }
        card = row.card
        about = (row.rank, card.date, _plain(card.model), _plain(card.team), _plain(card.model_url))
        yield (*about, *(values.get(column, "") for column in REXRANK_COLUMNS[len(about) :]))


def _official(row: BoardRow, metric: Metric) -> str:
    score = row.card.evaluation.score(metric)
    if score.status is not MetricStatus.OFFICIAL:
        return ""
    value = row.reciprocal if metric is Metric.RADCLIQ else score.value
    return "" if value is None else str(round(value, 4))


def detail_rows(board: Board) -> Iterator[tuple[str, ...]]:
    """A header, and a row for every score of every model with its interval and status."""
    yield (
        "model",
        "team",
        "submission_sha256",
        "attribute",
        "cell",
        "metric",
        "status",
        "value",
        "low",
        "high",
    )
    for row in board.rows:
        card = row.card
        about = _plain(card.model), _plain(card.team), card.submission_sha256
        for attribute, cell, score in _all_scores(card.evaluation):
            numbers = ("" if value is None else str(value) for value in (score.value, score.low, score.high))
            yield (*about, attribute, cell, score.metric.value, score.status.value, *numbers)


def _all_scores(evaluation: Evaluation) -> Iterator[tuple[str, str, MetricScore]]:
    for score in evaluation.scores:
        yield "all", "", score
    for group in evaluation.subgroups:
        for score in group.scores:
            yield group.attribute, _plain(group.cell), score


def _plain(text: str) -> str:
    """The text, so that a spreadsheet does not take it for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
