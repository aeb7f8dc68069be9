"""The groups of studies that scores are shown for, and those that are too small to be shown.

A cell of fewer than ``smallest`` patients is suppressed. What is not shown must not be the difference between
the whole and what is shown: while all that is suppressed of one attribute has fewer patients than that, or is
one cell alone, the next smallest cell is suppressed with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from radrelease.identifiers import PatientId
from radrelease.records.benchmark import Reference
from radrelease.records.release import View
from radrelease.stages.scoring.findings import NO_FINDING, findings_of

__all__ = ["Group", "groups_of"]

UNKNOWN = "unknown"
_AGE_BAND_YEARS = 20
_OLDEST_BAND = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One cell of one attribute: the places of its studies, and whether it may be shown."""

    attribute: str
    cell: str
    studies: tuple[int, ...]
    patients: int
    shown: bool


def groups_of(references: Sequence[Reference], texts: Sequence[str], smallest: int) -> Iterator[Group]:
    """The cells of all attributes; ``texts`` are the reference texts, of the same places."""
    yield from _cells("site", [one.site or UNKNOWN for one in references], references, smallest)
    yield from _cells("sex", [one.sex or UNKNOWN for one in references], references, smallest)
    yield from _cells("age", [age_band(one.age) for one in references], references, smallest)
    yield from _cells("view", [views_in_words(one.views) for one in references], references, smallest)
    kinds = ["normal" if NO_FINDING in findings_of(text) else "abnormal" for text in texts]
    yield from _cells("reference", kinds, references, smallest)


def age_band(age: str | None) -> str:
    """The band of twenty years that a DICOM AS lies in; months, weeks and days are of the first."""
    if age is None:
        return UNKNOWN
    years = int(age[:3]) if age.endswith("Y") else 0
    low = min(_OLDEST_BAND, years // _AGE_BAND_YEARS * _AGE_BAND_YEARS)
    return f"{low}+" if low == _OLDEST_BAND else f"{low}-{low + _AGE_BAND_YEARS - 1}"


def views_in_words(views: Sequence[View]) -> str:
    """The kinds of view of a study's pictures."""
    frontal = sorted({view.value for view in views} & {View.FRONTAL_PA.value, View.FRONTAL_AP.value})
    named = [*frontal, *([View.LATERAL.value] if View.LATERAL in views else [])]
    return " and ".join(named) or "other or unknown"


def _cells(
    attribute: str, cells: Sequence[str], references: Sequence[Reference], smallest: int
) -> Iterator[Group]:
    studies: dict[str, list[int]] = defaultdict(list)
    for place, cell in enumerate(cells):
        studies[cell].append(place)
    patients = {cell: {references[place].patient_id for place in own} for cell, own in studies.items()}
    hidden = _hidden(patients, smallest)
    for cell in sorted(studies):
        yield Group(
            attribute=attribute,
            cell=cell,
            studies=tuple(studies[cell]),
            patients=len(patients[cell]),
            shown=cell not in hidden,
        )


def _hidden(patients: Mapping[str, set[PatientId]], smallest: int) -> set[str]:
    order = sorted(patients, key=lambda cell: (len(patients[cell]), cell))
    hidden = [cell for cell in order if len(patients[cell]) < smallest]
    left = order[len(hidden) :]
    while hidden and left and (len(hidden) == 1 or len(_union(patients, hidden)) < smallest):
        hidden.append(left.pop(0))
    return set(hidden)


def _union(patients: Mapping[str, set[PatientId]], cells: Sequence[str]) -> set[PatientId]:
    return set().union(*(patients[cell] for cell in cells))
