"""``radrelease bench lint`` and ``leaderboard``."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from radrelease.adapters.external_metrics import read_table
from radrelease.adapters.leaderboard_page import write_leaderboard
from radrelease.adapters.replicates_file import read_replicates, replicates_path
from radrelease.adapters.result_cards import read_card
from radrelease.records.benchmark import Metric
from radrelease.stages.scoring.board import board_of
from radrelease.stages.scoring.lint import LintedRow, lint

__all__ = ["leaderboard", "lint_table"]


@click.command("lint")
@click.argument("csv", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--all", "everything", is_flag=True, help="Show the rows that agree too.")
def lint_table(csv: Path, *, everything: bool) -> None:
    """Compute RadCliQ-v1 of every row of a leaderboard from its four parts, and show rows that disagree.

    The table has columns BLEU, BertScore, SembScore, RadGraph, and RadCliQ-v1 or 1/RadCliQ-v1, as ReXrank
    names them. A row agrees if numbers that round to the printed ones give the printed RadCliQ. The exit code
    is 1 if any row does not.

    \b
    Example:
      radrelease bench lint leaderboard.csv
    """
    rows = list(lint(*read_table(csv)))
    wrong = sum(row.agrees is False for row in rows)
    checked = sum(row.agrees is not None for row in rows)
    if shown := rows if everything else [row for row in rows if row.agrees is False or row.misleads]:
        Console().print(_table(shown))
    click.echo(f"{checked - wrong} of {checked} rows agree with their parts.")
    if left := len(rows) - checked:
        click.echo(f"{left} rows print no RadCliQ.")
    sys.exit(1 if wrong else 0)


def _table(rows: Sequence[LintedRow]) -> Table:
    table = Table()
    for column in ("line", "model", "printed", "from its parts", "with rounding", "verdict"):
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(
            str(row.line),
            Text(row.model),
            _number(row.stated),
            _number(row.expected),
            f"{_number(row.low)} to {_number(row.high)}",
            _verdict(row),
        )
    return table


def _number(value: float) -> str:
    return "unreadable" if math.isnan(value) else f"{value:.4f}"


def _verdict(row: LintedRow) -> str:
    verdict = {True: "agrees", False: "does not agree", None: "nothing to check"}[row.agrees]
    return f"{verdict}; RadCliQ is not above 0, so 1/RadCliQ is no rank" if row.misleads else verdict


@click.command()
@click.argument(
    "cards", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False, exists=True)
)
@click.option(
    "--output", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder to write to."
)
@click.option(
    "--replicates",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Private folder of the resampled scores; without it no differences are tested.",
)
@click.option(
    "--by",
    type=click.Choice([metric.value for metric in Metric]),
    default=Metric.RADCLIQ.value,
    show_default=True,
    help="Metric of the order.",
)
def leaderboard(cards: tuple[Path, ...], output: Path, replicates: Path | None, by: str) -> None:
    """Make a page and two tables of result CARDS.

    These are index.html, leaderboard.csv in the columns of ReXrank, and scores.csv with everything. Models
    that cannot be told apart share a letter. Signatures are not looked at.

    \b
    Example:
      radrelease bench leaderboard cards/*.json --replicates replicates --output leaderboard
    """
    read = [read_card(path) for path in cards]
    metric = Metric(by)
    own = None
    if replicates is not None:
        scored = [card.submission_sha256 for card in read if card.evaluation.score(metric).value is not None]
        own = {name: read_replicates(replicates_path(replicates, name)) for name in scored}
    write_leaderboard(output, board_of(read, own, metric))
    click.echo(f"Leaderboard: {output / 'index.html'}")
