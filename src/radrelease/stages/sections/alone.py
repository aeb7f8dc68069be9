"""Headers alone on their lines, lines that stand as such headers do, and marks of pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Final

from radrelease.records.sections import PartKind
from radrelease.stages.sections.forms import Form, Header
from radrelease.stages.sections.layout import BREAK, MOST_WORDS, Line, follows_end
from radrelease.stages.sections.names import Named, is_organ, is_title, name_of

__all__ = ["alone", "headers_by_likeness", "page_mark"]

_TAILS: Final = " \t*_=#-\u2013\u2014:.])}>|~\"'<"
_TAILS_BUT_PARENTHESES: Final = _TAILS.replace(")", "")
_CLOSING_TAG: Final = re.compile(r"(?:</[a-zA-Z][a-zA-Z0-9]{0,9}>|\\[A-Z]\\)\s*")
_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z '\u2019/&().+,#\-]+")
_BRACKETED: Final = re.compile(r"[A-Z][A-Za-z ]{2,60} \[[A-Z][a-z]{3,20}\]")
"""As LOINC names the parts of a report."""

_FRAME: Final = r"(?:\*{2}|={2}|-{2}|#{2})[*=\-#]*"
_FRAMED: Final = re.compile(rf"[ \t]*{_FRAME}[ \t]*[A-Za-z][A-Za-z '/&\-]{{2,40}}[ \t]*{_FRAME}[ \t]*\Z")
_DATED: Final = re.compile(
    r"(?P<name>[A-Za-z][A-Za-z /&#]{2,40}?)[ \t]*+(?:\([^()]{0,40}\))?+(?:[ \t,:#\-]++(?<!#)\Z|[ \t,:#\-]*+"
    r"(?:\[[A-Z]+\]|XXXX|[\d/:.,\-\s]|\b(?:at|on|am|pm|hours|hrs)\b){1,24}+\Z)",
    re.IGNORECASE,
)
_ENDS_OF_DATES: Final = frozenset("]Xx/:.,- \xa0")
_WORDS_OF_DATES: Final = ("at", "on", "am", "pm", "hours", "hrs")
_DATED_KINDS: Final = frozenset(
    {PartKind.ADDENDUM, PartKind.PRELIMINARY, PartKind.ADMINISTRATIVE, PartKind.SIGNATURE, PartKind.EXAM}
)

_PAGE: Final = re.compile(
    r"[(<\[]?\s*(?:(?P<end>over|page \d{1,3}(?: ?(?:of|/) ?\d{1,3})?(?:\s{2,40}[^\n]{0,30})?"
    r"|continued on next page)"
    r"|(?:report )?cont(?:inued|'d|\.|d)?|continued from (?:previous )?page(?: \d{1,3})?)\s*[)>\]]?\Z",
    re.IGNORECASE,
)
_OF_PAGES: Final = frozenset({"over", "page", "cont", "repo"})
"""How the words of :data:`_PAGE` begin."""

_UNDERLINE: Final = re.compile(
    rf"[ \t]*{BREAK}[ \t]*(?:-{{4,200}}|={{4,200}}|_{{4,200}}|~{{4,200}}|\*{{4,200}})[ \t]*(?:{BREAK}|\Z)"
)
_ENDS_OF_SENTENCES: Final = frozenset(".,;?!")


def alone(text: str, line: Line) -> Header | None:
    """The header that the whole line is."""
    whole = text[line.body : line.end].rstrip()
    tagged = "<" in whole or "\\" in whole
    stops = whole.endswith(".")
    if stops and not tagged and not whole.isupper():
        return None  # a sentence, as most lines are
    phrase = _CLOSING_TAG.sub("", whole) if tagged else whole
    bracketed = _BRACKETED.fullmatch(phrase) is not None
    if not bracketed:
        phrase = phrase.rstrip(_TAILS_BUT_PARENTHESES if "(" in phrase else _TAILS)
    if not phrase or " - " in phrase or "__" in whole or (stops and not phrase.isupper()):
        return None
    if stops and not line.apart and not follows_end(text, line):
        return None  # the last words of a sentence in capitals
    if phrase[0].isupper() or _FRAMED.match(text, line.start, line.end):
        plain = bracketed or _PLAIN.fullmatch(phrase)
        named = (name_of(phrase) if plain else None) or _named_with_date(phrase)
        if named is not None and named.sure:
            return Header(line.start, line.end, line.body, Form.ALONE, named)
    title = len(phrase) > 3 and is_title(phrase)
    organ = is_organ(phrase) and phrase[0].isupper() and not stops
    return (
        Header(line.start, line.end, line.body, Form.ALONE, title=title, organ=organ)
        if title or organ
        else None
    )


def _named_with_date(phrase: str) -> Named | None:
    """What a header heads that a date, a time or a placeholder follows on its line."""
    if not (phrase[-1] in _ENDS_OF_DATES or phrase[-1].isdigit() or phrase.lower().endswith(_WORDS_OF_DATES)):
        return None
    found = _DATED.match(phrase)
    named = name_of(found["name"]) if found else None
    return named if named is not None and named.kind in _DATED_KINDS else None


def page_mark(text: str, line: Line) -> Header | None:
    """Where a page ends, or the next goes on."""
    if text[line.body : line.body + 4].lower() not in _OF_PAGES:
        return None
    found = _PAGE.match(text[line.start : line.end].strip(" \t-*_"))
    if found is None:
        return None
    return Header(line.start, line.end, line.body, Form.PAGE if found["end"] else Form.NEXT_PAGE)


def headers_by_likeness(text: str, lines: Sequence[Line], found: Sequence[Header]) -> Iterator[Header]:
    """Short lines that are framed, underlined, or stand as the headers do that are alone on theirs."""
    alone = [one for one in found if one.form is Form.ALONE and one.named and one.named.kind.section]
    shouted = sum(text[one.word : one.end].isupper() for one in alone) * 2 > len(alone)
    known = {one.word: one for one in found}
    before = False  # whether the line before is a header
    for line, following in zip_longest(lines, lines[1:]):
        is_known = line.body in known
        if (
            not is_known
            and text[line.end - 1] not in _ENDS_OF_SENTENCES
            and _is_short(phrase := text[line.body : line.end].strip(_TAILS), text[line.body : line.end])
        ):
            spaced = line.apart and following is not None and not following.apart
            alike = (
                len(alone) > 1 and spaced and (phrase.isupper() or not shouted) and _PLAIN.fullmatch(phrase)
            )
            underlined = not before and following is not None and _UNDERLINE.match(text, line.end)
            if alike or underlined or _FRAMED.match(text, line.start, line.end):
                yield Header(line.start, line.end, line.body, Form.LIKENESS, name_of(phrase))
        before = is_known and known[line.body].end >= line.end


def _is_short(phrase: str, line: str) -> bool:
    """Whether a line may be a header by its length, its first letter and its end."""
    if not 2 < len(phrase) <= 40 or not phrase[0].isupper():
        return False
    return len(phrase.split()) < MOST_WORDS and line.rstrip()[-1] not in _ENDS_OF_SENTENCES
