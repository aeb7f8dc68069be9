"""Why a report may be cut otherwise than its author meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from radrelease.section_records import Doubt, PartKind
from radrelease.profiles.section_rules import load_section_rules
from radrelease.stages.section_contents import is_technique, names_findings, states_findings, words_of
from radrelease.stages.section_names import is_title
from radrelease.stages.section_headers import Form, Header
from radrelease.stages.section_layout import Line

__all__ = ["Stretch", "doubts_of"]


@dataclass(frozen=True, slots=True)
class Stretch:
    """What stands under one header, or is told apart by its words."""

    kind: PartKind
    start: int
    end: int
    reason: str
    header: Header | None = None

    @property
    def header_start(self) -> int:
        """Where its header begins, or itself where it has none."""
        return self.header.word if self.header else self.start


_BODY = frozenset({PartKind.FINDINGS, PartKind.IMPRESSION})
_INTRODUCTION = frozenset({PartKind.INDICATION, PartKind.COMPARISON, PartKind.TECHNIQUE})
_HEADER_WORD = re.compile(
    r"(?:^|[.?!\n]\s{0,3})(?:IMPRESSION|CONCLUSION|FINDINGS|COMPARISON|INDICATION|Impression|Conclusion|Findings|Indication|Opinion|OPINION)\b"
)
_ODD_ENDS, _ODD_STARTS = frozenset('"\\;,{}[|'), frozenset('"\\{}|;')
_MARKUP = re.compile(r"\\[a-z]{1,8}\d{0,4}\b|</?(?!(?i:br|p\b|b\b|li|ul))[A-Za-z]{1,10}[ >]")
_CORRECTING = re.compile(
    r"impression|finding|conclusion|correct|error|should|instead|wrong|mistake|discrepan|chang|revis|amend|right|left",
    re.IGNORECASE,
)
_LONGEST_INDICATION = 90
_LONGEST_COMPARISON = 60


def doubts_of(
    text: str, stretches: Sequence[Stretch], headers: Sequence[Header], lines: Sequence[Line]
) -> tuple[Doubt, ...]:
    """The doubts about a report, each once, in the order of :class:`Doubt`."""
    found = set(_doubts(text, stretches, headers, lines))
    return tuple(doubt for doubt in Doubt if doubt in found)


def _doubts(
    text: str, stretches: Sequence[Stretch], headers: Sequence[Header], lines: Sequence[Line]
) -> Iterator[Doubt]:
    kinds = [one.kind for one in stretches]
    if not any(header.named for header in headers if header.form is not Form.ENDER):
        yield Doubt.NO_HEADER
    if not _BODY & set(kinds):
        yield Doubt.NO_FINDINGS
    unknown = [
        header
        for header in headers
        if header.named is None or not (header.named.sure or header.named.kind.section)
    ]
    if any(_matters(text, header, stretches) for header in unknown):
        yield Doubt.UNKNOWN_HEADER
    if any(
        one.header and one.header.named and not one.header.named.sure and one.kind.section
        for one in stretches
    ):
        yield Doubt.UNSURE_HEADER
    preliminary = [one for one in stretches if one.kind is PartKind.PRELIMINARY]
    if any(one.header and one.header.named and one.header.named.kind in _BODY for one in preliminary) or (
        preliminary and max(map(kinds.count, _BODY)) > 1
    ):
        yield Doubt.SEVERAL_REPORTS
    if any(
        one.kind is PartKind.ADDENDUM and _CORRECTING.search(text, one.start, one.end) for one in stretches
    ):
        yield Doubt.CORRECTED
    if PartKind.INDICATION not in kinds and any(
        _holds_more(text, one) for one in stretches if one.kind in _UNNAMED
    ):
        yield Doubt.UNHEADED_TEXT
    for one in stretches:
        yield from _of_content(text, one)
    yield from _of_order(kinds, stretches)


_UNNAMED = frozenset({PartKind.EXAM, PartKind.OTHER, PartKind.TECHNIQUE})


def _holds_more(text: str, one: Stretch) -> bool:
    """Whether several lines stand under what has one as a rule, so that an indication may hide there."""
    content = text[one.start : one.end].splitlines()
    return len(content) > 1 and any(
        not is_title(line[:70]) and not is_technique(line) and len(line.split()) > 2 and not line.isupper()
        for line in content[1:]
    )


def _matters(text: str, header: Header, stretches: Sequence[Stretch]) -> bool:
    """Whether an unknown header stands where a section may begin or end with it."""
    if header.title or header.organ or header.page:
        return False
    published = [one for one in stretches if one.kind.section is not None]
    if not published:
        return True
    own = next((one for one in stretches if one.header is header), None)
    if header.named is not None and own is not None:  # of the office, by one word of it
        return own.end - own.start > 120 or names_findings(text[own.start : own.end])
    inside = any(one.start <= header.word < one.end for one in published)
    between = published[0].start < header.word < published[-1].start
    return (
        inside
        or between
        or (own is not None and (names_findings(text[own.start : own.end]) or own.end - own.start > 120))
    )


def _of_order(kinds: Sequence[PartKind], stretches: Sequence[Stretch]) -> Iterator[Doubt]:
    body = [place for place, kind in enumerate(kinds) if kind in _BODY]
    if body and any(kind in {PartKind.INDICATION} for kind in kinds[body[-1] :]):
        yield Doubt.OUT_OF_ORDER
    for kind in _BODY:
        if kinds.count(kind) > 1:
            yield Doubt.REPEATED


def _of_content(text: str, one: Stretch) -> Iterator[Doubt]:
    content = text[one.start : one.end]
    words = len(content.split()) if len(content) < 4000 else 999
    if one.kind in _BODY and _HEADER_WORD.search(content):
        yield Doubt.UNSURE_HEADER
    if one.kind is PartKind.OTHER and (states_findings(content) or words > 12):
        yield Doubt.UNHEADED_TEXT
    if (
        one.kind is PartKind.INDICATION
        and words > _LONGEST_INDICATION
        or one.kind is PartKind.COMPARISON
        and words > _LONGEST_COMPARISON
    ):
        yield Doubt.ODD_LENGTH
    if one.kind in _INTRODUCTION and states_findings(content):
        yield Doubt.ODD_CONTENT
    if one.reason == "states findings within a paragraph":
        yield Doubt.UNHEADED_TEXT
    if one.kind in _BODY and _odd_paragraph(content):
        yield Doubt.ODD_CONTENT
    if one.kind.section and (
        content[-1] in _ODD_ENDS or content[0] in _ODD_STARTS or _MARKUP.search(content)
    ):
        yield Doubt.ODD_CONTENT


def _odd_paragraph(content: str) -> bool:
    """Whether a paragraph after the first, or a last line, has no word of findings."""
    rules = load_section_rules()
    paragraphs = re.split(r"\n\s*\n", content[:4000])[1:]
    lines = content[-300:].rstrip().splitlines()
    if len(lines) > 1 and lines[-2].rstrip()[-1:] in ".:!?":
        paragraphs.append(lines[-1])
    return any(
        not any(word in rules.of_findings or word in _SAYING for word in words_of(paragraph))
        for paragraph in paragraphs
        if any(map(str.isalpha, paragraph))
    )


_SAYING = frozenset(
    "above recommended recommend suggested correlation follow followup follow-up ct stable unchanged improved improvement worsening compared please see same lung rib ribs none".split()
)
"""Words besides those of findings that the last paragraph of an impression may have."""
