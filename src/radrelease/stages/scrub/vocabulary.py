"""What nobody knows does not leave: words and numbers that are not known to be harmless.

A word is published if it is in the lexicon or if enough patients of the export use it; a number if
it has the form of a measurement. Everything else becomes a placeholder, and so does what stands
beside it as the parts of a name do.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from radrelease.records.private import Span
from radrelease.stages.scrub.around_names import (
    before_runs,
    beside_numbers,
    between_names,
    ends_of_broken,
    first_of_foreign,
    numbers_behind,
    towns_after_places,
    towns_before_codes,
    ways_to,
)
from radrelease.stages.scrub.name_parts import beside_names
from radrelease.stages.scrub.numbers import chained_numbers
from radrelease.stages.scrub.objections import objection_to
from radrelease.stages.scrub.place_tails import around_places
from radrelease.stages.scrub.reading import Reading

__all__ = ["UNKNOWN", "find_unknown"]

UNKNOWN = "UNKNOWN"

_NAME_KINDS = frozenset({"NAME", UNKNOWN, "INSTITUTION", "PLACE"})


def find_unknown(
    reading: Reading, claimed: Sequence[Span], given_back: Set[str], protected: frozenset[int]
) -> Iterator[Span]:
    """The spans that the other layers left and that may not be published.

    ``claimed`` is what is removed already; ``given_back`` are words outside the lexicon that may be
    published, ``protected`` the indices of words in a protected phrase.
    """
    taken = _taken(reading, claimed)
    removed = {
        index: rule
        for index in reading.marks
        if index not in taken and index not in protected
        if (rule := objection_to(reading, index, given_back))
    }
    for index in chained_numbers(reading, taken.keys()):
        removed.setdefault(index, "number in pieces")
    names = {index for index, kind in taken.items() if kind in _NAME_KINDS}
    names |= {index for index in removed if not any(map(str.isdigit, reading.words[index]))}
    for rule, found in _beside(reading, names, taken, removed, protected):
        for index in found:
            removed.setdefault(index, rule)
    for index, rule in sorted(removed.items()):
        yield Span(start=reading.starts[index], end=reading.ends[index], kind=UNKNOWN, rule=rule)


def _beside(
    reading: Reading,
    names: set[int],
    taken: Mapping[int, str],
    removed: Mapping[int, str],
    protected: frozenset[int],
) -> Iterator[tuple[str, Iterable[int]]]:
    """What belongs to the removed words, step by step; ``removed`` holds what the steps before found."""
    towns = set(towns_after_places(reading, taken))
    towns |= set(towns_before_codes(reading, names | removed.keys() | taken.keys())) - names - taken.keys()
    yield "town after an address", towns
    names |= towns
    yield "rest of a broken name", ends_of_broken(reading, names)
    yield "beside a name", beside_names(reading, names, taken, protected)
    kinds = {**dict.fromkeys(removed, UNKNOWN), **taken}
    places = set(around_places(reading, kinds)) - protected
    yield "beside a place", places
    names |= places
    yield "beside a place", beside_names(reading, places, taken, protected)
    yield "beside a name", before_runs(reading, names | removed.keys())
    yield "beside a name", first_of_foreign(reading, names | removed.keys())
    yield "beside a name", ways_to(reading, names | removed.keys())
    yield "beside a name", between_names(reading, names | removed.keys(), taken)
    numbers = [index for index in removed if index not in names]
    numbers += [index for index, kind in taken.items() if kind in {"ID", "PLACE"}]
    yield "beside a number", beside_numbers(reading, numbers, taken)
    kinds = {**dict.fromkeys((*names, *removed), UNKNOWN), **taken}
    yield "number behind what goes", list(numbers_behind(reading, kinds))


def _taken(reading: Reading, claimed: Sequence[Span]) -> dict[int, str]:
    """The kinds of the words that are removed already, by index."""
    return {
        index: span.kind
        for span in claimed
        for index in range(bisect_left(reading.starts, span.start), bisect_right(reading.ends, span.end))
    }
