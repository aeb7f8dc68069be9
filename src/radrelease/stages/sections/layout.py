r"""The lines of a report, whatever its line breaks and mark-up, and what decorates them.

A line ends at a line feed, a carriage return, a form feed, ``\par`` of RTF, the HL7 escape
``\.br\`` (HL7 v2.5.1 section 2.7) or a block tag of HTML. Every expression is bounded, so that each is linear
in the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["BREAK", "LEAD", "TAG", "Line", "has_words", "lines_of", "trim"]

_BLOCK_TAGS = "br|p|div|li|ul|ol|table|tr|td|th|h[1-6]|section|title|text|caption|paragraph|item|list"
_MARK_TAGS = "b|i|u|em|strong|span|font|sub|sup|big|code|content"
BREAK = (
    r"(?:~[ ]{0,2}(?=[A-Z])|\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]|\\\.(?:br|sp|ce|in|ti)[+\-0-9]{0,4}\\"
    r"|\\pard?(?![a-z])"
    rf"|</?(?i:{_BLOCK_TAGS})(?:\s[^<>\n]{{0,80}})?/?>)"
)
"""One line break."""

TAG = (
    rf"</?(?i:{_MARK_TAGS})(?:\s[^<>\n]{{0,60}})?/?>|\\[A-Z]\\|&nbsp;"
    r"|\\(?:b|i|ul|f|fs|cf|q[lrcj]|tx)\d{0,4}(?![a-z])"
)
"""Mark-up within a line: of HTML, of RTF, or an HL7 highlight."""

LEAD = (
    r"(?:OBX\|(?:[^|\n]{0,80}\|){4}|NTE\|(?:[^|\n]{0,80}\|){2})?"
    rf"(?:{TAG}|[ \t\xa0>*#_|\u2022\u00b7=~+\-\u2013\u2014\[{{(<\"']){{0,24}}"
    r"(?:\(?(?:\d{1,2}|[IVX]{1,4}|[ivx]{1,4}|[A-Ha-h])[.)\]:][ \t]{1,4}(?:\*{1,3}|_{1,3})?)?"
)
"""What may stand before the words of a line: HL7 fields, blanks, rules, bullets, marks, a number."""

_RULE_SIGNS = r"[-=*~#+.\u2013\u2014 \t]"
_BREAKS = re.compile(rf"{BREAK}(?:[ \t\xa0]|{BREAK})*")
_ONE_BREAK = re.compile(BREAK)
_LEAD = re.compile(LEAD)
_BLANK = re.compile(rf"(?:\s|\xa0|~|:(?=\s)|>{{1,3}}(?=\s)|{TAG}|{BREAK})*")
_RULE = re.compile(rf"(?:{_RULE_SIGNS}{{3,400}}|_{{8,400}}[ \t]{{0,9}})(?={BREAK}|\Z)")
_TAIL = re.compile(rf"(?:{TAG}|{BREAK}|</[A-Za-z][A-Za-z0-9]{{0,15}}>|\s(?:/{{2,3}}|-{{2,3}}))\Z")
_LAST_RULE = re.compile(rf"{BREAK}(?:[|>]|{_RULE_SIGNS}){{1,200}}\Z|{BREAK}[ \t]{{0,80}}_{{8,200}}\Z")
_FIELDS = re.compile(r"(?:\s\||\|{2,9}[^|\n]{0,6}(?:\|[^|\n]{0,20}){0,9})\Z")  # those that end an OBX segment
_TAILS = (
    (_TAIL, frozenset(">\\/-;0123456789bdifluqlrcj;")),
    (_LAST_RULE, frozenset("|>-=*~#+.\u2013\u2014_")),
    (_FIELDS, frozenset("|ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")),
)
"""What may end a stretch without being of it, and by which last sign it is told."""

_LONGEST_TAIL = 240
_MOST_TAILS = 16  # one after the other; a text of nothing else would take long
_BLANKS = "".join(sign for sign in map(chr, range(0x3001)) if sign.isspace()) + "~"


@dataclass(frozen=True, slots=True)
class Line:
    """Characters ``start`` to ``end`` of a text, its first word at ``body``; ``apart`` after a blank line."""

    start: int
    body: int
    end: int
    apart: bool


def lines_of(text: str) -> list[Line]:
    """The lines that hold more than decoration."""
    lines: list[Line] = []
    start, apart = 0, True
    for found in _BREAKS.finditer(text):
        line = _line(text, start, found.start(), apart=apart)
        if line is not None:
            lines.append(line)
        apart = line is None or len(_ONE_BREAK.findall(found[0], 0, 40)) > 1
        start = found.end()
    line = _line(text, start, len(text), apart=apart)
    return lines if line is None else [*lines, line]


def _line(text: str, start: int, end: int, *, apart: bool) -> Line | None:
    """The line, or None where it is decoration alone."""
    lead = _LEAD.match(text, start, end)
    body = lead.end() if lead else start
    if body < end and has_words(text[body : min(end, body + 200)]):
        return Line(start, body, end, apart)
    return Line(start, start, end, apart) if has_words(text[start:end]) else None


def has_words(text: str) -> bool:
    """Whether a letter or a digit stands in the text."""
    return any(map(str.isalnum, text))


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The stretch without the blanks, rules, tags and line breaks around it."""
    while start < end:
        blank = _BLANK.match(text, start, end)
        start = blank.end() if blank else start
        rule = _RULE.match(text, start, end)
        if rule is None:
            break
        start = rule.end()
    for _ in range(_MOST_TAILS):
        if end <= start:
            break
        before, first = end, max(start, end - _LONGEST_TAIL)
        end = first + len(text[first:end].rstrip(_BLANKS))
        if end > start and (text[end - 1] not in ".)]" or "|" in text[max(start, end - 60) : end]):
            end = _without_tail(text, start, end)
        if end == before:
            break
    return start, max(start, end)


def _without_tail(text: str, start: int, end: int) -> int:
    """Where the stretch ends without its last tag, line break or rule."""
    first = max(start, end - _LONGEST_TAIL)
    tail = text[first:end]
    for expression, last in _TAILS:
        if tail[-1] in last:
            found = expression.search(tail)
            if found is not None:
                return first + found.start()
    return end
