"""The order of models, and which of them the data can tell apart.

Every pair is compared on the same resamples of the patients; p is of a normal distribution with the standard
deviation of the difference over them, and Holm's procedure (1979) holds the chance of one false statement on
the whole board at 5%. "Not told apart" is not transitive, so it is first made so that groups exist: a pair
counts as told apart only if every pair around it in the order does too. What is left is a set of stretches of
the order; each longest one is a group with a letter (docs/decisions/0024-scores.md).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from string import ascii_lowercase

from radrelease.errors import ConfigError
from radrelease.records.benchmark import TRAITS, Comparison, Metric, Ranking, Replicates, Standing
from radrelease.stages.scoring.bootstrap import spread

__all__ = ["rank"]

_LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class _Pair:
    """Models ``first`` and ``second`` by their places in the order; the first is better or equal."""

    first: int
    second: int
    difference: float
    deviation: float

    @property
    def p(self) -> float:
        """Two-sided, that there is no difference."""
        if self.deviation == 0:
            return 0.0 if self.difference else 1.0
        return math.erfc(abs(self.difference) / self.deviation / math.sqrt(2))


def rank(models: Mapping[str, Replicates], metric: Metric) -> Ranking:
    """The order of ``models``, by name, that were scored on ``metric`` with the same resamples.

    Raises :class:`radrelease.errors.ConfigError` where the resamples differ or a model lacks the metric.
    """
    _check(models, metric)
    sign = 1 if TRAITS[metric].lower_is_better else -1
    names = sorted(models, key=lambda name: (sign * models[name].scores[metric], name))
    pairs = [_compare(i, j, models, names, metric) for i, j in itertools.combinations(range(len(names)), 2)]
    surely, levels = _holm(pairs)
    apart = _closed(surely, len(names))
    groups = _letters(apart, len(names))
    standings = tuple(
        Standing(name=name, rank=1 + sum((i, place) in apart for i in range(place)), groups=groups[place])
        for place, name in enumerate(names)
    )
    shown = (_shown(pair, names, levels[place], apart) for place, pair in enumerate(pairs))
    return Ranking(metric=metric, standings=standings, comparisons=tuple(shown))


def _check(models: Mapping[str, Replicates], metric: Metric) -> None:
    if len({model.drawn for model in models.values()}) > 1:
        raise ConfigError(
            "leaderboard",
            "some models were scored on another sealed split, or with other settings or another scorer",
            "Rank those of one benchmark, or score the older ones again",
        )
    if any(metric not in model.values for model in models.values()):
        raise ConfigError(
            "leaderboard", f"some models were not scored on {metric.value}", "Rank by a metric that all have"
        )


def _compare(i: int, j: int, models: Mapping[str, Replicates], names: Sequence[str], metric: Metric) -> _Pair:
    first, second = models[names[i]], models[names[j]]
    over = spread(first.values[metric] - second.values[metric])
    return _Pair(i, j, first.scores[metric] - second.scores[metric], over.deviation if over else math.inf)


def _holm(pairs: Sequence[_Pair]) -> tuple[set[tuple[int, int]], list[float]]:
    """The pairs that differ by Holm's procedure, and the level at which each was tested."""
    order = sorted(range(len(pairs)), key=lambda place: (pairs[place].p, place))
    levels = [0.0] * len(pairs)
    surely: set[tuple[int, int]] = set()
    going = True
    level = _LEVEL
    for step, place in enumerate(order):
        if going:
            level = _LEVEL / (len(pairs) - step)
        levels[place] = level
        going = going and pairs[place].p <= level
        if going:
            surely.add((pairs[place].first, pairs[place].second))
    return surely, levels


def _closed(surely: set[tuple[int, int]], count: int) -> set[tuple[int, int]]:
    """The pairs of ``surely`` around which every wider pair is in ``surely`` too."""
    apart: set[tuple[int, int]] = set()
    for width in range(count - 1, 0, -1):
        for i in range(count - width):
            j = i + width
            around = [pair for pair in ((i - 1, j), (i, j + 1)) if pair[0] >= 0 and pair[1] < count]
            if (i, j) in surely and all(pair in apart for pair in around):
                apart.add((i, j))
    return apart


def _letters(apart: set[tuple[int, int]], count: int) -> list[str]:
    """The letters of each place: one for every longest stretch of places none of which are apart."""
    ends = [max(j for j in range(i, count) if (i, j) not in apart) for i in range(count)]
    starts = [i for i in range(count) if i == 0 or ends[i] > ends[i - 1]]
    names = [_letter(number) for number in range(len(starts))]
    return [
        " ".join(name for name, start in zip(names, starts, strict=True) if start <= place <= ends[start])
        for place in range(count)
    ]


def _letter(number: int) -> str:
    rounds, place = divmod(number, len(ascii_lowercase))
    return ascii_lowercase[place] + (str(rounds + 1) if rounds else "")


def _shown(pair: _Pair, names: Sequence[str], level: float, apart: set[tuple[int, int]]) -> Comparison:
    half = NormalDist().inv_cdf(1 - level / 2) * pair.deviation if math.isfinite(pair.deviation) else math.inf
    digits = 4
    return Comparison(
        first=names[pair.first],
        second=names[pair.second],
        difference=round(pair.difference, digits),
        low=round(pair.difference - half, digits),
        high=round(pair.difference + half, digits),
        p=float(f"{pair.p:.2g}"),
        told_apart=(pair.first, pair.second) in apart,
    )
