"""The four published parts of a report, as stretches of it; its wording is not touched.

A header stands at the beginning of a line and has a colon, or stands alone on its line, or is in
capitals before a sentence that is not; within a line it needs its colon and a capital letter. Parts
of one name that follow each other are one stretch, the header between them included; of parts that
lie apart the first with words is taken. "Findings and impression" under one header is Findings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from radrelease.profiles.report_rules import load_section_headers
from radrelease.records import Section, SectionName

__all__ = ["find_sections", "section_text"]

_EDGE = " \t\r\n*_=#>|:-"
_END_EDGE = " \t\r\n*_=#>|-"


@dataclass(frozen=True, slots=True)
class _Header:
    name: SectionName | None
    start: int
    end: int
    rule: str


def find_sections(text: str) -> tuple[Section, ...]:
    """The sections of ``text``, in the order of the text; none where no header says so."""
    found: dict[SectionName, Section] = {}
    last: SectionName | None = None
    headers = sorted(_headers(text), key=lambda header: (header.start, -header.end))
    headers = [header for place, header in enumerate(headers) if not _inside(headers[:place], header)]
    ends = [*(header.start for header in headers), len(text)][1:]
    for header, end in zip(headers, ends, strict=True):
        if header.name is None:
            last = None
            continue
        start, stop = _trim(text, header.end, end)
        if not any(sign.isalnum() for sign in text[start:stop]):
            continue
        known = found.get(header.name)
        if known is None:
            found[header.name] = Section(name=header.name, start=start, end=stop, rule=header.rule)
        elif last is header.name:
            found[header.name] = Section(name=known.name, start=known.start, end=stop, rule=known.rule)
        last = header.name
    return tuple(sorted(found.values(), key=lambda section: section.start))


def section_text(text: str, sections: Sequence[Section], name: SectionName) -> str | None:
    """The words of one section, or None."""
    return next((text[part.start : part.end] for part in sections if part.name is name), None)


def _inside(earlier: Sequence[_Header], header: _Header) -> bool:
    return bool(earlier) and max(other.end for other in earlier[-3:]) > header.start


def _headers(text: str) -> Iterator[_Header]:
    names = _names()
    for expression, where in ((_line_headers(), "line"), (_inline_headers(), "inline")):
        for found in expression.finditer(text):
            header = re.sub(r"\s+", " ", found["header"].casefold())
            yield _Header(names[header], found.start(), found.end(), f"{where} header: {header}")
    for found in _enders().finditer(text):
        yield _Header(None, found.start(), found.end(), "ender")


@cache
def _names() -> dict[str, SectionName | None]:
    return dict(load_section_headers().sections)


def _alternation(headers: Sequence[str]) -> str:
    return "|".join(re.escape(header).replace(r"\ ", r"[ \t]{1,3}") for header in headers)


@cache
def _line_headers() -> re.Pattern[str]:
    header = _alternation([spelling for spelling, _ in load_section_headers().sections])
    strong = _alternation(
        [
            spelling.upper()
            for spelling, name in load_section_headers().sections
            if name is not None and len(spelling) > 6
        ]
    )
    lead = r"^[ \t>*#_|]{0,8}(?:\(?[\divx]{1,3}[.)][ \t]{0,4})?[*_]{0,3}"
    closed = r"[ \t*_]{0,4}:|[ \t]{1,2}-{1,2}(?=[ \t])|[ \t*_.]{0,6}$"
    before_sentence = r"(?=[ \t]{1,4}[A-Z\[][a-z])"
    return re.compile(
        rf"{lead}(?P<header>(?i:{header})(?={closed})|(?:{strong}){before_sentence})(?:{closed})?",
        re.MULTILINE,
    )


@cache
def _inline_headers() -> re.Pattern[str]:
    spellings = [spelling for spelling, _ in load_section_headers().sections if len(spelling) > 2]
    capitals = _alternation([spelling.upper() for spelling in spellings if len(spelling) > 5])
    titles = _alternation(
        [form for word in spellings for form in (word.upper(), word.capitalize(), word.title())]
    )
    after_sentence = r"(?<=[.!?;\])][ \t])[ \t]{0,4}"
    before = rf"(?:{after_sentence}(?=(?:{titles})[ \t]?:)|(?<=[ \t])(?=(?:{capitals}):))"
    return re.compile(rf"{before}(?P<header>{titles})[ \t]?:")


@cache
def _enders() -> re.Pattern[str]:
    return re.compile(
        rf"^[ \t*_/\[(]{{0,6}}(?i:{_alternation(load_section_headers().enders)})\b", re.MULTILINE
    )


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The stretch without blanks and rules around it."""
    while start < end and text[start] in _EDGE:
        start += 1
    while end > start and text[end - 1] in _END_EDGE:
        end -= 1
    return start, end
