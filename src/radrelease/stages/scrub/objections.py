"""Why a word of a report may not be published: it is unknown, or written as names are.

Written with a capital inside a sentence, a word of everyday English or of medicine is part of a name
("Green Valley", "Medicine Hat"), and a word that is also a common name is one ("Grace"). In a text of
capitals, where names cannot be told so, only terms and the commonest words stay.
"""

from __future__ import annotations

import re
from collections.abc import Set
from functools import cache

from radrelease.profiles.lexicon import load_lexicon
from radrelease.profiles.section_rules import header_phrases, published_headers
from radrelease.profiles.word_lists import load_name_rules, load_roles
from radrelease.stages.scrub.acts import acts_in_capitals, does_something, is_said_of_finding
from radrelease.stages.scrub.eponyms import is_before_head, is_term_here
from radrelease.stages.scrub.numbers import has_unit, is_harmless_number
from radrelease.stages.scrub.reading import Reading
from radrelease.stages.scrub.word_forms import is_made_as_terms
from radrelease.stages.scrub.word_or_name import (
    follows_person_cue,
    is_followed_by_term,
    is_lone_acronym,
    is_modal,
    is_name_here,
)
from radrelease.stages.text.tokens import fold, without_hidden, words_of

__all__ = ["is_published_word", "objection_to"]

_BY_PLACE = "name by its place"
_UNKNOWN_WORD = "word of unknown use"
_MOST_HEADING_WORDS = 8
_LONGEST_COUNT = 2
_SHORTEST_CALLED = 3
"""Letters of a word of the rules that is a name too; "OK" is a state, and said of tubes."""
_SHORTEST_EPONYM = 4
"""Letters of whoever is written with accents: "Löfgren"."""
_BEFORE_NOUNS = frozenset(
    {
        "the",
        "a",
        "an",
        "this",
        "that",
        "these",
        "those",
        "no",
        "any",
        "each",
        "left",
        "right",
        "his",
        "her",
        "its",
        "on",
        "of",
        "by",
        "in",
    }
)
_WEARERS = frozenset({"pt", "patient"})
"""Before a device as well as before a name: "pt Foley out"."""
_ESCAPED = re.compile(r".?\\(?:'[0-9a-fA-F]{2}|[uU][0-9a-fA-F]{3,4}[^\W_])|\w=[C-F][0-9A-F]")
"""What follows a letter that was written as its code: "Ren\\'e9e" in RTF, "J=FCrgen" in a mail."""
_WORD = re.compile(r"[^\W_]+")
_BLANKED = re.compile(r"x{2,}|_+")


def is_published_word(word: str, given_back: Set[str]) -> bool:
    """Whether the folded word may be published at all."""
    return (
        word in _published()
        or len(word) == 1
        or word in given_back
        or is_made_as_terms(word)
        or _BLANKED.fullmatch(word) is not None
    )


@cache
def _published() -> frozenset[str]:
    lexicon = load_lexicon()
    headers = {word for phrase in published_headers() for word in words_of(phrase)}
    roles = load_roles().titles | (
        load_roles().every - lexicon.names
    )  # "Victoria Day" makes no word of Victoria
    return lexicon.clinical | lexicon.english | lexicon.ambiguous | roles | headers


def objection_to(reading: Reading, index: int, given_back: Set[str]) -> str:
    """Why the word may not be published, or ""; ``given_back`` are words that may be all the same."""
    word, lexicon = reading.words[index], load_lexicon()
    if not word.isalpha() and any(map(str.isdigit, word)):
        return _objection_to_number(reading, index, given_back)
    if word in lexicon.acronyms and is_lone_acronym(reading, index):
        return _BY_PLACE if len(word) > 2 and acts_in_capitals(reading, index) else ""
    if word in given_back:
        return ""
    written = without_hidden(reading.written(index))
    is_eponym = word in lexicon.eponyms and len(word) >= _SHORTEST_EPONYM
    is_spelled_out = written.isascii() or is_eponym  # "Dũng" is not dung, and "Lê" no Le Fort
    if not is_published_word(word, given_back) or not is_spelled_out:
        return _UNKNOWN_WORD
    if does_something(reading, index):
        return _BY_PLACE
    is_plain = len(word) == 1 or _is_term(reading, index)
    return "" if is_plain else _objection_in_capitals(reading, index) or _objection_to_case(reading, index)


def _objection_to_number(reading: Reading, index: int, given_back: Set[str]) -> str:
    word = reading.words[index]
    if _is_taken_apart(reading, index):
        return "number in pieces"
    start = reading.starts[index]
    if any(sign in reading.gaps[index] for sign in "\\=") and _ESCAPED.match(reading.text, max(0, start - 2)):
        return _UNKNOWN_WORD
    is_known = word in given_back or word in load_lexicon().codes
    return "" if is_known or is_harmless_number(reading, index) else "number of unknown use"


def _is_taken_apart(reading: Reading, index: int) -> bool:
    """Whether a sign that nobody sees stands in or beside a number, as in a date pasted from a web page."""
    gaps = (gap for gap in reading.gaps[index : index + 2] if not any(map(str.isspace, gap)))
    beside = reading.written(index) + "".join(gaps)
    return without_hidden(beside) != beside


def _is_term(reading: Reading, index: int) -> bool:
    """Whether an eponym is a term here; what hardly anyone is called is, but after a cue for people."""
    word, lexicon = reading.words[index], load_lexicon()
    if follows_person_cue(reading, index) and reading.words[index - 1] not in _WEARERS:
        return False
    if word == "french" and _is_unit(reading, index):
        return True
    return word in lexicon.eponyms and (word in lexicon.clinical or is_term_here(reading, index))


def _objection_in_capitals(reading: Reading, index: int) -> str:
    """Why a word of a text of capitals is too rare to be told from a name."""
    word, lexicon = reading.words[index], load_lexicon()
    if not reading.is_caseless(index) or not reading.written(index).isupper():
        return ""
    is_called_so = word in lexicon.ambiguous and len(word) >= _SHORTEST_CALLED
    if word in load_roles().cues or (word in load_roles().every and not is_called_so):
        return ""
    if word in lexicon.ambiguous and word in lexicon.everyday:
        return _objection_to_everyday_name(reading, index)
    if word in lexicon.everyday or not (word in lexicon.english or word in lexicon.ambiguous):
        return ""
    is_eponym = word in lexicon.eponyms and is_term_here(reading, index)
    is_term = word in lexicon.ambiguous and (is_eponym or is_followed_by_term(reading, index))
    return "" if is_term else "rare word in capitals"


def _objection_to_everyday_name(reading: Reading, index: int) -> str:
    """Why a common name that is an everyday word is no word in a line of one case: nothing makes it one."""
    before = reading.words[index - 1] if index and reading.gap(index) == " " else ""
    is_noun = before in _BEFORE_NOUNS or (
        before in load_lexicon().clinical and before not in load_roles().every
    )
    if is_noun and not follows_person_cue(reading, index):
        return ""
    if is_modal(reading, index) or is_term_here(reading, index) or is_said_of_finding(reading, index):
        return ""
    return _BY_PLACE if before != "mr" and is_name_here(reading, index) else ""


def _objection_to_case(reading: Reading, index: int) -> str:
    """Why a word is a name where and as it is written."""
    word, written = reading.words[index], reading.written(index)
    is_ambiguous = word in load_lexicon().ambiguous
    is_called_so = word in load_name_rules().also_given and word in load_lexicon().english  # "told Faith"
    if (is_ambiguous or is_called_so) and follows_person_cue(reading, index):
        is_small = not reading.is_capitalised(index) or reading.is_caseless(index)
        is_verb = is_small and is_modal(reading, index)
        return "" if is_verb else _BY_PLACE
    if reading.is_caseless(index) or not reading.is_capitalised(index) or _is_heading(reading, index):
        return ""
    first = index - 1 if index > 1 and reading.words[index - 1] == "the" else index  # "|The Willows|"
    alone = word in load_lexicon().english and reading.gap(first).rstrip(" ").endswith(("|", "^"))
    if reading.begins_sentence(index) and not alone:
        is_cue = word in load_roles().cues  # "Read by" names somebody, and "Read" nobody
        return _BY_PLACE if is_ambiguous and not is_cue and not is_followed_by_term(reading, index) else ""
    if word in load_lexicon().technical or is_before_head(reading, index) or _is_written_so(reading, index):
        return ""
    emphasis = "" if written.isupper() else "capital inside a sentence"
    return _BY_PLACE if is_ambiguous else emphasis


def _is_written_so(reading: Reading, index: int) -> bool:
    """Whether the capital says nothing: of "The", "And", an abbreviation, or a word all in capitals."""
    word, written, lexicon = reading.words[index], reading.written(index), load_lexicon()
    if word in load_name_rules().function_words:
        return word not in lexicon.ambiguous
    if word in load_name_rules().numbered and _is_before_number(reading, index):
        return True
    if word not in lexicon.clinical:
        return False
    return not written.istitle() or _is_abbreviation(reading, index) or _is_of_finding(reading, index)


def _is_before_number(reading: Reading, index: int) -> bool:
    """Whether a number of one or two digits follows: "Series 4"; longer ones are told by their own rules."""
    following = reading.words[index + 1] if index + 1 < len(reading.words) else ""
    return following.isdigit() and len(following) <= _LONGEST_COUNT and reading.gap(index + 1) == " "


def _is_of_finding(reading: Reading, index: int) -> bool:
    """Whether a word that only medicine has follows: "Small Effusion", "Mild cardiomegaly"."""
    following = index + 1
    if following >= len(reading.words) or reading.gap(following) != " ":
        return False
    return reading.words[following] in load_lexicon().technical


def _is_abbreviation(reading: Reading, index: int) -> bool:
    """Whether the word is a unit, or has no vowel: "12 Fr", "Hgb", "Hx"."""
    word = reading.words[index]
    if _is_unit(reading, index):
        return True
    return not set("aeiouy") & set(word) and word != "ng"


def _is_unit(reading: Reading, index: int) -> bool:
    return index > 0 and reading.words[index - 1][-1].isdigit() and has_unit(reading, index - 1)


def _is_heading(reading: Reading, index: int) -> bool:
    """Whether the word is one of a heading: of a line in capitals, or of terms up to a colon or line end.

    A line in capitals of which no word is a term may be who signed: "GRACE STONE".
    """
    text, start, end = reading.text, reading.starts[index], reading.ends[index]
    line_start, line_end = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    line_end = line_end if line_end >= 0 else len(text)
    line = text[line_start:line_end]
    if line.isupper():
        return reading.words[index] not in load_lexicon().ambiguous or any(
            map(_is_heading_word, words_of(line))
        )
    begin = max(line_start, *(text.rfind(sign, line_start, start) + 1 for sign in ".;|:]"))
    colon = text.find(":", end, line_end)
    words = _WORD.findall(text[begin : colon if colon >= 0 else line_end])
    return len(words) <= _MOST_HEADING_WORDS and all(map(_is_of_heading, words))


def _is_of_heading(written: str) -> bool:
    """Whether the word may stand in a heading such as "Clinical Information" or "Referring Physician"."""
    word = fold(written)
    if word in load_name_rules().function_words or word.isdigit():
        return True
    return written[0].isupper() and word in _heading_words()


def _is_heading_word(word: str) -> bool:
    return len(word) > 1 and word in _heading_words() and word not in load_lexicon().ambiguous


@cache
def _heading_words() -> frozenset[str]:
    labels = load_roles().cues | load_roles().labels | load_name_rules().heading_words
    terms = load_lexicon().clinical - load_name_rules().of_places
    return terms | labels | {word for text in header_phrases() for word in words_of(text)}
