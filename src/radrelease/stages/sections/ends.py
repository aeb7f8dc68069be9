"""What ends a report's sections: signatures, agreements, notes on who was told."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import islice, zip_longest
from operator import attrgetter
from typing import Final

from radrelease.profiles.section_rules import load_section_rules
from radrelease.records.sections import PartKind
from radrelease.stages.sections.contents import closing_kind, is_name, names_findings, words_of
from radrelease.stages.sections.forms import Form, Header
from radrelease.stages.sections.layout import Line, has_words
from radrelease.stages.sections.names import Named
from radrelease.stages.sections.stretches import BODY, Stretch

__all__ = ["OF_NOTHING_SEEN", "enders_of", "without_closings"]

_LEAD: Final = " \t*_/[({<>#~|-\xa0"
_LONGEST: Final = 80
_FIRST_WORD: Final = re.compile(r"[a-z0-9]*")
_LED: Final = re.compile(rf"[{re.escape(_LEAD)}]{{0,{_LONGEST}}}")
_OF_INLINE: Final = ("ally", "ed by", "ed on", "ed [", "read ", "end of", "end dict", "dictated and")
_INLINE: Final = re.compile(
    r"[ ](?=[adefirstv])"  # with which most of the blanks are soon passed
    r"(?:(?<=\S[ ])(?-i:Electronically|ELECTRONICALLY) (?:signed|verified|authenticated|approved)"
    r"|(?<=\S[ ])(?-i:Signed|SIGNED) electronically by\b"
    r"|(?<=[.\])*;\s][ ])(?:electronically (?:signed|verified|authenticated|approved)|signed electronically"
    r"|digitally signed|dictated (?:by|and)|transcribed by"
    r"|(?:signed|read|reported|verified|approved|interpreted|finali[sz]ed|authenticated) (?:by\b|\[|on\b)"
    r"|end of (?:report|impression|dictation)|end dictation))",
    re.IGNORECASE,
)


def enders_of(text: str, lines: Sequence[Line]) -> Iterator[Header]:
    """Where a line, or a sentence, begins with words that end the sections; their content is themselves."""
    phrases, starts = _phrases(), _starts()
    for line in lines:
        begin = line.start
        led = None if text[begin].isalnum() else _LED.match(text, begin)
        start = led.end() if led else begin
        if starts.isdisjoint((text[start : start + 4].lower(), text[start : start + 2].lower())):
            continue
        words = text[start : begin + _LONGEST].lower()
        for phrase, named in phrases.get(_first_word(words), ()):
            if words.startswith(phrase):
                yield Header(begin, start, start, Form.ENDER, named)
                break
    if _holds_ender(text.lower()):
        for found in _INLINE.finditer(text):
            start = found.start() + 1
            yield Header(start, start, start, Form.ENDER, Named(PartKind.SIGNATURE))


def _holds_ender(plain: str) -> bool:
    """Whether words of :data:`_INLINE` are anywhere in a text in small letters, which is soon seen."""
    return any(words in plain for words in _OF_INLINE)


@cache
def _phrases() -> Mapping[str, tuple[tuple[str, Named], ...]]:
    """The phrases that end a report, by their first word, the longest first."""
    keyed: dict[str, list[tuple[str, Named]]] = {}
    for kind, phrases in load_section_rules().enders.items():
        for phrase in phrases:
            bare = phrase.lstrip(_LEAD)
            keyed.setdefault(_first_word(bare), []).append((bare, Named(kind)))
    return {word: tuple(sorted(rows, key=lambda row: -len(row[0]))) for word, rows in keyed.items()}


@cache
def _starts() -> frozenset[str]:
    """The first four signs of the phrases that end a report, or two of those that are shorter."""
    phrases = (phrase for rows in _phrases().values() for phrase, _ in rows)
    return frozenset(phrase[:4] if len(phrase) >= 4 else phrase[:2] for phrase in phrases)


def _first_word(words: str) -> str:
    found = _FIRST_WORD.match(words)
    return found[0] if found else ""


def without_closings(text: str, stretches: Sequence[Stretch], lines: Sequence[Line]) -> Iterator[Stretch]:
    """The last published stretches, without the paragraphs about who read, signed and was told."""
    for one, following in zip_longest(stretches, stretches[1:]):
        goes_on = following is not None and following.kind in BODY
        if one.kind in _CLOSED and not goes_on:
            yield from _closed(text, one, lines)
        else:
            yield one


_CLOSED: Final = BODY | {PartKind.RECOMMENDATION, PartKind.ADDENDUM}
_body_of = attrgetter("body")


def _closed(text: str, stretch: Stretch, lines: Sequence[Line]) -> Iterator[Stretch]:
    for line in islice(lines, bisect_left(lines, stretch.start, key=_body_of), None):
        if line.start >= stretch.end:
            break
        first = not has_words(text, stretch.start, line.start)
        words = text[line.start : min(line.end, stretch.end)]
        if first or not (_may_close(text, line) or (is_name(words) and words.strip(" .\t") != "XXXX")):
            continue
        kind = closing_kind(words)
        if kind is not None and not (kind is PartKind.RECOMMENDATION and _is_of_list(text, line)):
            yield stretch.changed(end=line.start)
            yield Stretch(kind, line.start, stretch.end, "closing words")
            return
        office = _office(text, line, stretch) if kind is None else None
        if office is not None:
            yield stretch.changed(end=line.start)
            yield office
            return
    yield from _signed_at_its_end(text, stretch)


OF_NOTHING_SEEN: Final = "a last line of nothing seen"
_OFFICE_SIGN: Final = re.compile(r"\[[A-Z ]{1,20}\]|__|\bno\b\.? |#|/[A-Z]")
_MOST_WORDS: Final = 12


def _office(text: str, line: Line, stretch: Stretch) -> Stretch | None:
    """The end of the stretch from a line on that is no sentence, where no word of it is of findings.

    Without a sign of an office, such as a number or a field to be filled in, it is doubtful.
    """
    words = text[line.start : line.end].rstrip()
    signed = _OFFICE_SIGN.search(words) is not None
    if not (signed or line.apart) or words[-1] in ".?!" or len(words.split()) > _MOST_WORDS:
        return None
    rules = load_section_rules()
    rest = words_of(text[line.start : stretch.end])
    if not rest or not (rules.of_findings.isdisjoint(rest) and rules.saying.isdisjoint(rest)):
        return None
    reason = "a last line of the office" if signed else OF_NOTHING_SEEN
    return Stretch(PartKind.ADMINISTRATIVE, line.start, stretch.end, reason)


def _may_close(text: str, line: Line) -> bool:
    """Whether the line begins a paragraph or follows a sentence that has ended."""
    before = text[max(0, line.start - 40) : line.start].rstrip()
    anew = before[-1:] in ".!?:)]" and text.find(" ", line.body, line.end) > 0
    return line.apart or anew or text[line.body - 1 : line.body] == "["


def _is_of_list(text: str, line: Line) -> bool:
    return not line.apart or bool(text[line.start : line.body].strip())


_OF_PERSON: Final = r"(?<!\bDr\.)(?<!\bDrs\.)(?<!\bProf\.)(?<!\bMr\.)(?<!\bMrs\.)(?<!\bMs\.)"
"""After a title a full stop ends no sentence."""
_SIGNED: Final = re.compile(
    rf"(?<=[.!?]){_OF_PERSON}[ ](?:(?:Dr|Drs|Prof)\.? |[A-Z]\. )?\[NAME\]"
    r"[^\n.]{0,60}(?:\.?[A-Z]\.?){0,4}\.?\s*\Z"
    r"|[ ]\[NAME\],?[ ](?:M\.?D|D\.?O)\.?\s*\Z"
    r"|[ ](?:\||//|--|;)[ ][^|;\n]{1,80}\Z"
)
_LONGEST_SIGNATURE: Final = 160


def _signed_at_its_end(text: str, stretch: Stretch) -> Iterator[Stretch]:
    """The stretch, without a name after its last sentence."""
    first = max(stretch.start, stretch.end - _LONGEST_SIGNATURE)
    found = _SIGNED.search(text[first : stretch.end])
    if found is None or names_findings(found[0]) or closing_kind(found[0]) is not PartKind.SIGNATURE:
        yield stretch
        return
    yield stretch.changed(end=first + found.start())
    yield Stretch(PartKind.SIGNATURE, first + found.start(), stretch.end, "a name at the end")
