"""Places that have a kind and a number, and no name: "trauma 2", "tent 12/44", "pods 3 and 5", "on 5W".

The kinds are data (``scrub_words.toml``). As with labels, numbers are looked at for a kind before them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from radrelease.profiles.word_lists import load_name_rules
from radrelease.records.private import Span
from radrelease.stages.scrub.numbers import has_unit
from radrelease.stages.scrub.reading import Reading

__all__ = ["BEFORE_PLACES", "ends_place", "find_numbered_places"]

_NUMBER_WORDS = frozenset({"no", "number", "num", "nr"})
_GAP = re.compile(r"[ #:-]{1,3}")
_NUMBER = re.compile(
    r"(?!\d/\d\b|\d{1,2}/(?:7|12|52)\b)\d{1,4}[A-Za-z]?(?:[-/]\d{1,3}[A-Za-z]?)?(?!\w|[./:]\d)"
)
_MORE = re.compile(r"(?:\s?(?:,|and|AND|&|or|OR|-)\s?\d{1,4}[A-Za-z]?(?![\w/]|[.:]\d))+")
"""Further numbers after those of several places: "bays 6 and 7"."""

_JOINED = re.compile(r"\d{1,2}-\d{2,3}(?!\w|[./-]\d)")
_COUNTED = re.compile(
    r"(?i)\s?(?:of|to|or|x|fr|french|ribs?|per|times|patients?|views?|puffs?|tabs?|tablets?|mos?|wks?|hourly|vessels?)\b|\s?[%+<>]"
)
_ENDS = re.compile(
    r"(?i)\s*(?:[,;:)(?\]\n]|\.(?!\d)|$)|\s(?:and|at|on|with|for|by|in|from|is|was|has|had|who|when|after|before|now)\b"
)
"""What follows the number of a place whose kind is a word of medicine too."""

_WING = re.compile(r"(?i)\d{1,2}[nsew](?:-\d{1,3})?(?![\w/]|\.\d)")
_BEFORE_WINGS = frozenset({"on", "rn", "ward", "unit", "floor", "nurse", "lpn", "cna"})
_SIDES = frozenset({"north", "south", "east", "west"})
BEFORE_PLACES = frozenset({"in", "on", "at", "to", "from", "is"})
"""Words after which somebody is somewhere."""
_LONGEST_NUMBER = 3
_ROAD = re.compile(
    r"(?!N9[59]\b)[MAN]\d{1,4}(?!\w|[./-]\d)(?! (?i:segment|pulley|branch|nod|disease|stage|image|view|mask))"
)
_UNIT = re.compile(r"(?<![\w-])[A-Z]{2,4}-\d{1,3}(?![\w-]|[./:]\d)")
_BEFORE_UNITS = frozenset({"at", "by", "of", "with", "from", "for", "to", "via", "in", "the", "near", "ex"})
_HIGHWAYS = frozenset({"nh", "sh", "us", "sr", "ih"})
"""Letters of highways before their number, in India and America."""
_BEFORE_ROADS = frozenset({"the", "rtc", "rta", "mvc", "mva", "on", "along"})
_BEFORE_THE_ROAD = frozenset({"on", "along", "by"})
_ENDS_LETTER = re.compile(r"\s*(?:[,;:)?\n]|\.(?!\w)|$)")


def find_numbered_places(reading: Reading, protected: frozenset[int]) -> Iterator[Span]:
    """The spans of the numbers of places, of the letters of rooms, and of units that both name."""
    for index in reading.marks:
        found = _place_at(reading, index) if index else None
        if found is None and index and index not in protected:
            found = _unit(reading, index)
        if found is not None:
            yield Span(start=found[0], end=found[1], kind="PLACE", rule="place by its number")


def _place_at(reading: Reading, index: int) -> tuple[int, int] | None:
    word = reading.words[index]
    if word.isalpha():
        return _letter(reading, index) if len(word) == 1 else None
    found = _after_kind(reading, index)
    if found is not None or word.isdigit():
        return found or _side(reading, index)
    return _wing(reading, index) or _road(reading, index)


def _unit(reading: Reading, index: int) -> tuple[int, int] | None:
    """Where letters and a number name a unit, a mine or a ship: "with VP-47"; codes of medicine are data."""
    letters = index - 1
    if reading.gaps[index] != "-" or not _UNIT.match(reading.text, reading.starts[letters]):
        return None
    word, before = reading.words[letters], reading.words[letters - 1] if letters else ""
    if (
        word in load_name_rules().coded_terms
        or word in load_name_rules().measures
        or has_unit(reading, index)
    ):
        return None
    is_after = before in _BEFORE_UNITS or (word in _HIGHWAYS and before in _BEFORE_ROADS)
    is_told = is_after and reading.gap(letters) == " "
    if is_told or not letters or reading.gaps[letters].strip(" "):
        return reading.starts[letters], reading.ends[index]
    return None


def _letter(reading: Reading, index: int) -> tuple[int, int] | None:
    """Where the letter stands that tells a place from others of its kind: "cath lab B."."""
    if reading.words[index - 1] not in load_name_rules().lettered_places or reading.gaps[index] != " ":
        return None
    if not reading.is_capitalised(index) or not _ENDS_LETTER.match(reading.text, reading.ends[index]):
        return None
    return reading.starts[index], reading.ends[index]


def _after_kind(reading: Reading, index: int) -> tuple[int, int] | None:
    """Where the number stands that follows a kind of place, with what is before it."""
    kind, first = _kind_before(reading, index)
    found = _NUMBER.match(reading.text, reading.starts[index]) if kind else None
    if found is None:
        return None
    rules, end = load_name_rules(), found.end()
    if kind.endswith("s"):
        more = _MORE.match(reading.text, end)
        end = more.end() if more else end
    last = index
    while reading.ends[last] < end:
        last += 1
    is_counted = has_unit(reading, last) or _COUNTED.match(reading.text, end)
    ends = kind in rules.numbered_places or _ENDS.match(reading.text, end)
    return (reading.starts[first], end) if ends and not is_counted else None


def _kind_before(reading: Reading, index: int) -> tuple[str, int]:
    """The kind of place that stands before the number, and the word with which the number begins; or ""."""
    words, gaps, first = reading.words, reading.gaps, index
    if gaps[index] == ", " and _JOINED.match(reading.text, reading.starts[index]):
        return (words[index - 1] if words[index - 1] in _kinds() else ""), index  # "Quail wing, 1-07"
    if words[index - 1] not in _kinds() and words[index - 1].isalpha():
        if gaps[index] == "-" or (
            gaps[index] == " " and (len(words[index - 1]) == 1 or _is_side(words, index))
        ):
            first -= 1  # "Ward MSW-8", "bed b 12"
        elif words[index - 1] in _NUMBER_WORDS:
            index -= 1
    kind = words[min(first, index) - 1] if min(first, index) else ""
    return (kind if kind in _kinds() and _GAP.fullmatch(gaps[min(first, index)]) else ""), first


def _is_side(words: tuple[str, ...], index: int) -> bool:
    return words[index - 1] in _SIDES


@cache
def _kinds() -> frozenset[str]:
    """The kinds of places, and those of several."""
    kinds = load_name_rules().numbered_places | load_name_rules().maybe_numbered_places
    return kinds | {f"{kind}s" for kind in kinds}


def _wing(reading: Reading, index: int) -> tuple[int, int] | None:
    """Where the code of a floor and a wing stands: "5W" after "on", "4N-22"."""
    found = _WING.match(reading.text, reading.starts[index])
    if found is None or not ("-" in found[0] or reading.words[index - 1] in _BEFORE_WINGS):
        return None
    return None if _COUNTED.match(reading.text, found.end()) else found.span()


def _road(reading: Reading, index: int) -> tuple[int, int] | None:
    """Where a road is called by its number: "on the M6", "RTC A6"."""
    found, before = _ROAD.match(reading.text, reading.starts[index]), reading.words[index - 1]
    if found is None or before not in _BEFORE_ROADS or reading.gaps[index] != " ":
        return None
    if before == "the" and index > 1 and reading.words[index - 2] in _BEFORE_THE_ROAD:
        return found.span()
    if before in {"on", "the"} and len(found[0]) < len("A66"):
        return None  # "on M1" may be a segment of an artery
    return found.span()


def _side(reading: Reading, index: int) -> tuple[int, int] | None:
    """Where a unit is called by the side of the house and a number: "in East 7"."""
    is_side = index > 1 and reading.words[index - 1] in _SIDES and reading.gaps[index] == " "
    if not is_side or reading.words[index - 2] not in BEFORE_PLACES or not ends_place(reading, index):
        return None
    return reading.starts[index - 1], reading.ends[index]


def ends_place(reading: Reading, index: int) -> bool:
    """Whether the clause ends after the number, or goes on as after a place."""
    is_short = len(reading.words[index]) <= _LONGEST_NUMBER
    return (
        is_short
        and not has_unit(reading, index)
        and _ENDS.match(reading.text, reading.ends[index]) is not None
    )
