"""The leaderboard as files that need no server: a page, and two tables. Equal cards give equal bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from radrelease.records.benchmark import TRAITS, Metric, MetricScore
from radrelease.stages.scoring.board import REXRANK_COLUMNS, Board, detail_rows, rexrank_rows, whiskers

__all__ = ["render_leaderboard", "write_leaderboard"]


def write_leaderboard(folder: Path, board: Board) -> None:
    """Write ``index.html``, ``leaderboard.csv`` in ReXrank's columns and ``scores.csv`` with everything."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "index.html": render_leaderboard(board),
        "leaderboard.csv": _csv([REXRANK_COLUMNS, *rexrank_rows(board)]),
        "scores.csv": _csv(detail_rows(board)),
    }
    for name, text in files.items():
        partial = folder / f"{name}.partial"
        partial.write_text(text, encoding="utf-8", newline="")
        partial.replace(folder / name)


def render_leaderboard(board: Board) -> str:
    """The page: one file that loads nothing."""
    templates = Environment(
        loader=PackageLoader("radrelease.adapters", "templates"), autoescape=True, undefined=StrictUndefined
    )
    templates.filters["printed"] = _printed
    drawn = list(zip(board.rows, whiskers(board), strict=True))
    return templates.get_template("leaderboard.html.j2").render(
        board=board, drawn=drawn, traits=TRAITS, radcliq=Metric.RADCLIQ
    )


def _printed(score: MetricScore) -> dict[str, str]:
    """Value and interval, all with the decimals of the one that has most."""
    numbers = {"value": score.value, "low": score.low, "high": score.high}
    decimals = max(
        len(f"{number:.4f}".rstrip("0").partition(".")[2])
        for number in numbers.values()
        if number is not None
    )
    return {name: f"{number:.{decimals}f}" for name, number in numbers.items() if number is not None}


def _csv(rows: Iterable[Iterable[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
