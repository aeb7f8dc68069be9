"""The flow of exclusion: from all inputs to the release, by stage and reason."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from radrelease.records.private import InputKind, Rejected
from radrelease.rejections import SENTENCES, Reason
from radrelease.stages.headers.withholding import Withholding

__all__ = ["Excluded", "Flow", "FlowStep", "flow_of"]

STAGES = {
    "catalog": "Readable",
    "linkage": "Images and report linked",
    "eligibility": "Eligible chest radiographs",
    "splits": "In a split",
    "shards": "De-identified and drawn",
}


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
