"""Reports into parts: the four that are published, what else is named, and what is in doubt.

Wording is never touched: a section is one stretch of the text, or several. The order of work is headers
(:mod:`.section_headers`), the stretches between them, what their places and contents say they are, and doubts
(:mod:`.section_doubts`).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from operator import attrgetter

from radrelease.section_records import Doubt, Part, PartKind, Sectioned
from radrelease.stages.section_contents import (
    closing_kind,
    comparison_sentence,
    is_comparing,
    is_technique,
    names_findings,
    sentences_of,
    states,
    states_findings,
)
from radrelease.stages.section_doubts import Stretch, doubts_of
from radrelease.stages.section_headers import Form, Header, headers_of
from radrelease.stages.section_layout import Line, lines_of, trim

__all__ = ["find_sections"]

_BEFORE = frozenset(
    {PartKind.TECHNIQUE, PartKind.EXAM, PartKind.COMPARISON, PartKind.INDICATION, PartKind.ADMINISTRATIVE}
)
"""Parts under which findings may stand without a header of their own."""
_OPENING = frozenset({PartKind.EXAM, PartKind.TECHNIQUE, PartKind.COMPARISON, PartKind.INDICATION})
_BODY = frozenset({PartKind.FINDINGS, PartKind.IMPRESSION})


def find_sections(text: str) -> Sectioned:
    """All of ``text`` in parts, and how far they can be trusted."""
    lines = lines_of(text)
    headers = headers_of(text, lines)
    stretches = _under_headers(text, headers)
    stretches = _without_preliminary(text, stretches)
    stretches = _by_place(text, stretches)
    stretches = list(_without_closings(text, stretches, lines))
    stretches = list(_by_contents(text, stretches, lines))
    stretches = _trimmed(text, stretches)
    doubts = doubts_of(text, stretches, headers, lines)
    return Sectioned(parts=_tiled(text, stretches), doubts=doubts, confidence=0.7 ** len(doubts))


# ------------------------------------------------------------------------------------- under headers


def _under_headers(text: str, headers: Sequence[Header]) -> list[Stretch]:
    """What stands under each header; sub-headers and titles within findings begin nothing new."""
    ends = [*(header.start for header in headers), len(text)][1:]
    stretches = [Stretch(PartKind.OTHER, 0, headers[0].start if headers else len(text), "before any header")]
    has_findings = any(header.named and header.named.kind is PartKind.FINDINGS for header in headers)
    for place, (header, end) in enumerate(zip(headers, ends, strict=True)):
        following = headers[place + 1] if place + 1 < len(headers) else None
        made = _under(text, header, end, following, stretches, has_findings=has_findings)
        if made is None:
            stretches[-1] = replace(stretches[-1], end=end)
        else:
            stretches.append(made)
    return stretches


def _under(
    text: str,
    header: Header,
    end: int,
    following: Header | None,
    before: Sequence[Stretch],
    *,
    has_findings: bool,
) -> Stretch | None:
    """The stretch that the header begins; None where it belongs to the one before."""
    last = before[-1]
    if header.page:
        return _at_page(header, end, before)
    if (
        header.named is not None
        and not header.named.sure
        and not header.named.kind.section
        and last.kind in _BODY
        and names_findings(text[header.end : end])
    ):
        return None
    if header.named is not None:
        content = header.word if header.form in {Form.ENDER, Form.QUESTION} else header.end
        return Stretch(header.named.kind, content, end, f"header: {header.form.name.lower()}", header)
    if header.organ and last.kind in _BODY:
        return None
    if header.organ and not has_findings and not header.title:
        return Stretch(PartKind.FINDINGS, header.word, end, "sub-header of findings", header)
    if header.title:
        return _under_title(text, header, end, following, last, has_findings=has_findings)
    if header.form is Form.UNDERLINED and not names_findings(text[header.end : end]):
        return Stretch(PartKind.OTHER, header.word, end, "unknown header", header)
    if (
        last.kind is PartKind.FINDINGS
        or header.organ
        or (last.kind is PartKind.IMPRESSION and names_findings(text[header.word : end]))
    ):
        return None
    return Stretch(PartKind.OTHER, header.word, end, "unknown header", header)


def _at_page(header: Header, end: int, before: Sequence[Stretch]) -> Stretch:
    if header.page == "end":
        return Stretch(PartKind.ADMINISTRATIVE, header.word, end, "page break", header)
    kind = next(
        (
            before[place - 1].kind
            for place in range(len(before) - 1, 0, -1)
            if before[place].reason == "page break"
        ),
        before[-1].kind,
    )
    return Stretch(kind, header.end, end, "continued", header)


def _under_title(
    text: str, header: Header, end: int, following: Header | None, last: Stretch, *, has_findings: bool
) -> Stretch | None:
    """Under a title findings may stand; after findings it is a sub-header, unless a new exam begins."""
    if not has_findings and header.form is Form.COLON and states_findings(text[header.end : end]):
        return Stretch(PartKind.FINDINGS, header.end, end, "title that heads findings", header)
    begins = (
        following is not None
        and following.named is not None
        and following.named.kind not in {PartKind.IMPRESSION, PartKind.SIGNATURE}
    )
    if last.kind in _BODY and not (last.kind is PartKind.IMPRESSION and begins):
        return None
    return Stretch(PartKind.EXAM, header.word, end, "title", header)


# ------------------------------------------------------------------------------------ by their place


def _without_preliminary(text: str, stretches: list[Stretch]) -> list[Stretch]:
    """The stretches of a reading that a final one follows are part of the preliminary read."""
    place = next((place for place, one in enumerate(stretches) if one.kind is PartKind.PRELIMINARY), None)
    if place is None:
        return stretches
    last = max(index for index, one in enumerate(stretches) if one.kind is PartKind.PRELIMINARY)
    first_body = next(
        (index for index in range(place + 1, len(stretches)) if stretches[index].kind is PartKind.IMPRESSION),
        None,
    )
    final = place + 1
    if last > place and any(one.kind in _BODY for one in stretches[last:]):
        final = last + 1
    elif first_body is not None and any(one.kind in _BODY for one in stretches[first_body + 1 :]):
        final = next(
            index
            for index in range(first_body + 1, len(stretches))
            if stretches[index].kind in _BODY | _OPENING
        )
    return [
        replace(one, kind=PartKind.PRELIMINARY, reason="preliminary") if place <= index < final else one
        for index, one in enumerate(stretches)
    ]


def _by_place(text: str, stretches: list[Stretch]) -> list[Stretch]:
    """What only its place tells of a header: a comment, a diagnosis, an interpretation, a report."""
    filled = [
        one
        for one in stretches
        if one.header is not None and any(map(str.isalnum, text[one.start : one.end]))
    ]
    kinds = [one.kind for one in filled]
    placed = []
    for place, one in enumerate(stretches):
        named = one.header.named if one.header else None
        if (
            named is not None
            and named.comment
            and PartKind.IMPRESSION not in kinds
            and PartKind.FINDINGS in kinds
        ):
            one = replace(one, kind=PartKind.IMPRESSION, reason="comment in place of an impression")
        elif (
            one.kind is PartKind.IMPRESSION
            and one.header
            and _names(text, one).startswith(("interpretation", "summary"))
            and kinds.count(PartKind.IMPRESSION) > 1
            and PartKind.FINDINGS not in kinds
        ):
            one = replace(one, kind=PartKind.FINDINGS, reason="interpretation beside an impression")
        elif (
            one.kind is PartKind.IMPRESSION
            and _names(text, one) in {"diagnosis", "dx", "diagnoses"}
            and one.start
            < min((other.start for other in filled if other.kind in _BODY and other is not one), default=0)
        ):
            one = replace(one, kind=PartKind.INDICATION, reason="diagnosis before the findings")
        elif (
            one.kind is PartKind.FINDINGS
            and _is_report(text, one)
            and _comes_before_parts(place, stretches)
            and not states_findings(text[one.start : one.end])
        ):
            one = replace(one, kind=PartKind.EXAM, start=one.header_start, reason="report above its parts")
        elif named is not None and not named.sure and kinds.count(one.kind) > 1 and one.kind in _BODY:
            one = replace(
                one,
                kind=PartKind.OTHER,
                start=one.header_start,
                reason="header that is unsure beside a sure one",
            )
        elif (
            one.reason == "unknown header"
            and PartKind.FINDINGS not in kinds
            and states_findings(text[one.header.end : one.end])
        ):
            one = replace(
                one, kind=PartKind.FINDINGS, start=one.header.end, reason="unknown header that heads findings"
            )
        placed.append(one)
    return placed


def _comes_before_parts(place: int, stretches: Sequence[Stretch]) -> bool:
    """Whether the next part with a header is one that stands before findings, or findings."""
    passed = {PartKind.ADMINISTRATIVE, PartKind.OTHER, PartKind.SIGNATURE}
    following = islice(stretches, place + 1, None)
    kind = next((later.kind for later in following if later.header and later.kind not in passed), None)
    return kind in _BEFORE or kind is PartKind.FINDINGS


def _is_report(text: str, stretch: Stretch) -> bool:
    return not _names(text, stretch).startswith(("finding", "observation"))


def _names(text: str, stretch: Stretch) -> str:
    """The words of the stretch's header, in small letters."""
    header = stretch.header
    return text[header.word : header.end].strip(" \t\r\n:*_-.#=|").lower() if header else ""


# ------------------------------------------------------------------------------------- what closes it


def _without_closings(text: str, stretches: Sequence[Stretch], lines: Sequence[Line]) -> Iterator[Stretch]:
    """The last published stretches, without the paragraphs about who read, signed and was told."""
    for place, one in enumerate(stretches):
        following = stretches[place + 1].kind if place + 1 < len(stretches) else PartKind.SIGNATURE
        if one.kind in _BODY | {PartKind.RECOMMENDATION, PartKind.ADDENDUM} and following not in _BODY:
            yield from _closed(text, one, lines)
        else:
            yield one


def _closed(text: str, stretch: Stretch, lines: Sequence[Line]) -> Iterator[Stretch]:
    first = True
    for line in islice(lines, bisect_left(lines, stretch.start, key=_body_of), None):
        if line.start >= stretch.end:
            break
        if first and not any(map(str.isalnum, text[stretch.start : line.start])):
            first = False
            continue
        first = False
        if not (
            line.apart
            or text[max(0, line.start - 40) : line.start].rstrip()[-1:] in ".!?:)]"
            or text[line.body - 1 : line.body] == "["
        ):
            continue
        kind = closing_kind(text[line.start : min(line.end, stretch.end)])
        if kind is PartKind.RECOMMENDATION and (not line.apart or text[line.start : line.body].strip()):
            continue  # one of a list
        if kind is not None:
            yield replace(stretch, end=line.start)
            yield Stretch(kind, line.start, stretch.end, "closing words")
            return
    yield from _signed_at_its_end(text, stretch)


_body_of = attrgetter("body")
_SIGNED = re.compile(
    r"(?<=[.!?])[ ](?:(?:Dr|Drs|Prof)\.? |[A-Z]\. )?\[NAME\][^\n.]{0,60}(?:\.?[A-Z]\.?){0,4}\s*\Z"
)


def _signed_at_its_end(text: str, stretch: Stretch) -> Iterator[Stretch]:
    """The stretch, without a name after its last sentence."""
    first = max(stretch.start, stretch.end - 160)
    found = _SIGNED.search(text[first : stretch.end])
    if found is None or names_findings(found[0]):
        yield stretch
        return
    yield replace(stretch, end=first + found.start())
    yield Stretch(PartKind.SIGNATURE, first + found.start(), stretch.end, "a name at the end")


# --------------------------------------------------------------------------------- by their contents


def _by_contents(text: str, stretches: Sequence[Stretch], lines: Sequence[Line]) -> Iterator[Stretch]:
    """Findings that stand under no header of their own, and a comparison that opens the findings."""
    filled = [one.kind for one in stretches if any(map(str.isalnum, text[one.start : one.end]))]
    has_findings, has_comparison = PartKind.FINDINGS in filled, PartKind.COMPARISON in filled
    for one in stretches:
        made = [one]
        if not has_findings and (one.kind in _BEFORE or one.header is None and one.start == 0):
            made = _unheaded_findings(text, one, lines)
            has_findings = len(made) > 1
        for each in made:
            if each.kind is PartKind.FINDINGS and not has_comparison:
                yield from _opening_comparison(text, each)
            else:
                yield each


def _unheaded_findings(text: str, stretch: Stretch, lines: Sequence[Line]) -> list[Stretch]:
    """The stretch, cut where it begins to state findings."""
    place = _first_statement(text, stretch, lines)
    if place is None:
        return [stretch]
    before = text[stretch.start : place].rstrip(" \t")
    reason = (
        "states findings" if not before or before[-1] in "\n\r\\>" else "states findings within a paragraph"
    )
    return [replace(stretch, end=place), Stretch(PartKind.FINDINGS, place, stretch.end, reason)]


def _first_statement(text: str, stretch: Stretch, lines: Sequence[Line]) -> int | None:
    start, end = trim(text, stretch.start, stretch.end)
    within = stretch.kind in {PartKind.TECHNIQUE, PartKind.EXAM, PartKind.OTHER}
    may_begin = stretch.kind in {PartKind.EXAM, PartKind.OTHER} or "report" in _names(text, stretch)
    if (
        may_begin
        and stretch.header
        and stretch.kind is PartKind.ADMINISTRATIVE
        and states_findings(text[start:end])
    ):
        return start
    compared: int | None = None
    for place, stop, begins in sentences_of(text, start, end):
        sentence = text[place:stop]
        first = place == start and not may_begin
        if (
            begins
            and not first
            and _opens_paragraph(text, place)
            and states_findings(_paragraph(text, place, end))
        ):
            return place if compared is None else compared
        said = states(sentence) or (
            (begins or stretch.kind is PartKind.TECHNIQUE)
            and not is_technique(sentence)
            and names_findings(sentence)
        )
        if is_comparing(sentence) and begins and not first:
            compared = place
        elif (
            (begins or within or compared is not None)
            and not first
            and said
            and states_findings(text[place:end])
        ):
            return place if compared is None else compared
        else:
            compared = None
    return None


def _opens_paragraph(text: str, place: int) -> bool:
    """Whether a blank line, or nothing, stands before."""
    before = text[max(0, place - 40) : place]
    return before.count("\n") - before.rstrip().count("\n") > 1 or not before.strip()


def _paragraph(text: str, start: int, end: int) -> str:
    close = text.find("\n\n", start, end)
    return text[start : close if close >= 0 else end]


def _opening_comparison(text: str, stretch: Stretch) -> list[Stretch]:
    start, end = trim(text, stretch.start, stretch.end)
    close = comparison_sentence(text, start, end)
    if close is None:
        return [stretch]
    return [
        Stretch(PartKind.COMPARISON, start, close, "says what was compared", stretch.header),
        replace(stretch, start=close),
    ]


# ------------------------------------------------------------------------------------------ together


def _trimmed(text: str, stretches: Sequence[Stretch]) -> list[Stretch]:
    """The stretches without what surrounds their words; those without words are left out."""
    kept = []
    for one in stretches:
        start, end = trim(text, one.start, one.end)
        if start < end and (any(map(str.isalnum, text[start:end])) or "__" in text[start:end]):
            kept.append(replace(one, start=start, end=end))
    return kept


def _tiled(text: str, stretches: Sequence[Stretch]) -> tuple[Part, ...]:
    """Parts from the first character to the last; what is between contents is furniture."""
    parts: list[Part] = []
    place = 0
    for one in stretches:
        if one.start > place:
            parts.append(Part(kind=PartKind.FURNITURE, start=place, end=one.start, reason="between"))
        parts.append(Part(kind=one.kind, start=one.start, end=one.end, reason=one.reason))
        place = one.end
    if place < len(text):
        parts.append(Part(kind=PartKind.FURNITURE, start=place, end=len(text), reason="between"))
    return tuple(parts)
