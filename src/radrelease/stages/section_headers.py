"""Where the headers of a report stand.

Four forms are known: before a colon, alone on a line, before a dash or other separator, and in capitals or as a
bare word before a sentence. Within a line a header needs a colon, or capitals of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cache
from itertools import zip_longest

from radrelease.profiles.section_rules import load_section_rules
from radrelease.section_records import PartKind
from radrelease.stages.section_layout import BREAK, Line
from radrelease.stages.section_names import LONGEST_HEADER, Named, is_organ, is_title, name_of

__all__ = ["Form", "Header", "headers_of"]


class Form(IntEnum):
    """How a header shows that it is one, the surest first."""

    COLON = 0
    ALONE = 1
    DASH = 2
    CAPITALS = 3
    INLINE = 4  # within a line, before a colon
    INLINE_CAPITALS = 5
    BARE = 6
    ENDER = 7
    QUESTION = 8
    UNDERLINED = 9


@dataclass(frozen=True, slots=True)
class Header:
    """A header from ``start`` (decoration included) to ``end`` (where its content begins).

    ``named`` is None for a title, an organ or what is not known, which ``kind`` then tells apart.
    """

    start: int
    end: int
    word: int  # where its first word begins
    form: Form
    named: Named | None
    title: bool = False
    organ: bool = False
    page: str = ""  # "end" or "go on" where a page ends or the report goes on on the next


_MARKED = frozenset({Form.COLON, Form.ALONE, Form.DASH, Form.INLINE, Form.CAPITALS})
_CLOSE = r"[\s*_\]\)}>\"']{0,4}(?:</[a-zA-Z][a-zA-Z0-9]{0,9}>|\\[A-Z]\\){0,2}"
_AFTER_COLON = re.compile(
    rf"(?:[ \t]?:|-(?=\s|$)(?<=:-)|\*{{1,3}}|_{{1,3}}(?=[\s*])|</[a-zA-Z][a-zA-Z0-9]{{0,9}}>|\\[A-Z]\\|[\]\)}}>])*"
)
_COLON = re.compile(
    rf"(?P<name>[A-Za-z?][^:|<>\t=\[\]\n(]{{0,69}}?(?:\([^()\n]{{0,9}}\)[^:|<>\t=\[\]\n(]{{0,40}}?)?)(?:[ ]?\([^()\n]{{0,120}}\))?{_CLOSE}\s?:"
)
_SEPARATED = re.compile(
    r"(?P<name>[A-Za-z][A-Za-z0-9 '\u2019/&.,()+\-]{0,50}?)"
    r"(?:[ \t]*(?:-{1,3}>?|={1,2}>?|>{1,2}|::|[\u2013\u2014\u00bb]|\.{2,20}|\|)[ \t]+|[ \t]*(?:\||\.{3,20}|-{2,3})|\t+|[ ]{2,}|[ \t]*:?=[ \t]*|[\]})>*_]{1,3}[ \t]+(?:-{1,2}[ \t])?|[\]>](?=[A-Z\[])|;[ \t]+)"
)
_TAILS = " \t*_=#-\u2013\u2014:.])}>|~\"'<"
_CAPITALS = re.compile(r"[A-Z][A-Z/&'\-]*[A-Z](?![a-z])(?:[ ]{1,2}(?:[A-Z][A-Z/&'\-]*(?![a-z])|&|/)){0,6}")
_IN_CAPITALS = re.compile(r"(?!X{4})[A-Z]{4,}\b|[A-Z]{2,}[ ]{1,2}(?!X{4})[A-Z]{2,}\b")
_INLINE_COLON = re.compile(r"(?<=[A-Za-z)\]*_ ]):(?!//)")
_SPLIT = re.compile(r"[.;!?|\t\n<>]|\s\s|\]")
_NEXT_WORD = re.compile(r"[\s*_.]{0,4}([A-Za-z\[0-9_]\S{0,30})")


def headers_of(text: str, lines: Sequence[Line]) -> list[Header]:
    """The headers in the order of the text, apart from each other."""
    capitals = _is_in_capitals(text)
    found: list[Header] = []
    for line in lines:
        header = _line_header(text, line, capitals=capitals)
        if header is not None:
            found.append(header)
    found += _alone_by_likeness(text, lines, found)
    found += _inline(text, lines, capitals=capitals)
    found += _enders(text, lines)
    return _without_bare(text, _apart(found))


def _without_bare(text: str, found: list[Header]) -> list[Header]:
    """Without the bare words, where other headers of the report show that its author marks them."""
    starts = [header for header in found if header.form is Form.BARE and _begins_sentence(text, header)]
    marked = {
        header.named.kind
        for header in found
        if header.named and header.form in _MARKED and header.named.kind.section
    }
    if len(marked) > 1:
        return [header for header in found if header.form is not Form.BARE]
    return (
        found
        if len(starts) > 1
        else [header for header in found if header.form is not Form.BARE or header in starts]
    )


def _begins_sentence(text: str, header: Header) -> bool:
    before = text[max(0, header.word - 40) : header.word].rstrip(" \t*_")
    return not before or before[-1] in ".?!;)]>\n\r\\"


def _is_in_capitals(text: str) -> bool | None:
    """Whether the whole report is in capitals; None where it has none at all."""
    sample = _MARKS.sub("", text[:2000])
    lower, upper = len(_LOWER.findall(sample)), len(_UPPER.findall(sample))
    return None if upper * 50 < lower else lower < 0.12 * upper


_MARKS = re.compile(r"\[[A-Z]+\]|XXXX")
_LOWER, _UPPER = re.compile("[a-z]"), re.compile("[A-Z]")


def _apart(found: list[Header]) -> list[Header]:
    found.sort(key=lambda header: (header.word, header.form))
    kept: list[Header] = []
    for header in found:
        if not kept or header.word >= kept[-1].end:
            kept.append(header)
    return kept


# ------------------------------------------------------------------------------ at the head of a line


def _line_header(text: str, line: Line, *, capitals: bool | None) -> Header | None:
    first = text[line.body]
    if first == "?" and line.end - line.body < LONGEST_HEADER:
        return Header(line.start, line.body + 1, line.body, Form.QUESTION, Named(PartKind.INDICATION))
    if not first.isalpha() or _PLACEHOLDER.match(text, max(line.start, line.body - 1)):
        return None
    end = min(line.end, line.body + 3 * LONGEST_HEADER)
    header = _page_mark(text, line)
    begins = (
        line.apart
        or first.isupper()
        or capitals is None
        or text[max(0, line.start - 40) : line.start].rstrip()[-1:] in ".:?!>"
    )
    if header is None and begins and text.find(":", line.body, line.body + 3 * LONGEST_HEADER) >= 0:
        header = _before_colon(text, line, end)
    if header is None and line.end - line.body <= LONGEST_HEADER + 10:
        header = _alone(text, line)
    if header is not None or not first.isupper():
        return header
    if _SEPARATORS.search(text, line.body, min(end, line.body + 60)):
        header = _separated(text, line, end)
    if header is None and text[line.body + 1 : line.body + 2].isupper():
        header = _in_capitals(text, line, end, capitals=capitals)
    return header or _bare(text, line)


_SEPARATORS = re.compile(r"[-\u2013\u2014=>|\t\u00bb]|::|  |\.\.|[\])}*_;][ \t]|[\]]")
_PLACEHOLDER = re.compile(
    r"\[(?:NAME|DATE|ID|PHONE|PLACE|INSTITUTION|EMAIL|URL|AGE|UNKNOWN|TIME|FACILITY|ADDRESS|STAFF|LOCATION|HOSPITAL)\]"
)
_PAGE = re.compile(
    r"[(<\[]?\s*(?:(?P<end>over|page \d{1,3}(?: ?(?:of|/) ?\d{1,3})?(?:\s{2,40}[^\n]{0,30})?|continued on next page)|(?P<on>(?:report )?cont(?:inued|'d|\.|d)?|continued from (?:previous )?page(?: \d{1,3})?))\s*[)>\]]?\Z",
    re.IGNORECASE,
)


def _page_mark(text: str, line: Line) -> Header | None:
    """Where a page ends, or the next goes on."""
    if line.end - line.body > 80 or text[line.body] not in "oOpPcCrR":
        return None
    found = _PAGE.match(text[line.start : line.end].strip(" \t-*_"))
    if found is None:
        return None
    return Header(line.start, line.end, line.body, Form.ALONE, None, page="end" if found["end"] else "go on")


def _before_colon(text: str, line: Line, end: int) -> Header | None:
    found = _COLON.match(text, line.body, end)
    if found is None or (found["name"][-1:].isdigit() and text[found.end() : found.end() + 1].isdigit()):
        return None
    close = _AFTER_COLON.match(text, found.end(), line.end)
    content = close.end() if close else found.end()
    return _known(found["name"], line, content, Form.COLON) or _unknown(text, found, line, content)


def _unknown(text: str, found: re.Match[str], line: Line, content: int) -> Header | None:
    """What has the form of a header, and is in no list."""
    words = found["name"].split()
    if (
        " - " in found["name"]
        or len(words) > 6
        or not words[0][0].isupper()
        or (content < line.end and text[content - 1 : content + 1].isdigit())
    ):
        return None
    if (
        len(words) > 3
        and not line.apart
        and not all(word[0].isupper() or len(word) < 4 or not word[0].isalpha() for word in words)
    ):
        return None
    if re.search(r"[.;?!]\s", found["name"]) or not re.fullmatch(
        r"[A-Za-z '\u2019/&()+,#.\-0-9]+", found["name"]
    ):
        return None
    if _ending_at(text, line.body, line.body + len(found["name"]), line, within=False):
        return None  # a header stands behind what is no header
    return Header(line.start, content, line.body, Form.COLON, None)


def _known(phrase: str, line: Line, content: int, form: Form) -> Header | None:
    named = name_of(phrase)
    if named is not None:
        return Header(line.start, content, line.body, form, named)
    if is_organ(phrase):
        return Header(line.start, content, line.body, form, None, organ=True, title=is_title(phrase))
    if is_title(phrase):
        return Header(line.start, content, line.body, form, None, title=True)
    return None


def _alone(text: str, line: Line) -> Header | None:
    if line.end - line.body > LONGEST_HEADER + 10:
        return None
    whole = text[line.body : line.end]
    phrase = re.sub(r"(?:</[a-zA-Z][a-zA-Z0-9]{0,9}>|\\[A-Z]\\)\s*", "", whole)
    phrase = phrase.rstrip(_TAILS.replace(")", "") if "(" in phrase else _TAILS)
    if not phrase or " - " in phrase or (whole.rstrip().endswith(".") and not phrase.isupper()):
        return None
    named = (name_of(phrase) if _PLAIN.fullmatch(phrase) else None) or _named_with_date(phrase)
    if named is not None and named.sure and phrase[0].isupper():
        return Header(line.start, line.end, line.body, Form.ALONE, named)
    if is_title(phrase) and len(phrase) > 3:
        return Header(line.start, line.end, line.body, Form.ALONE, None, title=True, organ=is_organ(phrase))
    if is_organ(phrase) and phrase[0].isupper() and not whole.rstrip().endswith("."):
        return Header(line.start, line.end, line.body, Form.ALONE, None, organ=True)
    return None


def _alone_by_likeness(text: str, lines: Sequence[Line], found: Sequence[Header]) -> Iterator[Header]:
    """Short lines that stand as the headers do that are alone on theirs, or are underlined."""
    alone = [
        header for header in found if header.form is Form.ALONE and header.named and header.named.kind.section
    ]
    known = {header.word for header in found}
    capitals = sum(text[header.word : header.end].isupper() for header in alone) * 2 > len(alone)
    for line, following in zip_longest(lines, lines[1:]):
        phrase = text[line.body : line.end].strip(_TAILS)
        if (
            line.body in known
            or not 2 < len(phrase) <= 40
            or len(phrase.split()) > 5
            or not phrase[0].isupper()
        ):
            continue
        underlined = following is not None and _UNDERLINE.match(text, line.end) is not None
        alike = (
            len(alone) > 1
            and line.apart
            and following is not None
            and not following.apart
            and (phrase.isupper() or not capitals)
        )
        ends = text[line.body : line.end].rstrip()[-1:] in ".,;?!"
        framed = _FRAMED.match(text, line.start, line.end) is not None
        if (
            framed
            or (underlined and not ends)
            or (alike and not ends and _PLAIN.fullmatch(phrase) is not None)
        ):
            yield Header(line.start, line.end, line.body, Form.UNDERLINED, name_of(phrase))


_FRAMED = re.compile(
    r"[ \t]*(?:\*{2}|={2}|-{2}|#{2})[*=\-#]*[ \t]*[A-Za-z][A-Za-z '/&\-]{2,40}[ \t]*(?:\*{2}|={2}|-{2}|#{2})[*=\-#]*[ \t]*\Z"
)
_UNDERLINE = re.compile(rf"[ \t]*{BREAK}[ \t]*(?:-{{4}}|={{4}}|_{{4}}|~{{4}}|\*{{4}})")
_PLAIN = re.compile(r"[A-Za-z](?: ?[A-Za-z'\u2019/&().+,#\-]| )+")
_DATED = re.compile(
    r"(?P<name>[A-Za-z][A-Za-z /&#]{2,40}?)[ \t]*(?:\([^()]{0,40}\))?[ \t,:#\-]*(?:\[[A-Z]+\]|XXXX|[\d/:.,\-\s]|\b(?:at|on|am|pm|hours|hrs)\b){1,24}\Z",
    re.IGNORECASE,
)
_DATED_KINDS = frozenset(
    {PartKind.ADDENDUM, PartKind.PRELIMINARY, PartKind.ADMINISTRATIVE, PartKind.SIGNATURE, PartKind.EXAM}
)


def _named_with_date(phrase: str) -> Named | None:
    """What a header heads that a date, a time or a placeholder follows on its line."""
    found = _DATED.match(phrase)
    named = name_of(found["name"]) if found else None
    return named if named is not None and named.kind in _DATED_KINDS else None


def _separated(text: str, line: Line, end: int) -> Header | None:
    found = _SEPARATED.match(text, line.body, end)
    if found is None or found.end() >= line.end:
        return None
    phrase = found["name"]
    named = name_of(phrase)
    if named is None or not named.sure or not phrase[0].isupper() or phrase.count("(") != phrase.count(")"):
        return None
    return Header(line.start, found.end(), line.body, Form.DASH, named)


def _in_capitals(text: str, line: Line, end: int, *, capitals: bool | None) -> Header | None:
    found = _CAPITALS.match(text, line.body, end)
    if found is None:
        return None
    return _capitals_from(text, found, line.start, line.end, Form.CAPITALS, capitals=capitals)


def _capitals_from(
    text: str, found: re.Match[str], start: int, end: int, form: Form, *, capitals: bool | None
) -> Header | None:
    """The longest beginning of the words in capitals that is a header before a sentence."""
    words = list(re.finditer(r"\S+", found[0]))
    for last in reversed(words):
        phrase = found[0][: last.end()]
        named = name_of(phrase)
        if named is None or not named.sure or len(phrase) < 3 or not _ends_as_header(phrase):
            continue
        if capitals and phrase.lower() not in _bare_headers():
            continue
        place = found.start() + last.end()
        following = _NEXT_WORD.match(text, place, end)
        if following is None or (capitals and not _may_follow(following[1])):
            return None
        if not capitals and _IN_CAPITALS.match(text, following.start(1), end):
            return None
        return Header(start, following.start(1), found.start(), form, named)
    return None


def _ends_as_header(phrase: str) -> bool:
    """Whether the last word is one that heads, and not the first of what follows: "COMPARISON CHEST X-RAY"."""
    rules, plain = load_section_rules(), phrase.lower()
    return plain in rules.phrases or plain.split()[-1] in rules.heads


def _may_follow(word: str) -> bool:
    """Whether the word may begin a sentence after a header word that has no colon."""
    return word.lower().strip(",.:;") not in load_section_rules().verbs


_BARE_HEADERS = (
    "clinical history|clinical indication|clinical information|clinical details|reason for exam|reason for examination|reason for study"
    "|history|indication|indications|comparison|comparisons|technique|findings|impression|conclusion|opinion"
)


@cache
def _bare_headers() -> frozenset[str]:
    return frozenset(_BARE_HEADERS.split("|"))


_BARE = re.compile(
    rf"(?P<name>(?:{_BARE_HEADERS}))(?:\.?[ ]{{1,3}})(?=(?P<next>,?[A-Za-z0-9\[_]\S{{0,30}}))", re.IGNORECASE
)


def _bare(text: str, line: Line) -> Header | None:
    found = _BARE.match(text, line.body, line.end)
    return _bare_header(found, line.start, Form.BARE) if found else None


def _bare_header(found: re.Match[str], start: int, form: Form) -> Header | None:
    name, following = found["name"], found["next"]
    if not name[0].isupper() or not _may_follow(following):
        return None
    named = name_of(name)
    return Header(start, found.end(), found.start(), form, named)


# -------------------------------------------------------------------------------------- within a line


def _inline(text: str, lines: Sequence[Line], *, capitals: bool | None) -> Iterator[Header]:
    yield from _inline_colons(text, lines)
    if capitals is None:
        yield from _spoken_small(text)
    for found in _inline_words().finditer(text):
        if text[found.start()].isupper() and found[0].isupper():
            limit = min(len(text), found.start() + 2 * LONGEST_HEADER)
            words = _CAPITALS.match(text, found.start(), limit)
            if words and (
                text[found.start() - 2] in ".?!;)]" or not (capitals or text[found.start() - 2].isupper())
            ):
                header = _capitals_from(
                    text, words, found.start(), limit, Form.INLINE_CAPITALS, capitals=capitals
                )
                if header is not None:
                    yield header
        elif text[found.start()].isupper():
            bare = _BARE.match(text, found.start())
            header = _bare_header(bare, found.start(), Form.BARE) if bare else None
            if header is not None:
                yield header


_SPOKEN = re.compile(
    r"(?:^|(?<=[\s(]))(?P<name>clinical history|indication|history|comparison|findings|impression|conclusion)\b[)]?:? (?=(?P<next>[a-z\[0-9]\S{0,30}))"
)


def _spoken_small(text: str) -> Iterator[Header]:
    """The header words of a report without capitals, where it has them for three parts at least."""
    found = [one for one in _SPOKEN.finditer(text) if _may_follow(one["next"])]
    if len({one["name"] for one in found}) > 2:
        for one in found:
            named = name_of(one["name"])
            if named is not None:
                yield Header(one.start(), one.end(), one.start(), Form.BARE, replace(named, sure=False))


@cache
def _inline_words() -> re.Pattern[str]:
    words = _BARE_HEADERS.split("|")
    spellings = "|".join(
        sorted(
            {form(word) for word in words for form in (str.upper, str.capitalize, str.title)},
            key=len,
            reverse=True,
        )
    )
    return re.compile(rf"(?<=[^\s:][ ])(?:{spellings})\b")


def _inline_colons(text: str, lines: Sequence[Line]) -> Iterator[Header]:
    place = 0
    for line in lines:
        place = line.body
        for found in _INLINE_COLON.finditer(text, line.body, line.end):
            left = max(place, found.start() - LONGEST_HEADER)
            header = _ending_at(text, left, found.start(), line)
            if header is not None:
                yield header
            place = found.end()


def _ending_at(text: str, left: int, colon: int, line: Line, *, within: bool = True) -> Header | None:
    """The longest header that ends at a colon within a line."""
    before = text[left:colon]
    cut = max((found.end() for found in _SPLIT.finditer(before)), default=0)
    words = list(re.finditer(r"[^\s*_\[(]\S*", before[cut:].rstrip(" *_)]")))[-7:]
    for first in words:
        phrase = before[cut + first.start() :].strip(" *_)]")
        if not phrase[0].isupper() and not (first is words[0] and cut):
            continue
        named = name_of(phrase)
        place = left + cut + first.start()
        if (
            named is None
            or not named.sure
            or (first is not words[0] and not _stands_out(phrase, words, first))
        ):
            continue
        if (
            first is not words[0]
            and left + cut + words[0].start() == line.body
            and not named.kind.section
            and words[0][0][0].isupper()
        ):
            return None  # an end of what stands at the head of its line
        if place == line.body and within:
            return None  # seen as the header of its line
        close = _AFTER_COLON.match(text, colon + 1, line.end)
        return Header(place, close.end() if close else colon + 1, place, Form.INLINE, named)
    return None


def _stands_out(phrase: str, words: Sequence[re.Match[str]], first: re.Match[str]) -> bool:
    """Whether capitals set the phrase apart from the words before it."""
    before = words[words.index(first) - 1][0]
    if phrase.isupper():
        return not before.isupper() or not before.isalpha() or set(before) == {"X"}
    return not before[0].isupper() or not _is_of_header(before)


def _is_of_header(word: str) -> bool:
    rules, plain = load_section_rules(), word.lower().strip(".,;:()")
    return plain in rules.heads or plain in rules.qualifiers or plain in rules.titles or plain in rules.organs


# ----------------------------------------------------------------------------------------- what ends


@cache
def _ender_phrases() -> Mapping[str, tuple[tuple[str, PartKind], ...]]:
    """The phrases that end a report, by their first word, the longest first."""
    keyed: dict[str, list[tuple[str, PartKind]]] = {}
    for kind, phrases in load_section_rules().enders.items():
        for phrase in phrases:
            keyed.setdefault(_first_word(phrase), []).append((phrase, kind))
    return {word: tuple(sorted(rows, key=lambda row: -len(row[0]))) for word, rows in keyed.items()}


_FIRST_WORD = re.compile(r"[a-z0-9]*|.")
_ENDER_LEAD = " \t*_/[({<>#~|-\xa0"


def _first_word(words: str) -> str:
    found = _FIRST_WORD.match(words.lstrip(_ENDER_LEAD))
    return found[0] if found else ""


_INLINE_ENDER = re.compile(
    r"(?<=[.\])*] )(?:electronically (?:signed|verified|authenticated|approved)|signed electronically|digitally signed|dictated (?:by|and)|transcribed by"
    r"|(?:signed|read|reported|verified|approved|interpreted|finali[sz]ed|authenticated) (?:by\b|\[|on\b)|end of (?:report|impression|dictation))",
    re.IGNORECASE,
)


def _enders(text: str, lines: Sequence[Line]) -> Iterator[Header]:
    """What ends the sections, where a line begins with it, or a sentence."""
    phrases = _ender_phrases()
    for line in lines:
        head = text[line.start : line.start + _LONGEST_ENDER].lower()
        words = head.lstrip(_ENDER_LEAD)
        for phrase, kind in phrases.get(_first_word(words), ()):
            if words.startswith(phrase.lstrip(_ENDER_LEAD)):
                start = line.start + len(head) - len(words)
                yield Header(line.start, start + 1, start, Form.ENDER, Named(kind))
                break
    for found in _INLINE_ENDER.finditer(text):
        yield Header(found.start(), found.start() + 1, found.start(), Form.ENDER, Named(PartKind.SIGNATURE))


_LONGEST_ENDER = 80
