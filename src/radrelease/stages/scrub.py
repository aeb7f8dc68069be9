"""What identifies in a report, as spans: the layers in order, and their union.

A layer is a function from a report and what is known about it to spans. The first that claims
a stretch names its kind; what two layers claim in part is removed whole. A new layer is one more
function in :data:`LAYERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from radrelease.profiles.report_rules import load_patterns
from radrelease.records import Span
from radrelease.stages.dates import DateRules, find_dates
from radrelease.stages.known import KnownTerms, find_known
from radrelease.stages.named_people import find_named_people
from radrelease.stages.spans import merge_spans
from radrelease.stages.tokens import Token, tokens_of

__all__ = ["LAYERS", "Report", "scrub"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report and all that is known about it. The text is the raw one."""

    text: str
    tokens: tuple[Token, ...]
    patient: KnownTerms
    export: KnownTerms
    dates: DateRules


Layer = Callable[[Report], Iterator[Span]]


def scrub(text: str, *, patient: KnownTerms, export: KnownTerms, dates: DateRules) -> tuple[Span, ...]:
    """The spans of ``text`` to be replaced, in order and apart."""
    report = Report(text=text, tokens=tokens_of(text), patient=patient, export=export, dates=dates)
    return merge_spans(text, [span for layer in LAYERS for span in layer(report)])


def _known_of_patient(report: Report) -> Iterator[Span]:
    return find_known(report.text, report.tokens, report.patient, "known of the patient")


def _known_of_export(report: Report) -> Iterator[Span]:
    return find_known(report.text, report.tokens, report.export, "known of the export")


def _dates(report: Report) -> Iterator[Span]:
    return find_dates(report.text, report.dates)


def _patterns(report: Report) -> Iterator[Span]:
    for rule in load_patterns():
        for found in rule.expression.finditer(report.text):
            groups = [name for name in ("x", "y") if found.groupdict().get(name) is not None]
            group = groups[0] if groups else 0
            yield Span(start=found.start(group), end=found.end(group), kind=rule.kind, rule=rule.name)


def _named_people(report: Report) -> Iterator[Span]:
    return find_named_people(report.text, report.tokens)


LAYERS: tuple[Layer, ...] = (_known_of_patient, _dates, _known_of_export, _patterns, _named_people)
"""Known terms come first, so that a number that is both a date and an identifier is not moved."""
