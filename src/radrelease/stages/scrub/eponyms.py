"""Whether an eponym that people are called too stands as a term: "s/p Norwood, Glenn", "tip of the Hickman".

Where it does is data: before what and after what in ``scrub_words.toml``. Whoever is told something, or does
something, is a person all the same.
"""

from __future__ import annotations

from radrelease.profiles.lexicon import load_lexicon
from radrelease.profiles.word_lists import load_name_rules
from radrelease.stages.scrub.reading import Reading
from radrelease.stages.scrub.word_or_name import follows_person_cue

__all__ = ["is_before_head", "is_term_here"]

_LONGEST = 4
"""Words of the longest context."""

_CERTAIN = frozenset({("a",), ("an",), ("post",), ("s", "p")})
"""Before terms, whatever goes on after them: "a Whipple is planned"."""

_LISTED = frozenset({", ", "/", " / ", " & ", " + ", "+"})
_NO_ACTS = frozenset({"and", "or", "at", "on"})
_BETWEEN = frozenset({"and", "with", "then", "or", "vs"})


def is_term_here(reading: Reading, index: int) -> bool:
    """Whether an eponym stands as a term: "Cobb angle", "Ewing's", "Rockwood III", "Swan-Ganz"."""
    if follows_person_cue(reading, index):
        return False
    is_certain = not _CERTAIN.isdisjoint(_words_before(reading, index)) or _goes_on_as_term(reading, index)
    return is_certain or (
        not _goes_on_as_person(reading, index)
        and (_follows_term(reading, index) or _is_device(reading, index) or _is_listed(reading, index))
    )


def _goes_on_as_term(reading: Reading, index: int) -> bool:
    following = index + 1
    if following >= len(reading.words):
        return False
    gap, word, rules = reading.gap(following), reading.words[following], load_name_rules()
    if gap in {"'", "’"} and word == "s":
        return True
    if gap == "-":
        return word in load_lexicon().eponyms or word in load_lexicon().clinical
    if gap in {"' ", "’ "}:  # "Graves' disease"
        return word in rules.term_heads
    return gap == " " and (word[0].isdigit() or word in rules.grades or word in rules.term_heads)


def _goes_on_as_person(reading: Reading, index: int) -> bool:
    """Whether more of a name follows, or what is of people and places: "prior Ross Clinic", "Ross called"."""
    following = index + 1
    if following >= len(reading.words) or reading.gap(following) != " ":
        return False
    word, rules = reading.words[following], load_name_rules()
    if reading.is_capitalised(following) and not reading.written(following).isupper():
        return word not in load_lexicon().eponyms  # "s/p Ivor Lewis"
    if word in rules.of_somewhere or word in rules.credentials:
        return True
    return word in rules.after_people and word not in _NO_ACTS


def _words_before(reading: Reading, index: int) -> set[tuple[str, ...]]:
    return {reading.words[max(0, index - length) : index] for length in range(1, _LONGEST + 1)}


def _follows_term(reading: Reading, index: int) -> bool:
    """Whether what goes before terms only stands before: "s/p Rastelli", "rule out Pancoast"."""
    rules, before = load_name_rules(), _words_before(reading, index)
    if "\n\n" in reading.gaps[index] or "." in reading.gaps[index]:
        return False
    if not before.isdisjoint(rules.before_terms | _CERTAIN):
        return True
    return reading.words[index] in rules.operations and not before.isdisjoint(rules.before_operations)


def _is_device(reading: Reading, index: int) -> bool:
    """Whether the words around tell of a catheter or drain: "right IJ Quinton", "Swan in the right PA"."""
    rules = load_name_rules()
    if reading.words[index] not in rules.devices or "." in reading.gaps[index]:
        return False
    if not _words_before(reading, index).isdisjoint(rules.before_devices):
        return True
    first, words = index + 1, reading.words
    if first >= len(words) or reading.gap(first) not in {" ", ", "}:
        return False
    return any(words[first : first + length] in rules.after_devices for length in range(1, _LONGEST + 1))


def _is_listed(reading: Reading, index: int) -> bool:
    """Whether it goes on with a list of terms: "s/p Norwood, [Glenn]", "Bentall and [David]"."""
    before, gap = index - 1, reading.gap(index)
    if before > 0 and reading.words[before] in _BETWEEN and gap == " ":
        before, gap = before - 1, ", "
    if before < 0 or (gap not in _LISTED and gap != " "):
        return False
    lexicon, word = load_lexicon(), reading.words[before]
    if word not in lexicon.eponyms or not reading.is_capitalised(before):
        return False
    if gap == " ":  # "s/p Ivor [Lewis]"
        return _follows_term(reading, before)
    is_plain = word in lexicon.clinical and not follows_person_cue(reading, before)
    return is_plain or is_term_here(reading, before)


def is_before_head(reading: Reading, index: int) -> bool:
    """Whether a word that terms are made with follows: "Art line", "Rose criterion", "Ewing's sarcoma"."""
    following = index + 1
    if following < len(reading.words) and reading.words[following] == "s":
        following += 1
    return (
        following < len(reading.words)
        and reading.gap(following) in {" ", "\n"}
        and reading.words[following] in load_name_rules().term_heads
        and not reading.is_capitalised(following)
    )
