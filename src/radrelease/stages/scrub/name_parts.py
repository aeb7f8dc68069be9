"""What stands beside a name or number that is removed, and belongs to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import pairwise

from radrelease.profiles.lexicon import load_lexicon
from radrelease.profiles.report_rules import load_name_rules, load_roles
from radrelease.stages.scrub.eponyms import is_term_here
from radrelease.stages.scrub.numbers import has_unit
from radrelease.stages.scrub.reading import Reading
from radrelease.stages.scrub.short_parts import ENDS_PLACE, is_firms_acronym, is_short_surname, is_state
from radrelease.stages.scrub.word_or_name import goes_on_with_report, is_followed_by_term
from radrelease.stages.text.tokens import words_of

__all__ = [
    "before_runs",
    "beside_names",
    "beside_numbers",
    "between_names",
    "ends_of_broken",
    "towns_after_places",
]

_JOINT = re.compile(r"[ ]?[-'’./&^]?[ ]?|, ?|\.?\n|\. | \(")
_LONGEST_NAME = 5
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

_LINKED = frozenset({" ", "\n", "-", "'", "’", " & ", "/"})


def beside_names(
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
                if index in protected or not _JOINT.fullmatch(gap):
                    break
                owner = reading.words[index] == "s" and gap in {"'", "’"} and taken.get(place) != "NAME"
                if not owner and not _is_part(reading, index, gap, step):
                    break
                if gap == ". " and not _is_abbreviation(reading.words[min(index, index - step)]):
                    break  # the end of a sentence, and not of a title or an initial
                seen.add(index)
                yield index
                index += step


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
            word = reading.words[index]
            if not (_says_something(word) or reading.is_caseless(index)):
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
    return _is_link(reading, index) or _is_of_places(reading.words[index])


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


def beside_numbers(reading: Reading, numbers: Sequence[int], taken: Mapping[int, str]) -> Iterator[int]:
    """The other parts of a number that is written with separators, and the letters of a plate."""
    for place in numbers:
        if _is_plate(reading, place) and place - 1 not in taken:
            yield place - 1
        for step in (-1, 1):
            index = place + step
            while 0 <= index < len(reading.words) and index not in taken:
                gap, word = reading.gap(index if step > 0 else index + 1), reading.words[index]
                if gap not in {"-", "/", ".", "_"} or not (any(map(str.isdigit, word)) or len(word) < 4):
                    break
                yield index
                index += step


def _is_plate(reading: Reading, index: int) -> bool:
    """Whether the letters before the number belong to it: "THK 4111"."""
    number = reading.words[index]
    if not index or reading.gap(index) not in {" ", "-"} or not 3 <= len(number) <= 5 or number.isalpha():
        return False
    letters, word = reading.written(index - 1), reading.words[index - 1]
    is_label = (word in load_roles().every or word in _BEFORE_VALUES) and reading.gap(index) != "-"
    return 1 < len(letters) < 4 and letters.isalpha() and letters.isupper() and not is_label


def _is_of_places(word: str) -> bool:
    return word in load_name_rules().of_places


def _is_abbreviation(word: str) -> bool:
    return (len(word) <= 2 and word.isalpha()) or word in load_name_rules().place_endings or word == "sts"


def _is_part(reading: Reading, index: int, gap: str, step: int) -> bool:
    """Whether the word before (``step`` -1) or after (1) a name is a part of it."""
    word = reading.words[index]
    if word == "fr" and index and reading.words[index - 1][-1].isdigit():
        return False  # French, and not Father
    if not word.isalpha():
        return _is_house_number(reading, index, gap, step)
    if len(word) == 1:
        return _is_initial(reading, index, gap, step)
    return _is_word_before(reading, index, gap) if step < 0 else _is_word_after(reading, index, gap)


def _is_word_before(reading: Reading, index: int, gap: str) -> bool:
    word, rules = reading.words[index], load_name_rules()
    if word in rules.particles - {"do", "ap"}:
        return _is_particle(reading, index, gap)
    if word in rules.place_connectors:
        return _is_connector(reading, index, gap)
    if gap == "-" and reading.is_capitalised(index):
        return True
    if gap in {" ", ". "} and word in (
        rules.begin_capital_places if reading.is_caseless(index) else rules.begin_places
    ):
        return reading.is_capitalised(index) and reading.is_capitalised(index + 1)
    if word == "will" or is_firms_acronym(reading, index):
        return gap == " " and reading.is_capitalised(index)  # "will" is no verb where a name follows
    return _is_unstopped(reading, index) and _is_capitalised_part(reading, index, gap, -1)


def _is_word_after(reading: Reading, index: int, gap: str) -> bool:
    word, rules = reading.words[index], load_name_rules()
    if word in rules.owned and gap == " " and reading.words[index - 1] == "s":
        return True
    if reading.written(index) in rules.states and gap in {", ", " ", ","}:
        return is_state(reading, index, gap)
    if is_short_surname(reading, index, gap):
        return True
    return _is_unstopped(reading, index) and _is_capitalised_part(reading, index, gap, 1)


def _is_unstopped(reading: Reading, index: int) -> bool:
    return reading.is_capitalised(index) and reading.words[index] not in load_name_rules().stops_of_names


def _is_house_number(reading: Reading, index: int, gap: str, step: int) -> bool:
    """Whether the number belongs to a street or a regiment: "18 Hog Back Hollow", "3rd Battalion"."""
    word, neighbour = reading.words[index], index - step
    if not word[0].isdigit() or len(word) > 6 or has_unit(reading, index):
        return False
    if not (reading.is_capitalised(neighbour) or reading.words[neighbour][0].isdigit()):
        return False
    if step < 0:
        return gap in {" ", ", ", "\n", ",\n", "/"}
    if word[-2:] in {"st", "nd", "rd", "th"}:
        return gap in {" ", "/", "-"}
    if gap == ". " and reading.words[neighbour] == "no":
        return True
    return gap in {" ", " #", "-"} and ENDS_PLACE.match(reading.text, reading.ends[index]) is not None


def _is_connector(reading: Reading, index: int, gap: str) -> bool:
    """Whether "of", "at" or "the" before a name goes on with a name: "County of Santa Cruz"."""
    word = reading.words[index]
    if word == "of" and gap == " " and _is_before_of(reading, index - 1):
        return True
    if gap not in {" ", "\n"} or reading.is_caseless(index) or word in {"and", "or"}:
        return False
    if reading.words[index] == "the" and reading.is_capitalised(index):
        return reading.is_capitalised(index + 1)
    before = index - 1
    if before > 0 and reading.words[before] in {"of", "at", "to", "on"}:
        before -= 1
    is_told = before >= 0 and (
        reading.begins_field(before)
        or not reading.begins_sentence(before)
        or _is_of_places(reading.words[before])
    )
    return (
        is_told
        and reading.gap(index) in {" ", "\n"}
        and reading.written(before).istitle()
        and reading.words[before] not in load_name_rules().stops - load_name_rules().place_nouns
    )


def _is_before_of(reading: Reading, index: int) -> bool:
    """Whether names of places begin with the word and "of": "U of Kaskaskia", "Isle of Wight"."""
    if index < 0 or not reading.is_capitalised(index) or reading.gap(index + 1) not in {" ", ". "}:
        return False
    word = reading.words[index]
    return word in {"u", "univ", "isle"} or (reading.is_caseless(index) and _is_of_places(word))


def _is_initial(reading: Reading, index: int, gap: str, step: int) -> bool:
    word = reading.words[index]
    if reading.written(index) == "s" and step < 0:  # "Women's [Clinic]"
        return reading.gap(index) in {"'", "’"} and gap == " " and reading.is_capitalised(index - 1)
    if word == "s" and gap in {"'", "’"}:  # "[Prince George]'s County"
        following = index + 1
        return (
            following < len(reading.words)
            and not reading.is_caseless(index)
            and reading.is_capitalised(following)
        )
    if gap in {"'", "’"}:
        return step < 0 or word != "s"
    return word.isalpha() and reading.is_capitalised(index) and not {"\n", "/"} & set(gap)


def _is_particle(reading: Reading, index: int, gap: str) -> bool:
    word = reading.words[index]
    if word == "la" and (reading.is_caseless(index) or reading.is_capitalised(index)):
        return index > 0 and reading.words[index - 1] == "de"
    return "," not in gap


def _is_common_term(reading: Reading, index: int) -> bool:
    """Whether a word that may be a name is one that reports use, before a word that it may go with."""
    lexicon, word = load_lexicon(), reading.words[index]
    if word in lexicon.eponyms:
        return is_term_here(reading, index)
    return word in lexicon.everyday and is_followed_by_term(reading, index)


def _is_capitalised_part(reading: Reading, index: int, gap: str, step: int) -> bool:
    word, lexicon, rules = reading.words[index], load_lexicon(), load_name_rules()
    following = reading.words[index + 1] if index + 1 < len(reading.words) else ""
    if word in rules.place_endings:
        return gap in ({" ", ", ", ". ", " & "} if step > 0 else {" ", ". "})
    if word == "no":
        return following[:1].isdigit() and gap in {" ", ". "}
    if reading.is_caseless(index):
        return (
            _is_of_places(word)
            or (step < 0 and word == "drs")
            or (step > 0 and word in lexicon.english and _is_of_places(following))
            or (word in lexicon.ambiguous and not _is_common_term(reading, index))
            or (word in lexicon.surnames and not is_term_here(reading, index))
        )
    if "\n" in gap or word in rules.titles or word in rules.credentials:
        return False
    is_place = step < 0 and gap == " " and _is_of_places(word)  # "Memorial Hermann called"
    begins = reading.begins_sentence(index) and not (is_place or (step < 0 and reading.begins_field(index)))
    if word in lexicon.clinical:  # "New Ulm", "Grand Forks"
        joined = gap in {" ", ". ", "-", " & "} or (gap in {"'", "’"} and step < 0)
        return not begins and not reading.written(index).isupper() and joined
    at_start = step < 0 and begins and word in load_roles().every
    return not at_start and (word in lexicon.ambiguous or word in lexicon.english)
