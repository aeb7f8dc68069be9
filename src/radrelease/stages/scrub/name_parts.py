"""What stands beside a name or number that is removed, and belongs to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set

from radrelease.profiles.lexicon import load_lexicon, load_nicknames
from radrelease.profiles.word_lists import MONTHS, load_name_rules, load_roles
from radrelease.stages.scrub.eponyms import is_term_here
from radrelease.stages.scrub.numbers import has_unit
from radrelease.stages.scrub.reading import Reading
from radrelease.stages.scrub.short_parts import ENDS_PLACE, is_firms_acronym, is_short_surname, is_state
from radrelease.stages.scrub.word_or_name import is_followed_by_term

__all__ = ["beside_names"]

_JOINT = re.compile(r"[ ]?[-'’./&^]?[ ]?|, ?|\.?\n|\. | \(")
_LONGEST_NAME = 5


def beside_names(
    reading: Reading, names: Set[int], taken: Mapping[int, str], protected: frozenset[int]
) -> Iterator[int]:
    """The words that are one name with what is removed: other parts, initials, particles."""
    seen: set[int] = set()
    for place in sorted(names):
        if _is_second_person(reading, place + 2):
            yield place + 2
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
                if gap == ". " and _ends_sentence(reading, min(index, index - step)):
                    break  # and not of a title or an initial
                seen.add(index)
                yield index
                index += step


def _is_second_person(reading: Reading, index: int) -> bool:
    """Whether who is called by a small word follows a name and "and": "McGonigle and [Ng], agree"."""
    return (
        index < len(reading.words)
        and reading.words[index - 1] == "and"
        and reading.gap(index - 1) == " "
        and reading.written(index).istitle()
        and not reading.is_caseless(index)
        and is_short_surname(reading, index, reading.gap(index))
    )


def _is_of_places(word: str) -> bool:
    return word in load_name_rules().of_places


def _is_abbreviation(word: str) -> bool:
    rules = load_name_rules()
    is_short = word in rules.place_endings or word in rules.short_given
    return (len(word) <= 2 and word.isalpha()) or is_short or word == "sts"


def _ends_sentence(reading: Reading, index: int) -> bool:
    """Whether a full stop after the word ends a sentence: "Read: MO. Nil acute", and not "Mt. Nebo"."""
    if not _is_abbreviation(reading.words[index]):
        return True
    pair = reading.written(index), reading.written(index + 1)
    are_initials = len(pair[0]) == 2 and pair[0].isupper() and not reading.is_caseless(index)
    return are_initials and not pair[1].isupper()


def _is_part(reading: Reading, index: int, gap: str, step: int) -> bool:
    """Whether the word before (``step`` -1) or after (1) a name is a part of it."""
    word = reading.words[index]
    if word == "fr" and index and reading.words[index - 1][-1].isdigit():
        return False  # French, and not Father
    if not word.isalpha():
        return _is_house_number(reading, index, gap, step)
    if gap == "," and reading.written(index).islower() and word in load_lexicon().ambiguous:
        return True  # "roe,[jane]"
    if len(word) == 1:
        return _is_initial(reading, index, gap, step)
    return _is_word_before(reading, index, gap) if step < 0 else _is_word_after(reading, index, gap)


def _is_word_before(reading: Reading, index: int, gap: str) -> bool:
    word, rules = reading.words[index], load_name_rules()
    if _begins_whole_name(reading, index, gap):
        return reading.is_capitalised(index)
    if word in rules.particles - {"do", "ap"}:
        return _is_particle(reading, index, gap)
    if word in rules.place_connectors:
        return _is_connector(reading, index, gap) or _is_joined_part(reading, index, gap)
    begins = rules.begin_capital_places if reading.is_caseless(index) else rules.begin_places
    if gap == "-" or (gap in {" ", ". "} and word in begins):
        return reading.is_capitalised(index) and (gap == "-" or reading.is_capitalised(index + 1))
    if word == "will" or is_firms_acronym(reading, index):
        return gap == " " and reading.is_capitalised(index)  # "will" is no verb where a name follows
    return _is_unstopped(reading, index) and _is_capitalised_part(reading, index, gap, -1)


def _is_word_after(reading: Reading, index: int, gap: str) -> bool:
    word, rules = reading.words[index], load_name_rules()
    if gap == "-" and reading.is_capitalised(index - 1):  # "Ji-woo", and not "Zenker-like"
        lexicon = load_lexicon()
        if word in MONTHS or not (word in lexicon.clinical or word in lexicon.everyday):
            return True
    if word in rules.owned and gap == " " and reading.words[index - 1] == "s":
        return True
    if reading.written(index) in rules.states and gap in {", ", " ", ","}:
        return is_state(reading, index, gap)
    if is_short_surname(reading, index, gap):
        return True
    return _is_unstopped(reading, index) and _is_capitalised_part(reading, index, gap, 1)


def _begins_whole_name(reading: Reading, index: int, gap: str) -> bool:
    """Whether a short given name stands before a name, or the first of two words that name a place."""
    word, rules = reading.words[index], load_name_rules()
    is_short = word in rules.short_given and gap == ". "
    return is_short or (gap in {" ", "\n"} and reading.words[index : index + 2] in rules.whole_names)


def _is_joined_part(reading: Reading, index: int, gap: str) -> bool:
    """Whether a small word is the second half of a name before others: "Mid-[Am] Pipe"."""
    return (
        index > 0
        and gap == " "
        and reading.gap(index) == "-"
        and reading.is_capitalised(index)
        and reading.is_capitalised(index - 1)
        and not reading.is_caseless(index)
    )


def _is_unstopped(reading: Reading, index: int) -> bool:
    return reading.is_capitalised(index) and reading.words[index] not in load_name_rules().stops_of_names


def _is_house_number(reading: Reading, index: int, gap: str, step: int) -> bool:
    """Whether the number belongs to a street or a regiment: "18 Hog Back Hollow", "1-3rd Battalion"."""
    word, neighbour = reading.words[index], index - step
    if not word[0].isdigit() or len(word) > 6 or has_unit(reading, index):
        return False
    if not (reading.is_capitalised(neighbour) or reading.words[neighbour][0].isdigit()):
        return False
    if step < 0:
        return gap in {" ", ", ", "\n", ",\n", "/"} or (gap == "-" and word.isdigit())
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
    is_wrapped = step < 0 and gap == ".\n"  # "G. W.\n[Tuttle Hospital]"
    return word.isalpha() and reading.is_capitalised(index) and (is_wrapped or not {"\n", "/"} & set(gap))


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
            or (step < 0 and gap == " " and word in load_nicknames() and word not in lexicon.clinical)
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
