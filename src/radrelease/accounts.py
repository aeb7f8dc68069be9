"""The private accounts of a build: what was turned away, taken out and seen, and that nothing was lost."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from radrelease.adapters.files import make_private, write_private
from radrelease.adapters.parquet import join_tables, read_records, write_records
from radrelease.adapters.private_pages import render_picture_quality, render_small_cells
from radrelease.adapters.shard_patients import PIXEL_MASKS, QUALITY, REDACTIONS
from radrelease.committing import DoneShard
from radrelease.config import Config
from radrelease.errors import BrokenPromise
from radrelease.making import REVIEW
from radrelease.planning import Plan
from radrelease.records.private import InputKind, PixelMask, Redaction, Rejected
from radrelease.rounds import Outcome
from radrelease.stages.audit.small_cells import Cell, Risk
from radrelease.stages.headers.rare_values import RareValue
from radrelease.stages.pictures.flagged_pictures import PictureQuality, look_over

__all__ = [
    "RARE",
    "check_nothing_lost",
    "in_order",
    "least_cell",
    "write_accounts",
    "write_cells",
]

RARE = "rare_values.parquet"
CELLS, CELLS_PAGE = "small_cells.parquet", "small_cells.html"
QUALITY_PAGE = "picture_quality.html"


def write_accounts(outcome: Outcome, work: Path) -> None:
    """What was taken out, painted over and seen in the shards, for a person to look at."""
    for name, record in ((REDACTIONS, Redaction), (PIXEL_MASKS, PixelMask), (QUALITY, PictureQuality)):
        join_tables(work / name, record, (shard.folder / name for shard in outcome.shards))
    write_records(work / RARE, RareValue, outcome.rare.rows.values())
    _write_quality_page(work)
    _gather_for_review(outcome.shards, work / REVIEW)


def _write_quality_page(work: Path) -> None:
    """Write the page about pictures that a person may want to see."""
    account = look_over(read_records(work / QUALITY, PictureQuality))
    write_private(work / QUALITY_PAGE, render_picture_quality(account).encode())


def write_cells(risk: Risk, work: Path) -> None:
    """Write the table of the smallest cells, and the page about them."""
    write_records(work / CELLS, Cell, risk.smallest)
    write_private(work / CELLS_PAGE, render_small_cells(risk).encode())


def least_cell(config: Config) -> int:
    """The least that a cell should hold: ``smallest_cell``, or its default where that is turned off."""
    k = config.deidentification.smallest_cell
    return k if k > 1 else int(type(config.deidentification).model_fields["smallest_cell"].default)


def _gather_for_review(shards: Sequence[DoneShard], folder: Path) -> None:
    """The pictures that a person is to look at, of this build alone."""
    shutil.rmtree(folder, ignore_errors=True)
    for shard in shards:
        for picture in sorted((shard.folder / REVIEW).glob("*.png")):
            make_private(folder)
            shutil.copyfile(picture, folder / picture.name)


def in_order(rejected: Iterable[Rejected]) -> list[Rejected]:
    """The rows in an order that does not depend on who found them."""
    return sorted(rejected, key=lambda row: (row.source, row.kind, row.subject, row.stage))


def check_nothing_lost(planned: Plan, outcome: Outcome, rejected: Sequence[Rejected]) -> None:
    """In = out + rejected, for files and for reports; every subject is rejected once."""
    kinds = Counter(row.kind for row in rejected)
    subjects = Counter(
        (row.kind, row.source, row.subject) for row in rejected if row.kind is not InputKind.STUDY
    )
    turned_away = {row.subject for row in rejected if row.kind is InputKind.STUDY}
    images = sum(shard.images for shard in outcome.shards)
    reports = sum(
        len(study.report_locations)
        for study in planned.patients.studies
        if study.study_uid not in turned_away
    )
    if subjects and subjects.most_common(1)[0][1] > 1:
        raise BrokenPromise("an input was rejected twice")
    if planned.files != images + kinds[InputKind.FILE]:
        raise BrokenPromise(
            f"{planned.files} files became {images} images and {kinds[InputKind.FILE]} rejected"
        )
    if planned.reports != reports + kinds[InputKind.REPORT]:
        raise BrokenPromise(
            f"{planned.reports} reports became {reports} used and {kinds[InputKind.REPORT]} rejected"
        )
