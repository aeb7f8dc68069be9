"""Names of people and places that a named-entity model sees, without the medicine it takes for them.

A model of everyday English takes "Swan-Ganz", "Cobb" and "Pleural" for people and "T12" for a place.
So a stretch is left alone where all its words are known to be harmless there. Lines are judged apart,
and headings left out: a stretch that runs from a name into a heading must not take the heading with it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from functools import cache

from radrelease.profiles.lexicon import load_lexicon
from radrelease.profiles.section_rules import header_phrases
from radrelease.records.entities import Entity
from radrelease.records.private import Span
from radrelease.stages.scrub.eponyms import is_term_here
from radrelease.stages.scrub.reading import Reading
from radrelease.stages.text.tokens import words_of

__all__ = ["USED_LABELS", "find_model_names"]

_PERSON, _PLACE = ("NAME", "model: person"), ("PLACE", "model: place")
_MEANINGS = {"PERSON": _PERSON, "PER": _PERSON, "GPE": _PLACE, "LOC": _PLACE, "FAC": _PLACE}

USED_LABELS = frozenset(_MEANINGS)
"""What is taken from a model; organisations, dates and the rest are the business of rules."""


def find_model_names(
    reading: Reading, entities: Iterable[Entity], protected: frozenset[int]
) -> Iterator[Span]:
    """The spans of ``entities``, each grown to whole words, that are not medicine."""
    for entity in entities:
        if entity.label not in USED_LABELS:
            continue
        kind, rule = _MEANINGS[entity.label]
        for words in _lines_of(reading, entity):
            if words and not all(_is_harmless(reading, index, protected) for index in words):
                yield Span(start=reading.starts[words[0]], end=reading.ends[words[-1]], kind=kind, rule=rule)


def _lines_of(reading: Reading, entity: Entity) -> Iterator[range]:
    """The indices of the words that the entity touches, by line and without headings.

    A model's pieces may end within a word.
    """
    first, end = bisect_right(reading.ends, entity.start), bisect_left(reading.starts, entity.end)
    for index in range(first, end):
        if _is_heading(reading, index):
            yield range(first, index)
            first = index + 1
        elif "\n" in reading.gap(index):
            yield range(first, index)
            first = index
    yield range(first, end)


def _is_heading(reading: Reading, index: int) -> bool:
    """Whether the word ends the header of a section, as "Comment:" does."""
    return reading.words[index] in _heading_words() and reading.text.startswith(":", reading.ends[index])


@cache
def _heading_words() -> frozenset[str]:
    return frozenset(words_of(phrase)[-1] for phrase in header_phrases())


def _is_harmless(reading: Reading, index: int, protected: frozenset[int]) -> bool:
    """Whether the word is of a protected phrase, a clinical one, an eponym as a term, or a number."""
    word, lexicon = reading.words[index], load_lexicon()
    if index in protected or word in lexicon.clinical or any(map(str.isdigit, word)):
        return True
    return word in lexicon.eponyms and is_term_here(reading, index)
