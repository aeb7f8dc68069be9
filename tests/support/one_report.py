"""One report, scrubbed as that of a patient, of whom nothing is known unless a test says so."""

from __future__ import annotations

from datetime import date
from typing import Any

from radrelease.records.private import Span
from radrelease.stages.knowledge.known_terms import KnownTerms, compile_export, compile_patient
from radrelease.stages.scrub.dates import DateOrder, DateRules
from radrelease.stages.scrub.layers import scrub
from radrelease.stages.text.spans import apply_spans
from radrelease.testing.gold import PlantedSpan
from radrelease.testing.reports import GoldReport

NOBODY = compile_patient(())
NO_EXPORT = compile_export(())
STUDY_DATE = date(2019, 3, 4)


def moving_dates(days: int = 17, *, order: DateOrder = "mdy", patient: KnownTerms = NOBODY) -> DateRules:
    """The rules for the dates of a study of March 4, 2019."""
    return DateRules(shift_days=days, study_date=STUDY_DATE, order=order, never=patient.birth_dates)


def spans_of(
    text: str,
    *,
    patient: KnownTerms = NOBODY,
    export: KnownTerms = NO_EXPORT,
    dates: DateRules | None = None,
    **options: Any,
) -> tuple[Span, ...]:
    """What the scrubber finds; ``options`` are further ones of its own."""
    return scrub(text, patient=patient, export=export, dates=dates or moving_dates(), **options)


def spans_of_gold(report: GoldReport, **options: Any) -> tuple[Span, ...]:
    """What the scrubber finds in the report, knowing what its export states."""
    patient = compile_patient(report.identifiers)
    dates = DateRules(
        shift_days=17, study_date=report.study_date, order=report.order, never=patient.birth_dates
    )
    return spans_of(report.text, patient=patient, dates=dates, **options)


def covered(report: GoldReport, **options: Any) -> bytearray:
    """Of each sign of the report whether it goes."""
    found = bytearray(len(report.text))
    for span in spans_of_gold(report, **options):
        found[span.start : span.end] = b"\1" * (span.end - span.start)
    return found


def is_whole(report: GoldReport, item: PlantedSpan, found: bytearray) -> bool:
    """Whether every letter and digit of the identifier goes."""
    return all(found[i] for i in range(item.start, item.end) if report.text[i].isalnum())


def scrubbed(text: str, *, placeholder: str = "#", **options: Any) -> str:
    """The text without it; ``options`` are those of :func:`spans_of`."""
    return apply_spans(text, spans_of(text, **options), placeholder=placeholder).text
