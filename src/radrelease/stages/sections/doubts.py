"""Why a report may be cut otherwise than its author meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final

from radrelease.records.sections import Doubt, PartKind
from radrelease.stages.sections.contents import is_name, names_findings
from radrelease.stages.sections.ends import OF_NOTHING_SEEN
from radrelease.stages.sections.forms import Form, Header
from radrelease.stages.sections.layout import Line
from radrelease.stages.sections.likeness import inline_places_like_headers, places_like_headers
from radrelease.stages.sections.missing import doubts_of_missing
from radrelease.stages.sections.odd import UNREAD, doubts_of_content
from radrelease.stages.sections.placing import READING_ALONE
from radrelease.stages.sections.stretches import BODY, PUBLISHED, Stretch
from radrelease.stages.sections.unheaded import COMPARED

__all__ = ["doubts_of"]


def doubts_of(
    text: str, lines: Sequence[Line], stretches: Sequence[Stretch], headers: Sequence[Header]
) -> tuple[Doubt, ...]:
    """The doubts about a report, each once, in the order of :class:`Doubt`."""
    found = {
        *_of_headers(text, stretches, headers),
        *_of_parts(text, stretches),
        *_of_reasons(text, stretches),
        *doubts_of_missing(text, stretches),
    }
    if Doubt.UNKNOWN_HEADER not in found and _is_headed_elsewhere(text, lines, stretches, headers):
        found.add(Doubt.UNKNOWN_HEADER)
    for one in stretches:
        if one.kind not in UNREAD:
            found.update(doubts_of_content(text[one.start : one.end], one))
    return tuple(doubt for doubt in Doubt if doubt in found)


# ----------------------------------------------------------------------------------------- of headers


def _of_headers(text: str, stretches: Sequence[Stretch], headers: Sequence[Header]) -> Iterator[Doubt]:
    if not any(one.named for one in headers if one.form is not Form.ENDER):
        yield Doubt.NO_HEADER
    own = {id(one.header): one for one in stretches if one.header}
    published = [one for one in stretches if one.kind in PUBLISHED]
    slight = [
        one
        for one in headers
        if one.unknown or (one.named and not (one.named.sure or one.named.kind in PUBLISHED))
    ]
    if any(_matters(text, one, own.get(id(one)), published) for one in slight):
        yield Doubt.UNKNOWN_HEADER
    if (
        any(one.header and one.header.named and not one.header.named.sure for one in published)
        or any(_is_swallowed(text, one, published) for one in headers if id(one) not in own)
        or any(_breaks_sentence(text, one.header) for one in published if one.header)
    ):
        yield Doubt.UNSURE_HEADER


def _is_swallowed(text: str, header: Header, published: Sequence[Stretch]) -> bool:
    """Whether a line of many words is taken for the header of a part that is nowhere else: it may be text."""
    if header.form not in _OF_WHOLE_LINES or header.named is None or header.named.kind not in PUBLISHED:
        return False
    many = len(text[header.word : header.end].split()) >= _MANY_WORDS
    return many and all(one.kind is not header.named.kind for one in published)


def _breaks_sentence(text: str, header: Header) -> bool:
    """Whether a header that is alone on its line follows a long line whose sentence has not ended."""
    if header.form is not Form.ALONE or text[header.start - 1 : header.start] != "\n":
        return False
    before = text[text.rfind("\n", 0, header.start - 1) + 1 : header.start].strip()
    return len(before) > _LONG_LINE and before[-1].isalnum()


_LONG_LINE: Final = 45  # characters
_OF_WHOLE_LINES: Final = frozenset({Form.ALONE, Form.CAPITALS, Form.LIKENESS})
_MANY_WORDS: Final = 3


def _matters(text: str, header: Header, own: Stretch | None, published: Sequence[Stretch]) -> bool:
    """Whether an unknown header stands where a section may begin or end with it."""
    if not published:
        return True
    if "[" in (content := text[header.end : own.end if own else header.end]) and is_name(content):
        return False
    says_more = own is not None and (own.end - own.start > 120 or names_findings(text[own.start : own.end]))
    if says_more or (header.named is not None and own is not None):
        return says_more
    told = any(one.kind is PartKind.INDICATION for one in published)
    return (published[0].start if told else -1) < header.word < published[-1].end


def _is_headed_elsewhere(
    text: str, lines: Sequence[Line], stretches: Sequence[Stretch], headers: Sequence[Header]
) -> bool:
    """Whether a line is marked as the headers are where one may be missing."""
    kinds = {one.kind: one.end for one in stretches if one.kind in PUBLISHED}
    if not kinds:
        return False
    first = min(one.start for one in stretches if one.kind in PUBLISHED)
    last = max(kinds.values()) if PartKind.IMPRESSION in kinds else len(text)
    begin = first if PartKind.INDICATION in kinds else -1
    places = chain(places_like_headers(text, lines, headers), inline_places_like_headers(text, headers))
    return any(begin < place < last for place in places)


# ------------------------------------------------------------------------------------------- of parts


def _of_parts(text: str, stretches: Sequence[Stretch]) -> Iterator[Doubt]:
    kinds = [one.kind for one in stretches]
    most = max(kinds.count(PartKind.FINDINGS), kinds.count(PartKind.IMPRESSION))
    body = [place for place, kind in enumerate(kinds) if kind in BODY]
    if not body:
        yield Doubt.NO_FINDINGS
    elif PartKind.INDICATION in kinds[body[-1] :]:
        yield Doubt.OUT_OF_ORDER
    if most > 1:
        yield Doubt.REPEATED
    if PartKind.PRELIMINARY in kinds and (most > 1 or _has_two_readings(stretches)):
        yield Doubt.SEVERAL_REPORTS
    if PartKind.ADDENDUM in kinds and any(
        one.kind is PartKind.ADDENDUM and _CORRECTING.search(text, one.start, one.end) for one in stretches
    ):
        yield Doubt.CORRECTED


def _of_reasons(text: str, stretches: Sequence[Stretch]) -> Iterator[Doubt]:
    """Of rules that are known to err."""
    for one in stretches:
        if one.reason == OF_NOTHING_SEEN:
            yield Doubt.ODD_CONTENT
        elif one.reason == READING_ALONE or (
            one.reason == COMPARED and _SAID.search(text, one.start, one.end) is None
        ):
            yield Doubt.UNSURE_HEADER


_SAID: Final = re.compile(r"\b(?:is|was|were|are|made|to|with|no|none|compared)\b", re.IGNORECASE)
"""What a sentence says that opens the findings and is of the comparison, and is no header with its words."""


_CORRECTING: Final = re.compile(
    r"impression|finding|conclusion|correct|error|should|instead|wrong|mistake|discrepan|chang|revis|amend"
    r"|right|left",
    re.IGNORECASE,
)


def _has_two_readings(stretches: Sequence[Stretch]) -> bool:
    """Whether the preliminary read has sections of its own."""
    preliminary = [one.header for one in stretches if one.kind is PartKind.PRELIMINARY and one.header]
    return any(header.named is not None and header.named.kind in BODY for header in preliminary)
