"""What identifies in a report, as spans: the layers in order, and their union.

A layer is a function from a report and what is known about it to spans. The first that claims
a stretch names its kind; what two layers claim in part is removed whole. The last layer is the
vocabulary, which looks at what the others have left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date
from itertools import chain

from radrelease.records.entities import Entity
from radrelease.records.private import Span
from radrelease.stages.knowledge.known_terms import KnownTerms, compile_patient
from radrelease.stages.scrub.dates import DateRules, find_dates
from radrelease.stages.scrub.known import find_known
from radrelease.stages.scrub.labelled_numbers import find_labelled_numbers
from radrelease.stages.scrub.model_names import find_model_names
from radrelease.stages.scrub.named_again import find_named_again
from radrelease.stages.scrub.named_people import find_named_people
from radrelease.stages.scrub.named_places import find_named_places
from radrelease.stages.scrub.numbered_places import find_numbered_places
from radrelease.stages.scrub.patterns import find_patterns
from radrelease.stages.scrub.protecting import headers_at, misheard, shielded
from radrelease.stages.scrub.reading import Reading, read
from radrelease.stages.scrub.sentence_cuts import SENTENCE, Cut, with_sentences
from radrelease.stages.scrub.vocabulary import UNKNOWN, find_unknown
from radrelease.stages.text.spans import merge_spans

__all__ = ["LAYERS", "Report", "layer_of", "layer_of_rule", "scrub", "warm_up"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report and all that is known about it. The text is the raw one."""

    text: str
    reading: Reading
    protected: frozenset[int]
    spared: frozenset[int]  # those, and what dictation made of terms: only what the export knows goes there
    patient: KnownTerms
    export: KnownTerms
    dates: DateRules


Layer = Callable[[Report], Iterator[Span]]


def scrub(
    text: str,
    *,
    patient: KnownTerms,
    export: KnownTerms,
    dates: DateRules,
    given_back: Set[str] | None = frozenset(),
    entities: Sequence[Entity] = (),
    cut: Cut = Cut.WORDS,
) -> tuple[Span, ...]:
    """The spans of ``text`` to be replaced, in order and apart.

    ``given_back`` are the words outside the lexicon that may be published; None publishes all words.
    ``entities`` are what a named-entity model finds in the text, where there is one. ``cut`` says where the
    whole sentence goes in which something of a person or place was found.
    """
    reading = read(text)
    protected = shielded(reading)
    report = Report(
        text=text,
        reading=reading,
        protected=protected,
        spared=protected | misheard(reading),
        patient=patient,
        export=export,
        dates=dates,
    )
    headers = headers_at(text)
    found = tuple(_outside(headers, chain.from_iterable(layer(report) for layer in LAYERS)))
    found += tuple(_outside(headers, find_named_again(reading, found, report.spared)))
    spans = with_sentences(text, reading, protected, _with_unknown(report, found, headers, given_back), cut)
    if not entities:
        return spans
    # What a model sees adds to what goes, and never takes the place of what goes without it.
    seen = tuple(_outside(headers, find_model_names(reading, entities, report.spared)))
    all_found = _with_unknown(report, (*found, *seen), headers, given_back)
    helped = with_sentences(text, reading, protected, all_found, cut)
    whole = (span for span in spans if span.kind == SENTENCE)
    return merge_spans(text, (*whole, *helped, *spans))


def warm_up() -> None:
    """Read the word lists and rules, which else the first report waits for."""
    nobody = compile_patient(())
    dates = DateRules(shift_days=1, study_date=date(2000, 1, 1), order="mdy")
    scrub("Seen by Dr. Roe.\nTHE LUNGS ARE CLEAR.", patient=nobody, export=nobody, dates=dates)


def _with_unknown(
    report: Report, found: Sequence[Span], headers: Set[tuple[int, int]], given_back: Set[str] | None
) -> tuple[Span, ...]:
    """The merged spans, and those of what the vocabulary does not know beside them."""
    spans = merge_spans(report.text, found)
    if given_back is None:
        return spans
    unknown = tuple(_outside(headers, find_unknown(report.reading, spans, given_back, report.spared)))
    return merge_spans(report.text, (*spans, *unknown)) if unknown else spans


def _outside(headers: Set[tuple[int, int]], spans: Iterable[Span]) -> Iterator[Span]:
    """The spans but those within the header of a section; what the export knows goes even there."""
    for span in spans:
        known = layer_of(span) == 1
        if known or not any(start <= span.start and span.end <= end for start, end in headers):
            yield span


def _known_of_patient(report: Report) -> Iterator[Span]:
    return find_known(report.reading, report.patient, "known of the patient", report.protected)


def _known_of_export(report: Report) -> Iterator[Span]:
    return find_known(report.reading, report.export, "known of the export", report.protected)


def _dates(report: Report) -> Iterator[Span]:
    return find_dates(report.reading, report.dates)


def _patterns(report: Report) -> Iterator[Span]:
    return find_patterns(report.reading)


def _short_numbers(report: Report) -> Iterator[Span]:
    yield from find_labelled_numbers(report.reading)
    yield from find_numbered_places(report.reading, report.protected)


def _named_people(report: Report) -> Iterator[Span]:
    return find_named_people(report.reading, report.spared)


def _named_places(report: Report) -> Iterator[Span]:
    return find_named_places(report.reading, report.spared)


LAYERS: tuple[Layer, ...] = (
    _known_of_patient,
    _dates,
    _known_of_export,
    _patterns,
    _short_numbers,
    _named_people,
    _named_places,
)
"""Known terms come first, so that a number that is both a date and an identifier is not moved."""


def layer_of(span: Span) -> int:
    """1 for what the export knows, 2 for rules and a model, 3 for the vocabulary."""
    return layer_of_rule(span.rule, span.kind)


def layer_of_rule(rule: str, kind: str) -> int:
    """The layer of a rule that removed something of that kind."""
    if rule.startswith("known of"):
        return 1
    return 3 if kind == UNKNOWN else 2
