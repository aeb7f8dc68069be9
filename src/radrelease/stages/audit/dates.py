"""Dates in the words of a text, in whatever order they are written, and the days that they may mean."""

from __future__ import annotations

from calendar import month_name
from collections.abc import Iterable, Iterator, Set
from contextlib import suppress
from datetime import date
from itertools import chain, zip_longest

__all__ = ["dates_in", "hold"]

Words = tuple[str, ...]

_DAYS = {form: day for day in range(1, 32) for form in (f"{day}", f"{day:02d}")}
_MONTHS = {form: month for form, month in _DAYS.items() if month <= 12}
_NAMED_MONTHS = {
    form.casefold(): month for month in range(1, 13) for form in (month_name[month], month_name[month][:3])
}
_ANY_MONTHS = _MONTHS | _NAMED_MONTHS
_MIDDLES = frozenset(_DAYS | _NAMED_MONTHS)
"""What may stand between two other parts of a date."""


def dates_in(words: Words, *, short_years: bool = False) -> Iterator[tuple[Words, list[date]]]:
    """What may be a date (20500304, 3 4 2050, 4 March 2050), in its words, and the days that it may mean.

    With ``short_years``, "3 4 50" is the third or fourth of a month of two centuries.
    """
    if not any(map(str.isdigit, words)):
        return  # without a year
    for word, second, third in zip_longest(words, words[1:], words[2:], fillvalue=""):
        if 4 < len(word) < 9 and word.isdigit():
            one = list(_day(word[:-4], _MONTHS.get(word[-4:-2]), word[-2:]))
            if one:
                yield (word,), one
        if second in _MIDDLES and (word in _MIDDLES or third in _DAYS):
            readings = (
                _day(year, month, day)
                for written, month, day in (
                    (third, _ANY_MONTHS.get(word), second),
                    (third, _ANY_MONTHS.get(second), word),
                    (word, _MONTHS.get(second), third),
                )
                for year in _years(written, short_years=short_years)
            )
            three = list(chain.from_iterable(readings))
            if three:
                yield (word, second, third), three


def _day(year: str, month: int | None, day: str) -> Iterator[date]:
    """The day, where it is one."""
    number = _DAYS.get(day)
    if month and number and 0 < len(year) <= 4 and year.isascii() and year.isdigit() and year[0] != "0":
        with suppress(ValueError):  # 30 February
            yield date(int(year), month, number)


def _years(written: str, *, short_years: bool) -> tuple[str, ...]:
    """The years that a number may mean."""
    if short_years and len(written) == 2 and written.isdigit():
        return f"19{written}", f"20{written}"
    return (written,)


def hold(births: Set[date], days: Iterable[date]) -> bool:
    """Whether one of the days is among the dates of birth."""
    return any(day in births for day in days)
