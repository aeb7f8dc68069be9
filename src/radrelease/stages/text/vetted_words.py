"""Words that are vetted whatever stands around them: those of the lexicon, and of protected terms."""

from __future__ import annotations

from functools import cache

from radrelease.profiles.lexicon import load_lexicon
from radrelease.profiles.word_lists import load_protected_terms
from radrelease.stages.text.tokens import words_of

__all__ = ["is_in_lexicon", "protected_words"]


@cache
def protected_words() -> frozenset[str]:
    """Every word of the protected terms."""
    return frozenset(word for term in load_protected_terms() for word in words_of(term))


def is_in_lexicon(word: str) -> bool:
    """Whether the folded word is one of medicine or English."""
    lexicon = load_lexicon()
    return word in lexicon.clinical or word in lexicon.english or word in lexicon.ambiguous
