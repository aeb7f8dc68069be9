"""Dates in reports: moved in the form in which they stand, or taken out where the reading is not certain.

A date is moved when day, month and year are all there and only one reading is possible under the
source's ``order``. A month and a year, a day and a month, a year alone, and dates that cannot exist
become the placeholder: a part of a date cannot be moved by days.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from radrelease.profiles.pattern_rules import AFTER_DIGITS
from radrelease.profiles.word_lists import MONTHS
from radrelease.records.private import Span
from radrelease.stages.scrub.fractions import is_fraction
from radrelease.stages.scrub.numbers import is_edition
from radrelease.stages.scrub.reading import Reading
from radrelease.stages.text.letter_case import Case

__all__ = ["DateOrder", "DateRules", "find_dates"]

DateOrder = Literal["mdy", "dmy"]

_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTH = r"(?P<name>(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?))\.?"
_MONTH_STARTS = frozenset(month[:3] for month in _MONTHS)
_DAY = r"(?P<d>0?[1-9]|[12]\d|3[01])(?P<ordinal>(?i:st|nd|rd|th)\b)?"
_YEAR = r"(?P<y>(?:19|20)\d\d|'\d\d)"
_UNIT = (
    r"(?![^\S\n]?(?:-\s?)?(?i:mm|cm|ml|cc|mg|mcg|kg|g|l|liters?|hours?|hrs|h|views?|ribs?|%|x(?!-?\s?ray))\b)"
)

_WHOLE = tuple(
    (signs, "", re.compile(expression))
    for signs, expression in (
        (
            " -/.",
            r"(?<![\d./])(?<!\d-)(?P<y>(?:19|20)\d\d)\s?(?P<s>[-/.])\s?(?P<m>\d{1,2})\s?(?P=s)\s?(?P<d>\d{1,2})(?![\d/-])",
        ),
        (
            "-/",
            r"(?<!\d)(?:(?<!\d[./-])|(?<=/\d\d-)|(?<=/\d{4}-))(?P<a>\d{1,2})(?P<s>[-/])(?P<b>\d{1,2})(?P=s)(?P<y>\d{4}|'?\d\d)(?![\d/]|-\d(?!\d?/\d\d?/\d\d))",
        ),
        (
            ".",
            r"(?:(?<![\d./])(?<!\d-)|(?<=\.\d{4}-))(?P<a>\d{1,2})(?P<s>\.)(?P<b>\d{1,2})\.(?P<y>(?:19|20)\d\d)(?![\d/])",
        ),
        (
            ".",
            rf"(?:(?<![\d./])(?<!\d-)|(?<=\.\d\d-))(?P<a>0?[1-9]|[12]\d|3[01])(?P<s>\.)(?P<b>0?[1-9]|[12]\d|3[01])\.(?P<y>\d\d)(?![\d/]|\.\d){_UNIT}",
        ),
        (
            " /-.",
            r"(?<![\d./-])(?P<a>\d{1,2})\s?(?P<s>[-/.])\s?(?P<b>\d{1,2})\s?(?P=s)\s?(?P<y>(?:19|20)\d\d)(?![\d/-])",
        ),
        (" /", r"(?<![\d./-])(?P<a>\d{1,2})\s?(?P<s>/)\s?(?P<b>\d{1,2})\s?/\s?(?P<y>\d\d)(?![\d/-])"),
        ("*", r"(?<![\w.])(?P<y>(?:19|20)\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?![\w]|\.\d)"),
        ("m", rf"\b{_MONTH}[\s-]{{1,2}}{_DAY}(?:\s?,\s?|\s|-){{1,2}}{_YEAR}(?!\d)"),
        (" -a", rf"(?<![\w/.-]){_DAY}(?:\sof)?[\s-]{{0,2}}{_MONTH}(?:\s?,\s?|\s|-)?{_YEAR}(?!\d)"),
        ("-", rf"(?<![\w/.-])(?P<d>[0-3]?\d)-{_MONTH}-(?P<y>\d\d)(?!\d)"),
        (" -", rf"\b(?P<y>(?:19|20)\d\d)[\s-]{_MONTH}[\s-](?P<d>[0-3]?\d)(?!\d)"),
    )
)
_PARTS = tuple(
    (signs, name, re.compile(expression))
    for signs, name, expression in (
        ("-", "day and month", r"(?i)(?:(?<=\bon )|(?<=\bsince )|(?<=\bdated )|(?<=\buntil ))(?:0?[1-9]|1[0-2])-(?:0?[1-9]|[12]\d|3[01])(?=[,;:)]|\.(?:\s|$)|\s(?:film|study|exam|cxr|ct|x-?ray|images?\swere|the|was|were|showed|at|he|she|it|pt|patient)\b)"),
        ("m", "months of a year", rf"\b(?!may\b){_MONTH}\s?(?:and|or|to|-|/|&)\s?(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{{0,6}}\.?,?\s{_YEAR}(?!\d)"),
        (" ", "day and month", rf"(?i)(?<![\w/.:-]){_DAY}\s(?:i{{1,3}}|vi{{1,3}}|ix|xi{{1,2}})\s(?:19|20)?\d\d(?![\w/]|\.\d)"),
        ("/", "date in a number", r"(?<![\d./-])(?!7/8/9|8/9/10|9/10/11|10/11/12)(?:0?[1-9]|[12]\d|3[01])/(?:0?[1-9]|[12]\d|3[01])/(?:(?:19|20)\d\d|[0-4]\d)(?=-\d)"),
        ("-a", "week of a year", r"(?i)(?<![\w.,/-])(?:19|20)\d\d-?w[0-5]\d(?:-?[1-7])?(?!\w)"),
        ("m", "days of a month", rf"\b(?!may\b){_MONTH}\s{_DAY}\s?(?:-|/|&|to|through|thru|and)\s?(?:[12]\d|3[01]|[1-9])(?:st|nd|rd|th)?(?:,?\s(?:19|20)\d\d)?(?![\d/-]|\.\d|:\d){_UNIT}"),
        (" -/a", "days of a month", rf"(?<![\w/.:-]){_DAY}\s?(?:-|/|&|to|through|thru|and)\s?(?:[12]\d|3[01]|[1-9])(?:st|nd|rd|th)?\s(?:of\s)?(?!may\b){_MONTH}(?:,?\s(?:19|20)\d\d)?(?!\w)"),
        (" /-", "month and year", r"(?<![\d./-])(?:0?[1-9]|1[0-2])\s?[/-]\s?(?:19|20)\d\d(?![\d/-])"),
        ("m", "month and year", rf"\b{_MONTH},?[\s-](?:of\s)?(?:{_YEAR})(?!\d)"),
        ("m", "month and year", rf"\b{_MONTH}[-/]\d\d(?![\d/-])"),
        ("m", "month and day", r"(?i)(?:(?<=\bon )|(?<=\bsince )|(?<=\bfrom )|(?<=\bdated )|(?<=\buntil ))may\s(?:the\s)?(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?![\d/]|:\d|\.\d)"),
        ("m", "month and day", rf"\b(?!may\b){_MONTH}\s(?:the\s)?{_DAY}(?![\d/]|:\d|\.\d){_UNIT}"),
        (" /.-", "day and month", rf"(?<![\w/.:-])(?P<d>0?[1-9]|[12]\d|3[01])(?:\s?[-/]\s?|\.|\.\s(?=[A-Za-z]{{3,9}}\.?\s(?:19|20)\d\d))(?:(?!may\b){_MONTH}|(?:I{{1,3}}|I?[VX]|VI{{1,3}}|XI{{1,2}})(?=[/.]\s?(?:19|20)?\d\d))(?:\s?[-/.,]?\s?'?(?:(?:19|20)\d\d|\d\d(?![\d/]|\.\d)))?(?!\w)"),
        ("m", "month and year", rf"\b{_MONTH}['’.]?\d{{1,2}}(?!\w|[./-]\d)"),
        ("m", "month and day", rf"\b(?!may\b){_MONTH}(?:\s?[-/]\s?|(?<=\.)|\.){_DAY}(?:\s?[-/.,]\s?'?(?:(?:19|20)\d\d|\d\d))?(?!\d){_UNIT}"),
        (" -a", "day and month", rf"(?<![\w/.:-])(?P<d>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?[\s-](?:of\s)?(?!may\b){_MONTH}(?!\w|\s\d{{1,2}}(?i:st|nd|rd|th)?,?\s(?:19|20)\d\d)"),
        ("/-", "day and month", r"(?<![\d./-])(?P<a>\d{1,2})(?P<s>[/-])(?P<b>\d{1,2})(?=\s?(?:-|to|and|through)\s?\d{1,2}[/-]\d{1,2}[/-]\d{2,4})"),
        ("/", "day and month", rf"(?:(?<![\w./-])|(?<=\d/\d-)|(?<=\d/\d\d-))(?P<a>0?[1-9]|[12]\d|3[01])/(?P<b>0?[1-9]|[12]\d|3[01])(?![\d/]|\.\d){_UNIT}"),
        (" /-.", "day, month and year", r"(?<![\d./-])(?:0?[1-9]|[12]\d|3[01])[\s./-](?:0?[1-9]|[12]\d|3[01])\s(?:19|20)\d\d(?![\d/-])"),
        ("*", "year", rf"(?<![\w.,/-])(?:19[3-9]\d|20[0-4]\d)(?![\w/]|[.,-]\d|:\d){_UNIT}"),
        ("a'*", "year", r"\b(?:19[3-9]|20[0-4])0'?s\b"),
    )
)  # fmt: skip
"""Forms of dates, each with the signs that follow the digits it begins with; "m" begins with a month."""

Form = tuple[str, str, re.Pattern[str]]


def _by_sign(forms: tuple[Form, ...]) -> dict[str, tuple[Form, ...]]:
    return {
        sign: tuple(form for form in forms if {sign, "*"} & set(form[0])) for sign in f"{AFTER_DIGITS}m"
    } | {"m": tuple(form for form in forms if form[0] == "m")}


_WHOLE_BY_SIGN, _PARTS_BY_SIGN = _by_sign(_WHOLE), _by_sign(_PARTS)
_GLUED = re.compile(r"(?:\d{2}|\d{4})?[a-z]{1,8}(\d{1,4})")
_LEVELS = re.compile(r"[CTLS](?:3/4/5|4/5/6|5/6/7|6/7/8|7/8/9|8/9/10|9/10/11|10/11/12)\b")
_SHORT_YEAR = re.compile(r"(?<!\w)'\d\d(?!\d|s\b)(?=\W|$)")
_WEEKDAY = re.compile(r"(?i)\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?,?\s{0,2}$")
_WEEKDAY_AFTER = re.compile(
    r"(?i)\s?\(?,?\s?\b(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b\)?"
)
_TIME_AFTER = re.compile(
    r"(?i)(?P<gap>,?\s{0,2}(?:at\s|@\s?|T)?)(?:[01]?\d|2[0-4]):?[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?(?:Z\b|\s?[ap](?:m\b|\.m\.)|\s?(?:hrs|hours|h)\b|\s?[ECMP][SD]T\b)?(?![\d/-])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DateRules:
    """How the dates of one study are treated; ``never`` are dates that are not even moved."""

    shift_days: int
    study_date: date
    order: DateOrder
    never: frozenset[date] = frozenset()


def find_dates(reading: Reading, rules: DateRules) -> Iterator[Span]:
    """The spans of all dates, each with its moved form or none, and of the times beside them."""
    text, taken = reading.text, 0
    months = [i for i in reading.marks if reading.words[i] in MONTHS or _ends_in_month(reading.words[i])]
    for index in sorted({*reading.numbers, *months}):
        start = reading.starts[index]
        if start < taken or is_edition(reading, index):
            continue
        sign = reading.after_digits(index) if text[start].isdigit() else "m"
        span = _whole_date(text, start, sign, rules) or _part_of_date(text, start, sign)
        if span is not None:
            taken = span.end
            if reading.case[index] == Case.SMALL:
                span = replace(span, replacement=span.replacement.lower())
            yield from _with_surroundings(text, span)
    for index in reading.marks:
        if not reading.words[index].isalpha():
            yield from _glued_date(reading, index, rules)
    if "'" in text:
        for found in _SHORT_YEAR.finditer(text):
            yield _plain(found.start(), found.end(), "DATE", "year")


def _glued_date(reading: Reading, index: int, rules: DateRules) -> Iterator[Span]:
    """A whole date that letters run into: "CXR3/4/19", and "n3/4/19" where an export wrote a line break so."""
    glued = _GLUED.fullmatch(reading.words[index])
    if glued is None:
        return
    start, sign = reading.starts[index] + glued.start(1), reading.text[reading.ends[index] :][:1]
    span = _whole_date(reading.text, start, sign, rules) if sign in {"/", "-"} else None
    if span is not None and not _LEVELS.match(reading.text, reading.starts[index]):
        yield from _with_surroundings(reading.text, span)


def _ends_in_month(word: str) -> bool:
    """Whether the word runs on into something else, as in "12may2019" or "may2019"."""
    return word[:3] in _MONTH_STARTS and word[-1].isdigit()


def _whole_date(text: str, start: int, sign: str, rules: DateRules) -> Span | None:
    for _, _, expression in _WHOLE_BY_SIGN[sign]:
        found = expression.match(text, start)
        if found is not None:
            moved = _moved(found, rules)
            rule = "date moved" if moved else "date not certain"
            return Span(start=found.start(), end=found.end(), kind="DATE", rule=rule, replacement=moved)
    return None


def _part_of_date(text: str, start: int, sign: str) -> Span | None:
    for _, name, expression in _PARTS_BY_SIGN[sign]:
        found = expression.match(text, start)
        if found is None or _is_may(found) or is_fraction(text, found):
            continue
        return _plain(found.start(), found.end(), "DATE", name)
    return None


def _is_may(found: re.Match[str]) -> bool:
    """Whether the month is the verb: "may 10 mm" is not a date."""
    name = found.groupdict().get("name") or ""
    return name.lower() == "may" and name[0] == "m"


def _with_surroundings(text: str, span: Span) -> Iterator[Span]:
    """The date, and the day of the week and the time that stand beside it."""
    yield span
    before = _WEEKDAY.search(text, max(0, span.start - 14), span.start)
    if before is not None:
        yield _plain(before.start(), before.start() + len(before[0].rstrip(" ,")), "DATE", "day of the week")
    after = _WEEKDAY_AFTER.match(text, span.end)
    if after is not None:
        yield _plain(after.start() + len(after[0]) - len(after[0].lstrip(" (,")), after.end(), "DATE", "day of the week")  # fmt: skip
    time = _TIME_AFTER.match(text, span.end)
    if time is not None and (time["gap"] or ":" in time[0]):
        yield _plain(time.end("gap"), time.end(), "TIME", "time beside a date")


def _plain(start: int, end: int, kind: str, rule: str) -> Span:
    return Span(start=start, end=end, kind=kind, rule=rule)


def _moved(found: re.Match[str], rules: DateRules) -> str:
    """The date in its own form, moved; "" where the reading is not certain or may not be kept."""
    groups = found.groupdict()
    if groups.get("a") is not None:
        first, second = ("a", "b") if rules.order == "mdy" else ("b", "a")
        places = {"m": first, "d": second, "y": "y"}
    else:
        places = {"m": "m" if groups.get("m") else "name", "d": "d", "y": "y"}
    day = _read(groups, places, rules.study_date)
    if day is None or day in rules.never:
        return ""
    try:
        new = day + timedelta(days=rules.shift_days)
    except OverflowError:
        return ""
    return _write(found, places, new)


def _read(groups: dict[str, str | None], places: dict[str, str], study_date: date) -> date | None:
    year_text = (groups[places["y"]] or "").removeprefix("'")
    year = int(year_text)
    if len(year_text) == 2:
        year += 2000 if 2000 + year <= study_date.year + 1 else 1900
    month_text = groups[places["m"]] or ""
    month = int(month_text) if month_text.isdigit() else _month_number(month_text)
    try:
        day = date(year, month, int(groups[places["d"]] or 0))
    except ValueError:
        return None
    return day if 1900 <= day.year <= study_date.year + 2 else None


def _month_number(name: str) -> int:
    return next(index for index, month in enumerate(_MONTHS, 1) if month.startswith(name[:3].lower()))


def _write(found: re.Match[str], places: dict[str, str], new: date) -> str:
    """``new`` in the form of the match: separators, padding, case, ordinals and all."""
    groups = found.groupdict()
    numbers = [groups[place] or "" for key, place in places.items() if key != "y"]
    digits = [number for number in numbers if number.isdigit()]
    padded = any(number[0] == "0" for number in digits) or (
        len(digits) == 2 and all(len(number) == 2 for number in digits)
    )
    forms: dict[str, Callable[[str], str]] = {
        places["y"]: lambda old: f"{new.year:04d}"[-len(old.removeprefix("'")) :].rjust(len(old), "'"),
        places["d"]: lambda _: f"{new.day:02d}" if padded else str(new.day),
        places["m"]: lambda old: _written_month(old, new.month, padded=padded),
        "ordinal": lambda old: _ordinal(new.day, old),
    }
    pieces, read = [], found.start()
    for group in sorted((g for g in forms if groups.get(g)), key=found.start):
        pieces += [found.string[read : found.start(group)], forms[group](groups[group] or "")]
        read = found.end(group)
    return "".join(pieces) + found.string[read : found.end()]


def _written_month(old: str, month: int, *, padded: bool) -> str:
    if old.isdigit():
        return f"{month:02d}" if padded else str(month)
    name = _MONTHS[month - 1]
    short = len(old) <= 4 and old.lower() not in _MONTHS
    name = name[:3] if short else name
    return name.upper() if old.isupper() else name.capitalize() if old[0].isupper() else name


def _ordinal(day: int, old: str) -> str:
    suffix = "th" if day % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return suffix.upper() if old.isupper() else suffix
