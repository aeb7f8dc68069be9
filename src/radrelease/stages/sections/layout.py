r"""The lines of a report, whatever its line breaks and mark-up, and what decorates them.

A line ends at a line feed, a carriage return, a form feed, ``\par`` of RTF, the HL7 escape
``\.br\`` (HL7 v2.5.1 section 2.7) or a block tag of HTML. Every expression is bounded, so that each is linear
in the text.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = [
    "BREAK",
    "LEAD",
    "MOST_WORDS",
    "TAG",
    "Line",
    "follows_end",
    "has_words",
    "lines_of",
    "trim",
]

MOST_WORDS: Final = 6
"""Of what may be a header that no list holds."""


_BLOCK_TAGS: Final = "br|p|div|li|ul|ol|table|tr|td|th|h[1-6]|section|title|text|caption|paragraph|item|list"
_MARK_TAGS: Final = "b|i|u|em|strong|span|font|sub|sup|big|code|content"
BREAK: Final = (
    r"(?:~[ ]{0,2}(?=[A-Z])|\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]|\\\.(?:br|sp|ce|in|ti)[+\-0-9]{0,4}\\"
    r"|\\pard?(?![a-z])"
    rf"|</?(?i:{_BLOCK_TAGS})(?:\s[^<>\n]{{0,80}})?/?>)"
)
"""One line break."""

TAG: Final = (
    rf"</?(?i:{_MARK_TAGS})(?:\s[^<>\n]{{0,60}})?/?>|\\[A-Z]\\|&nbsp;"
    r"|\\(?:b|i|ul|f|fs|cf|q[lrcj]|tx)\d{0,4}(?![a-z])"
)
"""Mark-up within a line: of HTML, of RTF, or an HL7 highlight."""

LEAD: Final = (
    r"(?:OBX\|(?:[^|\n]{0,80}\|){4}|NTE\|(?:[^|\n]{0,80}\|){2})?"
    rf"(?:{TAG}|[ \t\xa0>*#_|\u2022\u00b7=~+\-\u2013\u2014\[{{(<\"']){{0,24}}"
    r"(?:\(?(?:\d{1,2}|[IVX]{1,4}|[ivx]{1,4}|[A-Ha-h])[.)\]:][ \t]{1,4}(?:\*{1,3}|_{1,3})?)?"
)
"""What may stand before the words of a line: HL7 fields, blanks, rules, bullets, marks, a number."""

_RULE_SIGNS: Final = r"[-=*~#+.\u2013\u2014 \t]"
_BREAKS: Final = re.compile(rf"{BREAK}(?:[ \t\xa0]|{BREAK})*")
_ONE_BREAK: Final = re.compile(BREAK)
_RARE_BREAKS: Final = "~\r\x0b\x0c\x85\u2028\u2029\\<"
"""With what any break begins but a line feed."""
_LINE_FEEDS: Final = re.compile(r"\n[ \t\xa0\n]*")
_LEAD: Final = re.compile(LEAD)
_UNLED: Final = re.compile(r"[A-Za-z]{5}|[A-Za-z]{1,4}[ ,/]")  # no letters of a list, and no HL7 segment
_WORDS: Final = re.compile(r"[^\W_]")
_BLANK: Final = re.compile(rf"(?:\s|\xa0|~|:(?=\s)|>{{1,3}}(?=\s)|{TAG}|{BREAK})*")
_RULE: Final = re.compile(rf"(?:{_RULE_SIGNS}{{3,400}}|_{{8,400}}[ \t]{{0,9}})(?={BREAK}|\Z)")
_TAIL: Final = re.compile(rf"(?:{TAG}|{BREAK}|</[A-Za-z][A-Za-z0-9]{{0,15}}>|\s(?:/{{2,3}}|-{{2,3}}))\Z")
_LAST_RULE: Final = re.compile(rf"{BREAK}(?:[|>]|{_RULE_SIGNS}){{1,200}}\Z|{BREAK}[ \t]{{0,80}}_{{8,200}}\Z")
_FIELDS: Final = re.compile(r"(?:\s\||\|{2,9}[^|\n]{0,6}(?:\|[^|\n]{0,20}){0,9})\Z")
"""Fields that end an OBX segment."""
_TAILS: Final = (
    (_TAIL, frozenset(">\\/-;0123456789bdifluqlrcj;")),
    (_LAST_RULE, frozenset("|>-=*~#+.\u2013\u2014_")),
    (_FIELDS, frozenset("|ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")),
)
"""What may end a stretch without being of it, and by which last sign it is told."""

_LONGEST_TAIL: Final = 240
_MOST_TAILS: Final = 16  # one after the other; a text of nothing else would take long
_BLANKS: Final = "".join(sign for sign in map(chr, range(0x3001)) if sign.isspace()) + "~"
_DECORATION: Final = frozenset("~:></\\&-=*#+._\u2013\u2014" + _BLANKS)
"""With what anything begins that :func:`trim` takes away."""


class Line:
    """Characters ``start`` to ``end`` of a text, its first word at ``body``; ``apart`` after a blank line."""

    __slots__ = ("apart", "body", "end", "start")

    def __init__(self, start: int, body: int, end: int, *, apart: bool) -> None:
        self.start = start
        self.body = body
        self.end = end
        self.apart = apart


def lines_of(text: str) -> list[Line]:
    """The lines that hold more than decoration."""
    lines: list[Line] = []
    start, apart = 0, True
    plain = not any(sign in text for sign in _RARE_BREAKS)
    for found in (_LINE_FEEDS if plain else _BREAKS).finditer(text):
        end, following = found.span()
        if _UNLED.match(text, start, end):
            line: Line | None = Line(start, start, end, apart=apart)
        else:
            line = _line(text, start, end, apart=apart)
        if line is not None:
            lines.append(line)
        start = following
        apart = line is None or (
            following > end + 1
            and (found[0].count("\n", 0, 40) if plain else len(_ONE_BREAK.findall(found[0], 0, 40))) > 1
        )
    line = _line(text, start, len(text), apart=apart)
    return lines if line is None else [*lines, line]


def _line(text: str, start: int, end: int, *, apart: bool) -> Line | None:
    """The line, or None where it is decoration alone."""
    if _UNLED.match(text, start, end):
        return Line(start, start, end, apart=apart)
    lead = _LEAD.match(text, start, end)
    body = lead.end() if lead else start
    if body < end and _WORDS.search(text, body, min(end, body + 200)):
        return Line(start, body, end, apart=apart)
    return Line(start, start, end, apart=apart) if _WORDS.search(text, start, end) else None


def has_words(text: str, start: int, end: int) -> bool:
    """Whether a letter or a digit stands in the stretch."""
    return start < end and (text[start].isalnum() or _WORDS.search(text, start, end) is not None)


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The stretch without the blanks, rules, tags and line breaks around it."""
    start = end - len(text[start:end].lstrip(_BLANKS))
    if start < end and text[start] in _DECORATION:
        start = _without_front(text, start, end)
    for _ in range(_MOST_TAILS):
        first = max(start, end - _LONGEST_TAIL)
        end = first + len(text[first:end].rstrip(_BLANKS))
        if end <= start or _ends_plainly(text, start, end):
            break
        close = _without_tail(text, start, end)
        if close == end:
            break
        end = close
    return start, max(start, end)


def _ends_plainly(text: str, start: int, end: int) -> bool:
    """Whether the stretch ends in a word or a sentence, and near it stands nothing of a tail that ends so."""
    last = text[end - 1]
    if last in ".)]":
        return text.find("|", max(start, end - 60), end) < 0
    tail = text[max(start, end - _LONGEST_TAIL) : end]
    return last.isalnum() and "|" not in tail and "\\" not in tail


def _without_front(text: str, start: int, end: int) -> int:
    """Where the stretch begins without the rules and tags before it."""
    while start < end:
        blank = _BLANK.match(text, start, end)
        start = blank.end() if blank else start
        rule = _RULE.match(text, start, end)
        if rule is None:
            break
        start = rule.end()
    return start


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


def follows_end(text: str, line: Line) -> bool:
    """Whether a sentence, a header or a tag ends before the line."""
    return text[max(0, line.start - 40) : line.start].rstrip()[-1:] in ".:?!>"
