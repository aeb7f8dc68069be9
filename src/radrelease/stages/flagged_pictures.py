"""The private account of how the published pictures look, by their release identifiers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from radrelease.identifiers import ReleaseUid
from radrelease.records import ReleaseStudy, Split, View
from radrelease.stages.picture_quality import Flag

__all__ = ["FlagCount", "PictureQuality", "count_flags", "qualities"]


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


def count_flags(rows: Sequence[PictureQuality]) -> tuple[FlagCount, ...]:
    """How many pictures there are, carry each flag, and are of a polarity that could not be told."""
    flags: Mapping[str, int] = Counter(flag for row in rows for flag in row.flags)
    unsure = sum(row.inverted is None for row in rows)
    return (
        FlagCount(what="pictures", pictures=len(rows)),
        *(FlagCount(what=flag.value, pictures=flags.get(flag.value, 0)) for flag in Flag),
        FlagCount(what="polarity cannot be told", pictures=unsure),
    )
