"""Why a report may be cut otherwise than its author meant."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain

from radrelease.profiles.section_rules import load_section_rules
from radrelease.section_records import Doubt, PartKind
from radrelease.stages.sections.contents import (
    is_name,
    is_technique,
    names_findings,
    states_findings,
    words_of,
)
from radrelease.stages.sections.ends import OF_NOTHING_SEEN
from radrelease.stages.sections.forms import Form, Header
from radrelease.stages.sections.layout import BREAK, Line
from radrelease.stages.sections.likeness import inline_places_like_headers, places_like_headers
from radrelease.stages.sections.names import is_organ, is_title
from radrelease.stages.sections.placing import READING_ALONE
from radrelease.stages.sections.stretches import BODY, PUBLISHED, Stretch
from radrelease.stages.sections.unheaded import COMPARED, WITHIN_A_PARAGRAPH

__all__ = ["doubts_of"]

_INTRODUCTION = frozenset({PartKind.INDICATION, PartKind.COMPARISON, PartKind.TECHNIQUE})
_UNREAD = frozenset(PartKind) - PUBLISHED - {PartKind.TECHNIQUE, PartKind.OTHER}
"""Parts whose contents tell nothing of the cut."""
_UNNAMED = frozenset({PartKind.EXAM, PartKind.OTHER, PartKind.TECHNIQUE, PartKind.ADMINISTRATIVE})
_MOST_WORDS = {PartKind.INDICATION: 90, PartKind.COMPARISON: 60, PartKind.OTHER: 12}
"""Words beyond which a part is too long to be what it seems."""
_LOOKED_AT = 4000


def doubts_of(
    text: str, lines: Sequence[Line], stretches: Sequence[Stretch], headers: Sequence[Header]
) -> tuple[Doubt, ...]:
    """The doubts about a report, each once, in the order of :class:`Doubt`."""
    found = {*_of_headers(text, stretches, headers), *_of_parts(text, stretches)}
    if Doubt.UNKNOWN_HEADER not in found and _is_headed_elsewhere(text, lines, stretches, headers):
        found.add(Doubt.UNKNOWN_HEADER)
    for one in stretches:
        if one.kind not in _UNREAD:
            found.update(_of_content(text[one.start : one.end], one))
    return tuple(doubt for doubt in Doubt if doubt in found)


# ----------------------------------------------------------------------------------------- of headers


def _of_headers(text: str, stretches: Sequence[Stretch], headers: Sequence[Header]) -> Iterator[Doubt]:
    if not any(one.named for one in headers if one.form is not Form.ENDER):
        yield Doubt.NO_HEADER
    own = {id(one.header): one for one in stretches if one.header}
    published = [one for one in stretches if one.kind in PUBLISHED]
    slight = [
        one
        for one in headers
        if one.unknown or (one.named and not (one.named.sure or one.named.kind in PUBLISHED))
    ]
    if any(_matters(text, one, own.get(id(one)), published) for one in slight):
        yield Doubt.UNKNOWN_HEADER
    if (
        any(one.header and one.header.named and not one.header.named.sure for one in published)
        or any(_is_swallowed(text, one, published) for one in headers if id(one) not in own)
        or any(_breaks_sentence(text, one.header) for one in published if one.header)
    ):
        yield Doubt.UNSURE_HEADER


def _is_swallowed(text: str, header: Header, published: Sequence[Stretch]) -> bool:
    """Whether a line of many words is taken for the header of a part that is nowhere else: it may be text."""
    if header.form not in _OF_WHOLE_LINES or header.named is None or header.named.kind not in PUBLISHED:
        return False
    many = len(text[header.word : header.end].split()) >= _MANY_WORDS
    return many and all(one.kind is not header.named.kind for one in published)


def _breaks_sentence(text: str, header: Header) -> bool:
    """Whether a header that is alone on its line follows a long line whose sentence has not ended."""
    if header.form is not Form.ALONE or text[header.start - 1 : header.start] != "\n":
        return False
    before = text[text.rfind("\n", 0, header.start - 1) + 1 : header.start].strip()
    return len(before) > _LONG_LINE and before[-1].isalnum()


_LONG_LINE = 45  # characters
_OF_WHOLE_LINES = frozenset({Form.ALONE, Form.CAPITALS, Form.LIKENESS})
_MANY_WORDS = 3


def _matters(text: str, header: Header, own: Stretch | None, published: Sequence[Stretch]) -> bool:
    """Whether an unknown header stands where a section may begin or end with it."""
    if not published:
        return True
    if "[" in (content := text[header.end : own.end if own else header.end]) and is_name(content):
        return False
    says_more = own is not None and (own.end - own.start > 120 or names_findings(text[own.start : own.end]))
    if says_more or (header.named is not None and own is not None):
        return says_more
    told = any(one.kind is PartKind.INDICATION for one in published)
    return (published[0].start if told else -1) < header.word < published[-1].end


def _is_headed_elsewhere(
    text: str, lines: Sequence[Line], stretches: Sequence[Stretch], headers: Sequence[Header]
) -> bool:
    """Whether a line is marked as the headers are where one may be missing."""
    kinds = {one.kind: one.end for one in stretches if one.kind in PUBLISHED}
    if not kinds:
        return False
    first = min(one.start for one in stretches if one.kind in PUBLISHED)
    last = max(kinds.values()) if PartKind.IMPRESSION in kinds else len(text)
    begin = first if PartKind.INDICATION in kinds else -1
    places = chain(places_like_headers(text, lines, headers), inline_places_like_headers(text, headers))
    return any(begin < place < last for place in places)


# ------------------------------------------------------------------------------------------- of parts


def _of_parts(text: str, stretches: Sequence[Stretch]) -> Iterator[Doubt]:
    kinds = [one.kind for one in stretches]
    counts = Counter(kinds)
    body = [place for place, kind in enumerate(kinds) if kind in BODY]
    if not body:
        yield Doubt.NO_FINDINGS
    elif PartKind.INDICATION in kinds[body[-1] :]:
        yield Doubt.OUT_OF_ORDER
    if max(counts[kind] for kind in BODY) > 1:
        yield Doubt.REPEATED
    if counts[PartKind.PRELIMINARY] and (
        max(counts[kind] for kind in BODY) > 1 or _has_two_readings(stretches)
    ):
        yield Doubt.SEVERAL_REPORTS
    reasons = {one.reason for one in stretches}
    if OF_NOTHING_SEEN in reasons:
        yield Doubt.ODD_CONTENT
    if READING_ALONE in reasons or any(
        one.reason == COMPARED and _SAID.search(text, one.start, one.end) is None for one in stretches
    ):
        yield Doubt.UNSURE_HEADER
    if not counts[PartKind.IMPRESSION] and any(map(partial(_ends_in_paragraph, text), stretches)):
        yield Doubt.UNHEADED_TEXT
    if not (counts[PartKind.FINDINGS] and counts[PartKind.IMPRESSION]) and any(
        names_findings(text[one.start : one.end]) for one in stretches if one.kind in _UNREAD
    ):
        yield Doubt.ODD_CONTENT
    if not counts[PartKind.FINDINGS] and any(
        _says_under_title(one) or (one.kind is PartKind.TECHNIQUE and _begins_anew(text[one.start : one.end]))
        for one in stretches
    ):
        yield Doubt.UNHEADED_TEXT
    if counts[PartKind.ADDENDUM] and any(
        one.kind is PartKind.ADDENDUM and _CORRECTING.search(text, one.start, one.end) for one in stretches
    ):
        yield Doubt.CORRECTED
    if not counts[PartKind.COMPARISON] and any(
        one.kind in _INTRODUCTION and text[one.start : one.end].lower().strip(".") in _NOTHING
        for one in stretches
    ):
        yield Doubt.UNSURE_HEADER
    first = stretches[body[0]].start if body else len(text)
    if not counts[PartKind.INDICATION] and any(
        _holds_more(text[one.start : one.end], one.kind) or _is_odd_exam(text, one)
        for one in stretches
        if one.kind in _UNNAMED and (one.start < first or one.kind is not PartKind.ADMINISTRATIVE)
    ):
        yield Doubt.UNHEADED_TEXT


_SAID = re.compile(r"\b(?:is|was|were|are|made|to|with|no|none|compared)\b", re.IGNORECASE)
"""What a sentence says that opens the findings and is of the comparison, and is no header with its words."""


def _ends_in_paragraph(text: str, one: Stretch) -> bool:
    """Whether findings that an impression should follow have a last paragraph, which may be one."""
    merged = one.header is not None and one.header.named is not None and one.header.named.merged
    return one.kind is PartKind.FINDINGS and not merged and _NEXT.search(text, one.start, one.end) is not None


def _says_under_title(one: Stretch) -> bool:
    """Whether words stand after the colon of a title, as the findings do in some reports."""
    header = one.header
    return header is not None and header.title and header.form is Form.COLON and one.end > header.end


_CORRECTING = re.compile(
    r"impression|finding|conclusion|correct|error|should|instead|wrong|mistake|discrepan|chang|revis|amend"
    r"|right|left",
    re.IGNORECASE,
)


def _has_two_readings(stretches: Sequence[Stretch]) -> bool:
    """Whether the preliminary read has sections of its own."""
    preliminary = [one.header for one in stretches if one.kind is PartKind.PRELIMINARY and one.header]
    return any(header.named is not None and header.named.kind in BODY for header in preliminary)


def _holds_more(content: str, kind: PartKind) -> bool:
    """Whether several lines stand under what has one as a rule, so that an indication may hide there."""
    apart = False
    for line in _LINE_ENDS.split(content[:_LOOKED_AT])[1:]:
        said = line.strip(" \t*|_")
        if not said:
            apart = True
        elif _is_prose(said, kind, apart=apart) and not (is_title(said[:70]) or is_technique(said)):
            return True
        else:
            apart = False
    return False


def _is_odd_exam(text: str, one: Stretch) -> bool:
    """Whether what stands under the header of an examination is neither its title nor of an office."""
    if one.kind is not PartKind.EXAM or one.header is None or one.header.named is None:
        return False
    line = text[one.start : one.end].partition("\n")[0]
    plain = is_title(line) or is_technique(line) or any(map(str.isdigit, line)) or "[" in line
    return not plain and any(map(str.isalpha, line.replace("XXXX", "")))


def _is_prose(line: str, kind: PartKind, *, apart: bool) -> bool:
    """Whether a line may be more than a label; ``apart`` after a blank line."""
    if len(line.split()) > _FEW_WORDS and not line.isupper() and kind is not PartKind.ADMINISTRATIVE:
        return True
    return (apart or kind is PartKind.EXAM) and _OF_OFFICE.search(line) is None


_FEW_WORDS = 2
_NOTHING = frozenset({"none", "nil", "none available", "no prior", "no priors", "no comparison"})
"""What stands under the header of a comparison, whatever its words."""


_LINE_ENDS = re.compile(rf"\n|{BREAK}")
_OF_OFFICE = re.compile(r"\[[A-Z]+\]|#|:")


# ---------------------------------------------------------------------------------------- of contents


def _of_content(content: str, one: Stretch) -> Iterator[Doubt]:
    looked = content[:_LOOKED_AT]
    most = _MOST_WORDS.get(one.kind, _LOOKED_AT)
    if len(looked) > 2 * most and len(looked.split()) > most:
        yield Doubt.UNHEADED_TEXT if one.kind is PartKind.OTHER else Doubt.ODD_LENGTH
    if one.kind is PartKind.OTHER and states_findings(looked):
        yield Doubt.UNHEADED_TEXT
    if one.reason == WITHIN_A_PARAGRAPH:
        yield Doubt.UNHEADED_TEXT
    if one.kind in _INTRODUCTION and states_findings(looked):
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
    return is_title(content) or _TOLD.search(content) is not None or _odd_paragraph(content)


_TOLD = re.compile(r"\[(?:NAME|STAFF|PHONE|TIME)\]")


def _is_odd_introduction(content: str, kind: PartKind) -> bool:
    """Whether an indication or a comparison is a title, names a person, or holds more than one thing."""
    if kind is PartKind.INDICATION and (is_title(content) or "[NAME]" in content):
        return True
    return _begins_anew(content)


_ODD_ENDS, _ODD_STARTS = frozenset('"\\;,{}[|/'), frozenset('"\\{}|;:')
_MARKUP = re.compile(r"\\[a-z]{1,8}\d{0,4}\b|</?(?!(?i:br|p\b|b\b|li|ul))[A-Za-z]{1,10}[ >]")
_HEADER_WORD = re.compile(
    r"(?:IMPRESSION|CONCLUSION|FINDINGS|COMPARISON|INDICATION|Impression|Conclusion|Findings"
    r"|Indication|Opinion|OPINION)\b"
)
_SENTENCE_BEGINS = re.compile(r"(?:^|[.?!\n]\s{0,3})\Z")
_HEADER_SIGN = re.compile(r"[:\-\u2013=]\s")
"""What stands in all that is like a header."""
_HEADER_LIKE = re.compile(
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


def _begins_anew(content: str) -> bool:
    """Whether a paragraph, or a line after one that has ended, stands in an indication or a comparison."""
    if "\n" not in content and "\\" not in content and "<" not in content:
        return False
    return (_ANEW.search(content) or _AFTER_SHORT_LINE.search(content)) is not None


_NEXT = re.compile(rf"\n[ \t]*\n|{BREAK}{BREAK}|(?<=[.?!])[ \t]*{BREAK}")
_ANEW = re.compile(rf"(?:{_NEXT.pattern})[ \t]*[^\s\d\-*>]")
_AFTER_SHORT_LINE = re.compile(r"(?:\A|\n)[^\n]{1,30}\n[ \t>|]*[A-Z]")


def _odd_paragraph(content: str) -> bool:
    """Whether a paragraph after the first, or a last line, has no word of findings."""
    rules = load_section_rules()
    paragraphs = re.split(r"\n\s*\n", content[:_LOOKED_AT])[1:]
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


_LEAST_SAID = 0.2
"""The least share of words that a paragraph of an impression has, which has none of findings."""
