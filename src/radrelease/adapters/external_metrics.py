"""Values of metrics that were computed elsewhere: a CSV file with a row per study."""

from __future__ import annotations

import csv
import math
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from radrelease.errors import ConfigError
from radrelease.records.benchmark import TRAITS, ExternalScores, Metric, StudyKey

__all__ = ["read_external", "read_table"]

_COLUMNS: Mapping[str, Metric] = {traits.column: metric for metric, traits in TRAITS.items() if traits.column}


def read_table(path: Path) -> tuple[list[str], list[list[str]]]:
    """The header and the rows of a CSV file in UTF-8; empty lines are left out.

    Raises :class:`radrelease.errors.ConfigError` for what is no such file.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.reader(file, strict=True) if row]
    except (OSError, UnicodeDecodeError, csv.Error):
        raise ConfigError(str(path), "cannot be read as CSV", "Give a CSV file in UTF-8") from None
    if not rows:
        raise ConfigError(str(path), "is empty", "Give a CSV file with a header")
    return [name.strip() for name in rows[0]], rows[1:]


def read_external(path: Path, substitutes: Collection[Metric] = ()) -> tuple[ExternalScores, ...]:
    """The values in ``path``: a column ``id``, and one or more of those that :data:`TRAITS` names.

    Those of ``substitutes`` were not computed by the model their name stands for. Raises
    :class:`radrelease.errors.ConfigError` for other columns, ids that repeat and values that are no numbers;
    it quotes neither ids nor values.
    """
    header, rows = read_table(path)
    wanted = f"the columns are id and some of {', '.join(_COLUMNS)}"
    if header.count("id") != 1 or len(set(header)) != len(header) or not set(header) <= {"id", *_COLUMNS}:
        raise ConfigError(str(path), "has other columns than it may", f"Name them right: {wanted}")
    if ragged := sum(len(row) != len(header) for row in rows):
        raise ConfigError(str(path), f"{ragged} rows have more or fewer values than the header", "Mend them")
    ids = [StudyKey(row[header.index("id")]) for row in rows]
    if len(set(ids)) < len(ids):
        raise ConfigError(
            str(path), f"{len(ids) - len(set(ids))} ids are there twice", "Give each study once"
        )
    return tuple(
        ExternalScores(
            metric=_COLUMNS[name],
            values=dict(zip(ids, _numbers(path, name, [row[place] for row in rows]), strict=True)),
            official=_COLUMNS[name] not in substitutes,
        )
        for place, name in enumerate(header)
        if name != "id"
    )


def _numbers(path: Path, name: str, texts: Sequence[str]) -> list[float]:
    numbers = [_number(text) for text in texts]
    if wrong := sum(not math.isfinite(number) for number in numbers):
        raise ConfigError(
            str(path),
            f"{wrong} values of {name} are absent, NaN or no numbers",
            "Give a number for every study",
        )
    return numbers


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
