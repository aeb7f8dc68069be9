"""Findings that stand under no header of their own, and a comparison that opens the findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from radrelease.profiles.section_rules import load_section_rules
from radrelease.records.sections import PartKind
from radrelease.stages.sections.contents import (
    comparison_sentence,
    is_comparing,
    is_technique,
    names_findings,
    sentences_of,
    states,
    states_findings,
    words_of,
)
from radrelease.stages.sections.layout import has_words, trim
from radrelease.stages.sections.placing import BEFORE_BODY, PAGE_BREAK, header_words
from radrelease.stages.sections.stretches import BODY, PUBLISHED, Stretch

__all__ = ["COMPARED", "WITHIN_A_PARAGRAPH", "by_contents"]

_LOOKED_FOR: Final = frozenset({PartKind.FINDINGS, PartKind.COMPARISON, PartKind.INDICATION})
COMPARED: Final = "says what was compared"
WITHIN_A_PARAGRAPH: Final = "states findings within a paragraph"


def by_contents(text: str, stretches: Sequence[Stretch]) -> Iterator[Stretch]:
    """The stretches, cut where they begin to state findings and where they end to state a comparison."""
    filled = {
        one.kind for one in stretches if one.kind in _LOOKED_FOR and has_words(text, one.start, one.end)
    }
    has_findings, has_comparison = PartKind.FINDINGS in filled, PartKind.COMPARISON in filled
    told = PartKind.INDICATION in filled
    page: PartKind | None = None  # what a page break interrupts
    for one, before in zip(stretches, [None, *stretches], strict=False):
        made = [one]
        page = _interrupted(one, before, page)
        if page is not None:
            made = _continued(text, one, page)
            page = None if len(made) > 1 else page
        elif not has_findings and (one.kind in BEFORE_BODY or (one.header is None and one.start == 0)):
            made = _with_findings(text, one, told=told)
            has_findings = len(made) > 1
        elif one.kind is PartKind.INDICATION and text.find("\n\n", one.start, one.end) >= 0:
            made = _without_technique(text, one)
        for each in made:
            opens = each.kind is PartKind.FINDINGS and not has_comparison
            yield from _with_comparison(text, each) if opens else (each,)


def _interrupted(one: Stretch, before: Stretch | None, page: PartKind | None) -> PartKind | None:
    """The part that a page break interrupts, as long as no other has begun."""
    if one.reason == PAGE_BREAK and before is not None and before.kind in BODY:
        return before.kind
    return None if one.kind in PUBLISHED or one.reason == "continued" else page


def _continued(text: str, stretch: Stretch, kind: PartKind) -> list[Stretch]:
    """The stretch, and from its first paragraph that states findings on what the page break interrupts."""
    start, end = trim(text, stretch.start, stretch.end)
    for place, _, begins in sentences_of(text, start, end):
        if begins and _opens_paragraph(text, place) and _opens_findings(text, place, end):
            return [stretch.changed(end=place), Stretch(kind, place, stretch.end, "continued")]
    return [stretch]


def _with_findings(text: str, stretch: Stretch, *, told: bool) -> list[Stretch]:
    """The stretch, and the findings that begin in it; ``told`` where the report has its indication."""
    start, end = trim(text, stretch.start, stretch.end)
    place = _first_statement(text, start, end, stretch.kind, header_words(text, stretch))
    if place is None:
        return [stretch]
    if told and stretch.kind in _TITLES:
        place = _with_paragraphs_before(text, start, place)
    before = text[stretch.start : place].rstrip(" \t")
    apart = not before or before[-1] in "\n\r\\>"
    reason = "states findings" if apart else WITHIN_A_PARAGRAPH
    return [stretch.changed(end=place), Stretch(PartKind.FINDINGS, place, stretch.end, reason)]


def _without_technique(text: str, stretch: Stretch) -> list[Stretch]:
    """The indication, without a paragraph after it that says how the pictures were taken."""
    start, end = trim(text, stretch.start, stretch.end)
    place = text.rfind("\n\n", start, end)
    if place < 0 or not is_technique(text[place:end]):
        return [stretch]
    return [
        stretch.changed(end=place),
        Stretch(PartKind.TECHNIQUE, place, stretch.end, "says how the pictures were taken"),
    ]


_TITLES: Final = frozenset({PartKind.EXAM, PartKind.TECHNIQUE})


def _with_paragraphs_before(text: str, start: int, place: int) -> int:
    """Where the findings begin, with the paragraphs before that name a finding: "Low lung volumes."."""
    of_findings = load_section_rules().of_findings
    while (before := text[start:place].rstrip()) and text.startswith("\n\n", start + len(before)):
        first = before.rfind("\n\n")
        paragraph = before[first + 2 :] if first >= 0 else ""
        if (
            not paragraph.endswith(".")
            or of_findings.isdisjoint(words_of(paragraph))
            or is_technique(paragraph)
        ):
            break
        place = start + first + 2
    return place


_FROM_THE_START: Final = frozenset({PartKind.EXAM, PartKind.OTHER})
"""Parts whose first sentence may be of findings."""
_WITHIN: Final = _FROM_THE_START | {PartKind.TECHNIQUE}
"""Parts in which any sentence may begin the findings."""


def _first_statement(text: str, start: int, end: int, kind: PartKind, header: str) -> int | None:
    """Where the stretch begins to state findings: with a paragraph, a line or a sentence."""
    if kind is PartKind.ADMINISTRATIVE and "report" in header:
        return start if states_findings(text[start:end]) else None
    within = kind in _WITHIN
    compared: int | None = None
    for place, stop, begins in sentences_of(text, start, end):
        if place == start and kind not in _FROM_THE_START:
            continue
        sentence, opens = text[place:stop], begins and _opens_paragraph(text, place)
        anew = begins and (within or opens or _follows_sentence(text, place))
        if begins and is_comparing(sentence):
            compared = place
        elif (opens and place > start and _opens_findings(text, place, end)) or (
            (anew or within or compared is not None)
            and _states(sentence, loosely=begins or kind is PartKind.TECHNIQUE)
            and states_findings(text[place:end])
        ):
            return place if compared is None else compared
        else:
            compared = None
    return None


def _follows_sentence(text: str, place: int) -> bool:
    return text[max(0, place - 40) : place].rstrip()[-1:] in ".:?!"


def _states(sentence: str, *, loosely: bool) -> bool:
    """Whether a sentence states a finding; ``loosely`` needs no verb."""
    return states(sentence) or (loosely and names_findings(sentence) and not is_technique(sentence))


def _opens_findings(text: str, place: int, end: int) -> bool:
    """Whether the paragraph that begins at ``place`` states findings."""
    close = text.find("\n\n", place, end)
    return states_findings(text[place : close if close >= 0 else end])


def _opens_paragraph(text: str, place: int) -> bool:
    """Whether a blank line, or nothing, stands before."""
    before = text[max(0, place - 40) : place]
    return before.count("\n") - before.rstrip().count("\n") > 1 or not before.strip()


def _with_comparison(text: str, stretch: Stretch) -> tuple[Stretch, ...]:
    """The findings, and the comparison that opens them."""
    start, end = trim(text, stretch.start, stretch.end)
    close = comparison_sentence(text, start, end)
    if close is None:
        return (stretch,)
    compared = Stretch(PartKind.COMPARISON, start, close, COMPARED, stretch.header)
    return compared, stretch.changed(start=close)
