"""What stands under each header, and what only the place of a header tells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, zip_longest
from typing import Final

from radrelease.records.sections import PartKind
from radrelease.stages.sections.contents import names_findings, states_findings
from radrelease.stages.sections.forms import PAGES, Form, Header
from radrelease.stages.sections.layout import has_words
from radrelease.stages.sections.names import Named, is_title
from radrelease.stages.sections.stretches import BODY, PUBLISHED, Stretch

__all__ = [
    "BEFORE_BODY",
    "PAGE_BREAK",
    "READING_ALONE",
    "by_place",
    "header_words",
    "under_headers",
    "without_preliminary",
]

_OPENING: Final = frozenset({PartKind.EXAM, PartKind.TECHNIQUE, PartKind.COMPARISON, PartKind.INDICATION})
BEFORE_BODY: Final = _OPENING | {PartKind.ADMINISTRATIVE}
"""Parts under which findings may stand without a header of their own."""
PAGE_BREAK: Final = "page break"
READING_ALONE: Final = "a reading that no findings stand beside"


def under_headers(text: str, headers: Sequence[Header]) -> list[Stretch]:
    """What stands under each header; sub-headers and titles within findings begin nothing new."""
    first = headers[0].start if headers else len(text)
    stretches = [Stretch(PartKind.OTHER, 0, first, "before any header")]
    has_findings = any(one.named and one.named.kind is PartKind.FINDINGS for one in headers)
    for header, following in zip_longest(headers, headers[1:]):
        end = following.start if following else len(text)
        made = _under(text, header, end, following, stretches, has_findings=has_findings)
        if made is None:
            stretches[-1] = stretches[-1].changed(end=end)
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
    last = before[-1].kind
    if header.form in PAGES:
        return _at_page(header, end, before)
    if header.named is not None:
        return _under_name(text, header, header.named, end, before[-1])
    if header.title:
        return _under_title(text, header, end, following, last, has_findings=has_findings)
    if header.organ:
        heads = not has_findings and last not in BODY
        return (
            Stretch(PartKind.FINDINGS, header.word, end, "sub-header of findings", header) if heads else None
        )
    return (
        None
        if _goes_on(text, header, end, last)
        else Stretch(PartKind.OTHER, header.word, end, "unknown header", header)
    )


def _under_name(text: str, header: Header, named: Named, end: int, last: Stretch) -> Stretch | None:
    if _is_first_of_indication(text, header, named, last):
        return None
    if header.form in _UNMARKED and last.header is not None and named.kind is last.kind in PUBLISHED:
        return None  # "HISTORY: Cough. HISTORY of asthma"
    slight = not named.sure and named.kind not in PUBLISHED and last.kind in BODY
    if slight and names_findings(text[header.end : end]):
        return None
    return Stretch(named.kind, header.end, end, _HEADED[header.form], header)


_HEADED: Final = {form: f"header: {form}" for form in Form}
_UNMARKED: Final = frozenset({Form.CAPITALS, Form.INLINE_CAPITALS, Form.BARE})


def _is_first_of_indication(text: str, header: Header, named: Named, last: Stretch) -> bool:
    """Whether an indication begins with a label or is one: "MRN [ID]: asthma", "Routine medical exam"."""
    if last.kind is not PartKind.INDICATION or has_words(text, last.start, header.start):
        return False
    if text.count("\n", last.start, header.start) > 1:
        return False  # nothing stands under the indication
    exam = named.kind is PartKind.EXAM and header.form is Form.ALONE
    return exam or named.kind is PartKind.ADMINISTRATIVE


def _goes_on(text: str, header: Header, end: int, last: PartKind) -> bool:
    """Whether an unknown header is a sub-header of the findings or impression it stands in."""
    if last is PartKind.FINDINGS and header.form is not Form.LIKENESS:
        return True
    return last in BODY and names_findings(text[header.word : end])


def _at_page(header: Header, end: int, before: Sequence[Stretch]) -> Stretch:
    if header.form is Form.PAGE:
        return Stretch(PartKind.ADMINISTRATIVE, header.word, end, PAGE_BREAK, header)
    breaks = (place for place in range(len(before) - 1, 0, -1) if before[place].reason == PAGE_BREAK)
    place = next(breaks, None)
    kind = before[-1].kind if place is None else before[place - 1].kind
    return Stretch(kind, header.end, end, "continued", header)


def _under_title(
    text: str, header: Header, end: int, following: Header | None, last: PartKind, *, has_findings: bool
) -> Stretch | None:
    """Under a title findings may stand; after findings it is a sub-header, unless a new exam begins."""
    if not has_findings and header.form is Form.COLON and states_findings(text[header.end : end]):
        return Stretch(PartKind.FINDINGS, header.end, end, "title that heads findings", header)
    begins = following is not None and following.named is not None and following.named.kind not in _LAST
    listed = text[header.start : header.word].strip(" \t.)").isdigit()
    if last in BODY and (listed or not (last is PartKind.IMPRESSION and begins)):
        return None
    return Stretch(PartKind.EXAM, header.word, end, "title", header)


_LAST: Final = frozenset({PartKind.IMPRESSION, PartKind.SIGNATURE})


def without_preliminary(stretches: Sequence[Stretch]) -> list[Stretch]:
    """The stretches of a reading that a final one follows are part of the preliminary read."""
    preliminary = [place for place, one in enumerate(stretches) if one.kind is PartKind.PRELIMINARY]
    if not preliminary:
        return list(stretches)
    first, final = preliminary[0], _final_reading(stretches, preliminary)
    return [
        one.changed(kind=PartKind.PRELIMINARY, reason="preliminary") if first <= place < final else one
        for place, one in enumerate(stretches)
    ]


def _final_reading(stretches: Sequence[Stretch], preliminary: Sequence[int]) -> int:
    """The place of the stretch at which the final reading begins."""
    first, last = preliminary[0], preliminary[-1]
    if last > first and any(one.kind in BODY for one in stretches[last:]):
        return last + 1
    bodies = [place for place in range(first + 1, len(stretches)) if stretches[place].kind in BODY]
    read = next((place for place in bodies if stretches[place].kind is PartKind.IMPRESSION), None)
    if read is None or bodies[-1] <= read:
        return first + 1
    kinds = BODY | _OPENING
    return next(place for place in range(read + 1, len(stretches)) if stretches[place].kind in kinds)


# ------------------------------------------------------------------------------------- by their place


def by_place(text: str, stretches: Sequence[Stretch]) -> Iterator[Stretch]:
    """The stretches, of which some are something else than their header says where it stands."""
    filled = [one for one in stretches if one.header is not None and has_words(text, one.start, one.end)]
    kinds: dict[PartKind, int] = defaultdict(int)
    for one in filled:
        kinds[one.kind] += 1
    first_body = min((one.start for one in filled if one.kind in BODY), default=len(text))
    for place, one in enumerate(stretches):
        moved: Stretch | None = None
        if one.kind is PartKind.OTHER:
            moved = _comment(one, kinds) or _unknown_findings(text, one, kinds)
        elif one.kind is PartKind.IMPRESSION:
            moved = _reading(text, one, kinds) if not kinds[PartKind.FINDINGS] else None
            if moved is None and kinds[one.kind] > 1:
                moved = _early_diagnosis(text, one, first_body) or _unsure_beside_sure(one, kinds)
        elif one.kind is PartKind.FINDINGS:
            moved = _report_above(text, place, stretches, kinds) or _unsure_beside_sure(one, kinds)
        yield moved or one


def _comment(one: Stretch, kinds: Mapping[PartKind, int]) -> Stretch | None:
    """A comment is the impression where there is no other."""
    comment = one.header is not None and one.header.named is not None and one.header.named.comment
    if comment and not kinds[PartKind.IMPRESSION] and kinds[PartKind.FINDINGS]:
        return one.changed(kind=PartKind.IMPRESSION, reason="comment in place of an impression")
    return None


def _reading(text: str, one: Stretch, kinds: Mapping[PartKind, int]) -> Stretch | None:
    """An interpretation is the findings where nothing else is; a summary, where an impression follows."""
    words = header_words(text, one)
    if words.startswith(("interpretation", "reading")) or (
        words.startswith("summary") and kinds[PartKind.IMPRESSION] > 1
    ):
        return one.changed(
            kind=PartKind.FINDINGS,
            reason=READING_ALONE if kinds[one.kind] < 2 else "reading beside an impression",
        )
    return None


def _early_diagnosis(text: str, one: Stretch, first_body: int) -> Stretch | None:
    """A diagnosis before the findings is that of the referrer."""
    if one.start <= first_body and header_words(text, one) in {"diagnosis", "dx", "diagnoses"}:
        return one.changed(kind=PartKind.INDICATION, reason="diagnosis before the findings")
    return None


def _report_above(
    text: str, place: int, stretches: Sequence[Stretch], kinds: Mapping[PartKind, int]
) -> Stretch | None:
    """What is headed "report", and stands above other headers, is a title."""
    one = stretches[place]
    if header_words(text, one).startswith(("finding", "observation")):
        return None
    content = text[one.start : one.end].strip()
    titled = kinds[PartKind.FINDINGS] > 1 and is_title(content.partition("(")[0].strip())
    if titled or (_comes_before_parts(place, stretches) and not states_findings(content)):
        return one.changed(kind=PartKind.EXAM, start=one.header_start, reason="report above its parts")
    return None


def _unsure_beside_sure(one: Stretch, kinds: Mapping[PartKind, int]) -> Stretch | None:
    unsure = one.header is not None and one.header.named is not None and not one.header.named.sure
    if unsure and kinds[one.kind] > 1:
        return one.changed(kind=PartKind.OTHER, start=one.header_start, reason="unsure beside a sure header")
    return None


def _unknown_findings(text: str, one: Stretch, kinds: Mapping[PartKind, int]) -> Stretch | None:
    if one.header is None or not one.header.unknown or kinds[PartKind.FINDINGS]:
        return None
    if states_findings(text[one.header.end : one.end]):
        return one.changed(
            kind=PartKind.FINDINGS, start=one.header.end, reason="unknown header that heads findings"
        )
    return None


def _comes_before_parts(place: int, stretches: Sequence[Stretch]) -> bool:
    """Whether the next part with a header is one that stands before findings, or findings."""
    following = islice(stretches, place + 1, None)
    kind = next((later.kind for later in following if later.header and later.kind not in _PASSED), None)
    return kind in BEFORE_BODY or kind is PartKind.FINDINGS


_PASSED: Final = frozenset({PartKind.ADMINISTRATIVE, PartKind.OTHER, PartKind.SIGNATURE})


def header_words(text: str, stretch: Stretch) -> str:
    """The words of the stretch's header, in small letters; "" where it has none."""
    header = stretch.header
    return text[header.word : header.end].strip(" \t\r\n:*_-.#=|").lower() if header else ""
