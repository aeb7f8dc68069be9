"""Whether a number is a measurement, a level or a count, and so may be published."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from itertools import pairwise

from radrelease.profiles.lexicon import load_lexicon
from radrelease.profiles.word_lists import load_name_rules
from radrelease.stages.scrub.reading import Reading

__all__ = ["chained_numbers", "follows_car", "has_unit", "is_edition", "is_harmless_number"]

_NUMBER = re.compile(r"(?:\d{1,2}|1\d\d|[2-9]\d\d)(?:st|nd|rd|th)?", re.IGNORECASE)
_WITH_UNIT = re.compile(
    r"\d{1,4}(?:mm|cm|ml|cc|kg|gm|mg|mcg|ug|lb|lbs|fr|ga|gauge|hr|hrs|wk|wks|mo|mos|min|mins|sec|vw|view|views|kv|kvp|ma|mas|msv|mgy|hu|iu|ft"
    r"|bpm|pack|lpm|mmhg|french)|\d{1,2}(?:m|l|g|f|h|d|w|yo|yom|yof|y|yr|yrs|s|v|x|in|pk|ppd|am|pm|k|c|a|b|p|ns|rib|ribs)",
)
_UNIT_AFTER = re.compile(
    r"(?i)[ \t]?-?[ \t]?(?:mm|cm|ml|cc|kg|gm|mg|mcg|ug|lb|lbs|pounds|french|fr\b|gauge|hu\b|hounsfield|iu"
    r"|units?|cells|kv|kvp|ma\b|mas|msv|mgy|cgy|bpm|mmhg|meq|mmol|ng\b|pg|u/l|%|percent|degrees?|°|feet|inch"
    r"|inches|(?-i:g)\b|gy\b|[mcu]gy|[kmg]bq|[mu]ci\b|ppm|rpm|kpa|[nu]l\b|l/min|u/ml|[unp]mol|days?|hours?|hrs?|weeks?|months?|years?|yrs?|minutes?|mins?|views?|images?|pack|ppd|joules?|liters?|litres?|copies|cal\b)s?(?![a-z])"
)
"""Units of more than one letter: "412 in" is a room, and not a length."""

_YEAR = re.compile(r"(?:19|20)\d\d")
_OBSERVATION = re.compile(r"(?<=\|(?:TX|FT|ST|CE|NM)\|)\d{4,5}-\d(?=[|^&])")
"""The code (LOINC) of what a segment of an interface holds: "OBX|1|TX|18782-3^"."""

_SIZE = re.compile(r"\d{1,3}x\d{1,3}(?:x\d{1,3})?(?:mm|cm)?")
_LINKS = frozenset({"of", "was", "is"})
_QUANTITIES = frozenset({"ratio", "count", "value", "total"})
_STAGE = re.compile(r"[cpyr]{0,2}t(?:[0-4][a-d]?|is|x)n[0-3x][a-c]?(?:m[01x][a-c]?)?")
_SHORT_CODE = re.compile(
    r"[a-z]{1,5}\d{1,2}(?:[a-z]{1,2}\d?[a-z]?\d?[a-z]?\d?)?|\d{1,2}[a-z]{1,2}\d?|covid19|\d{1,3}x\d{1,3}(?:x\d{1,3})?(?:mm|cm)?|q\d{1,2}[a-z]{0,2}"
)


_COLOURS = frozenset(
    {"black", "white", "silver", "grey", "gray", "red", "blue", "green", "yellow", "gold", "brown", "orange"}
    | {"maroon", "beige", "navy", "purple", "tan", "cream"}
)
_RISING = frozenset(
    {"up", "close", "equal", "equals", "increased", "decreased", "raised", "dropped", "down", "fell", "rose"}
)
_PIECE = re.compile(r"[a-z]{0,3}[0-9]{1,4}")
_FEWEST_PIECES, _FEWEST_DIGITS, _WIDEST_STEP = 3, 6, 10
_SHORTEST_ACCOUNT = 3
"""Letters from which on they are a word or somebody's account; fewer are the codes of levels and gases."""


def is_harmless_number(reading: Reading, index: int) -> bool:
    """Whether a word with digits is a measurement, a level, a count, or a short code of medicine."""
    word = reading.words[index]
    if word.isdigit():
        return _is_harmless_count(reading, index) and not (len(word) > 1 and follows_car(reading, index - 1))
    if any(form.fullmatch(word) for form in (_NUMBER, _WITH_UNIT, _SIZE, _STAGE)):
        return True
    return len(word) <= 6 and _SHORT_CODE.fullmatch(word) is not None and not _is_account(word)


def follows_car(reading: Reading, index: int) -> bool:
    """Whether capitals stand behind the colour and the make of a car: "a blue Astra, [HCG] 7868"."""
    if index < 2 or not (reading.written(index).isupper() and reading.words[index].isalpha()):
        return False
    make = index - 1
    return (
        reading.gap(index) in {" ", ", "}
        and reading.gap(make) == " "
        and reading.words[make - 1] in _COLOURS
        and reading.is_capitalised(make)
        and reading.words[make].isalpha()
    )


def _is_account(word: str) -> bool:
    """Whether a number stands after letters that are no word of medicine: "jroe12" and not "SpO2"."""
    letters = word.rstrip("0123456789")
    if len(letters) < _SHORTEST_ACCOUNT or not letters.isalpha():
        return False
    lexicon, measures = load_lexicon(), load_name_rules().measures
    return not any(
        letters in words for words in (lexicon.clinical, lexicon.acronyms, lexicon.english, measures)
    )


def chained_numbers(reading: Reading, taken: Set[int]) -> Iterator[int]:
    """The words of long numbers that are written in short pieces: "12 34 65 78", "KB7_4_2_9_1_1_3".

    Each piece alone is a count. Pieces that rise are a list of levels or ribs, and those before a unit or
    after a word for measurements are values. ``taken`` is removed already.
    """
    chain: list[int] = []
    for index in reading.marks:
        if index in taken or _PIECE.fullmatch(reading.words[index]) is None:
            continue
        if chain and not _goes_on(reading, chain, index):
            yield from chain if _is_long_number(reading, chain) else ()
            chain = chain[-1:] if _goes_on(reading, chain[-1:], index) else []
        chain.append(index)
    yield from chain if _is_long_number(reading, chain) else ()


def _goes_on(reading: Reading, chain: Sequence[int], index: int) -> bool:
    """Whether the sign before the piece may stand within a number, and is that between those before."""
    if index != chain[-1] + 1 or not reading.words[index].isdigit():
        return False
    gap = reading.gap(index)
    is_same = len(chain) == 1 or gap == reading.gap(chain[-1])
    return is_same and 0 < len(gap) <= 3 and not {",", ";", "\n"} & set(gap) and gap != ". "


def _is_long_number(reading: Reading, chain: Sequence[int]) -> bool:
    if len(chain) < _FEWEST_PIECES or has_unit(reading, chain[-1]):
        return False
    pieces = ["".join(filter(str.isdigit, reading.words[index])) for index in chain]
    single = all(len(piece) == 1 for piece in pieces)  # scores of six zones have six
    if sum(map(len, pieces)) < _FEWEST_DIGITS + single:
        return False
    first = chain[0]
    if reading.gap(first).endswith(".") and first and reading.words[first - 1].isdigit():
        return False  # a gas: "7.32/45/80/22/94"
    rises = all(0 <= int(other) - int(one) <= _WIDEST_STEP for one, other in pairwise(pieces))
    return not rises and not _measured_before(reading, first)


def has_unit(reading: Reading, index: int) -> bool:
    """Whether a unit follows the number."""
    return _UNIT_AFTER.match(reading.text, reading.ends[index]) is not None


def is_edition(reading: Reading, index: int) -> bool:
    """Whether the number is the year of a guideline: "Fleischner 2017", "2015 BTS guidelines"."""
    if not _YEAR.fullmatch(reading.words[index]):
        return False
    rules = load_name_rules()
    before = index > 0 and reading.gap(index) in {" ", " ("} and reading.words[index - 1] in rules.guidelines
    following = reading.words[index + 1] if index + 1 < len(reading.words) else ""
    after = following in rules.guidelines | rules.editions and reading.gap(index + 1) == " "
    return before or after


def _is_harmless_count(reading: Reading, index: int) -> bool:
    """The same for digits alone: up to two, except those of an age over 89, and more where a unit follows."""
    word, text, start, end = reading.words[index], reading.text, reading.starts[index], reading.ends[index]
    if len(word) <= 2:
        return word < "90" or len(word) < 2 or _is_measured(reading, index)
    if word in load_name_rules().procedure_codes or _is_told(reading, index):
        return True
    before, after = text[max(0, start - 1) : start], text[end : end + 2]
    if before == "." and text[max(0, start - 2) : start - 1].isdigit():
        return len(word) <= 3  # decimals
    joined = (
        after[:1] in {"/", "x"} or before in {"/", "x", "-"} or (after[:1] == "." and after[1:].isdigit())
    )
    if len(word) == 4:
        return _follows(reading, index, load_name_rules().large_measures)
    return len(word) == 3 and word[0] != "0" and (joined or _measured_before(reading, index))


def _is_told(reading: Reading, index: int) -> bool:
    """Whether what stands beside the number says that it is a value, an edition, or an observation code."""
    if len(reading.words[index]) <= 5 and has_unit(reading, index):
        return True
    is_code = _OBSERVATION.match(reading.text, reading.starts[index]) is not None
    return is_code or is_edition(reading, index) or _is_of_thousands(reading, index)


def _is_of_thousands(reading: Reading, index: int) -> bool:
    """Whether the word is a piece of a value with commas, as in "D-dimer 2,340" and "84,000 copies"."""
    first = index
    while first and _continues(reading, first):
        first -= 1
    last = max(first, index)
    while last + 1 < len(reading.words) and _continues(reading, last + 1):
        last += 1
    if first == last or len(reading.words[first]) > 3:
        return False
    return has_unit(reading, last) or _measured_before(reading, first)


def _continues(reading: Reading, index: int) -> bool:
    """Whether three digits stand right after the comma behind other digits."""
    word = reading.words[index]
    return (
        len(word) == 3 and word.isdigit() and reading.gap(index) == "," and reading.words[index - 1].isdigit()
    )


def _is_measured(reading: Reading, index: int) -> bool:
    """Whether a number that could be an age over 89 is a measurement."""
    text, start, end = reading.text, reading.starts[index], reading.ends[index]
    after = text[end : end + 2]
    ends = after[:1] == "." and not after[1:].isdigit()  # the full stop of a sentence: "She is 92."
    around = text[max(0, start - 1) : start] + after[:1]
    if any(sign in "./:-%x+<>=~" for sign in around.strip()) and not ends:
        return True
    return has_unit(reading, index) or _measured_before(reading, index)


def _measured_before(reading: Reading, index: int) -> bool:
    measures, drugs = load_name_rules().measures, load_lexicon().drugs
    before = reading.words[index - 2] if index > 1 else ""
    if before and reading.words[index - 1] in _LINKS:
        return before in measures or before in _QUANTITIES
    if index and reading.words[index - 1] in {"to", "and"}:
        return before[:1].isdigit() or before in measures | _RISING  # "110 to 120", and not "moved to 412"
    return _follows(reading, index, measures) or _follows(reading, index, drugs)


def _follows(reading: Reading, index: int, words: Set[str]) -> bool:
    """Whether one of the words stands right before the number."""
    gap = reading.gap(index)
    return index > 0 and len(gap) <= 3 and not set(",|;") & set(gap) and reading.words[index - 1] in words
