"""What is odd in what stands under one header."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from radrelease.profiles.section_rules import load_section_rules
from radrelease.records.sections import Doubt, PartKind
from radrelease.stages.sections.contents import states_findings, words_of
from radrelease.stages.sections.layout import BREAK
from radrelease.stages.sections.names import is_organ, is_title
from radrelease.stages.sections.stretches import BODY, PUBLISHED, Stretch
from radrelease.stages.sections.unheaded import WITHIN_A_PARAGRAPH

__all__ = ["INTRODUCTION", "LOOKED_AT", "UNREAD", "begins_anew", "doubts_of_content", "holds_lines"]

INTRODUCTION: Final = frozenset({PartKind.INDICATION, PartKind.COMPARISON, PartKind.TECHNIQUE})
UNREAD: Final = frozenset(PartKind) - PUBLISHED - {PartKind.TECHNIQUE, PartKind.OTHER}
"""Parts whose contents tell nothing of the cut."""
_MOST_WORDS: Final = {PartKind.INDICATION: 90, PartKind.COMPARISON: 60, PartKind.OTHER: 12}
"""Words beyond which a part is too long to be what it seems."""
_FEWEST_SIGNS: Final = 12
"""Characters without which nothing states what was seen."""
LOOKED_AT: Final = 4000
"""Characters from which a part is judged."""


def doubts_of_content(content: str, one: Stretch) -> Iterator[Doubt]:
    """The doubts that the words of one stretch raise."""
    looked = content[:LOOKED_AT]
    most = _MOST_WORDS.get(one.kind, LOOKED_AT)
    if len(looked) > 2 * most and len(looked.split()) > most:
        yield Doubt.UNHEADED_TEXT if one.kind is PartKind.OTHER else Doubt.ODD_LENGTH
    if one.kind is PartKind.OTHER and states_findings(looked):
        yield Doubt.UNHEADED_TEXT
    if one.reason == WITHIN_A_PARAGRAPH:
        yield Doubt.UNHEADED_TEXT
    if one.kind in INTRODUCTION and len(content) > _FEWEST_SIGNS and states_findings(looked):
        yield Doubt.ODD_CONTENT
    if one.kind not in PUBLISHED:
        return
    if (
        content[-1] in _ODD_ENDS
        or content[0] in _ODD_STARTS
        or (("<" in looked or "\\" in looked) and _MARKUP.search(looked))
    ):
        yield Doubt.ODD_CONTENT
    if _is_odd_body(content) if one.kind in BODY else _is_odd_introduction(content, one.kind):
        yield Doubt.ODD_CONTENT
    if _holds_header(looked, one):
        yield Doubt.UNSURE_HEADER


def _is_odd_body(content: str) -> bool:
    """Whether findings or an impression hold what they do not as a rule."""
    return is_title(content) or _odd_paragraph(content)


def _is_odd_introduction(content: str, kind: PartKind) -> bool:
    """Whether an indication is a title, or one or a comparison holds more than one thing."""
    return (kind is PartKind.INDICATION and is_title(content)) or begins_anew(content)


_ODD_ENDS, _ODD_STARTS = frozenset('"\\;,{}[|/'), frozenset('"\\{}|;:')
_MARKUP: Final = re.compile(r"\\[a-z]{1,8}\d{0,4}\b|</?(?!(?i:br|p\b|b\b|li|ul))[A-Za-z]{1,10}[ >]")
_HEADER_WORD: Final = re.compile(
    r"(?:IMPRESSION|CONCLUSION|FINDINGS|COMPARISON|INDICATION|Impression|Conclusion|Findings"
    r"|Indication|Opinion|OPINION)\b"
)
_SENTENCE_BEGINS: Final = re.compile(r"(?:^|[.?!\n]\s{0,3})\Z")
_HEADER_SIGN: Final = re.compile(r"[:\-\u2013=]\s")
"""What stands in all that is like a header."""
_HEADER_LIKE: Final = re.compile(
    r"(?:\n|[.;|]\s|//\s|--\s)[ ]*(?P<name>[A-Z][A-Za-z/\-]{1,14}(?: [A-Za-z]{1,12}){0,2})"
    r"(?:\s?:(?=\s)|\s[-\u2013=]\s)"
)


def _holds_header(content: str, one: Stretch) -> bool:
    """Whether a header may stand unseen within a section."""
    if one.kind in BODY:
        for found in _HEADER_WORD.finditer(content):
            if _SENTENCE_BEGINS.search(content[max(0, found.start() - 4) : found.start()]):
                return True
    if _HEADER_SIGN.search(content) is None:
        return False
    return any(not is_organ(found["name"]) for found in _HEADER_LIKE.finditer(content))


def begins_anew(content: str) -> bool:
    """Whether a paragraph, or a line after one that has ended, stands in an indication or a comparison."""
    if "\n" not in content and "\\" not in content and "<" not in content:
        return False
    return (_ANEW.search(content) or _AFTER_SHORT_LINE.search(content)) is not None


def holds_lines(content: str) -> bool:
    """Whether a paragraph, or a line after a sentence, follows the first."""
    return _NEXT.search(content) is not None


_NEXT: Final = re.compile(rf"\n[ \t]*\n|{BREAK}{BREAK}|(?<=[.?!])[ \t]*{BREAK}")
_ANEW: Final = re.compile(rf"(?:{_NEXT.pattern})[ \t]*[^\s\d\-*>]")
_AFTER_SHORT_LINE: Final = re.compile(r"(?:\A|\n)[^\n]{1,30}\n[ \t>|]*[A-Z]")


def _odd_paragraph(content: str) -> bool:
    """Whether a paragraph after the first, or a last line, has no word of findings."""
    if len(content.splitlines()) < 2:
        return False
    rules = load_section_rules()
    paragraphs = re.split(r"\n\s*\n", content[:LOOKED_AT])[1:]
    lines = content[-300:].rstrip().splitlines()
    if len(lines) > 1 and lines[-2].rstrip()[-1:] in ".:!?":
        paragraphs.append(lines[-1])
    words = [words_of(paragraph) for paragraph in paragraphs]
    return any(
        rules.of_findings.isdisjoint(each)
        and sum(map(rules.saying.__contains__, each)) < _LEAST_SAID * len(each)
        for each in words
        if each
    )


_LEAST_SAID: Final = 0.2
"""The least share of words that a paragraph of an impression has, which has none of findings."""
