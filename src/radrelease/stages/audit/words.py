"""Whether every word of the published reports is one that may be published."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set

from radrelease.profiles.lexicon import load_lexicon
from radrelease.profiles.word_lists import load_roles
from radrelease.records.exhibits import Exhibit, Finding
from radrelease.stages.scrub.protecting import misheard, shielded
from radrelease.stages.scrub.reading import read
from radrelease.stages.scrub.word_forms import is_made_as_terms

__all__ = ["find_unlisted"]

_PLACEHOLDER = re.compile(r"\[[A-Z]+\]")
_BLANKED = re.compile(r"x+")


def find_unlisted(exhibits: Iterable[Exhibit], allowed: Set[str]) -> Iterator[Finding]:
    """A finding for every word of a report that is not in the lexicon, made as its terms are, or ``allowed``.

    Allowed are words that enough patients share, and where it was asked for, those of stand-ins.

    Words with digits are left to the search for numbers. Those of a term of several words are known, misheard
    or not.
    """
    for exhibit in exhibits:
        if not exhibit.free_text:
            continue
        reading = read(_PLACEHOLDER.sub(" ", exhibit.text))
        protected = shielded(reading) | misheard(reading)
        for index, word in enumerate(reading.words):
            if any(map(str.isdigit, word)) or index in protected or _is_listed(word, allowed):
                continue
            where = f"{exhibit.path}, {exhibit.place}"
            yield Finding(check="word of unknown use", where=where, detail=reading.written(index))


def _is_listed(word: str, allowed: Set[str]) -> bool:
    lexicon = load_lexicon()
    lists = (lexicon.clinical, lexicon.english, lexicon.ambiguous, lexicon.acronyms, allowed)
    return (
        len(word) == 1
        or any(word in words for words in lists)
        or word in load_roles().every
        or is_made_as_terms(word)
        or _BLANKED.fullmatch(word) is not None
    )
