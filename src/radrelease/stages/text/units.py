"""A report as numbered stretches, each of which is one kind of thing: headers, sentences, lines."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from radrelease.profiles.word_lists import load_name_rules
from radrelease.stages.sections.forms import Form
from radrelease.stages.sections.headers import headers_of
from radrelease.stages.sections.layout import BREAK, lines_of

__all__ = ["Unit", "digest_of_text", "units_of"]

_BREAK = re.compile(BREAK)
_NO_HEADERS = frozenset({Form.ENDER, Form.QUESTION})
"""What begins a part and belongs to it: a signature, a question."""

_STOP = re.compile(r"(?<![.!?])[.!?]++[\"')\]]*+(?=\s)")
"""What may end a sentence. It begins at the first of several signs, so that each is looked at once."""

_ABBREVIATIONS = frozenset(
    {"vs", "approx", "e.g", "i.e", "cf", "al", "fig", "figs", "resp", "st", "ft", "jr", "sr", "ext", "incl"}
    | {"viz", "est", "max", "min", "dept", "hosp", "univ", "tel", "ph", "y.o", "yo", "pt", "pts", "ca"}
)
"""Words whose full stop ends no sentence, folded; titles of people are another list."""

_LIST_MARK = re.compile(r"\s*+\(?(?:\d{1,2}|[A-Za-z]|[ivxIVX]{1,4})\)?")
_WORD_BEFORE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """Characters ``start`` to ``end`` (excluded) of a text: a header of the vocabulary alone, or words."""

    start: int
    end: int
    header: bool


def units_of(text: str) -> tuple[Unit, ...]:
    """The units of ``text``, in order: each character that is no blank is in one of them.

    None begins or ends with a blank, and none but a header crosses a line. A mark that breaks a line
    belongs to the unit before it. The time is linear in the text.
    """
    return tuple(_units(text))


def _units(text: str) -> Iterator[Unit]:
    place = 0
    for header in headers_of(text, lines_of(text)):
        if header.named is not None and header.form not in _NO_HEADERS and header.end > place:
            start = max(place, header.start)
            yield from _lines(text, place, start)
            yield from _unit(text, start, header.end, header=True)
            place = header.end
    yield from _lines(text, place, len(text))


def digest_of_text(text: str) -> str:
    """The SHA-256 of the text as UTF-8, in hexadecimal: by it labels find their text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _lines(text: str, start: int, end: int) -> Iterator[Unit]:
    for line in _BREAK.finditer(text, start, end):
        yield from _sentences(text, start, line.end())
        start = line.end()
    yield from _sentences(text, start, end)


def _sentences(text: str, start: int, end: int) -> Iterator[Unit]:
    for stop in _STOP.finditer(text, start, end):
        if _ends_sentence(text, start, stop):
            yield from _unit(text, start, stop.end(), header=False)
            start = stop.end()
    yield from _unit(text, start, end, header=False)


def _ends_sentence(text: str, start: int, stop: re.Match[str]) -> bool:
    """Whether the full stop is that of a sentence, and not of an abbreviation, initial or list number."""
    if stop[0][0] != "." or stop[0].startswith(".."):
        return True
    before = text[max(start, stop.start() - _WORD_BEFORE) : stop.start()]
    word = (before.split() or [""])[-1].lstrip("([\"'").casefold()
    after = text[stop.end() : stop.end() + 4].lstrip()[:1]
    if word in _ABBREVIATIONS or word in load_name_rules().titles:
        return False
    if (len(word) == 1 and word.isalpha()) or ("." in word and word[-1:].isalpha() and after.islower()):
        return False
    if word in {"no", "nr"} and after.isdigit():
        return False
    return _LIST_MARK.fullmatch(text, start, stop.start()) is None


def _unit(text: str, start: int, end: int, *, header: bool) -> Iterator[Unit]:
    start, end = _trimmed(text, start, end)
    if start < end:
        yield Unit(start=start, end=end, header=header)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    return start + left, start + max(left, len(piece.rstrip()))
