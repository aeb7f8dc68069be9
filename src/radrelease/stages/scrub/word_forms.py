"""Whether a word that no list holds is made as words of medicine are: "pleurovesical", "daxilizumab"."""

from __future__ import annotations

from functools import lru_cache

from radrelease.profiles.lexicon import load_lexicon
from radrelease.profiles.word_forms import load_word_forms
from radrelease.profiles.word_lists import load_name_rules

__all__ = ["is_made_as_terms"]

_SHORTEST = 7
_CACHED = 1 << 16


@lru_cache(_CACHED)
def is_made_as_terms(word: str) -> bool:
    """Whether the folded word has the form of a term, and is no name that is listed."""
    if len(word) < _SHORTEST or word in load_lexicon().names:
        return False
    forms = load_word_forms()
    if forms.whole.fullmatch(word):
        return True
    found = forms.prefix.match(word)
    return found is not None and _is_of_medicine_alone(word[found.end() :])


def _is_of_medicine_alone(word: str) -> bool:
    """Whether nothing else is called by the word, and no firm or place of care."""
    return word in load_lexicon().technical and word not in load_name_rules().of_places
