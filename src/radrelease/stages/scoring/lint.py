"""Whether the RadCliQ of a published leaderboard follows from the other columns of the same row.

Published values are rounded, so the row is right if any values that round to the printed ones give the
printed RadCliQ. A column is taken to be rounded to the most decimals that any of its values has.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from radrelease.errors import ConfigError
from radrelease.records.benchmark import Metric
from radrelease.stages.scoring.radcliq import PARTS, SLOPES, radcliq, reciprocal

__all__ = ["LintedRow", "lint"]

_NAMES: Mapping[Metric, tuple[str, ...]] = {
    Metric.RADGRAPH_F1: ("radgraph", "radgraphf1", "radgraphcombined", "radgraph_combined"),
    Metric.BERT_SCORE: ("bertscore",),
    Metric.SEMB_SCORE: ("sembscore", "semb_score"),
    Metric.BLEU_2: ("bleu", "bleu-2", "bleu_score"),
}
_PLAIN = ("radcliq-v1", "radcliq")
_RECIPROCAL = ("1/radcliq-v1", "1/radcliq")
_MODEL = ("modelname", "model")


@dataclass(frozen=True, slots=True, kw_only=True)
class LintedRow:
    """One row of the table.

    ``expected`` is what its parts give; from ``low`` to ``high`` rounding may take it. A number that cannot
    be read is NaN. ``agrees`` is None where no RadCliQ is printed, and so nothing to check. ``misleads``:
    RadCliQ is not above 0, and its reciprocal no rank.
    """

    line: int
    model: str
    stated: float
    expected: float
    low: float
    high: float
    agrees: bool | None
    misleads: bool


@dataclass(frozen=True, slots=True)
class _Place:
    """A column: where it is, and half a unit of its last decimal."""

    number: int
    half: float


def lint(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[LintedRow]:
    """Every row of a table, its RadCliQ computed again.

    Raises :class:`radrelease.errors.ConfigError` where the table lacks a column.
    """
    names = ["".join(name.split()).lower() for name in header]
    parts = [_Place(*_found(names, rows, _NAMES[part], part.value)) for part in PARTS]
    inverted = not any(name in _PLAIN for name in names)
    stated = _Place(*_found(names, rows, _RECIPROCAL if inverted else _PLAIN, "RadCliQ-v1 or 1/RadCliQ-v1"))
    model = next((place for place, name in enumerate(names) if name in _MODEL), None)
    for line, row in enumerate(rows, start=2):
        name = row[model].strip() if model is not None and model < len(row) else ""
        yield _linted(line, name, row, parts, stated, inverted=inverted)


def _found(
    names: Sequence[str], rows: Sequence[Sequence[str]], wanted: Sequence[str], shown: str
) -> tuple[int, float]:
    place = next((place for place, name in enumerate(names) if name in wanted), None)
    if place is None:
        raise ConfigError("leaderboard", f"has no column {shown}", f"Name one {' or '.join(wanted)}")
    decimals = max((len(row[place].strip().partition(".")[2]) for row in rows if place < len(row)), default=0)
    return place, 0.5 * 10.0**-decimals


def _linted(
    line: int, model: str, row: Sequence[str], parts: Sequence[_Place], stated: _Place, *, inverted: bool
) -> LintedRow:
    values = [_number(row, part.number) for part in parts]
    printed = _number(row, stated.number)
    exact = radcliq(*values)
    slack = sum(abs(slope) * part.half for slope, part in zip(SLOPES, parts, strict=True))
    low, high = _reciprocals(exact - slack, exact + slack) if inverted else (exact - slack, exact + slack)
    expected = (reciprocal(exact) or math.inf) if inverted else exact
    margin = stated.half * (1 + 1e-9)
    return LintedRow(
        line=line,
        model=model,
        stated=printed,
        expected=expected,
        low=low,
        high=high,
        agrees=(low - margin <= printed <= high + margin) if _is_printed(row, stated.number) else None,
        misleads=exact <= 0,
    )


def _reciprocals(low: float, high: float) -> tuple[float, float]:
    """The ends of 1/x for x from ``low`` to ``high``; without bound where 0 is between."""
    return (-math.inf, math.inf) if low <= 0 <= high else (1 / high, 1 / low)


def _is_printed(row: Sequence[str], place: int) -> bool:
    return place < len(row) and bool(row[place].strip())


def _number(row: Sequence[str], place: int) -> float:
    try:
        return float(row[place])
    except (ValueError, IndexError):
        return math.nan
