"""Looks for what the export knows in what is to be published.

Written apart from the scrubber, with which it shares only the lists of words: where the scrubber
compiles terms for one report, this folds every published text to words and asks whether any
identifier of the export stands there, in any case, order and separators.

What is not searched everywhere, because it is also an ordinary number or word: identifiers of fewer
than 6 signs, without a digit, or with the form of a date, and single name parts of other patients.
Those of the patient a report belongs to are, from 4 signs and 2 letters on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import replace
from datetime import date
from itertools import chain, pairwise

from radrelease.identifiers import UID_ROOT
from radrelease.profiles.lexicon import load_lexicon
from radrelease.records.exhibits import Exhibit, Finding
from radrelease.records.private import Identifier
from radrelease.stages.audit.dates import dates_in, hold
from radrelease.stages.audit.disguises import undisguised
from radrelease.stages.knowledge.audit_vocabulary import UID, Vocabulary, Words, build_vocabulary, fold

__all__ = ["BIRTH_DATE", "residual", "search", "shown_dates"]

BIRTH_DATE = "birth date"
"""The check for it."""

_MOST_JOINED = 8
_RUN = re.compile(r"[^\W_]+(?:[-./_:\u2010-\u2015\u2212]{1,2}[^\W_]+)*")
_SPACED_RUN = re.compile(r"[^\W_]+(?:[-./_:\s\u2010-\u2015\u2212]{1,3}[^\W_]+)*")
"""What may be one number: in a report with blanks in it, elsewhere without, since tables and drawings
are full of numbers side by side."""


def search(exhibits: Iterable[Exhibit], vocabulary: Vocabulary) -> Iterator[Finding]:
    """What is found. ``where`` names a place and never what stands there; ``detail`` quotes it."""
    for exhibit in exhibits:
        read = (replace(exhibit, text=text) for text in undisguised(exhibit.text))
        for check, found in chain.from_iterable(_found_in(reading, vocabulary) for reading in read):
            yield Finding(check=check, where=f"{exhibit.path}, {exhibit.place}", detail=found)


def shown_dates(exhibit: Exhibit, vocabulary: Vocabulary) -> frozenset[str]:
    """The dates in a patient's own text that are another's birth date, as ``detail`` of a finding has them.

    A moved date falls on somebody's birthday soon enough. In a text whose patient is known it was held
    against that patient; a page that repeats the text, and knows no patient, must not be blamed for it.
    """
    if not exhibit.patient_id:
        return frozenset()
    person = vocabulary.people.get(exhibit.patient_id)
    own = person.birth_dates if person else frozenset[date]()
    return frozenset(
        " ".join(row)
        for row, days in dates_in(fold(exhibit.text))
        if hold(vocabulary.birth_dates, days) and not hold(own, days)
    )


def residual(
    texts: Iterable[str], identifiers: Iterable[Identifier], everybody: Vocabulary | None = None
) -> str | None:
    """The first identifier that still stands in the texts of one study, or None.

    ``identifiers`` are the patient's own; ``everybody`` is the vocabulary of the whole export.
    """
    own = build_vocabulary([("self", identifiers)])
    for text in texts:
        exhibit = Exhibit("", "", text, "self", free_text=True)
        for vocabulary in (own, everybody):
            found = next(search([exhibit], vocabulary), None) if vocabulary else None
            if found is not None:
                return found.detail
    return None


def _found_in(exhibit: Exhibit, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    text = exhibit.text.replace(UID_ROOT, " ")  # its own numbers are nobody's
    words = fold(text)
    person = vocabulary.people.get(exhibit.patient_id)
    yield from (("name or place", found) for found in _phrases_in(words, vocabulary.phrases))
    near = person.codes if person and exhibit.free_text else frozenset()
    runs = _SPACED_RUN if exhibit.free_text else _RUN
    longest = max((vocabulary.longest_code, *map(len, near)))
    for run in runs.findall(text) if longest else ():
        yield from (("identifier", found) for found in _codes_in(fold(run), vocabulary.codes, near, longest))
    yield from (("original UID", uid) for uid in UID.findall(exhibit.text) if uid in vocabulary.uids)
    if person is not None and exhibit.free_text:
        shielded = _shielded(words, vocabulary.shields)
        joined = {first + second for first, second in pairwise(words)}
        for index, word in enumerate(words):
            if word in person.parts and index not in shielded and not _is_word(word):
                yield "part of the patient's name", word
        split = (part for part in person.parts & joined if len(part) > 4 and not _is_word(part))
        yield from (("part of the patient's name", part) for part in split)
        yield from (("part of the patient's name", part) for part in _spelled(words, person.parts))
        dates = dates_in(words, short_years=True)
        own = {row: None for row, days in dates if hold(person.birth_dates, days)}
        yield from ((BIRTH_DATE, " ".join(row)) for row in own)
    elif not exhibit.patient_id:
        found = (row for row, days in dates_in(words) if hold(vocabulary.birth_dates, days))
        yield from ((BIRTH_DATE, " ".join(row)) for row in found)


def _spelled(words: Words, parts: Set[str]) -> Iterator[str]:
    """The parts of a name that stand letter by letter in the words: "w o o d w a r d"."""
    signs = "".join(word if len(word) == 1 else " " for word in words)
    yield from (part for part in parts if len(part) > 4 and part in signs)


def _phrases_in(words: Words, phrases: Mapping[str, tuple[Words, ...]]) -> Iterator[str]:
    for index, word in enumerate(words):
        for phrase in phrases.get(word, ()):
            if words[index : index + len(phrase)] == phrase:
                yield " ".join(phrase)


def _codes_in(words: Words, far: Set[str], near: Set[str], longest: int) -> Iterator[str]:
    """What is a code, of words joined; every code has a digit, and at most ``longest`` signs."""
    digits = [not word.isalpha() for word in words]
    for index in range(len(words)) if any(digits) else ():
        joined, has_digit = "", False
        for word, has in zip(words[index : index + _MOST_JOINED], digits[index:], strict=False):
            joined += word
            has_digit = has_digit or has
            bare = joined.lstrip("0")
            if len(joined) > 64 or len(bare) > longest:
                break
            if has_digit and any(code in codes for code in (joined, bare) for codes in (far, near)):
                yield joined


def _shielded(words: Words, shields: Mapping[str, tuple[Words, ...]]) -> frozenset[int]:
    found: set[int] = set()
    for index, word in enumerate(words):
        for phrase in shields.get(word, ()):
            if words[index : index + len(phrase)] == phrase:
                found |= set(range(index, index + len(phrase)))
    return frozenset(found)


def _is_word(word: str) -> bool:
    """Whether a part of a name is also a word, whose use the scrubber decides by context."""
    lexicon = load_lexicon()
    return word in lexicon.clinical or word in lexicon.english or word in lexicon.ambiguous
