"""Whether every word of the published reports is one that may be published."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set

from radrelease.profiles.lexicon import load_lexicon
from radrelease.profiles.word_lists import MONTHS
from radrelease.records.exhibits import Exhibit, Finding
from radrelease.stages.scrub.objections import is_published_word
from radrelease.stages.scrub.protecting import misheard, shielded
from radrelease.stages.scrub.reading import Reading, read

__all__ = ["find_unlisted"]

_PLACEHOLDER = re.compile(r"\[[A-Z]+\]")


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
            if word in MONTHS and _is_beside_number(reading, index):
                continue  # of a date that was moved
            where = f"{exhibit.path}, {exhibit.place}"
            yield Finding(check="word of unknown use", where=where, detail=reading.written(index))


def _is_listed(word: str, allowed: Set[str]) -> bool:
    return is_published_word(word, allowed) or word in load_lexicon().acronyms


def _is_beside_number(reading: Reading, index: int) -> bool:
    beside = reading.words[max(0, index - 1) : index + 2]
    return any(word[0].isdigit() for word in beside)
