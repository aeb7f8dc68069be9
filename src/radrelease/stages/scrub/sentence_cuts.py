"""Whole sentences taken out where something in them identifies: what stands beside it may identify too.

What rules leave of a name ("[PLACE] and Die"), and names they do not see, stand mostly in sentences in
which they saw another. In a line of capitals, or a text of small letters, nothing shows where a name
ends: there the sentence always goes. Decision 27 has the figures.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import StrEnum

from radrelease.profiles.lexicon import load_lexicon
from radrelease.records.private import Span
from radrelease.stages.scrub.reading import Reading
from radrelease.stages.scrub.spared_clauses import between_clauses
from radrelease.stages.text.letter_case import Case
from radrelease.stages.text.spans import OF_TIME
from radrelease.stages.text.tokens import ends_full_line, words_of
from radrelease.stages.text.units import Unit, units_of

__all__ = ["SENTENCE", "Cut", "with_sentences"]

SENTENCE = "SENTENCE"
"""The kind of a sentence that is taken out whole."""


class Cut(StrEnum):
    """What goes with what is found."""

    ALONE = "alone"  # nothing: for a text that is published whole or not at all
    WORDS = "words"  # the sentence in lines of capitals and texts of small letters
    SENTENCES = "sentences"  # the sentence everywhere


_HIDES_NAMES = frozenset({Case.SHOUTED})
"""Small letters do in a whole text: one line of them is the habit of who writes indications."""

_BY_WORD_ALONE = frozenset({"word of unknown use", "number of unknown use", "number in pieces"})
_STOPS = ".!?:;|"
_BEGINS_ANEW = re.compile(r"\s*(?:[-*•>|#]|\(?\d{1,2}[.)]\s|[^\n:]{1,40}:)")


def with_sentences(
    text: str, reading: Reading, protected: frozenset[int], spans: Sequence[Span], cut: Cut
) -> tuple[Span, ...]:
    """The merged ``spans`` of ``text`` with whole sentences in place of those that may tell of a person.

    Dates, times and ages stand in for themselves, and so does a word that is only unknown. A header is no
    part of a sentence: what identifies in it goes alone. Where sentences go only because case shows no names,
    clauses of nothing but medicine stay; ``protected`` are the indices of words in a protected phrase.
    """
    if cut == Cut.ALONE or (cut == Cut.WORDS and not any(reading.case)):
        return tuple(spans)
    everywhere = cut == Cut.SENTENCES
    cases = _HIDES_NAMES | {Case.SMALL} if all(reading.case) else _HIDES_NAMES
    telling = [
        span for span in spans if (everywhere or _is_hidden(reading, span, cases)) and _tells(text, span)
    ]
    if not telling:
        return tuple(spans)
    gone = _with_their_sentences(text, telling)
    if not everywhere:
        gone = [(_without_clauses(reading, protected, wide, found), found) for wide, found in gone]
    others = set(spans).difference(telling)
    cuts: list[Span] = []
    for span in sorted((*(wide for wide, _ in gone), *others), key=lambda span: span.start):
        wide = span
        while cuts and wide.start < cuts[-1].end:
            wide = _joined(cuts.pop(), wide)
        cuts.append(wide)
    return tuple(cuts)


_Found = tuple[int, int]
"""From the first to the last character that was found in a sentence."""


def _with_their_sentences(text: str, telling: Sequence[Span]) -> list[tuple[Span, _Found]]:
    """The sentences of the spans, each once, and what was found in it; a span in a header is itself."""
    sentences = tuple(_sentences(text))
    ends = [end for _, end in sentences]
    gone: list[tuple[Span, _Found]] = []
    for span in telling:
        wide, start = _widened(span, sentences, ends), span.start
        if gone and wide.start < gone[-1][0].end:
            before, (start, _) = gone.pop()
            wide = _joined(before, wide)
        gone.append((wide, (start, span.end)))
    return gone


def _without_clauses(reading: Reading, protected: frozenset[int], wide: Span, found: _Found) -> Span:
    """What goes of a sentence in which that was found."""
    if wide.kind != SENTENCE:
        return wide
    start, end = between_clauses(reading, protected, (wide.start, wide.end), found)
    return replace(wide, start=start, end=end)


def _is_hidden(reading: Reading, span: Span, cases: frozenset[Case]) -> bool:
    """Whether one of the words of the span is in such a case; there a model sees names everywhere."""
    if span.rule.startswith("model"):
        return False
    first, last = bisect_right(reading.ends, span.start), bisect_left(reading.starts, span.end)
    return not cases.isdisjoint(reading.case[first:last])


def _joined(first: Span, second: Span) -> Span:
    """The hull of two that overlap, one of which is a sentence."""
    whole = first if first.kind == SENTENCE else second
    start, end = min(first.start, second.start), max(first.end, second.end)
    return replace(whole, start=start, end=end)


def _tells(text: str, span: Span) -> bool:
    """Whether the span may be of a person or place; a rare word may be a typing error, a number a value."""
    if span.kind in OF_TIME:
        return False
    if span.rule not in _BY_WORD_ALONE:
        return True
    lexicon = load_lexicon()
    found = words_of(text[span.start : span.end])
    return any(word in lexicon.names or word in lexicon.ambiguous for word in found)


def _widened(span: Span, sentences: Sequence[tuple[int, int]], ends: Sequence[int]) -> Span:
    """The span with the sentences that it stands in; itself where it stands in a header."""
    first, last = bisect_right(ends, span.start), bisect_left(ends, span.end)
    touched = [row for row in sentences[first : last + 1] if row[0] < span.end]
    if not touched:
        return span
    start, end = min(touched[0][0], span.start), max(touched[-1][1], span.end)
    return Span(start=start, end=end, kind=SENTENCE, rule=f"sentence with: {span.rule}")


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    """Where the sentences stand, without headers; one that goes on in the next line is one."""
    start = end = -1
    for unit in units_of(text):
        if start >= 0 and not unit.header and _goes_on(text, end, unit):
            end = unit.end
            continue
        if start >= 0:
            yield start, end
        start, end = (-1, -1) if unit.header else (unit.start, unit.end)
    if start >= 0:
        yield start, end


def _goes_on(text: str, end: int, unit: Unit) -> bool:
    """Whether the unit goes on with the sentence that the text up to ``end`` began: its line was full."""
    if text.count("\n", end, unit.start) != 1 or text[end - 1] in _STOPS:
        return False
    return ends_full_line(text, end) and not _BEGINS_ANEW.match(text, unit.start, unit.end)
