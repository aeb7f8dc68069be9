"""What the words of a header say that it heads.

A header is known as a whole, or by its words: each must be known, and at least one must be the head of a
part ("Relevant clinical history and indication"). A slip of one letter in a long word is forgiven.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from rapidfuzz.distance import OSA

from radrelease.profiles.section_rules import COMMENT, MERGED, SectionRules, load_section_rules
from radrelease.records.release import SectionName
from radrelease.records.sections import PartKind

__all__ = ["LONGEST_HEADER", "Named", "is_of_headers", "is_organ", "is_title", "name_of"]

LONGEST_HEADER: Final = 70
"""Characters of the longest header."""

_MOST_WORDS: Final = 9
_MOST_WORDS_IF_STRANGE: Final = 4
_FORGIVEN_LENGTH: Final = 7
_LONGEST_TITLE, _LONGEST_ORGAN = 12, 6  # words
_WORD: Final = re.compile(r"[a-z0-9][a-z0-9'.\-]*|[&/+]")
_DATE: Final = re.compile(
    r"\b\d{1,4}[/.\-]\d{1,2}[/.\-]\d{1,4}\b|\b\d{1,2}:?\d{2}(?::\d{2})? ?(?:am|pm|hours|hrs)?\b|\[[a-z]+\]?"
)
_OF_DATE: Final = re.compile(r"[\d\[]")
"""What any date holds."""
_BETWEEN: Final = re.compile(r"[^a-z0-9/\-]+|/")
_ASIDE: Final = re.compile(r"\s*(?:[(\[{][^()\[\]{}]{0,50}[)\]}]\s*$|\([^()]{0,50}\)(?=\s))")
_MISREAD: Final = re.compile(r"(?=[A-Z ]*[l01|])[A-Z l01|]+")
_AS_READ: Final = str.maketrans("l01|", "IOII")
"""A text in capitals in which a scanner has taken I and O for other signs."""
_LAST_ASIDE: Final = re.compile(r"[\[({]([a-z]+)[\])}]\Z")
_PUBLISHED_NAMES: Final = frozenset(name.value for name in SectionName)
_SPACED: Final = re.compile(r"(?:[A-Z] ){3,40}[A-Z]")  # "F I N D I N G S"
_STRANGE: Final = re.compile(r"[^a-z0-9'&/+(),.# \-]")
_HALVES: Final = re.compile(r"\s*(?:/|&|\+|\band\b)\s*")
_WEAK: Final = frozenset(
    {"report", "reports", "study", "exam", "examination", "procedure", "test", "radiologist", "reading"}
)
"""Heads that another one beside them outdoes: "imaging report findings"."""
_OF_OFFICE: Final = frozenset(
    {"id", "number", "code", "codes", "status", "date", "time", "location", "phone", "fax"}
)
"""Words that make a header one of the office."""
_PRECEDENCE: Final = (
    "signature",
    "preliminary read",
    "critical-result note",
    "Impression",
    "Findings",
    "addendum",
    "Indication",
    "Comparison",
    "recommendation",
    "technique",
    "administrative",
    "exam",
)


@dataclass(frozen=True, slots=True)
class Named:
    """What a header heads. ``sure`` is false where its words point several ways or one is misspelt."""

    kind: PartKind
    merged: bool = False  # findings and impression under one header
    comment: bool = False  # its place decides what it is
    sure: bool = True


@lru_cache(maxsize=1 << 14)
def name_of(phrase: str) -> Named | None:
    """What the words of ``phrase`` head; None where they are no header."""
    if len(phrase) > LONGEST_HEADER:
        return None
    if _SPACED.fullmatch(phrase):
        phrase = phrase.replace(" ", "")
    if _MISREAD.fullmatch(phrase) and sum(map(str.isupper, phrase)) > 2:
        phrase = phrase.translate(_AS_READ)
    plain = phrase.lower().replace("\u2019", "'").replace("(s)", "s")
    return _name_of(" ".join(plain.split()).strip(" .-,"))


def is_title(phrase: str) -> bool:
    """Whether the words are the title of an examination, as "CHEST, TWO VIEWS" is."""
    return len(phrase) <= LONGEST_HEADER and _is_title(phrase)


@lru_cache(maxsize=1 << 13)
def _is_title(phrase: str) -> bool:
    words = _title_words(phrase)
    said = any(len(word) > 1 for word in words) and len(words) <= _LONGEST_TITLE
    return said and all(word in load_section_rules().titles for word in words)


def is_organ(phrase: str) -> bool:
    """Whether the words are a sub-header of findings, as "Lungs and pleura" is."""
    return len(phrase) <= LONGEST_HEADER and _is_organ(phrase)


@lru_cache(maxsize=1 << 13)
def _is_organ(phrase: str) -> bool:
    words = _title_words(phrase)
    return 0 < len(words) <= _LONGEST_ORGAN and all(word in load_section_rules().organs for word in words)


def is_of_headers(word: str) -> bool:
    """Whether the word is one of those that headers, titles and sub-headers are made of."""
    rules, plain = load_section_rules(), word.lower().strip(".,;:()")
    return _is_known(plain, rules) or plain in rules.organs


def _title_words(phrase: str) -> list[str]:
    plain = phrase.lower()
    words = _BETWEEN.split(_DATE.sub(" ", plain) if _OF_DATE.search(plain) else plain)
    return [word for word in words if word.strip("-")]


def _name_of(phrase: str) -> Named | None:
    rules = load_section_rules()
    if phrase in rules.phrases:
        return _named({rules.phrases[phrase]})
    without = _ASIDE.sub("", phrase).strip()
    if without != phrase:
        return _by_aside(phrase, _name_of(without))
    if not phrase or _STRANGE.search(phrase):
        return None
    return _by_halves(phrase) or _by_words(phrase, rules)


def _by_aside(phrase: str, named: Named | None) -> Named | None:
    """What a header heads that an aside follows, which may say it: "Imaging study [Impression]"."""
    found = _LAST_ASIDE.search(phrase) if named is None or named.kind.section is None else None
    aside = load_section_rules().heads.get(found[1]) if found else None
    return _named({aside}) if aside in _PUBLISHED_NAMES else named


def _by_halves(phrase: str) -> Named | None:
    """Of two headers in one: "Report / Opinion", "Findings and conclusion"."""
    halves = _HALVES.split(phrase, maxsplit=1)
    if len(halves) < 2:
        return None
    first, second = (_name_of(half.strip()) for half in halves)
    if first is None or second is None:
        return None
    kinds = {first.kind, second.kind}
    if kinds == {PartKind.FINDINGS, PartKind.IMPRESSION}:
        return Named(PartKind.FINDINGS, merged=True, sure=first.sure and second.sure)
    if kinds == {PartKind.INDICATION, PartKind.IMPRESSION}:  # "Diagnosis / symptoms"
        return Named(PartKind.INDICATION, sure=first.sure and second.sure)
    return first if first == second else None


def _by_words(phrase: str, rules: SectionRules) -> Named | None:
    found = [word.strip("'.-") for word in _WORD.findall(phrase)]
    words = [part for word in found for part in _parts(word, rules)]
    if not words or len(words) > _MOST_WORDS or (words[0] == "no" and words[1:2] != ["of"]):
        return None
    return (
        _by_question(words) or _of_office(words, rules) or _by_nouns(words, rules) or _by_heads(words, rules)
    )


def _by_question(words: list[str]) -> Named | None:
    """Of "What did we see?", "What it means"."""
    if words[0] not in _QUESTIONS or len(words) < _FEWEST_OF_QUESTION:
        return None
    return next((Named(kind) for kind, said in _ASKED.items() if said & set(words)), None)


_QUESTIONS: Final = frozenset({"what", "was", "who", "how"})
_FEWEST_OF_QUESTION: Final = 3
_ASKED: Final = {
    PartKind.COMPARISON: frozenset({"compared", "compare"}),
    PartKind.FINDINGS: frozenset({"see", "saw", "seen", "found", "find", "show", "shows", "showed"}),
    PartKind.IMPRESSION: frozenset({"mean", "means", "think", "conclude"}),
    PartKind.INDICATION: frozenset({"asked", "ask"}),
    PartKind.TECHNIQUE: frozenset({"done", "did", "performed"}),
    PartKind.SIGNATURE: frozenset({"read", "reported"}),
}


def _of_office(words: list[str], rules: SectionRules) -> Named | None:
    """Of "Exam date", "Ordered by", "Summary code"; sure where every word is known."""
    if words[-1] == "by":
        return Named(PartKind.SIGNATURE, sure=False)
    if not set(words) & _OF_OFFICE and words[-1] != "no":
        return None
    compares = any(rules.heads.get(word) == "Comparison" or word in _LAST for word in words)
    if all(_is_known(word, rules) or word in _LAST for word in words[:-1]) and (
        compares or words[-1] in _OF_OFFICE | {"no"}
    ):
        return Named(PartKind.COMPARISON if compares else PartKind.ADMINISTRATIVE)
    return Named(PartKind.ADMINISTRATIVE, sure=False)


_LAST: Final = frozenset({"last", "previous", "prev", "earlier"})


def _is_known(word: str, rules: SectionRules) -> bool:
    return word in rules.heads or word in rules.qualifiers or word in rules.titles


def _by_nouns(words: list[str], rules: SectionRules) -> Named | None:
    """Of "Reason for ...", "Clinical details", "Previous imaging"."""
    if (words[0] in _REASONS and words[1:2] == ["for"]) or words[0] == "why":
        return Named(PartKind.INDICATION)
    if _is_clinical(words, rules):
        return Named(PartKind.INDICATION)
    return Named(PartKind.COMPARISON) if _is_earlier(words, rules) else None


_REASONS: Final = frozenset({"reason", "reasons", "indication", "indications"})


def _is_clinical(words: list[str], rules: SectionRules) -> bool:
    """Whether "clinical" or the like stands before a noun such as "details"."""
    rest = set(words) - rules.qualifiers - rules.clinical - rules.previous
    return (
        bool(set(words) & rules.clinical)
        and bool(set(words) & rules.of_indication)
        and all(word in rules.of_indication or rules.heads.get(word) == "Indication" for word in rest)
    )


def _is_earlier(words: list[str], rules: SectionRules) -> bool:
    """Whether "previous" or the like stands before a noun such as "imaging"."""
    rest = set(words) - rules.qualifiers
    return (
        bool((set(words) & rules.previous) - {"relevant", "available"})
        and bool(set(words) & rules.of_comparison)
        and rest <= rules.previous | rules.of_comparison | {"comparison"}
    )


def _by_heads(words: list[str], rules: SectionRules) -> Named | None:
    """By the words that head a part; one unknown word makes it unsure, two make it none."""
    heads = [(word, name) for word in words if (name := rules.heads.get(word))]
    strange = [word for word in words if not _is_known(word, rules) and word not in rules.previous]
    slips = [(word, name) for word in strange if (name := _misspelt(word))]
    unknown = len(strange) - len(slips)
    heads += slips
    strong = {name for word, name in heads if word not in _WEAK}
    names = strong or {name for _, name in heads}
    if not names or unknown > 1 or (unknown and len(words) > _MOST_WORDS_IF_STRANGE):
        return None
    return _named(names, sure=not strange)


def _parts(word: str, rules: SectionRules) -> list[str]:
    """The word, or its halves where a hyphen joins two."""
    if not word or word in "&/+":
        return []
    known = word in rules.qualifiers or word in rules.heads
    return [word] if known else [part for part in word.split("-") if part]


def _named(names: set[str], *, sure: bool = True) -> Named:
    if MERGED in names or {"Findings", "Impression"} <= names:
        return Named(PartKind.FINDINGS, merged=True, sure=sure)
    if names == {COMMENT}:
        return Named(PartKind.OTHER, comment=True, sure=sure)
    kind = PartKind(next(name for name in _PRECEDENCE if name in names))
    published = {name for name in names if PartKind(name).section}
    return Named(kind, sure=sure and len(published) < 2)


@cache
def _long_heads() -> tuple[tuple[str, str], ...]:
    published = {name.value for name in SectionName}
    rows = load_section_rules().heads.items()
    return tuple((word, name) for word, name in rows if len(word) >= _FORGIVEN_LENGTH and name in published)


@lru_cache(maxsize=1 << 12)
def _misspelt(word: str) -> str | None:
    """The name of the one head that the word misses by a letter."""
    if len(word) < _FORGIVEN_LENGTH - 1:
        return None
    near = {name for head, name in _long_heads() if OSA.distance(word, head, score_cutoff=1) <= 1}
    return near.pop() if len(near) == 1 else None
