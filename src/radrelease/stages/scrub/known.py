"""What the export itself knows about people, found again in reports.

The terms are looked for as dictionaries over folded words, so that a report is searched in time
linear in its length, however many people the export has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from functools import cache

from radrelease.profiles.lexicon import load_lexicon
from radrelease.profiles.section_rules import header_phrases
from radrelease.profiles.word_lists import load_name_rules
from radrelease.records.private import Span
from radrelease.stages.knowledge.known_terms import KnownTerms
from radrelease.stages.scrub.acts import acts_as_person
from radrelease.stages.scrub.eponyms import is_before_head
from radrelease.stages.scrub.initials import find_initials
from radrelease.stages.scrub.protecting import phrase_end
from radrelease.stages.scrub.reading import Reading
from radrelease.stages.scrub.word_or_name import is_name_here, is_subject
from radrelease.stages.text.tokens import words_of
from radrelease.stages.text.vetted_words import is_in_lexicon

__all__ = ["find_known", "is_meant"]

_CODE_GAP = re.compile(r"[\s./_\-]{0,3}")
_LONGEST_CODE_TOKENS = 8
_MOST_LETTERS = 4
"""Of a code, written one by one."""
_APART = re.compile(r"[;:!?]|\.\s|\n\s*\n")
"""Between words of two sentences, or a label and what it holds: they are no parts of one name."""
_BEFORE_INITIALS = frozenset({" ", ", ", ",", "\n", ",\n"})
_GOES_ON = re.compile(r"[-'’/]?\s?[a-z\d]")
"""After a letter that begins a line and is no initial: "A film", "T8", "S/o"."""
_TORN = frozenset({"-", "- ", " "})
_SHORTEST_TORN = 5


def find_known(reading: Reading, terms: KnownTerms, rule: str, protected: frozenset[int]) -> Iterator[Span]:
    """The spans of the text that are one of the terms; those of ``protected`` words alone are not."""
    named = [index for index, word in enumerate(reading.words) if word in terms.words]
    misspelt = frozenset(_misspelt(reading, terms, named)) - protected
    for index in misspelt:
        first, last = _with_initials(reading, index, terms.letters)
        yield Span(start=first, end=last, kind="NAME", rule=f"{rule}, misspelt")
    for index in _own_words(reading, terms, misspelt, frozenset(named) - protected):
        first, last = _with_initials(reading, index, terms.letters)
        yield Span(start=first, end=last, kind=terms.words[reading.words[index]], rule=rule)
    for index in _in_two(reading, terms, protected):
        yield Span(start=reading.starts[index - 1], end=reading.ends[index], kind="NAME", rule=rule)
    phrases = terms.phrases
    for index, word in [(i, word) for i, word in enumerate(reading.words) if word in phrases]:
        for phrase, phrase_kind in phrases[word]:
            end = phrase_end(reading, index, phrase)
            if end is not None and not protected.issuperset(range(index, end)):
                yield Span(
                    start=reading.starts[index], end=reading.ends[end - 1], kind=phrase_kind, rule=rule
                )
    if terms.initials:
        yield from find_initials(reading, terms.initials, rule)
    if terms.codes:
        yield from _find_codes(reading, terms, rule)


def _own_words(
    reading: Reading, terms: KnownTerms, misspelt: Set[int], named: frozenset[int]
) -> Sequence[int]:
    """Those of the ``named`` words that are no word of the lexicon, are meant, or are in a row with one."""
    meant = {index for index in named if is_meant(reading, index, terms.words[reading.words[index]])}
    found = meant | {index for index in named if {index - 1, index + 1} & (meant | misspelt)}
    for row in (sorted(named), sorted(named, reverse=True)):  # "aiha te [rangi]", "[rangi] te aiha"
        for index in row:
            if not found.isdisjoint(_joined(reading, index)):
                found.add(index)
    return sorted(found)


def _in_two(reading: Reading, terms: KnownTerms, protected: frozenset[int]) -> Iterator[int]:
    """The second words of names that are torn in two: "Nguy-en", "Ngu yen"; not where both are words."""
    words = reading.words
    for mark in reading.marks:
        if is_in_lexicon(words[mark]):
            continue
        for index in (mark, mark + 1):
            if not 0 < index < len(words) or index in protected or reading.gaps[index] not in _TORN:
                continue
            joined = words[index - 1] + words[index]
            if len(joined) >= _SHORTEST_TORN and terms.words.get(joined) == "NAME":
                yield index


def is_meant(reading: Reading, index: int, kind: str) -> bool:
    """Whether the word of a known term, which may be a word of the lexicon too, is meant by it here."""
    word = reading.words[index]
    if kind != "NAME" or not is_in_lexicon(word):
        return True
    if word in load_lexicon().eponyms and reading.is_capitalised(index) and not reading.is_caseless(index):
        return not is_before_head(reading, index)
    if _is_hardly_a_word(reading, index) or _fills_field(reading, index):
        return True
    following = reading.words[index + 1] if index + 1 < len(reading.words) else ""
    if is_name_here(reading, index) or (reading.is_caseless(index) and following in {"in", "of"}):
        return True
    if reading.is_capitalised(index):
        return False
    begins = reading.begins_sentence(index) and "." in reading.gap(index)  # "Lungs clear. wells will call."
    return (begins and is_subject(reading, index)) or acts_as_person(reading, index)


def _is_hardly_a_word(reading: Reading, index: int) -> bool:
    """Whether a name with a capital is a word that reports hardly use: "Dean final signed"."""
    word, lexicon = reading.words[index], load_lexicon()
    is_rare = word in lexicon.ambiguous and word not in lexicon.everyday
    return is_rare and reading.is_capitalised(index) and not reading.is_caseless(index)


def _fills_field(reading: Reading, index: int) -> bool:
    """Whether a name with a capital is what a label holds that heads no section: "QA: Bird final signed"."""
    if reading.is_caseless(index) or not reading.is_capitalised(index) or not reading.begins_field(index):
        return False
    return index > 0 and reading.words[index - 1] not in _last_words_of_headers()


@cache
def _last_words_of_headers() -> frozenset[str]:
    return frozenset(words_of(phrase)[-1] for phrase in header_phrases())


def _with_initials(reading: Reading, index: int, letters: frozenset[str]) -> tuple[int, int]:
    """The place of a name with the initials that stand beside it."""
    words, start, end = reading.words, reading.starts[index], reading.ends[index]
    if index and words[index - 1] in letters and len(reading.gap(index)) <= 2:
        start = reading.starts[index - 1]
    following = index + 1
    beside = following < len(words) and reading.gap(following) in _BEFORE_INITIALS
    if beside and words[following] in letters and reading.is_capitalised(following):
        is_word = "\n" in reading.gap(following) and _GOES_ON.match(reading.text, reading.ends[following])
        end = end if is_word else reading.ends[following]
    return start, end


def _misspelt(reading: Reading, terms: KnownTerms, named: Sequence[int]) -> Iterator[int]:
    """The words that are names with one letter wrong, missing, too many, or two exchanged.

    A word of the lexicon counts only where it is written as names are, or right beside one of the ``named``
    words that is nothing but a name: "dorothea parer".
    """
    if not terms.slips:
        return
    words, clinical = reading.words, load_lexicon().clinical
    sure = [index for index in named if not is_in_lexicon(words[index])]
    beside = {i for index in sure for i in (index - 1, index + 1)}
    joined = {i for index in sure for i in _joined(reading, index)}
    between = joined.intersection(named)  # "aiha te [rangi]"
    joined |= {i for index in between for i in _joined(reading, index)}
    for index in sorted(beside.union(joined, reading.marks, _after_people(reading))):
        if not 0 <= index < len(words):
            continue
        word = words[index]
        if not word.isalpha() or word in terms.words or not terms.slips.hold(word):
            continue
        if word in clinical and not (index in joined and _may_be_misspelt(reading, index)):
            continue
        if is_meant(reading, index, "NAME") or index in joined:
            yield index


def _after_people(reading: Reading) -> Iterator[int]:
    """The words after who somebody is in lines of one case, where they need no look else: "PATIENT HOLY"."""
    rules, words = load_name_rules(), reading.words
    for index in reading.marks:
        following = index + 1
        if words[index] not in rules.before_people or following == len(words):
            continue
        is_plain = words[following] in rules.function_words or words[following] in rules.stops
        if reading.is_caseless(following) and not is_plain:
            yield following


def _may_be_misspelt(reading: Reading, index: int) -> bool:
    """Whether a word of medicine beside a name is written as a name is, or begins its line: "Sail Kelly"."""
    if reading.words[index] in load_lexicon().acronyms and "\n" in reading.gaps[index]:
        return True
    return not reading.is_caseless(index) and reading.written(index).istitle()


def _joined(reading: Reading, index: int) -> Iterator[int]:
    """The words beside word ``index`` that may be parts of one name with it."""
    if index and not _APART.search(reading.gap(index)):
        yield index - 1
    if index + 1 < len(reading.words) and not _APART.search(reading.gap(index + 1)):
        yield index + 1


def _starts(words: Sequence[str], place: int) -> Iterator[int]:
    """Where a code may begin whose digits do at ``place``: there, a word before, at letters: "X-R 1190"."""
    yield place
    for index in range(place - 1, max(-1, place - _MOST_LETTERS - 1), -1):
        yield index
        if len(words[index]) > 1:
            return


def _find_codes(reading: Reading, terms: KnownTerms, rule: str) -> Iterator[Span]:
    words, codes, heads = reading.words, terms.codes, terms.heads
    longest = terms.longest_code + 12
    digits = [index for index in reading.marks if not words[index].isalpha()]
    for index in sorted({start for place in digits for start in _starts(words, place)}):
        joined = ""
        for last in range(index, min(index + _LONGEST_CODE_TOKENS, len(words))):
            joined += words[last]
            bare = joined.lstrip("0")
            if bare[:3] not in heads or len(joined) > longest:
                break
            if last > index and not _CODE_GAP.fullmatch(reading.gap(last)):
                break
            kind = codes.get(joined) or codes.get(bare)
            if kind is not None:
                yield Span(start=reading.starts[index], end=reading.ends[last], kind=kind, rule=rule)
