"""Where headers of the vocabulary stand in a line; what stands under them is not looked at.

A header begins a line, stands alone on it, or begins a sentence within it; in capitals it may stand
anywhere. It ends in a colon; at the beginning of a line a dash, or in capitals nothing, will do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from radrelease.profiles.report_rules import load_section_headers

__all__ = ["headers_in"]

_LONGEST = 64
"""Characters of a header at most, so that the time is linear in the text."""

_LEAD = re.compile(
    r"[ \t>*#_|=~-]{0,12}(?:\(?(?:\d{1,2}|[ivxIVX]{1,4})[.)][ \t]{0,4}(?=[A-Za-z*_]))?[*_]{0,3}"
)
_DASH = re.compile(r"[ \t]{1,2}(?:-{1,2}|[–—])(?=[ \t])")
_CAPITALS = re.compile(r"[A-Z][A-Z/&-]{1,20}+(?:[ \t][A-Z/&-]{2,20}+){0,4}+(?=[ \t]{1,4}[A-Z\[])")
_TOKEN = re.compile(r"\S+")
_BOLD = re.compile(r"\*{1,2}")
_AROUND = " \t*=#|>~-"
_SENTENCE_ENDS = frozenset(".!?;])")
_SHORTEST_CAPITALS = 6


def headers_in(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The stretches of the line ``start`` to ``end`` that are headers, with colon and numbering, in order."""
    begin = _lead_end(text, start, end)
    place = start
    first = _at_line_start(text, begin, end)
    if first is not None:
        place = _after_bold(text, first, end)
        yield start, place
    colon = text.find(":", place, end)
    while colon >= 0:
        header = _before_colon(text, place, colon, begin)
        if header is not None:
            stop = _after_bold(text, colon + 1, end)
            yield (start if header == begin else header), stop
        place = colon + 1
        colon = text.find(":", place, end)


def _lead_end(text: str, start: int, end: int) -> int:
    lead = _LEAD.match(text, start, end)
    return start if lead is None else lead.end()


def _at_line_start(text: str, begin: int, end: int) -> int | None:
    """Where the header that needs no colon ends: alone on its line, before a dash, or in capitals."""
    if end - begin <= _LONGEST and _is_alone(text[begin:end]):
        return end
    dash = _DASH.search(text, begin, min(end, begin + _LONGEST))
    if dash is not None and text[begin : begin + 1].isupper() and _is_known(text[begin : dash.start()]):
        return dash.end()
    capitals = _CAPITALS.match(text, begin, end)
    if capitals is None:
        return None
    words = capitals[0]
    while words and not (len(words) > _SHORTEST_CAPITALS and _is_known(words)):
        words = words.rpartition(" ")[0]
    followed = text[begin + len(words) : begin + len(words) + 1]
    return begin + len(words) if words and followed in {" ", "\t"} else None


def _is_alone(line: str) -> bool:
    """Whether the line is a header; lines that stand for a word ("COMPARISON ___") are a word."""
    bare = line.strip(_AROUND).removesuffix(":").rstrip(_AROUND).strip("_")
    return bare[:1].isupper() and not bare[-1].isspace() and _is_known(bare)


def _before_colon(text: str, place: int, colon: int, begin: int) -> int | None:
    """Where the longest header that ends at the colon begins."""
    least = max(place, colon - _LONGEST)
    for token in _TOKEN.finditer(text, least, colon):
        start = begin if token.start() < begin < token.end() else token.start()
        words = text[start:colon].rstrip(" \t*_")
        if words and _is_known(words) and _may_begin(text, start, begin, words):
            return start
    return None


def _may_begin(text: str, start: int, begin: int, words: str) -> bool:
    if start <= begin:
        return True
    if not text[start - 1].isspace():
        return False
    before = text[max(begin, start - 6) : start].rstrip()
    if words[0].isupper() and before[-1:] in _SENTENCE_ENDS:
        return True
    return words.isupper() and len(words) >= _SHORTEST_CAPITALS


def _after_bold(text: str, place: int, end: int) -> int:
    bold = _BOLD.match(text, place, end)
    return place if bold is None else bold.end()


def _is_known(words: str) -> bool:
    return " ".join(words.casefold().split()) in _spellings()


@cache
def _spellings() -> frozenset[str]:
    return frozenset(spelling for spelling, _ in load_section_headers().sections)
