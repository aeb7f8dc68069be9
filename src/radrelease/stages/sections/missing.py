"""Where a section that is missing may stand unseen.

A report has an indication, a comparison, findings and an impression as a rule. Where one is missing, whatever
is not published may hold it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from radrelease.records.sections import Doubt, PartKind
from radrelease.stages.sections.contents import is_technique, names_findings
from radrelease.stages.sections.forms import Form
from radrelease.stages.sections.layout import BREAK
from radrelease.stages.sections.names import is_title
from radrelease.stages.sections.odd import INTRODUCTION, LOOKED_AT, UNREAD, begins_anew, holds_lines
from radrelease.stages.sections.stretches import BODY, Stretch

__all__ = ["doubts_of_missing"]

_UNNAMED: Final = frozenset({PartKind.EXAM, PartKind.OTHER, PartKind.TECHNIQUE, PartKind.ADMINISTRATIVE})


def doubts_of_missing(text: str, stretches: Sequence[Stretch]) -> Iterator[Doubt]:
    """The doubts about a report without one of the four sections."""
    kinds = {one.kind for one in stretches}
    if PartKind.INDICATION not in kinds and _may_hold_indication(text, stretches):
        yield Doubt.UNHEADED_TEXT
    if PartKind.COMPARISON not in kinds and any(_says_nothing(text, one) for one in stretches):
        yield Doubt.UNSURE_HEADER
    if PartKind.FINDINGS not in kinds and any(_may_hold_findings(text, one) for one in stretches):
        yield Doubt.UNHEADED_TEXT
    if PartKind.IMPRESSION not in kinds and any(_may_hold_impression(text, one) for one in stretches):
        yield Doubt.UNHEADED_TEXT
    if not kinds >= BODY and any(
        names_findings(text[one.start : one.end]) for one in stretches if one.kind in UNREAD
    ):
        yield Doubt.ODD_CONTENT


def _may_hold_impression(text: str, one: Stretch) -> bool:
    """Whether findings that an impression should follow have several lines, of which the last may be one."""
    merged = one.header is not None and one.header.named is not None and one.header.named.merged
    return one.kind is PartKind.FINDINGS and not merged and holds_lines(text[one.start : one.end])


def _may_hold_findings(text: str, one: Stretch) -> bool:
    """Whether words stand after the colon of a title, or a paragraph after a technique."""
    if one.kind is PartKind.TECHNIQUE:
        return begins_anew(text[one.start : one.end])
    header = one.header
    return header is not None and header.title and header.form is Form.COLON and one.end > header.end


def _says_nothing(text: str, one: Stretch) -> bool:
    """Whether what stands under another header is what stands under that of a comparison."""
    return one.kind in INTRODUCTION and text[one.start : one.end].lower().strip(".") in _NOTHING


_NOTHING: Final = frozenset({"none", "nil", "none available", "no prior", "no priors", "no comparison"})


# ------------------------------------------------------------------------------------- an indication


def _may_hold_indication(text: str, stretches: Sequence[Stretch]) -> bool:
    first = min((one.start for one in stretches if one.kind in BODY), default=len(text))
    return any(
        _holds_more(text[one.start : one.end], one.kind) or _is_odd_exam(text, one)
        for one in stretches
        if one.kind in _UNNAMED and (one.start < first or one.kind is not PartKind.ADMINISTRATIVE)
    )


def _holds_more(content: str, kind: PartKind) -> bool:
    """Whether several lines stand under what has one as a rule, so that an indication may hide there."""
    apart = False
    for line in _LINE_ENDS.split(content[:LOOKED_AT])[1:]:
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


_FEW_WORDS: Final = 2
_LINE_ENDS: Final = re.compile(rf"\n|{BREAK}")
_OF_OFFICE: Final = re.compile(r"\[[A-Z]+\]|#|:")
