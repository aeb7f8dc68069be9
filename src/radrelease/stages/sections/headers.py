"""Where the headers of a report stand: at the heads of lines, and within them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from string import ascii_lowercase, ascii_uppercase
from typing import Final

from radrelease.records.sections import PartKind
from radrelease.stages.sections.alone import headers_by_likeness
from radrelease.stages.sections.before_colon import AFTER_COLON
from radrelease.stages.sections.before_sentence import (
    BARE,
    BARE_HEADERS,
    CAPITALS,
    bare_header,
    in_capitals,
)
from radrelease.stages.sections.ends import enders_of
from radrelease.stages.sections.forms import Case, Form, Header
from radrelease.stages.sections.heads_of_lines import header_at
from radrelease.stages.sections.layout import BREAK, LEAD, Line
from radrelease.stages.sections.names import LONGEST_HEADER, Named, is_of_headers, name_of
from radrelease.stages.sections.stretches import PUBLISHED

__all__ = ["OwnHeaders", "headers_of"]

_MARKED: Final = frozenset({Form.COLON, Form.ALONE, Form.SEPARATED, Form.INLINE, Form.CAPITALS})
_ORDER: Final = {form: place for place, form in enumerate(Form)}


OwnHeaders = tuple[tuple[str, PartKind], ...]
"""Headers that a source has of its own, in any case, and what they head."""


def headers_of(text: str, lines: Sequence[Line], own: OwnHeaders = ()) -> list[Header]:
    """The headers in the order of the text, apart from each other; those of the source come first."""
    case = _case_of(text)
    found = [header for line in lines if (header := header_at(text, line, case))]
    found += _of_source(text, own) if own else ()
    found += headers_by_likeness(text, lines, found)
    found += _before_colons(text, lines, {one.start: one.end for one in found if one.named})
    found += _spoken(text) if case is Case.SMALL else _within_sentences(text, case)
    found += enders_of(text, lines)
    return _without_bare(text, _apart(found))


def _of_source(text: str, own: OwnHeaders) -> Iterator[Header]:
    kinds = {header.casefold(): kind for header, kind in own}
    for found in _own_expression(own).finditer(text):
        kind = kinds.get(found["name"].casefold())
        if kind is not None:
            yield Header(found.start("lead"), found.end(), found.start("name"), Form.OWN, Named(kind))


@cache
def _own_expression(own: OwnHeaders) -> re.Pattern[str]:
    """The headers at the beginning of a line or of a sentence, and what stands before and after them."""
    longest_first = sorted((header for header, _ in own), key=lambda header: (-len(header), header))
    names = "|".join(re.escape(header) for header in longest_first)
    before = rf"(?:\A|{BREAK}|(?<=[.!?;])[ ]{{1,4}})(?P<lead>{LEAD})"
    return re.compile(rf"{before}(?P<name>{names})(?!\w)[ \t*_]{{0,4}}[:=-]{{0,2}}", re.IGNORECASE)


def _case_of(text: str) -> Case:
    sample = text[:2000].replace("XXXX", "")
    letters = sample.encode("ascii", "replace")
    small = len(letters) - len(letters.translate(None, _SMALL))
    capitals = len(letters) - len(letters.translate(None, _CAPITALS))
    if "[" in sample:
        capitals -= sum(map(len, _OF_MARKS.findall(sample)))
    if capitals * 50 < small:
        return Case.SMALL
    return Case.CAPITALS if small < 0.12 * capitals else Case.MIXED


_OF_MARKS: Final = re.compile(r"\[([A-Z]+)\]")
_SMALL, _CAPITALS = ascii_lowercase.encode(), ascii_uppercase.encode()


def _apart(found: list[Header]) -> list[Header]:
    """The headers that do not overlap: of two that do the first, of two that begin together the surest."""
    kept: list[Header] = []
    for header in sorted(found, key=lambda one: (one.word, _ORDER[one.form])):
        if not kept or header.word >= kept[-1].end:
            kept.append(header)
    return kept


def _without_bare(text: str, found: list[Header]) -> list[Header]:
    """Without the bare words, where other headers of the report show that its author marks them."""
    marked = {one.named.kind for one in found if one.named and one.form in _MARKED}
    if len(marked & PUBLISHED) > 1:
        return [one for one in found if one.form is not Form.BARE]
    begins = {one.word for one in found if one.form is Form.BARE and _begins_sentence(text, one.word)}
    if len(begins) > 1:
        return found
    return [one for one in found if one.form is not Form.BARE or one.word in begins]


def _begins_sentence(text: str, place: int) -> bool:
    before = text[max(0, place - 40) : place].rstrip(" \t*_")
    return not before or before[-1] in ".?!;)]>\n\r\\"


# -------------------------------------------------------------------------------------- before a colon


_COLON: Final = re.compile(r"(?<=[A-Za-z)\]*_ ]):(?!//)")
_CUT: Final = re.compile(r"[.;!?|\t\n<>]|\s\s|\]")
_WORD: Final = re.compile(r"[^\s*_\[(]\S*")
_MOST_WORDS: Final = 7


def _before_colons(text: str, lines: Sequence[Line], heads: Mapping[int, int]) -> Iterator[Header]:
    """Headers within lines; ``heads`` is where the header of a line that begins at a place ends."""
    for line in lines:
        place = heads.get(line.start, line.body)
        if text.find(":", place, line.end) < 0:
            continue
        for found in _COLON.finditer(text, place, line.end):
            left = max(place, found.start() - LONGEST_HEADER)
            header = _ending_at(text, left, found.start(), line)
            if header is not None:
                yield header
            place = found.end()


def _ending_at(text: str, left: int, colon: int, line: Line) -> Header | None:
    """The longest header that ends at a colon within a line."""
    before = text[left:colon]
    cut = max((found.end() for found in _CUT.finditer(before)), default=0)
    words = list(_WORD.finditer(before[cut:].rstrip(" *_)]")))[-_MOST_WORDS:]
    for index, first in enumerate(words):
        place = left + cut + first.start()
        phrase = text[place:colon].strip(" *_)]")
        named = _named_within(phrase, [word[0] for word in words[:index]], after_cut=bool(cut))
        if named is None:
            continue
        if place == line.body or (index and _heads_line(text, left + cut + words[0].start(), line, named)):
            return None  # the header of its line, or the end of what stands there
        close = AFTER_COLON.match(text, colon + 1, line.end)
        return Header(place, close.end() if close else colon + 1, place, Form.INLINE, named)
    return None


def _named_within(phrase: str, before: Sequence[str], *, after_cut: bool) -> Named | None:
    """What the words head, where capitals or a sign set them apart from those before."""
    first = phrase[:1]
    if not first.isalpha() or _MIXED.search(phrase) or not (first.isupper() or (after_cut and not before)):
        return None
    named = name_of(phrase)
    apart = named is not None and named.sure and (not before or _stands_out(phrase, before[-1]))
    return named if apart else None


_MIXED: Final = re.compile(r"\b[a-z]{3,}\b.*\b[A-Z]{4,}\b")  # "Routine medical exam COMPARISON"


def _heads_line(text: str, place: int, line: Line, named: Named) -> bool:
    return place == line.body and named.kind.section is None and text[place].isupper()


def _stands_out(phrase: str, before: str) -> bool:
    """Whether capitals set the phrase apart from the word before it."""
    if phrase.isupper():
        plain = not before.isupper() or not before.isalpha() or set(before) == {"X"}
        return plain or (phrase.lower() in BARE_HEADERS and not is_of_headers(before))
    return not before[0].isupper() or not is_of_headers(before)


# ----------------------------------------------------------------------------------- before a sentence


def _within_sentences(text: str, case: Case) -> Iterator[Header]:
    """Headers that have no colon, within a line: in capitals, or as bare words."""
    for found in _inline_words().finditer(text):
        start, before = found.start(1), text[found.start() - 1]
        header: Header | None = None
        if not found[1].isupper():
            bare = BARE.match(text, start)
            header = bare_header(bare, start) if bare else None
        elif before in ".?!;)]" or not (case is Case.CAPITALS or before.isupper()):
            end = min(len(text), start + 2 * LONGEST_HEADER)
            words = CAPITALS.match(text, start, end)
            header = in_capitals(text, words, start, end, Form.INLINE_CAPITALS, case) if words else None
        if header is not None:
            yield header


@cache
def _inline_words() -> re.Pattern[str]:
    spellings = {form(word) for word in BARE_HEADERS for form in (str.upper, str.capitalize, str.title)}
    longest_first = sorted(spellings, key=lambda word: (-len(word), word))
    capitals = "".join(sorted({word[0] for word in longest_first}))
    return re.compile(rf" (?=[{capitals}])(?<=[^\s:] )({'|'.join(longest_first)})\b")  # a blank is soon found


_SPOKEN: Final = re.compile(
    r"(?:^|(?<=[\s(]))(?P<name>clinical history|indication|history|comparison|findings|impression"
    r"|conclusion)\b[)]?:? (?=(?P<next>[a-zA-Z\[0-9]\S{0,30}))"
)
_FEWEST_SPOKEN: Final = 3


def _spoken(text: str) -> Iterator[Header]:
    """The header words of a report without capitals, where it has them for three parts at least."""
    found = [one for one in _SPOKEN.finditer(text) if bare_header(one, one.start())]
    if len({one["name"] for one in found}) >= _FEWEST_SPOKEN:
        for one in found:
            named = name_of(one["name"])
            if named is not None:
                yield Header(one.start(), one.end(), one.start(), Form.SPOKEN, replace(named, sure=False))
