"""How studies and pictures are counted for the tables and figures: what bins there are, and their labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from radrelease.records.release import ReleaseImage, ReleaseStudy, SectionName, View
from radrelease.stages.headers.ages import years_of
from radrelease.stages.release.suppression import Cell, Group

__all__ = [
    "AGE_BANDS",
    "FIGURES",
    "OF_IMAGES",
    "OF_STUDIES",
    "SEXES",
    "Figure",
    "image_labels_of",
    "in_order",
    "label_of",
    "labels_of",
    "number",
    "words_of",
]

AGE_BANDS = ("0-20", "20-40", "40-60", "60-80", "80+", "unknown")
SEXES = ("M", "F", "O", "unknown")
_INTERVALS = (
    "no prior",
    "under 1 week",
    "under 1 month",
    "under 6 months",
    "under 1 year",
    "1 year and over",
)
_WORDS = ("absent", "1-5", "6-10", "11-20", "21-40", "41-80", "81+")
_MOST = 10
"""Numbers of images or studies from here on share a bar."""
_NUMBERS = (*(str(value) for value in range(1, _MOST)), f"{_MOST}+")


@dataclass(frozen=True, slots=True)
class Figure:
    """What a figure shows; ``ordered`` bars keep their order, others stand by size."""

    title: str
    unit: str
    ordered: bool = True


FIGURES: Mapping[str, Figure] = {
    "ages": Figure("Age at the study, years", "studies"),
    "sexes": Figure("Sex", "studies", ordered=False),
    "sites": Figure("Site", "studies", ordered=False),
    "years": Figure("Year of the moved date", "studies"),
    "views": Figure("Normalised view", "images", ordered=False),
    "images_per_study": Figure("Images per study", "studies"),
    "studies_per_patient": Figure("Studies per patient", "patients"),
    "days_since_prior": Figure("Time since the prior study", "studies"),
    **{f"words_{name.value.lower()}": Figure(f"Words in {name.value}", "studies") for name in SectionName},
    "manufacturers": Figure("Maker of the device", "images", ordered=False),
}
"""Every figure by its name, which is also that of its file."""

OF_STUDIES = (
    *("ages", "sexes", "sites", "years", "images_per_study", "days_since_prior"),
    *(f"words_{name.value.lower()}" for name in SectionName),
)
"""The figures that count a study once."""

OF_IMAGES = ("views", "manufacturers")
"""Those that count each of its pictures."""

_ORDERS: Mapping[str, tuple[str, ...]] = {
    "views": tuple(view.value for view in View),
    "images_per_study": _NUMBERS,
    "studies_per_patient": _NUMBERS,
    "days_since_prior": _INTERVALS,
    **{f"words_{name.value.lower()}": _WORDS for name in SectionName},
}


def labels_of(study: ReleaseStudy) -> tuple[str, ...]:
    """The labels that the study is counted under, in :data:`OF_STUDIES`."""
    sites = {image.institution for image in study.images}
    return (
        _band(study.age),
        study.sex or "unknown",
        (next(iter(sites)) or "not named") if len(sites) == 1 else "several",
        str(study.study_date.year),
        number(len(study.images)),
        _interval(study.days_since_prior),
        *(_words_bin(words_of(study, section)) for section in SectionName),
    )


def image_labels_of(image: ReleaseImage) -> tuple[str, ...]:
    """The labels that the picture is counted under, in :data:`OF_IMAGES`."""
    return image.view.value, image.manufacturer or "not named"


def words_of(study: ReleaseStudy, section: SectionName) -> int:
    """Words of a section between blanks; 0 where it is absent."""
    return len((getattr(study, section.value.lower()) or "").split())


def number(value: int) -> str:
    """The label of a number of images or studies."""
    return _NUMBERS[min(value, _MOST) - 1]


def in_order(name: str, cells: Mapping[str, Cell]) -> dict[str, Cell]:
    """The cells that count anything, in the order of the figure; by label where it has none of its own."""
    order = _ORDERS.get(name) or sorted(cells)
    return {label: cells[label] for label in order if label in cells and cells[label].count}


def label_of(group: Group, *, ordered: bool) -> str:
    """The label of a row that stands for all of ``group``."""
    if len(group) == 1:
        return group[0]
    if not ordered:
        return " or ".join(group) if len(group) < 4 else f"{len(group)} others together"
    *known, last = group
    if last != "unknown":
        return f"{group[0]} to {last}"
    return f"{known[0]} or unknown" if len(known) == 1 else f"{known[0]} to {known[-1]} or unknown"


def _interval(days: int | None) -> str:
    if days is None:
        return _INTERVALS[0]
    return _INTERVALS[1 + sum(days >= limit for limit in (7, 30, 183, 365))]


def _band(age: str | None) -> str:
    return AGE_BANDS[-1] if age is None else AGE_BANDS[min(4, years_of(age) // 20)]


def _words_bin(words: int) -> str:
    return _WORDS[sum(words > limit for limit in (0, 5, 10, 20, 40, 80))]
