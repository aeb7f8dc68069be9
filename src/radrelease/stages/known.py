"""What the export itself knows about people, found again in reports.

The terms are looked for as dictionaries over folded words, so that a report is searched in time
linear in its length, however many people the export has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set

from radrelease.profiles.lexicon import load_lexicon
from radrelease.profiles.report_rules import load_name_rules
from radrelease.records import Span
from radrelease.stages.known_terms import KnownTerms
from radrelease.stages.protecting import phrase_end
from radrelease.stages.reading import Reading
from radrelease.stages.word_or_name import follows_person_cue, is_before_head, is_in_lexicon, is_name_here

__all__ = ["find_known"]

_CODE_GAP = re.compile(r"[\s./_\-]{0,3}")
_LONGEST_CODE_TOKENS = 8
_ORDERS = frozenset({"po", "iv", "im", "pa", "ap"})
"""What is written with full stops and is not initials: by mouth, into a vein, the two frontal views."""

_BEFORE_INITIALS = frozenset(
    {"for", "of", "label", "labelled", "labeled", "mark", "marked", "marker", "chart", "letters", "initials"}
    | {"initialed", "initialled", "stamped", "tagged", "tag", "operator"}
)
_ALONE = re.compile(r".?\(\).?|[|^] ? ?[|^]|.?[|^][|^].?|[:,] ,.?")
"""The signs before and after what stands alone in brackets, in a cell of a table, or in a list."""
_INITIALS_GAP = re.compile(r"\.?\s?")


def find_known(reading: Reading, terms: KnownTerms, rule: str, protected: frozenset[int]) -> Iterator[Span]:
    """The spans of the text that are one of the terms; those of ``protected`` words alone are not."""
    misspelt = frozenset(_misspelt(reading, terms)) - protected
    for index in misspelt:
        first, last = _with_initials(reading, index, terms.letters)
        yield Span(start=first, end=last, kind="NAME", rule=f"{rule}, misspelt")
    for index in _own_words(reading, terms, misspelt, protected):
        first, last = _with_initials(reading, index, terms.letters)
        yield Span(start=first, end=last, kind=terms.words[reading.words[index]], rule=rule)
    phrases = terms.phrases
    for index, word in [(i, word) for i, word in enumerate(reading.words) if word in phrases]:
        for phrase, phrase_kind in phrases[word]:
            end = phrase_end(reading, index, phrase)
            if end is not None and not protected.issuperset(range(index, end)):
                yield Span(
                    start=reading.starts[index], end=reading.ends[end - 1], kind=phrase_kind, rule=rule
                )
    if terms.initials:
        yield from _find_initials(reading, terms.initials, rule)
    if terms.codes:
        yield from _find_codes(reading, terms, rule)


def _own_words(
    reading: Reading, terms: KnownTerms, misspelt: Set[int], protected: frozenset[int]
) -> Sequence[int]:
    """The words of names; of those that the lexicon holds, the ones that are meant or stand beside a name."""
    found = [i for i, word in enumerate(reading.words) if word in terms.words and i not in protected]
    meant = {index for index in found if _is_meant(reading, index, terms.words[reading.words[index]])}
    beside = meant | misspelt
    return sorted(meant | {index for index in found if {index - 1, index + 1} & beside})


def _is_meant(reading: Reading, index: int, kind: str) -> bool:
    word = reading.words[index]
    if kind != "NAME" or not is_in_lexicon(word):
        return True
    if word in load_lexicon().eponyms and reading.is_capitalised(index) and not reading.is_caseless(index):
        return not is_before_head(reading, index)
    following = reading.words[index + 1] if index + 1 < len(reading.words) else ""
    return is_name_here(reading, index) or (reading.is_caseless(index) and following in {"in", "of"})


def _with_initials(reading: Reading, index: int, letters: frozenset[str]) -> tuple[int, int]:
    """The place of a name with the initials that stand beside it."""
    words, start, end = reading.words, reading.starts[index], reading.ends[index]
    if index and words[index - 1] in letters and len(reading.gap(index)) <= 2:
        start = reading.starts[index - 1]
    following = index + 1
    beside = following < len(words) and reading.gap(following) in {" ", ", ", ","}
    if beside and words[following] in letters and reading.is_capitalised(following):
        end = reading.ends[following]
    return start, end


def _misspelt(reading: Reading, terms: KnownTerms) -> Iterator[int]:
    """The words that are names with one letter wrong, missing, too many, or two exchanged.

    A word of the lexicon counts only where it is written as names are.
    """
    if not terms.slips:
        return
    clinical = load_lexicon().clinical
    for index in reading.marks:
        word = reading.words[index]
        if not terms.slips.hold(word) or word in terms.words or word in clinical or not word.isalpha():
            continue
        if _is_meant(reading, index, "NAME"):
            yield index


def _find_initials(reading: Reading, initials: frozenset[str], rule: str) -> Iterator[Span]:
    """The patient's initials, as "J.S.", "J M S" or "JS"; not where they are an abbreviation of medicine."""
    words, wanted = reading.words, initials | {letters[0] for letters in initials}
    for index in [index for index, word in enumerate(words) if word in wanted]:
        if not reading.is_capitalised(index):
            continue
        last, joined = index, words[index]
        while len(words[last]) == 1 and _goes_on(reading, last + 1):
            last += 1
            joined += words[last]
        for end in range(last, index - 1, -1):
            found = joined[: end - index + 1]
            if found in initials and end > index and not (found in _ORDERS and _is_order(reading, end)):
                yield Span(start=reading.starts[index], end=reading.ends[end], kind="NAME", rule=rule)
        if last == index and joined in initials and reading.written(index).isupper():
            if joined in load_name_rules().not_initials and not _are_expected(reading, index):
                continue
            yield Span(start=reading.starts[index], end=reading.ends[index], kind="NAME", rule=rule)


def _is_order(reading: Reading, last: int) -> bool:
    """Whether what follows makes "P.A." a view and "P.O." a way of giving a drug."""
    following = reading.words[last + 1] if last + 1 < len(reading.words) else ""
    return following in load_name_rules().after_orders or reading.written(last).islower()


def _are_expected(reading: Reading, index: int) -> bool:
    """Whether initials may stand here although they are an abbreviation too."""
    if reading.words[index] in load_name_rules().function_words and not _is_shouted(reading, index):
        return True
    before = reading.words[index - 1] if index else ""
    following = reading.words[index + 1] if index + 1 < len(reading.words) else ""
    if before == "with" and index > 1 and reading.words[index - 2] in _BEFORE_INITIALS:  # "marked with PM"
        return True
    bracketed = (
        _ALONE.fullmatch(reading.gap(index)[-2:] + reading.text[reading.ends[index] :][:2]) is not None
    )
    is_marker = following == "marker" and reading.words[index] not in _ORDERS
    return bracketed or is_marker or before in _BEFORE_INITIALS or follows_person_cue(reading, index)


def _is_shouted(reading: Reading, index: int) -> bool:
    """Whether the words beside it are in capitals too, so that a small word is one."""
    beside = [i for i in (index - 1, index + 1) if 0 <= i < len(reading.words)]
    return reading.is_caseless(index) or any(reading.written(i).isupper() for i in beside)


def _goes_on(reading: Reading, index: int) -> bool:
    """Whether word ``index`` is one more initial."""
    return (
        index < len(reading.words)
        and len(reading.words[index]) == 1
        and (reading.is_capitalised(index) or reading.text[reading.ends[index] :][:1] == ".")
        and _INITIALS_GAP.fullmatch(reading.gap(index)) is not None
    )


def _find_codes(reading: Reading, terms: KnownTerms, rule: str) -> Iterator[Span]:
    words, codes, heads = reading.words, terms.codes, terms.heads
    longest = terms.longest_code + 12
    digits = [index for index in reading.marks if not words[index].isalpha()]
    for index in sorted({start for place in digits for start in (place - 1, place) if start >= 0}):
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
