"""Where a name is not a name: in phrases (Swan-Ganz, Hill-Sachs, Port-A-Cath), and in headers of sections."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import chain, pairwise

from radrelease.profiles.lexicon import load_lexicon, load_phrases
from radrelease.profiles.report_rules import load_misheard_terms, load_name_rules, load_protected_terms
from radrelease.profiles.section_rules import published_headers
from radrelease.stages.scrub.reading import Reading
from radrelease.stages.scrub.word_or_name import TITLES_OF_PEOPLE, follows_person_cue
from radrelease.stages.text.tokens import words_of

__all__ = ["called", "headers_at", "misheard", "phrase_end", "shielded"]

Words = tuple[str, ...]

_HYPHENS = frozenset({"-", "\u2013"})
_SIGNED = frozenset(
    {"out", "off", "in", "up", "on", "clinic", "center", "centre", "unit", "team", "foundation", "institute"}
)
"""After "sign" and the like, where people or places are meant: "Smith sign out"."""


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


def called(reading: Reading) -> frozenset[int]:
    """The indices of the words that a syndrome, a sign or a device is called by: "Gorlin syndrome".

    One word, or several joined by hyphens; a name of two words ("John Smith syndrome") is none of a disease.
    What a name of people may stand before too ("Smith catheter out") is called by words that are no names.
    """
    rules = load_name_rules()
    heads = rules.eponym_heads | rules.eponym_heads_of_sentences | rules.brand_heads
    if heads.isdisjoint(reading.words):
        return frozenset()
    found = (_called(reading, index) for index, word in enumerate(reading.words) if index and word in heads)
    return frozenset(chain.from_iterable(found))


def _called(reading: Reading, head: int) -> range:
    rules, lexicon = load_name_rules(), load_lexicon()
    first = head - 1
    while first and reading.gap(first) in _HYPHENS:
        first -= 1
    run = range(first, head)
    word, is_caseless = reading.words[head], reading.is_caseless(head)
    following = reading.words[head + 1] if head + 1 < len(reading.words) else ""
    alone = first == 0 or reading.gap(first) != " " or reading.begins_sentence(first)
    if not alone and reading.begins_sentence(first - 1):  # "Known Seurat sign", and not "Grace Stone sign"
        before = reading.words[first - 1]
        alone = before not in lexicon.names and before not in lexicon.ambiguous
    if (
        reading.gap(head) != " "
        or not all(reading.is_capitalised(i) and reading.words[i].isalpha() for i in run)
        or follows_person_cue(reading, first)
        or following in _SIGNED
        or not (alone or is_caseless or not reading.is_capitalised(first - 1))
    ):
        return range(0)
    if word in rules.eponym_heads or (word in rules.eponym_heads_of_sentences and not is_caseless):
        return run
    if is_caseless or reading.is_capitalised(head):
        return range(0)
    listed = (lexicon.names, lexicon.ambiguous, lexicon.english)
    is_brand = not any(reading.words[i] in words for i in run for words in listed)
    return run if is_brand else range(0)


def _within(reading: Reading, phrases: Phrases) -> Iterator[range]:
    """Where the phrases stand, by the indices of their words."""
    words = reading.words
    for index, (first, second) in enumerate(pairwise(words)):
        rows = phrases.get((first, second), ())
        if not rows and len(second) == 1 and index + 2 < len(words):  # an initial between the words of a term
            rows = phrases.get((first, words[index + 2]), ())
        for phrase in rows:
            end = phrase_end(reading, index, phrase)
            if end is not None and not _is_titled(reading, index):
                yield range(index, end)


def _is_titled(reading: Reading, index: int) -> bool:
    """Whether a title stands before the term, which is somebody's name then: "Dr. Frederick Miller"."""
    return index > 0 and reading.words[index - 1] in TITLES_OF_PEOPLE and follows_person_cue(reading, index)


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
