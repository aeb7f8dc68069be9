"""All that an audit looks for: what an export states of everybody, folded to words and numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

from radrelease.profiles.word_lists import load_name_rules, load_protected_terms
from radrelease.records.dicom_values import parse_date
from radrelease.records.private import Identifier, IdentifierKind
from radrelease.stages.knowledge.compact import PhraseMap, TextSet

__all__ = ["UID", "Person", "Vocabulary", "Words", "build_vocabulary", "fold"]

Words = tuple[str, ...]

_CODE_KINDS = (
    *(IdentifierKind.PATIENT_ID, IdentifierKind.ACCESSION),
    *(IdentifierKind.OTHER_ID, IdentifierKind.PHONE),
)
"""No set: a member of an Enum is hashed by a method in Python."""

_OF_MANY = (IdentifierKind.STAFF_NAME, IdentifierKind.INSTITUTION)
"""What many patients have in common, and is looked at once."""

_FAR, _NEAR = 6, 4
"""Signs of an identifier that is looked for everywhere, and in what is the person's own."""

_WORD = re.compile(r"[^\W_]+")
UID = re.compile(r"\d+(?:\.\d+){3,}")


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of one person: parts of the name, numbers, dates of birth."""

    parts: frozenset[str]
    codes: frozenset[str]
    birth_dates: frozenset[date]


class _People(Mapping[str, Person]):
    """What is known of each person, by the published PatientID; taken apart when it is asked for."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._latest: tuple[str, Person] | None = None

    def add(self, patient_id: str, person: Person) -> None:
        """Add a person, of whom nothing was known."""
        births = (day.isoformat() for day in person.birth_dates)
        self._known[patient_id] = "\n".join(map(" ".join, (person.parts, person.codes, births)))

    def __getitem__(self, patient_id: str) -> Person:
        if self._latest is None or self._latest[0] != patient_id:
            parts, codes, births = map(str.split, self._known[patient_id].split("\n"))
            days = frozenset(map(date.fromisoformat, births))
            self._latest = patient_id, Person(frozenset(parts), frozenset(codes), days)
        return self._latest[1]

    def __contains__(self, patient_id: object) -> bool:
        return patient_id in self._known

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Everything to look for. ``people`` is keyed by the published PatientID."""

    phrases: Mapping[str, tuple[Words, ...]]
    codes: Set[str]
    longest_code: int  # signs
    uids: Set[str]
    birth_dates: Set[date]
    people: Mapping[str, Person]
    shields: Mapping[str, tuple[Words, ...]]


def build_vocabulary(people: Iterable[tuple[str, Iterable[Identifier]]]) -> Vocabulary:
    """The vocabulary of an export: pairs of a published PatientID and all that is known of the person.

    Of the PatientID "" is what is known of nobody in particular; it may come in pieces.
    """
    phrases: PhraseMap[Words] = PhraseMap(tuple)
    codes, uids, persons = TextSet(), TextSet(), _People()
    births: set[date] = set()
    met: dict[IdentifierKind, set[str]] = {kind: set() for kind in _OF_MANY}
    for patient_id, identifiers in people:
        known = tuple(identifiers)
        person = _person(known)
        if patient_id:
            persons.add(patient_id, person)
        births |= person.birth_dates
        codes.update(code for code in person.codes if len(code) >= _FAR and parse_date(code) is None)
        for identifier in known:
            kind, value = identifier.kind, identifier.value
            if kind is IdentifierKind.UID:
                uids.update([value] if UID.fullmatch(value) else ())
            elif kind not in _OF_MANY:
                phrases.update(_phrases(identifier))
            elif value not in met[kind]:
                met[kind].add(value)
                phrases.update(_phrases(identifier))
    return Vocabulary(
        phrases=phrases,
        codes=codes,
        longest_code=codes.longest,
        uids=uids,
        birth_dates=frozenset(births),
        people=persons,
        shields=_shields(),
    )


@cache
def _shields() -> Mapping[str, tuple[Words, ...]]:
    """The protected terms of several words, by their first."""
    shields: PhraseMap[Words] = PhraseMap(tuple)
    shields.update(row for row in map(fold, load_protected_terms()) if len(row) > 1)
    return shields


@lru_cache(maxsize=1 << 12)  # a text is asked for its words several times in a row
def fold(text: str) -> Words:
    """The words of the text without case, accents and possessives."""
    plain = text.casefold()
    if plain.isascii() and plain.isalnum():
        return (plain,)
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain)
        plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return tuple(_WORD.findall(plain.replace("'s ", " ").replace("’s ", " ")))


def _person(identifiers: Iterable[Identifier]) -> Person:
    parts: set[str] = set()
    codes: set[str] = set()
    births: set[date] = set()
    rules = load_name_rules()
    for identifier in identifiers:
        if identifier.kind is IdentifierKind.PATIENT_NAME:
            named = identifier.value.replace("=", "^").split("^")
            words = [word for index, part in enumerate(named) if index % 5 < 3 for word in fold(part)]
            parts |= {word for word in words if len(word) > 1} - rules.particles - rules.suffixes
        elif identifier.kind is IdentifierKind.BIRTH_DATE:
            with suppress(ValueError):
                births.add(date.fromisoformat(identifier.value))
        elif identifier.kind in _CODE_KINDS:
            codes |= set(_codes(identifier))
    return Person(frozenset(parts), frozenset(codes), frozenset(births))


def _codes(identifier: Identifier) -> Iterator[str]:
    whole = "".join(fold(identifier.value))
    if identifier.kind is IdentifierKind.PHONE:
        whole = "".join(sign for sign in whole if sign.isdigit())
        yield from (whole[-length:] for length in (7, 10) if len(whole) >= length)
    for code in (whole, whole.lstrip("0")):
        if len(code) >= _NEAR and (code.isdigit() or any(sign.isdigit() for sign in code)):
            yield code


def _phrases(identifier: Identifier) -> Iterator[Words]:
    """Full names, either part first, institutions and addresses as a whole."""
    if identifier.kind in (IdentifierKind.PATIENT_NAME, IdentifierKind.STAFF_NAME):
        family, _, rest = identifier.value.partition("^")
        if not rest:
            family, _, rest = identifier.value.partition(",")
        last, first = fold(family), fold(rest.split("^")[0])[:1]
        suffixes = load_name_rules().suffixes
        first = tuple(word for word in first if len(word) > 1 and word not in suffixes)
        if last and first:
            yield first + last
            yield last + first
        elif len(last) > 1 and not suffixes.issuperset(last[-1:]):
            yield last
    elif identifier.kind in (IdentifierKind.INSTITUTION, IdentifierKind.ADDRESS):
        words = fold(identifier.value)
        if len(words) > 1 and not load_name_rules().institution_generic.issuperset(words):
            yield words
