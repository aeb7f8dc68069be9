"""What stays of a sentence that goes: clauses at its ends that hold nothing but medicine.

"COUGH FOR 5 DAYS, FROM DR. ROE'S OFFICE" loses where the patient came from, and no more. A clause
stays that ends before what was found, at a comma, a bracket or a word that begins the next one
("from"), or that begins after it ("with"). Each of its words must be of medicine, or a common one that
no name is made of. Nothing stays where what goes holds a negation, which may be that of the clause.
Decision 27 has the figures.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable

from radrelease.profiles.clauses import load_clause_rules
from radrelease.profiles.lexicon import load_lexicon
from radrelease.profiles.word_lists import load_name_rules, load_roles
from radrelease.stages.scrub.reading import Reading

__all__ = ["between_clauses"]

_BREAK = re.compile(r"[,;()]|\s[-\u2013\u2014]+\s")
"""Signs between clauses."""

_OPENING = re.compile(r"[,;)]?\s?")
_CLOSING = re.compile(r"\s?\(?$")
"""What stays of the signs beside a clause: the comma and the blanks of "COUGH, [SENTENCE] WITH FEVER"."""

_LONGEST_NUMBER = 2
"""Digits of a number that says nothing of anybody: "5 DAYS"."""

_FEWEST_CLINICAL = 2
"""Clinical words that make a clause worth keeping: "COUGH AND FEVER"."""


def between_clauses(
    reading: Reading, protected: frozenset[int], sentence: tuple[int, int], found: tuple[int, int]
) -> tuple[int, int]:
    """The characters of the ``sentence`` that go with what was ``found`` in it: all but clauses that stay.

    ``protected`` are the indices of words in a protected phrase.
    """
    first, last = (bisect_left(reading.starts, place) for place in sentence)
    first_found, after_found = (bisect_left(reading.starts, place) for place in found)
    kept_to = _before(reading, protected, first, first_found)
    kept_from = _after(reading, protected, after_found, last)
    negations = load_clause_rules().negations
    if any(reading.words[index] in negations for index in range(kept_to, kept_from)):
        return sentence
    start, end = sentence
    if kept_to > first:
        start = reading.ends[kept_to - 1] + _length(_OPENING.match(reading.gaps[kept_to]))
    if kept_from < last:
        end = reading.starts[kept_from] - _length(_CLOSING.search(reading.gaps[kept_from]))
    return start, end


def _length(found: re.Match[str] | None) -> int:
    return len(found[0]) if found else 0


def _before(reading: Reading, protected: frozenset[int], first: int, found: int) -> int:
    """The word up to which what stands before the words found stays; ``first`` where nothing does."""
    kept, begins_next = first, load_clause_rules().after_clauses
    for index in range(first, found):
        if index > first and (_BREAK.search(reading.gaps[index]) or reading.words[index] in begins_next):
            kept = index if _is_worth(reading, protected, range(first, index)) else kept
        if not _is_plain(reading, protected, index):
            break
    return kept


def _after(reading: Reading, protected: frozenset[int], found: int, last: int) -> int:
    """The word from which what stands behind the words found stays; ``last`` where nothing does."""
    kept, begins = last, load_clause_rules().begin_clauses
    for index in range(last - 1, found - 1, -1):
        if not _is_plain(reading, protected, index):
            break
        if _BREAK.search(reading.gaps[index]) or reading.words[index] in begins:
            kept = index if _is_worth(reading, protected, range(index, last)) else kept
    return kept


def _is_worth(reading: Reading, protected: frozenset[int], clause: Iterable[int]) -> bool:
    lexicon, joining = load_lexicon(), load_clause_rules().joining
    if any(reading.words[index] in lexicon.technical or index in protected for index in clause):
        return True
    return len(({reading.words[index] for index in clause} - joining) & lexicon.clinical) >= _FEWEST_CLINICAL


def _is_plain(reading: Reading, protected: frozenset[int], index: int) -> bool:
    """Whether no name of a person or place is made of the word."""
    word, lexicon = reading.words[index], load_lexicon()
    if index in protected or word in load_clause_rules().joining:
        return True
    if word.isdigit():
        return len(word) <= _LONGEST_NUMBER
    if word in load_roles().every or word in load_name_rules().of_places or word in lexicon.surnames:
        return False
    return word in lexicon.clinical or (word in lexicon.english and word in lexicon.everyday)
