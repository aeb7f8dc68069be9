"""A report as the scrubber reads it: its words, and which of them call for a closer look.

Almost every word of a report is a clinical or English word that nothing depends on. They are told
apart by one set membership each, and the layers look only at the rest, so that the cost of a
report is that of its numbers, names and cues.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from string import ascii_letters

from radrelease.profiles.lexicon import load_lexicon, load_nicknames
from radrelease.profiles.pattern_rules import AFTER_DIGITS
from radrelease.profiles.word_lists import load_name_rules, load_roles
from radrelease.stages.text.letter_case import Case, in_capitals, lines_of_case
from radrelease.stages.text.tokens import MARKS_WITHIN, ends_full_line, fold

__all__ = ["Reading", "read"]

_TITLE_CASE = 0.15
"""Share of words from which on capitals inside sentences are a habit."""

_FEWEST_TITLED = 8
_SPOKEN_STOPS = frozenset({"period", "colon", "paragraph"})
"""What is said for a sign, and typed as it was said: "History colon Young man"."""

_BEFORE_PLACES = frozenset({"sts", "mt", "ft"})
"""Abbreviations with which names of places begin."""

_SENTENCE_SIGNS = frozenset(".:;?!•*)[]|>")

_PLAIN_NUMBER = re.compile(
    r"(?!9\d|1[01]\d)\d{1,3}(?:\s?(?:mm|cm|%|x\b)|[,;)\]](?!\s?[A-Z\d])|\.?\s*$|\.\d{1,2}\s?(?:mm|cm|x|\s(?![ap]\.?m\b)[a-z])|\.\s+[A-Z][a-z]+\s[a-z])"
)
"""A number that is no part of a date, a telephone number, an address, or an age over 89."""

_WORD = re.compile(r"([^\W_]+)")
_WORD_WITH_MARKS = re.compile(rf"([^\W_](?:[^\W_]|[{MARKS_WITHIN}])*)")

_BLANK = re.compile(r"[\u00a0\u2002-\u200a\u202f\u205f\u3000]")
_DASH_WITHIN = re.compile(r"(?<=\w)[\u2010-\u2015\u2212\u2043\ufe58\ufe63\uff0d](?=\w)")
_STROKE_WITHIN = re.compile(r"(?<=\w)[\u2044\u2215\uff0f](?=\w)")
_DOT_WITHIN = re.compile(r"(?<=\d)[\u00b7\u2024\u2027\u2219\u30fb\uff0e](?=\d)")
_FOREIGN_DIGIT = re.compile(r"(?![0-9])\d")
"""Signs that word processors and keyboards of other scripts put in the place of blanks, hyphens and so on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A text and its words; word ``i`` is folded, and stands at ``starts[i]`` to ``ends[i]``.

    ``gaps[i]`` is what stands before it. The text is in capitals where it was written in small
    letters only. ``marks`` are the indices of the words that a layer may have
    something to say about, ``numbers`` those of them that begin with a digit and are not plainly a
    measurement or a count. ``case`` says of each word what its case means.
    """

    text: str
    words: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    gaps: tuple[str, ...]
    marks: tuple[int, ...]
    numbers: tuple[int, ...]
    case: bytes

    def gap(self, index: int) -> str:
        """What stands between word ``index - 1`` and word ``index``; a break of a full line is a blank.

        So is one after a shortened word of names of places: "G.W. Tuttle Mem." and "Hosp.".
        """
        gap = self.gaps[index]
        if gap == ".\n" and index and self._is_shortened(index - 1):
            return ". "
        if index and "\n" in gap and gap.count("\n") == 1 and self._is_wrapped(index):
            return gap.replace(" \n", "\n").replace("\n", " ")
        return gap

    def written(self, index: int) -> str:
        """The word as it is written in the text."""
        return self.text[self.starts[index] : self.ends[index]]

    def is_caseless(self, index: int) -> bool:
        """Whether case means nothing where the word stands: among capitals, or among small letters alone."""
        return self.case[index] != 0

    def after_digits(self, index: int) -> str:
        """The sign after the digits that word ``index`` begins with; "a" is a letter, "^" anything else."""
        if not self.words[index].isdigit():
            return "a"
        sign = self.text[self.ends[index] : self.ends[index] + 1]
        return " " if sign.isspace() else sign if sign in AFTER_DIGITS and sign else "^"

    def is_capitalised(self, index: int) -> bool:
        """Whether the word begins with a capital."""
        return self.text[self.starts[index]].isupper()

    def begins_sentence(self, index: int) -> bool:
        """Whether a capital is due at the word anyway: after a full stop, colon, bullet or line break."""
        if not index:
            return True
        gap = self.gaps[index]
        if any(sign in ":;?!•*)[]|>" for sign in gap) or gap.count("\n") > 1:
            return True
        if "\n" in gap and not self._is_wrapped(index):
            return True
        if gap == " " and self.words[index - 1] in _SPOKEN_STOPS:
            return True
        return "." in gap and self._ends_sentence(index - 1)

    def begins_field(self, index: int) -> bool:
        """Whether the word begins what a label or a cell of a table holds, and no sentence."""
        return self.gap(index).rstrip(" ").endswith((":", "|", "^", "/", "(", "="))

    def _is_shortened(self, index: int) -> bool:
        """Whether the word is short for one of a place and goes on: "Sts.", "Bros." before "Masonry"."""
        word, following, rules = self.words[index], self.words[index + 1], load_name_rules()
        if word in _BEFORE_PLACES:
            return True
        if word == "no":
            return following.isdigit()
        is_initial = len(word) == 1 and self.is_capitalised(index) and self.gaps[index] == "."
        goes_on = following in rules.place_endings or following in rules.of_places
        return goes_on and (is_initial or word in rules.place_endings)

    def _is_wrapped(self, index: int) -> bool:
        """Whether the line before the word was broken because it was full."""
        end = self.ends[index - 1]
        return ends_full_line(self.text, end) and self.text[end] in "\n ,"

    def _ends_sentence(self, index: int) -> bool:
        """Whether the full stop after the word ends a sentence or an item's number."""
        word = self.words[index]
        if len(word) > 1 or word.isdigit():
            return word not in load_roles().titles
        if self.gaps[index] == "/" and self.words[index - 1 : index + 1] == ("n", "a"):
            return True
        return index > 0 and self.gaps[index] == " " and not self.is_capitalised(index - 1)  # "category B."


def read(text: str) -> Reading:
    """The words of ``text``, in order. A combining accent belongs to the word it stands in."""
    lines = lines_of_case(text)
    text = in_capitals(text, lines)
    plain = text.isascii()
    if not plain:
        text = _with_plain_signs(text)
    pieces = (_WORD if plain else _WORD_WITH_MARKS).split(text)  # gaps and words in turn
    places = tuple(accumulate(map(len, pieces)))
    written, starts = pieces[1::2], places[:-1:2]
    words = [word.lower() for word in written] if plain else [fold(word) for word in written]
    runs = [(bisect_left(starts, start), bisect_left(starts, end), case) for start, end, case in lines]
    marks = _marked(text, written, starts, runs)
    if not runs and _is_title_case(written, words, marks):
        runs = [(0, len(words), Case.SHOUTED)]
        marks = _marked(text, written, starts, runs)
    is_plain = _PLAIN_NUMBER.match
    return Reading(
        text=text,
        words=tuple(words),
        starts=starts,
        ends=places[1::2],
        gaps=tuple(pieces[::2]),
        marks=tuple(marks),
        numbers=tuple([i for i in marks if words[i][0].isdigit() and not is_plain(text, starts[i])]),
        case=_case_of_words(runs, len(words)),
    )


def _with_plain_signs(text: str) -> str:
    """The text with typed blanks, dashes, strokes and digits for those of word processors and other scripts.

    Sign for sign, so that every word keeps its place: a date that was pasted has such hyphens.
    """
    text = _FOREIGN_DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), text)
    text = _DOT_WITHIN.sub(".", _BLANK.sub(" ", text))
    return _DASH_WITHIN.sub("-", _STROKE_WITHIN.sub("/", text))


def _is_title_case(written: Sequence[str], words: Sequence[str], marks: Sequence[int]) -> bool:
    """Whether Most Words Have a Capital, so that it says nothing."""
    clinical = load_lexicon().clinical
    inside = sum(written[index].istitle() and words[index] in clinical for index in marks)
    return inside > max(_FEWEST_TITLED, _TITLE_CASE * len(written))


_Quiet = tuple[frozenset[str], frozenset[str]]


_Runs = Sequence[tuple[int, int, Case]]
"""Words from the first to the second, in whose lines case tells nothing."""


def _case_of_words(runs: _Runs, count: int) -> bytes:
    case = bytearray(count)
    for first, last, kind in runs:
        case[first:last] = bytes([kind]) * (last - first)
    return bytes(case)


def _marked(text: str, written: Sequence[str], starts: Sequence[int], runs: _Runs) -> list[int]:
    marks: list[int] = []
    place = 0
    for first, last, _ in (*runs, (len(written), len(written), Case.TELLS)):
        for begin, end, caseless in ((place, first, False), (first, last, True)):
            if begin < end:
                always, at_start = _quiet_words(caseless=caseless)
                marks += [
                    index
                    for index, word in enumerate(written[begin:end], begin)
                    if word not in always and (word not in at_start or _is_inside(text, starts[index]))
                ]
        place = last
    return marks


def _is_inside(text: str, start: int) -> bool:
    """Whether the sentence may have begun before the word at ``start``."""
    before = text[max(0, start - 2) : start]
    return len(before) == 2 and before[0] not in _SENTENCE_SIGNS and before[1] not in _SENTENCE_SIGNS


@cache
def _quiet_words(*, caseless: bool) -> _Quiet:
    """Words as written that need no look, and those that need none at the beginning of a sentence."""
    lexicon, roles = load_lexicon(), load_roles()
    clinical, english = lexicon.clinical - roles.every, lexicon.english - roles.every
    ambiguous = lexicon.ambiguous - roles.every
    always = clinical | english | ambiguous | {word.upper() for word in clinical}
    given = load_name_rules().also_given
    titled = {word.capitalize() for word in (clinical & (lexicon.eponyms | lexicon.technical)) - given}
    at_start = {word.capitalize() for word in clinical - given - lexicon.acronyms} - titled
    if caseless:
        always |= {word.upper() for word in english & lexicon.everyday}
        always |= {word.title() for word in english | ambiguous | clinical}
        always -= {word.upper() for word in lexicon.acronyms & load_nicknames().keys() if len(word) > 2}
        always -= {word.upper() for word in given & lexicon.english if word != "will"}  # "FAITH"
    return frozenset((always | titled).difference(ascii_letters)), frozenset(at_start)
