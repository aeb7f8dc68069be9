"""Dates in reports: moved in the form in which they stand, or taken out where the reading is not certain.

A date is moved when day, month and year are all there and only one reading is possible under the
source's ``order``. A month and a year, a day and a month, a year alone, and dates that cannot exist
become the placeholder: a part of a date cannot be moved by days.

The forms in which dates are written are data (``date_forms.toml``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from radrelease.profiles.date_forms import MONTH_FIRST, load_date_forms
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
_MONTH_STARTS = frozenset(month[:3] for month in _MONTHS)
_GLUED = re.compile(r"(?:\d{2}|\d{4})?[a-z]{1,8}(\d{1,4})")
_LEVELS = re.compile(r"[CTLS](?:3/4/5|4/5/6|5/6/7|6/7/8|7/8/9|8/9/10|9/10/11|10/11/12)\b")
_SHORT_YEAR = re.compile(r"(?<!\w)'\d\d(?!\d|s\b)(?=\W|$)")
_WEEKDAYS = frozenset(
    {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
    | {"mon", "tue", "tues", "wed", "weds", "thu", "thur", "thurs", "fri", "sun"}
)
_BEFORE_DAYS = _WEEKDAYS | {"on", "since", "dated", "until", "adm", "admitted", "discharged", "c"}
"""After which what looks like a count or a value may be a day: "on fri 18.", "d/c 12.3 with"."""

_WEEKDAY = re.compile(
    r"(?i)\b(?:mon|tues?|wed(?:s|nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?,?\s{0,2}(?:the\s)?$"
)
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
    others = [i for i in reading.marks if _may_be_of_date(reading, i)]
    for index in sorted({*reading.numbers, *others}):
        start = reading.starts[index]
        if start < taken or is_edition(reading, index):
            continue
        sign = reading.after_digits(index) if text[start].isdigit() else MONTH_FIRST
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
    """A whole date that letters run into: "CXR3/4/19", and "n3/4/19" where a line break was written so."""
    glued = _GLUED.fullmatch(reading.words[index])
    if glued is None:
        return
    start, sign = reading.starts[index] + glued.start(1), reading.text[reading.ends[index] :][:1]
    span = _whole_date(reading.text, start, sign, rules) if sign in {"/", "-"} else None
    if span is not None and not _LEVELS.match(reading.text, reading.starts[index]):
        yield from _with_surroundings(reading.text, span)


def _may_be_of_date(reading: Reading, index: int) -> bool:
    """Whether a date may begin at the word, though it is no number or a plain one: "on fri 18."."""
    word = reading.words[index]
    if word.isdigit():
        return index > 0 and reading.words[index - 1] in _BEFORE_DAYS
    return word in MONTHS or _ends_in_month(word)


def _ends_in_month(word: str) -> bool:
    """Whether the word runs on into something else, as in "12may2019" or "may2019"."""
    return word[:3] in _MONTH_STARTS and word[-1].isdigit()


def _whole_date(text: str, start: int, sign: str, rules: DateRules) -> Span | None:
    for form in load_date_forms().whole[sign]:
        found = form.expression.match(text, start)
        if found is not None:
            moved = _moved(found, rules)
            rule = "date moved" if moved else "date not certain"
            return Span(start=found.start(), end=found.end(), kind="DATE", rule=rule, replacement=moved)
    return None


def _part_of_date(text: str, start: int, sign: str) -> Span | None:
    for form in load_date_forms().parts[sign]:
        found = form.expression.match(text, start)
        if found is None or _is_may(found) or is_fraction(text, found):
            continue
        return _plain(found.start(), found.end(), "DATE", form.rule)
    return None


def _is_may(found: re.Match[str]) -> bool:
    """Whether the month is the verb: "may 10 mm" is not a date."""
    name = found.groupdict().get("name") or ""
    return name.lower() == "may" and name[0] == "m"


def _with_surroundings(text: str, span: Span) -> Iterator[Span]:
    """The date, and the day of the week and the time that stand beside it."""
    yield span
    before = _WEEKDAY.search(text, max(0, span.start - 16), span.start)
    if before is not None:
        yield _plain(before.start(), before.start() + len(before[0].rstrip(" ,")), "DATE", "day of the week")
    after = _WEEKDAY_AFTER.match(text, span.end)
    if after is not None:
        start = after.end() - len(after[0].lstrip(" (,"))
        yield _plain(start, after.end(), "DATE", "day of the week")
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
