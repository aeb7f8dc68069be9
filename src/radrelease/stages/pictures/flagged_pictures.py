"""The private account of how the published pictures look, by their release identifiers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from radrelease.identifiers import ReleaseUid
from radrelease.records.release import ReleaseStudy, Split, View
from radrelease.stages.pictures.picture_quality import Flag

__all__ = ["FlagCount", "PictureQuality", "QualityAccount", "look_over", "qualities"]

_MOST_SHOWN = 1000
"""Flagged pictures on the page; the table beside it has them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureQuality:
    """One published picture: its measures and flags as in the release, and what helps to judge them."""

    study: str  # the published id
    image_id: ReleaseUid
    split: Split
    view: View
    photometric: str  # of the original
    black: float
    white: float
    contrast: float
    low: float
    high: float
    inverted: bool | None
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagCount:
    """How many of the pictures carry a flag, or none of a kind."""

    what: str
    pictures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityAccount:
    """How many pictures carry which flag, how many any, and the first of those."""

    counts: tuple[FlagCount, ...]
    flagged: int
    first: tuple[PictureQuality, ...]


def qualities(studies: Iterable[ReleaseStudy]) -> Iterator[PictureQuality]:
    """A row per published picture, the private test split included, in the order of the studies."""
    for study in studies:
        for image in study.images:
            yield PictureQuality(
                study=study.id,
                image_id=image.image_id,
                split=study.split,
                view=image.view,
                photometric=image.photometric,
                black=image.black,
                white=image.white,
                contrast=image.contrast,
                low=image.low,
                high=image.high,
                inverted=image.inverted,
                flags=tuple(image.flags.split("; ")) if image.flags else (),
            )


def look_over(rows: Iterable[PictureQuality]) -> QualityAccount:
    """What a person is shown of the rows, each of which is looked at once and let go."""
    flags: Counter[str] = Counter()
    pictures = unsure = flagged = 0
    first: list[PictureQuality] = []
    for row in rows:
        pictures += 1
        unsure += row.inverted is None
        flags.update(row.flags)
        if row.flags:
            flagged += 1
            if len(first) < _MOST_SHOWN:
                first.append(row)
    counts = (
        FlagCount(what="pictures", pictures=pictures),
        *(FlagCount(what=flag.value, pictures=flags[flag.value]) for flag in Flag),
        FlagCount(what="polarity cannot be told", pictures=unsure),
    )
    return QualityAccount(counts=counts, flagged=flagged, first=tuple(first))
