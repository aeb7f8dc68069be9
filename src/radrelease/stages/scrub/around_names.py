"""What stands around something that is removed and belongs to it, though nothing joins it to a name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import pairwise

from radrelease.profiles.lexicon import load_lexicon
from radrelease.profiles.word_lists import load_name_rules, load_roles
from radrelease.stages.scrub.numbered_places import BEFORE_PLACES, ends_place
from radrelease.stages.scrub.numbers import follows_car, has_unit
from radrelease.stages.scrub.reading import Reading
from radrelease.stages.scrub.word_or_name import goes_on_with_report
from radrelease.stages.text.spans import OF_TIME
from radrelease.stages.text.tokens import words_of

__all__ = [
    "before_runs",
    "beside_numbers",
    "between_names",
    "ends_of_broken",
    "first_of_foreign",
    "numbers_behind",
    "towns_after_places",
    "towns_before_codes",
    "ways_to",
]

_MOST_BETWEEN = 3
_BROKEN = re.compile(r"[-\u00ad]\s*\n\s*")
_SHORT_LINKS = frozenset({"an", "na", "ny", "to", "de", "do", "av", "en", "du", "i", "og"})
_TOWN = re.compile(r", ?[A-Z][\w’'-]+(?:[ -][A-Z][\w’'-]+){0,2}(?=\s?[,.;)\n(]|$|\s\d)")
_BEFORE_VALUES = frozenset(
    {
        "ap",
        "pa",
        "ei",
        "exi",
        "tv",
        "vt",
        "fov",
        "psa",
        "cfr",
        "dap",
        "kap",
        "bnp",
        "crp",
        "ldh",
        "ast",
        "alt",
    }
)
"""Views before a time, and what a value follows: no letters of a plate."""
_PLATE = re.compile(r"[A-Z]{2} \d{1,2} [A-Z]{1,3} \d{3,4}")
_POSTAL_CODE = re.compile(r"\d{5}(?:-\d{4})?(?![\w/]|[.,-]\d)")
_LONGEST_TOWN = 5
_OF_WAYS = frozenset({"to", "for", "of", "in"})
_IN_TOWNS = frozenset({" ", "-", "\n", "'", "’", ". "})
_FEWEST_DIGITS = 7
_LAST_GROUP = re.compile(r"\d{1,2}(?:/\d{1,2})?(?=\s*(?:[,;:)\n]|\.(?!\d)|$))")
_BEFORE_NUMBERS = frozenset({" ", "-", "/", " #", "#", " / "})
_CLOSES = re.compile(r"\s*(?:[,;:)|\n]|\.(?!\d)|$)")
_LINKED = frozenset({" ", "\n", "-", "'", "’", " & ", "/"})


def ends_of_broken(reading: Reading, names: Set[int]) -> Iterator[int]:
    """The rest of a name that is broken at the end of a line: "Ms. [Wood]-" and "[ward]"."""
    for index in sorted(place + 1 for place in names):
        if index >= len(reading.words) or index in names or not _BROKEN.fullmatch(reading.gaps[index]):
            continue
        if reading.is_caseless(index) or reading.written(index).islower():
            yield index


def before_runs(reading: Reading, names: Set[int]) -> Iterator[int]:
    """The first words of sentences before two removed ones of the same name: "Happy [Valley Farm]"."""
    for place in names:
        index = place - 1
        if index < 0 or index in names or place + 1 not in names or not reading.begins_sentence(index):
            continue
        run = (index, place, place + 1)
        if all(map(reading.is_capitalised, run)) and reading.gap(place) == reading.gap(place + 1) == " ":
            if reading.is_caseless(index):
                continue
            if not _says_something(reading.words[index]) or _begins_kind(reading, index, names):
                yield index


def _begins_kind(reading: Reading, index: int, names: Set[int]) -> bool:
    """Whether the words that go behind it end in what a place is: "Red [Mesa Elementary]"."""
    word, last, rules = reading.words[index], index + 1, load_name_rules()
    while last + 1 in names and reading.gap(last + 1) == " " and reading.is_capitalised(last + 1):
        last += 1
    is_said = word in load_roles().every or word in rules.function_words or word in rules.stops
    return reading.words[last] in rules.of_places | rules.kinds_of_places and not (
        is_said or word in load_lexicon().technical
    )


def ways_to(reading: Reading, names: Set[int]) -> Iterator[int]:
    """The two words before a plain one that goes, as charities are called: "[Pathways to] Recovery"."""
    for place in names:
        first = place - 2
        if first < 0 or not names.isdisjoint({first, place - 1}) or reading.is_caseless(place):
            continue
        word, is_plain = reading.words[first], reading.words[place] in load_lexicon().english
        is_plural = word.endswith("s") and not word.endswith("ss") and word not in load_roles().every
        joined = reading.words[place - 1] in _OF_WAYS and reading.gap(place) == reading.gap(place - 1) == " "
        if is_plain and is_plural and joined and reading.written(first).istitle():
            yield from (first, place - 1)


def first_of_foreign(reading: Reading, names: Set[int]) -> Iterator[int]:
    """The word before a small one of another tongue and a name: "Lac [qui Parle]"."""
    for place in names:
        index = place - 1
        if index < 0 or index in names or place + 1 not in names or reading.is_caseless(index):
            continue
        word, before = reading.words[place], reading.words[index]
        is_foreign = (
            word.isalpha() and reading.written(place).islower() and word not in load_lexicon().english
        )
        if before in load_roles().every or word in load_name_rules().particles:
            continue
        is_joined = reading.gap(place) == reading.gap(place + 1) == " "
        if (
            is_foreign
            and is_joined
            and reading.written(index).istitle()
            and reading.is_capitalised(place + 1)
        ):
            yield index


def _says_something(word: str) -> bool:
    """Whether the first word of a sentence is one of medicine, or goes before a name and is no part of it."""
    if word in load_lexicon().clinical or word in load_roles().every:
        return True
    rules = load_name_rules()
    return word in rules.function_words or word in rules.stops


def between_names(reading: Reading, names: Set[int], taken: Mapping[int, str]) -> Iterator[int]:
    """The few words between two that are removed: "Hog [Back] Hollow", "Stoke [on the] Wold"."""
    ordered = sorted(names)
    for first, last in pairwise(ordered):
        between = range(first + 1, last)
        if not 0 < len(between) <= _MOST_BETWEEN:
            continue
        if (
            len(between) > 1
            and reading.is_caseless(first)
            and not all(_is_of_name(reading, i) for i in between)
        ):
            continue
        if reading.words[first + 1] == "and" and taken.get(first) == taken.get(last) == "NAME":
            continue  # two people
        if all(_links(reading, index) for index in (*between, last)):
            yield from between


def _links(reading: Reading, index: int) -> bool:
    """Whether nothing but a blank or a joint is before the word, and it may stand within a name."""
    if reading.gap(index) not in _LINKED:
        return False
    if reading.gap(index) == reading.gap(index + 1) == "-":  # "Wells-next-the-Sea"
        return True
    word = reading.words[index]
    return (
        reading.is_capitalised(index) or _is_link(reading, index) or word[0].isdigit() or word in _SHORT_LINKS
    )


def _is_of_name(reading: Reading, index: int) -> bool:
    return _is_link(reading, index) or reading.words[index] in load_name_rules().of_places


def _is_link(reading: Reading, index: int) -> bool:
    word = reading.words[index]
    if word == "or":
        return not reading.is_caseless(index) and reading.is_capitalised(index + 1)
    return word in load_name_rules().place_connectors


def towns_after_places(reading: Reading, taken: Mapping[int, str]) -> Iterator[int]:
    """The words of the town after an address: "14 Old Mill Road, [Big Lake]"."""
    for place, kind in taken.items():
        index = place + 1
        if kind != "PLACE" or index in taken or index >= len(reading.words):
            continue
        found = _TOWN.match(reading.text, reading.ends[place])
        if found and reading.is_caseless(index) and goes_on_with_report(words_of(found[0])):
            continue
        while found and index < len(reading.words) and reading.ends[index] <= found.end():
            yield index
            index += 1


def towns_before_codes(reading: Reading, gone: Set[int]) -> Iterator[int]:
    """The words of the town between an address and its postal code: "9 Ferry Loop, [Mobile] 13710"."""
    for place in gone:
        if not _POSTAL_CODE.match(reading.text, reading.starts[place]):
            continue
        first = place
        while first and place - first < _LONGEST_TOWN and reading.gap(first) in _IN_TOWNS:
            first -= 1
        is_town = place > first > 0 and reading.gaps[first] in {", ", ",\n"} and first - 1 in gone
        if is_town and reading.is_capitalised(first) and _may_be_town(reading, first, place - 1):
            yield from range(first, place)


def _may_be_town(reading: Reading, first: int, last: int) -> bool:
    if reading.is_caseless(first) and not load_roles().every.isdisjoint(reading.words[first : last + 1]):
        return False
    return reading.is_capitalised(last) and all(
        reading.words[index].isalpha() and (reading.is_capitalised(index) or _is_joint(reading, index))
        for index in range(first, last + 1)
    )


def _is_joint(reading: Reading, index: int) -> bool:
    return reading.words[index] in load_name_rules().place_connectors or reading.gap(index) == "-"


def beside_numbers(reading: Reading, numbers: Sequence[int], taken: Mapping[int, str]) -> Iterator[int]:
    """The other parts of a number that is written with separators, and the letters of a plate."""
    for place in numbers:
        if _is_plate(reading, place) and place - 1 not in taken:
            yield place - 1
        yield from _rest_of_plate(reading, place)
        yield from _last_group(reading, place)
        for step in (-1, 1):
            index = place + step
            while 0 <= index < len(reading.words) and index not in taken:
                gap, word = reading.gap(index if step > 0 else index + 1), reading.words[index]
                if gap not in {"-", "/", ".", "_"} or not (any(map(str.isdigit, word)) or len(word) < 4):
                    break
                yield index
                index += step


def numbers_behind(reading: Reading, kinds: Mapping[int, str]) -> Iterator[int]:
    """The numbers right behind removed words, whose ``kinds`` these are: "[Garden] 6.", "[MSW]-8."."""
    for place, kind in sorted(kinds.items()):
        index = place + 1
        if index >= len(reading.words) or index in kinds or kind in OF_TIME:
            continue
        if reading.gap(index) not in _BEFORE_NUMBERS or not reading.words[index][0].isdigit():
            continue
        if has_unit(reading, index):
            continue
        if index + 1 in kinds or _CLOSES.match(reading.text, reading.ends[index]) or _is_on(reading, place):
            yield index


def _is_on(reading: Reading, place: int) -> bool:
    """Whether the word is the name of where somebody is, and has a number: "on [Gold] 6 with her"."""
    index, before = place + 1, reading.words[max(0, place - 3) : place]
    if not reading.words[place].isalpha() or not reading.words[index].isdigit() or reading.gap(index) != " ":
        return False
    return ends_place(reading, index) and not BEFORE_PLACES.isdisjoint(before)


def _is_plate(reading: Reading, index: int) -> bool:
    """Whether the letters before the number belong to it: "THK 4111"."""
    number = reading.words[index]
    if not index or reading.gap(index) not in {" ", "-"} or not 3 <= len(number) <= 5 or number.isalpha():
        return False
    letters, word = reading.written(index - 1), reading.words[index - 1]
    is_label = (word in load_roles().every or word in _BEFORE_VALUES) and reading.gap(index) != "-"
    is_label = is_label and not follows_car(reading, index - 1)
    return 1 < len(letters) < 4 and letters.isalpha() and letters.isupper() and not is_label


def _rest_of_plate(reading: Reading, index: int) -> Sequence[int]:
    """What stands before the last group of a plate of India: "[BR 07 GA] 4410"."""
    first = index - 3
    if first < 0 or any(reading.gap(place) not in {" ", "-"} for place in range(first + 1, index + 1)):
        return ()
    written = " ".join(map(reading.written, range(first, index + 1)))
    return range(first, index) if _PLATE.fullmatch(written) else ()


def _last_group(reading: Reading, index: int) -> Sequence[int]:
    """The short group that ends a long number: "784 1995 0912331 [4]", "2428 77813 [1]"."""
    last, first = index + 1, index
    if last >= len(reading.words) or reading.gap(last) != " " or not reading.words[index].isdigit():
        return ()
    while first and reading.gap(first) == " " and reading.words[first - 1].isdigit():
        first -= 1
    is_long = sum(map(len, reading.words[first : index + 1])) >= _FEWEST_DIGITS
    group = _LAST_GROUP.match(reading.text, reading.starts[last])
    return range(last, last + 1 + group[0].count("/")) if is_long and group else ()
