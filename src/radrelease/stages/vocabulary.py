"""What nobody knows does not leave: words and numbers that are not known to be harmless.

A word is published if it is in the lexicon or if enough patients of the export use it; a number if
it has the form of a measurement. Everything else becomes a placeholder, and so does what stands
beside it as the parts of a name do. Written with a capital inside a sentence, a word of everyday
English is part of a name ("Green Valley"), and a word that is also a common name is one ("Grace").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set

from radrelease.profiles.lexicon import load_lexicon
from radrelease.profiles.report_rules import load_name_rules, load_roles
from radrelease.records import Span
from radrelease.stages.reading import Reading
from radrelease.stages.word_or_name import follows_person_cue, is_followed_by_term, is_term_here

__all__ = ["UNKNOWN", "find_unknown", "is_published_word"]

UNKNOWN = "UNKNOWN"

_NAME_KINDS = frozenset({"NAME", UNKNOWN, "INSTITUTION", "PLACE"})
_BLANKED = re.compile(r"x{2,}|_+")
_NUMBER = re.compile(r"(?:\d{1,2}|1\d\d|[2-9]\d\d)(?:st|nd|rd|th)?", re.IGNORECASE)
_WITH_UNIT = re.compile(
    r"\d{1,4}(?:mm|cm|ml|cc|kg|gm|mg|mcg|ug|lb|lbs|fr|ga|gauge|hr|hrs|wk|wks|mo|mos|min|mins|sec|vw|view|views|kv|kvp|ma|mas|msv|mgy|hu|iu|ft"
    r"|bpm|pack|lpm|mmhg|french)|\d{1,2}(?:m|l|g|f|h|d|w|yo|yom|yof|y|yr|yrs|s|v|x|in|pk|ppd|am|pm|k|c|a|b|p|ns|rib|ribs)",
)
_UNIT_AFTER = re.compile(
    r"(?i)\s?-?\s?(?:mm|cm|m\b|ml|l\b|cc|kg|g\b|gm|mg|mcg|ug|lb|lbs|pounds|french|fr\b|f\b|gauge|hu\b|hounsfield|iu|units?|cells|kv|kvp|ma\b|mas|msv"
    r"|mgy|cgy|bpm|mmhg|meq|mmol|ng|pg|u/l|%|percent|degrees?|°|k\b|x\b|ft\b|feet|inch|inches|in\b|days?|hours?|hrs?|weeks?|months?|years?|yrs?"
    r"|minutes?|mins?|views?|images?|pack|ppd|joules?|liters?|litres?|copies|cal\b)"
)
_SHORT_CODE = re.compile(
    r"[a-z]{1,5}\d{1,2}(?:[a-z]{1,2}\d?[a-z]?\d?[a-z]?\d?)?|\d{1,2}[a-z]{1,2}\d?|covid19|t[0-4x]n[0-3x]m[01x]|\d{1,3}x\d{1,3}(?:x\d{1,3})?(?:mm|cm)?|q\d{1,2}[a-z]{0,2}"
)
_JOINT = re.compile(r"[ ]?[-'’./&^]?[ ]?|, ?|\.?\n|\. | \(")
_LONGEST_NAME = 5


def is_published_word(word: str, given_back: Set[str]) -> bool:
    """Whether the folded word may be published at all."""
    lexicon = load_lexicon()
    return (
        len(word) == 1
        or word in lexicon.clinical
        or word in lexicon.english
        or word in lexicon.ambiguous
        or word in given_back
        or word in load_roles().every
        or _BLANKED.fullmatch(word) is not None
    )


def find_unknown(
    reading: Reading, claimed: Sequence[Span], given_back: Set[str], protected: frozenset[int]
) -> Iterator[Span]:
    """The spans that the other layers left and that may not be published.

    ``claimed`` is what is removed already; ``given_back`` are words outside the lexicon that may be
    published, ``protected`` the indices of words in a protected phrase.
    """
    taken = _taken(reading, claimed)
    names = {index for index, kind in taken.items() if kind in _NAME_KINDS}
    removed: dict[int, str] = {}
    for index in reading.marks:
        if index in taken or index in protected:
            continue
        rule = _objection(reading, index, given_back)
        if rule:
            removed[index] = rule
            if not any(map(str.isdigit, reading.words[index])):
                names.add(index)
    for index in _beside_names(reading, names, taken, protected):
        removed.setdefault(index, "beside a name")
    numbers = [index for index in removed if index not in names]
    numbers += [index for index, kind in taken.items() if kind == "ID"]
    for index in _beside_numbers(reading, numbers, taken):
        removed.setdefault(index, "beside a number")
    for index, rule in sorted(removed.items()):
        yield Span(start=reading.starts[index], end=reading.ends[index], kind=UNKNOWN, rule=rule)


def _taken(reading: Reading, claimed: Sequence[Span]) -> dict[int, str]:
    """The kinds of the words that are removed already, by index."""
    found: dict[int, str] = {}
    spans = iter(claimed)
    span = next(spans, None)
    for index, (start, end) in enumerate(zip(reading.starts, reading.ends, strict=True)):
        while span is not None and span.end <= start:
            span = next(spans, None)
        if span is None:
            break
        if span.start <= start and end <= span.end:
            found[index] = span.kind
    return found


def _objection(reading: Reading, index: int, given_back: Set[str]) -> str:
    """Why the word may not be published, or ""."""
    word = reading.words[index]
    if not word.isalpha() and any(map(str.isdigit, word)):
        return "" if word in given_back or _is_harmless_number(reading, index) else "number of unknown use"
    if not is_published_word(word, given_back):
        return "word of unknown use"
    lexicon = load_lexicon()
    if not reading.written(index).isascii() and not any(
        word in known for known in (lexicon.clinical, lexicon.eponyms, given_back)
    ):
        return "word of unknown use"  # "Dũng" is not dung
    if len(word) == 1 or word in lexicon.clinical or word in given_back:
        return ""
    if word in lexicon.eponyms and is_term_here(reading, index):
        return ""
    if word in lexicon.ambiguous and follows_person_cue(reading, index):
        return "name by its place"
    if reading.capitals or not reading.is_capitalised(index):
        return ""
    if reading.begins_sentence(index):
        named = word in lexicon.ambiguous and not is_followed_by_term(reading, index)
        return "name by its place" if named else ""
    if _is_heading(reading, index):
        return ""
    if word in lexicon.ambiguous:
        return "name by its place"
    return "" if reading.written(index).isupper() else "capital inside a sentence"


def _is_heading(reading: Reading, index: int) -> bool:
    """Whether the word is one of a title or label, which is written with capitals throughout."""
    text = reading.text
    start = text.rfind("\n", 0, reading.starts[index]) + 1
    colon = text.find(":", reading.ends[index])
    if 0 <= colon - reading.ends[index] <= 30 and "." not in text[reading.ends[index] : colon]:
        between = text[reading.ends[index] : colon].split()
        if all(word[0].isupper() or word in {"of", "for", "and", "/", "the", "or"} for word in between):
            return True
    end = text.find("\n", reading.ends[index])
    line = text[start : end if end >= 0 else len(text)]
    return line.isupper()


def _is_harmless_number(reading: Reading, index: int) -> bool:
    """Whether a word with digits is a measurement, a level, a count, or a short code of medicine."""
    word, text, end = reading.words[index], reading.text, reading.ends[index]
    if word.isdigit():
        if len(word) <= 2:
            return word < "90" or len(word) < 2 or _is_measured(reading, index)
        if len(word) <= 5 and _UNIT_AFTER.match(text, end):
            return True
        before, after = text[reading.starts[index] - 1 : reading.starts[index]], text[end : end + 2]
        if before == "." and reading.starts[index] > 1 and text[reading.starts[index] - 2].isdigit():
            return len(word) <= 3  # decimals
        if len(word) == 3:
            return (
                after[:1] in {"/", "x"}
                or before in {"/", "x", "-"}
                or _measured_before(reading, index)
                or (after[:1] == "." and after[1:].isdigit())
            )
        return False
    if _NUMBER.fullmatch(word) or _WITH_UNIT.fullmatch(word):
        return True
    return len(word) <= 6 and _SHORT_CODE.fullmatch(word) is not None or _is_size(word)


def _is_size(word: str) -> bool:
    return re.fullmatch(r"\d{1,3}x\d{1,3}(?:x\d{1,3})?(?:mm|cm)?", word) is not None


def _is_measured(reading: Reading, index: int) -> bool:
    """Whether a number that could be an age over 89 is a measurement."""
    text, start, end = reading.text, reading.starts[index], reading.ends[index]
    around = text[max(0, start - 1) : start] + text[end : end + 1]
    if any(sign in "./:-%x+<>=~" for sign in around.strip()) and not text[end : end + 2].startswith(
        (". ", ".\n")
    ):
        return True
    return _UNIT_AFTER.match(text, end) is not None or _measured_before(reading, index)


_MEASURES = frozenset(
    "weight height o o2 oxygen s vas ef lvef cts ctr bp pressure rate hr spo sat sats saturation glucose bnp troponin wbc platelets kv kvp mas ma dose dlp fio rr temp temperature "
    "index over by x to and of sodium level score hu attenuation bmi peep angle about approximately versus vs icd".split()
)


def _measured_before(reading: Reading, index: int) -> bool:
    return index > 0 and reading.words[index - 1] in _MEASURES and len(reading.gap(index)) <= 3


def _beside_names(
    reading: Reading, names: Set[int], taken: Mapping[int, str], protected: frozenset[int]
) -> Iterator[int]:
    """The words that are one name with what is removed: other parts, initials, particles."""
    seen: set[int] = set()
    for place in sorted(names):
        for step in (-1, 1):
            index = place + step
            for _ in range(_LONGEST_NAME):
                if not 0 <= index < len(reading.words) or index in seen or index in names or index in taken:
                    break
                gap = reading.gap(index if step > 0 else index + 1)
                if index in protected or not _JOINT.fullmatch(gap) or not _is_part(reading, index, gap, step):
                    break
                if gap == ". " and len(reading.words[min(index, index - step)]) > 2:
                    break  # the end of a sentence, and not of a title or an initial
                seen.add(index)
                yield index
                index += step


def _beside_numbers(reading: Reading, numbers: Sequence[int], taken: Mapping[int, str]) -> Iterator[int]:
    """The other parts of a number that is written with separators."""
    for place in numbers:
        for step in (-1, 1):
            index = place + step
            while 0 <= index < len(reading.words) and index not in taken:
                gap, word = reading.gap(index if step > 0 else index + 1), reading.words[index]
                if gap not in {"-", "/", ".", "_"} or not (any(map(str.isdigit, word)) or len(word) < 4):
                    break
                yield index
                index += step


def _is_part(reading: Reading, index: int, gap: str, step: int) -> bool:
    word, lexicon, rules = reading.words[index], load_lexicon(), load_name_rules()
    if len(word) == 1:
        if gap in {"'", "’"}:
            return step < 0 or word != "s"
        return word.isalpha() and reading.is_capitalised(index) and "\n" not in gap and "/" not in gap
    if word in rules.particles and len(word) > 1 and word not in {"do", "ap"}:
        if word == "la" and (reading.capitals or reading.is_capitalised(index)):
            return step < 0 and index > 0 and reading.words[index - 1] == "de"
        return step < 0 and "," not in gap
    if word == "the":
        return (
            step < 0 and reading.is_capitalised(index) and gap == " " and not reading.begins_sentence(index)
        )
    if not word.isalpha() or not reading.is_capitalised(index) or word in rules.stops:
        return False
    if reading.capitals:
        return word in lexicon.ambiguous and not is_followed_by_term(reading, index)
    if "\n" in gap or word in rules.titles or word in rules.credentials:
        return False
    if step < 0 and reading.begins_sentence(index) and word not in lexicon.ambiguous:
        return False
    if word in lexicon.clinical:
        if reading.written(index).isupper() or reading.begins_sentence(index):
            return False
        return gap in {" ", ". ", "-"}  # "New Ulm", "Grand Forks"
    return word in lexicon.ambiguous or word in lexicon.english
