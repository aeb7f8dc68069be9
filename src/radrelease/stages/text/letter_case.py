"""What the case of letters means, line by line: names have a capital, unless all words have one, or none.

A report by a hurried hand ("pt from mercy hosp, sob") is read as if it were printed in capitals, where rules
do not wait for a capital to know a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import IntEnum

from radrelease.stages.text.tokens import ends_full_line

__all__ = ["Case", "in_capitals", "lines_of_case"]

_FEWEST_SHOUTED, _FEWEST_SMALL = 4, 3
"""Words from which on a line says something of the case of names in it."""

_FREQUENT = "etaoinsr"
"""Letters whose counts tell the case of most texts at once."""

_LABEL = re.compile(r"[ \t]*[A-Za-z][A-Za-z /&()-]{1,30}:")
_WORD = re.compile(r"[^\W\d_]{2,}")
_TITLED = re.compile(r"[A-Z][a-z]|(?<![^\W_])A [a-z]")
_MOST_CAPITALS = 0.02
"""Share of letters up to which capitals, of abbreviations, are no habit in a text of small letters."""


class Case(IntEnum):
    """What the case of a word tells."""

    TELLS = 0
    SHOUTED = 1  # all words have capitals, or begin with one
    SMALL = 2  # no word begins with a capital


Line = tuple[int, int, Case]
"""Characters from the first to the second, without the label that the line may begin with."""


def lines_of_case(text: str) -> tuple[Line, ...]:
    """The lines of ``text`` in which case tells nothing.

    A text of capitals is one throughout, and so is one of small letters. In others, a line of capitals is,
    or one whose words all begin with small letters, the first too. A line that goes on with a full one is as
    that.
    """
    small, capitals = (sum(map(text.count, signs)) for signs in (_FREQUENT, _FREQUENT.upper()))
    if capitals >= small and _is_shouted(text):
        return ((0, len(text), Case.SHOUTED),)
    if capitals <= _MOST_CAPITALS * small and _is_small(text):
        return ((0, len(text), Case.SMALL),)
    return tuple(line for line in _lines(text) if line[2] != Case.TELLS)


def _is_shouted(text: str) -> bool:
    found = _WORD.findall(text)
    return sum(map(str.islower, found)) < 0.2 * sum(map(str.isupper, found))


def _is_small(text: str) -> bool:
    return _TITLED.search(text) is None and len(_WORD.findall(text)) >= _FEWEST_SMALL


def in_capitals(text: str, lines: tuple[Line, ...]) -> str:
    """The text with its lines of small letters in capitals, letter for letter in its place."""
    pieces, place = [], 0
    for start, end, case in lines:
        if case == Case.SMALL:
            pieces += [text[place:start], _raised(text[start:end])]
            place = end
    return "".join((*pieces, text[place:])) if pieces else text


def _raised(text: str) -> str:
    raised = text.upper()
    if len(raised) == len(text):
        return raised
    return "".join(upper if len(upper := sign.upper()) == 1 else sign for sign in text)


def _lines(text: str) -> Iterator[Line]:
    start, before, goes_on = 0, Case.TELLS, False
    for line in text.splitlines(keepends=True):
        label = _LABEL.match(line)
        body = line[label.end() :] if label else line
        case = _case_of_line(body)
        if case == Case.SMALL and goes_on and not label:
            case = before
        yield start + len(line) - len(body), start + len(line), case
        goes_on = ends_full_line(line, len(line.rstrip())) and not body.rstrip().endswith((".", ":", ";"))
        start, before = start + len(line), case


def _case_of_line(body: str) -> Case:
    if body.isupper():
        return Case.SHOUTED if len(_WORD.findall(body)) >= _FEWEST_SHOUTED else Case.TELLS
    if _TITLED.search(body):
        return Case.TELLS
    small = sum(map(str.islower, _WORD.findall(body)))
    return Case.SMALL if small >= _FEWEST_SMALL else Case.TELLS
