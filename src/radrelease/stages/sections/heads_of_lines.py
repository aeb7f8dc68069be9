"""The header at the head of a line, in whichever form it stands.

Before a colon, alone on the line, before a dash or another separator, in capitals or as a bare word before a
sentence.
"""

from __future__ import annotations

import re
from typing import Final

from radrelease.records.sections import PartKind
from radrelease.stages.sections.alone import alone, page_mark
from radrelease.stages.sections.before_colon import before_colon, before_question_mark
from radrelease.stages.sections.before_sentence import (
    BARE_HEADERS,
    bare_at,
    capitals_at,
    holds_separator,
    separated,
)
from radrelease.stages.sections.forms import Case, Form, Header
from radrelease.stages.sections.layout import Line
from radrelease.stages.sections.names import LONGEST_HEADER, Named

__all__ = ["header_at"]

_MISREAD: Final = re.compile(r"l(?=[A-Zl]{2})")  # an I, by a scanner
_PLACEHOLDER: Final = re.compile(
    r"\[(?:NAME|DATE|ID|PHONE|PLACE|INSTITUTION|EMAIL|URL|AGE|UNKNOWN|SENTENCE|TIME|FACILITY|ADDRESS|STAFF|LOCATION)\]"
)
_OF_BARE: Final = frozenset(words[:3] for words in BARE_HEADERS)


def header_at(text: str, line: Line, case: Case) -> Header | None:
    """The header at the head of a line."""
    start, body, stop = line.start, line.body, line.end
    first, short = text[body], stop - body <= LONGEST_HEADER + 10
    if first == "?" and stop - body < LONGEST_HEADER:
        return Header(start, body, body, Form.QUESTION, Named(PartKind.INDICATION))
    framed = body > start and text[body - 1] in "(["
    if not first.isalpha() or (framed and _PLACEHOLDER.match(text, body - 1)):
        return None
    end = min(stop, body + 3 * LONGEST_HEADER)
    header = (
        (page_mark(text, line) if short and first in "oOpPcCrR" else None)
        or (before_colon(text, line, end, case) if text.find(":", body, end) >= 0 else None)
        or (before_question_mark(text, line, end) if first in "wW" else None)
        or (alone(text, line) if short else None)
    )
    if header is not None or not (first.isupper() or framed or _MISREAD.match(text, body)):
        return header
    return (
        (separated(text, line, end) if holds_separator(text, body, min(end, body + 60)) else None)
        or (capitals_at(text, line, end, case) if text[body + 1 : body + 2].isupper() else None)
        or (bare_at(text, line) if text[body : body + 3].lower() in _OF_BARE else None)
    )
