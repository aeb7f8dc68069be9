"""The smallest groups of patients that a finished release shows, and the risk of finding one of them.

The quasi-identifiers are what a neighbour, an employer or a newspaper may know of a patient who had a
radiograph: site, sex, age band, ethnic group and year. A cell is one combination of them; a patient belongs
to the cell of each study. The risk of a patient is one in so many as share the smallest of these cells: that
of a prosecutor, who knows that the person is in the release.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from radrelease.records.exhibits import Finding

__all__ = [
    "SHOWN",
    "SHOWN_PER_IMAGE",
    "Cell",
    "Risk",
    "ShownStudy",
    "age_band",
    "find_rare_shown",
    "judge_cells",
]

AGE_BAND_YEARS = 10

_MOST_SHOWN = 200
_AGE = re.compile(r"(\d{3})([DWMY])")
_PER_YEAR = {"D": 365.25, "W": 365.25 / 7, "M": 12.0, "Y": 1.0}
_COUNTED = ("PatientSex", "EthnicGroup", "StudyDescription")

SHOWN = ("PatientSex", "PatientAge", "PatientWeight", "EthnicGroup", "StudyDescription")
"""The columns whose values are looked at, of a study."""
SHOWN_PER_IMAGE = ("InstitutionName", "Manufacturer", "ImageBodyPart", "ImageViewPosition")
"""Those of its pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownStudy:
    """A published study, its values by the name of their column; those per image are tuples."""

    patient_id: str
    public: bool
    year: int
    values: Mapping[str, str | None]
    per_image: Mapping[str, Sequence[str | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One combination of quasi-identifiers ("" where a value is absent), and how many patients show it."""

    institution: str
    sex: str
    age_band: str
    ethnic_group: str
    year: str
    patients: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """The risk of the public release: shares and risks are from 0 to 1; ``smallest`` cells first."""

    patients: int
    cells: int
    unique: int
    below_k: int
    k: int
    average: float
    maximum: float
    smallest: tuple[Cell, ...]
    small: int  # cells of fewer than k patients


def age_band(age: str | None) -> str:
    """The band of a DICOM AS, years: "30-39"; "090Y" is "90+"."""
    read = _AGE.fullmatch(age or "")
    if read is None:
        return ""
    low = int(int(read[1]) / _PER_YEAR[read[2]]) // AGE_BAND_YEARS * AGE_BAND_YEARS
    return f"{low}+" if low >= 90 else f"{low}-{low + AGE_BAND_YEARS - 1}"


def judge_cells(studies: Iterable[ShownStudy], k: int) -> Risk:
    """The smallest cells of the public studies and what they mean for their patients."""
    cells: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for study in studies:
        if study.public:
            cells[_cell_of(study)].add(study.patient_id)
    smallest: dict[str, int] = {}
    for members in cells.values():
        for patient in members:
            smallest[patient] = min(len(members), smallest.get(patient, len(members)))
    sizes = smallest.values()
    ordered = sorted(cells.items(), key=lambda row: (len(row[1]), row[0]))
    return Risk(
        patients=len(smallest),
        cells=len(cells),
        unique=sum(size == 1 for size in sizes),
        below_k=sum(size < k for size in sizes),
        k=k,
        average=sum(1 / size for size in sizes) / len(smallest) if smallest else 0.0,
        maximum=1 / min(sizes) if smallest else 0.0,
        smallest=tuple(_shown(key, len(members)) for key, members in ordered[:_MOST_SHOWN]),
        small=sum(len(members) < k for members in cells.values()),
    )


def _cell_of(study: ShownStudy) -> tuple[str, ...]:
    sites = sorted({site for site in study.per_image.get("InstitutionName", ()) if site})
    return (
        ", ".join(sites),
        study.values.get("PatientSex") or "",
        age_band(study.values.get("PatientAge")),
        study.values.get("EthnicGroup") or "",
        str(study.year),
    )


def _shown(key: tuple[str, ...], patients: int) -> Cell:
    site, sex, band, group, year = key
    return Cell(institution=site, sex=sex, age_band=band, ethnic_group=group, year=year, patients=patients)


def find_rare_shown(studies: Iterable[ShownStudy], k: int) -> Iterator[Finding]:
    """A finding for every single value that fewer than ``k`` public patients show; none with ``k`` below 2.

    Of ages, those in days, weeks and months, those under two years and the greatest are judged; of weights
    the least and the greatest. A value of the private test split counts as one that is shown.
    """
    if k < 2:
        return
    holders = _holders(studies, k)
    for column, who in holders.items():
        is_judged = _JUDGED[column](who) if column in _JUDGED else None
        for value, patients in sorted(who.items()):
            if len(patients) < k and (is_judged is None or is_judged(value)):
                yield Finding(check="value of too few patients", where=column, detail=value)


def _holders(studies: Iterable[ShownStudy], k: int) -> Mapping[str, Mapping[str, set[str]]]:
    """Public patients by column and value, of each value the first ``k``."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for study in studies:
        rows = [(name, study.values.get(name)) for name in (*_COUNTED, *_JUDGED)]
        rows += [(name, value) for name in SHOWN_PER_IMAGE for value in study.per_image.get(name, ())]
        for name, value in rows:
            if value:
                holders = found[name][value]
                if study.public and len(holders) < k:
                    holders.add(study.patient_id)
    return found


def _judged_ages(ages: Collection[str]) -> Callable[[str], bool]:
    def years(age: str) -> float:
        return int(age[:3]) / _PER_YEAR[age[3]]

    oldest = max(map(years, ages), default=0)
    return lambda age: age[3] != "Y" or years(age) < 2 or years(age) == oldest


def _judged_weights(weights: Collection[str]) -> Callable[[str], bool]:
    ends = {min(map(float, weights)), max(map(float, weights))}
    return lambda text: float(text) in ends


_JUDGED = {"PatientAge": _judged_ages, "PatientWeight": _judged_weights}
"""By column of which not every value is judged, what tells of all of its values which are."""
