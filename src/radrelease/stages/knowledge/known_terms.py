"""What the export itself knows about people, compiled to be looked for.

A patient's own terms are compiled in any form; the terms of all staff, institutions and other
patients only where they are whole enough to mean them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from radrelease.profiles.lexicon import load_nicknames
from radrelease.profiles.word_lists import load_name_rules
from radrelease.records.private import Identifier, IdentifierKind
from radrelease.stages.knowledge.compact import AllOfKind, PhraseMap, TextSet
from radrelease.stages.text.person_names import full_names, people_of
from radrelease.stages.text.spelling import Slips
from radrelease.stages.text.tokens import words_of
from radrelease.stages.text.vetted_words import is_in_lexicon, protected_words

__all__ = ["KnownTerms", "compile_export", "compile_patient"]

SHORTEST_CODE = 4
"""A number of fewer signs is also a measurement; it is removed where a label stands before it."""

SHORTEST_BARE_CODE = 5
"""Of what is left of a number where its zeros or its letters are left out."""

SHORTEST_FAR_CODE = 6
"""In the reports of others, a number of fewer signs is more likely something else."""

_NUMBERS = frozenset(
    {IdentifierKind.PATIENT_ID, IdentifierKind.ACCESSION, IdentifierKind.OTHER_ID, IdentifierKind.PHONE}
)
_BETWEEN_CODES = re.compile(r"[\s;,|^\\]+")
_LETTERS_OR_DIGITS = re.compile(r"[^\W\d_]+|\d+")

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTerms:
    """Terms to look for, with their kinds; ``phrases`` are keyed by their first word.

    Of the ``words``, those that the lexicon holds are names only where the context says so.
    ``letters`` are single letters that count beside a name, ``initials`` whole sets of them ("jms").
    ``heads`` are the beginnings of the codes, up to three signs, leading zeros aside. ``slips`` finds the
    names again that are misspelt.
    """

    words: Mapping[str, str]
    phrases: Mapping[str, tuple[tuple[Words, str], ...]]
    codes: Mapping[str, str]
    heads: Set[str]
    slips: Slips
    longest_code: int = 0
    letters: frozenset[str] = frozenset()
    initials: frozenset[str] = frozenset()
    birth_dates: frozenset[date] = frozenset()


class _Terms:
    """Terms as they are collected."""

    def __init__(self) -> None:
        self.words: dict[str, str] = {}
        self.phrases: set[tuple[Words, str]] = set()
        self.codes: dict[str, str] = {}
        self.letters: set[str] = set()
        self.initials: set[str] = set()
        self.births: set[date] = set()

    def finish(self) -> KnownTerms:
        """The terms, ready to be looked for."""
        keyed: dict[str, list[tuple[Words, str]]] = {}
        for phrase, kind in sorted(self.phrases):
            keyed.setdefault(phrase[0], []).append((phrase, kind))
        return KnownTerms(
            words=self.words,
            phrases={first: tuple(rows) for first, rows in keyed.items()},
            codes=self.codes,
            heads=_heads(self.codes),
            slips=Slips(word for word, kind in self.words.items() if kind == "NAME"),
            longest_code=max(map(len, self.codes), default=0),
            letters=frozenset(self.letters),
            initials=frozenset(self.initials),
            birth_dates=frozenset(self.births),
        )


def _heads(codes: Iterable[str]) -> frozenset[str]:
    return frozenset(code.lstrip("0")[:length] for code in codes for length in range(4))


def compile_patient(identifiers: Iterable[Identifier]) -> KnownTerms:
    """The terms of one patient, every part of every name included."""
    terms = _Terms()
    for identifier in identifiers:
        kind, value = identifier.kind, identifier.value
        if kind in (IdentifierKind.PATIENT_NAME, IdentifierKind.STAFF_NAME):
            _add_name(value, terms, nicknames=kind is IdentifierKind.PATIENT_NAME)
        elif kind is IdentifierKind.BIRTH_DATE:
            terms.births |= _date(value)
        elif kind is IdentifierKind.ADDRESS:
            _add_address(value, terms.words, terms.phrases, terms.codes)
        elif kind is IdentifierKind.INSTITUTION:
            terms.phrases |= set(_institution_phrases(value))
        elif kind is IdentifierKind.PHONE:
            terms.codes |= dict.fromkeys(_phone_codes(value), "PHONE")
        elif kind is not IdentifierKind.UID:
            terms.codes |= dict.fromkeys(_codes(value), "ID")
            terms.phrases |= {(row, "ID") for row in _letter_ids(value)}
    return terms.finish()


def compile_export(identifiers: Iterable[Identifier]) -> KnownTerms:
    """The terms of everybody: full names, names of staff, institutions, addresses, long numbers."""
    words: dict[str, str] = {}
    phrases: PhraseMap[tuple[Words, str]] = PhraseMap(_phrase_and_kind)
    codes = TextSet()
    for identifier in identifiers:
        kind, value = identifier.kind, identifier.value
        if kind is IdentifierKind.INSTITUTION:
            phrases.update((*row, name) for row, name in _institution_phrases(value))
        elif kind is IdentifierKind.ADDRESS:
            phrases.update((*row, "PLACE") for row in [words_of(value)] if len(row) > 1)
        elif kind in _NUMBERS:
            numbers = _phone_codes if kind is IdentifierKind.PHONE else _codes
            codes.update(code for code in numbers(value) if len(code) >= SHORTEST_FAR_CODE)
        elif kind in (IdentifierKind.PATIENT_NAME, IdentifierKind.STAFF_NAME):
            for family, given in people_of(value):
                phrases.update((*row, "NAME") for row in full_names(family, given))
                if kind is IdentifierKind.STAFF_NAME:
                    words |= {
                        word: "NAME" for word in family if _stands_alone(word) and not is_in_lexicon(word)
                    }
    return KnownTerms(
        words=words,
        phrases=phrases,
        codes=AllOfKind(codes, "ID"),
        heads=_heads(codes),
        slips=Slips(words),
        longest_code=codes.longest,
    )


def _phrase_and_kind(row: Words) -> tuple[Words, str]:
    return row[:-1], row[-1]


def _add_name(value: str, terms: _Terms, *, nicknames: bool) -> None:
    particles = load_name_rules().particles
    for family, given in people_of(value):
        for part in (family, given):
            for word in part:
                if len(word) >= 2 and (
                    word not in particles or len(part) == 1 or (part is given and len(word) > 2)
                ):
                    terms.words[word] = "NAME"
                terms.letters.add(word[0])
        for part in (family, given):
            if len(part) > 1:
                terms.words["".join(part)] = "NAME"
                terms.phrases.add((part, "NAME"))
        terms.phrases |= {(row, "NAME") for row in full_names(family, given)}
        terms.phrases |= {(row, "NAME") for row in _with_first_initial(family, given)}
        terms.phrases |= {(row, "NAME") for one, other in pairwise(given) for row in ((one, other),)}
        terms.initials |= _initials(family, given)
        if nicknames:
            _add_nicknames(family, given, terms)


def _add_nicknames(family: Words, given: Words, terms: _Terms) -> None:
    for name in given[:2]:
        for short in load_nicknames().get(name, ()):
            terms.phrases |= {(row, "NAME") for row in full_names(family, (short,))}
            if len(short) > 2:
                terms.words.setdefault(short, "NAME")


def _with_first_initial(family: Words, given: Words) -> Iterator[Words]:
    """Rows for "W. Swift" and "Swift, W"; not where the initial is a word, as in "a long segment"."""
    if family and given and given[0][0] not in {"a", "i"} and len(family[-1]) > 1:
        yield (given[0][0], *family)
        yield (*family, given[0][0])


def _initials(family: Words, given: Words) -> set[str]:
    """Whole sets of initials: J S, J M S, S J, and with each part of a double name."""
    first, last = [word[0] for word in given], [word[0] for word in family]
    if not first or not last:
        return set()
    middles = ["", *first[1:], "".join(first[1:])]
    ends = {*last, "".join(last)}
    forward = {first[0] + middle + end for middle in middles for end in ends}
    return forward | {end + first[0] + middle for middle in middles for end in ends}


def _stands_alone(word: str) -> bool:
    return len(word) >= 3 and word.isalpha() and word not in load_name_rules().particles


def _add_address(
    value: str, words: dict[str, str], phrases: set[tuple[Words, str]], codes: dict[str, str]
) -> None:
    generic = load_name_rules().institution_generic
    for part in (value, *re.split(r"[,;^\n\\]+", value)):
        row = words_of(part)
        if len(row) > 1:
            phrases.add((row, "PLACE"))
            street = row[1:] if row[0].isdigit() else row
            if len(street) > 1 and not generic.issuperset(street):
                phrases.add((street, "PLACE"))
        elif row and row[0].isalpha() and len(row[0]) >= 4 and row[0] not in generic | protected_words():
            words.setdefault(row[0], "PLACE")
        codes |= dict.fromkeys((word for word in row if word.isdigit() and len(word) >= 5), "PLACE")


def _institution_phrases(value: str) -> Iterator[tuple[Words, str]]:
    generic = load_name_rules().institution_generic
    for part in (value, *value.split(",")):
        row = words_of(part)
        telling = [word for word in row if word not in generic and not word.isdigit()]
        if not telling:
            continue
        if len(row) > 1:
            yield row, "INSTITUTION"
            yield ("".join(row),), "INSTITUTION"
        if len(row) > 2 and row[-1:] in load_name_rules().institution_heads:
            yield row[:-1], "INSTITUTION"  # "Cherry Hill" of Cherry Hill Manor
        end = max(index for index, word in enumerate(row) if word in telling) + 1
        for core in (row[:length] for length in range(end, len(row))):
            if len(core) > 1 or (len(core[0]) >= 4 and core[0] not in protected_words()):
                yield core, "INSTITUTION"
        if len(row) == 1 and len(row[0]) >= 4 and row[0] not in protected_words():
            yield row, "INSTITUTION"


def _codes(value: str) -> set[str]:
    found: set[str] = set()
    for part in {value, *_BETWEEN_CODES.split(value)}:
        code = "".join(words_of(part))
        if len(code) >= SHORTEST_CODE and any(map(str.isdigit, code)):
            bare = code.lstrip("0")
            found |= {code, bare} if len(bare) >= SHORTEST_BARE_CODE else {code}
            found.update(_shortened(part))
    return found


def _shortened(value: str) -> Iterator[str]:
    """The code without the zeros its parts begin with, and without letters: "22-419" of OPD-22-00419."""
    parts = _LETTERS_OR_DIGITS.findall(value.casefold())
    short = [part.lstrip("0") or "0" for part in parts]
    numbers = ("".join(filter(str.isdigit, row)) for row in (parts, short))
    yield from (code for code in ("".join(short), *numbers) if len(code) >= SHORTEST_BARE_CODE)


def _letter_ids(value: str) -> Iterator[Words]:
    """An identifier of letters alone, or too short for a code: its words, where it has several."""
    row = words_of(value)
    code = "".join(row)
    if not any(sign.isdigit() for sign in code) and len(code) >= 5 and code not in protected_words():
        yield row


def _phone_codes(value: str) -> Iterator[str]:
    digits = "".join(sign for sign in value if sign.isdigit())
    for length in {len(digits), 10, 7}:
        if 7 <= length <= len(digits):
            yield digits[-length:]


def _date(value: str) -> set[date]:
    try:
        return {date.fromisoformat(value)}
    except ValueError:
        return set()
