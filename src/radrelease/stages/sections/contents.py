"""What a stretch of a report looks like, by its words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from radrelease.profiles.section_rules import load_section_rules
from radrelease.records.sections import PartKind

__all__ = [
    "closing_kind",
    "comparison_sentence",
    "is_comparing",
    "is_name",
    "is_technique",
    "names_findings",
    "sentences_of",
    "states",
    "states_findings",
    "words_of",
]

_WORD: Final = re.compile(r"[a-z][a-z\-]*")
_SENTENCE_END: Final = re.compile(r"[.?!](?=\s|\Z)|\n")
_LOOKED_AT: Final = 400
_MANY: Final = 4
"""Words of findings that need no verb to state some."""
"""Characters from which a stretch is judged."""


def words_of(text: str) -> list[str]:
    """The words of a text, in small letters."""
    return _WORD.findall(text.lower())


def states_findings(text: str) -> bool:
    """Whether the text states what was seen: words of findings, and words that state."""
    words = words_of(text[:_LOOKED_AT])
    rules = load_section_rules()
    if rules.of_findings.isdisjoint(words):
        return False
    found = sum(map(rules.of_findings.__contains__, words))
    stated = sum(map(rules.stating.__contains__, words))
    return ((found >= 2 and stated >= 1) or found >= _MANY) and found + stated >= _LEAST_SHARE * len(words)


def states(sentence: str) -> bool:
    """Whether one sentence states something that was seen."""
    words = words_of(sentence[:_LOOKED_AT])
    rules = load_section_rules()
    stated = not (rules.of_findings.isdisjoint(words) or rules.stating.isdisjoint(words))
    return stated and not is_technique(sentence)


def names_findings(sentence: str) -> bool:
    """Whether a sentence has several words of findings."""
    rules = load_section_rules()
    return sum(map(rules.of_findings.__contains__, words_of(sentence[:_LOOKED_AT]))) > 1


def is_comparing(sentence: str) -> bool:
    """Whether a sentence only says what the study was compared with."""
    words = words_of(sentence)
    rules = load_section_rules()
    if not words or not any(word.startswith(("compar", "prior", "previous")) for word in words[:6]):
        return False
    return not any(word in rules.of_findings for word in words)


_OPENS_COMPARING: Final = re.compile(
    r"(?:Comparison|Compared|In comparison|No (?:prior|previous|comparison)"
    r"|There (?:is|are) no (?:prior|previous|comparison))[^.\n]{0,160}(?:\.(?!\d)|\.(?=\d{1,2}\D))",
    re.IGNORECASE,
)


def comparison_sentence(text: str, start: int, end: int) -> int | None:
    """Where the sentence ends that opens the stretch and only says what was compared."""
    found = _OPENS_COMPARING.match(text, start, end)
    if found is None or not is_comparing(found[0]) or found[0].count(",") > 2:
        return None
    return found.end() if text[found.end() : end].strip() else None


_PERSON: Final = re.compile(r"\[(?:NAME|STAFF|INSTITUTION)|\bDr\b|\bXXXX\b|, ?(?:MD|DO|M\.D\.)\b|___")
_MARKS_ONLY: Final = re.compile(
    r"(?:\[[A-Z]+\]|XXXX|_{3,}|\W|\d|\b(?:s|am|pm|at|on|by|and|m\.?d\.?|do|dr|pgy|cst|est|pst|gmt|utc)\b)+",
    re.IGNORECASE,
)


def is_name(paragraph: str) -> bool:
    """Whether nothing but a person, titles, dates and times stands in the paragraph."""
    return _MARKS_ONLY.fullmatch(paragraph) is not None and _PERSON.search(paragraph) is not None


def closing_kind(paragraph: str) -> PartKind | None:
    """What a paragraph after the last section is, where it belongs to none: signed, agreed, told."""
    rules = load_section_rules()
    looked = paragraph[:_LOOKED_AT]
    if is_name(looked):
        return PartKind.SIGNATURE
    words = words_of(looked)
    found = sum(word in rules.of_findings and word not in _EVERYWHERE for word in words)
    person = _PERSON.search(looked) is not None
    for kind in _CLOSING_KINDS:
        strong = sum(word in rules.closing[kind] for word in words)
        weak = sum(word in rules.closing_weak.get(kind, ()) for word in words)
        enough = 2 * strong + weak + person >= 2 + found
        if strong + weak and enough and strong + weak + person >= _LEAST_SHARE * len(words):
            return kind
    return None


_CLOSING_KINDS: Final = (PartKind.NOTIFICATION, PartKind.SIGNATURE, PartKind.RECOMMENDATION)
_LEAST_SHARE: Final = 0.12
_EVERYWHERE: Final = frozenset({"findings", "acute", "stable"})
"""Words of findings that notes about them hold too."""


def is_technique(sentence: str) -> bool:
    """Whether a sentence says only how the pictures were taken."""
    words = words_of(sentence)
    if not words:
        return False
    rules = load_section_rules()
    known = sum(word in rules.of_technique or word in rules.titles for word in words)
    return known >= 0.6 * len(words)


def sentences_of(text: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """The sentences of a stretch, roughly, and whether each begins a line; lines end them too."""
    place, begins = start, True
    for found in _SENTENCE_END.finditer(text, start, end):
        first = place
        while first < found.end() and text[first].isspace():
            begins = begins or text[first] == "\n"
            first += 1
        if first < found.end():
            yield first, found.end(), begins
            begins = False
        place = found.end()
        begins = begins or found[0] == "\n"
    if text[place:end].strip():
        yield place, end, begins
