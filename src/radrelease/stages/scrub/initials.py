"""A patient's initials in a report, and what only looks like them: "CT" of Tamsin Clyde, and a CT.

Initials that medicine uses as an abbreviation go where a person is meant by the words around them, or where
they are a field of their own with no term beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from radrelease.profiles.lexicon import load_lexicon
from radrelease.profiles.word_lists import load_name_rules
from radrelease.records.private import Span
from radrelease.stages.scrub.reading import Reading
from radrelease.stages.scrub.word_or_name import follows_person_cue

__all__ = ["find_initials"]

_ORDERS = frozenset({"po", "iv", "im", "pa", "ap"})
"""What is written with full stops and is not initials: by mouth, into a vein, the two frontal views."""

_LINKS = frozenset({"with", "for", "of", "as"})
_ALONE = re.compile(r".?\(\).?|[|^] ? ?[|^]|.?[|^][|^].?")
"""The signs before and after what stands alone in brackets or in a cell of a table."""
_OPENS = re.compile(r"(?:[\n/|^.,;:(\[#*]\s{0,2}|\d\s{1,2})$")
_CLOSES = re.compile(r"\s{0,2}(?:[\n/|^,;)\].#]|$)")
"""Before and after a field of its own."""
_OF_PERSON = re.compile(
    r"(?:'s|,)? (?:(?:is|was) an? )?\(?"
    r"(?:who|whose|aged?|born|d\.?o\.?b|mrn|denies|complains|presents|presented|lives|works|fell|says|said"
    r"|agreed|agrees|#|\d{1,3}[ -]?(?:y\w*|m|f|male|female|woman|man))(?!\w)",
    re.IGNORECASE,
)
"""What is said of people only."""
_LIST_SIGNS = frozenset({",", "/"})
"""The signs between what is told together: "PA, lateral"."""
_INITIALS_GAP = re.compile(r"\.?\s?")


def find_initials(reading: Reading, initials: frozenset[str], rule: str) -> Iterator[Span]:
    """The patient's initials, as "J.S.", "J M S" or "JS"; not where they are an abbreviation of medicine."""
    words, wanted = reading.words, initials | {letters[0] for letters in initials}
    for index in [index for index, word in enumerate(words) if word in wanted]:
        if not reading.is_capitalised(index):
            continue
        last, joined = index, words[index]
        while len(words[last]) == 1 and _goes_on(reading, last + 1):
            last += 1
            joined += words[last]
        for end in range(last, index - 1, -1):
            found = joined[: end - index + 1]
            if found in initials and end > index and not (found in _ORDERS and _is_order(reading, end)):
                yield Span(start=reading.starts[index], end=reading.ends[end], kind="NAME", rule=rule)
        if last == index and joined in initials and len(joined) > 1:
            is_doubtful = joined in load_name_rules().not_initials or not reading.written(index).isupper()
            if is_doubtful and not _are_expected(reading, index):
                continue
            yield Span(start=reading.starts[index], end=reading.ends[index], kind="NAME", rule=rule)


def _is_order(reading: Reading, last: int) -> bool:
    """Whether what follows makes "P.A." a view and "P.O." a way of giving a drug."""
    following = reading.words[last + 1] if last + 1 < len(reading.words) else ""
    return following in load_name_rules().after_orders or reading.written(last).islower()


def _are_expected(reading: Reading, index: int) -> bool:
    """Whether initials may stand here although they are an abbreviation too."""
    if reading.words[index] in load_name_rules().function_words and not _is_shouted(reading, index):
        return True
    before = reading.words[index - 1] if index else ""
    following = reading.words[index + 1] if index + 1 < len(reading.words) else ""
    is_marker = following == "marker" and reading.words[index] not in _ORDERS
    if is_marker or before in load_name_rules().before_initials or follows_person_cue(reading, index):
        return True
    if before in _LINKS and index > 1 and reading.words[index - 2] in load_name_rules().of_somebody:
        return True  # "marked with PM", "chart for PE", and not "evaluate for PE"
    return (
        _goes_on_as_person(reading, index)
        or _stands_apart(reading, index)
        or _is_told_of(reading, index, before, following)
    )


def _goes_on_as_person(reading: Reading, index: int) -> bool:
    """Whether what follows is said of people: "CT, who", "PA is a 45-year-old", "MS, DOB"."""
    return _OF_PERSON.match(reading.text, reading.ends[index]) is not None


def _is_told_of(reading: Reading, index: int, before: str, following: str) -> bool:
    """Whether it stands between words that are none of medicine: "Cadet MS, reserve company"."""
    if not before or not following or reading.gap(index) != " " or reading.gap(index + 1) != ", ":
        return False
    functional = load_name_rules().function_words
    return not any(_is_term(word) or word in functional or word[0].isdigit() for word in (before, following))


def _stands_apart(reading: Reading, index: int) -> bool:
    """Whether it is a field of its own without a term beside it: "T: 07/17/20 PA", "Roe / CT / May 5"."""
    text, start = reading.text, reading.starts[index]
    if _ALONE.fullmatch(reading.gap(index)[-2:] + text[reading.ends[index] :][:2]):
        return True
    closing = _CLOSES.match(text, reading.ends[index])
    before = reading.words[index - 1] if index else ""
    opening = text[max(0, start - 4) : start]
    if closing is None or (before and not _OPENS.search(opening)):
        return False
    if before in load_name_rules().before_views or ("." in opening and _is_term(before)):
        return False
    listed = closing[0] in _LIST_SIGNS and ":" not in opening
    following = reading.words[index + 1 : index + 2] if listed else ()
    return before not in load_name_rules().not_initials and not any(map(_is_term, following))


def _is_term(word: str) -> bool:
    return word in load_lexicon().clinical or word in load_name_rules().not_initials


def _is_shouted(reading: Reading, index: int) -> bool:
    """Whether the words beside it are in capitals too, so that a small word is one."""
    beside = [i for i in (index - 1, index + 1) if 0 <= i < len(reading.words)]
    return reading.is_caseless(index) or any(reading.written(i).isupper() for i in beside)


def _goes_on(reading: Reading, index: int) -> bool:
    """Whether word ``index`` is one more initial."""
    return (
        index < len(reading.words)
        and len(reading.words[index]) == 1
        and (reading.is_capitalised(index) or reading.text[reading.ends[index] :][:1] == ".")
        and _INITIALS_GAP.fullmatch(reading.gap(index)) is not None
    )
