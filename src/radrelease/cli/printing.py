"""What a verb prints of what was done: tables and lines. Counts and settings, and never an input."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from radrelease.estimating import BuildEstimate
from radrelease.stages.audit.small_cells import Risk
from radrelease.stages.cohort.merged_patients import ONE_UNDER_TWO, TWO_UNDER_ONE, NumberDoubt
from radrelease.stages.cohort.splits import Assignment
from radrelease.stages.headers.rare_values import RareValue
from radrelease.stages.labels.label_costs import CostEstimate
from radrelease.stages.pictures.reading_time import ReadingTime
from radrelease.stages.release.flow import Flow
from radrelease.stages.release.tables import Description

__all__ = [
    "print_account",
    "print_assignment",
    "print_building",
    "print_description",
    "print_doubts",
    "print_flow",
    "print_labelling",
    "print_rare",
    "print_reading_time",
    "print_risk",
    "print_unread",
]

_CELLS = 12
"""Cells shown on screen."""


def print_flow(console: Console, flow: Flow) -> None:
    """The flow of exclusion as a table."""
    table = Table(title="From the export to the release", title_justify="left")
    for name in ("step", "files", "reports"):
        table.add_column(name, justify="left" if name == "step" else "right")
    table.add_row("Export", str(flow.files), str(flow.reports))
    for step in flow.steps:
        for row in step.excluded:
            table.add_row(f"  - {row.sentence}", _less(row.files), _less(row.reports), style="dim")
        table.add_row(step.title, str(step.files), str(step.reports))
    console.print(table)


def print_account(console: Console, flow: Flow) -> None:
    """That every input is in a split of the release, or rejected: how many of each."""
    kept = flow.steps[-1]
    for name, all_in, left in (("files", flow.files, kept.files), ("reports", flow.reports, kept.reports)):
        console.print(f"{all_in} {name}: {left} in a split, {all_in - left} rejected", highlight=False)


def _less(count: int) -> str:
    return f"-{count}" if count else ""


def print_assignment(console: Console, assignment: Assignment) -> None:
    """The studies each split asks for and gets."""
    for split, wanted in assignment.wanted.items():
        reached = assignment.reached[split]
        note = "" if reached == wanted else f" of {wanted} asked for: whole patients do not add up to it"
        console.print(f"{split.value}: {reached} studies{note}", highlight=False)


def print_rare(console: Console, rare: Iterable[RareValue], k: int) -> None:
    """How many values of each element are rare."""
    counts = Counter(row.keyword for row in rare)
    if counts:
        table = Table(title=f"Left out or coarsened, shared by fewer than {k} patients", title_justify="left")
        table.add_column("element")
        table.add_column("values", justify="right")
        for keyword, count in sorted(counts.items()):
            table.add_row(keyword, str(count))
        console.print(table)


def print_doubts(console: Console, doubts: Iterable[NumberDoubt]) -> None:
    """How many patient numbers may be of two people, or of one with another; no number is shown."""
    rows = list(doubts)
    two = [row for row in rows if row.kind == TWO_UNDER_ONE]
    people = {row.group for row in rows if row.kind == ONE_UNDER_TWO}
    if two:
        certain = sum(row.certain for row in two)
        remark = f"{len(two)} patient numbers whose headers disagree, {certain} of them of two people"
        console.print(remark, highlight=False)
    if people:
        console.print(f"{len(people)} people under more than one patient number", highlight=False)


def print_risk(console: Console, risk: Risk) -> None:
    """The risk of the release, and its smallest cells."""
    table = Table(title="Smallest cells of the release", title_justify="left")
    for name in ("patients", "site", "sex", "age", "ethnic group", "year"):
        table.add_column(name, justify="right" if name == "patients" else "left")
    for row in risk.smallest[:_CELLS]:
        values = (row.institution, row.sex, row.age_band, row.ethnic_group, row.year)
        table.add_row(str(row.patients), *values)
    console.print(table)
    share = 100 / (risk.patients or 1)
    console.print(
        f"{risk.cells} cells of {risk.patients} patients; {risk.small} cells hold fewer than {risk.k}.\n"
        f"Patients with a cell of their own: {risk.unique} ({risk.unique * share:.1f}%), in one of fewer than"
        f" {risk.k}: {risk.below_k} ({risk.below_k * share:.1f}%).\n"
        f"Risk of being found, by who knows that the person is in the release: average {risk.average:.3f},"
        f" greatest {risk.maximum:.3f}.",
        highlight=False,
    )


def print_unread(console: Console) -> None:
    """That nobody looks at what is written in the pictures."""
    console.print("Text burned into the pictures is not looked for ([pixel_text] policy).", markup=False)


def print_reading_time(console: Console, reading: ReadingTime | None) -> None:
    """How long it will take to look for text in the pictures, or that it is not looked for."""
    if reading is None:
        print_unread(console)
        return
    console.print(
        f"Text burned into {reading.pictures} pictures: about {reading.hours:.1f} hours of one core",
        highlight=False,
    )


def print_building(console: Console, estimate: BuildEstimate | None) -> None:
    """How long the build will take and what it will fill; nothing where that cannot be told."""
    if estimate is None:
        return
    console.print(
        f"A build of {estimate.studies:,} studies with {estimate.images:,} pictures takes some"
        f" {_duration(estimate.seconds)} on {estimate.processes} processes once this is done, and fills"
        f" {estimate.bytes / 1e9:,.2f} GB in the release and as much in the work folder"
        f" (from {estimate.sampled} studies that were made for this).",
        markup=False,
        highlight=False,
    )


def _duration(seconds: float) -> str:
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.1f} {unit}"
    return f"{seconds:,.0f} seconds"


def print_labelling(console: Console, estimate: CostEstimate | None) -> None:
    """How many reports a language model will be asked about, and what that costs; nothing where none is."""
    if estimate is None:
        return
    share = 100 * estimate.questions / (estimate.reports or 1)
    console.print(
        f"A language model is asked about some {estimate.questions:,} of {estimate.reports:,} reports"
        f" ({share:.0f}%, from {estimate.sampled} that were scrubbed for this):"
        f" {estimate.usage.prompt:,} tokens sent and {estimate.usage.completion:,} received at most."
        f"\nCost{' in batch' if estimate.batch else ''}: about {estimate.cost:,.2f},"
        f" capped at {estimate.cap:,.2f}",
        markup=False,
        highlight=False,
    )


def print_description(console: Console, description: Description) -> None:
    """Table 1."""
    table = Table(title="Splits", title_justify="left")
    for name in ("split", "studies", "images", "patients", "institutions"):
        table.add_column(name, justify="left" if name == "split" else "right")
    for row in description.sizes:
        numbers = (row.studies, row.images, row.patients, row.institutions)
        table.add_row(row.split, *(str(number) for number in numbers))
    console.print(table)
