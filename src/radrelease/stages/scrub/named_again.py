"""Names that a report gives away once, wherever else it uses them: "Told Dr. Case. Case will admit."."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Set

from radrelease.profiles.lexicon import load_lexicon
from radrelease.profiles.word_lists import load_name_rules
from radrelease.records.private import Span
from radrelease.stages.scrub.known import is_meant
from radrelease.stages.scrub.reading import Reading
from radrelease.stages.text.tokens import words_of

__all__ = ["find_named_again"]

_SHORTEST = 3
_SURE = frozenset({"titled name", "name with credentials"})
"""Rules that see the name of a person even where it is a word of medicine: "Dr. Hand"."""


def find_named_again(reading: Reading, found: Iterable[Span], protected: Set[int]) -> Iterator[Span]:
    """The words of the names in ``found``, wherever they are meant as names."""
    names = {word for span in found if span.kind == "NAME" for word in _names_in(reading, span)}
    if not names:
        return
    for index, word in enumerate(reading.words):
        if word in names and index not in protected and is_meant(reading, index, "NAME"):
            yield Span(start=reading.starts[index], end=reading.ends[index], kind="NAME", rule="named before")


def _names_in(reading: Reading, span: Span) -> Iterator[str]:
    """The words of a name that may stand for it alone."""
    rules, lexicon = load_name_rules(), load_lexicon()
    is_sure = span.rule in _SURE and not reading.is_caseless(bisect_left(reading.starts, span.start))
    for word in words_of(reading.text[span.start : span.end]):
        if len(word) < _SHORTEST or not word.isalpha() or not word.strip("x"):  # "Dr. XXXX" is blanked out
            continue
        is_function = word in rules.stops or word in rules.function_words or word in rules.titles
        is_word = word in lexicon.clinical or word in lexicon.english
        if not is_function and (is_sure or word in rules.also_given or not is_word):
            yield word
