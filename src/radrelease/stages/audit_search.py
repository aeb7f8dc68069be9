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
import unicodedata
from calendar import month_name
from collections.abc import Iterable, Iterator, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache
from itertools import chain, pairwise, zip_longest

from radrelease.dicom_values import parse_date
from radrelease.exhibits import Exhibit, Finding
from radrelease.identifiers import UID_ROOT
from radrelease.private_records import Identifier, IdentifierKind
from radrelease.profiles.lexicon import load_lexicon
from radrelease.profiles.report_rules import load_name_rules, load_protected_terms
from radrelease.stages.audit_disguises import undisguised
from radrelease.stages.compact import PhraseMap, TextSet

__all__ = ["BIRTH_DATE", "Vocabulary", "build_vocabulary", "residual", "search", "shown_dates"]

Words = tuple[str, ...]

_CODE_KINDS = (
    *(IdentifierKind.PATIENT_ID, IdentifierKind.ACCESSION),
    *(IdentifierKind.OTHER_ID, IdentifierKind.PHONE),
)
"""No set: a member of an Enum is hashed by a method in Python."""

_OF_MANY = (IdentifierKind.STAFF_NAME, IdentifierKind.INSTITUTION)
"""What many patients have in common, and is looked at once."""

BIRTH_DATE = "birth date"
"""The check for it."""

_FAR, _NEAR = 6, 4
_MOST_JOINED = 8
_WORD = re.compile(r"[^\W_]+")
_RUN = re.compile(r"[^\W_]+(?:[-./_:]{1,2}[^\W_]+)*")
_SPACED_RUN = re.compile(r"[^\W_]+(?:[-./_:\s]{1,3}[^\W_]+)*")
"""What may be one number: in a report with blanks in it, elsewhere without, since tables and drawings
are full of numbers side by side."""

_UID = re.compile(r"\d+(?:\.\d+){3,}")

_DAYS = {form: day for day in range(1, 32) for form in (f"{day}", f"{day:02d}")}
_MONTHS = {form: month for form, month in _DAYS.items() if month <= 12}
_NAMED_MONTHS = {
    form.casefold(): month for month in range(1, 13) for form in (month_name[month], month_name[month][:3])
}
_ANY_MONTHS = _MONTHS | _NAMED_MONTHS
_MIDDLES = frozenset(_DAYS | _NAMED_MONTHS)
"""What may stand between two other parts of a date."""


@dataclass(frozen=True, slots=True)
class _Person:
    parts: frozenset[str]
    codes: frozenset[str]
    birth_dates: frozenset[date]


class _People(Mapping[str, _Person]):
    """What is known of each person, by the published PatientID; taken apart when it is asked for."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._latest: tuple[str, _Person] | None = None

    def add(self, patient_id: str, person: _Person) -> None:
        """Add a person, of whom nothing was known."""
        births = (day.isoformat() for day in person.birth_dates)
        self._known[patient_id] = "\n".join(map(" ".join, (person.parts, person.codes, births)))

    def __getitem__(self, patient_id: str) -> _Person:
        if self._latest is None or self._latest[0] != patient_id:
            parts, codes, births = map(str.split, self._known[patient_id].split("\n"))
            days = frozenset(map(date.fromisoformat, births))
            self._latest = patient_id, _Person(frozenset(parts), frozenset(codes), days)
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
    people: Mapping[str, _Person]
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
                uids.update([value] if _UID.fullmatch(value) else ())
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
    shields.update(row for row in map(_fold, load_protected_terms()) if len(row) > 1)
    return shields


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
        for row, days in _dates_in(_fold(exhibit.text))
        if _hold(vocabulary.birth_dates, days) and not _hold(own, days)
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
    words = _fold(text)
    person = vocabulary.people.get(exhibit.patient_id)
    yield from (("name or place", found) for found in _phrases_in(words, vocabulary.phrases))
    near = person.codes if person and exhibit.free_text else frozenset()
    runs = _SPACED_RUN if exhibit.free_text else _RUN
    longest = max((vocabulary.longest_code, *map(len, near)))
    for run in runs.findall(text) if longest else ():
        yield from (("identifier", found) for found in _codes_in(_fold(run), vocabulary.codes, near, longest))
    yield from (("original UID", uid) for uid in _UID.findall(exhibit.text) if uid in vocabulary.uids)
    if person is not None and exhibit.free_text:
        shielded = _shielded(words, vocabulary.shields)
        joined = {first + second for first, second in pairwise(words)}
        for index, word in enumerate(words):
            if word in person.parts and index not in shielded and not _is_word(word):
                yield "part of the patient's name", word
        split = (part for part in person.parts & joined if len(part) > 4 and not _is_word(part))
        yield from (("part of the patient's name", part) for part in split)
        own = {row: None for row, days in _dates_in(words) if _hold(person.birth_dates, days)}
        yield from ((BIRTH_DATE, " ".join(row)) for row in own)
    elif not exhibit.patient_id:
        found = (row for row, days in _dates_in(words) if _hold(vocabulary.birth_dates, days))
        yield from ((BIRTH_DATE, " ".join(row)) for row in found)


@lru_cache(maxsize=1 << 12)  # a text is asked for its words several times in a row
def _fold(text: str) -> Words:
    plain = text.casefold()
    if plain.isascii() and plain.isalnum():
        return (plain,)
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain)
        plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return tuple(_WORD.findall(plain.replace("'s ", " ").replace("’s ", " ")))


def _person(identifiers: Iterable[Identifier]) -> _Person:
    parts: set[str] = set()
    codes: set[str] = set()
    births: set[date] = set()
    rules = load_name_rules()
    for identifier in identifiers:
        if identifier.kind is IdentifierKind.PATIENT_NAME:
            named = identifier.value.replace("=", "^").split("^")
            words = [word for index, part in enumerate(named) if index % 5 < 3 for word in _fold(part)]
            parts |= {word for word in words if len(word) > 1} - rules.particles - rules.suffixes
        elif identifier.kind is IdentifierKind.BIRTH_DATE:
            with suppress(ValueError):
                births.add(date.fromisoformat(identifier.value))
        elif identifier.kind in _CODE_KINDS:
            codes |= set(_codes(identifier))
    return _Person(frozenset(parts), frozenset(codes), frozenset(births))


def _codes(identifier: Identifier) -> Iterator[str]:
    whole = "".join(_fold(identifier.value))
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
        last, first = _fold(family), _fold(rest.split("^")[0])[:1]
        suffixes = load_name_rules().suffixes
        first = tuple(word for word in first if len(word) > 1 and word not in suffixes)
        if last and first:
            yield first + last
            yield last + first
        elif len(last) > 1 and not suffixes.issuperset(last[-1:]):
            yield last
    elif identifier.kind in (IdentifierKind.INSTITUTION, IdentifierKind.ADDRESS):
        words = _fold(identifier.value)
        if len(words) > 1 and not load_name_rules().institution_generic.issuperset(words):
            yield words


def _dates_in(words: Words) -> Iterator[tuple[Words, list[date]]]:
    """What may be a date (20500304, 3 4 2050, 4 March 2050), in its words, and the days that it may mean."""
    for word, second, third in zip_longest(words, words[1:], words[2:], fillvalue=""):
        if 4 < len(word) < 9 and word.isdigit():
            one = list(_day(word[:-4], _MONTHS.get(word[-4:-2]), word[-2:]))
            if one:
                yield (word,), one
        if second in _MIDDLES and (word in _MIDDLES or third in _DAYS):
            readings = (
                _day(third, _ANY_MONTHS.get(word), second),
                _day(third, _ANY_MONTHS.get(second), word),
                _day(word, _MONTHS.get(second), third),
            )
            three = list(chain.from_iterable(readings))
            if three:
                yield (word, second, third), three


def _day(year: str, month: int | None, day: str) -> Iterator[date]:
    """The day, where it is one."""
    number = _DAYS.get(day)
    if month and number and 0 < len(year) <= 4 and year.isascii() and year.isdigit() and year[0] != "0":
        with suppress(ValueError):  # 30 February
            yield date(int(year), month, number)


def _hold(births: Set[date], days: Iterable[date]) -> bool:
    return any(day in births for day in days)


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
