"""Which words may be published: clinical and English words, and which of them are also names.

The lists are data, one word a line; ``SOURCES.md`` says where they come from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

__all__ = ["Lexicon", "load_lexicon", "load_nicknames"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """Folded words.

    ``clinical``, ``english`` and ``ambiguous`` are disjoint and may be published; ``names`` are in none
    of them. ``eponyms`` are clinical or ambiguous, and terms before a term. ``proper`` are words that
    medicine writes with a capital inside a sentence: eponyms, brands, genera, and what headings are of.

    ``clinical`` words are hardly anyone's name; ``english`` ones may be part of one ("Green Valley
    Clinic"); ``ambiguous`` ones are common names themselves ("Stone", "Grace").
    """

    eponyms: frozenset[str]
    clinical: frozenset[str]
    english: frozenset[str]
    ambiguous: frozenset[str]
    names: frozenset[str]
    proper: frozenset[str]


@cache
def load_lexicon() -> Lexicon:
    """The lexicon of this version."""
    eponyms = frozenset(word for line in _read("eponyms").splitlines()[1:] for word in line.split())
    return Lexicon(
        eponyms=eponyms,
        clinical=_words("clinical"),
        english=_words("english"),
        ambiguous=_words("ambiguous"),
        names=_words("names"),
        proper=_words("proper") | eponyms,
    )


@cache
def load_nicknames() -> Mapping[str, frozenset[str]]:
    """The short and long forms of a given name, all folded."""
    rows = (line.split(": ") for line in _read("nicknames").splitlines())
    return {name: frozenset(forms.split()) for name, forms in rows}


def _words(name: str) -> frozenset[str]:
    return frozenset(_read(name).split())


def _read(name: str) -> str:
    return resources.files(__name__).joinpath(f"{name}.txt").read_text(encoding="utf-8")
