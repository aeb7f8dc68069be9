"""Names that a report gives away once, wherever else it uses them: "Dr. Case was called. Case will admit."."""

from __future__ import annotations

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
    rules, clinical, given = load_name_rules(), load_lexicon().clinical, load_name_rules().also_given
    for word in words_of(reading.text[span.start : span.end]):
        if len(word) < _SHORTEST or not word.isalpha() or not word.strip("x"):  # "Dr. XXXX" is blanked out
            continue
        is_function = word in rules.stops or word in rules.function_words or word in rules.titles
        if not is_function and (span.rule in _SURE or word not in clinical or word in given):
            yield word
