"""Where a name is not a name: in phrases (Swan-Ganz, Hill-Sachs, Port-A-Cath), and in headers of sections."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import chain, pairwise

from radrelease.profiles.lexicon import load_phrases
from radrelease.profiles.section_rules import published_headers
from radrelease.profiles.word_lists import load_misheard_terms, load_name_rules, load_protected_terms
from radrelease.stages.scrub.reading import Reading
from radrelease.stages.scrub.word_or_name import TITLES_OF_PEOPLE, follows_person_cue
from radrelease.stages.text.tokens import words_of

__all__ = ["headers_at", "misheard", "phrase_end", "shielded"]

Words = tuple[str, ...]

Phrases = Mapping[tuple[str, str], tuple[Words, ...]]
"""Terms of several words, by their first two."""


@cache
def _protected_phrases() -> Phrases:
    return _by_first_two((*load_protected_terms(), *load_phrases()))


@cache
def _misheard_phrases() -> tuple[Phrases, frozenset[str]]:
    phrases = _by_first_two(load_misheard_terms())
    return phrases, frozenset(first for first, _ in phrases)


def _by_first_two(terms: Iterable[str]) -> Phrases:
    keyed: dict[tuple[str, str], list[Words]] = {}
    for row in sorted({words_of(term) for term in terms}):
        if len(row) > 1:
            keyed.setdefault((row[0], row[1]), []).append(row)
    return {first: tuple(rows) for first, rows in keyed.items()}


def shielded(reading: Reading) -> frozenset[int]:
    """The indices of words within a protected phrase."""
    return frozenset(chain.from_iterable(_within(reading, _protected_phrases())))


def misheard(reading: Reading) -> frozenset[int]:
    """The indices of words within a term that dictation misheard: "Carly B lines"."""
    phrases, first = _misheard_phrases()
    if first.isdisjoint(reading.words):
        return frozenset()
    found = _within(reading, phrases)
    return frozenset(chain.from_iterable(row for row in found if not follows_person_cue(reading, row.start)))


def _within(reading: Reading, phrases: Phrases) -> Iterator[range]:
    """Where the phrases stand, by the indices of their words."""
    words = reading.words
    for index, (first, second) in enumerate(pairwise(words)):
        rows = phrases.get((first, second), ())
        if (
            not rows and len(second) == 1 and second.isalpha() and index + 2 < len(words)
        ):  # an initial between the words of a term
            rows = phrases.get((first, words[index + 2]), ())
        for phrase in rows:
            end = phrase_end(reading, index, phrase)
            if end is not None and not _is_titled(reading, index) and not _has_credential(reading, end):
                yield range(index, end)


def _is_titled(reading: Reading, index: int) -> bool:
    """Whether a title stands before the term, which is somebody's name then: "Dr. Frederick Miller"."""
    return index > 0 and reading.words[index - 1] in TITLES_OF_PEOPLE and follows_person_cue(reading, index)


def _has_credential(reading: Reading, end: int) -> bool:
    """Whether what somebody is stands behind the term, which is a name then: "Williams Campbell rn"."""
    if end >= len(reading.words) or reading.words[end] not in load_name_rules().credentials:
        return False
    return reading.gaps[end] in {" ", ", ", ","}


def phrase_end(reading: Reading, index: int, phrase: Words) -> int | None:
    """The index after the phrase that begins at ``index``; initials between its words are passed over."""
    words, place = reading.words, index
    for count, word in enumerate(phrase):
        if count and place < len(words) and words[place] != word and len(words[place]) == 1:
            place += 1
        if place >= len(words) or words[place] != word:
            return None
        if count and reading.starts[place] - reading.ends[place - 1] > 4:
            return None
        place += 1
    return place


_HEADER = re.compile(r"^[ \t*#>]{0,8}([A-Za-z][A-Za-z /&'\u2019\-]{2,48}?)[ \t]*(?=:|$)", re.MULTILINE)


def headers_at(text: str) -> frozenset[tuple[int, int]]:
    """Where the words stand that head a line and are the header of a section: "Previous imaging:"."""
    headers = _headers()
    return frozenset(found.span(1) for found in _HEADER.finditer(text) if found[1].lower() in headers)


@cache
def _headers() -> frozenset[str]:
    return frozenset(published_headers())
