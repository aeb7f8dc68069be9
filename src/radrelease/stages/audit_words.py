"""Whether every word of the published reports is one that may be published."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set

from radrelease.exhibits import Exhibit
from radrelease.profiles.lexicon import load_lexicon
from radrelease.profiles.report_rules import load_roles
from radrelease.records import Finding
from radrelease.stages.tokens import fold

__all__ = ["find_unlisted"]

_PLACEHOLDER = re.compile(r"\[[A-Z]+\]")
_WORD = re.compile(r"[^\W\d_]+")
_BLANKED = re.compile(r"x+")


def find_unlisted(exhibits: Iterable[Exhibit], given_back: Set[str]) -> Iterator[Finding]:
    """A finding for every word of a report that is neither in the lexicon nor given back.

    Letters that stand in one word with digits are left to the search for numbers.
    """
    for exhibit in exhibits:
        if not exhibit.free_text:
            continue
        text = _PLACEHOLDER.sub(" ", exhibit.text)
        for found in _WORD.finditer(text):
            beside = text[max(0, found.start() - 1) : found.start()] + text[found.end() : found.end() + 1]
            if any(map(str.isdigit, beside)) or _is_listed(found[0], given_back):
                continue
            where = f"{exhibit.path}, {exhibit.place}"
            yield Finding(check="word of unknown use", where=where, detail=found[0])


def _is_listed(written: str, given_back: Set[str]) -> bool:
    word, lexicon = fold(written), load_lexicon()
    return (
        len(word) == 1
        or any(word in words for words in (lexicon.clinical, lexicon.english, lexicon.ambiguous, given_back))
        or word in load_roles().every
        or _BLANKED.fullmatch(word) is not None
    )
