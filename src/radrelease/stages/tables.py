"""The cohort in numbers: tables 1 and 2 of arXiv 2505.00228, the figures, and the flow of exclusion."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from radrelease.records import InputKind, Rejected, ReleaseStudy, SectionName, Split
from radrelease.rejections import SENTENCES, Reason
from radrelease.stages.withholding import Withholding

__all__ = [
    "AGE_BANDS",
    "SEXES",
    "Chart",
    "Demographics",
    "Description",
    "Excluded",
    "Flow",
    "FlowStep",
    "SplitSize",
    "describe",
    "flow_of",
]

AGE_BANDS = ("0-20", "20-40", "40-60", "60-80", "80+", "unknown")
SEXES = ("M", "F", "O", "unknown")
FEWEST = 5
"""Makers with fewer images than this are shown together, since a rare device can point to a site."""

STAGES = {
    "catalog": "Readable",
    "linkage": "Images and report linked",
    "eligibility": "Eligible chest radiographs",
    "splits": "In a split",
    "shards": "De-identified and drawn",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitSize:
    """A row of table 1. Mean words are whitespace-separated; an absent section counts as 0."""

    split: str
    studies: int
    images: int
    patients: int
    institutions: int
    mean_words: Mapping[str, float]


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
    """All that is said about a cohort."""

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
class Excluded:
    """What one reason turned away at one stage."""

    reason: Reason
    sentence: str
    files: int
    reports: int
    studies: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowStep:
    """One stage: what it turned away, and what was left after it."""

    title: str
    excluded: tuple[Excluded, ...]
    files: int
    reports: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """From all inputs to the release."""

    files: int
    reports: int
    steps: tuple[FlowStep, ...]
    withheld: tuple[Withholding, ...] = ()


def describe(studies: Iterable[ReleaseStudy]) -> Description:
    """The description of the public studies; one pass."""
    tallies: dict[Split, _Tally] = {split: _Tally() for split in Split if split.public}
    whole = _Tally()
    for study in studies:
        tallies[study.split].add(study)
        whole.add(study)
    return Description(
        sizes=tuple(tally.size(split.value) for split, tally in tallies.items()),
        demographics=tuple(tally.demographics(split.value) for split, tally in tallies.items()),
        charts=whole.charts(),
    )


def flow_of(
    files: int, reports: int, rejected: Iterable[Rejected], withheld: tuple[Withholding, ...] = ()
) -> Flow:
    """The flow of ``files`` and ``reports`` through the stages, and the header values left behind."""
    counts: dict[str, dict[Reason, Counter[InputKind]]] = defaultdict(lambda: defaultdict(Counter))
    for row in rejected:
        counts[row.stage][row.reason][row.kind] += 1
    steps = []
    left_files, left_reports = files, reports
    for stage, title in STAGES.items():
        excluded = tuple(
            Excluded(
                reason=reason,
                sentence=SENTENCES[reason],
                files=kinds[InputKind.FILE],
                reports=kinds[InputKind.REPORT],
                studies=kinds[InputKind.STUDY],
            )
            for reason, kinds in sorted(counts[stage].items())
        )
        left_files -= sum(row.files for row in excluded)
        left_reports -= sum(row.reports for row in excluded)
        steps.append(FlowStep(title=title, excluded=excluded, files=left_files, reports=left_reports))
    return Flow(files=files, reports=reports, steps=tuple(steps), withheld=withheld)


class _Tally:
    """Counts of one set of studies."""

    def __init__(self) -> None:
        self.studies = 0
        self.images = 0
        self.patients: Counter[str] = Counter()
        self.institutions: set[str] = set()
        self.words: Counter[str] = Counter()
        self.bands: Counter[str] = Counter()
        self.sexes: Counter[str] = Counter()
        self.views: Counter[str] = Counter()
        self.makers: Counter[str] = Counter()
        self.per_study: Counter[int] = Counter()
        self.intervals: Counter[str] = Counter()

    def add(self, study: ReleaseStudy) -> None:
        """Count one study."""
        self.studies += 1
        self.images += len(study.images)
        self.patients[study.patient_id] += 1
        self.bands[_band(study.age)] += 1
        self.sexes[study.sex or "unknown"] += 1
        self.per_study[len(study.images)] += 1
        self.intervals[_interval(study.days_since_prior)] += 1
        for name in SectionName:
            self.words[name.value] += len((getattr(study, name.value.lower()) or "").split())
        for image in study.images:
            self.views[image.view.value] += 1
            self.makers[image.manufacturer or "unknown"] += 1
            if image.institution:
                self.institutions.add(image.institution)

    def size(self, split: str) -> SplitSize:
        """The row of table 1."""
        return SplitSize(
            split=split,
            studies=self.studies,
            images=self.images,
            patients=len(self.patients),
            institutions=len(self.institutions),
            mean_words={
                name.value: round(self.words[name.value] / max(1, self.studies), 2) for name in SectionName
            },
        )

    def demographics(self, split: str) -> Demographics:
        """The row of table 2."""
        return Demographics(
            split=split,
            ages={band: _percent(self.bands[band], self.studies) for band in AGE_BANDS},
            sexes={sex: _percent(self.sexes[sex], self.studies) for sex in SEXES},
        )

    def charts(self) -> tuple[Chart, ...]:
        """The figures."""
        per_patient = Counter(self.patients.values())
        intervals = [(name, self.intervals[name]) for name in _INTERVALS]
        rows: tuple[tuple[str, str, str, Sequence[tuple[str, int]]], ...] = (
            ("ages", "Age at the study, years", "studies", [(band, self.bands[band]) for band in AGE_BANDS]),
            ("views", "Normalised view", "images", self.views.most_common()),
            ("images_per_study", "Images per study", "studies", _in_order(self.per_study)),
            ("studies_per_patient", "Studies per patient", "patients", _in_order(per_patient)),
            ("days_since_prior", "Time since the prior study", "studies", intervals),
            ("manufacturers", "Maker of the device", "images", _few_together(self.makers)),
        )  # fmt: skip
        return tuple(
            Chart(name=name, title=title, unit=unit, bars=tuple(sorted_bars))
            for name, title, unit, sorted_bars in rows
        )


_INTERVALS = (
    "no prior",
    "under 1 week",
    "under 1 month",
    "under 6 months",
    "under 1 year",
    "1 year and over",
)


def _interval(days: int | None) -> str:
    if days is None:
        return _INTERVALS[0]
    limits = (7, 30, 183, 365)
    return _INTERVALS[1 + sum(days >= limit for limit in limits)]


def _band(age: str | None) -> str:
    if age is None:
        return AGE_BANDS[-1]
    years = int(age[:3]) if age.endswith("Y") else 0
    return AGE_BANDS[min(4, years // 20)]


def _percent(count: int, total: int) -> float:
    return round(100 * count / total, 1) if total else 0.0


def _in_order(counts: Mapping[int, int]) -> list[tuple[str, int]]:
    return [(str(number), counts[number]) for number in sorted(counts)]


def _few_together(counts: Counter[str]) -> list[tuple[str, int]]:
    bars = [
        (name, count)
        for name, count in sorted(counts.items(), key=lambda row: (-row[1], row[0]))
        if count >= FEWEST
    ]
    rest = sum(count for count in counts.values() if count < FEWEST)
    return bars + ([("others, each under 5", rest)] if rest else [])
