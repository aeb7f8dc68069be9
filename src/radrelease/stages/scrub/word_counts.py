"""Words outside the lexicon that so many patients' reports use that they name nobody."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from radrelease.profiles.lexicon import load_lexicon, load_nicknames
from radrelease.records.private import Identifier, IdentifierKind
from radrelease.stages.scrub.cues import follows_cue
from radrelease.stages.scrub.objections import is_published_word
from radrelease.stages.scrub.reading import Reading, read
from radrelease.stages.scrub.word_or_name import follows_person_cue
from radrelease.stages.text.tokens import words_of

__all__ = ["UnlistedWords", "give_back", "unlisted_words"]

_NAMING = frozenset(IdentifierKind) - {IdentifierKind.UID, IdentifierKind.BIRTH_DATE}
_SELDOM = 10
"""A word that stands where names do for one patient in so many, or more, may be one."""
_DONE_BY_PEOPLE = frozenset(
    {"acknowledged", "agreed", "agrees", "aware", "informed", "notified", "paged", "said", "says", "told"}
)
_SAID_TO = frozenset({"told", "asked", "thanks", "tell", "ask"})
_DATE_AFTER = re.compile(r"[ ,/|]{1,3}(?:on )?\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4}")
_LONGEST_LABEL = 24
_LABEL_OF_ONE = re.compile(r"[ \t]*|(?:.*[ \t|])?[A-Za-z]{1,2}[:/][ \t]*")
_LINE_ENDS = re.compile(r"[ \t.]*(?:\n|$)")
_ADDRESS_SIGNS = frozenset({"@", "/", "\\", "_"})


@dataclass(frozen=True, slots=True)
class UnlistedWords:
    """The words of a patient's reports that stand outside the lexicon, folded, by how they are used."""

    plain: frozenset[str]  # in lower case
    named: frozenset[str]  # where names stand: with a capital inside a sentence, after "d/w" or "lives in"


def unlisted_words(reports: Iterable[str]) -> UnlistedWords:
    """How a patient's reports use the words outside the lexicon.

    Lines in capitals, or of small letters alone, do not count: nothing there tells a rare term from a name.
    """
    plain: set[str] = set()
    named: set[str] = set()
    for report in reports:
        reading = read(report)
        for index in filter(partial(_is_unlisted, reading), reading.marks):
            if _stands_as_name(reading, index):
                named.add(reading.words[index])
            elif reading.written(index).islower():
                plain.add(reading.words[index])
    return UnlistedWords(frozenset(plain), frozenset(named))


def _is_unlisted(reading: Reading, index: int) -> bool:
    word = reading.words[index]
    beside = reading.gap(index) + reading.text[reading.ends[index] : reading.ends[index] + 1]
    return (
        not reading.is_caseless(index)
        and len(word) > 2
        and word.isalpha()
        and not is_published_word(word, frozenset())
        and (_ADDRESS_SIGNS.isdisjoint(beside) or follows_cue(reading, index))
    )


def _stands_as_name(reading: Reading, index: int) -> bool:
    if reading.is_capitalised(index) and not reading.begins_sentence(index):
        return True
    if _is_signature(reading, index):
        return True
    if index and reading.words[index - 1] in _SAID_TO:
        return True
    acts = index + 1 < len(reading.words) and reading.words[index + 1] in _DONE_BY_PEOPLE
    return acts or follows_person_cue(reading, index) or follows_cue(reading, index)


def _is_signature(reading: Reading, index: int) -> bool:
    """Whether it stands before a date, or alone on its line or after "T:", as a typist's account does."""
    text, start, end = reading.text, reading.starts[index], reading.ends[index]
    if _DATE_AFTER.match(text, end):
        return True
    line = text[max(text.rfind("\n", 0, start) + 1, start - _LONGEST_LABEL) : start]
    return _LABEL_OF_ONE.fullmatch(line) is not None and _LINE_ENDS.match(text, end) is not None


def give_back(
    plain: Mapping[str, int],
    named: Mapping[str, int],
    k: int,
    known: Iterable[Identifier],
    reviewed: Iterable[str],
) -> frozenset[str]:
    """The words that the reports of at least ``k`` patients use in plain, and the ``reviewed`` ones.

    ``plain`` and ``named`` say for how many patients a word is used so. A word that is used as names
    are more than seldom is none to be given back: a local doctor is in the reports of thousands.

    No word of what the export knows of anybody is ever among them; names of the name lists only
    where a person has reviewed them.
    """
    listed = load_lexicon().names | set(load_nicknames())
    left = {word for word, count in plain.items() if count >= k and named.get(word, 0) * _SELDOM < count}
    left -= listed
    left |= {word for line in reviewed for word in words_of(line)}
    for item in known:
        if item.kind in _NAMING:
            left.difference_update(words_of(item.value))
    return frozenset(left)
