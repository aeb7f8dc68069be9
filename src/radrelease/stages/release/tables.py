"""The cohort in numbers: tables 1 and 2 of arXiv 2505.00228, and the figures; no small cell is in them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle

from radrelease.identifiers import PatientId
from radrelease.records.release import ReleaseStudy, SectionName, Split
from radrelease.stages.release import binning
from radrelease.stages.release.suppression import Cell, Group, merged, redesigned, total

__all__ = ["Chart", "CountedStudy", "Demographics", "Description", "SplitSize", "counted", "describe"]

_ROWS: tuple[tuple[tuple[Split, ...], ...], ...] = (
    ((Split.TRAIN,), (Split.VALID,), (Split.TEST,)),
    ((Split.TRAIN,), (Split.VALID, Split.TEST)),
    ((Split.TRAIN, Split.VALID, Split.TEST),),
)
"""The rows that table 2 may have, the finest first."""

_MOST_BARS = 24
"""Bars of a figure without an order; what goes beyond stands together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitSize:
    """A row of table 1.

    Mean words are whitespace-separated; an absent section counts as 0. They are None where fewer patients
    than may be shown stand in the split.
    """

    split: str
    studies: int
    images: int
    patients: int
    institutions: int
    mean_words: Mapping[str, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Demographics:
    """A row of table 2: percent of studies by age band (years) and sex."""

    split: str
    ages: Mapping[str, float]
    sexes: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A bar chart: labels with counts, in order."""

    name: str
    title: str
    unit: str
    bars: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """All that is said about a cohort. Table 2 is empty where so few patients cannot be described."""

    sizes: tuple[SplitSize, ...]
    demographics: tuple[Demographics, ...]
    charts: tuple[Chart, ...]

    @property
    def studies(self) -> int:
        """Public studies."""
        return sum(size.studies for size in self.sizes)

    @property
    def images(self) -> int:
        """Public images."""
        return sum(size.images for size in self.sizes)

    @property
    def patients(self) -> int:
        """Public patients; no split shares one."""
        return sum(size.patients for size in self.sizes)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedStudy:
    """What is counted of a published study, so that a release is counted without reading its texts again."""

    split: Split
    patient_id: PatientId
    labels: tuple[str, ...]  # by figure, in the order of ``binning.OF_STUDIES``
    image_labels: tuple[str, ...]  # of one image after the other, in the order of ``binning.OF_IMAGES``
    institutions: tuple[str, ...]
    words: tuple[int, ...]  # by section


def counted(study: ReleaseStudy) -> CountedStudy:
    """What is counted of the study."""
    return CountedStudy(
        split=study.split,
        patient_id=study.patient_id,
        labels=binning.labels_of(study),
        image_labels=tuple(label for image in study.images for label in binning.image_labels_of(image)),
        institutions=tuple(sorted({image.institution for image in study.images if image.institution})),
        words=tuple(binning.words_of(study, section) for section in SectionName),
    )


def describe(studies: Iterable[CountedStudy], k: int) -> Description:
    """The description of the public studies; one pass. Every cell holds nobody, or ``k`` patients or more."""
    tallies = {split: _Tally(max(1, k)) for split in Split if split.public}
    for study in studies:
        tallies[study.split].add(study)
    demographics, ages, sexes = _demographics(tallies, max(1, k))
    return Description(
        sizes=tuple(tally.size(split.value) for split, tally in tallies.items()),
        demographics=demographics,
        charts=tuple(
            chart for chart in (ages, sexes, *_charts(tuple(tallies.values()), max(1, k))) if _tells(chart)
        ),
    )


class _Tally:
    """Counts of one split."""

    def __init__(self, k: int) -> None:
        self.k = k
        self.studies = 0
        self.images = 0
        self.patients: Counter[str] = Counter()
        self.institutions: set[str] = set()
        self.words = [0] * len(SectionName)
        self.cells: dict[str, dict[str, Cell]] = defaultdict(lambda: defaultdict(lambda: Cell(k)))

    def add(self, study: CountedStudy) -> None:
        """Count one study."""
        self.studies += 1
        self.images += len(study.image_labels) // len(binning.OF_IMAGES)
        self.patients[study.patient_id] += 1
        self.institutions.update(study.institutions)
        for name, label in zip(binning.OF_STUDIES, study.labels, strict=True):
            self.cells[name][label].add(study.patient_id)
        for name, label in zip(cycle(binning.OF_IMAGES), study.image_labels, strict=False):
            self.cells[name][label].add(study.patient_id)
        self.words = [sum(pair) for pair in zip(self.words, study.words, strict=True)]

    def size(self, split: str) -> SplitSize:
        """The row of table 1."""
        shown = len(self.patients) >= self.k
        return SplitSize(
            split=split,
            studies=self.studies,
            images=self.images,
            patients=len(self.patients),
            institutions=len(self.institutions),
            mean_words={
                name.value: round(words / self.studies, 2) if shown else None
                for name, words in zip(SectionName, self.words, strict=True)
            },
        )


def _demographics(tallies: Mapping[Split, _Tally], k: int) -> tuple[tuple[Demographics, ...], Chart, Chart]:
    """Table 2 with the rows that show most, and its sums as figures: one set of bands for all of them."""
    candidates = []
    for rows in _ROWS:
        named = {tuple(split.value for split in row): row for row in rows}
        ages, sexes = (
            redesigned(
                {row: _together(tallies, splits, name, order, k) for row, splits in named.items()},
                k,
                ordered=name == "ages",
            )
            for name, order in (("ages", binning.AGE_BANDS), ("sexes", binning.SEXES))
        )
        candidates.append((ages, sexes))
    ages, sexes = max(candidates, key=lambda tables: sum(map(_told, tables)))
    table = tuple(
        Demographics(
            split=_row_name(row), ages=_shares(ages[row], "ages"), sexes=_shares(sexes[row], "sexes")
        )
        for row in ages
        if row in sexes
    )
    return table, _sum_chart("ages", ages), _sum_chart("sexes", sexes)


def _together(
    tallies: Mapping[Split, _Tally], splits: Sequence[Split], name: str, order: Sequence[str], k: int
) -> dict[str, Cell]:
    return {label: total((tallies[split].cells[name][label] for split in splits), k) for label in order}


def _told(table: Mapping[Group, Mapping[Group, Cell]]) -> int:
    """How much a table tells: a row in which everybody stands in one column says nothing."""
    return sum(max(0, sum(cell.count > 0 for cell in cells.values()) - 1) for cells in table.values())


def _row_name(row: Group) -> str:
    return "all" if len(row) == len(_ROWS[0]) else " and ".join(row)


def _tells(chart: Chart) -> bool:
    return bool(chart.bars) and [label for label, _ in chart.bars] != ["not named"]


def _shares(cells: Mapping[Group, Cell], name: str) -> dict[str, float]:
    whole = sum(cell.count for cell in cells.values())
    return {
        binning.label_of(group, ordered=name == "ages"): round(100 * cell.count / whole, 1) if whole else 0.0
        for group, cell in cells.items()
    }


def _sum_chart(name: str, table: Mapping[Group, Mapping[Group, Cell]]) -> Chart:
    counts: Counter[Group] = Counter()
    for cells in table.values():
        counts.update({group: cell.count for group, cell in cells.items()})
    figure = binning.FIGURES[name]
    bars = [(binning.label_of(group, ordered=figure.ordered), count) for group, count in counts.items()]
    return Chart(name=name, title=figure.title, unit=figure.unit, bars=tuple(bars))


def _charts(tallies: Sequence[_Tally], k: int) -> Iterable[Chart]:
    """The other figures, of all splits together."""
    for name, figure in binning.FIGURES.items():
        if name in ("ages", "sexes"):
            continue
        cells = _of_patients(tallies, k) if name == "studies_per_patient" else _of_all(tallies, name, k)
        groups = merged(binning.in_order(name, cells), k, ordered=figure.ordered)
        bars = [(group, cell.count) for group, cell in groups.items()]
        if not figure.ordered:
            bars = _largest_first(bars)
        shown = tuple((binning.label_of(group, ordered=figure.ordered), count) for group, count in bars)
        yield Chart(name=name, title=figure.title, unit=figure.unit, bars=shown)


def _of_all(tallies: Sequence[_Tally], name: str, k: int) -> dict[str, Cell]:
    labels = {label for tally in tallies for label in tally.cells[name]}
    return {label: total((tally.cells[name][label] for tally in tallies), k) for label in labels}


def _of_patients(tallies: Sequence[_Tally], k: int) -> dict[str, Cell]:
    cells: dict[str, Cell] = defaultdict(lambda: Cell(k))
    for tally in tallies:
        for patient_id, studies in tally.patients.items():
            cells[binning.number(studies)].add(patient_id)
    return cells


def _largest_first(bars: Sequence[tuple[Group, int]]) -> list[tuple[Group, int]]:
    """The bars by size, those of one group before those of several; beyond the most, as one."""
    ordered = sorted(bars, key=lambda bar: (len(bar[0]) > 1, -bar[1], bar[0]))
    if len(ordered) <= _MOST_BARS:
        return ordered
    rest = ordered[_MOST_BARS - 1 :]
    together = tuple(label for group, _ in rest for label in group)
    return [*ordered[: _MOST_BARS - 1], (together, sum(count for _, count in rest))]
