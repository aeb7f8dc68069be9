"""Numbers and codes that only a label tells from a count: "ID 44", "ref MB/9/114", "MRN ends 71".

The labels are data (``scrub_words.toml``). Numbers are looked at for a label before them, and not words for
a number behind them, so that "file" and "letter" are words like others where nothing is numbered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from radrelease.profiles.lexicon import load_lexicon
from radrelease.profiles.word_lists import load_name_rules
from radrelease.records.private import Span
from radrelease.stages.scrub.numbers import has_unit
from radrelease.stages.scrub.reading import Reading

__all__ = ["find_labelled_numbers"]

_NUMBER_WORDS = frozenset({"no", "nos", "nr", "nbr", "num", "number", "numbers"})
_VERBS = frozenset({"is", "was"})
_JOINTS = frozenset({"/", "-"})
_LONGEST_LETTERS, _LONGEST_MIXED, _LONGEST_PREFIX = 4, 6, 5
_GAP = re.compile(r"[ .:#=*_(\"]{0,4}")
_PLAIN = re.compile(
    r"(?:[A-Za-z] )?\d/\d|(?i:[ctls]\d{1,2}(?:[-/][ctls]?\d{1,2})*)|[TNM]\d[a-c]?|[xX]\d{1,2}"
)
"""Grades, levels, stages and how often, which are no codes: "2/2", "T4-5", "N2", "x3"."""

_OF_SOMEBODY = re.compile(r"(?i)(?!ca-125)[a-z]{1,3}\d{0,2}[-/]\d{2,4}")
_ENDS_CLAUSE = re.compile(r"\s*(?:[,;:)\]\n]|\.(?!\d)|$)")
_COUNTED = re.compile(
    r"(?i)\.\d|,\d|\s?(?:of|x|fr|french|ribs?|or|to|per|times|patients?|tubes?|ett)\b|\s?[%+<>]"
)
"""What follows a count or a measurement: "case 1 of 3", "no 14 Fr"."""

_BEFORE_LAST = frozenset({"ends", "ending", "end", "in", "with", "digits", "digit", "numbers", "are", "is"})
_LAST_DIGITS = re.compile(
    r"(?i)\b(?:number|no|mrn|id|qid|phone|mobile|cell|landline|tel|card|account|acct|passport|policy|nhs|ssn|file|ref)"
    r"\b[^.;\n]{0,16}\b(?:ends?|ending)(?:\s(?:in|with))?[\s:]{1,2}$"
    r"|\blast\s(?:two|three|four|few|[234])\s(?:digits?|numbers?)(?:\s(?:of\s(?:the\s)?)?[a-z]{2,8}){0,2}[\s:#]{1,2}$"
)
"""What stands before the last digits of a number: "MRN ends 71", "last two digits 44"."""


def find_labelled_numbers(reading: Reading) -> Iterator[Span]:
    """The spans of short numbers and codes that a label gives away."""
    after = 0
    for index in reading.marks:
        if index < after or not index or reading.words[index].isalpha():
            continue
        first, last = _run(reading, index)
        after = last + 1
        if not first or not _may_follow_label(reading, first) or _is_counted(reading, index, last):
            continue
        begin = _begin(reading, first, last)
        if begin < first or _is_labelled(reading, first, last) or _tells_last_digits(reading, first):
            start, end = reading.starts[begin], reading.ends[last]
            yield Span(start=start, end=end, kind="ID", rule="short number after its label")


def _may_follow_label(reading: Reading, first: int) -> bool:
    """Whether one of the two words before the number is a label, or joins one to it; most others are not."""
    before = reading.words[max(0, first - 2) : first]
    return "#" in reading.gaps[first] or not _before_numbers().isdisjoint(before)


def _is_counted(reading: Reading, index: int, last: int) -> bool:
    """Whether what follows tells of a count or a measurement."""
    if has_unit(reading, index) or has_unit(reading, last):
        return True
    return _COUNTED.match(reading.text, reading.ends[last]) is not None


@cache
def _before_numbers() -> frozenset[str]:
    rules = load_name_rules()
    return (
        rules.short_labels | rules.code_labels | rules.numbered_labels | _NUMBER_WORDS | _VERBS | _BEFORE_LAST
    )


def _run(reading: Reading, index: int) -> tuple[int, int]:
    """The first and the last of the words that strokes or hyphens join to the number."""
    first = last = index
    while first and reading.gaps[first] in _JOINTS and _is_piece(reading.words[first - 1]):
        first -= 1
    while last + 1 < len(reading.words) and reading.gaps[last + 1] in _JOINTS:
        if not _is_piece(reading.words[last + 1]):
            break
        last += 1
    return first, last


def _is_piece(word: str) -> bool:
    return len(word) <= (_LONGEST_LETTERS if word.isalpha() else _LONGEST_MIXED)


def _begin(reading: Reading, first: int, last: int) -> int:
    """The word of letters that a label before it makes part of the number, or ``first``: "file no c 71"."""
    index = first - 1
    word, rules = reading.words[index], load_name_rules()
    if not index or reading.gaps[first] != " " or not word.isalpha() or word in _NUMBER_WORDS:
        return first
    if len(word) > 1:
        if len(word) > _LONGEST_PREFIX or word in rules.function_words or not reading.is_capitalised(index):
            return first
        if word in load_lexicon().clinical and reading.words[index - 1] not in rules.code_labels:
            return first
    return index if _is_labelled(reading, index, last, lettered=True) else first


def _is_labelled(reading: Reading, first: int, last: int, *, lettered: bool = False) -> bool:
    """Whether a label stands before the words; ``lettered`` ones begin with a word of letters."""
    if not _GAP.fullmatch(reading.gaps[first]):
        return False
    label, numbered, rules = first - 1, "#" in reading.gaps[first], load_name_rules()
    label -= label > 0 and reading.words[label] in _VERBS
    if label and reading.words[label] in _NUMBER_WORDS and _GAP.fullmatch(reading.gaps[label]):
        label, numbered = label - 1, True
    word, written = reading.words[label], reading.text[reading.starts[first] : reading.ends[last]]
    if word in rules.short_labels:
        return True
    is_code = (lettered or not written.isdigit()) and not _PLAIN.fullmatch(written)
    if word in rules.code_labels:
        return numbered or is_code
    if word in rules.numbered_labels:
        return numbered or _OF_SOMEBODY.fullmatch(written) is not None
    return numbered and _may_be_numbered(reading, label, last, is_code=is_code)


def _may_be_numbered(reading: Reading, label: int, last: int, *, is_code: bool) -> bool:
    """Whether what is numbered may tell of somebody: no picture, device or finding."""
    word, rules, lexicon = reading.words[label], load_name_rules(), load_lexicon()
    if not word.isalpha() or len(word) == 1 or not set(reading.gaps[label + 1]) <= {" ", "#"}:
        return False
    if not is_code and not _ENDS_CLAUSE.match(reading.text, reading.ends[last]):
        return False
    medical = lexicon.technical if is_code else lexicon.clinical
    plain = (rules.counted, rules.measures, rules.function_words, lexicon.eponyms, medical)
    return not any(word in words for words in plain)


def _tells_last_digits(reading: Reading, first: int) -> bool:
    if reading.words[first - 1] not in _BEFORE_LAST:
        return False
    start = reading.starts[first]
    return _LAST_DIGITS.search(reading.text, max(0, start - 48), start) is not None
