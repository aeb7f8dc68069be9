"""Reports into parts: the four that are published, what else is named, and what is in doubt.

Wording is never touched: a section is one stretch of the text, or several. First the lines are found
(:mod:`.layout`), then the headers in and between them (:mod:`.forms`, :mod:`.headers`, by the words of
:mod:`.names`), what stands under each (:mod:`.placing`), where the sections end (:mod:`.ends`), what has no
header (:mod:`.unheaded`, by :mod:`.contents`), and last what is in doubt (:mod:`.doubts`, with
:mod:`.likeness`, :mod:`.missing` and :mod:`.odd`). Every step is
linear in the text. See docs/decisions/0016-sections.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from radrelease.records.sections import Part, PartKind, Sectioned
from radrelease.stages.sections.doubts import doubts_of
from radrelease.stages.sections.ends import without_closings
from radrelease.stages.sections.headers import OwnHeaders, headers_of
from radrelease.stages.sections.layout import has_words, lines_of, trim
from radrelease.stages.sections.placing import by_place, under_headers, without_preliminary
from radrelease.stages.sections.stretches import PUBLISHED, Stretch
from radrelease.stages.sections.unheaded import by_contents

__all__ = ["OwnHeaders", "find_sections"]

_TRUST_LEFT: Final = 0.7
"""What each doubt leaves of the confidence."""


def find_sections(text: str, own: OwnHeaders = ()) -> Sectioned:
    """All of ``text`` in parts, and how far they can be trusted; ``own`` are headers that its source has."""
    lines = lines_of(text)
    headers = headers_of(text, lines, own)
    placed = list(by_place(text, without_preliminary(under_headers(text, headers))))
    closed = list(without_closings(text, placed, lines))
    stretches = _trimmed(text, list(by_contents(text, closed)))
    doubts = doubts_of(text, lines, stretches, headers)
    return Sectioned(
        parts=tuple(_tiled(text, stretches)), doubts=doubts, confidence=round(_TRUST_LEFT ** len(doubts), 2)
    )


def _trimmed(text: str, stretches: Sequence[Stretch]) -> list[Stretch]:
    """The stretches without what surrounds their words; those without words are left out."""
    kept = []
    for one in stretches:
        start, end = trim(text, one.start, one.end)
        if "aragraph" in text[max(start, end - 12) : end]:
            start, end = trim(text, start, _without_command(text, start, end))
        if start < end and (
            text[start].isalnum() or has_words(text, start, end) or text.find("__", start, end) >= 0
        ):
            kept.append(Stretch(one.kind, start, end, one.reason, one.header))
    return _without_semicolons(text, kept)


_COMMAND: Final = re.compile(r"\b(?:new|next) paragraph\.?\Z", re.IGNORECASE)


def _without_command(text: str, start: int, end: int) -> int:
    """Where the stretch ends without the last words, which whoever dictates says to the typist."""
    found = _COMMAND.search(text, start, end)
    return found.start() if found else end


def _without_semicolons(text: str, stretches: list[Stretch]) -> list[Stretch]:
    """The stretches, where semicolons stand between all parts of a report without them."""
    ends = [text[one.end - 1] == ";" for one in stretches if one.kind in PUBLISHED]
    if sum(ends) < max(2, len(ends) - 1):
        return stretches
    return [one.changed(end=one.end - 1) if text[one.end - 1] == ";" else one for one in stretches]


def _tiled(text: str, stretches: Sequence[Stretch]) -> Iterator[Part]:
    """Parts from the first character to the last; what is between contents is furniture."""
    place = 0
    for one in stretches:
        if one.start > place:
            yield Part(PartKind.FURNITURE, place, one.start, "between")
        yield Part(one.kind, one.start, one.end, one.reason)
        place = one.end
    if place < len(text):
        yield Part(PartKind.FURNITURE, place, len(text), "between")
