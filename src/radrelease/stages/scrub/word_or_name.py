"""Whether a word that is also a name is meant as a name: "long segment", "Mr. Long", "Long was called"."""

from __future__ import annotations

from collections.abc import Sequence

from radrelease.profiles.lexicon import load_lexicon
from radrelease.profiles.word_lists import MONTHS, load_name_rules
from radrelease.stages.scrub.reading import Reading

__all__ = [
    "SIDES_OR_TITLES",
    "TITLES_OF_PEOPLE",
    "follows_person_cue",
    "goes_on_with_report",
    "is_followed_by_term",
    "is_kind_of_place",
    "is_lone_acronym",
    "is_mister",
    "is_modal",
    "is_name_here",
    "is_ranked",
    "is_subject",
]

TITLES_OF_PEOPLE = frozenset({"dr", "drs", "mr", "mrs", "ms", "miss", "prof", "professor", "doctor"})
"""Those that nothing else is called by: "24 Fr Blake drain", "sister hospital"."""
SIDES_OR_TITLES = frozenset({"lt", "det", "dep"})
"""Left and lieutenant, detected and detective, dependent and deputy."""
_MODALS = frozenset({"may", "will"})
_WEEKDAYS = frozenset({"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"})
_SHORTENED = frozenset({"pt", "tech", "doc"})
"""What people are called and may have a stop behind it that ends no sentence: "Pt. Long"."""
_IMAGED = frozenset({"brain", "head", "neck", "spine", "heart", "foot", "knee", "hip", "wrist", "ankle"})
"""Parts of the body that people are called too: "MR BRAIN WITH CONTRAST"."""
_AFTER_MODALS = frozenset(
    {"be", "have", "not", "represent", "reflect", "require", "benefit", "relate", "also"}
)
_NO_VERBS = frozenset({"c", "by", "for", "from", "with"})


def is_name_here(reading: Reading, index: int) -> bool:
    """Whether word ``index``, a word of the lexicon and somebody's name, is a name where it stands.

    In lower case it is one after a title or a word for a person only. With a capital, it is one unless
    it begins a sentence that goes on with a term, or, in a text of capitals, a term follows.
    """
    if follows_person_cue(reading, index):
        return True
    if not reading.is_caseless(index) and not reading.is_capitalised(index):
        return False
    if not reading.is_caseless(index) and not reading.begins_sentence(index):
        return True
    return is_subject(reading, index)


def is_subject(reading: Reading, index: int) -> bool:
    """Whether what follows the word is no noun that it goes with, or is what people do or feel."""
    return not is_followed_by_term(reading, index) or _is_followed_by_act(reading, index)


def _is_followed_by_act(reading: Reading, index: int) -> bool:
    """Whether what follows is done or felt by people: "Long seen in clinic", "Brown complaining of"."""
    word = reading.words[index + 1]
    if word not in load_lexicon().clinical:
        return True
    return reading.gap(index + 1) != "-" and (
        word.endswith(("ed", "ing")) or word in {"seen", "known", "given"}
    )


def follows_person_cue(reading: Reading, index: int) -> bool:
    """Whether a title, or a word after which a person is named, stands right before the word."""
    if not index or len(reading.gap(index)) > 3:
        return False
    word = reading.words[index - 1]
    if word == "fr" and index > 1 and reading.words[index - 2].isdigit():
        return False  # French
    if word in SIDES_OR_TITLES and not is_ranked(reading, index):
        return False
    if word in load_name_rules().before_people:
        return "." not in reading.gap(index) or word in _SHORTENED
    return word in load_name_rules().titles and (word != "mr" or is_mister(reading, index - 1))


def is_mister(reading: Reading, index: int) -> bool:
    """Whether "mr" is a title and not magnetic resonance; in one case what follows tells: "MR WEST HERE"."""
    following = index + 1
    if reading.written(index) == "Mr" or reading.text[reading.ends[index] :][:1] == ".":
        return True
    if following >= len(reading.words) or not reading.is_caseless(index) or reading.gap(following) != " ":
        return False
    word, lexicon = reading.words[following], load_lexicon()
    is_known = word in lexicon.clinical or word in lexicon.english or word in _IMAGED
    if is_known and word not in load_name_rules().also_given:
        return False
    after = reading.words[following + 1] if following + 1 < len(reading.words) else ""
    goes_on = after in {"in", "seen"} or after.endswith(("ed", "ing"))
    return goes_on or not is_followed_by_term(reading, following)


def is_ranked(reading: Reading, index: int) -> bool:
    """Whether the word may follow the rank of somebody: "Lt. Stone", and not "Lt. effusion"."""
    lexicon, word = load_lexicon(), reading.words[index]
    is_told = reading.is_capitalised(index) or reading.is_caseless(index)
    return is_told and not (word in lexicon.clinical or word in lexicon.acronyms)


def is_followed_by_term(reading: Reading, index: int) -> bool:
    """Whether the next word is one of medicine, such as a word before a noun has."""
    following = index + 1
    if following >= len(reading.words) or reading.gap(following) not in {" ", "-"}:
        return False
    word, lexicon, rules = reading.words[following], load_lexicon(), load_name_rules()
    if word in {"in", "of"} or is_modal(reading, index):
        return True
    if is_kind_of_place(word) or len(word) < 3 or _is_day(reading, following):  # "Summit roofing"
        return False
    if word in rules.function_words or word in rules.after_people or word in rules.credentials:
        return False
    if not reading.is_caseless(following) and reading.is_capitalised(following):
        shouted = reading.written(following).isupper() and word in lexicon.clinical
        return shouted and reading.gap(following) == " "  # "Stone RUQ"
    return word in lexicon.clinical or word in lexicon.english


def _is_day(reading: Reading, index: int) -> bool:
    """Whether a date begins at the word: "WRIGHT JULY 29", and not "STONE MAY BE"."""
    word, following = reading.words[index], reading.words[index + 1 : index + 2]
    return word in _WEEKDAYS or (word in MONTHS and any(row[0].isdigit() for row in following))


def is_modal(reading: Reading, index: int) -> bool:
    """Whether the word is "may" or "will" before what somebody may do: "the patient may benefit"."""
    following = index + 1
    return (
        reading.words[index] in _MODALS
        and following < len(reading.words)
        and reading.gap(following) in {" ", "-"}
        and _is_bare_verb(reading, following)
    )


def _is_bare_verb(reading: Reading, index: int) -> bool:
    """Whether the word may follow "may" and "will", and not a person of that name."""
    word = reading.words[index]
    if word == "need" or (word in _AFTER_MODALS and reading.is_caseless(index)):
        return True
    return (
        not reading.is_capitalised(index) and not word.endswith(("ed", "ing", "s")) and word not in _NO_VERBS
    )


def goes_on_with_report(words: Sequence[str]) -> bool:
    """Whether words among capitals after an address are terms, and no town: ", CHEST PAIN SINCE"."""
    rules, clinical = load_name_rules(), load_lexicon().clinical
    plain = all(word in clinical or word in rules.function_words for word in words)
    return plain and len(words) > 0 and words[0] not in rules.begin_places


def is_kind_of_place(word: str) -> bool:
    """Whether the word says what a place is and is none of medicine: "district", and not "plant"."""
    return word in load_name_rules().kinds_of_places and word not in load_lexicon().clinical


def is_lone_acronym(reading: Reading, index: int) -> bool:
    """Whether the word is in capitals, and those beside it are not or are terms too: "COPD GOLD 2"."""
    beside = [i for i in (index - 1, index + 1) if 0 <= i < len(reading.words)]
    return (
        not reading.is_caseless(index)
        and reading.written(index).isupper()
        and not any(_is_shouted_name(reading, i) for i in beside)
    )


def _is_shouted_name(reading: Reading, index: int) -> bool:
    word, lexicon = reading.words[index], load_lexicon()
    is_term = word in lexicon.clinical or word in lexicon.acronyms or not word.isalpha()
    return reading.written(index).isupper() and len(word) > 3 and not is_term
