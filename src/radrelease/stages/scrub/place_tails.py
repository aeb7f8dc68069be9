"""What belongs to the name of a place and looks like none: "the [Riverina]", "[Dripping Springs] ISD"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from radrelease.profiles.lexicon import load_lexicon
from radrelease.profiles.word_lists import load_name_rules, load_roles
from radrelease.stages.scrub.reading import Reading
from radrelease.stages.scrub.short_parts import is_acronym
from radrelease.stages.scrub.word_or_name import is_kind_of_place

__all__ = ["around_places"]

_KINDS = frozenset({"UNKNOWN", "PLACE", "INSTITUTION"})
_LONGEST_TAIL = 4
_BEFORE_ARTICLES = frozenset({"to", "via", "through", "across", "o"})
_BEFORE_ARTICLES_BY_CASE = frozenset({"around", "with", "throughout", "the"})
"""Words before "the" and a place, besides the cues; "o" is that of "c/o"."""
_INSIDE = frozenset({" ", "-", "/", " & ", "'", "’"})
_END = re.compile(r"\s*(?:$|[.,;:)(\n])")


def around_places(reading: Reading, kinds: Mapping[int, str]) -> Iterator[int]:
    """The words beside what is removed; ``kinds`` are those of the removed words, by index."""
    for place, kind in kinds.items():
        if kind == "NAME" and _is_kind_of_named(reading, place + 1) and place + 1 not in kinds:
            yield place + 1
        yield from _second_acronym(reading, place + 1, kinds)
        if kind not in _KINDS:
            continue
        if place and place - 1 not in kinds and _begins_place(reading, place - 1):
            yield place - 1
        if place + 1 < len(reading.words) and place + 1 not in kinds:
            yield from _tail(reading, place + 1)


def _second_acronym(reading: Reading, index: int, kinds: Mapping[int, str]) -> Iterator[int]:
    """What a stroke joins to letters that go: "[OB]/GYN"."""
    if index == len(reading.words) or index in kinds or reading.gap(index) != "/":
        return
    if reading.words[index] in load_roles().every:
        return  # "NI/SSN"
    if _is_acronym(reading, index) and _is_acronym(reading, index - 1):
        yield index


def _is_kind_of_named(reading: Reading, index: int) -> bool:
    """Whether what was found as a person's name is a place's: "[Harz] district"."""
    if index >= len(reading.words) or reading.is_caseless(index) or reading.gap(index) != " ":
        return False
    return is_kind_of_place(reading.words[index])


def _begins_place(reading: Reading, index: int) -> bool:
    return _is_article(reading, index) or _is_acronym_before(reading, index)


def _is_article(reading: Reading, index: int) -> bool:
    """Whether "the" stands between "in", "at" and the like and a place, or alone before it in a field."""
    written = "THE" if reading.is_caseless(index) else "the"
    before = reading.words[index - 1] if index else ""
    return (
        reading.written(index) == written
        and reading.gap(index + 1) == " "
        and reading.is_capitalised(index + 1)
        and (
            before in load_name_rules().weak_place_cues
            or before in _BEFORE_ARTICLES
            or reading.gaps[index].endswith(("\t", ": ", "| ", "("))
            or (not reading.is_caseless(index) and _may_begin_place(reading, index))
        )
    )


def _may_begin_place(reading: Reading, index: int) -> bool:
    """Whether "the" stands where only its small letter tells that a name follows: "Boston, the [Fens]"."""
    before = reading.words[index - 1] if index else ""
    return ", " in reading.gaps[index] or reading.begins_sentence(index) or before in _BEFORE_ARTICLES_BY_CASE


def _is_acronym_before(reading: Reading, index: int) -> bool:
    """Whether letters before a firm's name begin it: "[QT] Foundries"."""
    following = reading.written(index + 1)
    return (
        not reading.is_caseless(index)
        and reading.gap(index + 1) == " "
        and following[:1].isupper()
        and not following.isupper()
        and _is_acronym(reading, index)
    )


def _tail(reading: Reading, first: int) -> Iterator[int]:
    if reading.is_caseless(first):
        yield from _tail_in_capitals(reading, first)
    elif reading.gap(first) == " " and (_is_kind(reading, first) or _is_acronym(reading, first)):
        yield first
        if _is_acronym(reading, first):  # "OB/GYN"
            while first + 1 < len(reading.words) and reading.gap(first + 1) == "/":
                first += 1
                yield first


def _is_kind(reading: Reading, index: int) -> bool:
    """Whether the word says what the place is: "Harz [district]", "Whitburn [colliery]"."""
    word, rules = reading.words[index], load_name_rules()
    if not reading.is_capitalised(index - 1):
        return False
    if word in rules.kinds_of_places:
        return True
    is_of_places = word in rules.of_places and word not in load_lexicon().clinical
    return is_of_places and _END.match(reading.text, reading.ends[index]) is not None


def _is_acronym(reading: Reading, index: int) -> bool:
    return is_acronym(reading, index) and reading.words[index] not in load_name_rules().credentials


def _tail_in_capitals(reading: Reading, first: int) -> Iterator[int]:
    """The words up to the end of the clause, if the last is one of places or all are plain English."""
    last = first
    while not _END.match(reading.text, reading.ends[last]):
        last += 1
        if last == len(reading.words) or last - first == _LONGEST_TAIL or reading.gap(last) not in _INSIDE:
            return
    if reading.gap(first) not in _INSIDE:
        return
    if reading.words[first] == "and" and last == first + 1:  # "Tool [and Die]"
        first = last
        yield from (first - 1,) if _is_plain(reading.words[last]) else ()
    tail, rules = range(first, last + 1), load_name_rules()
    is_of_places = reading.words[last] in rules.of_places or (reading.words[last],) in rules.institution_heads
    if not any(_ends_names(reading.words[index]) for index in tail) and (
        is_of_places or all(_is_plain(reading.words[index]) for index in tail)
    ):
        yield from tail


def _ends_names(word: str) -> bool:
    rules = load_name_rules()
    return word in rules.function_words or word in rules.after_people or word in load_roles().cues


def _is_plain(word: str) -> bool:
    rules = load_name_rules()
    return word in load_lexicon().english and word not in rules.stops - rules.place_nouns
