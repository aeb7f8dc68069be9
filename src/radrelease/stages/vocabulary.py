"""What nobody knows does not leave: words and numbers that are not known to be harmless.

A word is published if it is in the lexicon or if enough patients of the export use it; a number if
it has the form of a measurement. Everything else becomes a placeholder, and so does what stands
beside it as the parts of a name do. Written with a capital inside a sentence, a word of everyday
English is part of a name ("Green Valley"), and a word that is also a common name is one ("Grace").
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence, Set
from functools import cache

from radrelease.profiles.lexicon import load_lexicon
from radrelease.profiles.report_rules import load_roles
from radrelease.records import Span
from radrelease.stages.name_parts import beside_names, beside_numbers, between_names, towns_after_places
from radrelease.stages.numbers import has_unit, is_harmless_number
from radrelease.stages.place_tails import around_places
from radrelease.stages.reading import Reading
from radrelease.stages.word_or_name import (
    follows_person_cue,
    is_before_head,
    is_followed_by_term,
    is_lone_acronym,
    is_term_here,
)

__all__ = ["UNKNOWN", "find_unknown", "is_published_word"]

UNKNOWN = "UNKNOWN"

_BY_PLACE = "name by its place"

_NAME_KINDS = frozenset({"NAME", UNKNOWN, "INSTITUTION", "PLACE"})
_LONGEST_HEADING, _MOST_HEADING_WORDS = 30, 5
_BLANKED = re.compile(r"x{2,}|_+")


def is_published_word(word: str, given_back: Set[str]) -> bool:
    """Whether the folded word may be published at all."""
    return (
        word in _published() or len(word) == 1 or word in given_back or _BLANKED.fullmatch(word) is not None
    )


@cache
def _published() -> frozenset[str]:
    lexicon = load_lexicon()
    return lexicon.clinical | lexicon.english | lexicon.ambiguous | load_roles().every


def find_unknown(
    reading: Reading, claimed: Sequence[Span], given_back: Set[str], protected: frozenset[int]
) -> Iterator[Span]:
    """The spans that the other layers left and that may not be published.

    ``claimed`` is what is removed already; ``given_back`` are words outside the lexicon that may be
    published, ``protected`` the indices of words in a protected phrase.
    """
    taken = _taken(reading, claimed)
    names = {index for index, kind in taken.items() if kind in _NAME_KINDS}
    removed: dict[int, str] = {}
    for index in reading.marks:
        if index in taken or index in protected:
            continue
        rule = _objection(reading, index, given_back)
        if rule:
            removed[index] = rule
            if not any(map(str.isdigit, reading.words[index])):
                names.add(index)
    for index in towns_after_places(reading, taken):
        removed.setdefault(index, "town after an address")
        names.add(index)
    for index in beside_names(reading, names, taken, protected):
        removed.setdefault(index, "beside a name")
    kinds = {**dict.fromkeys(removed, UNKNOWN), **taken}
    for index in around_places(reading, kinds):
        if index not in protected:
            removed.setdefault(index, "beside a place")
            names.add(index)
    for index in between_names(reading, names | removed.keys(), taken):
        removed.setdefault(index, "beside a name")
    numbers = [index for index in removed if index not in names]
    numbers += [index for index, kind in taken.items() if kind in {"ID", "PLACE"}]
    for index in beside_numbers(reading, numbers, taken):
        removed.setdefault(index, "beside a number")
    for index, rule in sorted(removed.items()):
        yield Span(start=reading.starts[index], end=reading.ends[index], kind=UNKNOWN, rule=rule)


def _taken(reading: Reading, claimed: Sequence[Span]) -> dict[int, str]:
    """The kinds of the words that are removed already, by index."""
    return {
        index: span.kind
        for span in claimed
        for index in range(bisect_left(reading.starts, span.start), bisect_right(reading.ends, span.end))
    }


def _objection(reading: Reading, index: int, given_back: Set[str]) -> str:
    """Why the word may not be published, or ""."""
    word, lexicon = reading.words[index], load_lexicon()
    if not word.isalpha() and any(map(str.isdigit, word)):
        harmless = word in given_back or word in lexicon.codes or is_harmless_number(reading, index)
        return "" if harmless else "number of unknown use"
    if word in lexicon.acronyms and is_lone_acronym(reading, index):
        return ""
    is_spelled_out = reading.written(index).isascii() or word in lexicon.eponyms or word in given_back
    if not is_published_word(word, given_back) or not is_spelled_out:
        return "word of unknown use"  # "Dũng" is not dung
    if len(word) == 1 or word in given_back:
        return ""
    is_rare_name = reading.capitals and word in lexicon.surnames
    if word in lexicon.eponyms and word in lexicon.clinical and not is_rare_name:
        return ""
    if word in lexicon.eponyms and is_term_here(reading, index):
        return ""
    if is_rare_name and not is_before_head(reading, index):
        return _BY_PLACE
    return _objection_to_case(reading, index)


def _objection_to_case(reading: Reading, index: int) -> str:
    """Why a word of everyday English, or one that is also a name, is a name where and as it is written."""
    word, written = reading.words[index], reading.written(index)
    ambiguous = word in load_lexicon().ambiguous
    if ambiguous and follows_person_cue(reading, index):
        return _BY_PLACE
    if reading.capitals or not reading.is_capitalised(index):
        return ""
    if word in load_lexicon().clinical and (not written.istitle() or _is_abbreviation(reading, index)):
        return ""
    if reading.begins_sentence(index) and not (
        reading.gap(index).rstrip(" ").endswith(("|", "^")) and word in load_lexicon().english
    ):
        is_cue = word in load_roles().cues  # "Read by" names somebody, and "Read" nobody
        return _BY_PLACE if ambiguous and not is_cue and not is_followed_by_term(reading, index) else ""
    if _is_heading(reading, index) or is_before_head(reading, index):
        return ""
    emphasis = "" if written.isupper() else "capital inside a sentence"
    return _BY_PLACE if ambiguous else emphasis


def _is_abbreviation(reading: Reading, index: int) -> bool:
    """Whether the word is a unit, or has no vowel: "12 Fr", "Hgb", "Hx"."""
    word = reading.words[index]
    if index and reading.words[index - 1][-1].isdigit() and has_unit(reading, index - 1):
        return True
    return not set("aeiouy") & set(word) and word != "ng"


def _is_heading(reading: Reading, index: int) -> bool:
    """Whether the word is one of a heading: a line in capitals, or "Referring Physician:" at its start."""
    text, start, end = reading.text, reading.starts[index], reading.ends[index]
    line_start, line_end = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    if text[line_start : line_end if line_end >= 0 else len(text)].isupper():
        return True
    begin = max(text.rfind(sign, line_start, start) + 1 for sign in "\n.;|:]")
    colon = text.find(":", end, end + _LONGEST_HEADING)
    words = re.findall(r"\w+", text[max(begin, line_start) : max(colon, 0)])
    return 0 < len(words) <= _MOST_HEADING_WORDS and all(
        word[0].isupper() or word in {"of", "for", "and", "the", "or"} for word in words
    )
