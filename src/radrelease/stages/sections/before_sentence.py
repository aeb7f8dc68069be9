"""Headers on the line of their content: before a dash or the like, in capitals, or a bare word."""

from __future__ import annotations

import re
from typing import Final

from radrelease.profiles.section_rules import load_section_rules
from radrelease.stages.sections.forms import Case, Form, Header
from radrelease.stages.sections.layout import Line
from radrelease.stages.sections.names import name_of

__all__ = [
    "BARE",
    "BARE_HEADERS",
    "CAPITALS",
    "bare_at",
    "bare_header",
    "capitals_at",
    "holds_separator",
    "in_capitals",
    "separated",
]

_SEPARATED: Final = re.compile(
    r"(?P<name>[A-Za-z](?:[A-Za-z0-9 '\u2019/&.,+\-]|\([^()\n]{0,30}\)){0,50}?)"
    r"(?:[ \t]*(?:-{1,3}>?|={1,2}>?|>{1,2}|::|[\u2013\u2014\u00bb]|\.{2,20}|\|)[ \t]+"
    r"|[ \t]*(?:\||\.{3,20}|-{2,3})|\t+|[ ]{2,}|[ \t]*:?=[ \t]*"
    r"|[\]})>*_]{1,3}[ \t]+(?:-{1,2}[ \t])?|\](?=[A-Z\[])|>(?=\S)|;[ \t]+)"
)
_SEPARATOR: Final = re.compile(
    r"[-:.\u2013\u2014\u00bb)}*_;\]=>|\t]"
    r"(?:(?<=[=>|\t])|(?<=([-:.]))\1|(?<![:.])[ \t]|(?<=\])[A-Z\[])"
)
"""What all that :data:`_SEPARATED` finds holds, but for two blanks."""
CAPITALS: Final = re.compile(
    r"[A-Z][A-Z/&'\-]*[A-Z](?![a-z])(?:[ ]{1,2}(?:[A-Z][A-Z/&'\-]*(?![a-z])|&|/)){0,6}"
)
"""Words in capitals."""

_GOES_ON_IN_CAPITALS: Final = re.compile(r"(?!X{4})[A-Z]{4,}\b|[A-Z]{2,}[ ]{1,2}(?!X{4})[A-Z]{2,}\b")
_NEXT_WORD: Final = re.compile(r"[\s*_.]{0,4}([A-Za-z\[0-9_]\S{0,30})")
BARE_HEADERS: Final = (
    "clinical history", "clinical indication", "clinical information", "clinical details", "reason for exam",
    "reason for examination", "reason for study", "history", "indication", "indications", "comparison",
    "comparisons", "technique", "findings", "impression", "conclusion", "opinion",
)  # fmt: skip
"""Headers that are known where nothing but their word says that they are some."""

BARE: Final = re.compile(
    rf"(?P<name>(?:{'|'.join(BARE_HEADERS)}))(?:\.?[ ]{{1,3}}(?:colon[ ])?)"
    r"(?=(?P<next>,?[A-Za-z0-9\[_]\S{0,30}))",
    re.IGNORECASE,
)

_SENTENCE_OF_MARK: Final = re.compile(r"\[[A-Z]+\][:,;] ?[a-z]")
"""A sentence that begins with what was removed after a label: "MRN [ID]: history of tuberculosis"."""


def holds_separator(text: str, start: int, end: int) -> bool:
    """Whether anything is there that :func:`separated` looks for."""
    return _SEPARATOR.search(text, start, end) is not None or text.find("  ", start, end) >= 0


def separated(text: str, line: Line, end: int) -> Header | None:
    """The header at the head of the line that a dash, a tab or the like sets apart."""
    found = _SEPARATED.match(text, line.body, end)
    if found is None or found.end() >= line.end:
        return None
    phrase = found["name"]
    named = name_of(phrase)
    if named is None or not named.sure:
        return None
    return Header(line.start, found.end(), line.body, Form.SEPARATED, named)


def capitals_at(text: str, line: Line, end: int, case: Case) -> Header | None:
    """The header in capitals at the head of the line."""
    found = CAPITALS.match(text, line.body, end)
    return in_capitals(text, found, line.start, end, Form.CAPITALS, case) if found else None


def in_capitals(
    text: str, found: re.Match[str], start: int, end: int, form: Form, case: Case
) -> Header | None:
    """The longest beginning of the words in capitals that is a header before a sentence."""
    for last in reversed(list(re.finditer(r"\S+", found[0]))):
        phrase = found[0][: last.end()]
        named = name_of(phrase) if _ends_as_header(phrase, case) else None
        if named is None or not named.sure:
            continue
        following = _NEXT_WORD.match(text, found.start() + last.end(), end)
        if following is None or (case is Case.CAPITALS and not _may_follow(following[1])):
            return None
        if case is not Case.CAPITALS and _GOES_ON_IN_CAPITALS.match(text, following.start(1), end):
            return None
        if _SENTENCE_OF_MARK.match(text, following.start(1), end):
            return None
        return Header(start, following.start(1), found.start(), form, named)
    return None


def _ends_as_header(phrase: str, case: Case) -> bool:
    """Whether the last word is one that heads, and not the first of what follows: "COMPARISON CHEST X-RAY".

    Where all is in capitals, only the commonest headers are told from sentences.
    """
    plain = phrase.lower()
    if case is Case.CAPITALS:
        return plain in BARE_HEADERS
    rules = load_section_rules()
    return len(phrase) > 2 and (plain in rules.phrases or plain.split()[-1] in rules.heads)


def _may_follow(word: str) -> bool:
    """Whether the word may begin a sentence after a header word that has no colon."""
    return word.lower().strip(",.:;") not in load_section_rules().verbs


def bare_at(text: str, line: Line) -> Header | None:
    """The header at the head of the line that is a bare word."""
    found = BARE.match(text, line.body, line.end)
    return bare_header(found, line.start) if found else None


def bare_header(found: re.Match[str], start: int) -> Header | None:
    """The header of a match of :data:`BARE`, unless it goes on as a sentence: "Findings are stable"."""
    named = name_of(found["name"]) if _may_follow(found["next"]) else None
    return Header(start, found.end(), found.start(), Form.BARE, named) if named else None
