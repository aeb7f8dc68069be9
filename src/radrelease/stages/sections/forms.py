"""The forms in which a header stands at the head of a line.

Before a colon, alone on the line, before a dash or another separator, in capitals or as a bare word before a
sentence; and lines that are no known header and stand as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import zip_longest
from typing import Final

from radrelease.profiles.section_rules import load_section_rules
from radrelease.section_records import PartKind
from radrelease.stages.sections.layout import BREAK, Line
from radrelease.stages.sections.names import LONGEST_HEADER, Named, is_organ, is_title, name_of

__all__ = [
    "AFTER_COLON",
    "BARE",
    "BARE_HEADERS",
    "CAPITALS",
    "PAGES",
    "Case",
    "Form",
    "Header",
    "bare_header",
    "header_at",
    "headers_by_likeness",
    "in_capitals",
]


class Form(StrEnum):
    """How a header shows that it is one."""

    OWN = "of its source"
    COLON = "before a colon"
    ALONE = "alone on its line"
    SEPARATED = "before a dash or the like"
    CAPITALS = "in capitals"
    INLINE = "within a line, before a colon"
    INLINE_CAPITALS = "within a line, in capitals"
    BARE = "a bare word"
    SPOKEN = "spoken"
    LIKENESS = "a line like those of headers"
    QUESTION = "a question"
    ENDER = "words that end a report"
    PAGE = "a page ends"
    NEXT_PAGE = "the report goes on"


class Case(StrEnum):
    """Which letters a report is written in."""

    MIXED = "mixed"
    CAPITALS = "capitals"
    SMALL = "small"


class Header:
    """A header from ``start`` (decoration included) to ``end`` (where its content begins).

    ``named`` is None for the title of an examination, a sub-header of findings, and what is not known.
    """

    __slots__ = ("end", "form", "named", "organ", "start", "title", "word")

    def __init__(
        self,
        start: int,
        end: int,
        word: int,  # where its first word begins
        form: Form,
        named: Named | None = None,
        *,
        title: bool = False,
        organ: bool = False,
    ) -> None:
        self.start = start
        self.end = end
        self.word = word
        self.form = form
        self.named = named
        self.title = title
        self.organ = organ

    @property
    def unknown(self) -> bool:
        """Whether nothing is known of it but its form."""
        return self.named is None and not (self.title or self.organ or self.form in PAGES)


PAGES: Final = frozenset({Form.PAGE, Form.NEXT_PAGE})
_CLOSE: Final = r"[\s*_\]\)}>\"']{0,4}(?:</[a-zA-Z][a-zA-Z0-9]{0,9}>|\\[A-Z]\\){0,2}"
AFTER_COLON: Final = re.compile(
    r"(?:[ \t]?:|-(?=\s|$)(?<=:-)|\*{1,3}|_{1,3}(?=[\s*])|</[a-zA-Z][a-zA-Z0-9]{0,9}>|\\[A-Z]\\|[\]\)}>])*"
)
"""What may follow the colon of a header before its content."""

_IN_NAME: Final = r"[^:|<>\t=\n(]"
_COLON: Final = re.compile(
    rf"(?P<name>[A-Za-z]{_IN_NAME}{{0,69}}?(?:\([^()\n]{{0,9}}\){_IN_NAME}{{0,40}}?)?)"
    rf"(?:[ ]?\([^()\n]{{0,120}}\))?{_CLOSE}\s?:"
)
_SIMPLE: Final = re.compile(r"(?P<name>[A-Za-z][A-Za-z ]{0,68}[A-Za-z]):")
"""What most of the headers are that :data:`_COLON` finds, which is slower."""

_SEPARATED: Final = re.compile(
    r"(?P<name>[A-Za-z](?:[A-Za-z0-9 '\u2019/&.,+\-]|\([^()\n]{0,30}\)){0,50}?)"
    r"(?:[ \t]*(?:-{1,3}>?|={1,2}>?|>{1,2}|::|[\u2013\u2014\u00bb]|\.{2,20}|\|)[ \t]+"
    r"|[ \t]*(?:\||\.{3,20}|-{2,3})|\t+|[ ]{2,}|[ \t]*:?=[ \t]*"
    r"|[\]})>*_]{1,3}[ \t]+(?:-{1,2}[ \t])?|\](?=[A-Z\[])|>(?=\S)|;[ \t]+)"
)
_MISREAD: Final = re.compile(r"l(?=[A-Zl]{2})")  # an I, by a scanner
_SEPARATOR: Final = re.compile(
    r"[-:.\u2013\u2014\u00bb)}*_;\]=>|\t]"
    r"(?:(?<=[=>|\t])|(?<=([-:.]))\1|(?<![:.])[ \t]|(?<=\])[A-Z\[])"
)
"""What all that :data:`_SEPARATED` finds holds, but for two blanks."""
_TAILS: Final = " \t*_=#-\u2013\u2014:.])}>|~\"'<"
_TAILS_BUT_PARENTHESES: Final = _TAILS.replace(")", "")
CAPITALS: Final = re.compile(
    r"[A-Z][A-Z/&'\-]*[A-Z](?![a-z])(?:[ ]{1,2}(?:[A-Z][A-Z/&'\-]*(?![a-z])|&|/)){0,6}"
)
"""Words in capitals."""

_GOES_ON_IN_CAPITALS: Final = re.compile(r"(?!X{4})[A-Z]{4,}\b|[A-Z]{2,}[ ]{1,2}(?!X{4})[A-Z]{2,}\b")
_NEXT_WORD: Final = re.compile(r"[\s*_.]{0,4}([A-Za-z\[0-9_]\S{0,30})")
_PLACEHOLDER: Final = re.compile(
    r"\[(?:NAME|DATE|ID|PHONE|PLACE|INSTITUTION|EMAIL|URL|AGE|UNKNOWN|SENTENCE|TIME|FACILITY|ADDRESS|STAFF|LOCATION)\]"
)
_CLOSING_TAG: Final = re.compile(r"(?:</[a-zA-Z][a-zA-Z0-9]{0,9}>|\\[A-Z]\\)\s*")
_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z '\u2019/&().+,#\-]+")
_BRACKETED: Final = re.compile(r"[A-Z][A-Za-z ]{2,60} \[[A-Z][a-z]{3,20}\]")
"""As LOINC names the parts of a report."""
BARE_HEADERS: Final = (
    "clinical history", "clinical indication", "clinical information", "clinical details", "reason for exam",
    "reason for examination", "reason for study", "history", "indication", "indications", "comparison",
    "comparisons", "technique", "findings", "impression", "conclusion", "opinion",
)  # fmt: skip
"""Headers that are known where nothing but their word says that they are some."""

_OF_BARE: Final = frozenset(words[:3] for words in BARE_HEADERS)

BARE: Final = re.compile(
    rf"(?P<name>(?:{'|'.join(BARE_HEADERS)}))(?:\.?[ ]{{1,3}}(?:colon[ ])?)"
    r"(?=(?P<next>,?[A-Za-z0-9\[_]\S{0,30}))",
    re.IGNORECASE,
)


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
        (_page_mark(text, line) if short and first in "oOpPcCrR" else None)
        or (_before_colon(text, line, end, case) if text.find(":", body, end) >= 0 else None)
        or (_before_question_mark(text, line, end) if first in "wW" else None)
        or (_alone(text, line) if short else None)
    )
    if header is not None or not (first.isupper() or framed or _MISREAD.match(text, body)):
        return header
    return (
        (_separated(text, line, end) if _holds_separator(text, body, min(end, body + 60)) else None)
        or (_in_capitals(text, line, end, case) if text[body + 1 : body + 2].isupper() else None)
        or (_bare(text, line) if text[body : body + 3].lower() in _OF_BARE else None)
    )


# -------------------------------------------------------------------------------------- before a colon


def _before_colon(text: str, line: Line, end: int, case: Case) -> Header | None:
    if not _begins_anew(text, line, case):
        return None
    found = _SIMPLE.match(text, line.body, end) or _COLON.match(text, line.body, end)
    if found is None or (found["name"][-1].isdigit() and text[found.end() : found.end() + 1].isdigit()):
        return None  # a time
    close = AFTER_COLON.match(text, found.end(), line.end)
    content = close.end() if close else found.end()
    return _known(found["name"], line, content) or _unknown(text, found, line, content)


_QUESTION: Final = re.compile(r"(?P<name>(?i:what|why|was|who)\b[^?:\n]{3,50})\?[ \t]*")


def _before_question_mark(text: str, line: Line, end: int) -> Header | None:
    """A header for patients: "What did we see?"."""
    found = _QUESTION.match(text, line.body, end)
    named = name_of(found["name"]) if found else None
    return Header(line.start, found.end(), line.body, Form.COLON, named) if found and named else None


def _begins_anew(text: str, line: Line, case: Case) -> bool:
    """Whether the line does not go on with a sentence, as one that begins with a small letter does."""
    if line.apart or text[line.body].isupper() or case is Case.SMALL:
        return True
    return _follows_end(text, line)


def _follows_end(text: str, line: Line) -> bool:
    """Whether a sentence, a header or a tag ends before the line."""
    return text[max(0, line.start - 40) : line.start].rstrip()[-1:] in ".:?!>"


def _known(phrase: str, line: Line, content: int) -> Header | None:
    named = name_of(phrase)
    if named is not None:
        return Header(line.start, content, line.body, Form.COLON, named)
    organ, title = is_organ(phrase), is_title(phrase)
    if organ or title:
        return Header(line.start, content, line.body, Form.COLON, organ=organ, title=title)
    return None


def _unknown(text: str, found: re.Match[str], line: Line, content: int) -> Header | None:
    """What has the form of a header, and is in no list."""
    name = found["name"]
    if not _looks_like_name(name, anew=line.apart) or text[content - 1 : content + 1].isdigit():
        return None
    if any(_stands_behind(name, place) for place in _starts_of_words(name)):
        return None  # a header stands behind what is none
    return Header(line.start, content, line.body, Form.COLON)


def _looks_like_name(name: str, *, anew: bool) -> bool:
    words = name.split()
    if not words[0][0].isupper() or len(words) > _MOST_WORDS or " - " in name or not _NAME.fullmatch(name):
        return False
    return len(words) <= _FEW_WORDS or anew or _is_capitalised(name)


def _is_capitalised(phrase: str) -> bool:
    """Whether all words but the short ones begin with a capital."""
    return all(word[0].isupper() or len(word) < 4 or not word[0].isalpha() for word in phrase.split())


def _stands_behind(name: str, place: int) -> bool:
    """Whether a part's own header begins at ``place`` of the words before a colon."""
    named = name_of(name[place:]) if place and name[place].isupper() else None
    return named is not None and named.sure and named.kind.section is not None


def _starts_of_words(name: str) -> Iterator[int]:
    return (found.start() for found in re.finditer(r"\S+", name))


_MOST_WORDS, _FEW_WORDS = 6, 3
_NAME: Final = re.compile(r"(?:[A-Za-z '\u2019/&()+,#\-0-9]|\.(?!\s)|\[[A-Z]+\])+")


# ------------------------------------------------------------------------------------ alone on a line


def _alone(text: str, line: Line) -> Header | None:
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
    if stops and not line.apart and not _follows_end(text, line):
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


def _named_with_date(phrase: str) -> Named | None:
    """What a header heads that a date, a time or a placeholder follows on its line."""
    if not (phrase[-1] in _ENDS_OF_DATES or phrase[-1].isdigit() or phrase.lower().endswith(_WORDS_OF_DATES)):
        return None
    found = _DATED.match(phrase)
    named = name_of(found["name"]) if found else None
    return named if named is not None and named.kind in _DATED_KINDS else None


_PAGE: Final = re.compile(
    r"[(<\[]?\s*(?:(?P<end>over|page \d{1,3}(?: ?(?:of|/) ?\d{1,3})?(?:\s{2,40}[^\n]{0,30})?"
    r"|continued on next page)"
    r"|(?:report )?cont(?:inued|'d|\.|d)?|continued from (?:previous )?page(?: \d{1,3})?)\s*[)>\]]?\Z",
    re.IGNORECASE,
)


_OF_PAGES: Final = frozenset({"over", "page", "cont", "repo"})
"""How the words of :data:`_PAGE` begin."""


def _page_mark(text: str, line: Line) -> Header | None:
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


_UNDERLINE: Final = re.compile(
    rf"[ \t]*{BREAK}[ \t]*(?:-{{4,200}}|={{4,200}}|_{{4,200}}|~{{4,200}}|\*{{4,200}})[ \t]*(?:{BREAK}|\Z)"
)


def _is_short(phrase: str, line: str) -> bool:
    """Whether a line may be a header by its length, its first letter and its end."""
    if not 2 < len(phrase) <= 40 or not phrase[0].isupper():
        return False
    return len(phrase.split()) < _MOST_WORDS and line.rstrip()[-1] not in _ENDS_OF_SENTENCES


_ENDS_OF_SENTENCES: Final = frozenset(".,;?!")


# ---------------------------------------------------------------------------------- before a sentence


def _holds_separator(text: str, start: int, end: int) -> bool:
    return _SEPARATOR.search(text, start, end) is not None or text.find("  ", start, end) >= 0


def _separated(text: str, line: Line, end: int) -> Header | None:
    found = _SEPARATED.match(text, line.body, end)
    if found is None or found.end() >= line.end:
        return None
    phrase = found["name"]
    named = name_of(phrase)
    if named is None or not named.sure:
        return None
    return Header(line.start, found.end(), line.body, Form.SEPARATED, named)


_SENTENCE_OF_MARK: Final = re.compile(r"\[[A-Z]+\][:,;] ?[a-z]")
"""A sentence that begins with what was removed after a label: "MRN [ID]: history of tuberculosis"."""


def _in_capitals(text: str, line: Line, end: int, case: Case) -> Header | None:
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


def _bare(text: str, line: Line) -> Header | None:
    found = BARE.match(text, line.body, line.end)
    return bare_header(found, line.start) if found else None


def bare_header(found: re.Match[str], start: int) -> Header | None:
    """The header of a match of :data:`BARE`, unless it goes on as a sentence: "Findings are stable"."""
    named = name_of(found["name"]) if _may_follow(found["next"]) else None
    return Header(start, found.end(), found.start(), Form.BARE, named) if named else None
