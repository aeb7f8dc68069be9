"""Which words may be published: clinical and English words, and which of them are also names.

The lists are data, one word a line; ``SOURCES.md`` says where they come from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

__all__ = ["Lexicon", "load_lexicon", "load_nicknames", "load_phrases"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """Folded words.

    ``clinical``, ``english`` and ``ambiguous`` are disjoint and may be published; ``names`` are in none
    of them. ``acronyms`` are published where they stand in capitals among other words, whatever they are
    else. ``eponyms``, clinical or ambiguous, are written with a capital inside a sentence, and terms
    before a term: eponyms, brands, genera, what headings are of; ``surnames`` are those of them that a few
    people bear, parts of a name beside one in a text of capitals. ``codes`` are words with digits that
    are models and the like; ``technical`` are those of the clinical words that nothing else is called by, so
    that a capital says nothing; ``everyday`` are the english words that stay in a text of capitals, common
    ones and those that reports use; a number after ``drugs`` is a dose.

    ``clinical`` words are hardly anyone's name; ``english`` ones may be part of one ("Green Valley
    Clinic"); ``ambiguous`` ones are common names themselves ("Stone", "Grace").
    """

    eponyms: frozenset[str]
    clinical: frozenset[str]
    english: frozenset[str]
    ambiguous: frozenset[str]
    names: frozenset[str]
    codes: frozenset[str]
    technical: frozenset[str]
    everyday: frozenset[str]
    surnames: frozenset[str]
    acronyms: frozenset[str]
    drugs: frozenset[str]


@cache
def load_lexicon() -> Lexicon:
    """The lexicon of this version."""
    return Lexicon(
        eponyms=_words("eponyms"),
        clinical=_words("clinical"),
        english=_words("english"),
        ambiguous=_words("ambiguous"),
        names=_words("names"),
        codes=_words("codes"),
        technical=_words("technical"),
        everyday=_words("everyday"),
        surnames=_words("surnames"),
        acronyms=_words("acronyms"),
        drugs=_words("drugs"),
    )


@cache
def load_nicknames() -> Mapping[str, frozenset[str]]:
    """The short and long forms of a given name, all folded."""
    rows = (line.split(": ") for line in _read("nicknames").splitlines())
    return {name: frozenset(forms.split()) for name, forms in rows}


@cache
def load_phrases() -> tuple[str, ...]:
    """Terms of several words that bear names: eponyms, devices, drugs."""
    return tuple(_read("phrases").splitlines())


def _words(name: str) -> frozenset[str]:
    return frozenset(_read(name).split())


def _read(name: str) -> str:
    return resources.files(__name__).joinpath(f"{name}.txt").read_text(encoding="utf-8")
