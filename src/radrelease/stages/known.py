"""What the export itself knows about people, found again in reports.

The names, numbers and addresses that the headers and report columns state are compiled into
dictionaries over folded words, so that a report is searched in time linear in its length, however
many people the export has. A patient's own terms are removed in any form; the terms of all staff,
institutions and other patients only where they are whole enough to mean them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from radrelease.profiles.report_rules import load_name_rules, load_protected_terms
from radrelease.records import Identifier, IdentifierKind, Span
from radrelease.stages.person_names import full_names, people_of
from radrelease.stages.tokens import Token, words_of

__all__ = ["KnownTerms", "compile_export", "compile_patient", "find_known"]

SHORTEST_CODE = 4
"""A number of fewer signs is also a measurement; it is removed where a label stands before it."""

SHORTEST_FAR_CODE = 6
"""In the reports of others, a number of fewer signs is more likely something else."""

_NUMBERS = frozenset(
    {IdentifierKind.PATIENT_ID, IdentifierKind.ACCESSION, IdentifierKind.OTHER_ID, IdentifierKind.PHONE}
)
_CODE_GAP = re.compile(r"[\s./_\-]{0,3}")
_LONGEST_CODE_TOKENS = 8

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTerms:
    """Terms to look for, with their kinds; ``phrases`` are keyed by their first word.

    ``initials`` count only beside a name.
    """

    words: Mapping[str, str]
    phrases: Mapping[str, tuple[tuple[Words, str], ...]]
    codes: Mapping[str, str]
    initials: frozenset[str] = frozenset()
    birth_dates: frozenset[date] = frozenset()


def compile_patient(identifiers: Iterable[Identifier]) -> KnownTerms:
    """The terms of one patient, every part of every name included."""
    words: dict[str, str] = {}
    phrases: set[tuple[Words, str]] = set()
    codes: dict[str, str] = {}
    initials: set[str] = set()
    births: set[date] = set()
    for identifier in identifiers:
        kind, value = identifier.kind, identifier.value
        if kind in (IdentifierKind.PATIENT_NAME, IdentifierKind.STAFF_NAME):
            _add_name(value, words, phrases, initials)
        elif kind is IdentifierKind.BIRTH_DATE:
            births |= _date(value)
        elif kind is IdentifierKind.ADDRESS:
            _add_address(value, words, phrases, codes)
        elif kind is IdentifierKind.INSTITUTION:
            phrases |= set(_institution_phrases(value))
        elif kind is IdentifierKind.PHONE:
            codes |= dict.fromkeys(_phone_codes(value), "PHONE")
        elif kind is not IdentifierKind.UID:
            codes |= dict.fromkeys(_codes(value), "ID")
            phrases |= {(row, "ID") for row in _letter_ids(value)}
    return _terms(words, phrases, codes, initials, births)


def compile_export(identifiers: Iterable[Identifier]) -> KnownTerms:
    """The terms of everybody: full names, names of staff, institutions, addresses, long numbers."""
    protected = {word for term in load_protected_terms() for word in words_of(term)}
    words: dict[str, str] = {}
    phrases: set[tuple[Words, str]] = set()
    codes: dict[str, str] = {}
    for identifier in identifiers:
        if identifier.kind is IdentifierKind.INSTITUTION:
            phrases |= set(_institution_phrases(identifier.value))
        elif identifier.kind is IdentifierKind.ADDRESS:
            phrases |= {(row, "PLACE") for row in [words_of(identifier.value)] if len(row) > 1}
        elif identifier.kind in _NUMBERS:
            numbers = _phone_codes if identifier.kind is IdentifierKind.PHONE else _codes
            codes |= {code: "ID" for code in numbers(identifier.value) if len(code) >= SHORTEST_FAR_CODE}
        elif identifier.kind in (IdentifierKind.PATIENT_NAME, IdentifierKind.STAFF_NAME):
            for family, given in people_of(identifier.value):
                phrases |= {(row, "NAME") for row in full_names(family, given)}
                if identifier.kind is IdentifierKind.STAFF_NAME:
                    words |= {
                        word: "NAME" for word in family if _stands_alone(word) and word not in protected
                    }
    return _terms(words, phrases, codes, set(), set())


def find_known(text: str, tokens: Sequence[Token], terms: KnownTerms, rule: str) -> Iterator[Span]:
    """The spans of ``text`` that are one of the terms; terms within a protected phrase are not."""
    shielded = _shielded(tokens)
    for index, token in enumerate(tokens):
        kind = terms.words.get(token.word)
        if kind is not None and index not in shielded:
            first, last = _with_initials(text, tokens, index, terms.initials)
            yield Span(start=first, end=last, kind=kind, rule=rule)
        for phrase, phrase_kind in terms.phrases.get(token.word, ()):
            end = _phrase_end(tokens, index, phrase)
            if end is not None and not shielded.issuperset(range(index, end)):
                yield Span(start=token.start, end=tokens[end - 1].end, kind=phrase_kind, rule=rule)
    if terms.codes:
        yield from _find_codes(text, tokens, terms.codes, rule)


def _add_name(value: str, words: dict[str, str], phrases: set[tuple[Words, str]], initials: set[str]) -> None:
    particles = load_name_rules().particles
    for family, given in people_of(value):
        for word in (*family, *given):
            if len(word) >= 2 and word not in particles:
                words[word] = "NAME"
            initials.add(word[0])
        for part in (family, given):
            if len(part) > 1:
                words["".join(part)] = "NAME"
                phrases.add((part, "NAME"))
        phrases |= {(row, "NAME") for row in full_names(family, given)}


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
        elif row and row[0].isalpha() and len(row[0]) >= 4 and row[0] not in generic | _protected_words():
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
        end = max(index for index, word in enumerate(row) if word in telling) + 1
        for core in (row[:length] for length in range(end, len(row))):
            if len(core) > 1 or (len(core[0]) >= 4 and core[0] not in _protected_words()):
                yield core, "INSTITUTION"
        if len(row) == 1 and len(row[0]) >= 4 and row[0] not in _protected_words():
            yield row, "INSTITUTION"


@cache
def _protected_words() -> frozenset[str]:
    return frozenset(word for term in load_protected_terms() for word in words_of(term))


def _codes(value: str) -> Iterator[str]:
    for part in (value, *re.split(r"[\s;,|^\\]+", value)):
        code = "".join(words_of(part))
        if len(code) >= SHORTEST_CODE and any(sign.isdigit() for sign in code):
            yield code
            bare = code.lstrip("0")
            if len(bare) >= 5:
                yield bare


def _letter_ids(value: str) -> Iterator[Words]:
    """An identifier of letters alone, or too short for a code: its words, where it has several."""
    row = words_of(value)
    code = "".join(row)
    if not any(sign.isdigit() for sign in code) and len(code) >= 5 and code not in _protected_words():
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


def _terms(
    words: dict[str, str],
    phrases: set[tuple[Words, str]],
    codes: dict[str, str],
    initials: set[str],
    births: set[date],
) -> KnownTerms:
    keyed: dict[str, list[tuple[Words, str]]] = {}
    for phrase, kind in sorted(phrases):
        keyed.setdefault(phrase[0], []).append((phrase, kind))
    return KnownTerms(
        words=words,
        phrases={first: tuple(rows) for first, rows in keyed.items()},
        codes=codes,
        initials=frozenset(initials),
        birth_dates=frozenset(births),
    )


@cache
def _protected_phrases() -> Mapping[str, tuple[Words, ...]]:
    keyed: dict[str, list[Words]] = {}
    for row in sorted(words_of(term) for term in load_protected_terms()):
        if len(row) > 1:
            keyed.setdefault(row[0], []).append(row)
    return {first: tuple(rows) for first, rows in keyed.items()}


def _shielded(tokens: Sequence[Token]) -> frozenset[int]:
    """The places of tokens within a protected phrase, such as Swan-Ganz."""
    found: set[int] = set()
    phrases = _protected_phrases()
    for index, token in enumerate(tokens):
        for phrase in phrases.get(token.word, ()):
            end = _phrase_end(tokens, index, phrase)
            if end is not None:
                found |= set(range(index, end))
    return frozenset(found)


def _phrase_end(tokens: Sequence[Token], index: int, phrase: Words) -> int | None:
    """The index after the phrase that begins at ``index``; initials between its words are passed over."""
    place = index
    for count, word in enumerate(phrase):
        if count and place < len(tokens) and tokens[place].word != word and len(tokens[place].word) == 1:
            place += 1
        if place >= len(tokens) or tokens[place].word != word:
            return None
        if count and tokens[place].start - tokens[place - 1].end > 4:
            return None
        place += 1
    return place


def _with_initials(
    text: str, tokens: Sequence[Token], index: int, initials: frozenset[str]
) -> tuple[int, int]:
    """The place of a name with the initials that stand beside it."""
    start, end = tokens[index].start, tokens[index].end
    if index and tokens[index - 1].word in initials and start - tokens[index - 1].end <= 2:
        start = tokens[index - 1].start
    following = index + 1
    if following < len(tokens) and tokens[following].word in initials:
        gap = text[end : tokens[following].start]
        if gap in {" ", ", ", ","} and text[tokens[following].start].isupper():
            end = tokens[following].end
    return start, end


def _find_codes(text: str, tokens: Sequence[Token], codes: Mapping[str, str], rule: str) -> Iterator[Span]:
    longest = max(map(len, codes)) + 12
    for index, token in enumerate(tokens):
        joined = ""
        for last in range(index, min(index + _LONGEST_CODE_TOKENS, len(tokens))):
            if last > index and not _CODE_GAP.fullmatch(text, tokens[last - 1].end, tokens[last].start):
                break
            joined += tokens[last].word
            if len(joined) > longest:
                break
            kind = codes.get(joined) or codes.get(joined.lstrip("0"))
            if kind is not None:
                yield Span(start=token.start, end=tokens[last].end, kind=kind, rule=rule)
