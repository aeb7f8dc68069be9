"""Places and employers that nothing in the export states, found by the words before them.

"lives in", "employed by", "films from": after a strong cue the whole name goes, up to the next stop;
after "in", "at" or "from" only what is written with capitals, as names of places are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from radrelease.profiles.lexicon import load_lexicon
from radrelease.profiles.word_lists import load_name_rules, load_roles
from radrelease.records.private import Span
from radrelease.stages.scrub.numbers import has_unit, is_harmless_number
from radrelease.stages.scrub.places_of_care import PLACE_ABBREVIATIONS, is_anybodys
from radrelease.stages.scrub.reading import Reading
from radrelease.stages.scrub.word_forms import is_made_as_terms
from radrelease.stages.scrub.word_or_name import is_kind_of_place

__all__ = ["find_named_places"]

_LEVEL = re.compile(
    r"(?i)[ctls]\d{1,2}(?:[-/][ctls]?\d{1,2})?"
    r"(?= (?:levels?|vertebra|dis[ck]|body|and|to|or|on|in)\b|\s*(?:[.;:)]|$|\n))"
)
"""Of the spine, with nothing behind it that a place is called by: "seen at T7", and not "at T4 Clinic"."""
_LONGEST_CUE = 3
_LONGEST_PLACE = 7
_LONGEST_HOUSE_NUMBER = 4
_LONGEST_SMALL = 3
_NO_SMALL_PLACES = frozenset(
    {"house", "hall", "ward", "street", "self", "field", "farmer", "wing", "may", "will"}
)
_WITH_COLON = frozenset({"ward", "wing", "community", "copies", "hometown"})
"""What names a place as a label only: "Ward: Bluebell", and not "the ward called"."""
_OF_BODY = frozenset({"base", "site", "location"})
_TOLD_OF_BODIES = frozenset({"branch", "grain", "reserve", "union", "express"})
"""Kinds of places that reports tell of too: "DELAYED UNION", "CARDIAC RESERVE"."""
_SIDES = frozenset(
    {"r", "l", "rt", "lt", "right", "left", "lung", "lower", "either", "each", "both", "heart", "the"}
)
"""Before a base that is one of the lungs, and before the site of something that is told."""

_CAPITAL_CUES = frozenset({"at", "from", "of"})
_MOST_BEFORE_KIND = 3
"""Words between "FOR" or the like and what a place is: "FOR GENERAL GAS FACTORY"."""

_GAPS = frozenset({" ", "-", "'", "’", ". ", " & ", "\n", ".", "  "})
_AFTER_CUE = frozenset(
    {" ", ": ", ":", " - ", ", ", " (", "\n", "\t", ":\t", " = ", ".: ", " : ", ":\n", "; "}
)


def find_named_places(reading: Reading, protected: frozenset[int]) -> Iterator[Span]:
    """The spans of places of care, towns and employers after a cue."""
    rules, roles, words = load_name_rules(), load_roles(), reading.words
    for index in reading.marks:
        if words[index] in roles.place_cues:
            yield from _after_strong_cue(reading, index, protected)
        if index and words[index - 1] in rules.weak_place_cues and not reading.is_caseless(index):
            yield from _place(reading, index, protected, strong=False)
    if any(reading.case):
        yield from _in_capitals(reading, protected)


def _in_capitals(reading: Reading, protected: frozenset[int]) -> Iterator[Span]:
    """Places among capitals, after words that stand before terms too."""
    before_kinds = load_name_rules().function_words
    for index, word in enumerate(reading.words[:-1]):
        if not reading.is_caseless(index) or reading.gap(index + 1) != " ":
            continue
        if word in _CAPITAL_CUES:
            yield from _place_in_capitals(reading, index + 1, protected)
        if word in before_kinds:
            yield from _kind_in_capitals(reading, index + 1)


def _after_strong_cue(reading: Reading, index: int, protected: frozenset[int]) -> Iterator[Span]:
    """The place after the longest cue that begins at ``index``."""
    rules = load_name_rules()
    for length in range(_LONGEST_CUE, 0, -1):
        cue, following = reading.words[index : index + length], index + length
        if cue in rules.strong_place_cues:
            if not _is_term(reading, index, following):
                yield from _place(reading, following, protected, strong=True)
            if cue in rules.small_place_cues:
                yield from _place_in_small_letters(reading, following, protected)
            return


def _is_term(reading: Reading, index: int, following: int) -> bool:
    """Whether the word is one of medicine, and no label: "LEFT BASE OPACITY", "R base Streaky"."""
    word, before = reading.words[index], reading.words[index - 1] if index else ""
    if word in _WITH_COLON:
        return ":" not in reading.text[reading.ends[index] : reading.ends[index] + 2]
    if word in _OF_BODY and ":" not in reading.text[reading.ends[index] : reading.ends[index] + 2]:
        return before in _SIDES or reading.words[following : following + 1] == ("of",)
    return (
        reading.is_caseless(index)
        and following == index + 1
        and following < len(reading.words)
        and reading.words[index] in load_lexicon().clinical
        and ":" not in reading.gap(following)
    )


def _place_in_small_letters(reading: Reading, first: int, protected: frozenset[int]) -> Iterator[Span]:
    """The words up to one that is a common name too, after a cue that only places follow: "shady oaks".

    What is a hall or a house there is no name, and neither is what has an article: "lives in a field".
    """
    words, lexicon, rules = reading.words, load_lexicon(), load_name_rules()
    if words[first : first + 1] == ("the",):
        first += 1
    if first >= len(words) or reading.is_caseless(first):
        return
    for index in range(first, min(first + _LONGEST_SMALL, len(words))):
        word = words[index]
        if index in protected or reading.gap(index) != " " or not reading.written(index).islower():
            return
        if word in lexicon.ambiguous and word not in _NO_SMALL_PLACES:
            start, end = reading.starts[first], reading.ends[index]
            yield Span(start=start, end=end, kind="PLACE", rule="place in small letters")
            return
        if word in lexicon.clinical or word in rules.stops or word in rules.function_words:
            return


def _place_in_capitals(reading: Reading, first: int, protected: frozenset[int]) -> Iterator[Span]:
    """The words after "AT" or "FROM" up to the last that tells of a place, where nothing but names stands."""
    last = first - 1
    for index in range(first, min(first + _LONGEST_PLACE, len(reading.words))):
        if index > first and not _goes_on(reading, index):
            break
        told = _tells_in_capitals(reading.words[index]) or _is_owner_or_saint(reading, index, first)
        if told is None or index in protected or _is_part_of_term(reading, index):
            break
        last = index if told else last
    if last >= first and not is_anybodys(reading, first, last):
        start, end = reading.starts[first], reading.ends[last]
        yield Span(start=start, end=end, kind="PLACE", rule="place in capitals")


def _is_part_of_term(reading: Reading, index: int) -> bool:
    """Whether a kind of place is one of a body: "AT THE JUNCTION OF MID AND DISTAL THIRDS"."""
    words, clinical = reading.words, load_lexicon().clinical
    return (
        words[index] in clinical
        and words[index + 1 : index + 2] == ("of",)
        and not clinical.isdisjoint(words[index + 2 : index + 4])
    )


def _kind_in_capitals(reading: Reading, first: int) -> Iterator[Span]:
    """The words up to one that says what a place is, or to the second that places are called by.

    The words before may be words of reports too: "FOR GENERAL GAS FACTORY", "WITH ORCHARD HILL".
    """
    rules, called = load_name_rules(), 0
    for index in range(first, min(first + _MOST_BEFORE_KIND + 1, len(reading.words))):
        word = reading.words[index]
        if index > first and reading.gap(index) != " ":
            return
        if word in rules.function_words or not word.isalpha():
            return
        called += word in rules.of_places
        if index > first and _is_told(word, called):
            if not is_anybodys(reading, first, index):
                start, end = reading.starts[first], reading.ends[index]
                yield Span(start=start, end=end, kind="PLACE", rule="kind of place in capitals")
            return


def _is_told(word: str, called: int) -> bool:
    """Whether a place is told by the word, or by so many words that places are called by."""
    return called > 1 or (
        word in load_name_rules().of_places and is_kind_of_place(word) and word not in _TOLD_OF_BODIES
    )


def _is_owner_or_saint(reading: Reading, index: int, first: int) -> bool | None:
    """Whether a hospital is called by the name: "AT GUY'S AND ST THOMAS'"; None if no place is."""
    word, lexicon = reading.words[index], load_lexicon()
    told = _tells_in_capitals(word)
    if word in lexicon.clinical or not (word in lexicon.ambiguous or word in lexicon.names):
        return told
    is_owner = reading.text[reading.ends[index] :][:2] in {"'S", "’S"} and reading.words[first - 1] != "of"
    is_saint = index > first and reading.words[index - 1] in {"st", "saint", "sts"}
    return True if (is_owner and word not in lexicon.eponyms) or is_saint else told


def _tells_in_capitals(word: str) -> bool | None:
    """Whether the word tells of a place; None if it belongs to none."""
    rules, lexicon = load_name_rules(), load_lexicon()
    if word in rules.of_places:
        return True
    if word in rules.place_connectors or word in rules.begin_places:
        return False
    if word in rules.stops or word in rules.function_words or not word.isalpha():
        return None
    if word in lexicon.clinical or is_made_as_terms(word):
        return None
    return len(word) > 1 and word not in lexicon.english and word not in lexicon.ambiguous


def _place(reading: Reading, first: int, protected: frozenset[int], *, strong: bool) -> Iterator[Span]:
    rules, words = load_name_rules(), reading.words
    if strong and first < len(words) and words[first] in {"the", "a", "an", "local"}:
        first += 1
    if first >= len(words) or reading.gap(first) not in (_AFTER_CUE if strong else {" ", "\n"}):
        return
    if _is_measured_or_level(reading, first):
        return
    last = first
    while last < len(words) and last - first < _LONGEST_PLACE and last not in protected:
        if last > first and not _goes_on(reading, last):
            break
        if not _may_be_place(reading, last, is_first=last == first):
            break
        last += 1
    while last > first and (words[last - 1] in rules.place_connectors or not _has_capital(reading, last - 1)):
        last -= 1
    if last <= first or is_anybodys(reading, first, last - 1):
        return
    if not strong and not any(_tells(reading, index) for index in range(first, last)):
        return
    yield Span(
        start=reading.starts[first], end=reading.ends[last - 1], kind="PLACE", rule="place after a cue"
    )


def _is_measured_or_level(reading: Reading, index: int) -> bool:
    """Whether it is a number with a unit, or a level of the spine."""
    if reading.words[index][0].isdigit():
        return has_unit(reading, index)
    return _LEVEL.match(reading.text, reading.starts[index]) is not None


def _goes_on(reading: Reading, index: int) -> bool:
    gap, word = reading.gap(index), reading.words[index]
    if word.isdigit() and len(word) > _LONGEST_HOUSE_NUMBER:
        return False
    return gap in _GAPS and (gap != ". " or reading.words[index - 1] in PLACE_ABBREVIATIONS)


def _may_be_place(reading: Reading, index: int, *, is_first: bool) -> bool:
    word = reading.words[index]
    if is_first and word in load_name_rules().not_places and not _is_our_lady(reading, index):
        return False
    if word in load_name_rules().place_connectors:
        return not (reading.is_caseless(index) and word in {"on", "at", "in", "for", "and"})
    if reading.is_caseless(index):
        return word not in load_name_rules().stops | load_name_rules().not_places
    return _has_capital(reading, index) and not (is_first and word in load_name_rules().titles)


def _is_our_lady(reading: Reading, index: int) -> bool:
    following = reading.words[index + 1] if index + 1 < len(reading.words) else ""
    return reading.words[index] == "our" and following in {"lady", "saviour", "savior", "redeemer"}


def _has_capital(reading: Reading, index: int) -> bool:
    return reading.is_capitalised(index) or reading.words[index][0].isdigit()


def _tells(reading: Reading, index: int) -> bool:
    """Whether the word is no abbreviation or term, such as may follow "in" with a capital."""
    word, written = reading.words[index], reading.written(index)
    if not written[0].isupper() or (written.isupper() and len(written) < 6):
        return False
    if word in load_lexicon().clinical or word in load_lexicon().eponyms or is_made_as_terms(word):
        return False
    return word.isalpha() or not (word in load_lexicon().codes or is_harmless_number(reading, index))
